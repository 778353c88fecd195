"""What happens to offers by the clock: they expire, they are remembered, they end when a listing leaves.

Each job reads from the database what is due, so that running it twice or late does no harm.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from ppp_match.db import db, now
from ppp_match.introductions import deadlines, operations
from ppp_match.introductions.models import Offer
from ppp_match.jobs import job
from ppp_match.listings.models import Listing
from ppp_match.permissions import SYSTEM
from ppp_match.recommendations.models import Match


@job("expire_offers", minutes=5)
def expire_offers() -> int:
    """Close the open offers whose date has passed or whose listing has left. Returns how many were closed."""
    closed = 0
    for offer_id in _left():
        operations.withdraw_offer(db.session.get_one(Offer, offer_id), actor=SYSTEM, reason="listing_left")
        closed += 1
    due = select(Offer.id).where(Offer.state == "open", Offer.expires_at <= now()).order_by(Offer.expires_at)
    for offer_id in db.session.scalars(due).all():
        closed += operations.expire(db.session.get_one(Offer, offer_id))
    return closed


def _left() -> Sequence[uuid.UUID]:
    need, capability = aliased(Listing), aliased(Listing)
    return db.session.scalars(
        select(Offer.id)
        .join(Match, Match.id == Offer.match_id)
        .join(need, need.id == Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .where(
            Offer.state == "open",
            or_(Match.state != "offered", need.state != "published", capability.state != "published"),
        )
    ).all()


@job("remind_offers", minutes=60)
def remind_offers() -> int:
    """Remind, once an offer and some days before it ends, the side that has not answered. Returns how many
    offers.

    An offer that is open for less than a day is left in peace: its first mail has just arrived.
    """
    moment = now()
    due = select(Offer.id).where(
        Offer.state == "open",
        Offer.reminded_at.is_(None),
        Offer.expires_at > moment,
        Offer.expires_at <= deadlines.reminded_if_ending_by(moment),
        Offer.created_at <= deadlines.a_day_before(moment),
    )
    return sum(
        operations.remind(db.session.get_one(Offer, offer_id)) for offer_id in db.session.scalars(due).all()
    )
