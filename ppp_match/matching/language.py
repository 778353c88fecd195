"""Which language a text is in, and Vietnamese typed without its diacritics.

Here: `detect` (vi, en, or und for other scripts), `Restorer`, which learns accented n-grams from the
lexicon and the corpus and puts them back by longest match. Not here: translation (bilingual.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .text import FUNCTION_WORDS, Token, fold, is_wordless

__all__ = ["Restorer", "detect", "lacks_diacritics", "plainly_bare", "primary"]

_VIETNAMESE = re.compile("[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]")
_ONLY_VIETNAMESE = re.compile("[ăđơưảẵẳằắặầấẩẫậẻẽẹềếểễệỉĩịỏọồốổỗộờớởỡợủũụừứửữựỷỹỵạ]")
_SYLLABLE = re.compile(
    "^(?:ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?"
    "(?:uye|uya|uyu|oai|oay|oeo|uay|uoi|uou|ieu|yeu|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|ye"
    "|[aeiouy])(?:ch|ng|nh|[cmnpt])?$"
)
_FOLDED_FUNCTION_WORDS = frozenset(fold(word) for word in FUNCTION_WORDS["vi"]) - FUNCTION_WORDS["en"]
_LETTERS = re.compile("(?<![A-Za-z0-9])[A-Za-z]+(?![A-Za-z0-9])")
_MAX_GRAM = 4


def primary(lang: str | None) -> str | None:
    """The first subtag of a BCP 47 tag in lower case ("vi-VN" → "vi"), None where there is none."""
    return re.split("[-_]", lang.strip().lower(), maxsplit=1)[0] or None if lang else None


def detect(tokens: Sequence[Token], declared: str | None = None) -> str:
    """The language of a tokenised text: the declared one unless the writing clearly says Vietnamese; else
    vi, en, und."""
    words = [token.word for token in tokens if not token.word.isdigit()]
    if not words:
        return primary(declared) or "und"
    if declared and primary(declared) != "en":
        return primary(declared) or "und"
    unusual = [word for word in words if not word.isascii()]
    marked = sum(1 for word in unusual if _VIETNAMESE.search(word))
    certain = sum(1 for word in unusual if _ONLY_VIETNAMESE.search(word))
    share = marked / len(words)
    if declared and not (share > 0.5 and certain >= 3):
        return "en"
    if certain and share >= 0.2:
        return "vi"
    wordless = sum(1 for word in unusual if is_wordless(word) or not fold(word).isascii())
    if wordless > len(words) / 2:
        return "und"
    english = sum(1 for word in words if word in FUNCTION_WORDS["en"])
    syllables = sum(1 for word in words if _SYLLABLE.match(fold(word)))
    vietnamese = sum(1 for word in words if word in _FOLDED_FUNCTION_WORDS)
    if len(words) >= 2 and syllables / len(words) >= 0.75 and english <= max(vietnamese, len(words) * 0.12):
        return "vi"
    return "en"


def lacks_diacritics(tokens: Sequence[Token]) -> bool:
    """Whether a text said to be Vietnamese was typed without diacritics (fewer than one word in twenty has
    any)."""
    words = [token.word for token in tokens if token.word.isalpha()]
    return len(words) > 0 and sum(1 for word in words if not word.isascii()) < 0.05 * len(words)


def plainly_bare(text: str) -> bool:
    """Whether it is clear before a text is cut into words that, if it is Vietnamese, it lacks its diacritics."""
    return text.isascii() and _LETTERS.search(text) is not None


class Restorer:
    """Accented Vietnamese n-grams (1 to 4 syllables) by their bare form, with how often each was seen."""

    def __init__(self) -> None:
        self._base: Mapping[str, Mapping[str, int]] = {}
        self._seen: dict[str, Counter[str]] = {}  # instead of what the base says of the same key
        self._keep: frozenset[str] = frozenset()

    def keep(self, words: Iterable[str]) -> None:
        """Single words (English ones) that are left alone unless they stand inside a longer match."""
        self._keep = frozenset(words) | FUNCTION_WORDS["en"]

    def start_from(self, base: Mapping[str, Mapping[str, int]]) -> None:
        """Stand on what another restorer has learnt (its `state`), shared and never changed."""
        self._base = base

    def learn(self, words: Sequence[str], weight: int = 1, *, longest: int = 3) -> None:
        """Count the n-grams of an accented text given as canonical words."""
        bare = [fold(word) for word in words]
        for size in range(1, longest + 1):
            for at in range(len(words) - size + 1):
                if size == 1 and bare[at].isdigit():
                    continue
                key = " ".join(bare[at : at + size])
                counts = self._seen.get(key)
                if counts is None:
                    counts = self._seen[key] = Counter(self._base.get(key, {}))
                counts[" ".join(words[at : at + size])] += weight

    def restore(self, tokens: Sequence[Token]) -> list[Token]:
        """The tokens with their diacritics put back where an n-gram is known; places stay as they were."""
        restored: list[Token] = []
        words = [token.word for token in tokens]
        at = 0
        while at < len(tokens):
            for size in range(min(_MAX_GRAM, len(tokens) - at), 0, -1):
                best = self._best(words[at : at + size])
                if best is not None:
                    restored.extend(
                        Token(word, token.start, token.end)
                        for word, token in zip(best, tokens[at : at + size], strict=True)
                    )
                    at += size
                    break
            else:
                restored.append(tokens[at])
                at += 1
        return restored

    def _best(self, words: Sequence[str]) -> list[str] | None:
        if len(words) == 1 and (words[0] in self._keep or not words[0].isalpha()):
            return None
        key = " ".join(words)
        counts: Mapping[str, int] | None = self._seen.get(key) or self._base.get(key)
        if not counts:
            return None
        best = max(list(counts.items()), key=lambda item: (item[1], item[0]))[0].split(" ")
        return best if len(best) == len(words) else None

    def state(self) -> dict[str, dict[str, int]]:
        """What was learnt, for saving."""
        return {key: dict(counts) for key, counts in {**self._base, **self._seen}.items()}

    def load(self, state: dict[str, dict[str, int]]) -> None:
        """Take up what `state` gave."""
        self._seen = {key: Counter(counts) for key, counts in state.items()}
