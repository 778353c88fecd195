"""Compiled inner loops (numba). Everything here has a slower twin in numpy or scipy with the same results.

Here: only functions over arrays, and `compiled`, which makes one of them a kernel. Not here: the exact top of one
field (kernels_top.py), what the arrays mean (fields.py, vectorise.py), and whether numba is there at all (compiled.py,
the only module that imports these two).

The kernels let go of Python's lock while they run, so that threads work side by side, and are kept on disk for the
next process. Where no folder can be written they are compiled anew in each process.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from numba import njit
from numba.core import caching

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
]


@contextmanager
def _alone_in(folder: str) -> Iterator[None]:
    """One process at a time; where nothing can be written nobody else writes either."""
    try:
        lock = os.open(os.path.join(folder, "kernels.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


_Cache: Any = caching.FunctionCache  # numba tells no types


class _SharedCache(_Cache):  # type: ignore[misc]
    """numba's compiled code on disk, for several processes at once.

    numba names new code in its index before it writes it, under a name that another process may be taking for another
    signature. Whoever reads in between runs code made for other types, and the process dies.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        with _alone_in(self.cache_path):
            return super().load_overload(sig, target_context)

    def save_overload(self, sig: Any, data: Any) -> None:
        with _alone_in(self.cache_path):
            super().save_overload(sig, data)


def compiled(function: Callable[..., Any], *, loosely: bool = False) -> Any:
    """The function as a kernel. A caller's cache does not notice that a callee of another file has changed."""
    # `loosely`: for sums whose order does not matter, which lets the compiler use vector instructions.
    options = {
        "nogil": True,
        "fastmath": {"reassoc", "nsz", "contract", "nnan", "ninf"} if loosely else False,
    }
    jit: Any = njit
    kernel = jit(**options)(function)
    with suppress(RuntimeError):  # numba finds no folder for its cache that it may write to
        kernel._cache = _SharedCache(function)
    return kernel


# The forum's own ranking: several fields, facets, groups


@compiled
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


@compiled
def add_squares(indptr: Any, documents: Any, values: Any, factors: Any, sums: Any) -> None:
    """Add (factor · value)² of every posting to the sum of its document."""
    for term in range(len(factors)):
        factor = factors[term]
        for place in range(indptr[term], indptr[term + 1]):
            weight = values[place] * factor
            sums[documents[place]] += weight * weight


@compiled
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


@compiled
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


@compiled
def finish(text: Any, factor: Any, added: Any, touched: Any, norm: float, floor: float, scores: Any) -> None:
    """The score of each document."""
    for at in range(len(text)):
        if touched[at]:
            scores[at] = min(max((text[at] * factor[at] + added[at]) / norm, floor), 1.0)
        else:
            scores[at] = 0.0


@compiled
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


@compiled
def rescale(scores: Any, groups: Any, alive: Any, factors: Any, shifts: Any, result: Any) -> None:
    """Score · factor + shift of the document's group."""
    for at in range(len(scores)):
        result[at] = scores[at]
        if alive[at] and factors[groups[at]] != 0.0:
            result[at] = scores[at] * factors[groups[at]] + shifts[groups[at]]


# Words of texts


@compiled
def fill_slots(slots: Any, hashes: Any, known: int) -> None:
    """Put the first `known` terms into a larger table."""
    mask = len(slots) - 1
    for term in range(known):
        slot = np.int64(hashes[term] & np.uint64(mask))
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = term


@compiled
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
