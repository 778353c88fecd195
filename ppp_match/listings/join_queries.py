"""Joined needs and merges as pages show them: who may see which, and what the shares of a need add up to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from ppp_match.db import db
from ppp_match.listings.join_models import LIVE_JOINS, MergeProposal, NeedJoin
from ppp_match.listings.join_operations import OWN_STATES
from ppp_match.listings.models import Listing
from ppp_match.listings.queries import with_rows
from ppp_match.permissions import Actor


@dataclass(frozen=True)
class Demand:
    """What a need asks for together with the cities that joined it; `apart` is counted in other units."""

    cities: int
    quantity: Decimal | None
    unit: str
    beneficiaries: int | None
    apart: list[tuple[Decimal, str]] = field(default_factory=list)


def demand_of(need: Listing, joins: Sequence[NeedJoin]) -> Demand:
    """The lead's own figures and those of the agreed joins, added up. Other units are not mixed in."""
    shown = need.shown
    agreed = [join for join in joins if join.state == "agreed"]
    quantities = [shown.scale_value] if shown.scale_value is not None else []
    people = [shown.beneficiaries] if shown.beneficiaries is not None else []
    apart: dict[str, Decimal] = {}
    for join in agreed:
        if join.beneficiaries is not None:
            people.append(join.beneficiaries)
        if join.quantity is None:
            continue
        if join.unit.casefold() == shown.scale_unit.casefold():
            quantities.append(join.quantity)
        else:
            apart[join.unit] = apart.get(join.unit, Decimal(0)) + join.quantity
    return Demand(
        cities=1 + len(agreed),
        quantity=sum(quantities, Decimal(0)) if quantities else None,
        unit=shown.scale_unit,
        beneficiaries=sum(people) if people else None,
        apart=[(value, unit) for unit, value in sorted(apart.items())],
    )


def agreed_joins(need: Listing) -> list[NeedJoin]:
    """The cities that take part in a need, in the order they joined."""
    return list(
        db.session.scalars(
            select(NeedJoin)
            .where(NeedJoin.need_id == need.id, NeedJoin.state == "agreed")
            .order_by(NeedJoin.answered_at, NeedJoin.id)
        )
    )


def joins_between(need: Listing, actor: Actor) -> list[NeedJoin]:
    """What the actor's own organisation has to do with joining this need: requests to it, or its own."""
    if actor.organisation_id is None:
        return []
    wanted = select(NeedJoin).where(NeedJoin.need_id == need.id, NeedJoin.state.in_(LIVE_JOINS))
    if actor.organisation_id != need.organisation_id:
        wanted = wanted.where(NeedJoin.organisation_id == actor.organisation_id)
    return list(db.session.scalars(wanted.order_by(NeedJoin.created_at, NeedJoin.id)))


def joins_of(organisation_id: uuid.UUID | None) -> list[NeedJoin]:
    """Every request that an organisation made or got, the newest first."""
    need = aliased(Listing)
    return list(
        db.session.scalars(
            select(NeedJoin)
            .join(need, need.id == NeedJoin.need_id)
            .where(or_(NeedJoin.organisation_id == organisation_id, need.organisation_id == organisation_id))
            .options(_need_text())
            .order_by(NeedJoin.created_at.desc(), NeedJoin.id)
            .limit(200)
        ).unique()
    )


def find_join(actor: Actor, join_id: uuid.UUID) -> NeedJoin | None:
    """The request, if it concerns one of the actor's organisations or the actor is staff."""
    need = aliased(Listing)
    wanted = (
        select(NeedJoin)
        .join(need, need.id == NeedJoin.need_id)
        .where(NeedJoin.id == join_id)
        .options(_need_text(), joinedload(NeedJoin.own_need))
    )
    if actor.staff_role is None and not actor.is_system:
        wanted = wanted.where(_concerns(actor, NeedJoin.organisation_id, need.organisation_id))
    return db.session.scalars(wanted).unique().first()


def find_proposal(actor: Actor, proposal_id: uuid.UUID) -> MergeProposal | None:
    """The proposal, if it concerns one of the actor's organisations or the actor is staff."""
    source, target = aliased(Listing), aliased(Listing)
    wanted = (
        select(MergeProposal)
        .join(source, source.id == MergeProposal.source_id)
        .join(target, target.id == MergeProposal.target_id)
        .where(MergeProposal.id == proposal_id)
        .options(*_both())
    )
    if actor.staff_role is None and not actor.is_system:
        wanted = wanted.where(_concerns(actor, source.organisation_id, target.organisation_id))
    return db.session.scalars(wanted).unique().first()


def proposals_of(listing: Listing) -> list[MergeProposal]:
    """Open proposals that name a listing on either side."""
    return list(
        db.session.scalars(
            select(MergeProposal)
            .where(
                MergeProposal.state == "proposed",
                or_(MergeProposal.source_id == listing.id, MergeProposal.target_id == listing.id),
            )
            .options(*_both())
            .order_by(MergeProposal.created_at)
        ).unique()
    )


def all_proposals() -> list[MergeProposal]:
    """What was proposed to be merged: what waits first, then the newest."""
    return list(
        db.session.scalars(
            select(MergeProposal)
            .options(*_both())
            .order_by(MergeProposal.state != "proposed", MergeProposal.created_at.desc(), MergeProposal.id)
            .limit(200)
        ).unique()
    )


def merged_into(listing: Listing) -> list[Listing]:
    """What was published once and was merged into this listing, the last first."""
    return list(
        db.session.scalars(
            select(Listing)
            .where(Listing.merged_into_id == listing.id, Listing.close_reason == "merged")
            .order_by(Listing.ended_at.desc(), Listing.number)
        )
    )


def own_needs(organisation_id: uuid.UUID | None) -> list[Listing]:
    """The needs that a city might bring along when it joins another: its own that have not ended."""
    return list(
        db.session.scalars(
            select(Listing)
            .where(
                Listing.organisation_id == organisation_id,
                Listing.kind == "need",
                Listing.state.in_(OWN_STATES),
            )
            .options(*with_rows())
            .order_by(Listing.number.desc())
            .limit(100)
        )
    )


def by_number(kind: str, number: int) -> Listing | None:
    """The published listing of that number."""
    found: Listing | None = db.session.scalars(
        select(Listing)
        .where(Listing.kind == kind, Listing.number == number, Listing.state == "published")
        .options(*with_rows())
    ).first()
    return found


def _need_text() -> ORMOption:
    return joinedload(NeedJoin.need).joinedload(Listing.live)


def _both() -> tuple[ORMOption, ...]:
    return (
        joinedload(MergeProposal.source).joinedload(Listing.live),
        joinedload(MergeProposal.target).joinedload(Listing.live),
    )


def _concerns(actor: Actor, *columns: InstrumentedAttribute[uuid.UUID]) -> ColumnElement[bool]:
    return or_(*(column.in_(actor.organisation_ids) for column in columns))
