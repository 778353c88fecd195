"""Compiled inner loops of the exact top of one TF-IDF field (postings.py); numpy and scipy give the same, slower.

Here: only functions over the arrays of a `Field`. Not here: how those are made (postings.py), and whether numba is
there at all (compiled.py, the only module that imports this one).

A query's product with a row is the sum over the posting lists of its rarer terms and a rest. Where the rarest terms
alone tell the best documents apart, the rest is what the dense block and the short rows have: at most the length of the
query's part times the length of the row's part (Cauchy and Schwarz). A few documents with the largest sums are worked
out first; what the last of them scores the last of the top scores at least, and whatever cannot reach it is passed
over. Elsewhere all lists are added, the rest is what the dense block has, and its steps bound it (postings.py).
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .kernels import compiled

__all__ = ["BLOCK", "PIECE", "Field", "Scratch", "top_all", "top_one"]

BLOCK = 2048  # documents whose sums stay in the fastest cache
PIECE = 128  # documents that one comparison may pass over; a block holds whole ones
SEEDS = 3  # documents for each one of the top that are worked out first
HOPE = np.float32(0.13)  # below this share of what the rest may add, the rarest terms are not asked
WORTH_IT = 256  # one document in so many is worked out with its short row rather than its terms' lists read
# Room for what float32 itself rounds.
ONE_AND_A_BIT, A_BIT = np.float32(1.0001), np.float32(2e-6)
ZERO = np.float32(0)


class Field(NamedTuple):
    """The arrays of `Postings`, which says what they are."""

    indptr: Any
    documents: Any
    values: Any
    slots: Any
    dense: Any
    steps: Any
    scale: Any
    row_ends: Any
    row_slots: Any
    row_values: Any
    norms: Any
    longest: Any


class Scratch(NamedTuple):
    """What a thread works in. `sums`, one for each document, are zero before and after."""

    sums: Any  # float32
    wanted: Any  # float32, one for each slot
    bound: Any  # float32, as many as a block has documents
    largest: Any  # int32, one for each piece
    places: Any  # int64, one more than a block has documents


@compiled
def _largest(bits: Any) -> Any:
    best = bits[0]
    for at in range(len(bits)):
        best = max(best, bits[at])
    return best


@compiled
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


@partial(compiled, loosely=True)
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


@partial(compiled, loosely=True)
def _count(sums: Any, norms: Any, length: Any, least: Any) -> Any:
    """How many could reach `least`, if their rest were as long as it may be."""
    found = np.int32(0)
    for at in range(len(sums)):
        found += np.int32(sums[at] + length * norms[at] > least)
    return found


@compiled
def _least(bar: Any) -> Any:
    """What a sum with its rest must exceed to be worth a closer look."""
    return bar * np.float32(0.99999) - A_BIT


@compiled
def _lists(field: Any, columns: Any, weights: Any, deferred: bool, sums: Any) -> None:
    """Add the posting lists of the terms that stand in the short rows, or of those that stand nowhere else."""
    terms = field.dense.shape[1]
    for at in range(len(columns)):
        column, weight = columns[at], weights[at]
        if column < 0 or column >= len(field.slots):
            continue
        slot = field.slots[column]
        if slot < terms if deferred else slot >= 0:
            continue
        for place in range(field.indptr[column], field.indptr[column + 1]):
            sums[field.documents[place]] += weight * field.values[place]


@partial(compiled, loosely=True)
def _rest(wanted: Any, dense: Any, document: int) -> Any:
    total = np.float32(0)
    for at in range(dense.shape[1]):
        total += wanted[at] * dense[document, at]
    return total


@compiled
def _work_out(
    field: Any,
    alive: Any,
    scratch: Any,
    short: bool,
    found: int,
    bar: Any,
    heap_scores: Any,
    heap_documents: Any,
) -> Any:
    """Work out the first `found` documents of `scratch.places`, keep those above the bar, and return the new bar.
    With `short` their sums lack the terms of the short rows.

    Many at a time: a call takes longer than a document, since it counts the users of each array anew.
    """
    sums, wanted, dense, places = scratch.sums, scratch.wanted, field.dense, scratch.places
    ends, slots, values = field.row_ends, field.row_slots, field.row_values
    top = len(heap_scores)
    for number in range(found):
        document = places[number]
        if len(alive) > 0 and not alive[document]:
            continue
        score = sums[document] + _rest(wanted, dense, document)
        if short:
            for at in range(ends[document - 1] if document > 0 else 0, ends[document]):
                score += wanted[slots[at]] * values[at]
        if score > bar:
            heap_scores[0], heap_documents[0] = score, document
            _sift(heap_scores, heap_documents, top)
            bar = max(bar, heap_scores[0])
    return bar


@compiled
def _peaks(scratch: Any, seeds: Any, chosen: Any) -> None:
    """Write the largest sum of each piece, and the largest of them with their pieces as a heap."""
    sums, largest = scratch.sums, scratch.largest
    count, many, pieces = len(sums), len(seeds), len(largest)
    bits = sums.view(np.int32)  # of numbers of at least 0 the order is that of their bits as integers
    for piece in range(pieces):
        largest[piece] = _largest(bits[piece * PIECE : min(count, (piece + 1) * PIECE)])
    values = largest.view(np.float32)
    seeds[:] = 0.0
    chosen[:] = -1
    for piece in range(pieces):
        if values[piece] > seeds[0]:
            seeds[0], chosen[0] = values[piece], piece
            _sift(seeds, chosen, many)


@compiled
def _floor(
    field: Any, alive: Any, scratch: Any, short: bool, chosen: Any, heap_scores: Any, heap_documents: Any
) -> Any:
    """A score that as many documents as the heap holds reach, from the best document of each chosen piece."""
    largest, places = scratch.largest, scratch.places
    if len(largest) < len(heap_scores):
        return ZERO
    bits = scratch.sums.view(np.int32)
    found = 0
    for at in range(len(chosen)):
        if chosen[at] >= 0:
            document = chosen[at] * PIECE
            while bits[document] != largest[chosen[at]]:
                document += 1
            places[found] = document
            found += 1
    heap_scores[:] = 0.0
    bar = _work_out(field, alive, scratch, short, found, ZERO, heap_scores, heap_documents)
    # A little less, so that the documents of that very score come into the top in their order.
    return bar * np.float32(0.99999)


@partial(compiled, loosely=True)
def _above(sums: Any, norms: Any, length: Any, least: Any, first: int, places: Any) -> int:
    """Put the documents that could reach `least` into `places`."""
    found = 0
    for at in range(len(sums)):
        places[found] = first + at
        found += sums[at] + length * norms[at] > least
    return found


@compiled
def _few(scratch: Any, norms: Any, length: Any, start: int, end: int, least: Any) -> int:
    """The same for the documents start..end, of which most pieces have none."""
    sums, places = scratch.sums, scratch.places
    found = 0
    for head in range(start, end, PIECE):
        tail = min(end, head + PIECE)
        if _count(sums[head:tail], norms[head:tail], length, least):
            found += _above(sums[head:tail], norms[head:tail], length, least, head, places[found:])
    return found


@compiled
def _in_steps(field: Any, scratch: Any, active: Any, weights: Any, start: int, end: int, least: Any) -> int:
    """The same with a closer bound: the steps of all documents added up, and one step more of each term."""
    sums, steps, places, bound = scratch.sums, field.steps, scratch.places, scratch.bound[: end - start]
    bound[:] = sums[start:end]
    for at in range(0, len(active) - 3, 4):
        _add_steps(
            bound,
            steps[active[at]][start:end],
            steps[active[at + 1]][start:end],
            steps[active[at + 2]][start:end],
            steps[active[at + 3]][start:end],
            weights[at],
            weights[at + 1],
            weights[at + 2],
            weights[at + 3],
        )
    bits = bound.view(np.int32)
    edge = np.full(1, max(least, ZERO), dtype=np.float32).view(np.int32)[0]
    if least < ZERO and len(active) > 3:  # less than a step shows as nothing, but it is something
        edge = np.int32(-1)
    found = 0
    for head in range(0, end - start, PIECE):
        tail = min(end - start, head + PIECE)
        if _largest(bits[head:tail]) > edge:
            for at in range(head, tail):
                places[found] = start + at
                found += bits[at] > edge
    return found


@compiled
def _query(field: Any, columns: Any, weights: Any, wanted: Any) -> Any:
    """Write the weights of the query's terms by their slots; how many of them stand in the short rows."""
    wanted[:] = 0.0
    short = 0
    for at in range(len(columns)):
        if 0 <= columns[at] < len(field.slots) and field.slots[columns[at]] >= 0:
            wanted[field.slots[columns[at]]] = weights[at]
            short += field.slots[columns[at]] >= field.dense.shape[1]
    return short


@compiled
def _length(wanted: Any) -> Any:
    total = ZERO
    for at in range(len(wanted)):
        total += wanted[at] * wanted[at]
    return np.float32(np.sqrt(total)) * ONE_AND_A_BIT


@compiled
def _by_length(
    field: Any, alive: Any, scratch: Any, floor: Any, heap_scores: Any, heap_documents: Any
) -> None:
    """The best documents into the heap; the sums lack the dense block and the short rows, whose lengths bound them."""
    sums, norms, length = scratch.sums, field.norms, _length(scratch.wanted)
    bar = floor
    edge = np.zeros(1, dtype=np.float32)
    for start in range(0, len(sums), BLOCK):
        end, least = min(len(sums), start + BLOCK), _least(bar)
        edge[0] = max(least - length * field.longest[0], ZERO)
        if _largest(scratch.largest[start // PIECE : (end + PIECE - 1) // PIECE]) >= edge.view(np.int32)[0]:
            found = _few(scratch, norms, length, start, end, least)
            bar = _work_out(field, alive, scratch, True, found, bar, heap_scores, heap_documents)


@compiled
def _by_steps(
    field: Any, alive: Any, scratch: Any, floor: Any, heap_scores: Any, heap_documents: Any
) -> None:
    """The best documents into the heap; the sums lack the dense block, which its steps bound."""
    sums, wanted, terms = scratch.sums, scratch.wanted, len(field.steps)
    active = np.zeros(terms + 3, dtype=np.int64)
    weights = np.zeros(terms + 3, dtype=np.float32)  # three more, of weight zero, to fill the last four up
    many = 0
    slack = ZERO
    for term in range(terms):
        if wanted[term] > 0:
            active[many] = term
            weights[many] = wanted[term] * field.scale[term]
            slack += weights[many]
            many += 1
    slack *= ONE_AND_A_BIT
    bar = floor
    start, size = 0, PIECE  # small at first: all documents come in until there is a bar
    while start < len(sums):
        end = min(len(sums), start + size)
        found = _in_steps(
            field, scratch, active[: many + 3], weights[: many + 3], start, end, _least(bar) - slack
        )
        bar = _work_out(field, alive, scratch, False, found, bar, heap_scores, heap_documents)
        start, size = end, min(2 * size, BLOCK)


@compiled
def top_one(
    field: Any,
    alive: Any,
    columns: Any,
    weights: Any,
    scratch: Any,
    best_scores: Any,
    best_documents: Any,
) -> None:
    """The top of one query (`columns`, `weights`) into `best_scores` and `best_documents`."""
    sums, top = scratch.sums, len(best_scores)
    short = _query(field, columns, weights, scratch.wanted) > 0
    floor = ZERO
    _lists(field, columns, weights, False, sums)
    if short:
        # Do the rarest terms alone tell the best ones apart? Of a text that has near relatives they do.
        many = min(len(scratch.largest), SEEDS * top, BLOCK)
        seeds, chosen = np.empty(many, dtype=np.float32), np.empty(many, dtype=np.int32)
        _peaks(scratch, seeds, chosen)
        length = _length(scratch.wanted)
        short = seeds[0] > HOPE * length * field.longest[0]
        if short:
            floor = _floor(field, alive, scratch, True, chosen, best_scores, best_documents)
            short = _count(sums, field.norms, length, _least(floor)) < len(sums) // WORTH_IT
        if not short:
            _lists(field, columns, weights, True, sums)
    best_scores[:] = 0.0
    best_documents[:] = -1
    if short:
        _by_length(field, alive, scratch, floor, best_scores, best_documents)
    else:
        _by_steps(field, alive, scratch, floor, best_scores, best_documents)
    sums[:] = 0.0
    for last in range(top - 1, 0, -1):  # a heap sort: the worst goes to the end
        best_scores[0], best_scores[last] = best_scores[last], best_scores[0]
        best_documents[0], best_documents[last] = best_documents[last], best_documents[0]
        _sift(best_scores, best_documents, last)


@compiled
def top_all(
    field: Any,
    alive: Any,
    query_indptr: Any,
    query_columns: Any,
    query_weights: Any,
    scratch: Any,
    best_scores: Any,
    best_documents: Any,
    first: int,
    last: int,
) -> None:
    """The tops of the queries first..last (exclusive), a row each."""
    for query in range(first, last):
        start, end = query_indptr[query], query_indptr[query + 1]
        top_one(
            field,
            alive,
            query_columns[start:end],
            query_weights[start:end],
            scratch,
            best_scores[query],
            best_documents[query],
        )
