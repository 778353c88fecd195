"""What may be wrong with an entry of the lexicon, for whoever writes one and for the files that are shipped.

What lives here: `Linter`, which knows the entries that stand already and says of one more what speaks against it. What
does not: the words in which a page says so (`steering/lexicon_words.py`), reading files (`bilingual.py`).

A finding is a code and the side that it belongs to:

- `empty`, `not_nfc`, `untrimmed`, `too_long` (more words than are ever looked up), `only_function_words`;
- `not_vietnamese`, `not_english`: the writing is that of another language;
- `diacritics`: a Vietnamese side typed without them, with the entry that has them;
- `itself`: a synonym of two spellings that are one word to the matcher;
- `duplicate`: it stands already; the matcher reads both as the same words;
- `contradiction`: the lexicon has the very same but for a denial on one side ("không ổn định" beside "ổn định");
- `one_way`: by longest match the entry is not found from that side;
- `unknown_sector`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from .bilingual import MOST_WORDS, Change, Lexicon
from .language import detect
from .text import FUNCTION_WORDS, fold, tokenise

__all__ = ["KINDS", "SECTORS", "Finding", "Linter", "findings_of", "languages_of"]

KINDS = ("pair", "vi", "en")
SECTORS = (
    "general",
    "ppp",
    "education",
    "health",
    "transport",
    "construction",
    "environment",
    "water",
    "energy",
    "safety",
    "egov",
    "tourism",
    "economy",
)
# Words that Vietnamese takes over as they are; without marks they are no sign of lost ones.
_LOANS = """
ai app bim blockchain bus camera cctv chatbot cloud container dashboard data email fi flycam gis hacker hotline
internet ioc iot laptop logistics metro offline online password sensor server shipper smartphone startup video
web website wi
"""
LOAN_WORDS = frozenset(_LOANS.split())
DENIALS = {
    "vi": frozenset({"bất", "chưa", "chẳng", "không", "phi", "vô"}),
    "en": frozenset({"lacking", "never", "no", "non", "not", "without"}),
}


class Finding(NamedTuple):
    """What is wrong with one side: `one`, `other` or `sector`; `known` is what stands already, if that is why."""

    side: str
    code: str
    known: str = ""


def languages_of(kind: str) -> tuple[str, str]:
    """The languages of both sides of a change."""
    return ("vi", "en") if kind == "pair" else (kind, kind)


class Linter:
    """Entries that stand, in matching form; `findings` speaks against one more, `learn` lets it stand."""

    def __init__(self, entries: Iterable[Change] = ()) -> None:
        self._known: dict[tuple[str, object], str] = {}
        self._marked: dict[str, str] = {}  # Vietnamese without its marks -> as it is written
        self._plain: set[str] = set()  # Vietnamese that has no marks
        for entry in entries:
            self.learn(entry)

    def learn(self, entry: Change) -> None:
        """Let the entry stand."""
        self._known.setdefault(_key(entry.kind, entry.one, entry.other), entry.label)
        for lang, text in zip(languages_of(entry.kind), (entry.one, entry.other), strict=True):
            if lang == "vi":
                form = _form(text)
                if form.isascii():
                    self._plain.add(form)
                else:
                    self._marked.setdefault(fold(form), text)

    def after(self, changes: Iterable[Change]) -> Linter:
        """A linter of its own that knows what stands once these changes are made."""
        other = Linter()
        other._known, other._marked, other._plain = dict(self._known), dict(self._marked), set(self._plain)
        for change in changes:
            if change.action == "add":
                other.learn(change)
            else:
                other._known.pop(_key(change.kind, change.one, change.other), None)
        return other

    def stands(self, entry: Change) -> bool:
        """Whether the matcher knows these two words of each other already."""
        return _key(entry.kind, entry.one, entry.other) in self._known

    def findings(self, entry: Change) -> list[Finding]:
        """What speaks against the entry; nothing where it may stand."""
        found: list[Finding] = []
        sides = (("one", entry.one), ("other", entry.other))
        for (side, text), lang in zip(sides, languages_of(entry.kind), strict=True):
            found += [Finding(side, *why) for why in self._of_side(text, lang, entry)]
        if entry.sector not in SECTORS:
            found.append(Finding("sector", "unknown_sector"))
        if any(one.code in ("empty", "too_long") for one in found):
            return found
        return found + self._of_both(entry)

    def _of_side(self, text: str, lang: str, entry: Change) -> list[tuple[str, str]]:
        words = [token.word for token in tokenise(text)]
        if not words:
            return [("empty", "")]
        found = []
        if not unicodedata.is_normalized("NFC", text):
            found.append(("not_nfc", ""))
        if text != " ".join(text.split()):
            found.append(("untrimmed", ""))
        if len(words) > MOST_WORDS:
            found.append(("too_long", ""))
        if entry.kind != "pair" and all(word in FUNCTION_WORDS[lang] for word in words):
            found.append(("only_function_words", ""))
        if lang == "en" and not _is_english(text):
            found.append(("not_english", ""))
        if lang == "vi" and text.isascii():
            marked = self._lost_marks(text, entry)
            if marked is not None:
                found.append(("diacritics", marked))
            elif not _may_be_plain(text, entry):
                found.append(("not_vietnamese", ""))
        return found

    def _lost_marks(self, text: str, entry: Change) -> str | None:
        """The entry with the marks that the text seems to have lost, "" where none is known; None: nothing is lost."""
        form = _form(text)
        words = form.split()
        if form in self._plain or form == _form(entry.other if text == entry.one else entry.one):
            return None
        if any(word in LOAN_WORDS for word in words) or text.isupper():
            return None
        if len(words) > 1 and form in self._marked:
            return self._marked[form]
        return "" if len(words) > 2 and detect(tokenise(text)) == "vi" else None

    def _of_both(self, entry: Change) -> list[Finding]:
        one, other = _form(entry.one), _form(entry.other)
        if entry.kind != "pair" and one == other:
            return [Finding("other", "itself")]
        key = _key(entry.kind, entry.one, entry.other)
        if key in self._known:
            return [Finding("other", "duplicate", self._known[key])]
        return self._contradictions(entry) + _one_way(entry)

    def _contradictions(self, entry: Change) -> list[Finding]:
        """The lexicon says the same of two words of which the entry denies one."""
        found = []
        left, right = languages_of(entry.kind)
        for side, text, lang, kept in (
            ("one", entry.one, left, entry.other),
            ("other", entry.other, right, entry.one),
        ):
            bare = _without_denial(_form(text), lang)
            if bare is None or _without_denial(_form(kept), right if side == "one" else left) is not None:
                continue
            key = _key(entry.kind, *((bare, kept) if side == "one" else (kept, bare)))
            if key in self._known:
                found.append(Finding(side, "contradiction", self._known[key]))
            elif entry.kind != "pair" and bare == _form(kept):
                found.append(Finding(side, "contradiction", kept))
        return found


def findings_of(lexicon: Lexicon) -> list[tuple[Change, Finding]]:
    """Every finding of a whole lexicon, each entry looked at with those before it."""
    linter = Linter()
    found = []
    for entry in lexicon.as_changes():
        found += [(entry, one) for one in linter.findings(entry)]
        linter.learn(entry)
    return found


def _form(text: str) -> str:
    return " ".join(token.word for token in tokenise(text))


def _key(kind: str, one: str, other: str) -> tuple[str, object]:
    forms = (_form(one), _form(other))
    return kind, forms if kind == "pair" else frozenset(forms)


def _without_denial(form: str, lang: str) -> str | None:
    """The words without the denial that they begin with; None where they deny nothing."""
    first, _, rest = form.partition(" ")
    if first in DENIALS[lang]:
        return rest or None
    return None


def _one_way(entry: Change) -> list[Finding]:
    """The sides from which a lexicon of this entry alone does not lead to the other."""
    lexicon = Lexicon(()).with_changes([entry._replace(action="add")])
    found = []
    for side, text, lang in zip(
        ("one", "other"), (entry.one, entry.other), languages_of(entry.kind), strict=True
    ):
        words = [token.word for token in tokenise(text)]
        met = lexicon.expand(words, lang) if entry.kind == "pair" else lexicon.alike(words, lang)
        if not met or (met[0].start, met[0].end) != (0, len(words)):
            found.append(Finding(side, "one_way"))
    return found


def _is_english(text: str) -> bool:
    """Whether the writing is not that of Vietnamese or of another script (café and naïve may stand)."""
    if text.isascii():
        return True
    bare = unicodedata.normalize("NFD", text)
    letters = (c for c in bare if not unicodedata.combining(c) and c.isalpha())
    return all(c.isascii() for c in letters) and detect(tokenise(text)) != "vi"


def _may_be_plain(text: str, entry: Change) -> bool:
    """Whether Vietnamese without any marks may be just that: a word that has none, an abbreviation, a loan word.

    A synonym has to look Vietnamese as a whole. In a pair a single word may be a name, and of several one has to be a
    syllable of Vietnamese, unless both sides are written alike.
    """
    words = text.casefold().replace("-", " ").split()
    if (
        text.isupper()
        or set(words) & LOAN_WORDS
        or any(character.isdigit() or character.isupper() for character in text[1:])
    ):
        return True
    if entry.kind != "pair":
        return _looks_vietnamese(text)
    if len(words) == 1:
        return _is_english(entry.other)
    return _form(entry.one) == _form(entry.other) or any(_looks_vietnamese(word) for word in words)


def _looks_vietnamese(words: str) -> bool:
    return detect(tokenise(f"{words} {words}")) == "vi"
