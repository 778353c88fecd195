"""Compiled inner loops (numba). Everything here has a slower twin in numpy or scipy with the same results.

Here: only functions over arrays. Not here: what the arrays mean (postings.py, fields.py, tokens.py), and whether
numba is there at all (compiled.py, the only module that imports this one).

The kernels let go of Python's lock while they run, so that threads work side by side, and are kept on disk for the
next process. Where no folder can be written they are compiled anew in each process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numba import njit

__all__ = [
    "accumulate",
    "add_squares",
    "count_words",
    "fill_slots",
    "finish",
    "fold_facet",
    "fold_field",
    "moments",
    "rescale",
    "top_all",
    "top_one",
]

BLOCK = 2048  # documents whose sums stay in the fastest cache
PIECE = 128  # documents that one comparison may pass over
# Room for what float32 itself rounds.
ONE_AND_A_BIT, A_BIT = np.float32(1.0001), np.float32(2e-6)


def _compiled(function: Callable[..., Any], *, loosely: bool = False) -> Any:
    # `loosely`: for sums whose order does not matter, which lets the compiler use vector instructions.
    options = {
        "nogil": True,
        "fastmath": {"reassoc", "nsz", "contract", "nnan", "ninf"} if loosely else False,
    }
    jit: Any = njit
    try:
        return jit(cache=True, **options)(function)
    except RuntimeError:  # numba found no folder for its cache that it may write to
        return jit(**options)(function)


# Top of one TF-IDF field


@_compiled
def _largest(bits: Any) -> Any:
    best = bits[0]
    for at in range(len(bits)):
        best = max(best, bits[at])
    return best


@_compiled
def _sift(heap_scores: Any, heap_documents: Any, count: int) -> None:
    """Put the first entry in its place: the worst is on top, among equals the highest document."""
    at = 0
    score, document = heap_scores[0], heap_documents[0]
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        other = child + 1
        if other < count and (
            heap_scores[other] < heap_scores[child]
            or (heap_scores[other] == heap_scores[child] and heap_documents[other] > heap_documents[child])
        ):
            child = other
        if heap_scores[child] > score or (heap_scores[child] == score and heap_documents[child] < document):
            break
        heap_scores[at], heap_documents[at] = heap_scores[child], heap_documents[child]
        at = child
    heap_scores[at], heap_documents[at] = score, document


@partial(_compiled, loosely=True)
def _add_steps(
    sums: Any, one: Any, two: Any, three: Any, four: Any, first: Any, second: Any, third: Any, fourth: Any
) -> None:
    # From zero: only then does numba leave out the check for negative places. Four at a time: the sums are read and
    # written a quarter as often.
    for at in range(len(sums)):
        sums[at] += (
            first * np.float32(one[at])
            + second * np.float32(two[at])
            + third * np.float32(three[at])
            + fourth * np.float32(four[at])
        )


@partial(_compiled, loosely=True)
def _dot(one: Any, other: Any) -> Any:
    total = np.float32(0)
    for at in range(len(one)):
        total += one[at] * other[at]
    return total


@_compiled
def _select(
    sums: Any,
    dense: Any,
    steps: Any,
    scale: Any,
    wanted: Any,
    alive: Any,
    heap_scores: Any,
    heap_documents: Any,
) -> None:
    """The best documents of `sums` + dense part into the heap, in their order; `sums` is zero afterwards.

    `steps` are the dense weights in 255 steps, rounded down, so a score lies between the sum with them and that
    plus one step of every wanted term.
    """
    count, top, terms = len(sums), len(heap_scores), len(wanted)
    heap_scores[:] = 0.0
    heap_documents[:] = -1
    slack = np.float32(0)
    active = np.zeros(terms + 3, dtype=np.int64)
    weights = np.zeros(terms + 3, dtype=np.float32)  # three more, of weight zero, to fill the last four up
    many = 0
    for term in range(terms):
        if wanted[term] > 0:
            weights[many] = wanted[term] * scale[term]
            slack += weights[many]
            active[many] = term
            many += 1
    if slack > 0:
        slack = slack * ONE_AND_A_BIT + A_BIT
    zero = np.float32(0)
    bar = zero
    least = np.zeros(1, dtype=np.float32)
    before = np.zeros(BLOCK, dtype=np.float32)
    bits = sums.view(np.int32)  # of numbers of at least 0 the order is that of their bits as integers
    for start in range(0, count, BLOCK):
        end = min(count, start + BLOCK)
        part = sums[start:end]
        if many:
            before[: end - start] = part
            for at in range(0, many, 4):
                _add_steps(
                    part,
                    steps[active[at]][start:end],
                    steps[active[at + 1]][start:end],
                    steps[active[at + 2]][start:end],
                    steps[active[at + 3]][start:end],
                    weights[at],
                    weights[at + 1],
                    weights[at + 2],
                    weights[at + 3],
                )
        for head in range(start, end, PIECE):
            tail = min(end, head + PIECE)
            least[0] = max(bar - slack, zero)
            if _largest(bits[head:tail]) < least.view(np.int32)[0]:
                continue
            for document in range(head, tail):
                score = sums[document]
                if score + slack <= bar or (len(alive) > 0 and not alive[document]):
                    continue
                if many:
                    score = before[document - start] + _dot(wanted, dense[document])
                if score > bar:
                    heap_scores[0], heap_documents[0] = score, document
                    _sift(heap_scores, heap_documents, top)
                    bar = heap_scores[0]
        part[:] = 0.0
    for last in range(top - 1, 0, -1):  # a heap sort: the worst goes to the end
        heap_scores[0], heap_scores[last] = heap_scores[last], heap_scores[0]
        heap_documents[0], heap_documents[last] = heap_documents[last], heap_documents[0]
        _sift(heap_scores, heap_documents, last)


@_compiled
def _gather(
    indptr: Any, documents: Any, values: Any, slots: Any, columns: Any, weights: Any, wanted: Any, sums: Any
) -> None:
    wanted[:] = 0.0
    for at in range(len(columns)):
        column, weight = columns[at], weights[at]
        if column < 0 or column >= len(slots):
            continue
        if slots[column] >= 0:
            wanted[slots[column]] = weight
            continue
        for place in range(indptr[column], indptr[column + 1]):
            sums[documents[place]] += weight * values[place]


@_compiled
def top_one(
    indptr: Any,
    documents: Any,
    values: Any,
    slots: Any,
    dense: Any,
    steps: Any,
    scale: Any,
    alive: Any,
    columns: Any,
    weights: Any,
    sums: Any,
    wanted: Any,
    best_scores: Any,
    best_documents: Any,
) -> None:
    """The top of one query (`columns`, `weights`) into `best_scores` and `best_documents`."""
    _gather(indptr, documents, values, slots, columns, weights, wanted, sums)
    _select(sums, dense, steps, scale, wanted, alive, best_scores, best_documents)


@_compiled
def top_all(
    indptr: Any,
    documents: Any,
    values: Any,
    slots: Any,
    dense: Any,
    steps: Any,
    scale: Any,
    alive: Any,
    query_indptr: Any,
    query_columns: Any,
    query_weights: Any,
    sums: Any,
    wanted: Any,
    best_scores: Any,
    best_documents: Any,
    first: int,
    last: int,
) -> None:
    """The tops of the queries first..last (exclusive), a row each."""
    for query in range(first, last):
        start, end = query_indptr[query], query_indptr[query + 1]
        _gather(
            indptr,
            documents,
            values,
            slots,
            query_columns[start:end],
            query_weights[start:end],
            wanted,
            sums,
        )
        _select(sums, dense, steps, scale, wanted, alive, best_scores[query], best_documents[query])


# The forum's own ranking: several fields, facets, groups


@_compiled
def accumulate(indptr: Any, documents: Any, values: Any, columns: Any, weights: Any, sums: Any) -> None:
    """Add weight · value of every posting of the columns to the sum of its document. What was -0.0 stays it where
    nothing is added."""
    count = len(sums)
    for at in range(len(columns)):
        weight = weights[at]
        end = min(indptr[columns[at] + 1], len(documents))
        for place in range(max(indptr[columns[at]], 0), end):
            document = documents[place]
            if 0 <= document < count:  # a damaged file must not reach beyond the array
                sums[document] += weight * values[place] + 0.0


@_compiled
def add_squares(indptr: Any, documents: Any, values: Any, factors: Any, sums: Any) -> None:
    """Add (factor · value)² of every posting to the sum of its document."""
    for term in range(len(factors)):
        factor = factors[term]
        for place in range(indptr[term], indptr[term + 1]):
            weight = values[place] * factor
            sums[documents[place]] += weight * weight


@_compiled
def fold_field(sums: Any, lengths: Any, groups: Any, weights: Any, text: Any, touched: Any) -> None:
    """Add the cosines of one text field, weighed by the document's group, and set the sums back to -0.0."""
    for at in range(len(sums)):
        value = sums[at]
        if value != 0.0 or np.copysign(1.0, value) > 0.0:
            weight = weights[groups[at]]
            text[at] += weight * value / lengths[at]
            if weight > 0.0:
                touched[at] = True
            sums[at] = -0.0


@_compiled
def fold_facet(
    sums: Any, lengths: Any, known: Any, scale: float, add: float, factor: Any, added: Any, touched: Any
) -> None:
    """Add the cosines of one facet to the factor and the summand of the score, and set the sums back to -0.0."""
    for at in range(len(sums)):
        value = sums[at]
        if value != 0.0 or np.copysign(1.0, value) > 0.0:
            cosine = value / lengths[at]
            factor[at] += scale * (cosine - 0.5)
            added[at] += add * cosine
            touched[at] = True
            sums[at] = -0.0
        elif known[at]:
            factor[at] -= scale * 0.5


@_compiled
def finish(text: Any, factor: Any, added: Any, touched: Any, norm: float, floor: float, scores: Any) -> None:
    """The score of each document."""
    for at in range(len(text)):
        if touched[at]:
            scores[at] = min(max((text[at] * factor[at] + added[at]) / norm, floor), 1.0)
        else:
            scores[at] = 0.0


@_compiled
def moments(scores: Any, groups: Any, alive: Any, counts: Any, means: Any, spreads: Any) -> None:
    """Number, mean and standard deviation of the scores of each group of those alive; the last entry is for all."""
    last = len(counts) - 1
    for at in range(len(scores)):
        if alive[at]:
            counts[groups[at]] += 1
            means[groups[at]] += scores[at]
    for group in range(last):
        counts[last] += counts[group]
        means[last] += means[group]
    for group in range(last + 1):
        if counts[group] > 0:
            means[group] /= counts[group]
    for at in range(len(scores)):
        if alive[at]:
            away = scores[at] - means[groups[at]]
            spreads[groups[at]] += away * away
            away = scores[at] - means[last]
            spreads[last] += away * away
    for group in range(last + 1):
        if counts[group] > 0:
            spreads[group] = (spreads[group] / counts[group]) ** 0.5


@_compiled
def rescale(scores: Any, groups: Any, alive: Any, factors: Any, shifts: Any, result: Any) -> None:
    """Score · factor + shift of the document's group."""
    for at in range(len(scores)):
        result[at] = scores[at]
        if alive[at] and factors[groups[at]] != 0.0:
            result[at] = scores[at] * factors[groups[at]] + shifts[groups[at]]


# Words of texts


@_compiled
def fill_slots(slots: Any, hashes: Any, known: int) -> None:
    """Put the first `known` terms into a larger table."""
    mask = len(slots) - 1
    for term in range(known):
        slot = np.int64(hashes[term] & np.uint64(mask))
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = term


@_compiled
def count_words(
    codes: Any,
    ends: Any,
    first: int,
    is_word: Any,
    slots: Any,
    hashes: Any,
    places: Any,
    pool: Any,
    seen_in: Any,
    entries: Any,
    used: Any,
    terms: Any,
    counts: Any,
    sizes: Any,
) -> int:
    """Words of two letters or more of the documents from `first` on, each counted once a document.

    Returns the document it stopped before: beyond the last one, or one for which `slots`, `hashes` or `pool` may be
    too small. `used` is [terms known, letters in the pool, entries written]; `terms` and `counts` get the entries,
    `sizes` how many a document has.
    """
    mask = len(slots) - 1
    known, letters, written = used[0], used[1], used[2]
    start = ends[first - 1] if first > 0 else 0
    for document in range(first, len(ends)):
        end = ends[document]
        if (
            known + (end - start) // 3 + 1 > len(hashes)
            or 2 * (known + (end - start) // 3 + 1) > len(slots)
            or letters + (end - start) > len(pool)
        ):
            used[0], used[1], used[2] = known, letters, written
            return document
        before = written
        at = start
        while at < end:
            if not is_word[codes[at]]:
                at += 1
                continue
            head = at
            key = np.uint64(14695981039346656037)
            while at < end and is_word[codes[at]]:
                key = (key ^ np.uint64(codes[at])) * np.uint64(1099511628211)
                at += 1
            size = at - head
            if size < 2:
                continue
            key ^= key >> np.uint64(29)
            slot = np.int64(key & np.uint64(mask))
            while True:
                term = slots[slot]
                if term < 0:
                    term = known
                    known += 1
                    slots[slot] = term
                    hashes[term] = key
                    places[term] = letters
                    for letter in range(size):
                        pool[letters + letter] = codes[head + letter]
                    letters += size
                    places[term + 1] = letters
                    seen_in[term] = -1
                    break
                if hashes[term] == key and places[term + 1] - places[term] == size:
                    same = True
                    place = places[term]
                    for letter in range(size):
                        if pool[place + letter] != codes[head + letter]:
                            same = False
                            break
                    if same:
                        break
                slot = (slot + 1) & mask
            if seen_in[term] == document:
                counts[entries[term]] += 1
            else:
                seen_in[term] = document
                entries[term] = written
                terms[written] = term
                counts[written] = 1
                written += 1
        sizes[document] = written - before
        start = end
    used[0], used[1], used[2] = known, letters, written
    return len(ends)
