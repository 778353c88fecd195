"""The queue of listings that wait for a moderator: what waits, since when, in whose hands, and what to look at.

What lives here: queries and observations. The pages stand in `listing_review.py`, the verbs in
`listings/operations.py`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ScalarSelect, Select, and_, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from ppp_match.accounts.models import City, Organisation
from ppp_match.db import db, now, read_together
from ppp_match.listings import addenda, versions
from ppp_match.listings.differences import is_material
from ppp_match.listings.models import Listing, Revision, RevisionTerm
from ppp_match.listings.models_addenda import Addendum
from ppp_match.listings.queries import PAGE_SIZE, Page, with_rows
from ppp_match.listings.readiness import readiness
from ppp_match.listings.revisions import references_of
from ppp_match.moderation.assignment import with_assignment
from ppp_match.moderation.due_dates import overdue_since
from ppp_match.moderation.models import Assignment
from ppp_match.moderation.queue_filters import QueueFilters, assigned, ids_found, numbers_by_facet
from ppp_match.moderation.targets import target_days
from ppp_match.permissions import Actor

WAITING = ("submitted", "in_review")
MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
PHONE = re.compile(r"(?<![\w.,])(?:\+|0)\d(?:[ .-]?\d){8,12}(?![\w])")
Flag = tuple[str, str, str]  # words, icon, look of the chip


def _waiting() -> Select[Listing]:
    working = aliased(Revision)
    return (
        select(Listing)
        .outerjoin(working, working.id == Listing.working_revision_id)
        .where(
            or_(
                Listing.state.in_(WAITING),
                and_(Listing.state == "published", working.state.in_(WAITING)),
            )
        )
    )


@dataclass(frozen=True)
class Counts:
    """How many wait, how many are in the asker's hands, since when the oldest waits."""

    waiting: int
    mine: int
    oldest_days: int | None


def _numbers(filtered: Select[Any], actor: Actor) -> list[ScalarSelect[Any]]:
    """How many the filters leave, and of all that waits: how many, how many in one's hands, since when; addenda."""

    def one(query: Select[Any], *column: Any) -> ScalarSelect[Any]:
        return query.with_only_columns(*column).correlate(None).scalar_subquery()

    waiting, notes = _waiting(), addenda.in_queue()
    return [
        one(filtered, func.count(Listing.id)),
        one(waiting, func.count(Listing.id)),
        one(waiting, func.count(Listing.id).filter(Listing.holder_id == actor.user_id)),
        one(waiting, func.min(Listing.submitted_at)),
        one(notes, func.count(Addendum.id)),
        one(notes, func.min(Addendum.submitted_at)),
    ]


def _counts(listings: int, mine: int, oldest: Any, noted: int, oldest_note: Any) -> Counts:
    since = min((moment for moment in (oldest, oldest_note) if moment), default=None)
    return Counts(listings + noted, mine, (now() - since).days if since else None)


@dataclass(frozen=True)
class Queue:
    """One page of what waits, who looks after which of it, and the numbers of the whole queue."""

    page: Page
    assigned: dict[uuid.UUID, Assignment]
    counts: Counts


def queue(filters: QueueFilters, actor: Actor, *, page: int, url: Callable[[int], str]) -> Queue:
    """What waits, oldest first unless asked otherwise; first texts and changes of published ones alike."""
    query = _filtered(filters, actor)
    numbers = _numbers(query, actor)
    wanted = (
        _sorted(with_assignment(query, "listings"), filters.sort)
        .add_columns(*numbers)
        .options(*with_rows(), joinedload(Listing.holder))
        .limit(PAGE_SIZE)
    )
    number = max(page, 1)
    rows = db.session.execute(wanted.offset((number - 1) * PAGE_SIZE)).all()
    total, *counted = rows[0][2:] if rows else db.session.execute(select(*numbers)).one()
    pages = max(1, ceil(total / PAGE_SIZE))
    if number > pages:
        number = pages
        rows = db.session.execute(wanted.offset((number - 1) * PAGE_SIZE)).all()
    return Queue(
        Page([row[0] for row in rows], number, pages, total, url),
        {listing.id: held for listing, held, *_numbers_again in rows if held},
        _counts(*counted),
    )


def next_after(listing_id: uuid.UUID, filters: QueueFilters, actor: Actor) -> uuid.UUID | None:
    """The next of the filtered queue that one may look at; after the last one, or one that left it, the first.

    What others have in hand and what one does not decide on is passed over.
    """
    query = _filtered(filters, actor).where(
        or_(Listing.holder_id.is_(None), Listing.holder_id == actor.user_id, Listing.id == listing_id)
    )
    if actor.conflicting_ids:
        query = query.where(Listing.organisation_id.not_in(actor.conflicting_ids))
    ids = list(db.session.scalars(_sorted(_ids(query), filters.sort)))
    at = ids.index(listing_id) + 1 if listing_id in ids else 0
    rest = [one for one in (*ids[at:], *ids[:at]) if one != listing_id]
    return rest[0] if rest else None


def facet_counts(filters: QueueFilters, actor: Actor) -> dict[str, dict[str, int]]:
    """{kind | sector | country | city: {value: listings}} of the queue, each without its own filter."""
    asked: dict[str, Select[Any]] = {}
    many = func.count(func.distinct(Listing.id))
    for name in ("kind", "sector", "country", "city"):
        rest = _ids(_filtered(filters.without(name), actor))
        query: Select[Any] = select(literal(name), _COLUMNS[name], many).select_from(Listing)
        if name == "sector":
            query = query.join(
                RevisionTerm,
                (RevisionTerm.revision_id == Listing.working_revision_id)
                & (RevisionTerm.vocabulary == "sector"),
            )
        elif name != "kind":
            query = _with_place(query)
        asked[name] = query.where(Listing.id.in_(rest)).group_by(_COLUMNS[name])
    return numbers_by_facet(asked)


# A need stands where its city is; a capability where its organisation is at home.
_COLUMNS: dict[str, Any] = {
    "kind": Listing.kind,
    "sector": RevisionTerm.code,
    "country": func.coalesce(City.country, Organisation.country),
    "city": City.slug,
}


def _with_place(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Organisation, Organisation.id == Listing.organisation_id)
        .outerjoin(Revision, Revision.id == Listing.working_revision_id)
        .outerjoin(City, City.id == Revision.city_id)
    )


def _ids(query: Select[Any]) -> Select[Any]:
    return query.with_only_columns(Listing.id)


def _sorted(query: Select[Any], sort: str) -> Select[Any]:
    waits = Listing.submitted_at
    return query.order_by(waits.desc() if sort == "newest" else waits, Listing.id)


def _filtered(filters: QueueFilters, actor: Actor) -> Select[Any]:
    query = _waiting()
    if kind := filters.get("kind"):
        query = query.where(Listing.kind == kind)
    if sector := filters.get("sector"):
        query = query.where(
            Listing.working_revision_id.in_(
                select(RevisionTerm.revision_id).where(
                    RevisionTerm.vocabulary == "sector",
                    (RevisionTerm.code == sector) | RevisionTerm.code.startswith(f"{sector}."),
                )
            )
        )
    for name in ("country", "city"):
        if value := filters.get(name):
            there = _with_place(select(Listing.id)).where(_COLUMNS[name] == value)
            query = query.where(Listing.id.in_(there.correlate(None)))
    if state := filters.get("state"):
        change = Listing.state == "published"
        query = query.where(change if state == "change" else Listing.state == state)
    if hand := filters.get("hand"):
        holder = Listing.holder_id
        query = query.where(holder.is_(None) if hand == "nobody" else holder == actor.user_id)
    if who := filters.get("who"):
        query = query.where(assigned("listings", who, actor))
    if "late" in filters.flags:
        query = query.where(Listing.submitted_at < overdue_since(now(), target_days("listings")))
    if filters.find:
        found = ids_found(_ids(_waiting()), Listing.working_revision_id, filters.find)
        query = query.where(Listing.id.in_(found))
    return query


def oldest_free(actor: Actor) -> Listing | None:
    """The listing that waits longest in nobody's hands and is not of the actor's own organisations."""
    query = _waiting().where(Listing.holder_id.is_(None))
    if actor.conflicting_ids:
        query = query.where(Listing.organisation_id.not_in(actor.conflicting_ids))
    return db.session.scalars(query.order_by(Listing.submitted_at, Listing.id).limit(1)).first()


# --- worth a look ------------------------------------------------------------------------------------------------


def answered_remarks(listing: Listing) -> int:
    """How many remarks on a listing its owner answered; read together for every listing at hand."""
    return sum(1 for remark in read_together(listing, "remarks") if remark.resolved_at is not None)


def flags(listing: Listing, answered: int) -> list[Flag]:
    """What a moderator should look at first. Observations, never a decision. `answered`: remarks that were."""
    revision = listing.edited
    text = "\n".join(row.text for row in revision.words if row.field != "references")
    found = flags_of_text(listing, text, anonymous=False)
    if not listing.organisation.is_verified:
        found.append((_("Organisation not verified: cannot be published"), "lock", "son"))
    if listing.kind == "need":
        score = readiness(revision).score
        found.append(
            (
                _("Readiness %(n)s of 12", n=score),
                "check" if score >= 9 else "unk",
                "la" if score >= 9 else "",
            )
        )
        if revision.anonymous and _names_its_city(listing, text):
            found.append((_("Anonymous, but the text names the city"), "hide", "nghe"))
    else:
        sectors, references = len(revision.codes("sector")), len(references_of(revision))
        if sectors >= 4 or not references:
            said = ngettext("%(num)d sector claimed", "%(num)d sectors claimed", sectors)
            proof = ngettext("%(num)d reference", "%(num)d references", references)
            found.append((f"{said}, {proof}", "unk" if references else "warn", "" if references else "nghe"))
    if listing.state == "published":
        found.append((_("Change of a published text"), "pen", "cham"))
        changes = versions.amendment_changes(listing, listing.shown.lang)
        found.append((versions.kind_of_change(changes), "pen", "cham" if is_material(changes) else ""))
    if answered:
        found.append(
            (
                ngettext("Came back after %(num)d remark", "Came back after %(num)d remarks", answered),
                "pen",
                "cham",
            )
        )
    return found


def flags_of_text(listing: Listing, text: str, *, anonymous: bool) -> list[Flag]:
    """What any text that goes public beside the listing should be looked at for: contact data, a withheld city."""
    found: list[Flag] = []
    if MAIL.search(text):
        found.append((_("E-mail address in the text"), "warn", "nghe"))
    if PHONE.search(text):
        found.append((_("Phone number in the text"), "warn", "nghe"))
    if anonymous and _names_its_city(listing, text):
        found.append((_("Anonymous, but the text names the city"), "hide", "nghe"))
    return found


def _names_its_city(listing: Listing, text: str) -> bool:
    city, owner = listing.edited.city, listing.organisation
    names = [owner.name_vi, owner.name_en, *([city.name_en, city.name_local] if city else [])]
    return any(name and len(name) > 2 and name.lower() in text.lower() for name in names)


def days_waiting(listing: Listing) -> int:
    return (now() - listing.submitted_at).days if listing.submitted_at else 0
