"""Why a pair scores what it scores: contributions that add up, with the words of both texts they come from.

Here: `explain_pair` and the JSON form (docs/matching.md). Not here: the arithmetic of the score (score.py),
the rules themselves (rules.py), the sentences of a page in the reader's language (the pages render `code`
and `params`).

A term's share is its part of the two cosines. Character n-grams are credited to a word only where both
texts have that very word; the rest is the feature "spelling", since "ai" inside "retail" is no reason. In
the same way a syllable of a translated Vietnamese word counts for the whole word or else for the feature
"syllables".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .analysis import LANGUAGES, Analysis, Occurrence
from .conflict import Denial, cosines
from .documents import Document, Need
from .fields import Vector
from .rules import RuleResult
from .score import Feature, Weights
from .text import FUNCTION_WORDS, char_ngrams, tokenise

__all__ = ["MAX_TERMS", "Side", "explain_pair"]

MAX_TERMS = 20
_MAX_SPANS = 12
_MAX_UNANSWERED = 8
_FUNCTION_WORDS = FUNCTION_WORDS["vi"] | FUNCTION_WORDS["en"]
# Words that count and place and compare: they weigh in a ranking, but nobody asks for "around" or "at least".
_COUNTING = """
above according across after again against almost alone along already always among another around away before behind
below beside besides between beyond cannot currently down during each eight eleven enough especially even every
everything few fewer fifteen fifty first five forty four fourth good great half here however hundred including instead
just large last least left less long lower made main make many mostly much near nearly need needs never next nine none
nothing now off often once one only onto other others part people perhaps please rather regarding require right
roughly same second seven several since six sixty small still take taken ten thirty third thousand three through
throughout thus times today together too took toward towards twelve twenty twice two until upon use used using via
want well whether whole without worst yet
"""
_NOT_ASKED_FOR = frozenset(_COUNTING.split())
_NOT_ASKED_FOR_PHRASES = frozenset(
    {
        *("at least", "at most", "less than", "more than", "so far", "in total", "as well as", "each year"),
        *(
            "ít nhất",
            "nhiều nhất",
            "khác nhau",
            "một nửa",
            "một phần",
            "chưa có",
            "hiện có",
            "tổng cộng",
            "so với",
        ),
        *(
            "hiện tại",
            "hiện nay",
            "cuối cùng",
            "không đủ",
            "số lượng",
            "số lần",
            "hàng trăm",
            "xảy ra",
            "trở thành",
        ),
        *(
            "quay lại",
            "hai bên",
            "tối thiểu",
            "tối đa",
            "thời gian",
            "đơn vị",
            "vấn đề",
            "mỗi năm",
            "khu vực",
        ),
    }
)
_Combine = Callable[..., tuple[float, list[Feature]]]


@dataclass(frozen=True, slots=True)
class Side:
    """One document of a pair: what was read in it, its vectors by field, its occurrences by (language,
    term), what it denies."""

    document: Document
    analysis: Analysis
    vectors: Mapping[str, Vector]
    terms: Mapping[tuple[str, str], Sequence[Occurrence]]
    against: Mapping[str, Denial] = field(default_factory=dict)  # what it denies, by field
    repetition: float = 0.0


@dataclass(slots=True)
class _Line:
    term: str
    source_term: str
    bridge: str | None
    negated: str | None
    share: float = 0.0
    need_places: set[tuple[int, int, int]] = field(default_factory=set)
    capability_places: set[tuple[int, int, int]] = field(default_factory=set)


def explain_pair(
    need: Side,
    capability: Side,
    values: Mapping[str, float | None],
    weights: Weights,
    ordering: list[dict[str, Any]],
    rules: Iterable[RuleResult],
    combine: _Combine,
) -> dict[str, Any]:
    """The explanation of one pair as JSON: `total` is the score, term and feature shares add up to it."""
    per_field = weights.pair(need.analysis.group, capability.analysis.group)
    need_terms, capability_terms = need.terms, capability.terms
    lines: dict[tuple[str, str, str | None], _Line] = {}
    owners: dict[str, tuple[str, str, str | None]] = {}
    answered: set[tuple[int, int]] = set()
    parts: list[tuple[str, float, tuple[float, float]]] = []
    text = 0.0
    for language in LANGUAGES:
        weight = per_field[language]
        if not weight:
            continue
        for term, wanted in need.vectors[language].items():
            offered = capability.vectors[language].get(term)
            if offered is None:
                continue
            contribution = weight * wanted * offered
            text += contribution
            values_here = (wanted, offered)
            if _chief(need_terms[language, term], wanted).partial or (
                _chief(capability_terms[language, term], offered).partial
            ):
                parts.append((term, contribution / weights.norm, values_here))
                continue
            key = _credit(
                lines,
                need,
                capability,
                need_terms[language, term],
                capability_terms[language, term],
                contribution / weights.norm,
                values_here,
            )
            if language == "en" and " " not in term:
                owners[term] = key
            if offered > 0:
                answered.update(
                    (o.part, at) for o in need_terms[language, term] for at in range(o.first, o.last + 1)
                )
    spelling, met = _characters(
        lines, owners, need.vectors["char"], capability.vectors["char"], per_field["char"], weights.norm
    )
    text += sum(met)
    shared_codes = any(value for value in values.values() if value)
    syllables = _syllables(lines, parts, need, capability)
    touched = (
        bool(lines)
        or bool(parts)
        or bool(met)
        or (shared_codes and any(values.get(name) for name in weights.add))
    )
    denied = {
        "excluded": cosines(need.against, capability.vectors, per_field),
        "refused": cosines(capability.against, need.vectors, per_field),
    }
    total, features = combine(
        text, values, weights, touched=touched, denied=denied, repetition=capability.repetition
    )
    rest = (("spelling", spelling), ("syllables", syllables))
    features = [*features, *(Feature(name, None, share) for name, share in rest if share)]
    return {
        "total": round(total, 9),
        "terms": _term_lines(_folded(lines), need, capability),
        "features": [
            {
                "name": one.name,
                "value": None if one.value is None else round(one.value, 6),
                "share": round(one.share, 9),
            }
            for one in features
        ],
        "ordering": ordering,
        "rules": [result.as_json() for result in rules],
        "unanswered": _unanswered(need, answered),
    }


def _chief(occurrences: Sequence[Occurrence], value: float) -> Occurrence:
    """The occurrence that speaks for a term: of the right sign, then the heaviest, then the first."""
    return max(
        occurrences,
        key=lambda one: (
            (one.negated > 0) == (value < 0),
            not one.partial,
            one.weight,
            -one.part,
            -one.first,
        ),
    )


def _credit(
    lines: dict[tuple[str, str, str | None], _Line],
    need: Side,
    capability: Side,
    wanted: Sequence[Occurrence],
    offered: Sequence[Occurrence],
    share: float,
    values: tuple[float, float],
) -> tuple[str, str, str | None]:
    one, other = _chief(wanted, values[0]), _chief(offered, values[1])
    source = need.analysis.parts[one.part].phrase(one.first, one.last)
    term = capability.analysis.parts[other.part].phrase(other.first, other.last)
    negated = (
        "both"
        if values[0] < 0 and values[1] < 0
        else "need"
        if values[0] < 0
        else ("capability" if values[1] < 0 else None)
    )
    key = (source.casefold(), term.casefold(), negated)
    line = lines.get(key)
    if line is None:
        same = source.casefold() == term.casefold()
        bridges = [] if same else [label for label in dict.fromkeys((one.bridge, other.bridge)) if label]
        line = lines[key] = _Line(term, source, "; ".join(bridges) or None, negated)
    line.share += share
    for occurrences, side, places in (
        (wanted, need, line.need_places),
        (offered, capability, line.capability_places),
    ):
        parts = side.analysis.parts
        places.update(
            (o.part, parts[o.part].tokens[o.first].start, parts[o.part].tokens[o.last].end)
            for o in occurrences
        )
    return key


def _syllables(
    lines: Mapping[tuple[str, str, str | None], _Line],
    parts: Iterable[tuple[str, float, tuple[float, float]]],
    need: Side,
    capability: Side,
) -> float:
    """Credit single syllables of translated words to the line of the whole word; return what has no such
    line."""
    rest = 0.0
    for term, share, (wanted, offered) in parts:
        one, other = _chief(need.terms["vi", term], wanted), _chief(capability.terms["vi", term], offered)
        source = need.analysis.parts[one.part].phrase(one.first, one.last).casefold()
        target = capability.analysis.parts[other.part].phrase(other.first, other.last).casefold()
        line = next(
            (
                line
                for line in lines.values()
                if (line.share < 0) == (share < 0)
                and f" {source} " in f" {line.source_term.casefold()} "
                and f" {target} " in f" {line.term.casefold()} "
            ),
            None,
        )
        if line is None:
            rest += share
        else:
            line.share += share
    return rest


def _characters(
    lines: dict[tuple[str, str, str | None], _Line],
    owners: Mapping[str, tuple[str, str, str | None]],
    wanted: Vector,
    offered: Vector,
    weight: float,
    norm: float,
) -> tuple[float, list[float]]:
    """Credit the character n-grams to the shared words that hold them; what no shared word holds is
    returned."""
    holders: dict[str, list[str]] = {}
    for word in owners:
        for gram in set(char_ngrams(word)):
            holders.setdefault(gram, []).append(word)
    rest = 0.0
    met: list[float] = []
    for gram, value in wanted.items():
        other = offered.get(gram)
        if other is None or not weight:
            continue
        contribution = weight * value * other
        met.append(contribution)
        words = holders.get(gram)
        if not words:
            rest += contribution / norm
            continue
        for word in words:
            lines[owners[word]].share += contribution / norm / len(words)
    return rest, met


def _folded(lines: Mapping[tuple[str, str, str | None], _Line]) -> list[_Line]:
    """Lines of one bridged source whose term lies inside a longer term of it become one with that line."""
    kept: list[_Line] = []
    for line in sorted(lines.values(), key=lambda one: -len(one.term)):
        host = next(
            (
                other
                for other in kept
                if line.bridge
                and other.source_term.casefold() == line.source_term.casefold()
                and other.negated == line.negated
                and f" {line.term.casefold()} " in f" {other.term.casefold()} "
            ),
            None,
        )
        if host is None:
            kept.append(line)
        else:
            host.share += line.share
            host.need_places |= line.need_places
            host.capability_places |= line.capability_places
    return sorted(kept, key=lambda one: (-abs(one.share), one.term, one.source_term))


def _term_lines(lines: Sequence[_Line], need: Side, capability: Side) -> list[dict[str, Any]]:
    found = []
    for line in lines[:MAX_TERMS]:
        entry: dict[str, Any] = {
            "term": line.term,
            "source_term": line.source_term,
            "bridge": line.bridge,
            "share": round(line.share, 9),
        }
        if line.negated:
            entry["negated"] = line.negated
        for name, side, places in (
            ("need", need, line.need_places),
            ("capability", capability, line.capability_places),
        ):
            for part, key in (("main", f"{name}_spans"), ("alt", f"{name}_alt_spans")):
                spans = _spans(places, side, part)
                if spans or part == "main":
                    entry[key] = spans
        found.append(entry)
    if len(lines) > MAX_TERMS:
        rest = sum(line.share for line in lines[MAX_TERMS:])
        found.append(
            {
                "term": "other",
                "source_term": "",
                "bridge": None,
                "share": round(rest, 9),
                "other": True,
                "count": len(lines) - MAX_TERMS,
                "need_spans": [],
                "capability_spans": [],
            }
        )
    return found


def _spans(places: Iterable[tuple[int, int, int]], side: Side, part: str) -> list[list[int]]:
    """Places in one text of a document without those that lie inside another, in order."""
    found: list[list[int]] = []
    for start, end in sorted(
        {(start, end) for number, start, end in places if side.analysis.parts[number].name == part},
        key=lambda one: (one[0], -one[1]),
    ):
        if not found or end > found[-1][1]:
            found.append([start, end])
    return found[:_MAX_SPANS]


def _unanswered(need: Side, answered: set[tuple[int, int]]) -> list[str]:
    """What the need asks and nothing in the capability answers: whole requirements, then its weightiest
    terms."""
    found: list[str] = []
    document = need.document
    requirements = iter(document.requirements if isinstance(document, Need) else ())
    best: dict[tuple[int, int, int], float] = {}
    for number, part in enumerate(need.analysis.parts):
        if part.name == "requirement":
            text = next(requirements)
            content = [at for at, token in enumerate(part.tokens) if token.word not in _FUNCTION_WORDS]
            if content and sum((number, at) in answered for at in content) * 3 < len(content):
                found.append(text)
    for one in need.analysis.occurrences:
        part = need.analysis.parts[one.part]
        if part.name not in ("main", "alt") or one.negated or (one.bridge is None and part.language == "vi"):
            continue
        if one.bridge is None and (one.first != one.last or len(part.tokens[one.first].word) < 4):
            continue
        if part.language == "vi" and one.first == one.last:
            continue  # one syllable ("năm", "giờ") is rarely a thing that somebody asks for
        if not any((one.part, at) in answered for at in range(one.first, one.last + 1)):
            place = (one.part, one.first, one.last)
            best[place] = max(
                best.get(place, 0.0), need.vectors[one.language].get(one.term, 0.0) * one.weight
            )
    seen: set[str] = set()
    for part_number, first, last in sorted(best, key=lambda place: (-best[place], place)):
        phrase = need.analysis.parts[part_number].phrase(first, last)
        tokens = [token.word for token in tokenise(phrase)]
        words = set(tokens)
        if words <= _NOT_ASKED_FOR or " ".join(tokens) in _NOT_ASKED_FOR_PHRASES:
            continue
        if best[part_number, first, last] > 0 and not words <= seen:
            seen |= words
            found.append(phrase)
        if len(found) >= _MAX_UNANSWERED:
            break
    return found
