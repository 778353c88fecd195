"""The queue of needs whose candidates wait for a moderator: filtered, sorted, counted, and walked one by one.

What lives here: queries. The pages stand in `workbench.py`, the shape of the filters in `queue_filters.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import aliased, joinedload

from ppp_match.accounts.models import City
from ppp_match.db import db, now
from ppp_match.listings.models import Listing, Revision, RevisionTerm
from ppp_match.moderation import assignment
from ppp_match.moderation.due_dates import overdue_since
from ppp_match.moderation.models import Assignment
from ppp_match.moderation.queue_filters import QueueFilters, assigned, ids_found, numbers_by_facet
from ppp_match.moderation.targets import Due, due_of, target_days
from ppp_match.permissions import Actor
from ppp_match.recommendations import queries
from ppp_match.recommendations.models import Claim, Interest, Match, MatchDecision


@dataclass(frozen=True)
class Waiting:
    """A need in the queue: how many of its pairs wait, since when, until when, in whose hands, whose to look after.

    `by_lot` are those drawn from below the cut that wait beside them: nobody waits for these, so they have no due date
    and bring no need into the queue, unless one asks for them.
    """

    need: Listing
    suggested: int
    by_lot: int
    shortlisted: int
    interests: int
    best: float
    since: datetime
    due: Due | None
    claim: Claim | None
    assignment: Assignment | None


@dataclass(frozen=True)
class Place:
    """Where a need stands in the filtered queue."""

    at: int | None
    before: uuid.UUID | None
    after: uuid.UUID | None
    count: int


def rows_of(filters: QueueFilters, actor: Actor, page: int = 1, size: int = 20) -> tuple[list[Waiting], int]:
    """One page of the queue, and how many needs there are."""
    grouped = _grouped(filters, actor)
    everyone = func.count().over().label("total")
    found = db.session.execute(
        _sorted(grouped, filters.sort).add_columns(everyone).limit(size).offset((page - 1) * size)
    ).all()
    if found or page == 1:
        total = found[0].total if found else 0
    else:  # beyond the last page
        total = int(db.session.scalar(select(func.count()).select_from(grouped.subquery())) or 0)
    hands = {need.id: (need, claim, held) for need, claim, held in hands_of([row.need_id for row in found])}
    waits = not filters.get("state") and "lot" not in filters.flags
    return [
        Waiting(
            hands[row.need_id][0],
            row.suggested,
            row.by_lot,
            row.shortlisted,
            row.interests,
            row.best,
            row.since,
            due_of("matches", row.since) if waits else None,
            *hands[row.need_id][1:],
        )
        for row in found
    ], total


def hands_of(need_ids: Iterable[uuid.UUID]) -> list[tuple[Listing, Claim | None, Assignment | None]]:
    """Needs with their texts, who has each in hand, and who looks after it."""
    query: Any = (
        select(Listing, Claim)
        .outerjoin(Claim, Claim.need_id == Listing.id)
        .where(Listing.id.in_(list(need_ids)))
        .options(joinedload(Listing.live), joinedload(Claim.holder))
    )
    rows = db.session.execute(assignment.with_assignment(query, "matches"))
    return [(need, claim, held) for need, claim, held in rows]


def place_of(need_id: uuid.UUID, filters: QueueFilters, actor: Actor) -> Place:
    """The need's place in the queue; a need that left it is followed by the first that waits."""
    ids = [row.need_id for row in db.session.execute(_sorted(_grouped(filters, actor), filters.sort))]
    if need_id not in ids:
        return Place(None, None, ids[0] if ids else None, len(ids))
    at = ids.index(need_id)
    return Place(at + 1, ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None, len(ids))


def counts(filters: QueueFilters, actor: Actor) -> dict[str, dict[str, int]]:
    """{sector | country | city: {value: needs}} of the queue, each without its own filter."""
    asked: dict[str, Select[Any]] = {}
    for name in ("sector", "country", "city"):
        rest = _grouped(filters.without(name), actor).subquery()
        many = func.count(func.distinct(Listing.id))
        query: Any
        if name == "sector":
            query = (
                select(literal(name), RevisionTerm.code, many)
                .select_from(Listing)
                .join(RevisionTerm, RevisionTerm.revision_id == Listing.live_revision_id)
                .where(RevisionTerm.vocabulary == "sector")
                .group_by(RevisionTerm.code)
            )
        else:
            column = City.country if name == "country" else City.slug
            query = (
                select(literal(name), column, many)
                .select_from(Listing)
                .join(Revision, Revision.id == Listing.live_revision_id)
                .join(City, City.id == Revision.city_id)
                .group_by(column)
            )
        asked[name] = query.where(Listing.id.in_(select(rest.c.need_id)))
    return numbers_by_facet(asked)


def _which(state: str, by_lot: bool = False) -> ColumnElement[bool]:
    """The pairs that put a need into the queue."""
    which = (Match.state == (state or "suggested")) & Match.blocked.is_(False)
    if by_lot:
        return which & (Match.origin == "lot")
    return which if state else and_(*queries.WAITS_FOR_REVIEW)


def longest_wait() -> Select[Any]:
    """Since when the pair that waits longest for a moderator waits: what stands first in the queue says the same."""
    came_back = _came_back()
    return (
        select(func.min(func.coalesce(came_back.c.at, Match.created_at)))
        .join(Listing, Listing.id == Match.need_id)
        .outerjoin(came_back, came_back.c.match_id == Match.id)
        .where(Listing.state == "published", _which(""))
    )


def _came_back() -> Any:
    """When a pair last returned to those that wait, by a decision that stands."""
    return (
        select(MatchDecision.match_id, func.max(MatchDecision.at).label("at"))
        .where(MatchDecision.to_state == "suggested", MatchDecision.undoes_id.is_(None))
        .group_by(MatchDecision.match_id)
        .subquery()
    )


def _grouped(filters: QueueFilters, actor: Actor) -> Any:
    state = filters.get("state")
    which = _which(state, "lot" in filters.flags)
    came_back = _came_back()
    moment = func.coalesce(Match.decided_at if state else came_back.c.at, Match.created_at)
    since = func.min(case((which, moment)))
    query: Any = (
        select(
            Match.need_id,
            func.sum(case((_which(""), 1), else_=0)).label("suggested"),
            func.sum(case((_which("", by_lot=True), 1), else_=0)).label("by_lot"),
            func.sum(case((Match.state == "shortlisted", 1), else_=0)).label("shortlisted"),
            func.sum(case((_which("") & (Match.origin == "interest"), 1), else_=0)).label("interests"),
            func.max(case((which, Match.score))).label("best"),
            since.label("since"),
        )
        .join(Listing, Listing.id == Match.need_id)
        .outerjoin(came_back, came_back.c.match_id == Match.id)
        .where(Listing.state == "published", *_conditions(filters, actor, which))
        .group_by(Match.need_id)
        .having(func.sum(case((which, 1), else_=0)) > 0)
    )
    if "late" in filters.flags:
        query = query.having(since < overdue_since(now(), target_days("matches")))
    if filters.find:
        waiting = select(Match.need_id).where(which)
        query = query.where(Match.need_id.in_(ids_found(waiting, Listing.live_revision_id, filters.find)))
    return query


def _sorted(grouped: Any, sort: str) -> Any:
    if sort == "score":
        return grouped.order_by(grouped.selected_columns.best.desc(), Match.need_id)
    since = grouped.selected_columns.since
    return grouped.order_by(since.desc() if sort == "newest" else since, Match.need_id)


def _conditions(filters: QueueFilters, actor: Actor, which: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sector := filters.get("sector"):
        found.append(
            Listing.live_revision_id.in_(
                select(RevisionTerm.revision_id).where(
                    RevisionTerm.vocabulary == "sector",
                    (RevisionTerm.code == sector) | RevisionTerm.code.startswith(f"{sector}."),
                )
            )
        )
    for name, column in (("country", City.country), ("city", City.slug)):
        if value := filters.get(name):
            there = select(Revision.id).join(City, City.id == Revision.city_id).where(column == value)
            found.append(Listing.live_revision_id.in_(there))
    if hand := filters.get("hand"):
        held = select(Claim.need_id)
        mine = held.where(Claim.holder_id == actor.user_id)
        found.append(Listing.id.not_in(held) if hand == "nobody" else Listing.id.in_(mine))
    if who := filters.get("who"):
        found.append(assigned("matches", who, actor))
    if bridge := filters.get("bridge"):
        need_lang, capability_lang = bridge.split("-")
        found.append(_speaks(need_lang, capability_lang, which))
    if "interest" in filters.flags:
        wanted = select(Interest.need_id).join(Match, Match.id == Interest.match_id)
        found.append(Listing.id.in_(wanted.where(which, Interest.withdrawn_at.is_(None))))
    if "fresh" in filters.flags:
        found.append(_has_company_never_asked(which))
    return found


def _speaks(need_lang: str, capability_lang: str, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """A pair waits whose need is written in one language and whose capability in the other."""
    need, capability = aliased(Listing), aliased(Listing)
    asked, offered = aliased(Revision), aliased(Revision)
    pairs = (
        select(Match.need_id)
        .join(need, need.id == Match.need_id)
        .join(asked, asked.id == need.live_revision_id)
        .join(capability, capability.id == Match.capability_id)
        .join(offered, offered.id == capability.live_revision_id)
        .where(which, asked.lang == need_lang, offered.lang == capability_lang)
    )
    return Listing.id.in_(pairs)


def _has_company_never_asked(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """A pair waits whose company was never asked about any need."""
    capability, other, pair = aliased(Listing), aliased(Listing), aliased(Match)
    asked = (
        select(other.organisation_id)
        .join(pair, pair.capability_id == other.id)
        .where(pair.state.in_(queries.ASKED))
    )
    pairs = (
        select(Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .where(which, capability.organisation_id.not_in(asked))
    )
    return Listing.id.in_(pairs)
