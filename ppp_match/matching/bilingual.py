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
    "MOST_WORDS",
    "Change",
    "Entry",
    "Expansion",
    "Lexicon",
    "Synonym",
    "Target",
    "default_lexicon",
    "lexicon_folder",
]

LEXICON_FOLDER = Path(__file__).resolve().parents[2] / "seeds" / "lexicon"
MOST_WORDS = 8  # the longest entry that is looked up, in syllables or words
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
    sector: str = ""
    added: bool = False  # by a forum, beside what is shipped

    @property
    def label(self) -> str:
        """How an explanation shows the two."""
        return f"{self.a} = {self.b}"


class Change(NamedTuple):
    """One change that a forum makes to the lexicon: `add` or `remove` a `pair` (one is Vietnamese, other English) or a
    synonym of Vietnamese (`vi`) or English (`en`)."""

    action: str
    kind: str
    one: str
    other: str
    sector: str = ""

    @property
    def label(self) -> str:
        return f"{self.one} {'≈' if self.kind == 'pair' else '='} {self.other}"


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
        for synonym in sorted(one[:3] for one in self.synonyms):
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

    def as_changes(self) -> list[Change]:
        """Every entry and synonym as the change that would add it, in their order."""
        return [
            *(Change("add", "pair", one.vi, one.en, one.sector) for one in self.entries),
            *(Change("add", one.language, one.a, one.b, one.sector) for one in self.synonyms),
        ]

    def with_changes(self, changes: Iterable[Change]) -> Lexicon:
        """A lexicon of its own with the changes made one after the other; this one stays as it is.

        Adding what is there and removing what is not does nothing.
        """
        entries = {(entry.vi, entry.en): entry for entry in self.entries}
        synonyms = {(frozenset((each.a, each.b)), each.language): each for each in self.synonyms}
        for change in changes:
            one, other = (unicodedata.normalize("NFC", side.strip()) for side in (change.one, change.other))
            if change.kind == "pair":
                if change.action == "remove":
                    entries.pop((one, other), None)
                else:
                    entries.setdefault((one, other), Entry(one, other, change.sector, "", 0))
                continue
            key = frozenset((one, other)), change.kind
            if change.action == "remove":
                synonyms.pop(key, None)
            else:
                synonyms.setdefault(key, Synonym(one, other, change.kind, change.sector, added=True))
        return Lexicon(tuple(entries.values()), tuple(synonyms.values()))

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
        reached = 0
        longest = way.longest
        for at, word in enumerate(words):
            if at < reached or word not in longest:
                continue
            size = self._longest(words, at, min(longest[word], len(words) - at), way)
            if size:
                yield Expansion(at, at + size, way.targets[tuple(words[at : at + size])], part=False)
                reached = at + size

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
        if 0 < len(key) <= MOST_WORDS and words:
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
    return [Synonym(a, b, file.stem, sector) for a, b, sector, _ in rows]


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
