"""What of offers and introductions an actor may see, and what their pages show."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from ppp_match.accounts.models import Membership
from ppp_match.db import db
from ppp_match.introductions.models import SIDES, Introduction, Message, Offer, OfferAnswer, ReadMark
from ppp_match.listings.models import Listing
from ppp_match.permissions import STAFF, Actor
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.queries import with_text


def is_staff(actor: Actor) -> bool:
    """Whether the forum's own people look: they see facts, not the conversation."""
    return actor.staff_role in STAFF


def is_party(actor: Actor, subject: Any) -> bool:
    """Whether one of the actor's organisations is one of the two sides."""
    return bool(subject.party_ids & actor.organisation_ids)


def _sees(actor: Actor, match_id: InstrumentedAttribute[uuid.UUID]) -> ColumnElement[bool]:
    if is_staff(actor):
        return true()
    if not actor.organisation_ids:
        return false()
    mine = select(Listing.id).where(Listing.organisation_id.in_(actor.organisation_ids))
    pairs = select(Match.id).where(or_(Match.need_id.in_(mine), Match.capability_id.in_(mine)))
    return match_id.in_(pairs)


def visible_offers(actor: Actor) -> Select[Offer]:
    """Offers made to the actor's organisations; all of them for staff."""
    return select(Offer).where(_sees(actor, Offer.match_id)).options(selectinload(Offer.answers))


def visible_introductions(actor: Actor) -> Select[Introduction]:
    """Introductions of the actor's organisations; all of them for staff."""
    return select(Introduction).where(_sees(actor, Introduction.match_id))


def offer_of(offer_id: uuid.UUID, actor: Actor) -> Offer | None:
    return db.session.scalar(
        visible_offers(actor).where(Offer.id == offer_id).options(with_pair(Offer.match))
    )


def introduction_of(introduction_id: uuid.UUID, actor: Actor) -> Introduction | None:
    return db.session.scalar(
        visible_introductions(actor)
        .where(Introduction.id == introduction_id)
        .options(joinedload(Introduction.offer), with_pair(Introduction.match))
    )


def introduction_from(offer: Offer) -> Introduction | None:
    return db.session.scalar(select(Introduction).where(Introduction.offer_id == offer.id))


def with_pair(pair: InstrumentedAttribute[Match]) -> Any:
    """Loads what a row of a list shows of its pair, so that a page costs the same however long it is."""
    sides: list[Any] = [with_text(side) for side in SIDES]
    return joinedload(pair).options(*sides)


def offers_in(actor: Actor, view: str) -> Select[Offer]:
    """Offers for one of the tabs: waiting (open, soonest end first), answered or ended (newest first),
    all."""
    query = visible_offers(actor).options(with_pair(Offer.match))
    if view == "open":
        return query.where(Offer.state == "open").order_by(Offer.expires_at, Offer.id)
    if view in ("accepted", "declined"):
        query = query.where(Offer.state == view)
    elif view == "ended":
        query = query.where(Offer.state.in_(("expired", "withdrawn")))
    return query.order_by(Offer.created_at.desc(), Offer.id)


def count_by_state(actor: Actor) -> dict[str, int]:
    rows = db.session.execute(
        select(Offer.state, func.count()).where(_sees(actor, Offer.match_id)).group_by(Offer.state)
    )
    return {row[0]: row[1] for row in rows}


def introductions_newest(actor: Actor) -> Select[Introduction]:
    return (
        visible_introductions(actor)
        .options(joinedload(Introduction.offer), with_pair(Introduction.match))
        .order_by(Introduction.created_at.desc(), Introduction.id)
    )


def asked_side(offer: Offer, actor: Actor) -> str | None:
    """The side that waits for this actor's answer, acting for the organisation chosen."""
    side = offer.side_of(actor.organisation_id)
    return (
        side
        if side
        and offer.state == "open"
        and (offer.waits_for_the_forum or not offer.is_past)
        and offer.answer_of(side) is None
        else None
    )


def answers(offer: Offer) -> list[tuple[str, OfferAnswer | None]]:
    return [(side, offer.answer_of(side)) for side in SIDES]


def messages_of(introduction: Introduction) -> Select[Message]:
    """The messages of a conversation, oldest first."""
    return (
        select(Message)
        .where(Message.introduction_id == introduction.id)
        .order_by(Message.created_at, Message.id)
        .options(joinedload(Message.author), joinedload(Message.organisation))
    )


def unread_messages(introduction: Introduction, actor: Actor) -> int:
    """Messages of the other side that the actor has not marked as read."""
    return talks_of([introduction], actor)[introduction.id].unread


@dataclass(frozen=True)
class Talk:
    """A conversation in numbers: its messages, those that the actor has not read, when the last one came."""

    messages: int = 0
    unread: int = 0
    last_at: datetime | None = None


def talks_of(introductions: Iterable[Introduction], actor: Actor) -> dict[uuid.UUID, Talk]:
    """{introduction: its conversation in numbers}, in one statement for all of them."""
    read = (ReadMark.introduction_id == Message.introduction_id) & (ReadMark.user_id == actor.user_id)
    unread = Message.organisation_id.not_in(actor.organisation_ids) & (
        ReadMark.read_at.is_(None) | (Message.created_at > ReadMark.read_at)
    )
    ids = [one.id for one in introductions]
    rows = db.session.execute(
        select(
            Message.introduction_id,
            func.count(),
            func.sum(case((unread, 1), else_=0)),
            func.max(Message.created_at),
        )
        .outerjoin(ReadMark, read)
        .where(Message.introduction_id.in_(ids))
        .group_by(Message.introduction_id)
    )
    found = {one: Talk(count, int(new or 0), last) for one, count, new, last in rows}
    return {one: found.get(one, Talk()) for one in ids}


def last_readings(introduction: Introduction) -> dict[uuid.UUID, datetime]:
    """{organisation: when one of its people last read}."""
    rows = db.session.execute(
        select(Membership.organisation_id, func.max(ReadMark.read_at))
        .join(Membership, Membership.user_id == ReadMark.user_id)
        .where(
            ReadMark.introduction_id == introduction.id,
            Membership.organisation_id.in_(introduction.party_ids),
        )
        .group_by(Membership.organisation_id)
    )
    return {row[0]: row[1] for row in rows}
