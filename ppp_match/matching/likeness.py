"""How alike two documents of one kind are: two needs, or two capabilities of one company.

Here: `Likeness`, `compare`, and the bars that tell "the same" and "similar" from the rest. Not here: which
documents are worth comparing (`Index.search` finds those), what the verdicts are called in words (the pages). The
figure is the text part of the score alone, the weighted cosine of two documents, 1 for a document and itself: codes
of sectors are so few that half the needs of a forum share theirs, and they only lower the bar for "similar".

The bars were measured on the demonstration's 45 needs, all 990 pairs of them, and on what people do to a text that
they post twice (`tests/matching/test_likeness.py` measures it again):

- two different needs: median 0.05, 99 % below 0.13, the highest 0.17 (in one language; across languages 0.13);
- a need against itself with every second sentence, or every fourth word, gone: at least 0.66;
- the odd against the even sentences of a need under one title: at least 0.25, median 0.43;
- a need against its own translation: 0.20 to 0.32, since only bridged terms meet;
- needs that a person would call similar (flooded streets and flooded underpasses, two towns' waste) share a
  sub-sector and lie at 0.10 to 0.16; without a shared sub-sector nothing below 0.17 was alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .explain import Side, explain_pair
from .score import Weights, combine

__all__ = ["Likeness", "SharedTerm", "compare"]

_SHORT = 3  # letters; shorter words tell a reader nothing
THE_SAME = 0.40  # in one language: surely the same text, more or less
THE_SAME_BRIDGED = 0.21  # between two languages, where fewer terms can meet
SIMILAR = 0.18
SIMILAR_IN_SECTOR = 0.10


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """What both texts speak of, in the words of each; `bridge` names the two where they differ in language."""

    one: str
    other: str
    bridge: str | None
    share: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two documents are, in [0, 1], and the terms that say so, the weightiest first."""

    score: float
    terms: tuple[SharedTerm, ...]
    sectors: tuple[str, ...] = ()  # codes that both name
    bridged: bool = False  # the two share no language

    @property
    def verdict(self) -> str:
        """ "same" (very likely one matter written twice), "similar", or "" for neither."""
        if self.score >= (THE_SAME_BRIDGED if self.bridged else THE_SAME):
            return "same"
        bar = SIMILAR_IN_SECTOR if self.sectors else SIMILAR
        return "similar" if self.score >= bar else ""


def compare(one: Side, other: Side, weights: Weights) -> Likeness:
    """The likeness of two documents that were read with one set of vocabularies. Symmetric in its figure."""
    nothing: Mapping[str, float | None] = {}
    first, second = (replace(side, against={}, repetition=0.0) for side in (one, other))
    told = explain_pair(first, second, nothing, weights, [], [], combine)
    terms = tuple(
        SharedTerm(line["source_term"], line["term"], line["bridge"], line["share"])
        for line in told["terms"]
        if not line.get("other") and line["share"] > 0 and len(line["source_term"]) > _SHORT
    )
    sectors = tuple(code for code in one.document.sectors if code in other.document.sectors)
    spoken = [{part.language for part in side.analysis.parts} for side in (one, other)]
    return Likeness(
        min(max(told["total"] * weights.norm, 0.0), 1.0), terms, sectors, not spoken[0] & spoken[1]
    )
