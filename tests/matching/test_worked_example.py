"""The worked example of docs/matching.md, worked out again: every number that it prints is the matcher's own."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from ppp_match.matching import Capability, Index, Need
from ppp_match.matching.documents import document_from_json

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")
SECTION = PAGE.split("## A worked example\n", 1)[1].split("\n## ", 1)[0]


def rows(heading: str) -> list[list[str]]:
    """The rows of the table whose first heading this is, without heading and rule."""
    table = SECTION.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


@pytest.fixture(scope="module")
def need() -> Need:
    return document_from_json(Need, records()[0])


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.fit([document_from_json(Capability, record) for record in records()[1:]])


def records() -> list[dict[str, object]]:
    block = SECTION.split("```json\n", 1)[1].split("```", 1)[0]
    return [json.loads(line) for line in block.splitlines()]


def test_the_ranking(index: Index, need: Need) -> None:
    found = [
        [match.id, f"{match.score:.4f}", f"{match.probability:.3f}", ", ".join(match.blocked) or "none"]
        for match in index.rank(need, 10)
    ]
    assert rows("capability") == found


def test_the_shares_of_the_best_and_their_sum(index: Index, need: Need) -> None:
    best = index.rank(need, 1)[0]
    found = [
        [term["source_term"], term["term"], term["bridge"] or "the same word", f"{term['share']:.4f}"]
        for term in best.explanation["terms"]
    ]
    found += [
        [
            feature["name"],
            feature["name"],
            f"both state it, alike {feature['value']:.0%}",
            f"{feature['share']:.4f}",
        ]
        for feature in best.explanation["features"]
        if feature["share"]
    ]
    assert rows("the need says") == [*found, ["together", "", "", f"{best.score:.4f}"]]
    assert math.fsum(float(row[-1]) for row in found) == pytest.approx(best.score, abs=len(found) * 0.00005)


def test_the_rarity_of_the_two_terms(index: Index) -> None:
    for term, having in (("small", 1), ("wastewater", 3)):
        assert index.rarity("en", term) == (having, 3)
        idf = math.log((1 + 3) / (1 + having)) + 1
        vocabulary = index.state.vocabularies["en"]
        assert vocabulary.idf[vocabulary.columns[term]] == pytest.approx(idf)
        assert re.search(rf"\+ 1 = {idf:.4g}\b", SECTION)


def test_what_is_said_not_to_be_done_counts_against(index: Index, need: Need) -> None:
    second, third = index.rank(need, 10)[1:]
    against = {term["source_term"].lower() for term in second.explanation["terms"] if term["share"] < 0}
    assert "xử lý" in against
    refused = next(one for one in second.explanation["features"] if one["name"] == "refused")
    told = f"`refused` ({refused['value']:.2f}) takes {-refused['share']:.4f} from its score"
    assert told in " ".join(SECTION.split())
    assert all(term["share"] < 0 for term in third.explanation["terms"])
