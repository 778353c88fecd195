"""How a company's capability stands to the published needs near it: suggested, in review, barred and why, below the cut.

What lives here: the needs worth showing, the result of each in the words that a company may read, how many others of
which size there are. A moderator's short list and hold are both "in review" here; scores, notes and names of others
never leave the forum. Places are given as bands, since the place itself would be a ranking of bidders.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from ppp_match.accounts.models import SIZE_BANDS, Organisation
from ppp_match.db import db
from ppp_match.listings.documents import document_of
from ppp_match.listings.models import Listing, Revision, RevisionTerm
from ppp_match.matching import Capability, Need
from ppp_match.matching.rules import check
from ppp_match.recommendations import queries
from ppp_match.recommendations.grid import gaps_between
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.remedies import barred_by, barred_by_a_person
from ppp_match.recommendations.sentences import neutral_reason
from ppp_match.search.store import index_of
from ppp_match.vocabularies import term_name

RESULTS = ("introduced", "asked", "in_review", "suggested", "not_taken", "barred", "below")
NEAR = 60  # needs that the capability ranks best for
OF_SECTOR = 400  # newest needs of its sectors
PAGE = 10
MISSING_SHOWN = 4
FEW = 3  # smaller counts are not told
LOOKED_AT = 100  # places of a need's list that are told apart
IN_PLAY = ("suggested", "shortlisted", "on_hold", "approved", "offered", "declined", "expired", "introduced")


@dataclass(frozen=True)
class Standing:
    """One need and how the capability stands to it."""

    need: Listing
    result: str
    words: str
    match: Match | None = None
    barred: list[tuple[str, str, str]] = field(default_factory=list)
    band: str = ""
    missing: list[tuple[str, str | None]] = field(default_factory=list)
    denied: list[tuple[str, str | None]] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Standings:
    """One page of needs with a result, and how many there are of each result."""

    rows: list[Standing]
    counts: dict[str, int]
    page: int
    pages: int
    total: int


@dataclass(frozen=True)
class _Found:
    """A need before its texts are loaded."""

    need_id: uuid.UUID
    result: str
    match: Match | None
    rules: list[dict[str, Any]]


def standings_of(capability: Listing, *, result: str, page: int, lang: str) -> Standings:
    """The needs near a published capability; `result` keeps those of one result ("" keeps all)."""
    found = _found(capability)
    counts = {name: sum(one.result == name for one in found) for name in RESULTS}
    kept = [one for one in found if not result or one.result == result]
    pages = max(1, -(-len(kept) // PAGE))
    page = min(page, pages)
    shown = kept[(page - 1) * PAGE : page * PAGE]
    needs = {need.id: need for need in queries.in_order([one.need_id for one in shown])}
    others = others_by_size(needs, without=capability.organisation_id, lang=lang)
    rows = [
        _standing(one, needs[one.need_id], capability, others[one.need_id], lang)
        for one in shown
        if one.need_id in needs
    ]
    return Standings(rows, counts, page, pages, len(kept))


def others_by_size(
    need_ids: Collection[uuid.UUID], *, without: uuid.UUID | None, lang: str
) -> dict[uuid.UUID, list[tuple[str, str]]]:
    """{need: [(size of company, how many in words)]}: companies suggested, interested or asked for each need.

    Counts under three are not told apart from none, and there is no total, so that nobody can be worked out.
    """
    rows = db.session.execute(
        select(Match.need_id, Organisation.size_band, func.count(func.distinct(Organisation.id)))
        .join(Listing, Listing.id == Match.capability_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(
            Match.need_id.in_(list(need_ids)),
            Match.state.in_(IN_PLAY),
            Match.blocked.is_(False),
            Match.is_recommended(),
            Organisation.id != without if without else Organisation.id.is_not(None),
        )
        .group_by(Match.need_id, Organisation.size_band)
    ).all()
    counted = {(need_id, band): count for need_id, band, count in rows}
    return {
        need_id: [
            (term_name("size_band", band, lang), _count_words(counted.get((need_id, band), 0)))
            for band in SIZE_BANDS
        ]
        for need_id in need_ids
    }


def _count_words(count: int) -> str:
    return _("fewer than 3") if count < FEW else str(count)


def _found(capability: Listing) -> list[_Found]:
    offered = index_of("capability").documents.get(str(capability.id)) or document_of(capability)
    assert isinstance(offered, Capability)  # noqa: S101  of the kind of its listing
    index = index_of("need")
    matches = {match.need_id: match for match in _own_matches(capability)}
    ranked = [
        uuid.UUID(one.id) for one in index.rank(offered, NEAR, rules=False, explain=False) if one.score > 0
    ]
    place = {need_id: at for at, need_id in enumerate(ranked)}
    found = []
    for need_id in dict.fromkeys((*matches, *ranked, *_of_sectors(capability))):
        need = index.documents.get(str(need_id))
        if not isinstance(need, Need) or need.organisation == offered.organisation:
            continue
        match = matches.get(need_id)
        rules = (
            [one.as_json() for one in check(need, offered)] if match is None else match.explanation["rules"]
        )
        found.append(_Found(need_id, result_of(match, rules), match, rules))
    return sorted(
        found,
        key=lambda one: (RESULTS.index(one.result), place.get(one.need_id, NEAR), str(one.need_id)),
    )


def result_of(match: Match | None, rules: Iterable[dict[str, Any]]) -> str:
    """One of RESULTS, as a company may know it."""
    if match is None:
        return "barred" if any(rule["state"] == "no" for rule in rules) else "below"
    if match.blocked or match.state == "conflict_blocked":
        return "barred"
    return {
        "suggested": "suggested",
        "offered": "asked",
        "expired": "asked",
        "declined": "not_taken",
        "rejected": "not_taken",
        "introduced": "introduced",
    }.get(match.state, "in_review")


def result_name(result: str) -> str:
    """The heading of a result."""
    names = {
        "introduced": _("Introduced"),
        "asked": _("Both sides asked"),
        "in_review": _("In review"),
        "suggested": _("Suggested"),
        "not_taken": _("Not taken further"),
        "barred": _("Barred by a rule"),
        "below": _("Not among the suggestions"),
    }
    return names[result]


def _result_words(one: _Found) -> str:
    match = one.match
    if match is not None and match.state == "rejected":
        return _("A moderator did not take it further: %(reason)s.", reason=neutral_reason(match.reason_code))
    state = match.state if match is not None else ""
    by_state = {
        "expired": _("The offer expired without an answer of both sides; a moderator may ask again."),
        "declined": _("One of the two sides said no. The offer tells the reason."),
    }
    by_result = {
        "introduced": _("Both sides said yes; the conversation is open."),
        "asked": _("Both sides are asked whether they want to be introduced."),
        "in_review": _("A moderator has it in review."),
        "suggested": _("The software suggests it; a moderator has not decided yet."),
        "barred": _("A rule stands against it, whatever the texts say."),
        "below": _("Other capabilities share more with this need."),
    }
    return by_state.get(state) or by_result[one.result]


def _standing(
    one: _Found, need: Listing, capability: Listing, others: list[tuple[str, str]], lang: str
) -> Standing:
    barred = barred_by(one.rules, lang) if one.result == "barred" else []
    if one.result == "barred" and not barred:
        barred = [barred_by_a_person()]
    below = one.result == "below"
    gaps = gaps_between(need.shown, capability.shown, lang) if below else {"none": [], "counter": []}
    return Standing(
        need=need,
        result=one.result,
        words=_result_words(one),
        match=one.match,
        barred=barred,
        band=_band(need, capability) if below else "",
        missing=gaps["none"][:MISSING_SHOWN],
        denied=gaps["counter"][:MISSING_SHOWN],
        others=others,
    )


def _band(need: Listing, capability: Listing) -> str:
    """How far below the cut, as a band of places."""
    asked = index_of("need").documents.get(str(need.id))
    if asked is None:
        return ""
    ranked = [one.id for one in index_of("capability").rank(asked, LOOKED_AT, explain=False) if one.score > 0]
    cut = current_app.extensions["settings"].matches_per_need
    if str(capability.id) not in ranked:
        return _("far from the suggestions, or without a word in common")
    place = ranked.index(str(capability.id)) + 1
    if place <= cut:
        return _("close enough to be suggested; the list is renewed within minutes")
    if place <= 2 * cut:
        return _("close behind the suggestions")
    return _("some way behind the suggestions")


def _own_matches(capability: Listing) -> list[Match]:
    return list(
        db.session.scalars(
            select(Match)
            .join(Listing, Listing.id == Match.need_id)
            .where(
                Match.capability_id == capability.id,
                Match.state != "withdrawn",
                Match.is_recommended(),
                Listing.state == "published",
            )
        )
    )


def _of_sectors(capability: Listing) -> list[uuid.UUID]:
    """The newest published needs of the capability's sectors, sub-sectors counted to their sector."""
    heads = {code.split(".")[0] for code in capability.shown.codes("sector")}
    if not heads:
        return []
    shares = or_(*(RevisionTerm.code.startswith(head, autoescape=True) for head in sorted(heads)))
    return list(
        db.session.scalars(
            select(Listing.id)
            .join(Revision, Revision.id == Listing.live_revision_id)
            .join(RevisionTerm, RevisionTerm.revision_id == Revision.id)
            .where(
                Listing.kind == "need",
                Listing.state == "published",
                Listing.not_suspended(),
                RevisionTerm.vocabulary == "sector",
                shares,
            )
            .group_by(Listing.id, Listing.published_at)
            .order_by(Listing.published_at.desc(), Listing.id)
            .limit(OF_SECTOR)
        )
    )
