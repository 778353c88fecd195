"""What of partnerships an actor may see, and what their pages read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from ppp_match.db import db, read_together
from ppp_match.introductions.models import Introduction
from ppp_match.introductions.queries import is_staff, with_pair
from ppp_match.listings.models import Listing
from ppp_match.partnerships.models import (
    OPEN_STATES,
    STATE,
    WITH_RESULT,
    Partnership,
    Statement,
    StatusRequest,
)
from ppp_match.partnerships.models_plan import DocumentLink, Indicator, IndicatorKind, Milestone, Risk
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Match

TABS = ("open", "result", "ended", "all")
Row = TypeVar("Row", Indicator, Milestone, Risk, DocumentLink)


def _of(organisation_ids: Any) -> ColumnElement[bool]:
    """Condition: one of these organisations is a side."""
    mine = select(Listing.id).where(Listing.organisation_id.in_(organisation_ids))
    pairs = select(Match.id).where(or_(Match.need_id.in_(mine), Match.capability_id.in_(mine)))
    return Partnership.introduction_id.in_(select(Introduction.id).where(Introduction.match_id.in_(pairs)))


def _shown() -> ColumnElement[bool]:
    """Condition: both sides show it, there is a result, and neither is hidden by the forum."""
    hidden = select(Listing.id).where(~Listing.not_suspended())
    pairs = select(Match.id).where(or_(Match.need_id.in_(hidden), Match.capability_id.in_(hidden)))
    of_hidden = select(Introduction.id).where(Introduction.match_id.in_(pairs))
    return (
        Partnership.state.in_(WITH_RESULT)
        & Partnership.need_shows_at.is_not(None)
        & Partnership.capability_shows_at.is_not(None)
        & Partnership.introduction_id.not_in(of_hidden)
    )


def sees(actor: Actor) -> ColumnElement[bool]:
    """Condition: staff see all, members their own, everybody those that both sides show."""
    if is_staff(actor):
        return true()
    own = _of(actor.organisation_ids) if actor.organisation_ids else false()
    return own | _shown()


def visible(actor: Actor) -> Select[Any]:
    """What the actor may see, with both texts."""
    return _with_pair(select(Partnership)).where(sees(actor))


def is_party(actor: Actor, partnership: Partnership) -> bool:
    return bool(partnership.party_ids & actor.organisation_ids)


def _with_pair(query: Select[Any]) -> Select[Any]:
    return query.join(Partnership.introduction).options(
        contains_eager(Partnership.introduction).options(
            joinedload(Introduction.offer), with_pair(Introduction.match)
        )
    )


def partnership_of(partnership_id: uuid.UUID, actor: Actor) -> Partnership | None:
    """The partnership with what its page shows, if the actor may see it."""
    found: Partnership | None = db.session.scalars(
        _with_pair(select(Partnership)).where(Partnership.id == partnership_id, sees(actor))
    ).first()
    if found is not None:
        read_together(found, "statements")  # and all else that its page shows, in the same statement
    return found


def partnership_from(introduction_id: uuid.UUID, actor: Actor) -> uuid.UUID | None:
    """The identifier of an introduction's partnership, if the actor may see it."""
    found: uuid.UUID | None = db.session.scalar(
        select(Partnership.id).where(Partnership.introduction_id == introduction_id, sees(actor))
    )
    return found


def partnerships_in(actor: Actor, view: str) -> Select[Any]:
    """Partnerships for one tab, what changed last first; for whoever is of neither side, those that are shown."""
    query = _with_pair(select(Partnership)).where(_listed(actor))
    if view == "open":
        query = query.where(Partnership.state.in_(OPEN_STATES))
    elif view == "result":
        query = query.where(Partnership.state.in_(WITH_RESULT))
    elif view == "ended":
        query = query.where(Partnership.state.not_in(OPEN_STATES))
    return query.order_by(Partnership.changed_at.desc(), Partnership.id)


def _listed(actor: Actor) -> ColumnElement[bool]:
    """A member's list holds their own; the public one those that are shown."""
    if is_staff(actor):
        return true()
    return _of(actor.organisation_ids) if actor.organisation_ids else _shown()


def count_by_tab(actor: Actor) -> dict[str, int]:
    rows = db.session.execute(
        select(Partnership.state, func.count()).where(_listed(actor)).group_by(Partnership.state)
    )
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {
        "open": sum(found.get(state, 0) for state in OPEN_STATES),
        "result": sum(found.get(state, 0) for state in WITH_RESULT),
        "ended": sum(count for state, count in found.items() if state not in OPEN_STATES),
        "all": sum(found.values()),
    }


def differing() -> ColumnElement[bool]:
    """Condition on a partnership: both sides state different things of one fact and nobody verified either, or a side
    states of its course what does not follow from where it stands."""
    one, other, course = aliased(Statement), aliased(Statement), aliased(Statement)
    goes_back = exists(
        select(course.id).where(
            course.partnership_id == Partnership.id,
            course.key == STATE,
            course.replaced_at.is_(None),
            course.verified_at.is_(None),
            course.text != Partnership.state,
            course.text.not_like(Partnership.state + ":%"),
        )
    )
    return goes_back | exists(
        select(one.id)
        .join(other, (other.partnership_id == one.partnership_id) & (other.key == one.key))
        .where(
            one.partnership_id == Partnership.id,
            one.side == "need",
            other.side == "capability",
            one.replaced_at.is_(None),
            other.replaced_at.is_(None),
            one.verified_at.is_(None),
            other.verified_at.is_(None),
            or_(
                one.amount.is_distinct_from(other.amount),
                one.currency.is_distinct_from(other.currency),
                one.text != other.text,
            ),
        )
    )


def asked_how_it_goes(actor: Actor) -> Select[Any]:
    """Questions of the forum that wait for the organisation one acts for, the nearest day first."""
    side = aliased(Listing)
    return (
        select(StatusRequest)
        .join(Partnership, Partnership.id == StatusRequest.partnership_id)
        .join(Introduction, Introduction.id == Partnership.introduction_id)
        .join(Match, Match.id == Introduction.match_id)
        .join(
            side,
            or_(
                (StatusRequest.side == "need") & (side.id == Match.need_id),
                (StatusRequest.side == "capability") & (side.id == Match.capability_id),
            ),
        )
        .where(StatusRequest.closed_at.is_(None), side.organisation_id == actor.organisation_id)
        .order_by(StatusRequest.due_on, StatusRequest.id)
    )


def asked_now(actor: Actor) -> list[StatusRequest]:
    """The same with what a list of them shows."""
    partnership = joinedload(StatusRequest.partnership)
    pair = partnership.joinedload(Partnership.introduction).options(
        joinedload(Introduction.offer), with_pair(Introduction.match)
    )
    return list(db.session.scalars(asked_how_it_goes(actor).options(pair)))


def queue(actor: Actor) -> Select[Any]:
    """Where the two sides differ, the oldest change first. What the actor may not settle stands in it too."""
    return (
        _with_pair(select(Partnership))
        .where(differing())
        .options(selectinload(Partnership.statements))
        .order_by(Partnership.changed_at, Partnership.id)
    )


def rows_of(kind: type[Row], partnership: Partnership) -> Sequence[Row]:
    """What both sides keep together, of one kind, in its order."""
    name = {Indicator: "indicators", Milestone: "milestones", Risk: "risks", DocumentLink: "documents"}[kind]
    found: Sequence[Row] = read_together(partnership, name)
    return found


def row_of(kind: type[Row], partnership: Partnership, row_id: uuid.UUID) -> Row | None:
    row = db.session.get(kind, row_id)
    return row if row is not None and row.partnership_id == partnership.id else None


def indicator_kinds() -> Sequence[IndicatorKind]:
    return db.session.scalars(select(IndicatorKind).order_by(IndicatorKind.position)).all()
