"""A text beside its second language: which terms answer each other, and what a reviewer should look at.

What lives here: numbers that differ, lengths that differ, copies, and the pairing of terms. Plain work on strings;
the words in which it is said stand in `second_language.py`. Every result is an observation, never a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import count

from ppp_match.listings.glosses import Term, TermBook, words_of
from ppp_match.listings.numbers import SCALES, parse_number
from ppp_match.matching.language import detect
from ppp_match.matching.text import FUNCTION_WORDS, Token, normalise, tokenise

WORTH_MEASURING = 60  # characters from which a length says something
SHORTER, LONGER = 0.5, 2.0  # the two languages differ by up to a third on their own
WORDS_TO_JUDGE = 8  # words from which the language of a text can be told
# Words of a number that also are units (5 m), letters or verbs: the number counts with and without them.
UNSURE_SCALES = frozenset({"k", "m", "b", "tr", "ti", "ty", "mn"})
FIGURE = re.compile(
    r"(?<![\w.,])(?P<figure>\d+(?:[.,]\d+)*)"
    r"(?:[\s\u00a0\u202f]?(?P<scale>[^\W\d_]{1,8})(?![\w]))?"
)
RANGE = re.compile(r"\s?[-–—]\s?\Z")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
MONTH = re.compile(rf"\b(?P<early>{_MONTH})\b\.?(?=\s+\d)|(?<=\d )(?P<late>{_MONTH})\b")
COUNTED = {
    "en": [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ],
    "vi": ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"],
}
MORE_COUNTED = {"half": 2, "first": 1, "second": 2, "third": 3, "quarter": 4, "tư": 4, "nửa": 2, "nhất": 1}


@dataclass(frozen=True)
class Check:
    """Something worth a look: numbers_missing, numbers_extra (with them), shorter, longer, copied, wrong_language."""

    code: str
    values: tuple[str, ...] = ()


def checks(original: str, lang: str, text: str, other: str) -> list[Check]:
    """What a reviewer should look at in a text and its second language; nothing where one of them is empty."""
    if not original.strip() or not text.strip():
        return []
    found = []
    if is_copy(original, text):
        found.append(Check("copied"))
    elif is_written_in(text, lang, other):
        found.append(Check("wrong_language"))
    missing, extra = number_differences(original, lang, text, other)
    if missing:
        found.append(Check("numbers_missing", tuple(missing)))
    if extra:
        found.append(Check("numbers_extra", tuple(extra)))
    if len(original) >= WORTH_MEASURING or len(text) >= WORTH_MEASURING:
        ratio = len(text) / len(original)
        if ratio < SHORTER:
            found.append(Check("shorter"))
        elif ratio > LONGER:
            found.append(Check("longer"))
    return found


def is_copy(original: str, text: str) -> bool:
    """Whether the text says word for word what the original says; a name or a standard may do so."""
    words = normalise(original).split()
    return normalise(text).split() == words and sum(word.isalpha() for word in words) >= 3


def is_written_in(text: str, lang: str, other: str) -> bool:
    """Whether a text that should be in `other` reads as if it were in `lang`."""
    tokens = tokenise(text)
    return len(tokens) >= WORDS_TO_JUDGE and {lang, other} == {"vi", "en"} and detect(tokens) == lang


# --- numbers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A number as written, and the values that it may mean."""

    written: str
    values: frozenset[Decimal]


def figures(text: str, lang: str) -> list[Figure]:
    """The numbers of a text: 1.000 and 1,000, 15 tỷ and 15 bn, both ends of a range, names of months."""
    matches = list(FIGURE.finditer(text))
    found = []
    for at, match in enumerate(matches):
        scale = _scale(match["scale"])
        factors = {scale}
        if scale != 1 and (match["scale"] or "").lower() in UNSURE_SCALES:
            factors.add(1)
        following = matches[at + 1] if at + 1 < len(matches) else None
        if scale == 1 and following and RANGE.match(text[match.end("figure") : following.start()]):
            factors.add(_scale(following["scale"]))  # 15–100 tỷ
        plain = _readings(match["figure"], lang)
        values = frozenset(value * factor for value in plain for factor in factors)
        written = match["figure"] if scale == 1 else match.group()
        found.append(Figure(written, values))
    for match in MONTH.finditer(text) if lang == "en" else ():
        month = match["early"] or match["late"]
        number = next(n for n, name in enumerate(MONTHS, 1) if name.startswith(month))
        found.append(Figure(match.group().strip(), frozenset({Decimal(number)})))
    return found


def _scale(word: str | None) -> int:
    return SCALES.get(word.lower(), 1) if word else 1


def _readings(figure: str, lang: str) -> set[Decimal]:
    found = set()
    for reading, whole in ((lang, False), ("vi", False), ("en", False), (lang, True)):
        try:
            found.add(parse_number(figure, reading, whole=whole).normalize())
        except (ValueError, InvalidOperation):
            continue
    return found or {Decimal(re.sub(r"\D", "", figure)[:30])}


def number_differences(original: str, lang: str, text: str, other: str) -> tuple[list[str], list[str]]:
    """(numbers of the original that the text lacks, numbers of the text that the original lacks), as written.

    A number that the other side writes as a word ("three") is not missed.
    """
    here, there = figures(original, lang), figures(text, other)
    missing, left = [], list(there)
    for one in here:
        answer = next((two for two in left if one.values & two.values), None)
        if answer is None:
            missing.append(one)
        else:
            left.remove(answer)
    said_here, said_there = _counted(original, lang), _counted(text, other)
    return (
        list(dict.fromkeys(one.written for one in missing if not one.values & said_there)),
        list(dict.fromkeys(two.written for two in left if not two.values & said_here)),
    )


def _counted(text: str, lang: str) -> set[Decimal]:
    names = {word: number for number, word in enumerate(COUNTED.get(lang, ()))} | MORE_COUNTED
    return {Decimal(names[word]) for word in re.findall(r"\w+", text.lower()) if word in names}


# --- terms -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Characters start..end of one side: bridge (with the number that both sides share), same, or miss."""

    start: int
    end: int
    kind: str
    number: int | None = None


def pair_terms(
    book: TermBook, original: str, lang: str, text: str, other: str, sectors: Sequence[str] = ()
) -> tuple[list[Place], list[Place]]:
    """Places to mark on both sides: terms and their translations, equal words, terms that nothing answers."""
    answers = _Answers(text)
    here: list[Place] = []
    numbers, known = count(1), dict[tuple[str, ...], int | None]()
    for term in book.terms(original, lang, sectors):
        if term.key not in known:
            known[term.key] = answers.take(term, numbers)
        number = known[term.key]
        if number is not None:
            here.append(Place(term.start, term.end, "bridge", number))
        elif len(term.key) > 1 and not any(answers.places_of(term.key)):
            here.append(Place(term.start, term.end, "miss"))
    return _with_same(original, lang, here, text, other, answers.places)


class _Answers:
    """The words of the other side, and which of them answer a term."""

    def __init__(self, text: str) -> None:
        self.tokens = tokenise(text)
        self.places: list[Place] = []
        self._taken: set[int] = set()
        self._at: dict[str, list[int]] = {}
        for at, token in enumerate(self.tokens):
            self._at.setdefault(token.word, []).append(at)

    def take(self, term: Term, numbers: Iterator[int]) -> int | None:
        """The number of a term that one of its senses answers, the longest one; its places are marked with it."""
        for sense in sorted(term.senses, key=lambda one: -len(one.words)):
            found = list(self.places_of(words_of(sense.words)))
            if found:
                number = next(numbers)
                for first, end in found:
                    self._taken.update(range(first, end))
                    start, stop = self.tokens[first].start, self.tokens[end - 1].end
                    self.places.append(Place(start, stop, "bridge", number))
                return number
        return None

    def places_of(self, key: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        """Where those words stand, from token to token, unless another term has been answered there."""
        for first in self._at.get(key[0], ()) if key else ():
            end = first + len(key)
            words = tuple(token.word for token in self.tokens[first:end])
            if words == key and self._taken.isdisjoint(range(first, end)):
                yield first, end


def _with_same(
    original: str, lang: str, here: list[Place], text: str, other: str, there: list[Place]
) -> tuple[list[Place], list[Place]]:
    left, right = (
        _free(tokenise(said), places, FUNCTION_WORDS.get(code, frozenset()))
        for said, code, places in ((original, lang, here), (text, other, there))
    )
    same = {original[t.start : t.end] for t in left} & {text[t.start : t.end] for t in right}
    for said, tokens, places in ((original, left, here), (text, right, there)):
        places += [Place(t.start, t.end, "same") for t in tokens if said[t.start : t.end] in same]
        places.sort(key=lambda place: place.start)
    return here, there


def _free(tokens: Sequence[Token], places: Sequence[Place], functional: frozenset[str]) -> list[Token]:
    return [
        token
        for token in tokens
        if token.word not in functional
        and (len(token.word) > 1 or token.word.isdigit())
        and not any(place.start < token.end and token.start < place.end for place in places)
    ]
