"""Numbers under which countries register organisations: what one looks like, and whether its check digit fits.

What lives here: form and arithmetic only. That a number exists and names this organisation is what a moderator looks up.
A country without an entry is not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

_VN_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


@dataclass(frozen=True)
class Scheme:
    """One country's numbers: what to tell who types one, and the test of one without blanks, dots and dashes."""

    hint: Any
    fits: Callable[[str], bool]


def _viet_nam(number: str) -> bool:
    """Tax code: ten digits, the tenth a check digit; a branch adds three. Twelve digits are a person's own number."""
    if re.fullmatch(r"\d{12}", number):
        return True
    if not re.fullmatch(r"\d{10}(\d{3})?", number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_VN_WEIGHTS, number, strict=False))
    return 10 - total % 11 == int(number[9])


def _thailand(number: str) -> bool:
    if not re.fullmatch(r"\d{13}", number):
        return False
    total = sum((13 - place) * int(digit) for place, digit in enumerate(number[:12]))
    return (11 - total % 11) % 10 == int(number[12])


def _japan(number: str) -> bool:
    if not re.fullmatch(r"\d{13}", number):
        return False
    total = sum((2 if place % 2 else 1) * int(digit) for place, digit in enumerate(reversed(number[1:])))
    return 9 - total % 9 == int(number[0])


def _form(pattern: str) -> Callable[[str], bool]:
    whole = re.compile(pattern)
    return lambda number: whole.fullmatch(number) is not None


SCHEMES: dict[str, Scheme] = {
    "VN": Scheme(_l("Viet Nam: the tax code, 10 digits, or 13 for a branch (0300588569-001)."), _viet_nam),
    "SG": Scheme(
        _l("Singapore: the UEN, 9 or 10 characters that end in a letter."),
        _form(r"\d{8,9}[A-Z]|[TSR]\d{2}[A-Z]{2}\d{4}[A-Z]"),
    ),
    "TH": Scheme(_l("Thailand: the juristic person number, 13 digits."), _thailand),
    "MY": Scheme(
        _l("Malaysia: the SSM number, 12 digits, or the old one with its letter."),
        _form(r"\d{12}|\d{1,7}[A-Z]"),
    ),
    "ID": Scheme(
        _l("Indonesia: the NIB, 13 digits, or the NPWP, 15 or 16 digits."), _form(r"\d{13}|\d{15,16}")
    ),
    "JP": Scheme(_l("Japan: the corporate number, 13 digits."), _japan),
}


def bare(number: str) -> str:
    """The number without what people put between its parts."""
    return re.sub(r"[\s.\-/]", "", number).upper()


def hint(country: str) -> Any:
    """What a number of that country looks like; None where nothing is known."""
    scheme = SCHEMES.get(country)
    return scheme.hint if scheme else None


def is_plausible(number: str, country: str) -> bool:
    """Whether the number can be one of that country. True where nothing is known, and for none at all."""
    scheme = SCHEMES.get(country)
    return scheme is None or not number or scheme.fits(bare(number))
