"""Amounts as people type them: what is understood, what is asked back, and that a written amount reads the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppp_match.listings.amounts import CURRENCIES, Amount, Unreadable, in_full, read, write

BN, M = 10**9, 10**6


@pytest.mark.parametrize(
    ("text", "low", "high", "currency"),
    [
        ("15–100 tỷ", 15 * BN, 100 * BN, "VND"),
        ("15-100 tỷ đồng", 15 * BN, 100 * BN, "VND"),
        ("15 - 100 ty dong", 15 * BN, 100 * BN, "VND"),
        ("USD 1.2m", 1_200_000, 1_200_000, "USD"),
        ("1,2 triệu USD", 1_200_000, 1_200_000, "USD"),
        ("VND 15–100 bn", 15 * BN, 100 * BN, "VND"),
        ("500 triệu – 2 tỷ", 500 * M, 2 * BN, "VND"),
        ("100k–2.5m SGD", 100_000, 2_500_000, "SGD"),
        ("khoảng 20 tỷ", 20 * BN, 20 * BN, "VND"),
        ("tối đa 5 tỷ", None, 5 * BN, "VND"),
        ("up to USD 2m", None, 2 * M, "USD"),
        ("từ 5 tỷ", 5 * BN, None, "VND"),
        ("5 tỷ trở lên", 5 * BN, None, "VND"),
        ("at least EUR 300,000", 300_000, None, "EUR"),
        ("từ 5 đến 10 tỷ đồng", 5 * BN, 10 * BN, "VND"),
        ("between 5 and 10 million USD", 5 * M, 10 * M, "USD"),
        ("USD 5m to USD 10m", 5 * M, 10 * M, "USD"),
        ("15 tỷ–100", 15 * BN, 100 * BN, "VND"),
        ("2 tỷ 500 triệu", 2500 * M, 2500 * M, "VND"),
        ("2 tỷ 500", 2500 * M, 2500 * M, "VND"),  # as people say it: never two billion and five hundred đồng
        ("2 tỷ 5", 2500 * M, 2500 * M, "VND"),
        ("15 tỷ 05", 15_050 * M, 15_050 * M, "VND"),
        ("2 tỷ rưỡi", 2500 * M, 2500 * M, "VND"),
        ("1–2 tỷ rưỡi", BN, 2500 * M, "VND"),
        ("1 trieu ruoi USD", 1_500_000, 1_500_000, "USD"),
        ("2 tỷ 500.000.000", 2500 * M, 2500 * M, "VND"),
        ("2 million 500 USD", 2_000_500, 2_000_500, "USD"),
        ("2 nghìn tỷ đồng", 2000 * BN, 2000 * BN, "VND"),
        ("15.000.000.000 đồng", 15 * BN, 15 * BN, "VND"),
        ("15,000,000,000 VND", 15 * BN, 15 * BN, "VND"),
        ("USD 15,000", 15_000, 15_000, "USD"),
        ("15.000 USD", 15_000, 15_000, "USD"),
        ("US$ 1,250,000.50", Decimal("1250000.5"), Decimal("1250000.5"), "USD"),
        ("S$ 100 000 – 250 000", 100_000, 250_000, "SGD"),
        ("150 miliar rupiah", 150 * BN, 150 * BN, "IDR"),
        ("≤ 3 tỷ", None, 3 * BN, "VND"),
        ("~ 3 tỷ", 3 * BN, 3 * BN, "VND"),
        ("GBP 1.5 – 2", Decimal("1.5"), 2, "GBP"),
        ("$1.2m SGD", 1_200_000, 1_200_000, "SGD"),
    ],
)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_read(text, low, high, currency, lang):
    assert read(text, lang) == Amount(low, high, currency)


@pytest.mark.parametrize("text", ["", "   ", "."])
def test_nothing_is_an_empty_amount(text):
    assert read(text, "vi") == Amount()


@pytest.mark.parametrize("text", ["not disclosed", "Không công bố", "chua cong bo", "TBD"])
def test_undisclosed(text):
    assert read(text, "vi") == Amount(undisclosed=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("15–100", "currency_missing"),
        ("2.5 m", "currency_missing"),
        ("$2m", "which_dollar"),
        ("USD 1m – EUR 2m", "two_currencies"),
        ("100–15 tỷ", "order"),
        ("nhiều lắm", "not_understood"),
        ("-5 tỷ", "not_understood"),
        ("5 tỷ –", "not_understood"),
        ("1–2–3 tỷ", "not_understood"),
        ("1.2.3 tỷ", "not_understood"),
        ("1e9 USD", "not_understood"),
        ("USD 9" + "0" * 20, "not_understood"),
        ("USD 9000000 bn", "too_large"),
        ("5 tỷ / năm", "not_understood"),
        ("500 triệu 2 tỷ", "not_understood"),
        ("2 tỷ 5 rưỡi", "not_understood"),
        ("rưỡi tỷ", "not_understood"),
        ("USD " + "9" * 400, "not_understood"),
    ],
)
def test_asked_back(text, code):
    with pytest.raises(Unreadable) as caught:
        read(text, "vi")
    assert caught.value.code == code


def test_a_default_currency_is_taken_only_where_none_is_told():
    assert read("2.5 m", "en", default="USD").currency == "USD"
    assert read("5 tỷ", "en", default="USD").currency == "VND"  # tỷ alone is never dollars
    assert read("$2m", "en", default="SGD").currency == "SGD"
    assert read("EUR 2m", "en", default="USD").currency == "EUR"


def test_a_mark_that_could_be_two_things_is_asked_back_with_both():
    with pytest.raises(Unreadable) as caught:
        read("1,250 tỷ", "en")
    assert caught.value.code == "ambiguous"
    assert caught.value.readings == (Decimal(1250) * M, Decimal(1250) * BN)
    assert read("1.250 tỷ", "vi").high == 1250 * BN
    assert read("USD 1,250 m", "en").high == 1250 * M


amounts = st.decimals(min_value=0, max_value=Decimal(10) ** 14, places=2)
round_ones = st.builds(lambda n, e: Decimal(n) * 10**e, st.integers(1, 999), st.integers(0, 11))


@st.composite
def ranges(draw):
    ends = sorted((draw(amounts | round_ones), draw(amounts | round_ones)))
    shape = draw(st.sampled_from(["both", "one", "low", "high"]))
    low, high = {"both": ends, "one": [ends[1]] * 2, "low": [ends[0], None], "high": [None, ends[1]]}[shape]
    return Amount(low, high, draw(st.sampled_from(CURRENCIES)))


@given(ranges(), st.sampled_from(["vi", "en"]), st.sampled_from(["vi", "en"]))
def test_what_is_written_reads_the_same(amount, writer, reader):
    for line in (write(amount, writer), in_full(amount, writer)):
        assert read(line, reader) == amount, line


@given(
    st.text(max_size=150)
    | st.lists(
        st.sampled_from(
            [
                "15",
                "1.250",
                "2,5",
                "tỷ",
                "triệu",
                "m",
                "k",
                "USD",
                "$",
                "–",
                "-",
                "đến",
                "to",
                "khoảng",
                "up to",
                "+",
                "…",
                " ",
            ]
        ),
        max_size=12,
    ).map(" ".join),
    st.sampled_from(["vi", "en"]),
)
def test_any_text_is_read_or_asked_back(text, lang):
    try:
        found = read(text, lang)
    except Unreadable:
        return
    assert found.is_empty or found.currency in CURRENCIES
    if found.low is not None and found.high is not None:
        assert found.low <= found.high


@pytest.mark.parametrize(
    ("amount", "vi", "en"),
    [
        (Amount(Decimal(15 * BN), Decimal(100 * BN), "VND"), "15–100 tỷ đồng", "VND 15–100 bn"),
        (Amount(Decimal(1_200_000), Decimal(1_200_000), "USD"), "1,2 triệu USD", "USD 1.2 m"),
        (Amount(None, Decimal(5 * BN), "VND"), "tối đa 5 tỷ đồng", "up to VND 5 bn"),
        (Amount(Decimal(1_234_567), None, "EUR"), "từ 1.234.567 EUR", "from EUR 1,234,567"),
        (Amount(), "", ""),
    ],
)
def test_written(amount, vi, en):
    assert (write(amount, "vi"), write(amount, "en")) == (vi, en)
