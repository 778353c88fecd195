"""Companies that together cover what a need asks, where none does alone: who is looked at, and who covers what.

What lives here: the choice of candidates and rows for a page. The choice among pairs stands in `matching/consortia.py`.
Nothing is stored: like the grid of evidence, a suggestion speaks of the texts that are published now. It is worked out
once for each state of what is published, since it compares some twenty companies with every requirement. Both texts
are read as they were written, so that every reader sees the same suggestions.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import OrganisationRelation
from ppp_match.db import db
from ppp_match.listings.documents import document_of, published_documents
from ppp_match.listings.models import Listing
from ppp_match.matching import Capability, Need
from ppp_match.matching.consortia import Partner, Together, pairs_that_cover
from ppp_match.matching.evidence import Asked, Row
from ppp_match.matching.rules import blocked
from ppp_match.matching.score import facets
from ppp_match.recommendations.grid import asked_of, passages_of, rules_between
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.queries import in_order
from ppp_match.search.store import index_of, version_of

OF_THE_LIST = 12  # the best of the need's stored pairs
PER_GAP = 3  # companies looked up for each requirement that the best one leaves open
GAPS = 6
RELEVANT = 0.4  # of the best score, for a company outside the need's sub-sectors
DEPTH = 200  # how far down the ranking a company's score is known
OF_ONE_GROUP = (
    "owner",
    "subsidiary",
    "affiliate",
)  # two companies of one owner are affiliated, though neither says so
TURNED_DOWN = ("rejected", "declined", "conflict_blocked", "withdrawn")
_KEPT = 64

_known: dict[uuid.UUID, tuple[Any, list[Together]]] = {}


@dataclass(frozen=True)
class Company:
    """One partner of a suggestion: its capability and the pair on the bench, if there is one."""

    capability: Listing
    match: Match | None


@dataclass(frozen=True)
class Requirement:
    """One requirement and which of the two shows evidence of it."""

    asked: Asked
    first: Row
    second: Row

    @property
    def covered(self) -> bool:
        return "found" in (self.first.status, self.second.status)


@dataclass(frozen=True)
class Suggestion:
    """Two companies for one need, requirement by requirement."""

    first: Company
    second: Company
    together: Together
    requirements: list[Requirement]

    @property
    def found(self) -> int:
        return sum(one.covered for one in self.requirements)

    @property
    def companies(self) -> tuple[Company, Company]:
        return self.first, self.second


def consortia_of(need: Listing) -> list[Suggestion]:
    """Pairs of companies for a published need, best first; empty where one covers all, or no two cover more."""
    pairs = _pairs(need)
    ids = {uuid.UUID(partner.id) for two in pairs for partner in (two.first, two.second)}
    listings = {str(row.id): row for row in in_order(list(ids))}
    matches = {
        str(match.capability_id): match
        for match in db.session.scalars(
            select(Match).where(
                Match.need_id == need.id, Match.capability_id.in_(ids), Match.state != "withdrawn"
            )
        )
    }
    found = []
    for two in pairs:
        if two.first.id in listings and two.second.id in listings:
            first, second = (
                Company(listings[one.id], matches.get(one.id)) for one in (two.first, two.second)
            )
            rows = [
                Requirement(one.asked, one, other)
                for one, other in zip(two.first.rows, two.second.rows, strict=True)
                if not one.asked.stated and one.asked.kind != "exclusion"
            ]
            found.append(Suggestion(first, second, two, rows))
    return found


def _pairs(need: Listing) -> list[Together]:
    turned_down = {
        str(one)
        for one in db.session.scalars(
            select(Match.capability_id).where(Match.need_id == need.id, Match.state.in_(TURNED_DOWN))
        )
    }
    relations = _relations()
    version = (version_of("capability"), need.live_revision_id, frozenset(turned_down), relations)
    kept = _known.get(need.id)
    unseen = db.session.info.get("index_changed")  # by others: this transaction may still be rolled back
    if kept is not None and kept[0] == version and not unseen:
        return kept[1]
    document = document_of(need)
    assert isinstance(document, Need)  # noqa: S101  of the kind of its listing
    index = index_of("capability")
    ranked = index.shortlist(document, DEPTH, explain=False)
    scores = {one.id: one.score for one in ranked if not one.blocked and one.id not in turned_down}
    groups = groups_of((one, other) for one, other, kind in relations if kind in OF_ONE_GROUP)
    partners = _partners(need, document, list(scores)[:OF_THE_LIST], scores, groups)
    if partners:
        known = {one.id for one in partners} | turned_down
        more = dict.fromkeys(
            hit
            for text in _left_open(max(partners, key=lambda one: (len(one.covered), one.score)))
            for hit, _score in index.search(text, PER_GAP).hits
            if hit not in known
        )
        partners += _partners(need, document, list(more), scores, groups)
    pairs = pairs_that_cover(str(need.id), partners)
    if not unseen:
        if len(_known) >= _KEPT:
            _known.clear()
        _known[need.id] = (version, pairs)
    return pairs


def _left_open(partner: Partner) -> list[str]:
    """The first requirements that a partner shows no evidence of, in the need's words."""
    return [
        row.asked.text
        for at, row in enumerate(partner.rows)
        if row.asked.kind == "requirement" and at not in partner.covered
    ][:GAPS]


def _relations() -> frozenset[tuple[str, str, str]]:
    """Every declared relation: (one organisation, the other, what kind)."""
    rows = db.session.execute(
        select(
            OrganisationRelation.organisation_id,
            OrganisationRelation.related_id,
            OrganisationRelation.outside_key,  # one that is not in the forum stands under its name
            OrganisationRelation.kind,
        ).where(OrganisationRelation.state != "ended")
    )
    return frozenset((str(one), str(other or outside), kind) for one, other, outside, kind in rows)


def groups_of(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """{organisation: all that hang together with it through these pairs, itself among them}."""
    groups: dict[str, set[str]] = {}
    for one, other in pairs:
        joined = groups.get(one, {one}) | groups.get(other, {other})
        for member in joined:
            groups[member] = joined
    return {member: frozenset(group) for member, group in groups.items()}


def _partners(
    need: Listing,
    document: Need,
    ids: list[str],
    scores: Mapping[str, float],
    groups: Mapping[str, frozenset[str]],
) -> list[Partner]:
    """Those of the companies that no rule blocks and that work in the need's field, with their evidence.

    A sentence of another field may share the words of one requirement ("within 24 hours") and prove nothing.
    """
    wanted = [uuid.UUID(one) for one in ids]
    documents = {one.id: one for one in published_documents("capability", wanted)}
    index = index_of("capability")
    found = []
    for listing in in_order(wanted):
        offered = documents.get(str(listing.id))
        if not isinstance(offered, Capability) or blocked(document, offered):
            continue
        same_field = facets(document)["subsector"] & facets(offered)["subsector"]
        if not same_field and scores.get(offered.id, 0.0) < RELEVANT * max(scores.values(), default=0.0):
            continue
        asked = asked_of(need.shown, rules_between(need.shown, listing.shown), need.shown.lang)
        rows = index.evidence(asked, passages_of(listing.shown, listing.shown.lang))
        related = frozenset(offered.affiliated) | groups.get(str(offered.organisation), frozenset())
        found.append(
            Partner(offered.id, rows, scores.get(offered.id, 0.0), str(offered.organisation), related)
        )
    return found
