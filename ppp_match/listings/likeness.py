"""What else speaks of the same as a listing: its owner's own texts, and published needs of other cities.

What lives here: whom to compare, and the answer as rows for pages. The comparison itself is the matcher's
(`matching/likeness.py`), over the open index, which knows what is published; own drafts are read by the same
analyser and enter no index.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, or_, select

from ppp_match.db import db
from ppp_match.listings.documents import TEXTS, to_capability, to_need
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.queries import with_rows
from ppp_match.listings.queries_similar import TEXT_READ
from ppp_match.matching import Capability, Likeness, Need, SharedTerm
from ppp_match.search.store import index_of, search

GONE = ("withdrawn", "rejected")
OTHERS_READ = 12  # the closest in the index that are compared in full
OWN_READ = 60  # the last changed of one's own
SHOWN = 6
TERMS_SHOWN = 5


@dataclass(frozen=True)
class Alike:
    """A listing that is like another one, and why."""

    listing: Listing
    revision: Revision
    likeness: Likeness
    same_place: bool

    @property
    def verdict(self) -> str:
        return self.likeness.verdict

    @property
    def terms(self) -> tuple[SharedTerm, ...]:
        """The weightiest terms that both have; one that lies inside a longer one is not said again."""
        kept: list[SharedTerm] = []
        for term in self.likeness.terms:
            words = f" {term.one.casefold()} "
            if not any(words in f" {one.one.casefold()} " for one in kept):
                kept.append(term)
        return tuple(kept[:TERMS_SHOWN])


@dataclass(frozen=True)
class Found:
    """What is like a listing: one's own texts and other cities' needs, the likest first."""

    own: list[Alike]
    others: list[Alike]

    def __bool__(self) -> bool:
        return bool(self.own or self.others)


def like(listing: Listing, *, drafts: bool) -> Found:
    """What is like the text that its owner edits. `drafts`: the reader may see the owner's drafts.

    Of capabilities only the owner's own are compared: two companies may well offer the same.
    """
    near = _near(listing) if listing.kind == "need" else []
    rows = db.session.scalars(
        select(Listing)
        .where(
            or_(
                Listing.id.in_(_own(listing, drafts=drafts)),
                and_(
                    Listing.id.in_(near),
                    Listing.state == "published",
                    Listing.organisation_id != listing.organisation_id,
                ),
            )
        )
        .options(*with_rows())
    ).all()
    own = [row for row in rows if row.organisation_id == listing.organisation_id]
    others = [row for row in rows if row.organisation_id != listing.organisation_id]
    return Found(
        _compared(listing, [(row, row.edited) for row in own]),
        _compared(listing, [(row, row.shown) for row in others]),
    )


def _own(listing: Listing, *, drafts: bool) -> Select[Any]:
    """Identifiers of the owner's other listings of the kind, the last changed of them."""
    hidden = GONE if drafts else (*GONE, "draft")
    return (
        select(Listing.id)
        .where(
            Listing.organisation_id == listing.organisation_id,
            Listing.kind == listing.kind,
            Listing.id != listing.id,
            Listing.state.not_in(hidden),
            Listing.merged_into_id.is_(None),
        )
        .order_by(Listing.changed_at.desc(), Listing.id)
        .limit(OWN_READ)
        .correlate(None)
    )


def _near(listing: Listing) -> list[uuid.UUID]:
    """Published needs that the index finds by a need's words."""
    said = listing.edited
    words = " ".join(said.text(field) for field in ("title", *TEXTS[listing.kind]))[:TEXT_READ]
    if not words.strip():
        return []
    return [one for one, _score in search("need", words, OTHERS_READ).hits]


def _compared(listing: Listing, rows: Iterable[tuple[Listing, Revision]]) -> list[Alike]:
    index = index_of(listing.kind)
    document = _document(listing, listing.edited)
    found = [
        Alike(row, said, index.likeness(document, _document(row, said)), _same_place(listing, row, said))
        for row, said in rows
    ]
    alike = [one for one in found if one.verdict]
    return sorted(alike, key=lambda one: (-one.likeness.score, one.listing.number))[:SHOWN]


def _document(listing: Listing, said: Revision) -> Need | Capability:
    return (to_need if listing.kind == "need" else to_capability)(listing, revision=said)


def _same_place(listing: Listing, other: Listing, said: Revision) -> bool:
    """Whether both are about one city; of a need that hides its city nothing is said."""
    if listing.kind != "need" or (said.anonymous and other.organisation_id != listing.organisation_id):
        return False
    place: uuid.UUID | None = listing.edited.city_id
    return place is not None and place == said.city_id
