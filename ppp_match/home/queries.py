"""What the home pages list and the menu counts: what waits for an actor, what moved. Figures: `figures.py`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from ppp_match.accounts.models import User
from ppp_match.audit import AuditEvent
from ppp_match.db import UtcDateTime, db, now
from ppp_match.introductions.models import (
    Introduction,
    Message,
    Offer,
    OfferAnswer,
    OfferDeclaration,
    ReadMark,
)
from ppp_match.listings.join_models import MergeProposal, NeedJoin
from ppp_match.listings.models import Listing, ReferenceProject, Remark, Revision, RevisionTerm
from ppp_match.listings.models_addenda import Addendum
from ppp_match.notifications.models import Notification
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Interest, Match

SILENCE_SHOWN = timedelta(days=60)
EARLY_STAGES = ("identify", "screen", "appraise")
NO_MOMENT = cast(null(), UtcDateTime())  # PostgreSQL wants to know the type of every column of a union


def newest_needs(limit: int = 4) -> list[Listing]:
    """Published needs, newest first, with all that a row of the list shows."""
    return list(
        db.session.scalars(
            select(Listing)
            .where(Listing.kind == "need", Listing.state == "published", Listing.not_suspended())
            .order_by(Listing.published_at.desc(), Listing.id)
            .limit(limit)
            .options(joinedload(Listing.live))
        )
    )


def open_needs_by_sector() -> dict[str, int]:
    """{sector code: published needs in it or in one of its sub-sectors}; a need counts once a sector."""
    rows = db.session.execute(
        select(RevisionTerm.code, Listing.id)
        .join(Listing, Listing.live_revision_id == RevisionTerm.revision_id)
        .where(
            RevisionTerm.vocabulary == "sector",
            Listing.kind == "need",
            Listing.state == "published",
            Listing.not_suspended(),
        )
    ).all()
    seen = {(code.split(".")[0], listing_id) for code, listing_id in rows}
    counts: dict[str, int] = {}
    for sector, _listing in seen:
        counts[sector] = counts.get(sector, 0) + 1
    return counts


# Made once: the columns of a new alias take longer than the rest of the statements that every page asks.
_MINE = (aliased(Listing), aliased(Listing))
_ASKED = (aliased(Listing), aliased(Listing))


def my_matches(organisation_id: uuid.UUID | None):  # type: ignore[no-untyped-def]
    need, capability = _MINE
    return (
        select(Match.id)
        .join(need, need.id == Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .where(or_(need.organisation_id == organisation_id, capability.organisation_id == organisation_id))
    )


def unanswered_offers(organisation_id: uuid.UUID | None) -> Select[Offer]:
    need, capability = _ASKED
    mine = organisation_id

    def of_our_side(said: type[OfferAnswer] | type[OfferDeclaration]) -> ColumnElement[bool]:
        return and_(
            said.offer_id == Offer.id,
            or_(
                and_(need.organisation_id == mine, said.side == "need"),
                and_(capability.organisation_id == mine, said.side == "capability"),
            ),
        )

    answered = exists().where(of_our_side(OfferAnswer))
    with_the_forum = exists().where(of_our_side(OfferDeclaration), OfferDeclaration.state == "open")
    return (
        select(Offer)
        .join(Match, Match.id == Offer.match_id)
        .join(need, need.id == Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .where(
            Offer.state == "open",
            or_(need.organisation_id == mine, capability.organisation_id == mine),
            ~answered,
            ~with_the_forum,
        )
    )


def offers_waiting_for(actor: Actor) -> list[Offer]:
    """Open offers that the actor's organisation has not answered, the soonest to expire first."""
    return list(
        db.session.scalars(
            unanswered_offers(actor.organisation_id)
            .order_by(Offer.expires_at)
            .options(_need_title(Offer.match))
        )
    )


def _need_title(pair: InstrumentedAttribute[Match]) -> ORMOption:
    """Loads of a pair what a line in a list says: the need's title, and who on either side is responsible."""
    sides = (
        joinedload(side).options(joinedload(Listing.live), joinedload(Listing.responsible))
        for side in (Match.need, Match.capability)
    )
    return joinedload(pair).options(*sides)


def unread(actor: Actor, organisation_id: Any) -> ColumnElement[bool]:
    """Condition on Introduction: the side that is not this organisation wrote something that the actor has not read."""
    return exists().where(*_unread_messages(actor, organisation_id))


def _unread_messages(actor: Actor, organisation_id: Any) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Message, beside the Introduction of the statement around them."""
    read = (
        select(ReadMark.read_at)
        .where(ReadMark.introduction_id == Introduction.id, ReadMark.user_id == actor.user_id)
        .correlate(Introduction)
        .scalar_subquery()
    )
    return (
        Message.introduction_id == Introduction.id,
        Message.organisation_id != organisation_id,
        or_(read.is_(None), Message.created_at > read),
    )


def own_listings(actor: Actor) -> list[Listing]:
    """The organisation's listings that are still on their way or open, newest change first."""
    return list(
        db.session.scalars(
            select(Listing)
            .where(
                Listing.organisation_id == actor.organisation_id,
                Listing.state.in_(("draft", "submitted", "in_review", "returned", "published")),
            )
            .order_by(Listing.changed_at.desc())
            .options(
                joinedload(Listing.live),
                joinedload(Listing.working),
                joinedload(Listing.responsible),
            )
        )
    )


@dataclass
class Beside:
    """What stands beside one's own listing: its pairs by state, remarks, confirmed references, what waits for a word."""

    matches: dict[str, int] = field(default_factory=dict)
    remarks: int = 0
    confirmed: int = 0
    asks_to_join: int = 0  # cities that wait for an answer
    consents: int = 0  # merges that the forum proposed and somebody has to consent to
    addenda_back: int = 0  # addenda that a moderator returned
    since: dict[str, datetime] = field(
        default_factory=dict
    )  # {name of a count above: when the first one came}


def beside_of(listings: list[Listing]) -> dict[uuid.UUID, Beside]:
    """{listing id: what stands beside it}, in one statement for all."""
    ids = [listing.id for listing in listings]
    found = {listing_id: Beside() for listing_id in ids}
    pairs = [
        select(column, literal("matches").label("about"), Match.state, func.count(), NO_MOMENT)
        .where(column.in_(ids), Match.blocked.is_(False), Match.is_recommended())
        .group_by(column, Match.state)
        for column in (Match.need_id, Match.capability_id)
    ]
    remarks = (
        select(Remark.listing_id, literal("remarks"), literal(""), func.count(), func.min(Remark.created_at))
        .where(Remark.listing_id.in_(ids), Remark.resolved_at.is_(None))
        .group_by(Remark.listing_id)
    )
    confirmed = (
        select(ReferenceProject.listing_id, literal("confirmed"), literal(""), func.count(), NO_MOMENT)
        .where(ReferenceProject.listing_id.in_(ids), ReferenceProject.confirmation == "confirmed")
        .group_by(ReferenceProject.listing_id)
    )
    joins = (
        select(
            NeedJoin.need_id,
            literal("asks_to_join"),
            literal(""),
            func.count(),
            func.min(NeedJoin.created_at),
        )
        .where(NeedJoin.need_id.in_(ids), NeedJoin.state == "asked")
        .group_by(NeedJoin.need_id)
    )
    addenda = (
        select(
            Addendum.listing_id,
            literal("addenda_back"),
            literal(""),
            func.count(func.distinct(Addendum.id)),
            func.min(AuditEvent.at),
        )
        .join(
            AuditEvent,
            and_(AuditEvent.subject_id == Addendum.id, AuditEvent.action == "addendum.returned"),
        )
        .where(
            Addendum.listing_id.in_(ids),
            Addendum.state == "returned",
            AuditEvent.at >= Addendum.submitted_at,  # not an earlier round
        )
        .group_by(Addendum.listing_id)
    )
    questions: CompoundSelect[Any] = union_all(*pairs, remarks, confirmed, joins, *_consents(ids), addenda)
    for listing_id, about, state, number, since in db.session.execute(questions):
        beside = found[listing_id]
        if about == "matches":
            beside.matches[state] = number
            continue
        setattr(beside, about, getattr(beside, about) + number)
        if since is not None:
            beside.since[about] = min(since, beside.since.get(about, since))
    return found


def _consents(ids: list[uuid.UUID]) -> list[Any]:
    """Proposed merges that wait for the owner of one of these texts, whichever of the two it is."""
    source, target = aliased(Listing), aliased(Listing)
    sides = (
        (MergeProposal.source_id, MergeProposal.source_consent_at.is_(None)),
        (
            MergeProposal.target_id,
            and_(MergeProposal.target_consent_at.is_(None), source.organisation_id != target.organisation_id),
        ),
    )
    return [
        select(column, literal("consents"), literal(""), func.count(), func.min(MergeProposal.created_at))
        .join(source, source.id == MergeProposal.source_id)
        .join(target, target.id == MergeProposal.target_id)
        .where(column.in_(ids), MergeProposal.state == "proposed", waits)
        .group_by(column)
        for column, waits in sides
    ]


def newest_notices(actor: Actor, limit: int = 6) -> list[Notification]:
    return list(
        db.session.scalars(
            select(Notification)
            .where(Notification.user_id == actor.user_id)
            .order_by(Notification.created_at.desc())
            .limit(limit)
        )
    )


@dataclass(frozen=True)
class Talk:
    """An introduction that waits for a word: something unread from the other side, or nothing written by one's own.

    `since` is when the first unread message came, None where nothing is unread.
    """

    introduction: Introduction
    since: datetime | None

    @property
    def unread(self) -> bool:
        return self.since is not None


def talks_waiting(actor: Actor) -> list[Talk]:
    """Introductions with a message not read yet, and those of the last two months in which one's side is silent."""
    spoken = exists().where(
        Message.introduction_id == Introduction.id, Message.organisation_id == actor.organisation_id
    )
    waits = unread(actor, actor.organisation_id)
    first = (
        select(func.min(Message.created_at))
        .where(*_unread_messages(actor, actor.organisation_id))
        .correlate(Introduction)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Introduction, first)
        .where(
            Introduction.match_id.in_(my_matches(actor.organisation_id)),
            or_(waits, and_(Introduction.created_at >= now() - SILENCE_SHOWN, ~spoken)),
        )
        .order_by(Introduction.created_at.desc())
        .options(_need_title(Introduction.match))
    )
    return [Talk(introduction, since) for introduction, since in rows]


@dataclass(frozen=True)
class Act:
    """Something that a colleague did with a listing of one's organisation."""

    at: datetime
    person: str
    action: str
    listing: Listing


def acts_of_colleagues(actor: Actor, limit: int = 6) -> list[Act]:
    """What others of the organisation did lately with its listings, the newest first."""
    rows = db.session.execute(
        select(AuditEvent, User.name, Listing)
        .join(Listing, Listing.id == AuditEvent.subject_id)
        .join(User, User.id == AuditEvent.actor_id)
        .where(
            AuditEvent.organisation_id == actor.organisation_id,
            AuditEvent.actor_id != actor.user_id,
            AuditEvent.subject_type == "listing",
            Listing.organisation_id == actor.organisation_id,
        )
        .order_by(AuditEvent.seq.desc())
        .limit(limit)
        .options(joinedload(Listing.live), joinedload(Listing.working))
    )
    return [Act(event.at, name, event.action, listing) for event, name, listing in rows]


def early_needs(limit: int = 5) -> list[Listing]:
    """Published needs before procurement that name no source of funding, newest first: where help comes in."""
    funded = exists().where(
        RevisionTerm.revision_id == Revision.id, RevisionTerm.vocabulary == "funding_source"
    )
    return list(
        db.session.scalars(
            select(Listing)
            .join(Revision, Revision.id == Listing.live_revision_id)
            .where(
                Listing.kind == "need",
                Listing.state == "published",
                Listing.not_suspended(),
                Revision.stage.in_(EARLY_STAGES),
                ~funded,
            )
            .order_by(Listing.published_at.desc(), Listing.id)
            .limit(limit)
            .options(joinedload(Listing.live))
        )
    )


def own_interests(actor: Actor) -> list[Interest]:
    """The organisation's expressions of interest with what became of them, newest first."""
    capability = aliased(Listing)
    return list(
        db.session.scalars(
            select(Interest)
            .join(capability, capability.id == Interest.capability_id)
            .where(capability.organisation_id == actor.organisation_id)
            .order_by(Interest.created_at.desc())
            .limit(8)
            .options(joinedload(Interest.match), joinedload(Interest.need).joinedload(Listing.live))
        )
    )
