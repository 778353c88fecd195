"""Words of a Vietnamese or English text: normal form, tokens with their places, plural stems, function words.

Here: everything that looks at one text alone. Not here: languages and lost diacritics (language.py), what a
text says it does not do (negation.py), the way into the other language (bilingual.py), weights (index.py).

Tokens keep the place they came from in the text as it was written, so that a page can mark them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "FUNCTION_WORDS",
    "Token",
    "canonical",
    "char_ngrams",
    "fold",
    "is_wordless",
    "normalise",
    "tokenise",
]

# Marks that \w leaves out: combining diacritics of decomposed text, vowel signs of Thai, Lao, Burmese and
# Khmer, soft hyphens and zero-width joints inside a word.
_MARKS = (
    "\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b4-\u17d3"
)
_JOINTS = "\u00ad\u200b-\u200d\u2060\ufeff"
_WORD = re.compile(rf"[^\W_][^\W_{_MARKS}{_JOINTS}]*(?:[{_MARKS}{_JOINTS}]+[^\W_]*)*")
_PIECE = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_JOINT = re.compile(f"[{_JOINTS}]")
_WORDLESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")

# Old and new tone placement differ only in open syllables ending in oa, oe, uy; hòa is kept, hoà is not.
_TONES = "\u0300\u0301\u0309\u0303\u0323"
_NFC = unicodedata.normalize
_PLACEMENT = {
    _NFC("NFC", first + second + tone): _NFC("NFC", first + tone + second)
    for first, second in ("oa", "oe", "uy")
    for tone in _TONES
}
# kĩ = kỹ, lí = lý, quí = quý: after these onsets alone, i and y are the same sound. "my" stays English.
_I_AND_Y = re.compile("^(h|k|l|m|s|t|qu)(y|ỳ|ý|ỷ|ỹ|ỵ)$")
_Y_TO_I = dict(zip("yỳýỷỹỵ", "iìíỉĩị", strict=True))

_SPELLINGS = """
centre:center metre:meter litre:liter fibre:fiber theatre:theater programme:program licence:license
defence:defense colour:color harbour:harbor labour:labor neighbour:neighbor neighbourhood:neighborhood
behaviour:behavior odour:odor vapour:vapor catalogue:catalog tyre:tire kerb:curb sulphur:sulfur
aluminium:aluminum ageing:aging travelling:traveling modelling:modeling sewerage:sewage grey:gray
aeroplane:airplane people:person men:man women:woman children:child mice:mouse feet:foot
"""
_SPELLING = dict(pair.split(":") for pair in _SPELLINGS.split())
_ISE = re.compile("is(e|ed|es|ing|ation|ational|er)$")
_NO_PLURAL = frozenset(
    {
        "always",
        "does",
        "gas",
        "has",
        "lens",
        "minus",
        "news",
        "perhaps",
        "plus",
        "series",
        "species",
        "this",
        "thus",
        "was",
        "yes",
    }
)

_ENGLISH = """
a about all also an and any are as at be been being both but by can could do does each either for from
had has have he her his how i if in into is it its may more most must my no nor not of on or other our
out over own per s shall she should so some such t than that the their them then there these they this
those to too under up us very was we were what when where which while who whom whose will with within
would you your
"""
_VIETNAMESE = """
bạn bằng bị bởi cho chúng chưa chỉ các còn có cùng cũng cả cần của do dưới giữa gì hay hoặc hơn họ khi
không kia là lại mà mọi mỗi một ngay như nhưng nhất những nào này nên nếu phải qua ra rất rồi sao sau sẽ
ta theo thì trong trên trước tôi tại tới từ và vào vì vẫn về với đang đây đã đó được đến đều để ấy ở
"""
FUNCTION_WORDS = {"en": frozenset(_ENGLISH.split()), "vi": frozenset(_VIETNAMESE.split())}


class Token(NamedTuple):
    """One word: `word` in its matching form, `start` and `end` as offsets (characters) into the original
    text."""

    word: str
    start: int
    end: int


def normalise(text: str) -> str:
    """NFKC, lower case, one tone placement, one spelling of i and y; words separated by single blanks."""
    return " ".join(token.word for token in tokenise(text, stem=False))


def tokenise(text: str, *, stem: bool = True) -> list[Token]:
    """The tokens of `text` in order; with `stem` English plurals and spellings are folded (Vietnamese is
    untouched).

    Scripts that write no blanks between words (Thai, Lao, Khmer, Burmese, Han, Kana) give character trigrams.
    """
    tokens: list[Token] = []
    form = _matching_form if stem else _plain_form
    single = _single_form if stem else _single_plain_form
    new = tuple.__new__  # what Token(...) does, without the detour
    for match in _WORD.finditer(text):
        raw = match.group()
        start, end = match.span()
        only = single(raw)
        if only is not None:
            tokens.append(new(Token, (only, start, end)))
            continue
        for word in form(raw):
            if is_wordless(word):
                tokens.extend(_trigrams(word, raw, start, end))
            else:
                tokens.append(Token(word, start, end))
    return tokens


def _trigrams(word: str, raw: str, start: int, end: int) -> list[Token]:
    exact = len(word) == len(raw)
    grams = [(at, word[at : at + 3]) for at in range(max(1, len(word) - 2))]
    return [
        Token(gram, start + at, start + at + len(gram)) if exact else Token(gram, start, end)
        for at, gram in grams
    ]


@lru_cache(maxsize=100_000)
def _plain_form(raw: str) -> tuple[str, ...]:
    if raw.isascii():
        return (canonical(raw.lower()),)
    whole = unicodedata.normalize("NFKC", _JOINT.sub("", raw)).lower()
    return tuple(canonical(unicodedata.normalize("NFC", piece)) for piece in _PIECE.findall(whole))


@lru_cache(maxsize=100_000)
def _matching_form(raw: str) -> tuple[str, ...]:
    return tuple(_stem(word) for word in _plain_form(raw))


def _only(forms: tuple[str, ...]) -> str | None:
    return forms[0] if len(forms) == 1 and not is_wordless(forms[0]) else None


@lru_cache(maxsize=100_000)
def _single_form(raw: str) -> str | None:
    """The matching form of what is one word of a script that writes blanks; else None."""
    return _only(_matching_form(raw))


@lru_cache(maxsize=100_000)
def _single_plain_form(raw: str) -> str | None:
    return _only(_plain_form(raw))


@lru_cache(maxsize=50_000)
def canonical(word: str) -> str:
    """One spelling of a lower-case NFC Vietnamese syllable: hoà → hòa, thuỷ → thủy, quí = quý, kỹ = kĩ."""
    if word.isascii() and not word.endswith("y"):
        return word
    if word[-2:] in _PLACEMENT and not word.startswith("qu"):
        word = word[:-2] + _PLACEMENT[word[-2:]]
    elif word[:2] in ("qù", "qú", "qủ", "qũ", "qụ") and word[2:] == "y":
        word = "qu" + _NFC("NFC", "y" + _NFC("NFD", word[1])[1:])
    if word != "my" and (match := _I_AND_Y.match(word)):
        return match.group(1) + _Y_TO_I[match.group(2)]
    return word


def _stem(word: str) -> str:
    """The singular of an English plural, in one of its spellings; a form to match with, not to show."""
    if not word.isascii() or len(word) < 4 or word.isdigit():
        return word
    if word[-1] == "s" and word not in _NO_PLURAL and word[-2:] not in ("ss", "us", "is"):
        if word.endswith("ies") and len(word) > 4:
            word = word[:-3] + "y"
        elif word.endswith(("sses", "xes", "ches", "shes", "zes", "uses")) and len(word) > 4:
            word = word[:-2] if not word.endswith(("houses", "causes", "auses")) else word[:-1]
        else:
            word = word[:-1]
    if word in _SPELLING:
        return _SPELLING[word]
    if len(word) > 6 and (match := _ISE.search(word)):
        return word[: match.start()] + "iz" + match.group(1)
    return word


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """`word` without any diacritics, đ included (which Unicode decomposition leaves alone)."""
    if word.isascii():
        return word
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def is_wordless(word: str) -> bool:
    """Whether `word` is in a script that writes no blanks between words."""
    return not word.isascii() and _WORDLESS.search(word) is not None


@lru_cache(maxsize=100_000)
def char_ngrams(word: str) -> tuple[str, ...]:
    """Character 3- to 5-grams of one word with a blank at each end: what scikit-learn's `char_wb` makes of
    it."""
    padded = f" {word} "
    grams: list[str] = []
    for size in (3, 4, 5):
        if len(padded) <= size:
            grams.append(padded)
            break
        grams.extend(padded[at : at + size] for at in range(len(padded) - size + 1))
    return tuple(grams)
