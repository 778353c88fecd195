"""From a document to its terms in both languages, each with the place it came from and the entry that
bridged it.

Here: `Analyser.analyse`, which gives every occurrence of a term; `bag`, which weighs them together. Not
here: idf and vectors (index.py), what two documents share (explain.py).

A document's own language gives its words and word pairs; the other language gives the translations of the
longest lexicon matches, the entries inside them at a lower weight, and every word that no entry covers, as
it is. What a need says also counts a little as its synonyms; capabilities stay as they are written, since one
side is enough to meet and the synonyms of both would make rare words common.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from .bilingual import Lexicon, Target
from .documents import Capability, Document, Need
from .language import Restorer, detect, lacks_diacritics
from .negation import EXCEPTION, REFUSAL, negated
from .text import FUNCTION_WORDS, Token, char_ngrams, tokenise

__all__ = ["GROUPS", "LANGUAGES", "Analyser", "Analysis", "Occurrence", "Part", "bag", "by_term", "char_bag"]

LANGUAGES = ("vi", "en")
GROUPS = ("vi", "en", "other", "both")
TITLE_WEIGHT = 1.5
SYLLABLE_WEIGHT = 0.3
PART_WEIGHT = 0.4  # an entry inside a longer one: the head word stays findable
SYNONYM_WEIGHT = 0.2  # another word for what was written: less than the word itself
_EMPTY: frozenset[str] = frozenset()
ALL_FUNCTION_WORDS = FUNCTION_WORDS["en"] | FUNCTION_WORDS["vi"]


class Occurrence(NamedTuple):
    """One occurrence of `term` in the field of one language; it comes from tokens first..last of a part."""

    language: str
    term: str
    weight: float
    part: int
    first: int
    last: int
    bridge: str | None
    negated: float  # how much it counts against; 0: it counts for
    partial: bool = False  # one syllable of a longer Vietnamese word that a translation gave


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a document: "main" is title + newline + text, "alt" the second language, the others
    lists."""

    name: str
    text: str
    language: str
    tokens: tuple[Token, ...]
    negated: tuple[float, ...]
    restored: bool

    def span(self, first: int, last: int) -> range:
        """The characters of the words first..last."""
        return range(self.tokens[first].start, self.tokens[last].end)

    def phrase(self, first: int, last: int) -> str:
        """The words first..last as they were written."""
        return " ".join(self.text[self.tokens[first].start : self.tokens[last].end].split())


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the matcher reads in a document; `group` is the language group it is ordered within."""

    parts: tuple[Part, ...]
    occurrences: tuple[Occurrence, ...]
    group: str


class Analyser:
    """Analyses documents with one lexicon and one restorer of diacritics."""

    def __init__(self, lexicon: Lexicon, restorer: Restorer) -> None:
        self.lexicon = lexicon
        self.restorer = restorer

    def analyse(self, document: Document) -> Analysis:
        """All occurrences of a need's or a capability's terms."""
        parts, group = self.parts(document)
        occurrences: list[Occurrence] = []
        alike = isinstance(document, Need)
        for number, part in enumerate(parts):
            title, bridge = title_of(document, part), is_bridged(part, group)
            occurrences.extend(self._occurrences(part, number, title, bridge, alike))
        return Analysis(tuple(parts), tuple(occurrences), group)

    def parts(self, document: Document) -> tuple[list[Part], str]:
        """The texts of a document, "main" first, and its language group."""
        role = "need" if isinstance(document, Need) else "capability"
        parts: list[Part] = []
        main = self._part("main", f"{document.title}\n{document.text}", document.lang, role)
        parts.append(main)
        if document.alt_text or document.alt_title:
            parts.append(
                self._part("alt", f"{document.alt_title}\n{document.alt_text}", document.alt_lang, role)
            )
        if isinstance(document, Need):
            parts.extend(self._part("requirement", text, None, "") for text in document.requirements)
            parts.extend(self._part("exclusion", text, None, "all") for text in document.exclusions)
        elif isinstance(document, Capability) and document.not_offered.strip():
            parts.append(self._part("not_offered", document.not_offered, None, "all"))
        spoken = {
            part.language for part in parts if part.name in ("main", "alt") and part.language in LANGUAGES
        }
        group = "both" if len(spoken) == 2 else main.language if main.language in LANGUAGES else "other"
        return parts, group

    def analyse_text(self, text: str, lang: str | None, role: str) -> Analysis:
        """One text by itself. `role`: "capability" or "need" finds what it negates, "all" negates it whole, ""
        nothing."""
        part = self._part("main", text, lang, role)
        group = part.language if part.language in LANGUAGES else "other"
        found = self._occurrences(part, 0, 0, bridge=True, alike=role in ("need", ""))
        return Analysis((part,), tuple(found), group)

    def _part(self, name: str, text: str, declared: str | None, role: str) -> Part:
        tokens = tokenise(text)
        language = detect(tokens, declared)
        restored = language == "vi" and lacks_diacritics(tokens)
        if restored:
            tokens = self.restorer.restore(tokens)
        if role in ("need", "capability"):
            flags = negated(text, tokens, role, bare=restored)
        else:
            flags = [REFUSAL if role == "all" else 0.0] * len(tokens)
        return Part(name, text, language, tuple(tokens), tuple(flags), restored)

    def _occurrences(
        self, part: Part, number: int, title: int, bridge: bool, alike: bool
    ) -> Iterable[Occurrence]:
        weights = [TITLE_WEIGHT if token.start < title else 1.0 for token in part.tokens]
        own = part.language if part.language in LANGUAGES else "en"
        found = _own_terms(part, number, own, weights)
        if alike and part.language in LANGUAGES:
            found.extend(self._alike(part, number, own, weights))
        if bridge:
            found.extend(self._bridged(part, number, own, "en" if own == "vi" else "vi", weights))
        return found

    def _alike(self, part: Part, number: int, own: str, weights: Sequence[float]) -> Iterable[Occurrence]:
        for start, end, targets, _ in self.lexicon.alike([token.word for token in part.tokens], own):
            scale = weights[start] * SYNONYM_WEIGHT
            flag = part.negated[start]
            for target in targets:
                for term, of in terms_of(target, own):
                    weight = scale * target.weight * of
                    yield Occurrence(own, term, weight, number, start, end - 1, target.label, flag, of < 1.0)

    def _bridged(
        self, part: Part, number: int, own: str, other: str, weights: Sequence[float]
    ) -> list[Occurrence]:
        words = [token.word for token in part.tokens]
        found: list[Occurrence] = []
        covered = [False] * len(words)
        expansions = self.lexicon.expand(words, own) if part.language in LANGUAGES else []
        for start, end, targets, inside in expansions:
            if end - start == 1 and words[start] in FUNCTION_WORDS[own]:
                continue
            if not inside:
                covered[start:end] = [True] * (end - start)
            scale = weights[start] * (PART_WEIGHT if inside else 1.0)
            flag = part.negated[start]
            for target in targets:
                found.extend(
                    Occurrence(
                        other,
                        term,
                        scale * target.weight * of,
                        number,
                        start,
                        end - 1,
                        target.label,
                        flag,
                        of < 1.0,
                    )
                    for term, of in terms_of(target, other)
                )
        skipped = ALL_FUNCTION_WORDS if part.language in LANGUAGES else _EMPTY
        previous = -1
        for at, word in enumerate(words):
            if covered[at] or word in skipped:
                continue
            found.append(Occurrence(other, word, weights[at], number, at, at, None, part.negated[at]))
            if previous >= 0 and previous == at - 1:
                pair = f"{words[previous]} {word}"
                found.append(
                    Occurrence(other, pair, weights[at], number, previous, at, None, part.negated[at])
                )
            previous = at
        return found


def title_of(document: Document, part: Part) -> int:
    """How many characters of a part are its title."""
    return {"main": len(document.title), "alt": len(document.alt_title)}.get(part.name, 0)


def is_bridged(part: Part, group: str) -> bool:
    """Whether a part is carried into the other language; a document in both says it there itself."""
    return not (group == "both" and part.name in ("main", "alt") and part.language in LANGUAGES)


@lru_cache(maxsize=50_000)
def terms_of(target: Target, language: str) -> tuple[tuple[str, float], ...]:
    """The words and word pairs of a translation or synonym, and how much each of them counts."""
    kept = [word for word in target.words if word not in FUNCTION_WORDS[language]]
    # One syllable of a Vietnamese word of several says little by itself (drone: ... người lái).
    single = SYLLABLE_WEIGHT if language == "vi" and len(kept) > 1 else 1.0
    return (*((word, single) for word in kept), *((f"{a} {b}", 1.0) for a, b in pairwise(kept)))


def _own_terms(part: Part, number: int, own: str, weights: Sequence[float]) -> list[Occurrence]:
    unwanted = FUNCTION_WORDS[own] if part.language in LANGUAGES else _EMPTY
    found: list[Occurrence] = []
    previous = -1
    for at, token in enumerate(part.tokens):
        functional = token.word in unwanted
        if not functional:
            found.append(Occurrence(own, token.word, weights[at], number, at, at, None, part.negated[at]))
        elif own == "en":
            continue
        # A Vietnamese word is often two syllables, one of them a function word: không khí, không gian.
        if previous >= 0 and not (functional and part.tokens[previous].word in unwanted):
            pair = f"{part.tokens[previous].word} {token.word}"
            found.append(Occurrence(own, pair, weights[at], number, previous, at, None, part.negated[at]))
        previous = at
    return found


def _damped(weight: float) -> float:
    """Sublinear term frequency: 1 + ln(tf), continued linearly below one."""
    return weight if weight <= 1.0 else 1.0 + math.log(weight)


def signed(positive: dict[str, float], negative: dict[str, float]) -> dict[str, float]:
    """Damped frequencies: what counts for, less what counts against."""
    log = math.log  # _damped, written out: this runs for every term of every document
    found = {term: weight if weight <= 1.0 else 1.0 + log(weight) for term, weight in positive.items()}
    for term, weight in negative.items():
        found[term] = found.get(term, 0.0) - _damped(weight)
    return found


def bag(analysis: Analysis, language: str) -> dict[str, float]:
    """Damped term frequencies of one language's field; negative where only negated clauses have the term."""
    positive: dict[str, float] = {}
    negative: dict[str, float] = {}
    for occurrence in analysis.occurrences:
        if occurrence.language == language and occurrence.negated != EXCEPTION:
            side = negative if occurrence.negated else positive
            side[occurrence.term] = side.get(occurrence.term, 0.0) + occurrence.weight * (
                occurrence.negated or 1.0
            )
    return signed(positive, negative)


def char_bag(analysis: Analysis) -> dict[str, float]:
    """Damped frequencies of the character n-grams (3 to 5, within words) of the English field's single
    words."""
    words: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for occurrence in analysis.occurrences:
        if occurrence.language == "en" and " " not in occurrence.term and occurrence.negated != EXCEPTION:
            side = words[1 if occurrence.negated else 0]
            weight = occurrence.weight * (occurrence.negated or 1.0)
            side[occurrence.term] = side.get(occurrence.term, 0.0) + weight
    return signed(grams(words[0]), grams(words[1]))


def grams(words: dict[str, float]) -> dict[str, float]:
    """The character n-grams of weighed words."""
    found: dict[str, float] = {}
    for word, weight in words.items():
        for gram in char_ngrams(word):
            found[gram] = found.get(gram, 0.0) + weight
    return found


def by_term(analysis: Analysis) -> dict[tuple[str, str], list[Occurrence]]:
    """The occurrences of each (language, term)."""
    found: dict[tuple[str, str], list[Occurrence]] = {}
    for occurrence in analysis.occurrences:
        found.setdefault((occurrence.language, occurrence.term), []).append(occurrence)
    return found
