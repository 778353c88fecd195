"""How alike two texts are: the bars tell one matter told twice from two matters, measured on the demonstration."""

from __future__ import annotations

import dataclasses
import itertools
import re

import pytest
import yaml

from ppp_match.config import ROOT
from ppp_match.matching import Index, Need


def _need(record, lang: str, *, key: str = "") -> Need:
    said = record["texts"][lang]
    body = "\n\n".join(
        said[name]
        for name in ("problem", "outcome", "who_affected", "tried", "local_specifics")
        if name in said
    )
    return Need(
        id=key or record["key"],
        title=said["title"],
        text=body,
        lang=lang,
        sectors=tuple(record.get("sector", ())),
    )


@pytest.fixture(scope="module")
def records():
    rows = yaml.safe_load((ROOT / "seeds/demo/needs.yaml").read_text(encoding="utf-8"))
    return [row for row in rows if row["texts"][row["lang"]].get("problem")]


@pytest.fixture(scope="module")
def needs(records):
    return [_need(record, record["lang"]) for record in records]


@pytest.fixture(scope="module")
def index(needs):
    return Index.fit(needs)


def _sentences(text: str, first: int) -> str:
    return " ".join(re.split(r"(?<=[.!?])\s+", text)[first::2])


def test_no_two_needs_of_the_demonstration_are_taken_for_one(index, needs):
    same = [
        (one.title, other.title)
        for one, other in itertools.combinations(needs, 2)
        if index.likeness(one, other).verdict == "same"
    ]
    assert len(needs) > 30
    assert same == []


def test_few_are_called_similar_and_most_of_those_share_a_sector(index, needs):
    pairs = list(itertools.combinations(needs, 2))
    similar = [(one, other) for one, other in pairs if index.likeness(one, other).verdict == "similar"]
    assert 0 < len(similar) < len(pairs) / 50
    assert sum(bool(set(one.sectors) & set(other.sectors)) for one, other in similar) > len(similar) / 2


def test_a_text_told_twice_is_taken_for_the_same(index, needs):
    for need in needs:
        shorter = dataclasses.replace(need, id="twice", text=_sentences(need.text, 0))
        other_words = dataclasses.replace(
            need, id="twice", text=" ".join(w for at, w in enumerate(need.text.split()) if at % 4)
        )
        assert index.likeness(need, shorter).verdict == "same", need.title
        assert index.likeness(need, other_words).verdict == "same", need.title


def test_another_text_under_the_same_title_is_at_least_similar(index, needs):
    for need in needs:
        one = dataclasses.replace(need, text=_sentences(need.text, 0))
        other = dataclasses.replace(need, id="twice", text=_sentences(need.text, 1))
        assert index.likeness(one, other).verdict in ("same", "similar"), need.title


def test_a_translation_is_found_across_the_languages(index, records):
    both = [record for record in records if {"vi", "en"} <= set(record["texts"])]
    full = [record for record in both if all(record["texts"][lang].get("problem") for lang in ("vi", "en"))]
    assert full
    verdicts = []
    for record in full:
        found = index.likeness(_need(record, "vi"), _need(record, "en", key="translation"))
        assert found.bridged
        assert any(term.bridge for term in found.terms)
        verdicts.append(found.verdict)
    assert "" not in verdicts
    assert verdicts.count("same") > len(verdicts) / 2


def test_the_figure_is_symmetric_and_one_for_itself(index, needs):
    one, other = needs[0], needs[1]
    assert index.likeness(one, other).score == pytest.approx(index.likeness(other, one).score, abs=1e-6)
    assert index.likeness(one, one).score == pytest.approx(1.0, abs=1e-6)


def test_texts_without_a_word_in_common_are_alike_in_nothing():
    index = Index.fit([Need(id="a", title="Street lights", text="Lamps fail at night.", lang="en")])
    found = index.likeness(
        Need(id="b", title="Street lights", text="Lamps fail at night.", lang="en"),
        Need(id="c", title="", text="", lang="en"),
    )
    assert (found.score, found.verdict, found.terms) == (0.0, "", ())
