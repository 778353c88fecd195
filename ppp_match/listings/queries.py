"""Listings as readers find them: who sees what, filters, counts, pages; what waits and who changed what.

Every query starts from `visible_to(actor)` or from the published ones. A page runs a constant number of queries,
however many rows it shows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from ppp_match.accounts.models import Organisation, User
from ppp_match.audit import AuditEvent
from ppp_match.db import db, today
from ppp_match.listings import counts
from ppp_match.listings.filters import Filters
from ppp_match.listings.models import Listing, Revision
from ppp_match.permissions import Actor
from ppp_match.search import store

PAGE_SIZE = 20
MOST_HITS = 200
PUBLIC_STATES = ("published", "closed")


@dataclass(frozen=True)
class Page:
    """One page of rows, as the macro `ui.pagination` wants it. `first` and `last` count from 1."""

    items: list[Listing]
    page: int
    pages: int
    total: int
    url: Callable[[int], str]

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * PAGE_SIZE, self.total)


def with_rows() -> tuple[ORMOption, ...]:
    """Loads what a row or a page of a listing shows, in a constant number of queries."""
    return (
        joinedload(Listing.live),
        joinedload(Listing.working),
    )


def visible_to(actor: Actor) -> Select[Listing]:
    """Listings that exist for the actor: public ones, every one of their organisations, staff all but drafts.

    For a national representative also the needs of its country, from when they were sent.
    """
    seen: list[ColumnElement[bool]] = [and_(Listing.state.in_(PUBLIC_STATES), Listing.not_suspended())]
    if actor.organisation_ids:
        seen.append(Listing.organisation_id.in_(actor.organisation_ids))
    if actor.staff_role or actor.is_system:
        seen.append(Listing.state != "draft")
    if actor.country_overseen:
        seen.append(_of_country(actor.country_overseen))
    return select(Listing).where(or_(*seen))


def is_visible_to(listing: Listing, actor: Actor) -> bool:
    """Whether a listing that is loaded already exists for the actor: `visible_to` for one row."""
    return (
        (listing.state in PUBLIC_STATES and not listing.organisation.is_hidden)
        or listing.organisation_id in actor.organisation_ids
        or bool((actor.staff_role or actor.is_system) and listing.state != "draft")
        or oversees(listing, actor)
    )


def oversees(listing: Listing, actor: Actor) -> bool:
    """Whether it is a need of the country that the actor represents, sent by its city: `_of_country` for one row."""
    return (
        listing.kind == "need"
        and listing.state != "draft"
        and actor.country_overseen == listing.organisation.country
    )


def _of_country(country: str) -> ColumnElement[bool]:
    homes = select(Organisation.id).where(Organisation.country == country)
    return and_(Listing.kind == "need", Listing.state != "draft", Listing.organisation_id.in_(homes))


def lock(listing_id: uuid.UUID) -> None:
    """Wait for whoever is changing the listing, so that what is read next is what they left."""
    db.session.execute(select(Listing.id).where(Listing.id == listing_id).with_for_update())


def find(actor: Actor, kind: str, listing_id: uuid.UUID) -> Listing | None:
    """The listing, if it is of that kind and the actor may see it."""
    wanted = visible_to(actor).where(Listing.id == listing_id, Listing.kind == kind).options(*with_rows())
    return db.session.scalars(wanted.options(joinedload(Listing.responsible))).first()


def of_organisation(organisation_id: uuid.UUID | None) -> Select[Listing]:
    """Every listing of an organisation, the last changed first."""
    wanted = select(Listing).where(Listing.organisation_id == organisation_id)
    return wanted.options(*with_rows()).order_by(Listing.changed_at.desc(), Listing.id)


def of_country(country: str, state: str = "") -> Select[Listing]:
    """Needs of a country in every state but draft, or in one, the last changed first."""
    wanted = select(Listing).where(_of_country(country))
    if state:
        wanted = wanted.where(Listing.state == state)
    return wanted.options(*with_rows()).order_by(Listing.changed_at.desc(), Listing.id)


def states_of_country(country: str) -> dict[str, int]:
    """{state: how many needs of the country are in it}."""
    rows = db.session.execute(
        select(Listing.state, func.count()).where(_of_country(country)).group_by(Listing.state)
    )
    return {row[0]: row[1] for row in rows}


def sees_identity(listing: Listing, actor: Actor) -> bool:
    """Whether an anonymous need's city and organisation are open to the actor: its own unit, staff, its country's
    representative."""
    return (
        actor.is_system
        or actor.staff_role is not None
        or listing.organisation_id in actor.organisation_ids
        or oversees(listing, actor)
    )


# --- lists -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hits:
    """What the index found: ids, best first; words of the query with what they were also searched as."""

    ids: list[uuid.UUID]
    also: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    lang: str = "vi"
    partial: bool = False  # only the newest listings could be searched


def ids_matching(kind: str, text: str) -> Hits:
    """Published listings of that kind that speak of the text, in either language."""
    found: Any = store.search(kind, text, MOST_HITS)
    return Hits(
        [listing_id for listing_id, _score in found.hits], list(found.also), found.language, found.partial
    )


def _order(filters: Filters, ids: list[uuid.UUID] | None) -> tuple[Any, ...]:
    if filters.sort == "best" and ids:
        return (
            case({id_: place for place, id_ in enumerate(ids)}, value=Listing.id, else_=len(ids)),
            Listing.id,
        )
    if filters.sort == "closing":
        over = case((Revision.response_until.is_(None), 2), (Revision.response_until < today(), 1), else_=0)
        return (over, Revision.response_until, Listing.id)
    if filters.sort == "budget":
        amount = func.coalesce(Revision.amount_max_usd, Revision.amount_min_usd, -1)
        return (amount.desc(), Listing.published_at.desc(), Listing.id)
    return (Listing.published_at.desc(), Listing.id)


@dataclass(frozen=True)
class Found:
    """A list: its page and its numbers."""

    page: Page
    counted: counts.Counted
    hits: Hits | None


def search_listings(filters: Filters, url: Callable[[int], str]) -> Found:
    """The page that the filters ask for; a page beyond the last one is the last one."""
    hits = ids_matching(filters.kind, filters.q) if filters.q else None
    ids = hits.ids if hits else None
    counted = counts.count(filters, ids)
    pages = max(1, ceil(counted.total / PAGE_SIZE))
    number = min(filters.page, pages)
    picked = counts.filtered(filters, ids).order_by(*_order(filters, ids))
    wanted = list(db.session.scalars(picked.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)))
    rows = {
        row.id: row
        for row in db.session.scalars(select(Listing).where(Listing.id.in_(wanted)).options(*with_rows()))
    }
    page = Page([rows[id_] for id_ in wanted], number, pages, counted.total, url)
    return Found(page, counted, hits)


# --- who changed what --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A change that somebody made: who (None: the software or a person since erased), which fields, when."""

    person: str | None
    fields: tuple[str, ...]
    at: Any
    action: str


def last_event(listing: Listing) -> int:
    """The number of the newest audit event about the listing."""
    newest = select(func.max(AuditEvent.seq)).where(AuditEvent.subject_id == listing.id)
    return db.session.scalar(newest) or 0


def changes_since(listing: Listing, seq: int) -> list[Change]:
    """What happened to a listing after that audit event, the newest ten, newest first."""
    rows = db.session.execute(
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(AuditEvent.subject_id == listing.id, AuditEvent.seq > seq)
        .order_by(AuditEvent.seq.desc())
        .limit(10)
    ).all()
    return [Change(name, tuple(str(f) for f in event.fields), event.at, event.action) for event, name in rows]
