"""What one side rules out and the other rests on, and capabilities that say the same words over and over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ppp_match.matching import Capability, Index, Need
from ppp_match.matching.conflict import share
from ppp_match.matching.stuffing import repetition

OFFERS = [
    Capability(
        id="diesel",
        lang="en",
        title="Diesel generators",
        text="Diesel generators for hospitals and clinics, by lease.",
    ),
    Capability(
        id="solar",
        lang="en",
        title="Solar power for clinics",
        text="Solar panels with batteries keep hospitals and clinics running. A small diesel tank is left as it is.",
    ),
    Capability(
        id="wiring",
        lang="en",
        title="Wiring of hospitals",
        text="We renew the wiring of hospitals and clinics. We do not supply generators.",
    ),
    Capability(
        id="may-phat", lang="vi", title="Cho thuê máy phát điện", text="Máy phát điện chạy dầu cho bệnh viện."
    ),
    Capability(
        id="again",
        lang="en",
        title="Power for hospitals",
        text="Backup power for hospitals and clinics. " * 30,
    ),
]
NEEDS = [
    Need(
        id="en",
        lang="en",
        title="Backup power for clinics",
        text="Clinics need power. Diesel is not acceptable.",
    ),
    Need(
        id="generators",
        lang="en",
        title="Generators for hospitals",
        text="Hospitals and clinics need generators.",
    ),
    Need(
        id="vi",
        lang="vi",
        title="Nguồn điện dự phòng",
        text="Bệnh viện cần điện. Không chấp nhận máy phát điện.",
    ),
]


def line(explanation: dict[str, Any], name: str) -> dict[str, Any] | None:
    return next((one for one in explanation["features"] if one["name"] == name), None)


def carried(explanation: dict[str, Any]) -> float:
    return float(sum(one["share"] for one in explanation["terms"] + explanation["features"]))


@pytest.fixture(scope="module")
def offered() -> Index:
    return Index.fit(OFFERS)


def test_what_a_need_excludes_is_a_line_of_its_own(offered: Index) -> None:
    told = {match.id: match.explanation for match in offered.rank(NEEDS[0], 9)}
    strong, weak = line(told["diesel"], "excluded"), line(told["solar"], "excluded")
    assert strong is not None
    assert weak is not None
    assert strong["share"] < 0
    assert strong["value"] > weak["value"]
    assert line(told["wiring"], "excluded") is None


def test_what_rests_on_the_excluded_comes_after_what_mentions_it(offered: Index) -> None:
    places = [match.id for match in offered.rank(NEEDS[0], 9)]
    assert places.index("solar") < places.index("diesel")


def test_what_a_capability_refuses_is_a_line_of_its_own(offered: Index) -> None:
    told = {match.id: match.explanation for match in offered.rank(NEEDS[1], 9)}
    refused = line(told["wiring"], "refused")
    assert refused is not None
    assert refused["share"] < 0
    assert line(told["diesel"], "refused") is None


def test_an_exclusion_counts_across_languages(offered: Index) -> None:
    told = {match.id: match.explanation for match in offered.rank(NEEDS[2], 9)}
    excluded = line(told["diesel"], "excluded")
    assert excluded is not None
    assert excluded["value"] > 0.1


@pytest.mark.parametrize("without", [False, True])
def test_shares_add_up_in_both_directions(without: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if without:
        monkeypatch.setattr("ppp_match.matching.search.kernels", lambda: None)
        monkeypatch.setattr("ppp_match.matching.fields.kernels", lambda: None)
    pairs = [(Index.fit(OFFERS), NEEDS), (Index.fit(NEEDS), OFFERS)]
    for index, queries in pairs:
        for query in queries:
            for match in index.rank(query, 9):
                assert match.explanation["total"] == pytest.approx(match.score, abs=2e-9)
                assert carried(match.explanation) == pytest.approx(match.score, abs=1e-6)


def test_a_saved_and_a_growing_index_know_the_same(offered: Index, tmp_path: Path) -> None:
    grown = Index.fit(OFFERS[:2])
    for offer in OFFERS[2:]:
        grown.add(offer)
    grown.save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    for need in NEEDS:
        scores = [(match.id, match.score) for match in grown.rank(need, 9)]
        assert [(match.id, match.score) for match in opened.rank(need, 9)] == scores
        assert {name for name, _ in scores} == {match.id for match in offered.rank(need, 9)}


def test_the_share_grows_with_what_is_excluded_and_stays_below_one() -> None:
    values = [share(cosine, 0.2) for cosine in (-0.1, 0.0, 0.02, 0.08, 0.3, 1.0)]
    assert values == sorted(values)
    assert values[:2] == [0.0, 0.0]
    assert values[3] == pytest.approx(0.5)
    assert values[-1] < 1.0
    assert share(0.1, -0.2) == 1.0


def test_the_same_words_over_and_over_cost_a_capability(offered: Index) -> None:
    told = {match.id: match.explanation for match in offered.rank(NEEDS[0], 9)}
    again = line(told["again"], "repetition")
    assert again is not None
    assert again["value"] == 1.0
    assert offered.rank(NEEDS[0], 1)[0].id != "again"
    assert offered.search("backup power for clinics").hits[0][0] != "again"


def test_plain_texts_repeat_nothing() -> None:
    assert repetition(["solar", "panels"]) == 0.0
    assert repetition(["solar", "panels", "solar", "panels"]) == 0.0
    for offer in OFFERS[:4]:
        assert repetition(offer.text.split()) == 0.0
    assert repetition((OFFERS[1].text + " ").split() * 6) == 1.0


def test_permuted_keywords_are_repetition_too() -> None:
    spam = "cheap well drilling best well drilling team well drilling price drilling well fast well drilling near you "
    assert (
        repetition(
            (
                spam + "call our well drilling office for well drilling today and well drilling tomorrow"
            ).split()
        )
        > 0.3
    )
