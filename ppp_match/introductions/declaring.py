"""What a side declares before it can say yes, and what the forum decides on it."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from ppp_match import audit
from ppp_match.accounts.queries import members_of, related_to, staff_apart_from
from ppp_match.db import db, now, wait_for
from ppp_match.introductions import deadlines, telling
from ppp_match.introductions.models import Offer, OfferDeclaration
from ppp_match.introductions.operations import begin_answer, close_offer, lock_offer
from ppp_match.lifecycle import DECLARATION, NotPermitted, ReasonMissing, Refused, move
from ppp_match.listings.models import Listing
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.operations import block_for_conflict

LONGEST_WORDS = 2000
LONGEST_REASON = 600


def declare(offer: Offer, *, words: str, actor: Actor) -> OfferDeclaration:
    """Declare something before one's side says yes. The offer waits for the forum and does not expire meanwhile.

    A side declares once an offer. Raises NotPermitted for somebody of neither side; Refused: offer_closed,
    already_answered, already_declared, offer_expired, personal_interest, note_missing, note_too_long.
    """
    side = offer.side_of(actor.organisation_id)
    if side is None or not can(actor, "offer.answer", offer):
        raise NotPermitted("not_permitted", "offer.answer")
    begin_answer(offer, side, actor)
    if offer.declaration_of(side) is not None:
        raise Refused("already_declared", side)
    if offer.is_past:
        raise Refused("offer_expired")
    text = words.strip()
    if not text:
        raise Refused("note_missing")
    if len(text) > LONGEST_WORDS:
        raise Refused("note_too_long", str(len(text)))
    row = OfferDeclaration(offer=offer, side=side, words=text, by_id=actor.user_id)
    db.session.add(row)
    db.session.flush()
    audit.record("declaration.filed", row, actor=actor, fields=(side,), to_state="open")
    others = staff_apart_from(offer.party_ids)
    notify(others, "declaration.waiting", row, params=telling.params_of(offer))
    return row


def decide(row: OfferDeclaration, *, cleared: bool, reason: str, version: int, actor: Actor) -> None:
    """Say whether what was declared stands against the introduction, with a reason that the side is told.

    Cleared, the side can say yes, and has as many days for it as from the start. Barred, the offer ends and the pair
    is barred by a conflict of interest; both sides are told that it does not stand, never what was declared. Raises
    Refused: stale, offer_closed, note_too_long, and what lifecycle.move raises.
    """
    if not can(actor, "declaration.decide", row):
        raise NotPermitted("not_permitted", "declaration.decide")
    text = reason.strip()
    if not text:
        raise ReasonMissing("reason_missing", "cleared" if cleared else "barred")
    if len(text) > LONGEST_REASON:
        raise Refused("note_too_long")
    offer = row.offer
    lock_offer(offer)
    wait_for(row)
    if row.version != version or row.state != "open":
        raise Refused("stale")
    if offer.state != "open" or offer.match.state != "offered":
        raise Refused("offer_closed", offer.state)
    with db.session.no_autoflush:  # state, moment and reason change together, as the table demands
        row.reason, row.decided_by, row.decided_at = text, actor.user_id, now()
        move(DECLARATION, row, "cleared" if cleared else "barred", actor=actor, reason=text)
    if cleared:
        offer.expires_at = max(offer.expires_at, deadlines.end_of_offer(now()))
        db.session.flush()
        side = members_of(telling.organisation_of(offer, row.side))
        params = {**telling.params_of(offer), "reason": text, "expires_at": offer.expires_at.isoformat()}
        notify(side, "declaration.cleared", offer, params=params)
        return
    _bar(offer, actor=actor, note=text)


def _bar(offer: Offer, *, actor: Actor, note: str) -> None:
    block_for_conflict(offer.match, actor=actor, note=note)
    close_offer(offer, "withdrawn")
    audit.record(
        "offer.withdrawn", offer, actor=actor, from_state="open", to_state="withdrawn", reason="conflict"
    )
    telling.tell_ended(offer, "offer.barred")


def end_offers_of_related(organisation_ids: Collection[uuid.UUID]) -> int:
    """End the open offers between these organisations and those that are related to them. Returns how many."""
    related, ended = related_to(organisation_ids), 0
    need, capability = aliased(Listing), aliased(Listing)
    asked = (
        select(Offer)
        .join(Match, Match.id == Offer.match_id)
        .join(need, need.id == Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .where(
            Offer.state == "open",
            or_(need.organisation_id.in_(related), capability.organisation_id.in_(related)),
        )
        .order_by(Offer.number)
    )
    for offer in db.session.scalars(asked).all():
        city, company = offer.match.need.organisation_id, offer.match.capability.organisation_id
        if company not in related.get(city, ()) and city not in related.get(company, ()):
            continue
        lock_offer(offer)
        if offer.state == "open" and offer.match.state == "offered":
            _bar(offer, actor=SYSTEM, note="declared_relation")
            ended += 1
    return ended
