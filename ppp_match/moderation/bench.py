"""What the matching workbench shows: candidates, the open pair with marks and contributions, the moves to choose from.

What lives here: data for the templates. The pages and their forms stand in `workbench.py`, the decisions in
`recommendations/operations.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ppp_match import lifecycle
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.declarations.queries import across
from ppp_match.listings.models import Listing, Revision
from ppp_match.permissions import Actor, can
from ppp_match.recommendations import chances, marks, queries, sentences
from ppp_match.recommendations.models import Interest, Match, MatchDecision

# What the buttons of the decision bar do: verb -> state it leads to.
VERBS = {
    "approve": "approved",
    "shortlist": "shortlisted",
    "hold": "on_hold",
    "reject": "rejected",
    "reopen": "suggested",
    "ask_again": "offered",
}


@dataclass(frozen=True)
class Candidate:
    """One row of the list of candidates: the other side of a pair."""

    match: Match
    place: int
    title: str
    lang: str
    owner: str
    score: str
    width: float  # of its bar, of 100
    chance: chances.Chance | None  # None where a rule says no
    languages: str  # "vi → en"
    signs: tuple[int, int, int]  # rules met, unknown, not met
    why_blocked: list[str]
    tickable: bool  # one of those that can be decided together


@dataclass(frozen=True)
class Side:
    """One side of the open pair with its marked texts."""

    listing: Listing
    revision: Revision
    texts: list[marks.MarkedText]
    requirements: list[Markup]
    denied: list[Markup]  # what it does not offer, or does not want
    confirmed: int
    claimed: int
    pending: int
    refused: int


@dataclass(frozen=True)
class OpenPair:
    """The pair that is open on the bench."""

    match: Match
    need: Side
    capability: Side
    explained: sentences.Explained
    chance: chances.Chance | None
    interest: Interest | None
    people: list[DeclaredInterest]  # interests of people of one side in the other
    decisions: list[MatchDecision]
    exposure: queries.Exposure
    verbs: list[str]
    own: bool  # the moderator belongs to one of the sides
    outdated: bool  # one side's published text is newer than the explanation


@dataclass(frozen=True)
class Bench:
    """A listing with its candidates and the open pair, if there is any."""

    listing: Listing
    waiting: list[Candidate]
    by_lot: list[Candidate]  # drawn from below the cut, and not decided yet
    decided: list[Candidate]
    blocked: list[Candidate]
    pair: OpenPair | None
    never_asked: set[uuid.UUID]
    nothing_good: bool  # of a need: every candidate is unlikely to be a good answer

    @property
    def known(self) -> set[uuid.UUID]:
        """The other sides of all pairs that are stored."""
        rows = (*self.waiting, *self.by_lot, *self.decided, *self.blocked)
        need = self.listing.kind == "need"
        return {row.match.capability_id if need else row.match.need_id for row in rows}

    @property
    def count(self) -> int:
        return len(self.waiting) + len(self.by_lot) + len(self.decided) + len(self.blocked)

    @property
    def at(self) -> int | None:
        """Place of the open pair in the list."""
        rows = [*self.waiting, *self.by_lot, *self.decided, *self.blocked]
        return next((row.place for row in rows if self.pair and row.match.id == self.pair.match.id), None)


NEVER = queries.Exposure()
TICKED = ("suggested", "shortlisted", "on_hold")
UNDECIDED = ("suggested", "shortlisted", "on_hold", "approved")


def bench_of(listing: Listing, chosen: uuid.UUID | None, *, actor: Actor, lang: str) -> Bench:
    """All pairs of a listing; the chosen one is open, or else the first that waits."""
    matches = queries.pairs_of(listing)
    undecided = [m for m in matches if not m.blocked and m.state in UNDECIDED]
    drawn = [m for m in undecided if m.by_lot]
    open_ones = [m for m in undecided if not m.by_lot]
    decided = [m for m in matches if not m.blocked and m.state not in (*UNDECIDED, "conflict_blocked")]
    blocked = [m for m in matches if m.blocked or m.state == "conflict_blocked"]
    places = {
        match.id: place for place, match in enumerate((*open_ones, *drawn, *decided, *blocked), start=1)
    }
    best = max((match.score for match in matches), default=1.0) or 1.0
    picked = next((m for m in matches if m.id == chosen), None) or next(
        (m for m in (*open_ones, *drawn) if m.state == "suggested"),
        next(iter((*open_ones, *drawn, *decided, *blocked)), None),
    )

    owners = {match.capability.organisation_id for match in undecided} if listing.kind == "need" else set()
    known = queries.exposures_of(owners | ({picked.capability.organisation_id} if picked else set()))

    def rows(group: Sequence[Match]) -> list[Candidate]:
        return [_candidate(match, places[match.id], best, listing.kind, actor, lang) for match in group]

    return Bench(
        listing=listing,
        waiting=rows(open_ones),
        by_lot=rows(drawn),
        decided=rows(decided),
        blocked=rows(blocked),
        pair=_opened(picked, known, actor, lang) if picked else None,
        never_asked={
            match.id
            for match in undecided
            if match.capability.organisation_id in owners
            and not known.get(match.capability.organisation_id, NEVER).ever
        },
        nothing_good=chances.nothing_good(
            listing, [(m.state, m.blocked, m.explanation) for m in matches if m.recommended]
        ),
    )


def verbs_of(match: Match, actor: Actor) -> list[str]:
    """The moves that the actor may make with a pair just now."""
    found = []
    for verb, to in VERBS.items():
        again = match.state in ("declined", "expired")
        if (verb == "ask_again") == (again and to == "offered") and lifecycle.may_move(
            lifecycle.MATCH, match, to, actor=actor
        ):
            found.append(verb)
    return found


def next_pair(match: Match, side: str) -> Match | None:
    """The pair to look at after this one: the next of the same list that waits."""
    listing = match.need if side == "need" else match.capability
    waiting = [
        m for m in queries.pairs_of(listing) if m.state == "suggested" and not m.blocked and m.id != match.id
    ]
    return waiting[0] if waiting else None


def _candidate(match: Match, place: int, best: float, kind: str, actor: Actor, lang: str) -> Candidate:
    other = match.capability if kind == "need" else match.need
    shown = other.shown
    text_lang = shown.reading_lang(lang)
    rules: list[dict[str, Any]] = match.explanation["rules"]
    return Candidate(
        match=match,
        place=place,
        title=shown.text("title", text_lang),
        lang=text_lang,
        owner=other.organisation.name(lang),
        score=sentences.score_text(match.score),
        width=round(100 * match.score / best, 1),
        chance=chances.chance_of(match.explanation),
        languages=f"{match.need.shown.lang} → {match.capability.shown.lang}",
        signs=sentences.rule_signs(match.explanation),
        why_blocked=[sentences.rule_sentence(rule, lang) for rule in rules if rule["state"] == "no"],
        tickable=match.state in TICKED and not match.blocked and can(actor, "match.review", match),
    )


def _opened(match: Match, known: Mapping[uuid.UUID, queries.Exposure], actor: Actor, lang: str) -> OpenPair:
    explained = sentences.explained(match.explanation, lang)
    return OpenPair(
        match=match,
        need=_side(match.need, match.need_revision_id, explained),
        capability=_side(match.capability, match.capability_revision_id, explained),
        explained=explained,
        chance=chances.chance_of(match.explanation),
        interest=match.interest,
        people=across(match.need.organisation_id, match.capability.organisation_id),
        decisions=queries.decisions_of(match),
        exposure=known.get(match.capability.organisation_id, NEVER),
        verbs=verbs_of(match, actor),
        own=bool(match.party_ids & actor.conflicting_ids),
        outdated=match.refuse_unchanged() is None and match.state != "rejected",
    )


def _side(listing: Listing, revision_id: uuid.UUID | None, explained: sentences.Explained) -> Side:
    revision = queries.revision_of(revision_id, listing)
    confirmations = [row.confirmation for row in listing.references]
    return Side(
        listing=listing,
        revision=revision,
        texts=marks.marked_texts(revision, listing.kind, explained.terms, explained.unanswered),
        requirements=marks.marked_lines(revision.lines("requirements"), explained.unanswered),
        denied=[
            marks.denied_in(line, listing.kind, explained.terms)
            for line in revision.lines("not_offered" if listing.kind == "capability" else "exclusions")
        ],
        confirmed=confirmations.count("confirmed"),
        claimed=len(confirmations) - confirmations.count("confirmed"),
        pending=confirmations.count("asked"),
        refused=confirmations.count("denied"),
    )
