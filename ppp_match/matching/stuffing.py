"""How much of a text is the same words again: keyword stuffing, as a number.

Here: `repetition`. Not here: what it costs (score.py).

Two figures, since there are two ways to do it. Words: no content word of a plain text makes up more than a twentieth of
it or stands there more than a few times; what goes beyond is too much. Trigrams: copies of whole sentences repeat word
triples, of which a plain text repeats hardly any. On the judged sets 99 in 100 capabilities stay below WORDS[0] and
TRIGRAMS[0] (docs/benchmarks.md), so that topics, lists and standing phrases cost nothing. Repeated n-grams as a sign of
poor text: Rae et al. 2021, "Scaling Language Models", arXiv:2112.11446, table A1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .text import FUNCTION_WORDS

__all__ = ["repetition"]

WORDS = (0.15, 0.45)  # shares of the text: nothing at the first, everything at the second
TRIGRAMS = (0.30, 0.75)
SHARE = 0.05  # of a text that one word may take
OFTEN = 4  # times that any word may come
SHORT = 20  # words; a shorter text says too little to tell
_FUNCTION_WORDS = FUNCTION_WORDS["vi"] | FUNCTION_WORDS["en"]


def repetition(words: Sequence[str]) -> float:
    """0 for a plain text, 1 for one that says the same words over and over, by its words in matching form."""
    if len(words) < SHORT:
        return 0.0
    counts = Counter(words)
    if len(counts) > (1.0 - WORDS[0]) * len(words):
        return 0.0  # nearly all words are new: the usual case, and quickly told
    allowed = max(OFTEN, SHARE * len(words))
    beyond = sum(
        count - allowed for word, count in counts.items() if count > allowed and word not in _FUNCTION_WORDS
    )
    triples = len(words) - 2
    again = triples - len(set(zip(words, words[1:], words[2:], strict=False)))
    return max(_ramp(beyond / len(words), WORDS), _ramp(again / triples, TRIGRAMS))


def _ramp(value: float, ends: tuple[float, float]) -> float:
    return min(max((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)
