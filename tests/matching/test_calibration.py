"""The chance of a match: its arithmetic, its parameters, where it is told."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from ppp_match.matching import Index, InputError
from ppp_match.matching.calibration import (
    CALIBRATION_FILE,
    Calibration,
    chance_word,
    default_calibration,
    features,
    fitted,
    no_good_match,
)
from ppp_match.matching.evaluate import read_qrels

ROOT = Path(__file__).resolve().parents[2]


def explanation(total, *terms, state="yes"):
    return {
        "total": total,
        "terms": [{"share": share, "bridge": bridge} for share, bridge in terms],
        "rules": [{"rule": "country", "state": state}],
    }


def test_features_are_the_score_and_the_share_of_what_was_bridged():
    found = features(explanation(0.25, (0.1, None), (0.3, "a ≈ b"), (-0.2, "c ≈ d")))
    assert found == pytest.approx({"log_score": math.log(0.25), "bridged": 0.75})


def test_the_chance_rises_with_the_score_and_is_none_where_a_rule_says_no():
    model = Calibration(8.0, {"log_score": 4.0, "bridged": 1.0})
    chances = [model.probability(explanation(total, (total, None))) for total in (0.02, 0.1, 0.2, 0.9)]
    assert chances == sorted(chances)
    assert chances[1] == pytest.approx(1 / (1 + math.exp(-(8.0 + 4.0 * math.log(0.1)))), abs=1e-6)
    assert model.probability(explanation(0.9, (0.9, None), state="no")) is None
    assert model.probability(explanation(0.0)) == 0.0


def test_a_model_is_learnt_from_judged_pairs_without_blocked_ones():
    poor = [explanation(0.01 + at / 1000, (0.1, None)) for at in range(10)]
    rich = [explanation(0.3 + at / 100, (0.1, None)) for at in range(10)]
    blocked = [explanation(0.9, (0.1, None), state="no")] * 5
    model = fitted([*poor, *rich, *blocked], [False] * 10 + [True] * 10 + [False] * 5)
    assert (model.pairs, model.good) == (20, 10)
    assert model.probability(rich[0]) > 0.5 > model.probability(poor[0])


def test_words_and_the_notice_share_one_threshold():
    assert [chance_word(one) for one in (0.5, 0.499, 0.3, 0.299, None)] == [
        "likely",
        "possible",
        "possible",
        "unlikely",
        "",
    ]
    assert no_good_match([])
    assert no_good_match([None, 0.299])
    assert not no_good_match([None, 0.1, 0.3])


def test_a_file_that_is_no_calibration_is_named(tmp_path):
    file = tmp_path / "calibration.json"
    for text in ("", "[]", '{"intercept": 1, "weights": {}}'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=r"calibration\.json"):
            Calibration.read(file)
    model = Calibration(1.5, {"log_score": 2.0, "bridged": 0.5}, 10, 4)
    file.write_text(json.dumps(model.as_json()), encoding="utf-8")
    assert Calibration.read(file) == model


def test_ranked_matches_carry_it_with_their_explanation_alone(needs, index):
    for match in index.rank(needs[0], 10):
        assert (match.probability is None) == bool(match.blocked)
    assert {match.probability for match in index.rank(needs[0], 10, explain=False)} == {None}


def test_it_changes_no_ranking_and_no_score(needs, capabilities, monkeypatch):
    def ranked():
        return [(m.id, m.score, m.blocked, m.explanation) for m in Index.fit(capabilities).rank(needs[0], 10)]

    before = ranked()
    monkeypatch.setattr("ppp_match.matching.calibration.default_calibration", lambda: None)
    assert ranked() == before


def test_every_judged_pair_is_one_of_the_demonstration():
    qrels = read_qrels(CALIBRATION_FILE.with_name("qrels.tsv"))
    known = "".join(
        file.read_text(encoding="utf-8") for file in sorted((ROOT / "seeds" / "demo").glob("*.yaml"))
    )
    named = {*qrels, *(one for grades in qrels.values() for one in grades)}
    assert [one for one in sorted(named) if f"- key: {one}\n" not in known] == []


def test_the_stored_parameters_are_those_that_the_command_gives(tmp_path):
    """Tolerant, since every change of the lexicon moves scores a little; then run bench/calibrate.py again."""
    file = tmp_path / "calibration.json"
    command = [sys.executable, ROOT / "bench" / "calibrate.py", "-o", file]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603  our own words
    anew, stored = Calibration.read(file), default_calibration()
    assert stored is not None
    for total in (0.02, 0.05, 0.1, 0.15, 0.2, 0.4):
        for bridge in (None, "a ≈ b"):
            one = explanation(total, (total, bridge))
            assert anew.probability(one) == pytest.approx(stored.probability(one), abs=0.05)
