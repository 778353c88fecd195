"""Terms of the lexicon in a text: found by longest match, proposed to a writer, glossed for a reader.

What lives here: `TermBook`, the lexicon keyed by its words in both directions and made once per process; and
`gloss_text` and `gloss_html`, which write the other language behind a term the first time it appears. Nothing is
translated: only terms that people put into the lexicon are shown, beside the words as they were written.

The words inside links and code stay bare. The HTML that comes in has been cleaned by `formats.markdown`; what is
added to it is escaped here, so it is as safe as before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser

from markupsafe import Markup, escape

from ppp_match.matching.bilingual import Entry, Lexicon
from ppp_match.matching.text import FUNCTION_WORDS, Token, tokenise
from ppp_match.search.store import lexicon_now

PAIRS = {("vi", "en"), ("en", "vi")}
MOST_WORDS = 8  # the longest term that is looked up, in syllables or words
JOINT = re.compile(r"[\s\u00a0\u202f'’\-\u2010\u2011]{0,3}\Z")  # what may stand between the words of one term
BARE_INSIDE = ("a", "code")
# Vocabulary of every text: it helps to match, but glossed or counted as a missing term it would bury the terms.
EVERYDAY = frozenset({"verbs.csv", "qualities.csv", "things.csv", "people-and-places.csv"})
KEEPS_ITS_MEANING = 0.25  # share of the longer terms with a word in which its own translation is found
KEPT_FIELDS = 1024  # fields whose glosses one process remembers


@dataclass(frozen=True)
class Sense:
    """One translation of a term as the lexicon writes it, and the sector it belongs to."""

    words: str
    sector: str


@dataclass(frozen=True)
class Term:
    """A term of the lexicon at a place in a text, with its translations, the likeliest first.

    `sure` says that these words mean the term here, and are not a piece of a longer word, of a name, or another word
    that only looks like an abbreviation.
    """

    start: int
    end: int
    key: tuple[str, ...]
    senses: tuple[Sense, ...]
    sure: bool = True


class TermBook:
    """The terms of the lexicon as two dictionaries of words in matching form, without its everyday vocabulary.
    Immutable."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.fingerprint = lexicon.fingerprint
        terms = [entry for entry in lexicon.entries if entry.file not in EVERYDAY]
        self._senses = {lang: _by_words(terms, lang) for lang in ("vi", "en")}
        # Everyday terms of several words are found, so that no piece of one is taken for a term, but not shown.
        self._keys = {
            lang: {key for key in _by_words(lexicon.entries, lang) if len(key) > 1} | senses.keys()
            for lang, senses in self._senses.items()
        }
        self._longest = {lang: _longest(keys) for lang, keys in self._keys.items()}
        self._everyday = {
            (lang, key)
            for lang, senses in self._senses.items()
            for key in _by_words([one for one in lexicon.entries if one.file in EVERYDAY], lang)
            if key not in senses
        }
        self._lone = {
            lang: _lone_words(lexicon.entries, senses, lang) for lang, senses in self._senses.items()
        }
        self._capitals = {lang: _capitals(terms, lang) for lang in ("vi", "en")}

    def is_everyday(self, text: str, lang: str) -> bool:
        """Whether these words in `lang` belong to the vocabulary of every text and are no term."""
        return (lang, words_of(text)) in self._everyday

    def terms(self, text: str, lang: str, sectors: Sequence[str] = ()) -> list[Term]:
        """The terms in a text written in `lang`, left to right, the longest at each place, none overlapping.

        Where a term reaches into another one that goes on after it, a shorter one is taken if there is one: in "nhà
        máy nước thải" stand a plant and wastewater, no waterworks.
        Senses of the given sectors (codes, the first one first) stand before the general ones and the rest.
        """
        if lang not in self._senses:
            return []
        senses, longest, keys = self._senses[lang], self._longest[lang], self._keys[lang]
        tokens = tokenise(text)
        found: list[Term] = []
        at = 0
        while at < len(tokens):
            limit = min(longest.get(tokens[at].word, 0), _run(text, tokens, at))
            sizes = [
                size
                for size in range(limit, 0, -1)
                if tuple(one.word for one in tokens[at : at + size]) in keys
            ]
            if not sizes:
                at += 1
                continue
            size = self._unbroken(text, tokens, at, sizes, lang)
            key = tuple(token.word for token in tokens[at : at + size])
            place = tokens[at].start, tokens[at + size - 1].end
            if key in senses:
                sure = self._is_sure(text, tokens, at, size, lang)
                found.append(Term(*place, key, _sorted(senses[key], sectors), sure))
            at += size
        return found

    def _unbroken(self, text: str, tokens: Sequence[Token], at: int, sizes: list[int], lang: str) -> int:
        """The longest of these sizes that cuts no other term of several words in two; the longest if each does."""
        senses, longest = self._senses[lang], self._longest[lang]  # an everyday term may be cut
        for size in sizes:
            for inside in range(at + 1, at + size):
                limit = min(longest.get(tokens[inside].word, 0), _run(text, tokens, inside))
                beyond = range(at + size - inside + 1, limit + 1)
                if any(tuple(one.word for one in tokens[inside : inside + n]) in senses for n in beyond):
                    break
            else:
                return size
        return sizes[0]

    def _is_sure(self, text: str, tokens: Sequence[Token], at: int, size: int, lang: str) -> bool:
        written = text[tokens[at].start : tokens[at + size - 1].end]
        key = tuple(token.word for token in tokens[at : at + size])
        if key in self._capitals[lang]:
            return written.isupper()
        if size > 1:
            return True
        return key[0] in self._lone[lang] and not (lang == "vi" and _in_a_name(text, tokens, at))


def _by_words(entries: Sequence[Entry], lang: str) -> dict[tuple[str, ...], tuple[Sense, ...]]:
    other = "en" if lang == "vi" else "vi"
    found: dict[tuple[str, ...], dict[str, Sense]] = {}
    for entry in entries:
        key = words_of(getattr(entry, lang))
        if 0 < len(key) <= MOST_WORDS and not (len(key) == 1 and key[0] in FUNCTION_WORDS[lang]):
            words = str(getattr(entry, other))
            found.setdefault(key, {}).setdefault(words, Sense(words, entry.sector))
    return {key: tuple(senses.values()) for key, senses in found.items()}


def _lone_words(entries: Iterable[Entry], senses: Collection[tuple[str, ...]], lang: str) -> frozenset[str]:
    """The single words that keep their meaning inside longer terms, as far as the lexicon knows longer ones.

    Most terms with nước speak of water; of those with bộ hardly any is about a ministry, so that bộ says nothing.
    """
    other = "en" if lang == "vi" else "vi"
    said: dict[str, list[tuple[str, ...]]] = {key[0]: [] for key in senses if len(key) == 1}
    longer: dict[str, list[tuple[str, ...]]] = {word: [] for word in said}
    for entry in entries:
        key, translation = words_of(getattr(entry, lang)), words_of(getattr(entry, other))
        for word in set(key) & said.keys():
            (said if len(key) == 1 else longer)[word].append(translation)
    return frozenset(
        word
        for word, terms in longer.items()
        if sum(any(_holds(term, one) for one in said[word]) for term in terms)
        >= len(terms) * KEEPS_ITS_MEANING
    )


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[at : at + len(part)] == part for at in range(len(words) - len(part) + 1))


def _capitals(entries: Iterable[Entry], lang: str) -> frozenset[tuple[str, ...]]:
    """Terms that the lexicon writes in capitals alone: AI is artificial intelligence, ai asks who."""
    written: dict[tuple[str, ...], list[bool]] = {}
    for entry in entries:
        words = str(getattr(entry, lang))
        written.setdefault(words_of(words), []).append(words.isupper())
    return frozenset(key for key, capitals in written.items() if all(capitals))


def _in_a_name(text: str, tokens: Sequence[Token], at: int) -> bool:
    """Whether a Vietnamese syllable and the one before or after it are both capitalised, as in Hồ Chí Minh."""
    if not text[tokens[at].start].isupper():
        return False
    beside = [(at - 1, at)] if at else []
    beside += [(at, at + 1)] if at + 1 < len(tokens) else []
    return any(
        text[tokens[one].start].isupper()
        and text[tokens[two].start].isupper()
        and text[tokens[one].end : tokens[two].start] == " "
        for one, two in beside
    )


def _longest(keys: Collection[tuple[str, ...]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key in keys:
        found[key[0]] = max(found.get(key[0], 0), len(key))
    return found


def _run(text: str, tokens: Sequence[Token], at: int) -> int:
    """How many words from there on follow each other without a comma, a full stop or another sign between."""
    size = 1
    while size < MOST_WORDS and at + size < len(tokens):
        before, after = tokens[at + size - 1], tokens[at + size]
        if after.start < before.end or not JOINT.match(text[before.end : after.start]):
            break
        size += 1
    return size


def _sorted(senses: tuple[Sense, ...], sectors: Sequence[str]) -> tuple[Sense, ...]:
    if len(senses) == 1:
        return senses
    wanted = [code.partition(".")[0] for code in sectors]

    def rank(sense: Sense) -> int:
        if sense.sector in wanted:
            return wanted.index(sense.sector)
        return len(wanted) + (sense.sector != "general")

    return tuple(sorted(senses, key=rank))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in matching form."""
    return tuple(token.word for token in tokenise(text))


@lru_cache(maxsize=2)
def _book(lexicon: Lexicon) -> TermBook:
    return TermBook(lexicon)


def term_book() -> TermBook:
    """The terms of the lexicon that ranks now, read once until another one does."""
    return _book(lexicon_now())


# --- glosses -----------------------------------------------------------------------------------------------------


def gloss_text(text: str, lang: str, reader: str, sectors: Sequence[str] = ()) -> Markup:
    """A plain text in `lang`, escaped, its terms glossed for a reader of another language."""
    return (
        _glossed(str(text), lang, reader, tuple(sectors), False) if (lang, reader) in PAIRS else escape(text)
    )


def gloss_html(html: Markup, lang: str, reader: str, sectors: Sequence[str] = ()) -> Markup:
    """Clean HTML of a text in `lang`, its terms glossed outside of links and code."""
    return _glossed(str(html), lang, reader, tuple(sectors), True) if (lang, reader) in PAIRS else html


def _glossed(text: str, lang: str, reader: str, sectors: tuple[str, ...], is_html: bool) -> Markup:
    return _remembered(term_book(), text, lang, reader, sectors, is_html)


@lru_cache(maxsize=KEPT_FIELDS)
def _remembered(
    book: TermBook, text: str, lang: str, reader: str, sectors: tuple[str, ...], is_html: bool
) -> Markup:
    return glossed_by(book, text, lang, reader, sectors, is_html=is_html)


def glossed_by(
    book: TermBook, text: str, lang: str, reader: str, sectors: Sequence[str] = (), *, is_html: bool
) -> Markup:
    """The work of `gloss_text` and `gloss_html` with a given book, nothing remembered."""
    seen: set[tuple[str, ...]] = set()
    if not is_html:
        return Markup("").join(_pieces(book, text, lang, reader, sectors, seen))
    walk = _Walk(lambda words: _pieces(book, words, lang, reader, sectors, seen))
    walk.feed(text)
    walk.close()
    return Markup("").join(walk.parts)


def _pieces(
    book: TermBook, text: str, lang: str, reader: str, sectors: Sequence[str], seen: set[tuple[str, ...]]
) -> Iterator[Markup]:
    at = 0
    for term in book.terms(text, lang, sectors):
        if term.key in seen or not _worth_a_gloss(term, sectors):
            continue
        seen.add(term.key)
        yield escape(text[at : term.start])
        yield _gloss(text[term.start : term.end], term.senses[0].words, reader)
        at = term.end
    yield escape(text[at:])


def _worth_a_gloss(term: Term, sectors: Sequence[str]) -> bool:
    """Whether a reader is helped rather than misled.

    PPP is PPP in both. A single syllable is often half of another word (rác in rải rác), a single English word often
    another one ("to face", "free space"), so it counts only where its sense belongs to a sector of the text.
    """
    sense = term.senses[0]
    if not term.sure or words_of(sense.words) == term.key:
        return False
    own = {code.partition(".")[0] for code in sectors}
    return len(term.key) > 1 or sense.sector in own


def reading_terms(text: str, lang: str, sectors: Sequence[str] = ()) -> list[tuple[str, str]]:
    """(term as written, its translation) for each term of a short text that a reader would see glossed."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for term in term_book().terms(text, lang, sectors):
        if _worth_a_gloss(term, sectors):
            found.setdefault(term.key, (text[term.start : term.end], term.senses[0].words))
    return list(found.values())


def _gloss(words: str, said: str, reader: str) -> Markup:
    return Markup('<span class="pm-gloss">{}<span class="pm-gloss-t" lang="{}"> ({})</span></span>').format(
        words, reader, said
    )


class _Walk(HTMLParser):
    """Copies clean HTML and hands the words outside of links and code to `gloss`."""

    def __init__(self, gloss: Callable[[str], Iterable[Markup]]) -> None:
        super().__init__(convert_charrefs=True)
        self.gloss = gloss
        self.parts: list[Markup] = []
        self.bare = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.bare += tag in BARE_INSIDE
        self.parts.append(Markup(self.get_starttag_text()))  # noqa: S704  copied from HTML that nh3 has cleaned  # nosec B704

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.parts.append(Markup(self.get_starttag_text()))  # noqa: S704  as above  # nosec B704

    def handle_endtag(self, tag: str) -> None:
        self.bare -= tag in BARE_INSIDE
        self.parts.append(Markup("</{}>").format(tag))

    def handle_data(self, data: str) -> None:
        self.parts.extend([escape(data)] if self.bare else self.gloss(data))
