"""scikit-learn's TfidfVectorizer, faster: the same vocabulary, the same matrix, the same vector of a query.

Here: `FastTfidfVectorizer`, which fits with a compiled tokeniser, and `QueryVectoriser`, which makes one text a vector
without the checks that scikit-learn repeats for every call. Not here: the forum's own terms (analysis.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from .compiled import kernels

__all__ = ["FastTfidfVectorizer", "QueryVectoriser"]

_CHUNK = 2_000  # documents a time
_CODE_POINTS = 0x110000
Array = npt.NDArray[Any]


@lru_cache(maxsize=1)
def _word_letters() -> Array:
    r"""For each code point whether `\w` matches it."""
    return np.fromiter(
        ((letter := chr(code)).isalnum() or letter == "_" for code in range(_CODE_POINTS)),
        dtype=np.bool_,
        count=_CODE_POINTS,
    )


class _Words:
    """The words met so far, in the order they were first met."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.used = np.zeros(3, dtype=np.int64)
        self.slots = np.full(1 << 16, -1, dtype=np.int32)
        self.hashes = np.zeros(1 << 15, dtype=np.uint64)
        self.places = np.zeros((1 << 15) + 1, dtype=np.int64)
        self.pool = np.zeros(1 << 18, dtype=np.uint32)
        self.seen_in = np.zeros(1 << 15, dtype=np.int64)
        self.entries = np.zeros(1 << 15, dtype=np.int64)

    def count(self, texts: list[str]) -> tuple[Array, Array, Array]:
        """(terms, counts, entries of each text); a text's entries stand in the order of its words."""
        joined = "\n".join([*texts, ""])
        ends = np.cumsum([len(text) + 1 for text in texts])
        if joined.isascii():
            codes: Array = np.frombuffer(joined.encode("ascii"), dtype=np.uint8)
        else:
            codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        room = len(codes) // 3 + len(texts) + 1
        terms, counts = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
        sizes = np.zeros(len(texts), dtype=np.int64)
        self.used[2] = 0
        self.seen_in[:] = -1
        at = 0
        while at < len(texts):
            at = self.module.count_words(
                codes,
                ends,
                at,
                _word_letters(),
                self.slots,
                self.hashes,
                self.places,
                self.pool,
                self.seen_in,
                self.entries,
                self.used,
                terms,
                counts,
                sizes,
            )
            if at < len(texts):
                self._grow(len(texts[at]) + 1)
        written = int(self.used[2])
        return terms[:written], counts[:written], sizes

    def _grow(self, letters: int) -> None:
        known = int(self.used[0])
        room = 2 * max(len(self.hashes), letters)
        self.hashes, self.seen_in, self.entries = (
            np.concatenate([array, np.zeros(room - len(array), dtype=array.dtype)])
            for array in (self.hashes, self.seen_in, self.entries)
        )
        self.places = np.concatenate([self.places, np.zeros(room + 1 - len(self.places), dtype=np.int64)])
        self.pool = np.concatenate([self.pool, np.zeros(len(self.pool) + letters, dtype=np.uint32)])
        self.slots = np.full(1 << (2 * room - 1).bit_length(), -1, dtype=np.int32)
        self.module.fill_slots(self.slots, self.hashes, known)

    def vocabulary(self) -> dict[str, int]:
        """Each word with its number."""
        known, letters = int(self.used[0]), int(self.used[1])
        whole = self.pool[:letters].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        places = self.places[: known + 1].tolist()
        return {whole[places[at] : places[at + 1]]: at for at in range(known)}


class FastTfidfVectorizer(TfidfVectorizer):  # type: ignore[misc]
    """TfidfVectorizer whose fit counts words with a compiled kernel.

    Only the default words are counted so (single words of two letters or more in texts given as they are, no stop
    words, no stripping of accents, no callables of one's own); everything else, and everything where numba is
    missing, is scikit-learn's own work. Vocabulary and matrix are the same, to the bit.
    """

    def _plain(self) -> bool:
        defaults = {
            "input": "content",
            "strip_accents": None,
            "preprocessor": None,
            "tokenizer": None,
            "analyzer": "word",
            "stop_words": None,
            "token_pattern": r"(?u)\b\w\w+\b",
        }
        return tuple(self.ngram_range) == (1, 1) and all(
            getattr(self, name) == value for name, value in defaults.items()
        )

    def _count_vocab(self, raw_documents: Iterable[Any], fixed_vocab: bool) -> tuple[dict[str, int], Any]:
        module = None if fixed_vocab or not self._plain() else kernels()
        if module is None:
            counted: tuple[dict[str, int], Any] = super()._count_vocab(raw_documents, fixed_vocab)
            return counted
        words = _Words(module)
        source = iter(raw_documents)
        columns: list[Array] = []
        values: list[Array] = []
        sizes: list[Array] = []
        while chunk := list(islice(source, _CHUNK)):
            texts = [self.decode(text) for text in chunk]
            found = words.count([text.lower() for text in texts] if self.lowercase else texts)
            for kept, part in zip((columns, values, sizes), found, strict=True):
                kept.append(part)
        vocabulary = words.vocabulary()
        if not vocabulary:
            raise ValueError("empty vocabulary; perhaps the documents only contain stop words")
        indptr = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
        if indptr[-1] <= np.iinfo(np.int32).max:
            indptr = indptr.astype(np.int32)
        matrix = sp.csr_matrix(
            (np.concatenate(values), np.concatenate(columns), indptr),
            shape=(len(indptr) - 1, len(vocabulary)),
            dtype=self.dtype,
        )
        matrix.sort_indices()
        return vocabulary, matrix


class QueryVectoriser:
    """One text to (columns, weights), equal to `vectorizer.transform([text])` of a fitted TfidfVectorizer."""

    def __init__(self, vectorizer: Any) -> None:
        self._analyse = vectorizer.build_analyzer()
        self._columns: dict[str, int] = vectorizer.vocabulary_
        self._idf: list[float] | None = vectorizer.idf_.tolist() if vectorizer.use_idf else None
        self._binary, self._sublinear = bool(vectorizer.binary), bool(vectorizer.sublinear_tf)
        self._norm: str | None = vectorizer.norm

    def __call__(self, text: str) -> tuple[Array, Array]:
        """The columns in rising order and their weights."""
        counts: dict[int, float] = {}
        known = self._columns
        for term in self._analyse(text):
            column = known.get(term)
            if column is not None:
                counts[column] = counts.get(column, 0.0) + 1.0
        columns = sorted(counts)
        weights = [counts[column] for column in columns]
        if self._binary:
            weights = [1.0] * len(weights)
        if self._sublinear:
            weights = [1.0 + math.log(weight) for weight in weights]
        if (idf := self._idf) is not None:
            weights = [weight * idf[column] for weight, column in zip(weights, columns, strict=True)]
        if self._norm and weights:
            length = (
                math.sqrt(sum(weight * weight for weight in weights)) if self._norm == "l2" else sum(weights)
            )
            weights = [weight / length for weight in weights]
        return np.asarray(columns, dtype=np.int64), np.asarray(weights, dtype=np.float64)
