"""Numbers as people type them: 400.000 or 400,000, 5,2 or 5.2, 15 tỷ, 2.5 m.

One separator with three digits behind it is read by the reader's language; everything else speaks for itself.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

LARGEST = Decimal(10) ** 15
SCALES = {
    "nghin": 10**3, "nghìn": 10**3, "ngàn": 10**3, "k": 10**3, "thousand": 10**3,
    "triệu": 10**6, "trieu": 10**6, "tr": 10**6, "m": 10**6, "mn": 10**6, "million": 10**6,
    "tỷ": 10**9, "tỉ": 10**9, "ty": 10**9, "ti": 10**9, "bn": 10**9, "b": 10**9, "billion": 10**9,
}  # fmt: skip
SHAPE = re.compile(r"^(?P<sign>-?)(?P<figure>[0-9][0-9.,]{0,40})(?P<scale>[^\W\d_]{0,8})$")


def parse_number(text: str, lang: str, *, whole: bool = False) -> Decimal:
    """The number that a reader of `lang` meant. Raises ValueError for anything else, or beyond ±10^15.

    `whole`: a count, so that a lone separator before three digits groups thousands in either language.
    """
    squeezed = re.sub(r"[\s\u00a0\u202f'’]", "", text).replace("\u2212", "-").lower()
    found = SHAPE.match(squeezed)
    if not found or (found["scale"] and found["scale"] not in SCALES):
        raise ValueError(text)
    try:
        value = Decimal(_plain(found["figure"], "," if lang == "vi" else ".", whole and not found["scale"]))
    except InvalidOperation:
        raise ValueError(text) from None
    value *= SCALES.get(found["scale"], 1)
    if found["sign"]:
        value = -value
    if abs(value) >= LARGEST or (whole and value != value.to_integral_value()):
        raise ValueError(text)
    return value


def _plain(figure: str, decimal_mark: str, whole: bool) -> str:
    marks = [c for c in figure if c in ".,"]
    if not marks:
        return figure
    if len(set(marks)) == 2:  # both: the last one is the decimal mark
        last = marks[-1]
        if marks.count(last) > 1:
            raise ValueError(figure)
        integer, _, decimals = figure.rpartition(last)
        return f"{_grouped(integer, '.' if last == ',' else ',')}.{decimals or '0'}"
    mark = marks[0]
    if len(marks) > 1:
        return _grouped(figure, mark)
    integer, _, rest = figure.partition(mark)
    if len(rest) == 3 and integer.lstrip("0") and (whole or mark != decimal_mark):
        return integer + rest
    return f"{integer}.{rest or '0'}"


def _grouped(figure: str, mark: str) -> str:
    first, *groups = figure.split(mark)
    if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
        raise ValueError(figure)
    return first + "".join(groups)
