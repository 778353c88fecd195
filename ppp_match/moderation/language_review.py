"""Both languages of a text in review, field by field, with the lexicon's terms marked on both sides.

What lives here: from the state of the fields to what the page shows. What is compared stands in
`listings/language_checks.py`. Texts are escaped piece by piece, so nothing that a person wrote becomes markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup, escape

from ppp_match.listings import labels
from ppp_match.listings.glosses import PAIRS, term_book
from ppp_match.listings.language_checks import Place, pair_terms
from ppp_match.listings.models import Listing
from ppp_match.listings.second_language import FieldState, Progress, check_words, field_states, progress

CLASSES = {"same": "t-same", "bridge": "t-bridge", "miss": "t-miss"}


@dataclass(frozen=True)
class FieldPair:
    """One field: its label, both texts with marks, and what to look at."""

    name: str
    label: str
    original: Markup
    text: Markup
    notes: list[str]


@dataclass(frozen=True)
class LanguagePair:
    """A text and one second language of it. `notes` counts the places worth a look."""

    lang: str
    progress: Progress
    fields: list[FieldPair]
    lacking: list[str]

    @property
    def notes(self) -> int:
        return sum(len(field.notes) for field in self.fields)


def language_pairs(listing: Listing) -> list[LanguagePair]:
    """What the text in review says in each language besides its original."""
    revision = listing.edited
    return [
        LanguagePair(
            lang=lang,
            progress=progress(revision, lang),
            fields=[_pair(listing, state, lang) for state in field_states(revision, lang, listing.live)],
            lacking=[labels.label(listing.kind, name) for name in revision.lacking_in(lang)],
        )
        for lang in revision.begun_langs
    ]


def _pair(listing: Listing, state: FieldState, lang: str) -> FieldPair:
    revision = listing.edited
    here: Sequence[Place] = ()
    there: Sequence[Place] = ()
    if (revision.lang, lang) in PAIRS and state.text.strip():
        here, there = pair_terms(
            term_book(), state.original, revision.lang, state.text, lang, revision.codes("sector")
        )
    notes = [check_words(check) for check in state.checks(revision.lang, lang)]
    if state.stale:
        notes.append(_("The original has changed since this was written."))
    return FieldPair(
        name=state.name,
        label=labels.label(listing.kind, state.name),
        original=marked(state.original, here),
        text=marked(state.text, there),
        notes=notes,
    )


def marked(text: str, places: Sequence[Place]) -> Markup:
    """A text, escaped, with its places in `<mark>` elements: solid the same word, double bridged, dashed not found."""
    parts: list[Markup] = []
    at = 0
    for place in places:
        parts += [escape(text[at : place.start]), _element(text[place.start : place.end], place)]
        at = place.end
    return Markup("").join([*parts, escape(text[at:])])


def _element(words: str, place: Place) -> Markup:
    title, sign = Markup(""), Markup("")
    if place.kind == "bridge":
        sign = Markup("<sup>{}</sup>").format(place.number)
    elif place.kind == "miss":
        title = Markup(' title="{}"').format(_("none of the lexicon’s words for it on the other side"))
        sign = Markup("<sup>?</sup>")
    return Markup('<mark class="{}"{}>{}{}</mark>').format(CLASSES[place.kind], title, words, sign)
