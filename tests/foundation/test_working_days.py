"""Deadlines in working days: weekends, holidays and Tết do not count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp_match.working_days import (
    add_working_days,
    holidays_between,
    is_working_day,
    working_days_left,
)

ASEAN = ("BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "VN")
days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
countries = st.sampled_from((*ASEAN, "JP", "KR", "XX"))


def test_tet_is_left_out():
    # Tết 2027: 4 to 10 February 2027 and the weekends around it (Decree on holidays, lunar calendar).
    assert add_working_days(date(2027, 2, 3), 1, "VN") == date(2027, 2, 11)
    assert add_working_days(date(2027, 2, 3), 1, "JP") == date(2027, 2, 4)
    assert not is_working_day(date(2027, 2, 6), "VN")
    between = holidays_between(date(2027, 2, 1), date(2027, 2, 28), "VN", "vi")
    assert date(2027, 2, 8) in dict(between)
    assert all(day.weekday() < 5 for day, _name in between)
    assert {name for _day, name in between} != {
        name for _day, name in holidays_between(date(2027, 2, 1), date(2027, 2, 28), "VN", "en")
    }


def test_weekends_follow_the_country():
    friday, sunday = date(2026, 11, 20), date(2026, 11, 22)
    assert [is_working_day(day, "VN") for day in (friday, sunday)] == [True, False]
    assert [is_working_day(day, "BN") for day in (friday, sunday)] == [False, False]
    assert add_working_days(friday, 1, "XX") == date(2026, 11, 23), "an unknown country has weekends"


@pytest.mark.parametrize("country", ASEAN)
def test_every_member_country_has_holidays(country):
    assert len(holidays_between(date(2026, 1, 1), date(2026, 12, 31), country, "vi")) >= 5


@settings(deadline=None)
@given(days, st.integers(0, 60), countries)
def test_counting_forward_and_back_agree(start, number, country):
    end = add_working_days(start, number, country)
    assert is_working_day(end, country)
    assert end >= start
    if number:
        assert working_days_left(end, country, today=start) == number
        assert working_days_left(start, country, today=end) <= 0
    assert working_days_left(start, country, today=start) == 0


@settings(deadline=None)
@given(days, days, countries)
def test_working_days_are_never_more_than_days(one, other, country):
    assert abs(working_days_left(one, country, today=other)) <= abs((one - other) / timedelta(days=1))


def test_only_forward():
    with pytest.raises(ValueError, match="forward"):
        add_working_days(date(2026, 1, 1), -1, "VN")
