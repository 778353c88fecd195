"""Listings found by what they say: needs like a need, and both kinds for the words of a search."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppp_match.db import db
from ppp_match.listings.documents import TEXTS
from ppp_match.listings.models import Listing
from ppp_match.search.store import SearchResult, search, version_of

TEXT_READ = 1800  # characters of a listing that are enough to find its like
SIMILAR = 3  # as many as stand beside a need


@dataclass(frozen=True)
class Alike:
    """A published need that speaks of the same as another: its titles by language, the original first."""

    id: uuid.UUID
    titles: tuple[tuple[str, str], ...]

    def title(self, lang: str) -> tuple[str, str]:
        """(language, title) for a reader of `lang`."""
        return next((pair for pair in self.titles if pair[0] == lang), self.titles[0])


def similar_needs(listing: Listing) -> tuple[Alike, ...]:
    """Published needs that speak of the same as a need or draft, in either language, the closest first.

    For a published need the answer is kept until something published changes.
    """
    version = version_of("need")
    if listing.live is not None and version[0]:
        return _similar_to_published(listing.id, listing.live.id, version)
    return _similar(listing)


@lru_cache(maxsize=2000)
def _similar_to_published(
    listing_id: uuid.UUID, _revision_id: uuid.UUID, _version: tuple[int, str, bool]
) -> tuple[Alike, ...]:
    return _similar(db.session.get_one(Listing, listing_id))


def _similar(listing: Listing) -> tuple[Alike, ...]:
    shown = listing.shown
    words = " ".join(shown.text(field) for field in ("title", *TEXTS[listing.kind]))[:TEXT_READ]
    if not words.strip():
        return ()
    found = search("need", words, SIMILAR + 1)
    alike = published([one for one, _score in found.hits if one != listing.id][:SIMILAR])
    return tuple(
        Alike(one.id, tuple((lang, one.shown.text("title", lang)) for lang in one.shown.langs))
        for one in alike
    )


def found_listings(kind: str, words: str, top: int) -> tuple[list[Listing], SearchResult]:
    """Published listings of a kind for a search, best first, and what was also searched."""
    result = search(kind, words, top)
    return published([one for one, _score in result.hits]), result


def published(ids: list[uuid.UUID]) -> list[Listing]:
    """The published listings of these ids with their texts, in this order."""
    rows = db.session.scalars(
        select(Listing)
        .where(Listing.id.in_(ids), Listing.state == "published", Listing.not_suspended())
        .options(
            joinedload(Listing.live),
        )
    ).unique()
    found = {row.id: row for row in rows}
    return [found[one] for one in ids if one in found]
