"""The Vietnamese-English lexicon, and how a text is carried into the other language with it.

Here: reading `seeds/lexicon/*.csv` (columns vi, en, sector) and the synonyms of each language in
`seeds/lexicon/synonyms/{vi,en}.csv` (columns a, b, sector), longest match over them, translations with
weights that sum to one. Not here: which words of a text are function words and what a document's bag of
terms looks like (analysis.py), lost diacritics (language.py).
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from .documents import InputError
from .language import Restorer
from .text import tokenise

__all__ = [
    "LEXICON_FOLDER",
    "Entry",
    "Expansion",
    "Lexicon",
    "Synonym",
    "Target",
    "default_lexicon",
    "lexicon_folder",
]

LEXICON_FOLDER = Path(__file__).resolve().parents[2] / "seeds" / "lexicon"
_MAX_WORDS = 8  # the longest entry that is looked up, in syllables or words
_SIDES = ("vi", "en")
_SYNONYMS = "synonyms"  # the folder beside the pairs, one file a language
_SYNONYM_SIDES = ("a", "b")


class Entry(NamedTuple):
    """One pair of the lexicon as written, with the file and the line it stands in."""

    vi: str
    en: str
    sector: str
    file: str
    line: int

    @property
    def label(self) -> str:
        """How an explanation shows the entry."""
        return f"{self.vi} ≈ {self.en}"


class Synonym(NamedTuple):
    """Two words or phrases of one language that mean the same, as written."""

    a: str
    b: str
    language: str

    @property
    def label(self) -> str:
        """How an explanation shows the two."""
        return f"{self.a} = {self.b}"


class Target(NamedTuple):
    """One translation: its words in matching form, its weight (those of one source sum to one), its entry."""

    words: tuple[str, ...]
    weight: float
    label: str


class Expansion(NamedTuple):
    """The tokens start..end (exclusive) and their translations; `part` says it lies inside a longer match."""

    start: int
    end: int
    targets: tuple[Target, ...]
    part: bool


@dataclass(frozen=True)
class _Direction:
    targets: dict[tuple[str, ...], tuple[Target, ...]]
    longest: dict[str, int]  # first word -> longest entry that begins with it


class Lexicon:
    """Entries in both directions, synonyms in each language. Immutable; `fingerprint` changes with the
    content."""

    def __init__(self, entries: Sequence[Entry], synonyms: Sequence[Synonym] = ()) -> None:
        self.entries = tuple(entries)
        self.synonyms = tuple(synonyms)
        digest = hashlib.sha256()
        for entry in sorted((entry.vi, entry.en) for entry in self.entries):
            digest.update("\t".join(entry).encode() + b"\n")
        for synonym in sorted(self.synonyms):
            digest.update("=".join(synonym).encode() + b"\n")
        self.fingerprint = digest.hexdigest()[:12]
        pairs = {
            "vi": [(entry.vi, entry.en, entry.label) for entry in self.entries],
            "en": [(entry.en, entry.vi, entry.label) for entry in self.entries],
        }
        self._ways = {source: _direction(found) for source, found in pairs.items()}
        self._alike = {
            language: _direction(
                [
                    (a, b, one.label)
                    for one in self.synonyms
                    if one.language == language
                    for a, b in ((one.a, one.b), (one.b, one.a))
                ]
            )
            for language in _SIDES
        }

    @classmethod
    def load(cls, folder: str | Path | None = None) -> Lexicon:
        """Read every CSV file of `folder` (else of PPP_MATCH_LEXICON, else of the package's seeds), and its
        synonyms if it has any.

        Raises InputError with file and line where a column is missing or a cell is empty, and where there
        is no file.
        """
        place = lexicon_folder(folder)
        files = sorted(place.glob("*.csv"))
        if not files:
            raise InputError("holds no lexicon (*.csv)", str(place))
        return cls(
            [entry for file in files for entry in _entries(file)],
            [synonym for file in _synonym_files(place) for synonym in _synonyms(file)],
        )

    def expand(self, words: Sequence[str], source: str) -> list[Expansion]:
        """Longest matches from left to right over words in matching form, and the entries inside each of
        them.

        `source` is the language of the words, "vi" or "en"; words no entry covers are in no expansion.
        """
        way = self._ways[source]
        found: list[Expansion] = []
        for whole in self._matches(words, way):
            found.append(whole)
            if whole.end - whole.start > 1:
                found.extend(self._parts(words, whole.start, whole.end, way))
        return found

    def alike(self, words: Sequence[str], language: str) -> list[Expansion]:
        """Longest matches from left to right among the synonyms of `language`, with the words that mean the
        same."""
        return list(self._matches(words, self._alike[language]))

    def _matches(self, words: Sequence[str], way: _Direction) -> Iterator[Expansion]:
        at = 0
        while at < len(words):
            size = self._longest(words, at, min(way.longest.get(words[at], 0), len(words) - at), way)
            if size:
                yield Expansion(at, at + size, way.targets[tuple(words[at : at + size])], part=False)
            at += size or 1

    def _longest(self, words: Sequence[str], at: int, limit: int, way: _Direction) -> int:
        for size in range(limit, 0, -1):
            if tuple(words[at : at + size]) in way.targets:
                return size
        return 0

    def _parts(self, words: Sequence[str], start: int, end: int, way: _Direction) -> list[Expansion]:
        """Entries inside a longer one; they may overlap (xử lý nước | nước thải), but none lies inside
        another."""
        found: list[Expansion] = []
        reached = start
        for at in range(start, end):
            limit = min(way.longest.get(words[at], 0), end - at, end - start - 1)
            size = self._longest(words, at, limit, way)
            if at + size > reached and size:
                found.append(Expansion(at, at + size, way.targets[tuple(words[at : at + size])], part=True))
                reached = at + size
        return found

    def teach(self, restorer: Restorer) -> None:
        """Let `restorer` learn the Vietnamese side, and keep the English words as they are."""
        restorer.start_from(self._taught)
        self.protect(restorer)

    @cached_property
    def _taught(self) -> dict[str, dict[str, int]]:
        """What the Vietnamese side teaches, worked out once for all indexes."""
        restorer = Restorer()
        for entry in self.entries:
            restorer.learn([token.word for token in tokenise(entry.vi)], weight=2, longest=4)
        return restorer.state()

    def protect(self, restorer: Restorer) -> None:
        """Let `restorer` keep the English words as they are."""
        restorer.keep(key[0] for key in self._ways["en"].targets if len(key) == 1)


def lexicon_folder(folder: str | Path | None = None) -> Path:
    """The folder in use: the argument, else PPP_MATCH_LEXICON, else the package's own."""
    return Path(folder or os.environ.get("PPP_MATCH_LEXICON") or LEXICON_FOLDER)


def _direction(pairs: Iterable[tuple[str, str, str]]) -> _Direction:
    """What (source, target, label) pairs make of a text, with the targets of one source weighed alike."""
    found: dict[tuple[str, ...], dict[tuple[str, ...], str]] = {}
    for source, target, label in pairs:
        key, words = (tuple(token.word for token in tokenise(side)) for side in (source, target))
        if 0 < len(key) <= _MAX_WORDS and words:
            found.setdefault(key, {}).setdefault(words, label)
    longest: dict[str, int] = {}
    for key in found:
        longest[key[0]] = max(longest.get(key[0], 0), len(key))
    targets = {
        key: tuple(Target(words, 1.0 / len(options), label) for words, label in options.items())
        for key, options in found.items()
    }
    return _Direction(targets, longest)


def _entries(file: Path) -> list[Entry]:
    rows = _rows(file, _SIDES, "an entry needs both languages")
    return [Entry(vi, en, sector, file.name, line) for vi, en, sector, line in rows]


def _synonym_files(folder: Path) -> list[Path]:
    return [file for side in _SIDES if (file := folder / _SYNONYMS / f"{side}.csv").is_file()]


def _synonyms(file: Path) -> list[Synonym]:
    rows = _rows(file, _SYNONYM_SIDES, "a synonym needs both sides")
    return [Synonym(a, b, file.stem) for a, b, _, _ in rows]


def _rows(file: Path, sides: tuple[str, str], both: str) -> Iterator[tuple[str, str, str, int]]:
    """Both sides of every row in NFC, its sector and its line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", str(file)) from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if any(column not in (rows.fieldnames or ()) for column in (*sides, "sector")):
        raise InputError(f"needs the columns {sides[0]}, {sides[1]} and sector", str(file), 1)
    for row in rows:
        one, other = (unicodedata.normalize("NFC", (row[side] or "").strip()) for side in sides)
        if not one or not other:
            raise InputError(both, str(file), rows.line_num)
        yield one, other, (row["sector"] or "").strip(), rows.line_num


@lru_cache(maxsize=4)
def _cached(folder: str, stamp: tuple[tuple[str, int, int], ...]) -> Lexicon:
    return Lexicon.load(folder)


def default_lexicon(folder: str | Path | None = None) -> Lexicon:
    """The lexicon of `lexicon_folder(folder)`, read once until one of its files changes."""
    place = lexicon_folder(folder)
    files = [*sorted(place.glob("*.csv")), *_synonym_files(place)]
    stats = [(str(file.relative_to(place)), file.stat()) for file in files]
    return _cached(str(place), tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))
