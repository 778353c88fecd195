"""Questions about teams: who belongs, what each person holds, invitations, handovers.

What a person holds are the needs and capabilities they are responsible for, with the offers that wait for an answer
and the conversations that hang on them: whoever takes a listing over takes those along.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from ppp_match.accounts.models import Membership, Organisation, SignInSession, User
from ppp_match.db import db, now
from ppp_match.introductions.models import Introduction, Offer, OfferAnswer
from ppp_match.listings.models import Listing
from ppp_match.permissions import STAFF, Actor
from ppp_match.recommendations.models import Match
from ppp_match.teams.models import Handover, HandoverItem, Invitation

OPEN_STATES = ("draft", "submitted", "in_review", "returned", "published")


def sees_team(actor: Actor, organisation_id: uuid.UUID) -> bool:
    """Members of the organisation, whichever they act for just now, and the forum's staff."""
    return organisation_id in actor.organisation_ids or actor.staff_role in STAFF


def team_of(organisation_id: uuid.UUID, actor: Actor) -> Organisation | None:
    """The organisation, if this actor may see who belongs to it."""
    return db.session.get(Organisation, organisation_id) if sees_team(actor, organisation_id) else None


@dataclass(frozen=True)
class Colleague:
    """One line of the team page."""

    person: User
    role: str
    since: datetime
    seen_at: datetime | None


def colleagues(organisation_id: uuid.UUID) -> list[Colleague]:
    """Everybody who belongs to it, owners first, with the day on which they were last signed in."""
    seen = (
        select(SignInSession.user_id, func.max(SignInSession.seen_at).label("at"))
        .group_by(SignInSession.user_id)
        .subquery()
    )
    rows = db.session.execute(
        select(User, Membership.role, Membership.joined_at, seen.c.at)
        .join(Membership, Membership.user_id == User.id)
        .outerjoin(seen, seen.c.user_id == User.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by((Membership.role == "owner").desc(), Membership.joined_at, User.id)
    )
    return [Colleague(*row) for row in rows]


def member_of(organisation_id: uuid.UUID, person_id: uuid.UUID) -> User | None:
    """A person who belongs to the organisation."""
    return db.session.scalar(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id, User.id == person_id)
    )


# --- what a person holds -----------------------------------------------------------------------------------------


@dataclass
class Item:
    """A listing that somebody is responsible for, with what hangs on it."""

    listing: Listing
    offers: list[Offer] = field(default_factory=list)
    conversations: list[Introduction] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do: it is on its way or public, asked about, or in conversation."""
        return self.listing.state in OPEN_STATES or bool(self.offers or self.conversations)


def items_of(organisation_id: uuid.UUID, person_id: uuid.UUID | None = None) -> list[Item]:
    """What the organisation's people (or one of them) are responsible for; six queries, however much it is."""
    wanted = select(Listing).where(Listing.organisation_id == organisation_id)
    if person_id is not None:
        wanted = wanted.where(Listing.responsible_id == person_id)
    items = {
        listing.id: Item(listing)
        for listing in db.session.scalars(
            wanted.order_by(Listing.kind.desc(), Listing.number).options(
                joinedload(Listing.live),
                joinedload(Listing.working),
            )
        )
    }
    for offer in _unanswered(organisation_id):
        for listing_id in (offer.match.need_id, offer.match.capability_id):
            if listing_id in items:
                items[listing_id].offers.append(offer)
    for introduction in _conversations(organisation_id):
        for listing_id in (introduction.match.need_id, introduction.match.capability_id):
            if listing_id in items:
                items[listing_id].conversations.append(introduction)
    return list(items.values())


def readable(items: list[Item], actor: Actor) -> list[Item]:
    """Those whose listing the actor may see: staff see no drafts of an organisation."""
    return [
        item
        for item in items
        if item.listing.organisation_id in actor.organisation_ids or item.listing.state != "draft"
    ]


def open_items(organisation_id: uuid.UUID, person_id: uuid.UUID) -> list[Item]:
    return [item for item in items_of(organisation_id, person_id) if item.is_open]


def _unanswered(organisation_id: uuid.UUID) -> list[Offer]:
    """Open offers to which the organisation has not given its answer."""
    need, capability = aliased(Listing), aliased(Listing)
    answered = exists().where(
        OfferAnswer.offer_id == Offer.id,
        or_(
            (need.organisation_id == organisation_id) & (OfferAnswer.side == "need"),
            (capability.organisation_id == organisation_id) & (OfferAnswer.side == "capability"),
        ),
    )
    return list(
        db.session.scalars(
            select(Offer)
            .join(Match, Match.id == Offer.match_id)
            .join(need, need.id == Match.need_id)
            .join(capability, capability.id == Match.capability_id)
            .where(
                Offer.state == "open",
                or_(need.organisation_id == organisation_id, capability.organisation_id == organisation_id),
                ~answered,
            )
            .order_by(Offer.expires_at, Offer.id)
            .options(joinedload(Offer.match))
        )
    )


def _conversations(organisation_id: uuid.UUID) -> list[Introduction]:
    need, capability = aliased(Listing), aliased(Listing)
    return list(
        db.session.scalars(
            select(Introduction)
            .join(Match, Match.id == Introduction.match_id)
            .join(need, need.id == Match.need_id)
            .join(capability, capability.id == Match.capability_id)
            .where(
                or_(need.organisation_id == organisation_id, capability.organisation_id == organisation_id)
            )
            .order_by(Introduction.number)
            .options(joinedload(Introduction.match))
        )
    )


# --- invitations -------------------------------------------------------------------------------------------------


def digest_of(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_by(token: str) -> Invitation | None:
    """The invitation whose newest link has that token."""
    return db.session.scalar(
        select(Invitation)
        .where(Invitation.token_hash == digest_of(token))
        .options(joinedload(Invitation.inviter))
    )


def invitation_in(organisation_id: uuid.UUID, invitation_id: uuid.UUID) -> Invitation | None:
    return db.session.scalar(
        select(Invitation).where(
            Invitation.id == invitation_id, Invitation.organisation_id == organisation_id
        )
    )


def shown_invitations(organisation_id: uuid.UUID) -> list[Invitation]:
    """Those that wait, and those declined of which the owners have not long known; newest first."""
    return list(
        db.session.scalars(
            select(Invitation)
            .where(
                Invitation.organisation_id == organisation_id,
                or_(
                    Invitation.state == "pending",
                    (Invitation.state == "declined") & (Invitation.expires_at > now()),
                ),
            )
            .order_by(Invitation.sent_at.desc(), Invitation.id)
            .options(joinedload(Invitation.inviter))
            .limit(200)
        )
    )


# --- handovers ---------------------------------------------------------------------------------------------------


def handover_of(handover_id: uuid.UUID, actor: Actor) -> Handover | None:
    """A handover, if the actor belongs to its organisation or is of the staff."""
    found = db.session.scalar(
        select(Handover)
        .where(Handover.id == handover_id)
        .options(joinedload(Handover.giver), joinedload(Handover.taker), joinedload(Handover.by))
    )
    return found if found is not None and sees_team(actor, found.organisation_id) else None


def items_in(handover: Handover) -> list[Item]:
    """What changed hands, with what hangs on each now."""
    wanted = select(HandoverItem.listing_id).where(HandoverItem.handover_id == handover.id)
    moved = set(db.session.scalars(wanted))
    return [item for item in items_of(handover.organisation_id) if item.listing.id in moved]


def handovers_of_listing(listing_id: uuid.UUID) -> list[Handover]:
    """Whose it was before, the newest first."""
    return list(
        db.session.scalars(
            select(Handover)
            .join(HandoverItem, HandoverItem.handover_id == Handover.id)
            .where(HandoverItem.listing_id == listing_id)
            .order_by(Handover.at.desc())
            .options(joinedload(Handover.giver), joinedload(Handover.taker))
            .limit(20)
        )
    )


def recent_handovers(organisation_id: uuid.UUID) -> list[Handover]:
    return list(
        db.session.scalars(
            select(Handover)
            .where(Handover.organisation_id == organisation_id)
            .order_by(Handover.at.desc())
            .options(joinedload(Handover.giver), joinedload(Handover.taker), selectinload(Handover.items))
            .limit(10)
        )
    )
