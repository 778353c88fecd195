"""The lexicon to look things up in: found by a word of either language, counted in what is published.

What lives here: `EntryBook`, made once for a lexicon; how many published texts hold a term. What does not: changing
anything (`lexicon_drafts.py`), the lexicon as a file (`lexicon_files.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ppp_match.matching.bilingual import Change, Lexicon
from ppp_match.matching.lexicon_lint import KINDS, SECTORS
from ppp_match.matching.text import fold, tokenise
from ppp_match.search.store import KINDS as LISTING_KINDS
from ppp_match.search.store import index_of, store

QUERY_AT_MOST = 100
TEXTS_KEPT = 8192  # texts whose words one process remembers, to count terms in them


@dataclass(frozen=True)
class Line:
    """An entry as it stands: `source` is the shipped file, empty for what the forum added."""

    entry: Change
    source: str
    forms: tuple[str, str]
    folded: tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: words, a kind of entry, a sector; empty means all."""

    words: str = ""
    kind: str = ""
    sector: str = ""

    @property
    def arguments(self) -> dict[str, Any]:
        """As they stand in an address."""
        return {
            name: value
            for name, value in (("q", self.words), ("kind", self.kind), ("sector", self.sector))
            if value
        }


@dataclass(frozen=True)
class Held:
    """In how many published needs and capabilities a term stands; `partial`: at least so many."""

    needs: int
    capabilities: int
    partial: bool


def read_asked(arguments: Mapping[str, str]) -> Asked:
    """What an address asks for; what it does not know counts as not given."""
    kind, sector = arguments.get("kind", ""), arguments.get("sector", "")
    return Asked(
        " ".join(arguments.get("q", "").split())[:QUERY_AT_MOST],
        kind if kind in KINDS else "",
        sector if sector in SECTORS else "",
    )


class EntryBook:
    """Every entry of a lexicon, in matching form with and without diacritics. Immutable."""

    def __init__(self, lexicon: Lexicon) -> None:
        sources = [one.file for one in lexicon.entries]
        entries = lexicon.as_changes()
        shipped = {one.language: f"synonyms/{one.language}.csv" for one in lexicon.synonyms}
        added = {id(one) for one in lexicon.synonyms if one.added}
        sources += ["" if id(one) in added else shipped[one.language] for one in lexicon.synonyms]
        self.lines = [_line(entry, source) for entry, source in zip(entries, sources, strict=True)]
        self._by_words = {(one.entry.kind, one.entry.one, one.entry.other): one for one in self.lines}

    def find(self, kind: str, one: str, other: str) -> Line | None:
        """The entry of these very words; of a synonym in either order."""
        found = self._by_words.get((kind, one, other))
        return found or (self._by_words.get((kind, other, one)) if kind != "pair" else None)

    def search(self, asked: Asked) -> list[Line]:
        """The entries that hold the words in either language, the closest first.

        Words typed without diacritics meet those with them; words typed with diacritics meet only their own. The last
        word may be the beginning of one.
        """
        lines = [
            one
            for one in self.lines
            if (not asked.kind or one.entry.kind == asked.kind)
            and (not asked.sector or one.entry.sector == asked.sector)
        ]
        if not asked.words:
            return sorted(lines, key=lambda one: (one.source != "", one.folded, one.forms))
        form = form_of(asked.words)
        marked = not form.isascii()
        ranked = [
            (closeness, len(one.folded[0]) + len(one.folded[1]), one.forms, one)
            for one in lines
            if form and (closeness := _closeness(form, one.forms if marked else one.folded)) is not None
        ]
        return [row[-1] for row in sorted(ranked, key=lambda row: row[:3])]


@lru_cache(maxsize=2)
def book_of(lexicon: Lexicon) -> EntryBook:
    """The book of a lexicon, made once."""
    return EntryBook(lexicon)


@lru_cache(maxsize=TEXTS_KEPT)
def form_of(text: str) -> str:
    """The words of a text in matching form, separated by single blanks."""
    return " ".join(token.word for token in tokenise(text))


def held_by(terms: Sequence[str]) -> list[Held]:
    """For each term, in how many published needs and capabilities it stands, in whichever language they have it."""
    wanted = [f" {form_of(term)} " for term in terms]
    counts = {kind: [0] * len(wanted) for kind in LISTING_KINDS}
    for kind in LISTING_KINDS:
        for document in index_of(kind).documents.values():
            texts = f" {form_of(document.title)} | {form_of(document.text)} | {form_of(document.alt_title)} "
            texts += f"| {form_of(document.alt_text)} "
            for at, term in enumerate(wanted):
                counts[kind][at] += term in texts
    partial = any(store().is_interim(kind) for kind in LISTING_KINDS)
    return [Held(*numbers, partial) for numbers in zip(counts["need"], counts["capability"], strict=True)]


def _line(entry: Change, source: str) -> Line:
    forms = form_of(entry.one), form_of(entry.other)
    return Line(entry, source, forms, (_folded(forms[0]), _folded(forms[1])))


def _folded(form: str) -> str:
    return " ".join(fold(word) for word in form.split(" "))


def _closeness(words: str, sides: tuple[str, str]) -> int | None:
    """0 for the very words, 1 where a side begins with them, 2 where they stand within it, None where they don't."""
    best = None
    for side in sides:
        if side == words:
            return 0
        if f" {side}".find(f" {words}") >= 0:
            best = min(best if best is not None else 2, 1 if side.startswith(words) else 2)
    return best
