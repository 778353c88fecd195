"""The row of a document without its occurrences: what fitting an index needs, in a fraction of the time.

Here: `count`. It gives the very bags of `reading.read`, in the same order and to the bit
(tests/matching/test_counting.py), but keeps neither places nor lexicon entries, which only explanations ask for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .analysis import (
    ALL_FUNCTION_WORDS,
    LANGUAGES,
    PART_WEIGHT,
    SYNONYM_WEIGHT,
    TITLE_WEIGHT,
    Analyser,
    Part,
    grams,
    is_bridged,
    signed,
    terms_of,
    title_of,
)
from .bilingual import Expansion
from .documents import Capability, Document, Need
from .negation import EXCEPTION
from .score import facets
from .stuffing import repetition
from .text import FUNCTION_WORDS

__all__ = ["Counted", "count"]

_EMPTY: frozenset[str] = frozenset()
_Sums = defaultdict[str, float]


class Counted(NamedTuple):
    """The group of a document, its bags by field and facet, and how much it repeats itself."""

    group: str
    bags: dict[str, dict[str, float]]
    repetition: float


def count(analyser: Analyser, document: Document) -> Counted:
    """What `read(document, analyser.analyse(document))` says of group, bags and repetition."""
    parts, group = analyser.parts(document)
    sums = {language: _Language() for language in LANGUAGES}
    for part in parts:
        _count_part(analyser, part, document, group, sums)
    bags = {language: signed(found.positive, found.negative) for language, found in sums.items()}
    english = sums["en"]
    bags["char"] = signed(_characters(english.positive), _characters(english.negative))
    bags.update({name: dict.fromkeys(sorted(codes), 1.0) for name, codes in facets(document).items()})
    offered = isinstance(document, Capability)
    again = repetition([token.word for token in parts[0].tokens]) if offered else 0.0
    return Counted(group, bags, again)


class _Language:
    """Sums of the weights of one language's terms, for and against."""

    def __init__(self) -> None:
        self.positive: _Sums = defaultdict(float)
        self.negative: _Sums = defaultdict(float)
        self.dropped: _Sums = defaultdict(float)  # exceptions are no evidence at all

    def sides(self, flags: Sequence[float]) -> list[_Sums]:
        """Where each token counts."""
        if not any(flags):
            return [self.positive] * len(flags)
        against, dropped = self.negative, self.dropped
        return [self.positive if not flag else dropped if flag == EXCEPTION else against for flag in flags]


def _count_part(
    analyser: Analyser, part: Part, document: Document, group: str, sums: dict[str, _Language]
) -> None:
    known = part.language in LANGUAGES
    own = part.language if known else "en"
    other = "en" if own == "vi" else "vi"
    words = [token.word for token in part.tokens]
    title = title_of(document, part)
    places = [TITLE_WEIGHT if token.start < title else 1.0 for token in part.tokens]
    factors = [flag or 1.0 for flag in part.negated]
    weights = [place * factor for place, factor in zip(places, factors, strict=True)]
    sides = sums[own].sides(part.negated)
    _own_terms(words, own, FUNCTION_WORDS[own] if known else _EMPTY, weights, sides)
    if known and isinstance(document, Need):
        scales = [place * SYNONYM_WEIGHT for place in places]
        for expansion in analyser.lexicon.alike(words, own):
            _targets(expansion, own, scales[expansion.start], factors, sides)
    if not is_bridged(part, group):
        return
    sides = sums[other].sides(part.negated)
    covered: set[int] = set()
    for expansion in analyser.lexicon.expand(words, own) if known else ():
        start, end, _, inside = expansion
        if end - start == 1 and words[start] in FUNCTION_WORDS[own]:
            continue
        if not inside:
            covered.update(range(start, end))
        scale = places[start] * (PART_WEIGHT if inside else 1.0)
        _targets(expansion, other, scale, factors, sides)
    _copied(words, covered, ALL_FUNCTION_WORDS if known else _EMPTY, weights, sides)


def _own_terms(
    words: Sequence[str],
    own: str,
    unwanted: Iterable[str],
    weights: Sequence[float],
    sides: Sequence[_Sums],
) -> None:
    before: str | None = None
    after_function = False
    for word, weight, side in zip(words, weights, sides, strict=True):
        functional = word in unwanted
        if not functional:
            side[word] += weight
        elif own == "en":
            continue
        if before is not None and not (functional and after_function):
            side[f"{before} {word}"] += weight
        before, after_function = word, functional


def _targets(
    expansion: Expansion, language: str, scale: float, factors: Sequence[float], sides: Sequence[_Sums]
) -> None:
    side, factor = sides[expansion.start], factors[expansion.start]
    for target in expansion.targets:
        weight = scale * target.weight
        for term, of in terms_of(target, language):
            side[term] += weight * of * factor


def _copied(
    words: Sequence[str],
    covered: set[int],
    skipped: Iterable[str],
    weights: Sequence[float],
    sides: Sequence[_Sums],
) -> None:
    before: str | None = None
    for at, word in enumerate(words):
        if at in covered or word in skipped:
            before = None
            continue
        side, weight = sides[at], weights[at]
        side[word] += weight
        if before is not None:
            side[f"{before} {word}"] += weight
        before = word


def _characters(terms: _Sums) -> dict[str, float]:
    return grams({term: weight for term, weight in terms.items() if " " not in term})
