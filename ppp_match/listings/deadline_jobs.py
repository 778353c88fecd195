"""What happens to listings by the clock: a need whose closing date has passed closes by itself."""

from __future__ import annotations

from sqlalchemy import select

from ppp_match.db import db, today
from ppp_match.jobs import job
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.operations import close_listing
from ppp_match.permissions import SYSTEM


@job("expire_listings", minutes=60)
def expire_listings() -> int:
    """Close the published needs whose last day for answers is over. Returns how many were closed."""
    past = db.session.scalars(
        select(Listing)
        .join(Revision, Revision.id == Listing.live_revision_id)
        .where(Listing.kind == "need", Listing.state == "published", Revision.response_until < today())
        .order_by(Listing.number)
    ).all()
    for need in past:
        close_listing(
            need, close_reason="expired", reason="The last day for answers has passed.", actor=SYSTEM
        )
    return len(past)
