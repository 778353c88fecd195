"""Each requirement of a need beside the best passage of a capability, or nothing: the grid a person checks by eye.

Here: `Asked` and `Passage` (what goes in), `Row` and `Mark` (what comes out), `grid`, `sentences`, `standards_in`.
Not here: which fields of a listing are asked or said, and their words on a page (recommendations/grid.py).

A requirement is covered by a passage as far as its words are: every word that is no function word weighs
ln(1 + (N + 20) / (df + 1)), the rarity of the word among the N documents of the index (numbers half of it, since a
number alone proves nothing). A word is covered by a shared word or pair of words, or by a lexicon entry whose
translation the passage holds, by that part of the translation's weight. One Vietnamese syllable of its own counts a
fifth: "lý" in "quản lý" is no evidence for "xử lý". One shared word proves little, so a passage needs two, or a phrase,
or half of the requirement; and a long sentence is met by a part of it (no more than LONG weighs against a passage).
Words that a passage denies count on a second account; where that one is at least as well covered, the passage is
counter-evidence. Below THRESHOLD there is no evidence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from .analysis import Analysis, Occurrence, Part
from .text import FUNCTION_WORDS

__all__ = ["THRESHOLD", "Asked", "Mark", "Passage", "Reader", "Row", "grid", "sentences", "standards_in"]

THRESHOLD = 0.32  # calibrated on the demonstration's needs and the pairs of tests/matching/test_evidence.py
SCALE = 0.35  # of a number with its unit, where one word is enough
AGAINST_EXCLUSION = 0.6  # to say that a capability does what a need rules out takes more
CONFIRMED = 1.08  # a project that its client confirmed goes before the same words without proof
SYLLABLE = 0.2  # what one Vietnamese syllable, outside a word of two, is worth
HALF = 0.5  # what a single word has to cover
LONG = 26.0  # about seven rare words
ENTRY = 0.5  # the least part of a translation that must be found
SMOOTHING = 20  # as if so many documents more were known: a small forum's counts say little

_FUNCTION_WORDS = FUNCTION_WORDS["vi"] | FUNCTION_WORDS["en"]
# Words that only count or measure: like figures, they prove nothing alone.
_COUNTING = """
one two three four five six seven eight nine ten half least every year day hour month week per new
hai ba bốn năm sáu bảy tám chín mười nửa ngày giờ tháng tuần ít
"""
_MEASURES = frozenset(_COUNTING.split())
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=;)\s+|\n+")
_BULLET = re.compile(r"^(?:[-•*–]|\d{1,2}[.)])\s+")
_ENDING = re.compile(r"(?:ings?|e?d|e|ers?|ions?|ment)$")
LEAST_STEM = 4
_YEAR = re.compile(r"(?:19|20)\d\d$")
NEAR = 0.9  # what a word with another ending is worth
_STANDARD = re.compile(
    r"\b(?:(?:ISO|IEC|EN|IEEE|ITU|TCVN|QCVN|OCPP|OGC|ASTM|BS|DIN|AS/NZS|NIST)"
    r"(?:[/ -](?:IEC|ISO|TS|TR|ASTM))?[ -]?[A-Z]{0,2}\d[\d.:-]*(?:/[A-ZĐ]+)?)",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One requirement. `kind`: requirement, outcome, scale or exclusion, compared by words; standard, by name;
    or the name of a rule (language, contract_form, budget), which the caller has answered in `stated`
    (yes, no or unknown)."""

    kind: str
    text: str
    lang: str | None = None
    stated: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence of a capability: where it stands, of which reference project, whether its client confirmed it.

    `denied`: all of it says what is not offered.
    """

    field: str
    text: str
    lang: str | None = None
    reference: int | None = None
    confirmed: bool = False
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters start..end of a text; bridged words have equal numbers on both sides."""

    start: int
    end: int
    kind: str  # same, bridge, against, miss
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement and what was found: `status` is found, counter or none.

    An exclusion that no passage speaks of is found without a passage: nothing stands against it. `against` is a
    passage that denies what `passage` says. `share` is how much of the requirement is covered.
    """

    asked: Asked
    status: str
    share: float = 0.0
    passage: Passage | None = None
    asked_marks: tuple[Mark, ...] = ()
    passage_marks: tuple[Mark, ...] = ()
    against: Passage | None = None
    against_marks: tuple[Mark, ...] = ()


_STEMS = "en stems"


class Reader(Protocol):
    """What an index gives the grid: the matcher's own reading of a text, and how rare a term is in it."""

    def analyse_text(self, text: str, lang: str | None, role: str) -> Analysis: ...

    def rarity(self, language: str, term: str) -> tuple[int, int]:
        """(documents that have the term, documents)."""
        ...


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, without bullets and bold signs, in order."""
    found: list[str] = []
    ended = True
    for piece in (part.strip() for part in _SENTENCE_END.split(text)):
        clean = _BULLET.sub("", piece).replace("**", "").strip()
        if not any(letter.isalnum() for letter in clean):
            continue
        if not ended and clean[0].islower():  # an abbreviation ended with the full stop, not the sentence
            found[-1] = f"{found[-1]} {clean}"
        else:
            found.append(clean)
        ended = piece[-1] not in ".!?"
    return found


def standards_in(text: str) -> list[str]:
    """Names of standards and certificates with a number (ISO/IEC 27001, QCVN 14:2008/BTNMT), each once."""
    return list(dict.fromkeys(match.group().rstrip(".:-") for match in _STANDARD.finditer(text)))


def grid(asked: Sequence[Asked], passages: Sequence[Passage], reader: Reader) -> list[Row]:
    """One row for each requirement, in their order. The same texts and the same index give the same rows."""
    said = [_Said(passage, reader) for passage in passages]
    return [_row(one, said, reader) for one in asked]


def _row(asked: Asked, said: Sequence[_Said], reader: Reader) -> Row:
    if asked.stated:
        status = {"yes": "found", "no": "counter"}.get(asked.stated, "none")
        return Row(asked, status, 1.0 if status == "found" else 0.0)
    if asked.kind == "standard":
        return _standard(asked, said) if asked.text.strip() else Row(asked, "none")
    wanted = _Wanted(asked, reader)
    best = _best(wanted, said, denied=False)
    worst = _best(wanted, said, denied=True) if asked.kind != "scale" else None
    if asked.kind == "exclusion":
        return _exclusion(asked, best, worst)
    if worst is not None and (best is None or worst.share >= best.share):
        return _filled(asked, "counter", worst)
    if best is None:
        return Row(asked, "none", asked_marks=(Mark(0, len(asked.text), "miss"),) if asked.text else ())
    return _filled(asked, "found", best, worst)


def _exclusion(asked: Asked, best: _Cover | None, worst: _Cover | None) -> Row:
    """What a need rules out: denied is good, offered is bad, unspoken of is good enough."""
    if best is not None and best.share >= AGAINST_EXCLUSION and (worst is None or worst.share < best.share):
        return _filled(asked, "counter", best)
    return _filled(asked, "found", worst) if worst is not None else Row(asked, "found")


def _filled(asked: Asked, status: str, cover: _Cover, against: _Cover | None = None) -> Row:
    denied = cover.denied and asked.kind != "exclusion"
    left, right = cover.marks(denied=denied)
    return Row(
        asked,
        status,
        round(cover.share, 6),
        cover.said.passage,
        left,
        right,
        against.said.passage if against else None,
        against.marks(denied=True)[1] if against else (),
    )


def _standard(asked: Asked, said: Sequence[_Said]) -> Row:
    """A standard is named or it is not; half a name is none."""
    pattern = re.compile(
        r"(?<!\w)" + r"[\s/:-]*".join(map(re.escape, re.split(r"[\s/:-]+", asked.text))) + r"(?!\d)", re.I
    )
    for said_here in said:
        match = pattern.search(said_here.passage.text)
        if match is not None:
            denied = said_here.denies(match.start())
            kind = "against" if denied else "same"
            return Row(
                asked,
                "counter" if denied else "found",
                1.0,
                said_here.passage,
                (Mark(0, len(asked.text), kind),),
                (Mark(match.start(), match.end(), kind),),
            )
    return Row(asked, "none", asked_marks=(Mark(0, len(asked.text), "miss"),))


class _Said:
    """A passage as the matcher reads it."""

    def __init__(self, passage: Passage, reader: Reader) -> None:
        self.passage = passage
        self.analysis = reader.analyse_text(
            passage.text, passage.lang, "all" if passage.denied else "capability"
        )
        self.part: Part = self.analysis.parts[0]

    @cached_property
    def terms(self) -> tuple[Mapping[tuple[str, str], Occurrence], Mapping[tuple[str, str], Occurrence]]:
        """(what is said, what is denied): the first whole occurrence of each (language, term)."""
        found: tuple[dict[tuple[str, str], Occurrence], dict[tuple[str, str], Occurrence]] = ({}, {})
        for one in sorted(
            self.analysis.occurrences, key=lambda o: (o.partial, o.bridge is not None, o.first, o.last)
        ):
            found[one.negated > 0].setdefault((one.language, one.term), one)
            if one.language == "en" and one.term.isascii() and one.term.isalpha():
                found[one.negated > 0].setdefault((_STEMS, _bare(one.term)), one)
        return found

    def denies(self, start: int) -> bool:
        at = next((n for n, token in enumerate(self.part.tokens) if token.end > start), None)
        return at is not None and self.part.negated[at] > 0


@dataclass(frozen=True, slots=True)
class _Unit:
    """Words first..last of a requirement that stand or fall together: a word, a pair, or one translation."""

    first: int
    last: int
    language: str
    terms: tuple[str, ...]
    weights: tuple[float, ...]
    worth: float
    bridge: str | None


class _Wanted:
    """A requirement as the matcher reads it: content words with their weights, and the units that may cover them."""

    def __init__(self, asked: Asked, reader: Reader) -> None:
        self.asked = asked
        self._reader = reader
        analysis = reader.analyse_text(asked.text, asked.lang, "")
        self.part: Part = analysis.parts[0]
        own = self.part.language if self.part.language in ("vi", "en") else "en"
        self.weights: dict[int, float] = {}
        for at, token in enumerate(self.part.tokens):
            if token.word not in _FUNCTION_WORDS:
                rarity = self._rarity(own, token.word)
                self.weights[at] = rarity / 2 if self.only_counts(at) else rarity
        self.total = min(sum(self.weights.values()), LONG)
        self.units = [*self._own(analysis.occurrences, own), *self._bridged(analysis.occurrences)]
        self.by_term: dict[tuple[str, str], list[int]] = {}
        for number, unit in enumerate(self.units):
            for term in unit.terms:
                self.by_term.setdefault((unit.language, term), []).append(number)
                if unit.language == "en" and term.isalpha():
                    self.by_term.setdefault((_STEMS, _bare(term)), []).append(number)

    def only_counts(self, at: int) -> bool:
        word = self.part.tokens[at].word
        return word.isdigit() or word in _MEASURES

    def _rarity(self, language: str, term: str) -> float:
        having, documents = self._reader.rarity(language, term)
        return math.log(1.0 + (documents + SMOOTHING) / (having + 1.0))

    def _own(self, occurrences: Iterable[Occurrence], own: str) -> Iterable[_Unit]:
        for one in occurrences:
            if one.bridge is not None:
                continue
            written = self.part.text[self.part.tokens[one.first].start : self.part.tokens[one.last].end]
            name = not written.islower() or any(letter.isdigit() for letter in written)
            if self.part.tokens[one.last].word in _FUNCTION_WORDS:
                continue  # "khiển của" is no word
            if one.language == own:
                lone = own == "vi" and one.first == one.last and not name
                yield _Unit(one.first, one.last, own, (one.term,), (1.0,), SYLLABLE if lone else 1.0, None)
            elif (
                name or own == "en"
            ):  # a word no entry covers: names and numbers are the same in both languages
                yield _Unit(one.first, one.last, one.language, (one.term,), (1.0,), 1.0, None)

    def _bridged(self, occurrences: Iterable[Occurrence]) -> Iterable[_Unit]:
        groups: dict[tuple[int, int, str, str], dict[str, None]] = {}
        for one in occurrences:
            if one.bridge is not None:
                key = (one.first, one.last, one.language, one.bridge)
                groups.setdefault(key, {}).setdefault(one.term)
        for (first, last, language, bridge), found in groups.items():
            pairs = [term for term in found if " " in term]
            # A Vietnamese word of several syllables is found by its pairs, an English phrase by its words.
            terms = pairs if pairs and language == "vi" else [term for term in found if " " not in term]
            weights = tuple(self._rarity(language, term) for term in terms)
            yield _Unit(first, last, language, tuple(terms), weights, 1.0, bridge)


@dataclass(frozen=True, slots=True)
class _Link:
    """A unit of the requirement and the words of the passage that answer it."""

    unit: _Unit
    credit: float
    first: int
    last: int
    bridged: bool


@dataclass
class _Cover:
    """How much of a requirement a passage says (or denies), and by which words."""

    wanted: _Wanted
    said: _Said
    denied: bool
    share: float
    links: list[_Link] = field(default_factory=list)

    def chosen(self) -> list[_Link]:
        """The links that can stand side by side in both texts, the best and longest first.

        Counted in characters, not in words: several words may have come from one character ("¼").
        """
        taken: tuple[set[int], set[int]] = (set(), set())
        found: list[_Link] = []
        for link in sorted(self.links, key=_marking_order):
            here = self.wanted.part.span(link.unit.first, link.unit.last)
            there = self.said.part.span(link.first, link.last)
            if taken[0].isdisjoint(here) and taken[1].isdisjoint(there):
                taken[0].update(here)
                taken[1].update(there)
                found.append(link)
        return found

    def marks(self, *, denied: bool) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
        """Marks of the requirement and of the passage; bridges are numbered as they stand in the requirement."""
        found: tuple[list[Mark], list[Mark]] = ([], [])
        number = 0
        for link in sorted(self.chosen(), key=lambda one: (one.unit.first, one.first)):
            number += link.bridged
            kind = "against" if denied else "bridge" if link.bridged else "same"
            shown = number if link.bridged and not denied else None
            for side, part, first, last in (
                (found[0], self.wanted.part, link.unit.first, link.unit.last),
                (found[1], self.said.part, link.first, link.last),
            ):
                span = part.span(first, last)
                side.append(Mark(span.start, span.stop, kind, shown))
        return tuple(found[0]), tuple(sorted(found[1], key=lambda mark: mark.start))


def _bare(word: str) -> str:
    """An English word without the endings of its verb: flooding and floods are about the same thing."""
    match = _ENDING.search(word)
    return word[: match.start()] if match and match.start() >= LEAST_STEM else word


def _marking_order(link: _Link) -> tuple[float, int, int, int]:
    return (-link.credit, link.unit.first - link.unit.last, link.unit.first, link.first)


def _best(wanted: _Wanted, said: Sequence[_Said], *, denied: bool) -> _Cover | None:
    """The passage that covers most of the requirement, the earlier of equals; None below the threshold."""
    best: tuple[float, _Cover] | None = None
    for one in said:
        cover = _cover(wanted, one, denied=denied)
        if cover is None or cover.share < THRESHOLD:
            continue
        value = cover.share * (CONFIRMED if one.passage.confirmed else 1.0)
        if best is None or value > best[0] + 1e-9:
            best = (value, cover)
    return best[1] if best else None


def _cover(wanted: _Wanted, said: _Said, *, denied: bool) -> _Cover | None:
    terms = said.terms[denied]
    if not terms or not wanted.total:
        return None
    credits = dict.fromkeys(wanted.weights, 0.0)
    links: list[_Link] = []
    touched = {number for term in wanted.by_term.keys() & terms.keys() for number in wanted.by_term[term]}
    for number in sorted(touched):
        unit = wanted.units[number]
        link = _link(wanted, unit, said, terms)
        if link is None:
            continue
        if link.credit > SYLLABLE:
            links.append(link)
        for at in range(unit.first, unit.last + 1):
            if at in credits:
                credits[at] = max(credits[at], link.credit)
    share = min(1.0, sum(wanted.weights[at] * credit for at, credit in credits.items()) / wanted.total)
    cover = _Cover(wanted, said, denied, share, links)
    if not _proves(cover):
        return None
    counted = any(token.word.isdigit() and not _YEAR.match(token.word) for token in said.part.tokens)
    if wanted.asked.kind == "scale" and not (counted and share >= SCALE):
        return None
    return cover


def _proves(cover: _Cover) -> bool:
    """Whether what is shared is more than figures and more than one word that happens to stand in both texts."""
    chosen = [
        link
        for link in cover.chosen()
        if not all(cover.wanted.only_counts(at) for at in range(link.unit.first, link.unit.last + 1))
    ]
    if not chosen:
        return False
    phrase = any(link.unit.last > link.unit.first and link.last > link.first for link in chosen)
    return len(chosen) > 1 or phrase or cover.share >= HALF or cover.wanted.asked.kind == "scale"


def _link(
    wanted: _Wanted, unit: _Unit, said: _Said, terms: Mapping[tuple[str, str], Occurrence]
) -> _Link | None:
    """How far the passage has this unit: whole, or the greater part of a translation."""
    met: list[tuple[float, Occurrence]] = []
    for term, weight in zip(unit.terms, unit.weights, strict=True):
        if (unit.language, term) in terms:
            met.append((weight, terms[unit.language, term]))
        elif unit.language == "en" and term.isalpha() and (_STEMS, _bare(term)) in terms:
            met.append((weight * NEAR, terms[_STEMS, _bare(term)]))
    part = sum(weight for weight, _ in met) / sum(unit.weights)
    if not met or part < ENTRY:
        return None
    places = [one for _, one in met]
    first, last = places[0].first, places[0].last
    for place in places[1:]:
        if min(abs(place.first - last), abs(first - place.last)) <= 2:  # the words of one phrase
            first, last = min(first, place.first), max(last, place.last)
    whole = [said.part.phrase(first, last).casefold(), wanted.part.phrase(unit.first, unit.last).casefold()]
    bridged = whole[0] != whole[1] and (
        unit.bridge is not None or any(place.bridge is not None for place in places)
    )
    weak = SYLLABLE if any(place.partial for place in places) and " " not in unit.terms[0] else 1.0
    return _Link(unit, unit.worth * part * weak if unit.bridge is None else part, first, last, bridged)
