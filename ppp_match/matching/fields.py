"""Weighted fields of an index: vocabularies, idf, rows as posting lists, and the sums a query runs over them.

Here: `Vocabulary` (terms, document counts, idf of one field), `Segment` (immutable rows of some documents) and
`Rows`, which collects the rows of new documents. Not here: what the terms are (analysis.py), when segments are made,
merged and saved (index.py), the formula of the score (search.py).

TF-IDF is scikit-learn's: tf as damped in analysis.py, idf = ln((1 + n) / (1 + df)) + 1 (`TfidfTransformer`
with smooth_idf), rows scaled to length one (`sklearn.preprocessing.normalize`). Posting lists keep tf alone; idf and
the length of a row are multiplied in when a query comes, so that a refreshed idf asks for new lengths and nothing
else.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from .compiled import kernels

__all__ = [
    "TEXT_FIELDS",
    "Lists",
    "Prepared",
    "Rows",
    "Segment",
    "Vector",
    "Vocabulary",
    "field_sums",
    "joined",
    "lengths",
    "query_lists",
    "rebuilt",
]

TEXT_FIELDS = ("vi", "en", "char")
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
Vector = dict[str, float]


class _Columns(dict[str, int]):
    """Gives a term that it does not know the next number."""

    def __missing__(self, term: str) -> int:
        self[term] = number = len(self)
        return number


class Vocabulary:
    """The terms of one field. Columns are only ever added; `refresh` sets idf anew from the kept counts."""

    def __init__(self, *, weighted: bool) -> None:
        self.weighted = weighted  # False: every term weighs one (codes)
        self.columns: MutableMapping[str, int] = _Columns()
        self.counts: Ints = np.zeros(0, dtype=np.int64)
        self.idf: Floats = np.zeros(0)
        self.default_idf = 1.0

    def grow(self, columns: Array, documents: int) -> None:
        """Count the terms of new documents, a column for each of a document's terms; terms seen for the first time
        get their idf, the others keep theirs."""
        known, total = len(self.idf), len(self.columns)
        if total > known:
            self.counts = _lengthened(self.counts, total)
        np.add.at(self.counts, columns, 1)
        if total > known:
            idf = _lengthened(self.idf, total)
            idf[known:] = self._idf(self.counts[known:].astype(np.float64), documents)
            self.idf = idf
        self.default_idf = float(self._idf(np.zeros(1), documents)[0])

    def shrink(self, terms: Iterable[str]) -> None:
        """Take a removed document out of the counts."""
        for term in terms:
            column = self.columns.get(term)
            if column is not None:
                self.counts[column] -= 1

    def refresh(self, documents: int) -> None:
        """idf of all terms from the kept counts."""
        self.idf = self._idf(self.counts.astype(np.float64), documents)
        self.default_idf = float(self._idf(np.zeros(1), documents)[0])

    def copy(self) -> Vocabulary:
        """A copy with counts and idf of its own, for a merge to work on while others still read this one."""
        twin = Vocabulary(weighted=self.weighted)
        twin.columns, twin.counts = self.columns, self.counts.copy()
        twin.idf, twin.default_idf = self.idf, self.default_idf
        return twin

    def _idf(self, counts: Floats, documents: int) -> Floats:
        if not self.weighted:
            return np.ones(len(counts))
        return np.asarray(np.log((1.0 + documents) / (1.0 + counts)) + 1.0, dtype=np.float64)

    def vector(self, bag: Mapping[str, float], also: Iterable[str] = ()) -> Vector:
        """The bag as a vector of length one over the known terms, and those of `also`."""
        extra = frozenset(also)
        idf, counts, found = self.idf, self.counts, Vector()
        known = min(len(idf), len(counts))
        for term, tf in bag.items():
            column = self.columns.get(term)
            # A term may have lost its last document, or another thread may be adding it just now.
            if column is not None and column < known and counts[column] > 0:
                found[term] = tf * float(idf[column])
            elif term in extra:
                found[term] = tf * (self.default_idf if self.weighted else 1.0)
        length = sum(value * value for value in found.values()) ** 0.5
        return {term: value / length for term, value in found.items()} if length else {}


def _lengthened(values: Array, size: int) -> Array:
    """`values` followed by zeros, in memory that has room for more: most calls copy nothing."""
    room = values.base if isinstance(values.base, np.ndarray) else values
    # The room belongs to whoever used it last; a copy that grew before has moved on in a room of its own.
    usable = room.ndim == 1 and room.dtype == values.dtype and room.flags.writeable and len(room) >= size
    if usable and not room[len(values) : size].any():
        return room[:size]
    fresh = np.zeros(max(16, size + size // 4), dtype=values.dtype)
    fresh[: len(values)] = values
    return fresh[:size]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One document ready to be a row: its group, a bag per field and facet, its evidence."""

    id: str
    group: str
    bags: Mapping[str, Mapping[str, float]]
    evidence: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Lists:
    """Posting lists: list n is `documents[indptr[n]:indptr[n + 1]]`, rising, with their tf in `values`.

    In a large segment list n belongs to column n of the vocabulary, and `columns` is None. In a small one, which most
    terms are not in, it belongs to `columns[n]`, rising.
    """

    indptr: Array
    documents: Array
    values: Array
    columns: Array | None = None

    def factors(self, idf: Floats) -> Floats:
        """The idf of each list; the vocabulary may have terms that came later."""
        return idf[: len(self.indptr) - 1] if self.columns is None else idf[self.columns]

    def find(self, columns: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """The number of each column's list, and which columns have one."""
        if self.columns is None:
            return columns, columns < len(self.indptr) - 1
        places = np.searchsorted(self.columns, columns)
        places[places == len(self.columns)] = 0
        return places, self.columns[places] == columns if len(self.columns) else np.zeros(
            len(columns), np.bool_
        )

    def each(self) -> Array:
        """The column of each posting."""
        columns = np.arange(len(self.indptr) - 1) if self.columns is None else self.columns
        return np.repeat(columns, np.diff(self.indptr))

    def for_all(self, terms: int) -> Lists:
        """The same with a list for every one of so many columns."""
        if self.columns is None and len(self.indptr) - 1 == terms:
            return self
        sizes = np.zeros(terms, dtype=np.int64)
        sizes[slice(len(self.indptr) - 1) if self.columns is None else self.columns] = np.diff(self.indptr)
        return Lists(np.concatenate([[0], np.cumsum(sizes)]), self.documents, self.values)


class Rows:
    """Rows of new documents, one field: columns and tf, kept in flat arrays."""

    def __init__(self) -> None:
        self.columns = array("i")
        self.values = array("d")
        self.ends = array("q", [0])

    def append(self, bag: Mapping[str, float], vocabulary: Vocabulary) -> None:
        """Add a document; terms new to the vocabulary get the next columns."""
        columns = vocabulary.columns
        try:
            self.columns.extend(list(map(columns.__getitem__, bag)))
        except KeyError:
            for term in bag:
                column = columns.get(term)
                if column is None:
                    columns[term] = column = len(columns)
                self.columns.append(column)
        self.values.extend(bag.values())
        self.ends.append(len(self.columns))

    def counted(self) -> Array:
        """All columns, one for each term of each document."""
        return np.frombuffer(self.columns, dtype=np.int32) if self.columns else np.zeros(0, dtype=np.int32)

    def lists(self, terms: int) -> Lists:
        """The rows as posting lists; the vocabulary has so many terms."""
        values = np.frombuffer(self.values) if self.values else np.zeros(0)
        ends = np.frombuffer(self.ends, dtype=np.int64)
        if len(values) >= terms:
            lists = sp.csr_matrix((values, self.counted(), ends), shape=(len(ends) - 1, terms)).tocsc()
            return Lists(lists.indptr.astype(np.int64), lists.indices.astype(np.int32), lists.data)
        return _small(self.counted(), np.repeat(np.arange(len(ends) - 1), np.diff(ends)), values)


def _small(columns: Array, documents: Array, values: Array) -> Lists:
    """The lists of postings in any order of their columns, the documents of each column rising."""
    order = np.argsort(columns, kind="stable")
    own, sizes = np.unique(columns, return_counts=True)
    indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Lists(indptr, documents[order].astype(np.int32), values[order], own.astype(np.int64))


def joined(one: Lists, other: Lists, offset: int) -> Lists:
    """The lists of two small segments as one; the documents of `other` count from `offset` on."""
    columns = np.concatenate([one.each(), other.each()])
    documents = np.concatenate([one.documents, other.documents + np.int32(offset)])
    return _small(columns, documents, np.concatenate([one.values, other.values]))


def rebuilt(one: Lists, other: Lists, offset: int, terms: int, keep: npt.NDArray[np.bool_]) -> Lists:
    """The lists of a large segment and a small one as one with a list for each of so many terms. `keep`, a bool for
    each document of both, leaves documents out, and the rest are numbered anew."""
    one, other = one.for_all(terms), other.for_all(terms)
    indptr = one.indptr + other.indptr
    documents = np.empty(indptr[-1], dtype=np.int32)
    values = np.empty(indptr[-1], dtype=np.float64)
    first = np.diff(one.indptr)
    for lists, starts, shift in ((one, indptr[:-1], 0), (other, indptr[:-1] + first, offset)):
        places = np.repeat(starts - lists.indptr[:-1], np.diff(lists.indptr))
        places += np.arange(len(lists.documents))
        documents[places] = lists.documents + np.int32(shift)
        values[places] = lists.values
    if keep.all():
        return Lists(indptr, documents, values)
    staying = keep[documents]
    counts = np.concatenate([[0], np.cumsum(staying)])
    numbers = (np.cumsum(keep) - 1).astype(np.int32)
    return Lists(counts[indptr], numbers[documents[staying]], values[staying])


@dataclass(frozen=True)
class Segment:
    """Documents that never change: their ids, and for each field and facet `lists` and `lengths`, the lengths of
    their rows with the idf of the day (1 where a row is empty)."""

    ids: Sequence[str]
    groups: npt.NDArray[np.int8]  # positions in analysis.GROUPS
    evidence: dict[str, Floats]  # NaN: unknown
    lists: dict[str, Lists]
    lengths: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.groups)

    @cached_property
    def denied(self) -> dict[str, tuple[Lists, Floats]]:
        """For each text field what the documents deny, as far as somebody asked for it (conflict.py)."""
        return {}

    @cached_property
    def known(self) -> dict[str, npt.NDArray[np.bool_]]:
        """For each facet which documents say anything."""
        return {name: _any_of(own, len(self)) for name, own in self.lists.items() if name not in TEXT_FIELDS}


def _any_of(lists: Lists, count: int) -> npt.NDArray[np.bool_]:
    found = np.zeros(count, dtype=np.bool_)
    found[lists.documents] = True
    return found


def lengths(lists: Lists, idf: Floats, count: int) -> Floats:
    """The length of each of `count` rows, tf times idf; 1 for an empty one, 0 never."""
    factors = lists.factors(idf)
    module = kernels()
    if module is not None:
        sums = np.zeros(count)
        module.add_squares(lists.indptr, lists.documents, lists.values, factors, sums)
    else:
        weights = lists.values * np.repeat(factors, np.diff(lists.indptr))
        sums = np.asarray(np.bincount(lists.documents, weights * weights, count)[:count], dtype=np.float64)
    result = np.sqrt(sums)
    result[result == 0.0] = 1.0
    return result


def query_lists(vector: Vector, vocabulary: Vocabulary, lists: Lists) -> tuple[Ints, Floats]:
    """The numbers of the lists that a vector asks for, and its values times idf: what tf is multiplied with."""
    known = len(vocabulary.idf)
    columns: list[int] = []
    values: list[float] = []
    get = vocabulary.columns.get
    for term, value in vector.items():
        column = get(term, known)
        if column < known:
            columns.append(column)
            values.append(value)
    wanted = np.asarray(columns, dtype=np.int64)
    places, there = lists.find(wanted)
    return places[there], (np.asarray(values, dtype=np.float64) * vocabulary.idf[wanted])[there]


def field_sums(lists: Lists, numbers: Ints, values: Floats, sums: Floats) -> None:
    """Add tf · value of each list to the `sums` of its documents. Sums that are -0.0 before stay so exactly where
    no term was met."""
    module = kernels()
    if module is not None:
        module.accumulate(lists.indptr, lists.documents, lists.values, numbers, values, sums)
        return
    starts, ends = lists.indptr[numbers], lists.indptr[numbers + 1]
    sizes = ends - starts
    if not sizes.sum():
        return
    # The positions start..end of every posting list, side by side.
    flat = np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    documents = lists.documents[flat]
    found = np.bincount(documents, weights=lists.values[flat] * np.repeat(values, sizes), minlength=len(sums))
    met = np.zeros(len(sums), dtype=np.bool_)
    met[documents] = True
    sums[met] += found[met] + 0.0
