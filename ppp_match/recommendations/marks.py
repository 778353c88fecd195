"""Both texts of a pair with the words of the explanation marked in them, as safe HTML.

What lives here: from places in a document's text to `<mark>` elements. Same word: a solid line; bridged: a double
line and the number of its row; asked without evidence: a dashed frame and a question mark. Texts are escaped
piece by piece, so nothing that a person wrote becomes markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup, escape

from ppp_match.listings.documents import other_lang, texts_of
from ppp_match.listings.models import Revision
from ppp_match.recommendations.sentences import Term

CLASSES = {"same": "t-same", "bridge": "t-bridge", "against": "t-miss", "miss": "t-miss"}


@dataclass(frozen=True)
class Mark:
    """Characters start..end of a text, and what is said of them."""

    start: int
    end: int
    kind: str  # same, bridge, against, miss
    number: int | None = None


@dataclass(frozen=True)
class MarkedText:
    """One language of one side: its title, and (field, paragraphs) of its texts, with marks in them."""

    lang: str
    title: Markup
    fields: list[tuple[str, list[Markup]]]


def marked_texts(
    revision: Revision, side: str, terms: Sequence[Term], unanswered: Sequence[str]
) -> list[MarkedText]:
    """The texts of a revision in its language and, if it has one, the second. `side` is need or capability."""
    found = []
    for lang, key in ((revision.lang, f"{side}_spans"), (other_lang(revision), f"{side}_alt_spans")):
        if lang is None:
            continue
        passages = texts_of(revision, lang)
        whole = {passage.start: passage.text for passage in passages}
        marks = [
            Mark(start, end, term.kind, term.number)
            for term in terms
            for start, end in term.spans.get(key, ())
        ]
        if side == "need":
            for start, text in whole.items():
                marks += missing_in(text, start, unanswered)
        chosen = without_overlap(marks)
        title, *fields = (
            (passage.field, _paragraphs(passage.text, passage.start, chosen)) for passage in passages
        )
        found.append(MarkedText(lang, Markup(" ").join(title[1]), fields))
    return found


def marked_lines(lines: Sequence[str], unanswered: Sequence[str]) -> list[Markup]:
    """Requirements, one a line; those that nothing answers are marked whole."""
    asked = {text.casefold() for text in unanswered}
    return [
        marked(line, 0, [Mark(0, len(line), "miss")]) if line.casefold() in asked else escape(line)
        for line in lines
    ]


def denied_in(text: str, side: str, terms: Sequence[Term]) -> Markup:
    """What a side says it does not do or want, with the words that count against the pair marked in it."""
    said = [
        term.need_words if side == "need" else term.capability_words for term in terms if term.said_by == side
    ]
    return marked(text, 0, without_overlap(missing_in(text, 0, said, "against")))


def missing_in(text: str, offset: int, phrases: Sequence[str], kind: str = "miss") -> list[Mark]:
    """Where phrases that no place is known of stand in a text: the first place of each, whole words only.

    By `kind` they are asked for without an answer ("miss"), or count against ("against").
    """
    plain = text.casefold()
    found = []
    if len(plain) != len(text):  # a letter that changes its length when folded: places would not fit
        return []
    for phrase in phrases:
        wanted = phrase.casefold()
        at = plain.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            inside = (at > 0 and plain[at - 1].isalnum()) or (end < len(plain) and plain[end].isalnum())
            if not inside:
                found.append(Mark(offset + at, offset + end, kind))
                break
            at = plain.find(wanted, at + 1)
    return found


def without_overlap(marks: Sequence[Mark]) -> list[Mark]:
    """Marks in order, none inside or across another: of two that meet, the longer stays."""
    taken: list[Mark] = []
    rank = {"bridge": 0, "same": 1, "against": 2, "miss": 3}
    for mark in sorted(marks, key=lambda one: (one.start - one.end, rank[one.kind], one.start)):
        if all(mark.end <= other.start or mark.start >= other.end for other in taken):
            taken.append(mark)
    return sorted(taken, key=lambda one: one.start)


def marked(text: str, offset: int, marks: Sequence[Mark]) -> Markup:
    """A text that begins at `offset`, escaped, with the marks that fall into it."""
    parts: list[Markup] = []
    at = 0
    for mark in marks:
        start, end = max(mark.start - offset, at), min(mark.end - offset, len(text))
        if start >= end:
            continue
        parts += [_plain(text[at:start]), _element(text[start:end], mark)]
        at = end
    parts.append(_plain(text[at:]))
    return Markup("").join(parts)


def _plain(text: str) -> Markup:
    """Text between marks, without the signs with which Markdown makes words bold."""
    return escape(text.replace("**", ""))


def _element(words: str, mark: Mark) -> Markup:
    sign: object = (
        mark.number if mark.number is not None else {"miss": "?", "against": "−"}.get(mark.kind, "")
    )
    said = {
        "miss": _("asked, no evidence found"),
        "against": _("said not to be done or wanted"),
    }.get(mark.kind, "")
    title = Markup(' title="{}"').format(said) if said else Markup("")
    sup = Markup("<sup>{}</sup>").format(sign) if sign != "" else Markup("")
    return Markup('<mark class="{}"{}>{}{}</mark>').format(CLASSES[mark.kind], title, words, sup)


def _paragraphs(text: str, start: int, marks: Sequence[Mark]) -> list[Markup]:
    found, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append(marked(line, start + at, marks))
        at += len(line) + 1
    return found
