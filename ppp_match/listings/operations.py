"""The verbs of listings, one function each: create, save, submit, recall, review, publish, withdraw, close.

Each checks state and permission through `lifecycle.move`, changes, writes the audit event, tells people and
flushes; none commits. A first text moves along LISTING; a change of a published text is an amendment revision
that moves along AMENDMENT while the published text stays live. What changed in a revision is worked out in
`revisions.py`; what pages show in `queries.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts.models import Organisation
from ppp_match.accounts.queries import members_of, staff
from ppp_match.attachments import operations as attachments
from ppp_match.consents.queries import terms_in_force
from ppp_match.db import db, now
from ppp_match.lifecycle import AMENDMENT, LISTING, NotDrawn, NotPermitted, Refused, may_move, move
from ppp_match.listings import addenda, join_telling, revisions, saves, watching
from ppp_match.listings.fields import fields_of
from ppp_match.listings.models import CLOSE_REASONS, Listing, ListingNumber, Remark, Revision
from ppp_match.listings.public_text import findings, public_words
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can
from ppp_match.phrases.operations import watch
from ppp_match.search import store

EDITED_IN_PLACE = ("draft", "returned")
POSTED_BY = {"need": ("city",), "capability": ("vendor", "expert")}


def create_listing(kind: str, *, organisation: Organisation, lang: str, actor: Actor) -> Listing:
    """A new draft with a number of its own and an empty first revision written in `lang`.

    Raises NotPermitted unless the actor may post that kind for that organisation.
    """
    permission = f"{kind}.create"
    own = actor.is_system or actor.organisation_id == organisation.id
    if not own or not can(actor, permission) or organisation.kind not in POSTED_BY[kind]:
        raise NotPermitted("not_permitted", permission)
    listing = Listing(
        kind=kind,
        number=_next_number(kind),
        organisation=organisation,
        created_by=actor.user_id,
        responsible_id=actor.user_id,
        state="draft",
    )
    revision = Revision(listing=listing, number=1, lang=lang, created_by=actor.user_id)
    db.session.add(listing)
    db.session.flush()
    listing.working = revision
    db.session.flush()
    audit.record("listing.create", listing, actor=actor, to_state="draft")
    return listing


def _next_number(kind: str) -> int:
    """The next number of that kind, under a row lock that holds to the end of the transaction."""
    locked = select(ListingNumber).where(ListingNumber.kind == kind).with_for_update()
    row = db.session.scalars(locked).first()
    if row is None:
        try:
            with db.session.begin_nested():
                db.session.add(ListingNumber(kind=kind, last=0))
        except IntegrityError:  # somebody made the row a moment earlier
            db.session.expire_all()
        row = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    row.last += 1
    db.session.flush()
    return row.last


# --- the owner's verbs -------------------------------------------------------------------------------------------


def save_listing(
    listing: Listing, values: Mapping[str, Any], *, lang: str, actor: Actor, confirmed: Collection[str] = ()
) -> list[str]:
    """Write values into the text being worked on; returns the names of the fields that changed.

    `values`: {field: value} with texts as str in `lang`, terms as codes, scalars typed, `city` a City or None,
    `references` a list of dicts. Fields that are not named stay. `confirmed`: texts in `lang` whose original has
    changed and of which the writer says that they are still right. Saving a published listing makes or continues
    its amendment; saving without a change makes nothing. Raises Refused("under_review") while a moderator has
    or awaits the text, Refused("not_editable") where nothing can be edited any more.
    """
    if not can(actor, "listing.edit", listing):
        raise NotPermitted("not_permitted", "listing.edit")
    refuse_unless_editable(listing)
    before = listing.edited
    written = revisions.changes(listing.kind, before, values, lang)
    still_right = [name for name in confirmed if name not in written and before.is_stale(name, lang)]
    changed = written + still_right
    if not changed:
        return []
    with saves.kept(listing, actor=actor):
        revision = revision_to_edit(listing, actor)
        revisions.apply(listing.kind, revision, values, lang)
        for name in still_right:
            revision.confirm_text(name, lang)
        if "references" in changed:
            if listing.amendment is not None:
                revisions.keep_references_for_later(revision, values["references"])
            else:
                revisions.write_references(listing, values["references"])
        listing.changed_at = now()
        named = changed if lang == revision.lang else [f"{name}.{lang}" for name in changed]
        audit.record("listing.save", listing, actor=actor, fields=tuple(named))
    return changed


def change_language(listing: Listing, lang: str, *, actor: Actor) -> bool:
    """Say in which language the text being worked on is written. True if that changed.

    Raises Refused("language_taken") where the text has been given in that language besides.
    """
    if not can(actor, "listing.edit", listing):
        raise NotPermitted("not_permitted", "listing.edit")
    refuse_unless_editable(listing)
    if listing.edited.lang == lang:
        return False
    if lang in listing.edited.begun_langs:
        raise Refused("language_taken", lang)
    with saves.kept(listing, actor=actor):
        revisions.relabel(revision_to_edit(listing, actor), lang)
        listing.changed_at = now()
        audit.record("listing.save", listing, actor=actor, fields=("lang",))
    return True


def refuse_unless_editable(listing: Listing) -> None:
    """Raise Refused("under_review") or Refused("not_editable") where the text cannot be changed now."""
    if under_review(listing).state in ("submitted", "in_review"):
        raise Refused("under_review")
    if not is_editable(listing):
        raise Refused("not_editable", listing.state)


def is_editable(listing: Listing) -> bool:
    """Whether its state allows editing: a draft, a returned text, a published text or its open amendment."""
    return under_review(listing).state in (*EDITED_IN_PLACE, "published")


def has_news(listing: Listing) -> bool:
    """Whether there is anything to submit: always before publication, afterwards only an amendment."""
    return listing.state != "published" or listing.amendment is not None


def revision_to_edit(listing: Listing, actor: Actor) -> Revision:
    """The text being worked on; for a published one an amendment, made where there is none yet."""
    if listing.state != "published" or listing.amendment is not None:
        return listing.edited
    number = max(revision.number for revision in listing.revisions) + 1
    revision = revisions.copy_of(listing.shown, number=number, created_by=actor.user_id)
    revision.listing_id = listing.id
    db.session.add(revision)
    db.session.flush()
    db.session.expire(listing, ["revisions"])
    listing.working = revision
    db.session.flush()
    return revision


def submit_listing(listing: Listing, *, actor: Actor, contact_confirmed: bool = False) -> None:
    """Send the draft, or the amendment of a published listing, to the moderators. Settles open remarks.

    Raises Refused("contact_data") where the text seems to hold contact data and nobody has said that it does not
    (`contact_confirmed`, which the audit trail keeps).
    """
    amendment = listing.amendment if listing.state == "published" else None
    if listing.state == "published" and amendment is None:
        raise NotDrawn("not_drawn", "nothing to submit")
    answered = listing.open_remarks
    found = findings(listing.edited)
    if found and not contact_confirmed:
        raise Refused("contact_data")
    if amendment is not None:
        move(AMENDMENT, amendment, "submitted", actor=actor)
    else:
        move(LISTING, listing, "submitted", actor=actor)
    if found:
        named = tuple(dict.fromkeys(one.field for one in found))
        audit.record("listing.contact_confirmed", listing, actor=actor, fields=named)
    listing.submitted_at = listing.edited.submitted_at = now()
    listing.holder, listing.held_since = None, None
    for remark in answered:
        remark.resolved_at = now()
    db.session.flush()
    watch(listing, public_words(listing.edited))
    notify(staff(), "listing.submitted", listing, params=_told(listing), once=_wait(listing))


def recall_listing(listing: Listing, *, actor: Actor) -> None:
    """Take a submitted text back to edit it, before a moderator has taken it in hand."""
    if listing.state == "published" and listing.amendment is not None:
        move(AMENDMENT, listing.amendment, "draft", actor=actor)
    else:
        move(LISTING, listing, "draft", actor=actor)
    listing.holder, listing.held_since = None, None
    db.session.flush()


def discard_amendment(listing: Listing, *, actor: Actor) -> None:
    """Give up the changes that wait beside a published text."""
    if listing.state != "published" or listing.amendment is None:
        raise NotDrawn("not_drawn", "nothing to discard")
    move(AMENDMENT, listing.amendment, "discarded", actor=actor)
    attachments.drop_waiting("listing", listing.id, actor=actor)
    with saves.kept(listing, actor=actor, action="discard"):
        _drop_amendment(listing)


def withdraw_listing(listing: Listing, *, reason: str, actor: Actor) -> None:
    """Take a listing away, with a reason. A published one leaves the public pages and its matches."""
    was_public = listing.state == "published"
    move(LISTING, listing, "withdrawn", actor=actor, reason=reason)
    listing.decision_reason, listing.ended_at = reason.strip(), now()
    listing.holder, listing.held_since = None, None
    db.session.flush()
    if was_public:
        store.note_change(listing.id, listing.kind)
        addenda.drop_waiting(listing, actor=actor)
        watching.tell_of_end(listing)
        join_telling.need_ended(listing)


def close_listing(listing: Listing, *, close_reason: str, reason: str, actor: Actor) -> None:
    """End a published listing, saying how it ended (a code of CLOSE_REASONS) and in words. It stays readable."""
    if close_reason not in CLOSE_REASONS:
        raise Refused("unknown_reason", close_reason)
    with db.session.no_autoflush:
        if may_move(LISTING, listing, "closed", actor=actor) and reason.strip():
            listing.close_reason = close_reason  # the table wants state and reason in one breath
        move(LISTING, listing, "closed", actor=actor, reason=reason)
    listing.decision_reason, listing.ended_at = reason.strip(), now()
    db.session.flush()
    store.note_change(listing.id, listing.kind)
    addenda.drop_waiting(listing, actor=actor)
    watching.tell_of_end(listing)
    join_telling.need_ended(listing)


# --- the moderators' verbs ---------------------------------------------------------------------------------------


def take_in_hand(listing: Listing, *, actor: Actor) -> None:
    """Become the one who reviews it. Raises Refused("in_other_hands") if somebody else has it."""
    _refuse_if_held_by_another(listing, actor)
    waiting = under_review(listing)
    if waiting.state == "submitted":
        move(*_lifecycle_of(waiting), "in_review", actor=actor)
    elif waiting.state != "in_review" or not can(actor, "listing.review", listing):
        raise NotPermitted("not_permitted", "listing.review")
    listing.holder_id, listing.held_since = actor.user_id, now() if actor.user_id else None
    db.session.flush()
    db.session.refresh(listing, ["holder"])
    audit.record("listing.take", listing, actor=actor)


def release(listing: Listing, *, actor: Actor) -> None:
    """Lay it back into the queue. It keeps its place there."""
    if not can(actor, "listing.review", listing):
        raise NotPermitted("not_permitted", "listing.review")
    _refuse_if_held_by_another(listing, actor)
    listing.holder_id, listing.held_since = None, None
    db.session.flush()
    audit.record("listing.release", listing, actor=actor)


def publish_listing(listing: Listing, *, actor: Actor) -> None:
    """Publish a reviewed text, or make a reviewed amendment the published text. Tells the owners."""
    _refuse_if_held_by_another(listing, actor)
    amendment = listing.amendment if listing.state == "published" else None
    if amendment is not None:
        changed = revisions.differences(listing.kind, listing.shown, amendment)
        revisions.keep_published_references(listing.shown)
        move(AMENDMENT, amendment, "accepted", actor=actor, fields=tuple(changed))
        revisions.adopt_references(amendment)
        listing.live, amendment.accepted_at = amendment, now()
    else:
        if may_move(LISTING, listing, "published", actor=actor):
            listing.live, listing.published_at = listing.edited, now()
            db.session.flush()  # the table wants a text before the state that shows it
        move(LISTING, listing, "published", actor=actor)
        listing.shown.state, listing.shown.accepted_at, changed = "accepted", listing.published_at, []
    terms = terms_in_force()
    listing.shown.terms_version_id = terms.id if terms else None
    _review_ends(listing)
    revisions.keep_published_references(listing.shown)
    if attachments.show_waiting("listing", listing.id, anonymous=listing.hides_its_city, actor=actor):
        changed = [*changed, "attachments"]
    store.note_change(listing.id, listing.kind)
    if amendment is not None:
        watching.tell_of_change(listing, changed)
    notify(
        members_of(listing.organisation_id),
        "listing.published",
        listing,
        params=_told(listing),
        once=_wait(listing),
    )


def return_listing(listing: Listing, *, remarks: Iterable[tuple[str, str]], actor: Actor) -> None:
    """Send it back with remarks, each (field, text), shown to the owner at that field. At least one is needed."""
    _refuse_if_held_by_another(listing, actor)
    known = {field.name for field in fields_of(listing.kind)} | {"references"}
    with db.session.no_autoflush:
        for field, text in remarks:
            if field not in known:
                raise Refused("unknown_field", field)
            if text.strip():
                listing.remarks.append(Remark(field=field, text=text.strip(), created_by=actor.user_id))
        move(*_lifecycle_of(under_review(listing)), "returned", actor=actor)
    _review_ends(listing)
    notify(
        members_of(listing.organisation_id),
        "listing.returned",
        listing,
        params=_told(listing),
        once=_wait(listing),
    )


def reject_listing(listing: Listing, *, reason: str, actor: Actor) -> None:
    """Refuse a text for good, with a reason for its owners. A rejected amendment leaves the published text live."""
    _refuse_if_held_by_another(listing, actor)
    if listing.state == "published" and listing.amendment is not None:
        move(AMENDMENT, listing.amendment, "discarded", actor=actor, reason=reason)
        attachments.drop_waiting("listing", listing.id, actor=actor, reason=reason)
        params = _told(listing)
        listing.decision_reason = reason.strip()
        with saves.kept(listing, actor=actor, action="discard"):
            _drop_amendment(listing)
    else:
        move(LISTING, listing, "rejected", actor=actor, reason=reason)
        params = _told(listing)
        listing.decision_reason, listing.ended_at = reason.strip(), now()
        _review_ends(listing)
    notify(
        members_of(listing.organisation_id), "listing.rejected", listing, params=params, once=_wait(listing)
    )


# --- parts -------------------------------------------------------------------------------------------------------


def under_review(listing: Listing) -> Listing | Revision:
    """What the queue holds: the listing itself before it is published, afterwards its amendment."""
    if listing.state == "published" and listing.amendment is not None:
        return listing.amendment
    return listing


def _lifecycle_of(waiting: Listing | Revision) -> tuple[Any, Any]:
    return (AMENDMENT if isinstance(waiting, Revision) else LISTING), waiting


def _refuse_if_held_by_another(listing: Listing, actor: Actor) -> None:
    if listing.holder_id is not None and listing.holder_id != actor.user_id and not actor.is_system:
        raise Refused("in_other_hands")


def _review_ends(listing: Listing) -> None:
    listing.holder_id, listing.held_since = None, None
    listing.changed_at = now()
    db.session.flush()
    db.session.refresh(listing, ["holder"])


def _drop_amendment(listing: Listing) -> None:
    for remark in listing.open_remarks:
        remark.resolved_at = now()
    listing.working = listing.live
    _review_ends(listing)


def _told(listing: Listing) -> dict[str, Any]:
    revision = listing.edited
    return {
        "label": listing.label,
        "kind": listing.kind,
        "title": revision.text("title"),
        "lang": revision.lang,
    }


def _wait(listing: Listing) -> str:
    """Names one passage through the queue, so that each is told once."""
    return str(uuid.uuid5(listing.id, str(listing.submitted_at)))[:12]
