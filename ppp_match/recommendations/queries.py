"""Reading matches: the candidates of a bench, what a vendor may know of its own pairs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import aliased, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from ppp_match.db import db
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.queries import PUBLIC_STATES
from ppp_match.permissions import STAFF, Actor
from ppp_match.recommendations.models import Interest, Match, MatchDecision

ASKED = ("offered", "declined", "expired", "introduced")  # states after both sides were asked
IN_REVIEW = ("suggested", "shortlisted", "on_hold", "approved")
# Conditions on a pair that somebody waits for; nobody does for one drawn by lot.
WAITS_FOR_REVIEW = (Match.state == "suggested", Match.blocked.is_(False), Match.origin != "lot")


@dataclass(frozen=True)
class Exposure:
    """How often a vendor's capabilities were suggested, and how often both sides were asked."""

    suggested: int = 0
    asked: int = 0
    ever: bool = False  # asked at all, pairs counted that a rule blocks by now


@dataclass(frozen=True)
class WeighedDecision:
    """A decision that stands, with how likely its pair was to be shown to who decided.

    `propensity` is 1 for what the matcher put on the list and what people asked for, and that of the draw for a pair
    by lot: learning weighs each by 1 / propensity.
    """

    decision: MatchDecision
    match: Match
    propensity: float


@dataclass(frozen=True)
class Counts:
    """What an owner may know of a listing's pairs before an offer: numbers, never names."""

    waiting: int
    asked: int
    introduced: int
    nothing_good: bool = False  # of a need: every candidate is unlikely to be a good answer


def with_text(side: str) -> ORMOption:
    """Load one side of a match with the texts and terms of its live revision."""
    return joinedload(getattr(Match, side)).options(
        joinedload(Listing.live),
    )


def pairs_of(listing: Listing) -> list[Match]:
    """The live pairs of a need (best first) or of a capability (highest score first), with the other side's text."""
    mine, other = (Match.need_id, "capability") if listing.kind == "need" else (Match.capability_id, "need")
    order = (Match.rank.is_(None), Match.rank) if listing.kind == "need" else ()
    return list(
        db.session.scalars(
            select(Match)
            .where(mine == listing.id, Match.state != "withdrawn")
            .options(joinedload(Match.interest))
            .options(with_text(other), joinedload(Match.need if listing.kind == "need" else Match.capability))
            .order_by(*order, Match.score.desc(), Match.id)
        ).unique()
    )


def decisions_of(match: Match) -> list[MatchDecision]:
    """What was decided on a pair, oldest first, with who did."""
    return list(
        db.session.scalars(
            select(MatchDecision)
            .where(MatchDecision.match_id == match.id)
            .options(joinedload(MatchDecision.by))
            .order_by(MatchDecision.at)
        )
    )


def decisions_with_propensity(since: datetime | None = None) -> list[WeighedDecision]:
    """What people decided on pairs and did not take back, oldest first; `since` keeps what is later."""
    undoing = aliased(MatchDecision)
    query = (
        select(MatchDecision, Match)
        .join(Match, Match.id == MatchDecision.match_id)
        .where(
            MatchDecision.by_id.is_not(None),
            MatchDecision.undoes_id.is_(None),
            ~exists().where(undoing.undoes_id == MatchDecision.id),
        )
        .order_by(MatchDecision.at, MatchDecision.id)
    )
    if since is not None:
        query = query.where(MatchDecision.at > since)
    return [
        WeighedDecision(decision, match, 1.0 if match.propensity is None else match.propensity)
        for decision, match in db.session.execute(query)
    ]


def revision_of(revision_id: uuid.UUID | None, listing: Listing) -> Revision:
    """The revision that an explanation speaks of, or the one shown now."""
    found = db.session.get(Revision, revision_id) if revision_id else None
    return found or listing.shown


def exposures_of(owners: Iterable[uuid.UUID]) -> dict[uuid.UUID, Exposure]:
    """{vendor: how often it stands in a list, and how often it was asked}, in one statement for all."""
    capability = aliased(Listing)
    asked = Match.state.in_(ASKED)
    listed = Match.blocked.is_(False) & (Match.state != "withdrawn") & Match.is_recommended()
    rows = db.session.execute(
        select(
            capability.organisation_id,
            func.sum(case((listed, 1), else_=0)),
            func.sum(case((listed & asked, 1), else_=0)),
            func.sum(case((asked, 1), else_=0)),
        )
        .join(Match, Match.capability_id == capability.id)
        .where(capability.organisation_id.in_(list(owners)))
        .group_by(capability.organisation_id)
    )
    return {owner: Exposure(int(often), int(times), bool(ever)) for owner, often, times, ever in rows}


def match_seen_by(actor: Actor, match_id: uuid.UUID) -> Match | None:
    """A pair with both texts, for who may see it.

    Staff see every pair; the city its own once both sides were asked; the company every pair of its own capability
    with a need that is public, since that compares its own text with one that everybody reads; one drawn by lot only
    once a moderator approved it.
    """
    match: Match | None = db.session.scalars(
        select(Match).where(Match.id == match_id).options(with_text("need"), with_text("capability"))
    ).first()
    if match is None or actor.staff_role in STAFF:
        return match
    own = actor.organisation_ids
    if match.capability.organisation_id in own and match.need.state in PUBLIC_STATES and match.recommended:
        return match
    return match if match.need.organisation_id in own and match.state in ASKED else None


def interests_of(organisation_id: uuid.UUID, need_id: uuid.UUID | None = None) -> list[Interest]:
    """The standing interests that an organisation expressed, newest first; in one need if given."""
    query = (
        select(Interest)
        .join(Listing, Listing.id == Interest.capability_id)
        .where(Listing.organisation_id == organisation_id, Interest.withdrawn_at.is_(None))
        .options(
            joinedload(Interest.match),
            joinedload(Interest.need).options(joinedload(Listing.live)),
            joinedload(Interest.capability).options(joinedload(Listing.live)),
        )
        .order_by(Interest.created_at.desc())
    )
    if need_id is not None:
        query = query.where(Interest.need_id == need_id)
    return list(db.session.scalars(query).unique())


def asked_pairs(organisation_id: uuid.UUID) -> list[Match]:
    """The pairs about which an organisation was asked, as need or as capability, newest first."""
    need, capability = aliased(Listing), aliased(Listing)
    return list(
        db.session.scalars(
            select(Match)
            .join(need, need.id == Match.need_id)
            .join(capability, capability.id == Match.capability_id)
            .where(
                Match.state.in_(ASKED),
                (need.organisation_id == organisation_id) | (capability.organisation_id == organisation_id),
            )
            .options(with_text("need"), with_text("capability"))
            .order_by(Match.decided_at.desc(), Match.id)
        ).unique()
    )


def published_capabilities(organisation_id: uuid.UUID) -> list[Listing]:
    """An organisation's capabilities that stand in public."""
    return list(
        db.session.scalars(
            select(Listing)
            .where(
                Listing.kind == "capability",
                Listing.state == "published",
                Listing.organisation_id == organisation_id,
            )
            .options(joinedload(Listing.live))
            .order_by(Listing.number)
        ).unique()
    )


def counts_of(listing: Listing) -> Counts:
    """How many pairs of a listing wait for review, were asked, were introduced."""
    side = Match.need_id if listing.kind == "need" else Match.capability_id
    row = db.session.execute(
        select(
            func.sum(case((Match.state.in_(IN_REVIEW) & Match.blocked.is_(False), 1), else_=0)),
            func.sum(case((Match.state.in_(ASKED), 1), else_=0)),
            func.sum(case((Match.state == "introduced", 1), else_=0)),
        ).where(side == listing.id, Match.is_recommended())
    ).one()
    waiting, asked, introduced = (int(value or 0) for value in row)
    return Counts(waiting, asked, introduced)


def in_order(ids: list[uuid.UUID]) -> list[Listing]:
    """Published listings with their texts, in the order of the ids."""
    found = {listing.id: listing for listing in _listings(ids) if listing.in_public}
    return [found[one] for one in ids if one in found]


def _listings(ids: Iterable[uuid.UUID]) -> list[Listing]:
    return list(
        db.session.scalars(
            select(Listing).where(Listing.id.in_(list(ids))).options(joinedload(Listing.live))
        ).unique()
    )
