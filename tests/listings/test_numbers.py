"""Numbers as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ppp_match.listings.numbers import parse_number


@pytest.mark.parametrize(
    ("text", "lang", "whole", "value"),
    [
        ("400.000", "vi", False, "400000"),
        ("400,000", "en", False, "400000"),
        ("400,000", "vi", False, "400"),
        ("400.000", "en", False, "400"),
        ("400,000", "vi", True, "400000"),
        ("400.000", "en", True, "400000"),
        ("5,2", "vi", False, "5.2"),
        ("5.2", "vi", False, "5.2"),
        ("5,2", "en", False, "5.2"),
        ("1.250.000,5", "vi", False, "1250000.5"),
        ("1,250,000.5", "en", False, "1250000.5"),
        ("1 250 000", "en", False, "1250000"),
        ("15 tỷ", "vi", False, "15000000000"),
        ("2,5 triệu", "vi", False, "2500000"),
        ("2.5 m", "en", False, "2500000"),
        ("1.5 bn", "en", False, "1500000000"),
        ("0.125", "vi", False, "0.125"),
        ("-3", "en", True, "-3"),
    ],
)
def test_read(text, lang, whole, value):
    assert parse_number(text, lang, whole=whole) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "nhiều", "1.2.3", "1,2,3.4.5", "1e9", "∞", "12 apples", "9" * 30, "0x10", "--1", "١٢"]
)
def test_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_number(text, "vi")
