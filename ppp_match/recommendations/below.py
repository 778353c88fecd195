"""The capabilities below the cut of a need's list: ranked and explained like the stored pairs, but not stored.

A moderator who doubts the cut looks at the next of the ranking and may put a pair on the bench by hand.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from ppp_match.listings.documents import document_of
from ppp_match.listings.models import Listing
from ppp_match.matching import Need, RankedMatch
from ppp_match.recommendations.queries import in_order
from ppp_match.search.store import index_of

STEP = 20
MOST = 5 * STEP  # nobody reads further; a search finds what is wanted then


@dataclass(frozen=True)
class Below:
    """One capability below the cut: its place in the whole ranking and what the matcher says of the pair."""

    place: int
    capability: Listing
    found: RankedMatch


def below_cut(
    need: Listing, known: set[uuid.UUID], *, cut: int, count: int
) -> tuple[list[Below], list[Below]]:
    """(the next `count` of the ranking, what a rule blocks among them), without the pairs that are `known`."""
    document = document_of(need)
    assert isinstance(document, Need)  # noqa: S101  of the kind of its listing
    index = index_of("capability")
    top = cut + min(count, MOST)
    ranked = index.shortlist(document, top, explain=False)
    free = [one for one in ranked if not one.blocked]
    places = {one.id: place for place, one in enumerate(free, start=1)}
    wanted = {one.id for one in ranked if uuid.UUID(one.id) not in known}
    explained = index.shortlist(document, top, explain=wanted)
    listings = {
        str(row.id): row for row in in_order([uuid.UUID(one.id) for one in explained if one.id in wanted])
    }
    rows = [Below(places.get(one.id, 0), listings[one.id], one) for one in explained if one.id in listings]
    open_ = [row for row in rows if not row.found.blocked][:count]
    return open_, [row for row in rows if row.found.blocked][:count]
