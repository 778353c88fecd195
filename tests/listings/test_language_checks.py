"""Two languages of one text compared: numbers, lengths, copies, pairs of terms."""

from __future__ import annotations

import pytest

from ppp_match.listings.glosses import term_book
from ppp_match.listings.language_checks import checks, number_differences, pair_terms

SAME = [
    ("15–100 tỷ đồng năm 2027", "VND 15–100 bn in 2027"),
    ("15 tỷ đồng", "15,000,000,000 dong"),
    ("1.000 hộ; 2,5 tấn", "1,000 households; 2.5 tonnes"),
    ("1,5 triệu người", "1.5 million people"),
    ("ngày 1/6/2027", "1 June 2027"),
    ("tháng 6 năm 2027", "June 2027"),
    ("ba bệnh viện", "3 hospitals"),
    ("3 bệnh viện", "three hospitals"),
    ("dài 5 m, sâu 30–60 cm", "5 m long, 30–60 cm deep"),
    ("CO2, PM2.5 và 5G", "CO2, PM2.5 and 5G"),
    ("giảm 30 %", "down 30%"),
    ("400.000 người", "400 thousand people"),
    ("không có số", "no number"),
]
DIFFERENT = [
    ("tổng cộng 212 giờ", "221 hours in all", ["212"], ["221"]),
    ("1.000 hộ", "100 households", ["1.000"], ["100"]),
    ("15 tỷ đồng", "15 million dong", ["15 tỷ"], ["15 million"]),
    ("20 phố, 34 đợt", "20 streets", ["34"], []),
    ("nhiều phố", "20 streets", [], ["20"]),
    ("2 trạm, 2 bể", "2 stations", ["2"], []),
]


@pytest.mark.parametrize(("vi", "en"), SAME)
def test_numbers_that_say_the_same(vi, en):
    assert number_differences(vi, "vi", en, "en") == ([], [])
    assert number_differences(en, "en", vi, "vi") == ([], [])


@pytest.mark.parametrize(("vi", "en", "missing", "extra"), DIFFERENT)
def test_numbers_that_differ(vi, en, missing, extra):
    assert number_differences(vi, "vi", en, "en") == (missing, extra)
    assert number_differences(en, "en", vi, "vi") == (extra, missing)


def codes(original, text, lang="vi", other="en"):
    return {check.code for check in checks(original, lang, text, other)}


LONG = "Mỗi trận mưa lớn làm ngập hai mươi tuyến phố ven sông và nước rút rất chậm vì cống cũ nhỏ."


def test_copies_and_texts_in_the_wrong_language():
    assert codes(LONG, LONG) == {"copied"}
    assert codes(LONG, LONG.upper()) == {"copied"}
    other = "Các cống cũ trong khu phố này nhỏ và thường bị rác bít lại khi có mưa lớn kéo dài nhiều giờ"
    assert "wrong_language" in codes(LONG, other)
    assert codes("ISO 27001:2022", "ISO 27001:2022") == set()  # a name is the same in both


def test_lengths():
    assert "shorter" in codes(LONG, "Floods.")
    assert "longer" in codes(LONG, "Each storm floods the streets along the river once more. " * 5)
    good = "Each heavy rain floods twenty riverside streets, and the water drains slowly through old narrow sewers."
    assert codes(LONG, good) == set()
    assert codes("Không.", "None, as far as we know.") == set()  # too short to measure


def test_nothing_is_said_of_empty_texts():
    assert checks("", "vi", "12 streets", "en") == checks("12 phố", "vi", "  ", "en") == []


def kinds(text, places):
    return {(text[p.start : p.end], p.kind, p.number) for p in places}


def test_terms_are_paired_with_equal_numbers_on_both_sides():
    vi = "Trạm bơm và hệ thống thoát nước chạy SCADA; trạm bơm mới; nước thải"
    en = "Pumping stations and the drainage system run SCADA; sludge"
    here, there = pair_terms(term_book(), vi, "vi", en, "en", ["water.flood"])
    assert kinds(vi, here) == {
        ("Trạm bơm", "bridge", 1),
        ("trạm bơm", "bridge", 1),
        ("hệ thống thoát nước", "bridge", 2),
        ("SCADA", "same", None),
        ("nước thải", "miss", None),
    }
    assert kinds(en, there) == {
        ("Pumping stations", "bridge", 1),
        ("drainage system", "bridge", 2),
        ("SCADA", "same", None),
    }


def test_places_never_overlap():
    vi, en = (
        LONG * 3,
        "Heavy rain floods streets along the river; flood water, water, streets, river rain." * 3,
    )
    for places in pair_terms(term_book(), vi, "vi", en, "en", ["water"]):
        ends = [place.end for place in places]
        starts = [place.start for place in places]
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
