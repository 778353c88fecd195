"""A revision as one reader reads it: each field in their language where it is there, else as written and glossed.

What lives here: which words of a revision a page shows, in which language, with which glosses. Where a second
language lacks a field, or one item of a list, the original stands in its place, marked with its own language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from ppp_match.formats import markdown
from ppp_match.listings.glosses import PAIRS, gloss_html, gloss_text, reading_terms
from ppp_match.listings.models import Revision

BULLETS = " -•\t"


def items_of(text: str) -> list[str]:
    """A one-per-line text as a list that keeps empty places, so that items of two languages stay side by side."""
    return [line.strip(BULLETS) for line in text.split("\n")] if text.strip() else []


class Reading:
    """What a reader of language `reader` gets of a revision that is shown in `text_lang`."""

    def __init__(self, revision: Revision, text_lang: str, reader: str, *, glossed: bool) -> None:
        self.revision, self.text_lang, self.reader, self.glossed = revision, text_lang, reader, glossed
        self.sectors: Sequence[str] = revision.codes("sector")

    @property
    def can_be_glossed(self) -> bool:
        """Whether any text of the page stands in a language that the lexicon carries into the reader's."""
        shown = {self.revision.lang, self.text_lang}
        wanted = {code for code in shown if (code, self.reader) in PAIRS}
        return self.text_lang in wanted or any(
            self.lang_of(row.field) in wanted for row in self.revision.words
        )

    def lang_of(self, name: str) -> str:
        return self.revision.said_in(name, self.text_lang)[1]

    def text(self, name: str) -> str:
        return self.revision.said_in(name, self.text_lang)[0]

    def plain(self, text: Any, lang: str) -> Markup:
        """Any plain text in `lang`, escaped, glossed if the reader wants it."""
        return gloss_text(text, lang, self.reader, self.sectors) if self.glossed else escape(text)

    def prose(self, name: str) -> Markup:
        """A long text: Markdown as HTML."""
        words, lang = self.revision.said_in(name, self.text_lang)
        html = markdown(words)
        return gloss_html(html, lang, self.reader, self.sectors) if self.glossed else html

    def words(self, name: str) -> Markup:
        """A short text."""
        return self.plain(*self.revision.said_in(name, self.text_lang))

    def items(self, name: str) -> list[tuple[Markup, str]]:
        """The items of a one-per-line text with their languages."""
        original = self.revision.lines(name)
        if self.text_lang == self.revision.lang:
            chosen = [(line, self.revision.lang) for line in original]
        else:
            second = items_of(self.revision.text(name, self.text_lang))
            if len(second) > len(original):  # written for a longer list: then as it was written
                chosen = [(line, self.text_lang) for line in second if line]
            else:
                second += [""] * (len(original) - len(second))
                chosen = [
                    (line, self.text_lang) if line else (first, self.revision.lang)
                    for first, line in zip(original, second, strict=True)
                ]
        return [(self.plain(line, lang), lang) for line, lang in chosen]

    def title_terms(self) -> list[tuple[str, str]]:
        """The terms of the title with their translations: a heading itself is left as it was written."""
        title, lang = self.revision.said_in("title", self.text_lang)
        if not self.glossed or (lang, self.reader) not in PAIRS:
            return []
        return reading_terms(title, lang, self.sectors)
