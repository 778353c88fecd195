"""The second language of a text, field by field: what is there, what is missing, stale, or worth a look.

What lives here: the state of each field for the owner's page and for the moderators', and its words. The form
stands in `language_forms.py`, the comparing of two texts in `language_checks.py`; saving is `operations.save_listing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from ppp_match.listings.fields import Field, carrying, translatable
from ppp_match.listings.glosses import Term, term_book, words_of
from ppp_match.listings.language_checks import Check, checks
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.reading import items_of
from ppp_match.vocabularies import term_name

MOST_ITEMS = 60  # a longer list is written as one text
LANGUAGES = ("vi", "en")  # those of the interface and the lexicon: either can be added to any original


def language_name(code: str) -> str:
    """A language in the reader's words, inside a sentence; its code where the vocabulary does not know it."""
    lang = str(get_locale() or "vi")[:2]
    if code in LANGUAGES:
        return {"vi": _("Vietnamese"), "en": _("English")}[code]
    name = term_name("language", code, lang)
    if name == code:
        return code.upper()
    return name[:1].lower() + name[1:] if lang == "vi" else name


@dataclass(frozen=True)
class Proposal:
    """A term found in the original and what the lexicon says for it; `used`: one of these stands in the text."""

    words: str
    senses: list[str]
    used: bool


@dataclass(frozen=True)
class FieldState:
    """One field in both languages. `items` are pairs of (original, second) for one-per-line fields."""

    field: Field
    original: str
    text: str
    carrying: bool  # readers are offered the language only with this field
    stale: bool
    items: tuple[tuple[str, str], ...] = ()
    before: str = ""  # what the original said when the text was written, where that is still known

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def missing(self) -> bool:
        if self.items:
            return any(first and not second for first, second in self.items)
        return bool(self.original.strip()) and not self.text.strip()

    def checks(self, lang: str, other: str) -> list[Check]:
        found = checks(self.original, lang, self.text, other)
        if self.items and self.text.strip():
            counts = tuple(str(sum(bool(pair[side]) for pair in self.items)) for side in (0, 1))
            if counts[0] != counts[1]:
                found.append(Check("items", counts))
        return found


def field_states(revision: Revision, lang: str, published: Revision | None = None) -> list[FieldState]:
    """Every field with words in the original or in `lang`, in the order of the form.

    `published` is looked at for the wording that a stale text was written for.
    """
    needed = {one.name for one in carrying(revision.listing.kind)}
    found = []
    for one in translatable(revision.listing.kind):
        original, text = revision.original(one.name), revision.text(one.name, lang)
        if not original.strip() and not text.strip():
            continue
        stale = revision.is_stale(one.name, lang)
        items = paired(revision.lines(one.name), items_of(text)) if one.lines else ()
        found.append(
            FieldState(
                field=one,
                original=original,
                text=text,
                carrying=one.name in needed,
                stale=stale,
                items=items if len(items) <= MOST_ITEMS else (),
                before=_before(revision, published, one.name, lang) if stale else "",
            )
        )
    return found


def paired(original: list[str], second: list[str]) -> tuple[tuple[str, str], ...]:
    """Items side by side; the shorter list is filled up with empty ones."""
    size = max(len(original), len(second))
    return tuple(
        zip(original + [""] * (size - len(original)), second + [""] * (size - len(second)), strict=True)
    )


def _before(revision: Revision, published: Revision | None, name: str, lang: str) -> str:
    if published is None or published is revision or published.is_stale(name, lang):
        return ""
    known = published.original(name)
    same = revision.text(name, lang) == published.text(name, lang)
    return known if same and known != revision.original(name) else ""


@dataclass(frozen=True)
class Progress:
    """How far a second language has come: fields done of all, stale ones, whether readers are offered it."""

    lang: str
    done: int
    total: int
    stale: int
    offered: bool

    @property
    def begun(self) -> bool:
        return self.done > 0


def progress(revision: Revision, lang: str) -> Progress:
    """The counts behind a link to a second language."""
    states = field_states(revision, lang)
    return Progress(
        lang=lang,
        done=sum(not state.missing for state in states if state.original.strip() and state.text.strip()),
        total=sum(bool(state.original.strip()) for state in states),
        stale=sum(state.stale for state in states),
        offered=revision.has_text(lang),
    )


def addable(listing: Listing) -> list[Progress]:
    """The languages that may be added to what its owner edits, with how far each has come."""
    revision = listing.edited
    return [progress(revision, lang) for lang in LANGUAGES if lang != revision.lang]


def proposals(original: str, lang: str, text: str, other: str, sectors: list[str]) -> list[Proposal]:
    """The lexicon's terms in an original with all their senses, each once, in the order of the text."""
    terms: dict[tuple[str, ...], Term] = {}
    for term in term_book().terms(original, lang, sectors) if other in LANGUAGES else ():
        terms.setdefault(term.key, term)
    there = f" {' '.join(words_of(text))} "
    return [
        Proposal(
            words=original[term.start : term.end],
            senses=[sense.words for sense in term.senses],
            used=any(f" {' '.join(words_of(sense.words))} " in there for sense in term.senses),
        )
        for term in terms.values()
    ]


def check_words(check: Check) -> str:
    """An observation in words."""
    values = ", ".join(check.values)
    words: dict[str, Any] = {
        "copied": lambda: _("The text is the same as the original: not translated yet?"),
        "wrong_language": lambda: _("The text seems to be in the language of the original."),
        "numbers_missing": lambda: _(
            "Numbers of the original that are not here: %(numbers)s", numbers=values
        ),
        "numbers_extra": lambda: _("Numbers that the original does not have: %(numbers)s", numbers=values),
        "shorter": lambda: _("Much shorter than the original"),
        "longer": lambda: _("Much longer than the original"),
        "items": lambda: _(
            "The original has %(first)s items, the translation %(second)s",
            first=check.values[0],
            second=check.values[1],
        ),
    }
    return str(words[check.code]())
