"""What the pages of listings share: their blueprint, their addresses, and finding one's own listing."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, url_for

from ppp_match.listings import queries
from ppp_match.listings.models import Listing
from ppp_match.permissions import can
from ppp_match.web import current_actor, found_or_404

blueprint = Blueprint("listings", __name__)
PATH = "/<any(needs,capabilities):kind>"
KIND = {"needs": "need", "capabilities": "capability"}


def address_of(listing: Listing, endpoint: str = "listings.detail", **more: Any) -> str:
    return url_for(endpoint, kind=listing.path_kind, id=listing.id, **more)


def own_listing(kind: str, listing_id: uuid.UUID) -> Listing:
    """A listing of the organisation one acts for; anything else does not exist or is forbidden."""
    listing: Listing = found_or_404(queries.find(current_actor(), KIND[kind], listing_id))
    if not can(current_actor(), "listing.edit", listing):
        abort(403)
    return listing
