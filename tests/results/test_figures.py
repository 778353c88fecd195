"""The figures by hand: what each counts, what it does not, what is hidden."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppp_match.results import figures
from ppp_match.results.records import Answer, Outcome, Record, Value, city_size
from ppp_match.results.suppression import FEWEST, hidden, shown, shown_steps


def record(country="VN", size="small", sectors=("water",), **reached):
    days = {"published": date(2026, 1, 1), **{step: date(2026, 1, day) for step, day in reached.items()}}
    terms = {
        "sector": frozenset(sectors),
        "ascf_area": frozenset(),
        "outcome_area": frozenset(),
        "sdg": frozenset(),
    }
    return Record(uuid.uuid4(), country, size, 2026, terms, days)


def outcome(state="in_talks", pair="vi-en", *, exit_reason=None, values=(), abroad=False, small=False):
    return Outcome(
        uuid.uuid4(),
        state,
        exit_reason,
        pair,
        abroad,
        small,
        {"introduced": date(2026, 1, 9)},
        list(values),
    )


def test_a_funnel_counts_each_need_once_a_step_and_waits_from_the_step_before():
    records = [record(suggested=3, offered=9), record(suggested=7), record()]
    steps = {step.step: step for step in figures.funnel(records)}
    assert [steps[name].count for name in ("published", "suggested", "offered", "introduced")] == [3, 2, 1, 0]
    assert steps["suggested"].days == 4  # two and six days
    assert steps["offered"].days == 6
    assert steps["suggested"].part == pytest.approx(2 / 3)
    assert steps["introduced"].days is None
    assert figures.days_between(records, "published", "offered") == 8


def test_a_need_of_two_sectors_counts_in_both():
    rows = figures.by([record(sectors=("water", "energy"), introduced=9), record()], "sector")
    assert [(row.key, row.published, row.introduced) for row in rows] == [("water", 2, 1), ("energy", 1, 1)]


def test_filters_take_what_stands_in_every_dimension_asked_for():
    one, other = record(country="VN"), record(country="TH", sectors=("energy",))
    one.outcomes.append(outcome(pair="vi-en"))
    assert figures.Filter(country="VN").takes(one)
    assert not figures.Filter(country="VN", sector="energy").takes(one)
    assert figures.Filter(pair="vi-en").takes(one)
    assert not figures.Filter(pair="vi-en").takes(other)


def test_statuses_of_money_are_never_added_and_what_is_sure_stands_apart():
    values = [Value("planned", "declared", Decimal(10)), Value("planned", "verified", Decimal(5))]
    found = {one.status: one for one in figures.worth([outcome(values=values), outcome()])}
    assert (found["planned"].deals, found["planned"].usd) == (2, 15)
    assert (found["planned"].sure, found["planned"].sure_usd) == (1, 5)
    assert found["actual"].usd == 0


def test_acceptance_counts_answers_of_the_chosen_needs():
    need = record()
    answers = [
        Answer(need.id, "need", True, ""),
        Answer(need.id, "need", False, "wrong_size"),
        Answer(need.id, "capability", True, ""),
        Answer(uuid.uuid4(), "need", False, "other"),
    ]
    city, company = figures.acceptance(answers, [need])
    assert (city.yes, city.no, city.reasons, city.part) == (1, 1, [("wrong_size", 1)], 0.5)
    assert (company.yes, company.no, company.part) == (1, 0, 1.0)


def test_ends_parts_and_months():
    need = record(introduced=9)
    need.outcomes += [
        outcome("no_agreement", exit_reason="trust"),
        outcome(abroad=True, pair="vi-vi", small=True),
    ]
    assert figures.exits(need.outcomes) == [("trust", 1)]
    assert dict(figures.states(need.outcomes))["no_agreement"] == 1
    assert figures.parts_of_outcomes(need.outcomes) == {"languages": 0.5, "abroad": 0.5, "small_company": 0.5}
    assert figures.part_of_small_cities([need, record(size="unknown", introduced=9)]) == 1.0
    months = figures.months([need], today=date(2026, 2, 3), count=3)
    assert [(one.first, one.published, one.introduced) for one in months] == [
        (date(2025, 12, 1), 0, 0),
        (date(2026, 1, 1), 1, 2),
        (date(2026, 2, 1), 0, 0),
    ]


def test_lack_of_supply_comes_first():
    rows = figures.supply_and_demand([record(), record()], {"energy": 3})
    assert rows == [("water", 2, 0), ("energy", 0, 3)]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("~0.15–0.2 m", "small"),
        ("~10.7 m", "large"),
        ("~0.5 m", "large"),
        ("", "unknown"),
        ("many", "unknown"),
    ],
)
def test_sizes_of_cities(text, size):
    assert city_size(text) == size


def test_one_small_number_takes_the_next_one_with_it():
    assert hidden([40, 3, 12, 7]) == [False, True, False, True]
    assert hidden([40, 3, 2]) == [False, True, True]
    assert shown([40, 3, 0], exact=True) == [40, 3, 0]
    assert shown_steps([40, 12, 3, 0], exact=False) == [40, 12, None, 0]


@given(st.lists(st.integers(0, 40), max_size=12))
def test_no_hidden_number_can_be_worked_out(counts):
    result = shown(counts, exact=False)
    assert all(count is None or count == 0 or count >= FEWEST for count in result)
    assert sum(count is None for count in result) != 1 or sum(count > 0 for count in counts) == 1
