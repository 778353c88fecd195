"""The drawing of an indicator: marks lie where their numbers say."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ppp_match.partnerships.chart import BOTTOM, LEFT, RIGHT, TOP, draw, steps

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=2)


@given(AMOUNTS, AMOUNTS)
def test_round_levels_enclose_the_values(one, other):
    low, high = sorted((one, other))
    levels = steps(low, high)
    assert levels[0] <= low
    assert levels[-1] >= high
    assert 2 <= len(levels) <= 7
    assert len({b - a for a, b in itertools.pairwise(levels)}) == 1


@given(st.lists(st.tuples(st.integers(1, 4000), AMOUNTS), min_size=1, max_size=12), AMOUNTS)
def test_marks_stay_inside_and_in_order(values, target):
    start = date(2025, 1, 1)
    days = sorted((start + timedelta(days=n), value, "value") for n, value in values)
    drawing = draw(days, baseline=(start, Decimal(50)), target=target)
    assert all(LEFT <= mark.x <= RIGHT and TOP <= mark.y <= BOTTOM for mark in drawing.marks)
    assert [mark.x for mark in drawing.line] == sorted(mark.x for mark in drawing.line)
    highest = max(drawing.marks, key=lambda mark: mark.value)
    assert highest.y == min(mark.y for mark in drawing.marks)
    assert TOP <= drawing.target <= BOTTOM


def test_a_line_starts_at_the_baseline():
    day = date(2026, 1, 1)
    drawing = draw(
        [(day + timedelta(days=30), Decimal(33), "value")], baseline=(day, Decimal(38)), target=None
    )
    assert [mark.value for mark in drawing.line] == [38, 33]
    assert drawing.target is None
