"""Fair exposure: the measure, the cap, the kept places, and what none of them may touch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ppp_match.matching.fairness import SURE, cap_of, fair_list, gini

EASY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def ranked(*vendors: str) -> list[tuple[str, str]]:
    return [(f"{vendor}{at}", vendor) for at, vendor in enumerate(vendors)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], 0.0), ([0, 0], 0.0), ([5], 0.0), ([3, 3, 3], 0.0), ([0, 0, 0, 8], 0.75), ([1, 2, 3, 4], 0.25)],
)
def test_gini_of_known_values(values: list[float], expected: float) -> None:
    assert gini(values) == pytest.approx(expected)


@EASY
@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_gini_is_half_the_mean_difference_over_the_mean(values: list[int]) -> None:
    if sum(values):
        pairs = np.abs(np.subtract.outer(values, values)).mean()
        assert gini(values) == pytest.approx(pairs / (2 * np.mean(values)))


def test_the_cap_grows_with_the_forum() -> None:
    assert cap_of(needs=3, top=20, vendors=50, times=2.5) == 10
    assert cap_of(needs=60, top=20, vendors=60, times=2.5) == 50
    assert cap_of(needs=60, top=20, vendors=0, times=2.5) == 10


def test_a_vendor_over_the_cap_gets_no_new_place() -> None:
    found = fair_list(ranked("a", "b", "c", "big", "d", "e"), 5, places={"big": 10}, cap=10)
    assert found.chosen == ["a0", "b1", "c2", "d4", "e5"]
    assert found.over_cap == ["big3"]


def test_the_very_best_and_what_stands_already_are_not_withheld() -> None:
    order = ranked("a", "b", "big", "c", "big", "d")
    assert fair_list(order, 6, places={"big": 99}, cap=10).over_cap == ["big4"]
    assert fair_list(order, 6, places={"big": 99}, cap=10, standing={"big4"}).over_cap == []


def test_newcomers_get_the_last_places() -> None:
    order = ranked("a", "b", "c", "d", "e", "n", "f", "m", "o")
    found = fair_list(order, 5, places={}, cap=10, new={"n", "m", "o"})
    assert found.chosen == ["a0", "b1", "c2", "n5", "m7"]
    assert found.newcomers == {"n5", "m7"}


def test_newcomers_in_the_list_by_their_rank_need_no_kept_place() -> None:
    order = ranked("n", "m", "c", "d", "e", "o")
    found = fair_list(order, 5, places={}, cap=10, new={"n", "m", "o"})
    assert found.chosen == ["n0", "m1", "c2", "d3", "e4"]
    assert found.newcomers == frozenset()


@EASY
@given(
    st.lists(st.sampled_from("abcdefgh"), max_size=40),
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 20)),
    st.sets(st.sampled_from("abcdefgh")),
    st.integers(1, 12),
)
def test_whatever_comes(vendors: list[str], places: dict[str, int], new: set[str], top: int) -> None:
    order = ranked(*vendors)
    found = fair_list(order, top, places=places, cap=10, new=new - {v for v, n in places.items() if n})
    ids = [one for one, _vendor in order]
    assert found.chosen == [one for one in ids if one in set(found.chosen)]  # in the order of the ranking
    assert len(found.chosen) == min(top, len(ids) - len(found.over_cap))
    assert found.chosen[: min(SURE, top)] == ids[: min(SURE, top)]
    assert not set(found.over_cap) & set(found.chosen)
    assert len(found.newcomers) <= 2
