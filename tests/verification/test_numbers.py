"""Registration numbers by country: form and check digit."""

from __future__ import annotations

import pytest

from ppp_match.verification.numbers import hint, is_plausible

RIGHT = [
    ("VN", "0300588569"),
    ("VN", "0300588569-001"),
    ("VN", "0101248141"),
    ("VN", "0101 248 141"),
    ("VN", "001099012345"),
    ("TH", "0107544000108"),
    ("JP", "1180301018771"),
    ("SG", "199201624D"),
    ("SG", "T08LL0001A"),
    ("MY", "199401012345"),
    ("ID", "1234567890123"),
    ("LA", "anything at all"),
    ("VN", ""),
]
WRONG = [
    ("VN", "0300588568"),
    ("VN", "3000588569"),
    ("VN", "030058856"),
    ("VN", "0300588569-0"),
    ("VN", "DEMO-1"),
    ("TH", "0107544000109"),
    ("JP", "2180301018771"),
    ("SG", "1992016240"),
    ("ID", "12345"),
]


@pytest.mark.parametrize(("country", "number"), RIGHT)
def test_plausible(country, number):
    assert is_plausible(number, country)


@pytest.mark.parametrize(("country", "number"), WRONG)
def test_not_plausible(country, number):
    assert not is_plausible(number, country)


def test_hints_are_there_for_what_is_checked(app):
    assert "10" in str(hint("VN"))
    assert hint("LA") is None
