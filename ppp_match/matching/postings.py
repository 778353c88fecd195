"""Exact top-k by cosine over one TF-IDF field, as fast as it goes on one machine.

Here: `Postings`, which holds the rows of a field as posting lists, and its `top` and `top_all`. Not here: how a text
becomes a vector (tokens.py), the several fields, facets and language groups of the forum's own ranking (search.py).

The most frequent terms stand in few queries' results but fill most of the posting lists. They are kept apart as a
dense block, documents × 64, once with all digits and once in 255 steps, rounded down. The steps are added up for all
documents at once, which is a quarter of the memory to read and vector instructions throughout; one step of every term
bounds what was lost by the rounding, and only the documents that this could bring into the top are worked out with all
digits. The result is exact, not approximate.

The next 1,024 terms stand in posting lists and a second time in short rows, one for each document: where the rarer
terms alone tell the best documents apart, the few that are left are worked out from their rows, and the lists of these
terms, which are most of what there is to read, are not.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from .compiled import kernels_top

__all__ = ["DENSE_TERMS", "Postings"]

DENSE_TERMS = 64
ROW_TERMS = 1_024
_DENSE_FROM = 10_000  # documents; below that plain posting lists are faster
_CHUNK = 256  # queries that a thread takes at a time
_NOTHING = np.zeros(0, dtype=np.bool_)

Array = npt.NDArray[Any]
_ARRAYS = (
    "indptr",
    "documents",
    "values",
    "slots",
    "dense",
    "steps",
    "scale",
    "row_ends",
    "row_slots",
    "row_values",
    "norms",
    "longest",
)


@dataclass(frozen=True)
class Postings:
    """Rows of non-negative weights, mostly of length one. Immutable; safe to use from many threads.

    `indptr`, `documents`, `values`: for each term its documents in rising order and their weights (terms of the dense
    block have none there). `slots`: for each term its place among the most frequent ones, or -1; the first are the
    columns of `dense` (documents × 64), the others stand in the short rows: `row_slots` and `row_values`, those of
    document n before `row_ends[n]`. `steps` (64 × documents) times `scale` (64) is `dense` rounded down. `norms`: for
    each document the length of its row of `dense` and its short row together; `longest[0]` is the largest of them.
    """

    indptr: Array
    documents: Array
    values: Array
    slots: Array
    dense: Array
    steps: Array
    scale: Array
    row_ends: Array
    row_slots: Array
    row_values: Array
    norms: Array
    longest: Array
    _scratch: threading.local = field(default_factory=threading.local, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, rows: Any, *, dense: int | None = None, short: int | None = None) -> Postings:
        """The posting lists of a documents × terms matrix (scipy.sparse, weights of at least 0).

        Kept in single precision: cosines are right within 1e-6. `dense` and `short` say how many terms stand in the
        dense block and how many more in the short rows (None: 64 and 1,024 from 10,000 documents on). Raises ValueError
        on a negative weight.
        """
        matrix = sp.csc_matrix(rows, dtype=np.float32)
        matrix.sort_indices()
        if matrix.nnz and matrix.data.min() < 0:
            raise ValueError("posting lists of the exact top-k take no negative weights")
        count, terms = matrix.shape
        large = count >= _DENSE_FROM
        dense = min(terms, (DENSE_TERMS if large else 0) if dense is None else dense)
        short = min(terms - dense, (ROW_TERMS if large else 0) if short is None else short)
        sizes = np.diff(matrix.indptr)
        frequent = np.argsort(-sizes, kind="stable")[: dense + short]
        slots = np.full(terms, -1, dtype=np.int16)
        slots[frequent[:dense]] = np.arange(dense)
        width = max(dense, 1)  # kernels take no array without a column
        slots[frequent[dense:]] = np.arange(width, width + short)
        block = np.zeros((count, width), dtype=np.float32)
        block[:, :dense] = matrix[:, frequent[:dense]].toarray()
        listed = (slots < 0) | (slots >= width)
        keep = np.repeat(listed, sizes)
        indptr = np.concatenate([[0], np.cumsum(np.where(listed, sizes, 0))]).astype(np.int64)
        own = sp.csr_matrix(matrix[:, frequent[dense:]])
        norms = np.sqrt((block * block).sum(axis=1) + np.asarray(own.power(2).sum(axis=1)).ravel())
        steps, scale = _stepped(block)
        return cls(
            indptr,
            matrix.indices[keep].astype(np.int32),
            np.ascontiguousarray(matrix.data[keep]),
            slots,
            block,
            steps,
            scale,
            own.indptr[1:].astype(np.int64),
            (own.indices + width).astype(np.int16),
            own.data,
            norms.astype(np.float32),
            norms.max(initial=0.0, keepdims=True).astype(np.float32),
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Postings:
        """What `arrays` gave, memory-mapped or not."""
        return cls(**{name: arrays[name] for name in _ARRAYS})

    def arrays(self) -> dict[str, Array]:
        """All there is, for saving."""
        return {name: getattr(self, name) for name in _ARRAYS}

    def __len__(self) -> int:
        return len(self.dense)

    def top(
        self, columns: Array, weights: Array, top: int = 10, *, alive: Array | None = None
    ) -> tuple[Array, Array]:
        """(documents, scores) of the best `top` for one query vector; ties by the lower document.

        `columns` are terms (each once; unknown ones may be below 0 or beyond the last), `weights` at least 0. `alive`,
        a bool per document, leaves documents out. Only documents that share a term are found.
        """
        top = min(top, len(self))
        if top < 1:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        columns = np.asarray(columns, dtype=np.int64)
        weights = np.asarray(weights, dtype=np.float32)
        module = kernels_top()
        if module is None:
            return _first(self._sums(columns, weights), top, alive)
        scores = np.empty(top, dtype=np.float32)
        documents = np.empty(top, dtype=np.int32)
        field, scratch = self._workspace(module)
        module.top_one(
            field, _NOTHING if alive is None else alive, columns, weights, scratch, scores, documents
        )
        found = int(np.count_nonzero(scores))
        return documents[:found], scores[:found]

    def top_all(
        self, queries: Any, top: int = 10, *, threads: int = 1, alive: Array | None = None
    ) -> tuple[Array, Array]:
        """(documents, scores), each queries × top, for a sparse queries × terms matrix; -1 and 0 fill short rows."""
        rows = sp.csr_matrix(queries, dtype=np.float32)
        top = min(top, len(self))
        scores = np.zeros((rows.shape[0], top), dtype=np.float32)
        documents = np.full((rows.shape[0], top), -1, dtype=np.int32)
        if top < 1 or not rows.shape[0]:
            return documents, scores
        module = kernels_top()
        if module is None:
            return self._all_by_scipy(rows, alive, documents, scores)

        indptr, indices = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)

        def work(first: int) -> None:
            field, scratch = self._workspace(module)
            module.top_all(
                field,
                _NOTHING if alive is None else alive,
                indptr,
                indices,
                rows.data,
                scratch,
                scores,
                documents,
                first,
                min(first + _CHUNK, rows.shape[0]),
            )

        with ThreadPoolExecutor(max(1, threads)) as pool:
            for _ in pool.map(work, range(0, rows.shape[0], _CHUNK)):
                pass
        return documents, scores

    def _workspace(self, module: Any) -> tuple[Any, Any]:
        """What the kernels read, and arrays of this thread, kept from query to query: its sums are zero whenever a
        kernel has ended."""
        found: tuple[Any, Any] | None = getattr(self._scratch, "found", None)
        if found is None:
            found = (
                module.Field(**self.arrays()),
                module.Scratch(
                    np.zeros(len(self), dtype=np.float32),
                    np.zeros(self.dense.shape[1] + int(self.slots.max(initial=0)) + 1, dtype=np.float32),
                    np.zeros(module.BLOCK, dtype=np.float32),
                    np.zeros(-(-len(self) // module.PIECE), dtype=np.int32),
                    np.zeros(module.BLOCK + 1, dtype=np.int64),
                ),
            )
            self._scratch.found = found
        return found

    def _sums(self, columns: Array, weights: Array) -> Array:
        """All scores by numpy alone."""
        known = (columns >= 0) & (columns < len(self.slots))
        columns, weights = columns[known], weights[known]
        slots = self.slots[columns]
        wanted = np.zeros(self.dense.shape[1], dtype=np.float64)
        inside = (slots >= 0) & (slots < len(wanted))
        wanted[slots[inside]] = weights[inside]
        columns, weights = columns[~inside], weights[~inside]
        starts, sizes = self.indptr[columns], self.indptr[columns + 1] - self.indptr[columns]
        places = np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
        found = np.bincount(
            self.documents[places], self.values[places] * np.repeat(weights, sizes), minlength=len(self)
        )
        return np.asarray(found + self.dense @ wanted, dtype=np.float32)

    def _all_by_scipy(
        self, rows: Any, alive: Array | None, documents: Array, scores: Array
    ) -> tuple[Array, Array]:
        terms = len(self.slots)
        lists = sp.csr_matrix((self.values, self.documents, self.indptr), shape=(terms, len(self)))
        place = np.flatnonzero((self.slots >= 0) & (self.slots < self.dense.shape[1]))
        place = place[np.argsort(self.slots[place])]
        for first in range(0, rows.shape[0], _CHUNK):
            part = rows[first : first + _CHUNK]
            sums = (part @ lists).toarray()
            if len(place):
                sums += part[:, place].toarray() @ self.dense[:, : len(place)].T
            for number, row in enumerate(sums):
                best, values = _first(row, documents.shape[1], alive)
                documents[first + number, : len(best)] = best
                scores[first + number, : len(best)] = values
        return documents, scores


def _stepped(block: Array) -> tuple[Array, Array]:
    """(steps, scale): each column in 255 steps rounded down, terms × documents."""
    scale = (block.max(axis=0, initial=0.0) / 255).astype(np.float32)
    steps = np.floor(block.T / np.where(scale > 0, scale, 1)[:, None] * 0.999999).clip(0, 255)
    return np.ascontiguousarray(steps, dtype=np.uint8), scale


def _first(sums: Array, top: int, alive: Array | None) -> tuple[Array, Array]:
    if alive is not None:
        sums = np.where(alive, sums, 0)
    bar = np.partition(sums, len(sums) - top)[len(sums) - top]
    found = np.flatnonzero((sums >= bar) & (sums > 0))
    found = found[np.argsort(-sums[found], kind="stable")][:top].astype(np.int32)
    return found, sums[found]
