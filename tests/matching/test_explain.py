"""Explanations: sums, places, bridges, what stays unanswered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp_match.matching import Capability, Index, Need, explain
from ppp_match.matching.documents import Document

KEYS = {"total", "terms", "features", "ordering", "rules", "unanswered"}
WORDS = """
nước thải xử lý xe buýt trường học wastewater treatment bus school sensors flood we do not offer không
cung cấp camera, smart . facial recognition is excluded; nuoc ngap park parking ระบบ 2.5
drone máy bay không người lái
"""
VOCABULARY = WORDS.split()


def carried(explanation: dict[str, Any]) -> float:
    return float(sum(line["share"] for line in explanation["terms"] + explanation["features"]))


def text_of(document: Document) -> str:
    return f"{document.title}\n{document.text}"


def test_contributions_add_up_and_the_form_is_kept(index: Index, needs: list[Need]) -> None:
    for need in needs:
        for match in index.rank(need, 10):
            explanation = match.explanation
            assert set(explanation) == KEYS
            assert explanation["total"] == pytest.approx(match.score, abs=2e-9)
            assert carried(explanation) == pytest.approx(match.score, abs=1e-6)
            assert len(explanation["terms"]) <= 21
            assert len(json.dumps(explanation)) < 12_000


texts = st.lists(st.sampled_from(VOCABULARY), max_size=25).map(" ".join)
codes = st.lists(st.sampled_from(["water", "water.flood", "transport", "safety"]), max_size=3).map(tuple)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, codes, texts), min_size=1, max_size=4), texts, codes)
def test_contributions_always_add_up(
    offers: list[tuple[str, tuple[str, ...], str]], text: str, sectors: tuple[str, ...]
) -> None:
    capabilities = [
        Capability(id=str(at), text=offer, sectors=own, not_offered=refused, confirmed_references=at)
        for at, (offer, own, refused) in enumerate(offers)
    ]
    index = Index.fit(capabilities[1:])
    index.add(capabilities[0])
    need = Need(id="n", text=text, sectors=sectors, requirements=("flood sensors",))
    for match in index.rank(need, 10):
        assert 0.0 <= match.score <= 1.0
        assert match.explanation["total"] == pytest.approx(match.score, abs=2e-9)
        assert carried(match.explanation) == pytest.approx(match.score, abs=1e-6)


def test_spans_point_to_the_words(index: Index, needs: list[Need], capabilities: list[Capability]) -> None:
    offered = {capability.id: capability for capability in capabilities}
    match = index.rank(needs[0], 1)[0]
    assert match.explanation["terms"]
    for term in match.explanation["terms"]:
        if term.get("other"):
            continue
        need_words = [text_of(needs[0])[start:end].casefold() for start, end in term["need_spans"]]
        assert any(
            term["source_term"].casefold() in words or words in term["source_term"].casefold()
            for words in need_words
        )
        words_there = [
            text_of(offered[match.id])[start:end].casefold() for start, end in term["capability_spans"]
        ]
        assert any(
            term["term"].casefold() in words or words in term["term"].casefold() for words in words_there
        )


def test_the_bridge_is_named(index: Index, needs: list[Need]) -> None:
    terms = index.rank(needs[0], 1, rules=True)[0].explanation["terms"]
    bridged = [term for term in terms if term["bridge"]]
    assert any("≈" in term["bridge"] and "wastewater" in term["term"] for term in bridged)
    assert all(term["source_term"] != term["term"] for term in bridged)


def test_what_is_asked_and_not_answered(index: Index) -> None:
    need = Need(
        id="n", lang="en", text="Wastewater treatment with satellite imagery", requirements=("drone flights",)
    )
    match = next(m for m in index.rank(need, 7) if m.id == "sewage-en")
    unanswered = match.explanation["unanswered"]
    assert unanswered[0] == "drone flights"
    assert any("satellite" in words for words in unanswered)
    assert not any("wastewater" in words for words in unanswered)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Around three times fewer leaks in at least four districts, with satellite imagery"),
        ("vi", "Hiện có ít nhất ba quận khác nhau cần giảm rò rỉ, dùng ảnh vệ tinh"),
    ],
)
def test_words_that_only_count_or_compare_are_not_asked_for(index: Index, lang: str, text: str) -> None:
    found = index.rank(Need(id="n", lang=lang, text=text), 7)
    unanswered = " | ".join(words for match in found for words in match.explanation["unanswered"]).casefold()
    assert unanswered
    for word in ("around", "three", "fewer", "at least", "four", "hiện có", "ít nhất", "khác nhau"):
        assert word not in unanswered


def test_exclusions_of_the_need_count_against(index: Index, needs: list[Need]) -> None:
    offer = Capability(id="x", lang="en", text="Facial recognition in camera streams, crashes included.")
    lines = index.explain(needs[2], offer)["terms"]
    assert any(line["share"] < 0 and line["negated"] == "need" for line in lines)


def test_any_pair_can_be_explained(index: Index, needs: list[Need], capabilities: list[Capability]) -> None:
    ranked = {match.id: match for match in index.rank(needs[0], 10)}
    known = index.explain(needs[0], capabilities[0])
    assert known["total"] == pytest.approx(ranked["sewage-en"].score, abs=2e-9)
    stranger = Capability(id="new", lang="en", text="Zebrafish and wastewater", sectors=("water",))
    for explanation in (
        index.explain(needs[0], stranger),
        explain(needs[0], stranger),
        Index.fit(needs).explain(needs[0], stranger),
        Index.fit([]).explain(needs[0], stranger),
    ):
        assert explanation["total"] > 0
        assert carried(explanation) == pytest.approx(explanation["total"], abs=1e-6)
        assert explanation["ordering"] == []


def test_rules_carry_code_and_parameters(
    index: Index, needs: list[Need], capabilities: list[Capability]
) -> None:
    rules = {rule["rule"]: rule for rule in index.explain(needs[0], capabilities[1])["rules"]}
    assert rules["budget"]["code"] == "budget_above_maximum"
    assert rules["budget"]["params"]["maximum"] == 900_000
    assert set(rules["country"]) == {"rule", "state", "code", "params", "sentence"}


def test_an_unknown_feature_is_neutral() -> None:
    plain = Capability(id="plain", text="wastewater treatment", lang="en")
    index = Index.fit([plain])
    features = index.rank(Need(id="n", text="wastewater", lang="en", sectors=("water",)), 1)[0].explanation[
        "features"
    ]
    assert {one["name"]: (one["value"], one["share"]) for one in features}["sector"] == (None, 0.0)
