"""From a query to an order: the scores of all documents, language groups on one scale, ties by a seeded hash.

Here: `Query`, `score_all`, `order`. Not here: how rows are stored (fields.py), what is shown of a pair
(explain.py), rules (rules.py, applied by index.py while it walks down the order).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from .analysis import GROUPS, LANGUAGES
from .compiled import kernels
from .conflict import Denial, denied, shares, summed
from .fields import TEXT_FIELDS, Floats, Ints, Segment, Vector, Vocabulary, field_sums, query_lists
from .score import EVIDENCE, FACETS, FLOOR, Weights

__all__ = ["MIN_GROUP", "SEED", "Query", "Scores", "balances", "order", "score_all", "tie_break"]

SEED = "ppp-match"
MIN_GROUP = 30  # documents; smaller language groups use the statistics of all
BALANCE = 0.25  # a language with sixteen times as many documents is expected twice as often among the best
_LISTED = 10  # the best that a reader looks at
_NORMAL = NormalDist()
_NO_SPREAD = 1e-12  # what rounding leaves of equal scores
_FIRST = 128  # documents that are put in order at first; later four times as many each


@dataclass(frozen=True, slots=True)
class Query:
    """A document as a query: its language group, its vectors by text field and by facet, and of what it denies by text
    field."""

    id: str
    group: str
    vectors: Mapping[str, Vector]
    against: Mapping[str, Denial] = field(default_factory=dict)
    repetition: float = 0.0
    asks: bool = True  # a need; else a capability


@dataclass(frozen=True, slots=True)
class Scores:
    """Per document of a state: the score as shown, the value it is ordered by, whether it is still there, and the part
    from 0 to 1 that conflicts and repetition leave of its score."""

    score: Floats
    ordering: Floats
    alive: npt.NDArray[np.bool_]
    kept: Floats


def score_all(
    query: Query,
    segments: Sequence[Segment],
    alive: npt.NDArray[np.bool_],
    vocabularies: Mapping[str, Vocabulary],
    weights: Weights,
    *,
    with_features: bool = True,
) -> Scores:
    """Scores of every document in the order of the segments; formula in score.py."""
    parts = [_segment_scores(query, segment, vocabularies, weights, with_features) for segment in segments]
    scores = np.concatenate([score for score, _kept in parts]) if parts else np.zeros(0)
    kept = np.concatenate([kept for _score, kept in parts]) if parts else np.ones(0)
    groups = (
        np.concatenate([segment.groups for segment in segments]) if segments else np.zeros(0, dtype=np.int8)
    )
    return Scores(scores, standardised(scores, groups, alive), alive, kept)


def _segment_scores(
    query: Query,
    segment: Segment,
    vocabularies: Mapping[str, Vocabulary],
    weights: Weights,
    with_features: bool,
) -> tuple[Floats, Floats]:
    """(scores, what conflicts and repetition leave of each) of a segment's documents."""
    count = len(segment)
    if not count:
        return np.zeros(0), np.ones(0)
    module = kernels()
    text, touched = np.zeros(count), np.zeros(count, dtype=np.bool_)
    sums = np.full(count, -0.0)  # -0.0 marks what shares no term, which a sum of 0 need not
    for name in TEXT_FIELDS:
        row = np.asarray([weights.pair(query.group, group)[name] for group in GROUPS])
        if not _summed(query, segment, name, vocabularies[name], sums):
            continue
        own = segment.lengths[name]
        if module is not None:
            module.fold_field(sums, own, segment.groups, row, text, touched)
        else:
            met = (sums != 0.0) | ~np.signbit(sums)
            weighed = row[segment.groups]
            text[met] += weighed[met] * sums[met] / own[met]
            touched |= met & (weighed > 0)
            sums[:] = -0.0
    factor, added, kept = np.ones(count), np.zeros(count), np.ones(count)
    if with_features:
        for name in FACETS:
            if not query.vectors.get(name):
                continue
            _summed(query, segment, name, vocabularies[name], sums)
            own, known = segment.lengths[name], segment.known[name]
            scale, add = weights.scale[name], weights.add[name]
            if module is not None:
                module.fold_facet(sums, own, known, scale, add, factor, added, touched)
            else:
                touched |= (sums != 0.0) | ~np.signbit(sums)
                cosines = sums / own
                factor += scale * np.where(known, cosines - 0.5, 0.0)
                added += add * cosines
                sums[:] = -0.0
        for name in EVIDENCE:
            values = segment.evidence[name]
            factor += weights.scale[name] * np.where(np.isnan(values), 0.0, values - 0.5)
        for name, losses in _conflicts(query, segment, vocabularies, weights, text):
            factor *= 1.0 - weights.conflict[name] * losses
            added *= 1.0 - weights.conflict[name] * losses
            kept *= 1.0 - weights.conflict[name] * losses.round(6)  # as an explanation tells it
    repeated = np.maximum(segment.evidence["repetition"], query.repetition)
    factor, added = (
        factor * (1.0 - weights.repetition * repeated),
        added * (1.0 - weights.repetition * repeated),
    )
    kept *= 1.0 - weights.repetition * repeated.round(6)
    if module is not None:
        scores = np.empty(count)
        module.finish(text, factor, added, touched, weights.norm, FLOOR, scores)
        return scores, kept
    total = (text * factor + added) / weights.norm
    return np.minimum(np.where(touched, np.maximum(total, FLOOR), 0.0), 1.0), kept


def _conflicts(
    query: Query,
    segment: Segment,
    vocabularies: Mapping[str, Vocabulary],
    weights: Weights,
    text: Floats,
) -> Iterator[tuple[str, Floats]]:
    """For each side, by name, the shares of what it denies and the other rests on (conflict.py), by document."""
    rows = {
        name: np.asarray([weights.pair(query.group, group)[name] for group in GROUPS])[segment.groups]
        for name in TEXT_FIELDS
    }
    count = len(segment)
    mine, theirs = ("excluded", "refused") if query.asks else ("refused", "excluded")
    if query.against:
        asked = {name: denial.vector for name, denial in query.against.items()}
        lists = {name: (segment.lists[name], segment.lengths[name]) for name in TEXT_FIELDS}
        own = {name: denial.part for name, denial in query.against.items()}
        cosine, taken = summed(asked, lists, own, vocabularies, rows, count)
        yield mine, shares(cosine, text + taken)
    few = {name: denied(segment, name, vocabularies[name]) for name in TEXT_FIELDS}
    if any(len(lists.documents) for lists, _ in few.values()):
        vectors = {name: query.vectors[name] for name in TEXT_FIELDS}
        parts = {name: sizes / segment.lengths[name] for name, (_, sizes) in few.items()}
        cosine, taken = summed(vectors, few, parts, vocabularies, rows, count)
        yield theirs, shares(cosine, text + taken)


def _summed(query: Query, segment: Segment, name: str, vocabulary: Vocabulary, sums: Floats) -> bool:
    """Sum one field up; False where the query says nothing that the segment knows."""
    lists = segment.lists[name]
    numbers, values = query_lists(query.vectors.get(name, {}), vocabulary, lists)
    if len(numbers):
        field_sums(lists, numbers, values, sums)
    return len(numbers) > 0


def standardised(scores: Floats, groups: npt.NDArray[np.int8], alive: npt.NDArray[np.bool_]) -> Floats:
    """Scores with the mean and spread of each language group set to those of all documents, and Vietnamese and English
    moved by their `balances`."""
    counts, means, spreads = _figures(scores, groups, alive)
    if spreads[-1] == 0.0 or np.count_nonzero(counts[:-1]) < 2:
        return scores.copy()
    factors, shifts = np.zeros(len(counts)), np.zeros(len(counts))
    moves = _moves(counts, spreads)
    for group in range(len(GROUPS)):
        if _comparable(counts, spreads, group):
            factors[group] = spreads[-1] / spreads[group]
            shifts[group] = means[-1] - means[group] * factors[group] + moves[group]
    module = kernels()
    if module is not None:
        result = np.empty(len(scores))
        module.rescale(scores, groups, alive, factors, shifts, result)
        return result
    moved = alive & (factors[groups] != 0.0)
    return np.where(moved, scores * factors[groups] + shifts[groups], scores)


def balances(scores: Floats, groups: npt.NDArray[np.int8], alive: npt.NDArray[np.bool_]) -> Floats:
    """By group, what `standardised` adds so that the larger of two languages does not fill the list by its size.

    The best of many draws are higher than the best of few: of n scores with one mean and spread, k lie above
    Φ⁻¹(1 - k / n) spreads. Equal spreads alone would therefore give each language a share of the best in proportion to
    its size. Here the best ten are divided in proportion to size ** BALANCE.
    """
    counts, _, spreads = _figures(scores, groups, alive)
    return _moves(counts, spreads)


def _comparable(counts: Ints, spreads: Floats, group: int) -> bool:
    return bool(counts[group] >= MIN_GROUP and spreads[group] > 0.0)


def _moves(counts: Ints, spreads: Floats) -> Floats:
    moves = np.zeros(len(counts))
    two = [GROUPS.index(language) for language in LANGUAGES]
    if not all(_comparable(counts, spreads, group) for group in two):
        return moves
    both = sum(counts[group] for group in two)
    weight = sum(counts[group] ** BALANCE for group in two)
    for group in two:
        part = _LISTED / counts[-1]
        wanted = part * both / counts[group] * counts[group] ** BALANCE / weight
        moves[group] = spreads[-1] * (_above(part) - _above(wanted))
    return moves


def _above(part: float) -> float:
    """The height, in spreads above the mean, that so large a part of normal scores exceeds; never below the mean."""
    return _NORMAL.inv_cdf(1.0 - min(part, 0.5))


def _figures(
    scores: Floats, groups: npt.NDArray[np.int8], alive: npt.NDArray[np.bool_]
) -> tuple[Ints, Floats, Floats]:
    """(number, mean, spread) of the scores of each group; the last entry is for all."""
    size = len(GROUPS) + 1
    counts, means, spreads = np.zeros(size, dtype=np.int64), np.zeros(size), np.zeros(size)
    module = kernels()
    if module is not None:
        module.moments(scores, groups, alive, counts, means, spreads)
    else:
        for group in range(size):
            members = scores[alive & (groups == group)] if group < len(GROUPS) else scores[alive]
            if len(members):
                counts[group], means[group], spreads[group] = len(members), members.mean(), members.std()
    spreads[spreads < _NO_SPREAD] = 0.0
    return counts, means, spreads


def tie_break(query_id: str, document_id: str) -> float:
    """A number in [0, 1) that orders equal scores: the same in every run, whatever the order of insertion."""
    digest = hashlib.blake2b(
        f"{SEED}\0{query_id}\0{document_id}".encode("utf-8", "replace"), digest_size=8
    ).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def order(scores: Scores, query_id: str, id_at: Callable[[int], str]) -> Iterator[int]:
    """Positions from best to worst, lazily; documents that share nothing come last."""
    keys: Floats = np.where(scores.score > 0, scores.ordering, -np.inf).round(12)
    rest = np.flatnonzero(scores.alive)
    size = _FIRST
    while len(rest):
        chosen = keys[rest]
        if size < len(rest):  # the best `size` and all that equal the last of them; the others can wait
            bar = np.partition(chosen, len(rest) - size)[len(rest) - size]
            best = chosen >= bar
            positions, rest = rest[best], rest[~best]
        else:
            positions, rest = rest, rest[:0]
        positions = positions[np.argsort(-keys[positions], kind="stable")]
        yield from _runs(positions, keys, query_id, id_at)
        size *= 4


def _runs(positions: Ints, keys: Floats, query_id: str, id_at: Callable[[int], str]) -> Iterator[int]:
    """Sorted positions with equal keys in the order of their tie breaks."""
    values = keys[positions]
    bounds = [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist(), len(positions)]
    for at, end in pairwise(bounds):
        run: list[int] = positions[at:end].tolist()
        if len(run) > 1:
            run.sort(key=lambda position: (tie_break(query_id, id_at(position)), id_at(position)))
        yield from run
