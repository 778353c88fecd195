"""Amounts as readers see them: one unit for both ends of a range, in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ppp_match.formats import aboutfmt, moneyfmt

AMOUNTS = st.integers(1, 10**13).map(Decimal)


@pytest.mark.parametrize(
    ("low", "high", "currency", "vi", "en"),
    [
        (15 * 10**9, 100 * 10**9, "VND", "15–100 tỷ đồng", "VND 15–100 bn"),
        (41_382, 1_240_000, "USD", "41.382–1.240.000 USD", "USD 41,382–1,240,000"),
        (500_000, 1_240_000, "USD", "0,5–1,24 triệu USD", "USD 0.5–1.24 m"),
        (20 * 10**6, 2 * 10**9, "VND", "20–2.000 triệu đồng", "VND 20–2,000 m"),
        (10**9, 10**9, "VND", "1 tỷ đồng", "VND 1 bn"),
        (0, 10**9, "VND", "0–1 tỷ đồng", "VND 0–1 bn"),
        (None, 1_500_000, "USD", "1,5 triệu USD", "USD 1.5 m"),
        (None, None, "USD", "", ""),
    ],
)
def test_both_ends_of_a_range_stand_in_one_unit(app, low, high, currency, vi, en):
    ends = [None if one is None else Decimal(one) for one in (low, high)]
    for lang, written in (("vi", vi), ("en", en)):
        with app.test_request_context(), force_locale(lang):
            assert moneyfmt(*ends, currency) == written


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(one=AMOUNTS, other=AMOUNTS, lang=st.sampled_from(("vi", "en")))
def test_no_range_has_two_units(app, one, other, lang):
    low, high = sorted((one, other))
    with app.test_request_context(), force_locale(lang):
        written = moneyfmt(low, high, "USD")
    words = [word for word in written.replace("–", " ").split() if word.isalpha()]
    assert words.count("USD") == 1
    assert len(words) <= 2
    assert written.count("–") <= 1


def test_an_amount_that_a_rate_made_has_three_figures(app):
    for lang, written in (("en", "USD 12,400–248,000"), ("vi", "12.400–248.000 USD")):
        with app.test_request_context(), force_locale(lang):
            assert aboutfmt(Decimal("12414.71"), Decimal("248294.16"), "USD") == written
    with app.test_request_context(), force_locale("en"):
        assert aboutfmt(0.4, None, "USD") == "USD 0.4"
        assert aboutfmt(None, None, "USD") == ""
