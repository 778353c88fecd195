"""The verbs of addenda: write, send, take back, return, reject, publish, give up; and who reads which.

An addendum is a dated note on a published listing that stays: a clarification, a correction, a later date, an answer
of general interest. Moderators read it before the public does, like every public text; once published it is neither
edited nor deleted, since a correction is another addendum. Addenda are added to published texts only: a closed one
is a record. They are not read by the matcher: its evidence points to places in a reviewed revision, and what ought
to change the matches belongs into the text itself. A later last day for answers makes a new revision, so that the
date is one truth for filters, pages and differences.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from ppp_match import audit
from ppp_match.accounts.queries import members_of, staff
from ppp_match.db import db, now
from ppp_match.lifecycle import ADDENDUM, NotPermitted, Refused, move
from ppp_match.listings import revisions, saves, watching
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.models_addenda import ADDENDUM_KINDS, WAITING_ADDENDA, Addendum
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can
from ppp_match.search import store

Origin = tuple[str, uuid.UUID]  # table and id of what an addendum came from, a question for example


def create_addendum(
    listing: Listing,
    *,
    kind: str,
    texts: Mapping[str, str],
    response_until: date | None = None,
    origin: Origin | None = None,
    actor: Actor,
) -> Addendum:
    """A draft of an addendum. `texts`: {"vi": Markdown, "en": Markdown}, one of them at least.

    `origin` names what it came from; the same origin gives the same addendum again, so that an answer is not
    published twice. Raises NotPermitted, Refused.
    """
    if not can(actor, "listing.edit", listing):
        raise NotPermitted("not_permitted", "listing.edit")
    if origin is not None:
        known = db.session.scalar(
            select(Addendum).where(Addendum.origin_type == origin[0], Addendum.origin_id == origin[1])
        )
        if known is not None:
            return known
    if listing.state != "published":
        raise Refused("addendum_needs_published")
    addendum = Addendum(listing=listing, created_by=actor.user_id)
    if origin is not None:
        addendum.origin_type, addendum.origin_id = origin
    with db.session.no_autoflush:
        _write(addendum, kind, texts, response_until)
    db.session.add(addendum)
    db.session.flush()
    audit.record("addendum.create", addendum, actor=actor, to_state="draft")
    return addendum


def save_addendum(
    addendum: Addendum,
    *,
    kind: str,
    texts: Mapping[str, str],
    response_until: date | None = None,
    actor: Actor,
) -> None:
    """Change an addendum that is a draft or was returned."""
    if not can(actor, "listing.edit", addendum):
        raise NotPermitted("not_permitted", "listing.edit")
    if not is_editable(addendum):
        raise Refused("not_editable", addendum.state)
    _write(addendum, kind, texts, response_until)
    db.session.flush()
    audit.record("addendum.save", addendum, actor=actor)


def is_editable(addendum: Addendum) -> bool:
    return addendum.state in ("draft", "returned")


def _write(addendum: Addendum, kind: str, texts: Mapping[str, str], response_until: date | None) -> None:
    if kind not in ADDENDUM_KINDS:
        raise Refused("unknown_addendum_kind", kind)
    if not any(text.strip() for text in texts.values()):
        raise Refused("addendum_text_missing")
    if response_until is not None and addendum.listing.kind != "need":
        raise Refused("date_not_of_capability")
    addendum.kind, addendum.response_until = kind, response_until
    addendum.text_vi, addendum.text_en = (texts.get(code, "").strip() for code in ("vi", "en"))
    code = addendum.refuse_without_published_listing()
    if code is not None:
        raise Refused(code)


# --- the owner's moves -------------------------------------------------------------------------------------------


def submit_addendum(addendum: Addendum, *, actor: Actor) -> None:
    """Send it to the moderators. Raises Refused where its date would not put the last day off."""
    move(ADDENDUM, addendum, "submitted", actor=actor)
    addendum.submitted_at = now()
    db.session.flush()
    notify(staff(), "addendum.submitted", addendum, params=_about(addendum), once=_wait(addendum))


def recall_addendum(addendum: Addendum, *, actor: Actor) -> None:
    """Take it back to change it."""
    move(ADDENDUM, addendum, "draft", actor=actor)


def discard_addendum(addendum: Addendum, *, actor: Actor) -> None:
    """Give it up."""
    move(ADDENDUM, addendum, "discarded", actor=actor)


def drop_waiting(listing: Listing, *, actor: Actor) -> None:
    """Give up what is not published yet, since the listing ended."""
    waiting = select(Addendum).where(Addendum.listing_id == listing.id, Addendum.state.in_(WAITING_ADDENDA))
    for addendum in db.session.scalars(waiting).all():
        move(ADDENDUM, addendum, "discarded", actor=actor, reason="The listing ended.")


# --- the moderators' moves ---------------------------------------------------------------------------------------


def return_addendum(addendum: Addendum, *, remark: str, actor: Actor) -> None:
    """Send it back with a remark."""
    move(ADDENDUM, addendum, "returned", actor=actor, reason=remark)
    addendum.remark = remark.strip()
    db.session.flush()
    _tell_owners(addendum, "addendum.returned")


def reject_addendum(addendum: Addendum, *, reason: str, actor: Actor) -> None:
    """Refuse it for good, with a reason."""
    move(ADDENDUM, addendum, "rejected", actor=actor, reason=reason)
    addendum.remark = reason.strip()
    db.session.flush()
    _tell_owners(addendum, "addendum.rejected")


def publish_addendum(addendum: Addendum, *, actor: Actor) -> None:
    """Make it public under the next number of its listing, put the last day off if it says so, tell people."""
    listing = addendum.listing
    with db.session.no_autoflush:
        if can(actor, "listing.review", addendum) and addendum.state == "submitted":
            # the table wants state, number and date in one breath; move() flushes, or raises before it does
            number, at = addendum.number, addendum.published_at
            addendum.number, addendum.published_at = _next_number(listing), now()
            addendum.anonymous, addendum.remark = listing.hides_its_city, ""
            try:
                move(ADDENDUM, addendum, "published", actor=actor)
            except Refused:
                addendum.number, addendum.published_at = number, at
                raise
        else:
            move(ADDENDUM, addendum, "published", actor=actor)
    if addendum.response_until is not None:
        _put_off(listing, addendum, actor=actor)
    listing.changed_at = now()
    db.session.flush()
    _tell_owners(addendum, "addendum.published")
    watching.tell_of_addendum(listing, addendum)


def _next_number(listing: Listing) -> int:
    """The next number of the listing's addenda. The lock on the listing keeps two from taking the same one."""
    db.session.execute(select(Listing.id).where(Listing.id == listing.id).with_for_update())
    last = db.session.scalar(select(func.max(Addendum.number)).where(Addendum.listing_id == listing.id))
    return (last or 0) + 1


def _put_off(listing: Listing, addendum: Addendum, *, actor: Actor) -> None:
    """The published text with the later day as a revision of its own; a change that waits takes the day over."""
    before, amendment = listing.shown, listing.amendment
    with saves.kept(listing, actor=actor, action="addendum"):
        number = max(revision.number for revision in listing.revisions) + 1
        made: Revision = revisions.copy_of(before, number=number, created_by=addendum.created_by)
        made.listing_id, made.state, made.response_until = listing.id, "accepted", addendum.response_until
        made.accepted_at = addendum.published_at
        db.session.add(made)
        db.session.flush()
        db.session.expire(listing, ["revisions"])
        revisions.keep_published_references(before)
        listing.live = made
        if amendment is None:
            listing.working = made
        elif addendum.response_until is not None:
            amendment.response_until = max(
                amendment.response_until or addendum.response_until, addendum.response_until
            )
        db.session.flush()
        revisions.keep_published_references(made)
    addendum.revision_id = made.id
    db.session.flush()
    store.note_change(listing.id, listing.kind)


# --- who is told -------------------------------------------------------------------------------------------------


def _tell_owners(addendum: Addendum, kind: str) -> None:
    people = members_of(addendum.listing.organisation_id)
    notify(people, kind, addendum, params=_about(addendum), once=_wait(addendum))


def _about(addendum: Addendum) -> dict[str, Any]:
    said = addendum.listing.shown
    about = {"label": addendum.listing.label, "title": said.text("title"), "lang": said.lang}
    return about | ({"number": addendum.number} if addendum.number else {})


def _wait(addendum: Addendum) -> str:
    """Names one passage through the queue, so that each is told once."""
    return str(uuid.uuid5(addendum.id, str(addendum.submitted_at)))[:12]


# --- who reads which ---------------------------------------------------------------------------------------------


def addenda_of(listing: Listing, *, known: bool, own: bool) -> list[Addendum]:
    """Those of a listing that a reader may see, the newest first.

    `own`: the owner's people also see what is not published. A need that withholds its city now withholds the
    addenda of the time when it did not, since they may name it; `known` readers see them.
    """
    query = select(Addendum).where(Addendum.listing_id == listing.id)
    query = query.where(Addendum.state != "discarded" if own else Addendum.state == "published")
    if listing.hides_its_city and not known:
        query = query.where(Addendum.anonymous.is_(True))
    found = list(db.session.scalars(query))
    waiting = [one for one in found if one.number is None]
    return sorted(waiting, key=lambda one: one.created_at, reverse=True) + sorted(
        (one for one in found if one.number is not None), key=lambda one: one.number or 0, reverse=True
    )


def find_addendum(addendum_id: uuid.UUID, *, to_change: bool = False) -> Addendum | None:
    """An addendum; `to_change`: whoever else is changing it is waited for, so that one sees what they did."""
    return db.session.get(Addendum, addendum_id, with_for_update=to_change or None)


def waiting_for_review(kind: str = "") -> list[Addendum]:
    """Addenda that wait for a moderator, the longest wait first."""
    query = (
        select(Addendum)
        .join(Addendum.listing)
        .where(Addendum.state == "submitted", Listing.state == "published")
        .options(
            joinedload(Addendum.listing).joinedload(Listing.live),
        )
        .order_by(Addendum.submitted_at, Addendum.id)
    )
    if kind:
        query = query.where(Listing.kind == kind)
    return list(db.session.scalars(query).unique())


def in_queue() -> Select[Any]:
    """Addenda that moderators have to look at."""
    return (
        select(Addendum)
        .join(Addendum.listing)
        .where(Addendum.state == "submitted", Listing.state == "published")
    )
