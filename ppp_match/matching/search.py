"""From a query to an order: the scores of all documents, language groups on one scale, ties by a seeded hash.

Here: `Query`, `score_all`, `order`. Not here: how rows are stored (fields.py), what is shown of a pair
(explain.py), rules (rules.py, applied by index.py while it walks down the order).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .analysis import GROUPS
from .compiled import kernels
from .fields import TEXT_FIELDS, Floats, Ints, Segment, Vector, Vocabulary, field_sums, query_lists
from .score import EVIDENCE, FACETS, FLOOR, Weights

__all__ = ["MIN_GROUP", "SEED", "Query", "Scores", "order", "score_all", "tie_break"]

SEED = "ppp-match"
MIN_GROUP = 30  # documents; smaller language groups use the statistics of all
_NO_SPREAD = 1e-12  # what rounding leaves of equal scores
_FIRST = 128  # documents that are put in order at first; later four times as many each


@dataclass(frozen=True, slots=True)
class Query:
    """A document as a query: its language group, its vectors by text field and by facet."""

    id: str
    group: str
    vectors: Mapping[str, Vector]


@dataclass(frozen=True, slots=True)
class Scores:
    """Per document of a state: the score as shown, the value it is ordered by, whether it is still there."""

    score: Floats
    ordering: Floats
    alive: npt.NDArray[np.bool_]


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
    scores = np.concatenate(parts) if parts else np.zeros(0)
    groups = (
        np.concatenate([segment.groups for segment in segments]) if segments else np.zeros(0, dtype=np.int8)
    )
    return Scores(scores, standardised(scores, groups, alive), alive)


def _segment_scores(
    query: Query,
    segment: Segment,
    vocabularies: Mapping[str, Vocabulary],
    weights: Weights,
    with_features: bool,
) -> Floats:
    count = len(segment)
    if not count:
        return np.zeros(0)
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
    factor, added = np.ones(count), np.zeros(count)
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
    if module is not None:
        scores = np.empty(count)
        module.finish(text, factor, added, touched, weights.norm, FLOOR, scores)
        return scores
    total = (text * factor + added) / weights.norm
    return np.minimum(np.where(touched, np.maximum(total, FLOOR), 0.0), 1.0)


def _summed(query: Query, segment: Segment, name: str, vocabulary: Vocabulary, sums: Floats) -> bool:
    """Sum one field up; False where the query says nothing that the segment knows."""
    lists = segment.lists[name]
    numbers, values = query_lists(query.vectors.get(name, {}), vocabulary, lists)
    if len(numbers):
        field_sums(lists, numbers, values, sums)
    return len(numbers) > 0


def standardised(scores: Floats, groups: npt.NDArray[np.int8], alive: npt.NDArray[np.bool_]) -> Floats:
    """Scores with the mean and spread of each language group set to those of all documents."""
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
    if spreads[-1] == 0.0 or np.count_nonzero(counts[:-1]) < 2:
        return scores.copy()
    factors, shifts = np.zeros(size), np.zeros(size)
    for group in range(len(GROUPS)):
        if counts[group] >= MIN_GROUP and spreads[group] > 0.0:
            factors[group] = spreads[-1] / spreads[group]
            shifts[group] = means[-1] - means[group] * factors[group]
    if module is not None:
        result = np.empty(len(scores))
        module.rescale(scores, groups, alive, factors, shifts, result)
        return result
    moved = alive & (factors[groups] != 0.0)
    return np.where(moved, scores * factors[groups] + shifts[groups], scores)


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
