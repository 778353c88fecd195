"""The measures against numbers worked out by hand."""

from __future__ import annotations

import io
import math

import pytest

from ppp_match.matching import Capability, InputError, Need, evaluate
from ppp_match.matching.evaluate import measure, read_qrels


def test_measures_by_hand() -> None:
    # Ranks 1..4 hold grades 0, 3, 0, 1; a grade 2 is never found.
    got = measure(["x", "a", "y", "b"], {"a": 3, "b": 1, "c": 2, "x": 0}, 10)
    gain = 7 / math.log2(3) + 1 / math.log2(5)
    ideal = 7 + 3 / math.log2(3) + 1 / math.log2(4)
    assert got == pytest.approx((gain / ideal, 1 / 2, 2 / 3))


def test_depth_cuts_the_ranking_the_ideal_and_the_divisor() -> None:
    assert measure(["a", "b", "c"], {"a": 1, "b": 1, "c": 1}, 2) == pytest.approx((1.0, 1.0, 1.0))
    assert measure(["x", "y", "a"], {"a": 1}, 2) == (0.0, 0.0, 0.0)
    assert measure(["a"], {"a": 0}) is None


def test_overall_by_language_and_no_answer_for_a_zero_score() -> None:
    offers = [
        Capability(id="en", text="wastewater", lang="en"),
        Capability(id="vi", text="nước thải", lang="vi"),
        Capability(id="zz", text="qwrtz", lang="en"),
    ]
    asked = [Need(id="n", text="wastewater", lang="en"), Need(id="unjudged", text="bus", lang="en")]
    got = evaluate(asked, offers, {"n": {"vi": 1, "zz": 1}})
    assert set(got) == {"overall", "en→vi", "en→en"}
    assert got["overall"].needs == 1
    assert got["overall"].recall == pytest.approx(0.5)
    assert got["en→vi"].ndcg == 1.0
    assert got["en→en"].recall == 0.0


def test_rules_change_the_measure() -> None:
    offers = [
        Capability(id="far", text="water water", lang="en", countries_served=("LA",)),
        Capability(id="near", text="water pump supply", lang="en", countries_served=("VN",)),
    ]
    asked = [Need(id="n", text="water", lang="en", country="VN")]
    assert evaluate(asked, offers, {"n": {"near": 1}})["overall"].mrr == 1.0
    assert evaluate(asked, offers, {"n": {"near": 1}}, rules=False)["overall"].mrr == 0.5


@pytest.mark.parametrize(
    ("line", "message"),
    [("n\tc", "three columns"), ("n\tc\tx", "grade"), ("n\tc\t-1", "grade"), ("n\ta\t1", "twice")],
)
def test_broken_qrels_are_named(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_qrels(io.StringIO(f"need_id\tcap_id\tgrade\nn\ta\t2\n{line}\n"))
    assert caught.value.line == 3
