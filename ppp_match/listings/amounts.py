"""Amounts of money as people type them: "15–100 tỷ", "USD 1.2m", "khoảng 20 tỷ", "up to VND 5 bn".

`read` makes an `Amount` of one line of text, `write` makes a line that `read` understands again, in either language.
No Flask and no database: the words of a refusal stand with the form field (`money_entry.py`), rates in `money.py`.

A mark is never guessed twice: a single point or comma before three digits groups thousands where no scale word
follows; before a scale word it is read by the language of that word, and where the page's language would read it
otherwise, the writer is asked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from ppp_match.listings.numbers import LARGEST, parse_number

LONGEST = 120
CENT = Decimal("0.01")
CURRENCIES = (  # those with a rate in seeds/reference/exchange_rates.csv
    "VND", "IDR", "THB", "MYR", "PHP", "SGD", "BND", "KHR", "LAK", "MMK", "JPY", "KRW", "EUR", "AUD", "GBP", "CNY", "USD",
)  # fmt: skip
DOLLARS = {"USD", "SGD", "BND", "AUD"}
THOUSAND, MILLION, BILLION, TRILLION = (10**n for n in (3, 6, 9, 12))


@dataclass(frozen=True)
class Amount:
    """A range of money. One amount has equal ends; "up to" has no low end, "from" no high one."""

    low: Decimal | None = None
    high: Decimal | None = None
    currency: str | None = None
    undisclosed: bool = False

    @property
    def is_empty(self) -> bool:
        return self.low is None and self.high is None


class Unreadable(ValueError):
    """The text is no amount, or could mean two. `code` says why; `readings` are the meanings it could have."""

    def __init__(self, code: str, *readings: Decimal) -> None:
        self.code, self.readings = code, readings
        super().__init__(code)


# Scale words: (factor, language whose marks the number before it follows; "" for words that both use).
SCALES = {
    "nghìn": (THOUSAND, "vi"), "ngàn": (THOUSAND, "vi"), "thousand": (THOUSAND, "en"), "k": (THOUSAND, ""),
    "triệu": (MILLION, "vi"), "tr": (MILLION, "vi"), "m": (MILLION, "en"), "mn": (MILLION, "en"),
    "mio": (MILLION, "en"), "mil": (MILLION, "en"), "million": (MILLION, "en"), "millions": (MILLION, "en"),
    "tỷ": (BILLION, "vi"), "tỉ": (BILLION, "vi"), "bn": (BILLION, "en"), "b": (BILLION, "en"),
    "billion": (BILLION, "en"), "billions": (BILLION, "en"), "trillion": (TRILLION, "en"),
    "nghìn tỷ": (TRILLION, "vi"), "ngàn tỷ": (TRILLION, "vi"), "nghìn tỉ": (TRILLION, "vi"),
    "juta": (MILLION, "id"), "miliar": (BILLION, "id"), "triliun": (TRILLION, "id"),
}  # fmt: skip
MONEY_WORDS = {
    "đồng": "VND", "vnđ": "VND", "đ": "VND", "₫": "VND", "us$": "USD", "đô la mỹ": "USD", "đô mỹ": "USD",
    "us dollars": "USD", "s$": "SGD", "a$": "AUD", "b$": "BND", "€": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "yên": "JPY", "yen": "JPY", "baht": "THB", "bạt": "THB", "฿": "THB", "ringgit": "MYR",
    "rm": "MYR", "rupiah": "IDR", "rp": "IDR", "peso": "PHP", "pesos": "PHP", "₱": "PHP", "won": "KRW",
    "₩": "KRW", "rmb": "CNY", "yuan": "CNY", "kip": "LAK", "riel": "KHR", "kyat": "MMK",
    "$": "$", "đô la": "$", "đô": "$", "dollar": "$", "dollars": "$",
    **{code.lower(): code for code in CURRENCIES},
}  # fmt: skip
UP_TO = (
    "tối đa", "không quá", "dưới", "nhỏ hơn", "up to", "max", "max.", "maximum", "at most", "below", "under",
    "less than", "no more than", "not more than", "≤", "<", "<=",
)  # fmt: skip
FROM = (
    "từ", "tối thiểu", "ít nhất", "trên", "hơn", "lớn hơn", "from", "at least", "min", "min.", "minimum", "over",
    "above", "more than", "≥", ">", ">=",
)  # fmt: skip
OR_MORE = ("trở lên", "or more", "and more", "and above", "and up", "+")
OR_LESS = ("trở xuống", "or less", "and less", "and below")
HALF = ("rưỡi", "rưởi")  # "2 tỷ rưỡi" is 2.5 tỷ
RANGE = ("đến", "tới", "to", "and", "và", "-", "–", "—", "−", "~>", "..", "...", "…")
ABOUT = (
    "khoảng", "tầm", "chừng", "ước", "ước tính", "ước chừng", "dự kiến", "about", "around", "approx", "approx.",
    "approximately", "circa", "ca.", "roughly", "some", "between", "giữa", "~", "≈", "vào khoảng",
)  # fmt: skip
UNDISCLOSED = (
    "không công bố", "chưa công bố", "không tiết lộ", "chưa tiết lộ", "not disclosed", "undisclosed",
    "not public", "tbd", "n/a", "không nêu", "chưa xác định",
)  # fmt: skip


def _plain(text: str) -> str:
    """Lower case without diacritics, as many people type Vietnamese."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d")


def _phrases() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("scale", tuple(SCALES)), ("money", tuple(MONEY_WORDS)), ("up_to", UP_TO), ("from", FROM),
        ("or_more", OR_MORE), ("or_less", OR_LESS), ("range", RANGE), ("about", ABOUT), ("hidden", UNDISCLOSED),
        ("half", HALF),
    )  # fmt: skip
    for kind, words in kinds:
        for word in words:
            found.setdefault(word, (kind, word))
    for word, meaning in list(found.items()):
        if len(word) > 1:
            found.setdefault(_plain(word), meaning)
    return found


PHRASES = _phrases()
TOKEN = re.compile(
    r"(?P<space>[\s\u00a0\u202f]+)"
    r"|(?P<number>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d.,])|\d+(?:[.,]\d+)*)"
    r"|(?P<phrase>"
    + "|".join(
        re.escape(p) + (r"(?![^\W\d_])" if p[-1].isalpha() else "")
        for p in sorted(PHRASES, key=len, reverse=True)
    )
    + r")"
)


@dataclass
class _Part:
    """One end of what was typed: numbers with their scale words ("2 tỷ 500 triệu" has two) and a currency."""

    numbers: list[tuple[str, list[str]]] = field(default_factory=list)
    currency: str = ""
    bound: str = ""

    @property
    def scaled(self) -> bool:
        return any(scales for _number, scales in self.numbers)


def read(text: str, lang: str, *, default: str | None = None) -> Amount:
    """The amount that a reader of `lang` meant; an empty text is an empty amount.

    `default` is the currency of an amount that names none and whose words tell none (tỷ and triệu tell đồng).
    Raises Unreadable.
    """
    text = unicodedata.normalize("NFC", text).strip().lower().rstrip(" .;")
    if not text:
        return Amount()
    if len(text) > LONGEST or not text.isprintable():
        raise Unreadable("not_understood")
    parts = _parts(_tokens(text))
    if parts is None:
        return Amount(undisclosed=True)
    _share_scales(parts)
    currency = _currency(parts, default)
    values = [_value(part, lang) for part in parts]
    if len(values) == 2:
        low, high = values
        if low > high:
            raise Unreadable("order", low, high)
        return Amount(low, high, currency)
    bound = parts[0].bound
    return Amount(None if bound == "up_to" else values[0], None if bound == "from" else values[0], currency)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise Unreadable("not_understood")
        kind = str(match.lastgroup)
        if kind == "phrase":
            found.append(PHRASES[match[0]])
        elif kind == "number":
            found.append(("number", match[0]))
        at = match.end()
    return found


def _parts(tokens: list[tuple[str, str]]) -> list[_Part] | None:
    """One or two ends; None for "not disclosed"."""
    if tokens and all(kind == "hidden" for kind, _word in tokens):
        return None
    parts, fresh = [_Part()], False
    for kind, word in tokens:
        part = parts[-1]
        if kind == "number":
            if part.numbers and not part.numbers[-1][1]:
                raise Unreadable("not_understood")
            part.numbers.append((word, []))
        elif kind == "scale":
            if not part.numbers:
                raise Unreadable("not_understood")
            part.numbers[-1][1].append(word)
        elif kind == "half":
            if not part.scaled or not part.numbers[-1][1]:
                raise Unreadable("not_understood")
            part.numbers.append(("5", []))
        elif kind == "money":
            _name_currency(part, MONEY_WORDS[word])
        elif kind == "range" and part.numbers:
            parts.append(_Part())
        elif kind == "range" and word in ("đến", "tới", "to"):
            part.bound = "up_to"
        elif kind in ("up_to", "from") and not part.numbers:
            part.bound = kind
        elif kind in ("or_more", "or_less") and part.numbers:
            part.bound = "from" if kind == "or_more" else "up_to"
        elif kind != "about" or part.numbers:
            raise Unreadable("not_understood")
        fresh = kind == "range"
    if fresh or len(parts) > 2 or not all(part.numbers for part in parts):
        raise Unreadable("not_understood")
    if len(parts) == 2 and (parts[0].bound == "up_to" or parts[1].bound):
        raise Unreadable("not_understood")
    return parts


def _name_currency(part: _Part, code: str) -> None:
    if part.currency and code != part.currency:
        if "$" not in (part.currency, code) or {part.currency, code} - DOLLARS - {"$"}:
            raise Unreadable("two_currencies")
        code = part.currency if code == "$" else code
    part.currency = code


def _share_scales(parts: list[_Part]) -> None:
    """ "15–100 tỷ" means 15 tỷ: an end without a scale takes the other's, unless it was written in full."""
    if len(parts) != 2:
        return
    for bare, other in (parts, parts[::-1]):
        short = len(bare.numbers) == 1 and len(re.sub(r"\D", "", bare.numbers[0][0])) <= 5
        if not bare.scaled and other.scaled and short:
            bare.numbers[0][1].extend(other.numbers[0][1])


def _currency(parts: list[_Part], default: str | None) -> str:
    named = {part.currency for part in parts} - {""}
    if named == {"$"}:
        if default in DOLLARS:
            return str(default)
        raise Unreadable("which_dollar")
    named -= {"$"}
    if len(named) > 1:
        raise Unreadable("two_currencies")
    if named:
        return named.pop()
    words = [word for part in parts for _number, scales in part.numbers for word in scales]
    if any(SCALES[word][1] == "vi" for word in words):
        return "VND"
    if default:
        return default
    raise Unreadable("currency_missing")


def _value(part: _Part, lang: str) -> Decimal:
    total, last, said_in_vietnamese = Decimal(0), None, False
    for number, scales in part.numbers:
        factor = Decimal(1)
        for word in scales:
            factor *= SCALES[word][0]
        if said_in_vietnamese and not scales and re.fullmatch(r"\d{1,3}", number):
            total += Decimal(f"0.{number}") * Decimal(
                last or 0
            )  # "15 tỷ 500", "2 triệu 5": digits after the point
            last = Decimal(0)
            continue
        if last is not None and factor >= last:  # "500 triệu 2 tỷ" is no compound
            raise Unreadable("not_understood")
        last = factor
        said_in_vietnamese = any(SCALES[word][1] == "vi" for word in scales)
        total += _figure(number, {SCALES[word][1] for word in scales}, factor, lang) * factor
    if total >= LARGEST:
        raise Unreadable("too_large")
    return total.quantize(CENT, ROUND_HALF_UP).normalize() + 0


def _figure(text: str, languages: set[str], factor: Decimal, lang: str) -> Decimal:
    try:
        lone = re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text)
        if not lone:
            return parse_number(text, lang)
        if factor == 1:
            return parse_number(text, lang, whole=True)
        readings = {parse_number(text, _marks(one)) for one in {*languages - {""}, lang}}
    except ValueError:
        raise Unreadable("not_understood") from None
    if len(readings) > 1:
        raise Unreadable("ambiguous", *sorted(one * factor for one in readings))
    return readings.pop()


def _marks(language: str) -> str:
    """Indonesian writes numbers as Vietnamese does: 1.250,5."""
    return "vi" if language in ("vi", "id") else "en"


# --- writing -----------------------------------------------------------------------------------------------------


def write(amount: Amount, lang: str) -> str:
    """A short line that `read` understands in either language; empty for an empty amount."""
    ends = [end for end in (amount.low, amount.high) if end is not None]
    if not ends or not amount.currency:
        return ""
    vi = lang == "vi"
    unit, word = _unit(ends, vi)
    figures = [_digits(end / unit, vi, grouped=unit == 1) for end in dict.fromkeys(ends)]
    figure = "–".join(figures)
    if vi:
        money = "đồng" if amount.currency == "VND" else amount.currency
        line = " ".join(part for part in (figure, word, money) if part)
    else:
        line = " ".join(part for part in (amount.currency, figure, word) if part)
    if amount.low is None:
        return f"tối đa {line}" if vi else f"up to {line}"
    if amount.high is None:
        return f"từ {line}" if vi else f"from {line}"
    return line


def in_full(amount: Amount, lang: str) -> str:
    """The same with every digit: 15.000.000.000–100.000.000.000 đồng."""
    ends = [end for end in (amount.low, amount.high) if end is not None]
    if not ends or not amount.currency:
        return ""
    vi = lang == "vi"
    figure = "–".join(_digits(end, vi, grouped=True) for end in dict.fromkeys(ends))
    money = "đồng" if vi and amount.currency == "VND" else amount.currency
    line = f"{figure} {money}" if vi else f"{money} {figure}"
    if amount.low is None:
        return f"tối đa {line}" if vi else f"up to {line}"
    if amount.high is None:
        return f"từ {line}" if vi else f"from {line}"
    return line


def _unit(ends: list[Decimal], vi: bool) -> tuple[Decimal, str]:
    """The largest scale in which every end has at most two decimals."""
    for factor, word_vi, word_en in ((BILLION, "tỷ", "bn"), (MILLION, "triệu", "m")):
        unit = Decimal(factor)
        if max(ends) >= unit and all((end / unit).quantize(CENT) * unit == end for end in ends):
            return unit, word_vi if vi else word_en
    return Decimal(1), ""


def _digits(value: Decimal, vi: bool, *, grouped: bool) -> str:
    value = value.quantize(CENT) if value != value.to_integral_value() else value.to_integral_value()
    text = f"{value:,f}" if grouped else f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".") if not grouped else text
    return text.translate(str.maketrans(",.", ".,")) if vi else text
