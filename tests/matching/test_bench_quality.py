"""The bars of `bench/quality.py` on sets of the tests' own: what it prints, when it fails, its arithmetic."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
WORDS = ("bridge", "lamp", "water", "school", "forest", "ticket", "harbour", "clinic", "market", "tunnel")


@pytest.fixture
def quality(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    import quality

    return quality


@pytest.fixture
def folder(tmp_path):
    """One set in which every need names its capability."""
    place = tmp_path / "own"
    place.mkdir()

    def write(name, rows):
        (place / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    write("needs.jsonl", [{"id": f"n-{word}", "lang": "en", "text": f"repair the {word}"} for word in WORDS])
    write(
        "capabilities.jsonl",
        [{"id": f"c-{word}", "lang": "en", "text": f"we look after any {word}"} for word in WORDS],
    )
    return tmp_path


def run(folder, grade_of):
    lines = ["need_id\tcap_id\tgrade", *(f"n-{word}\tc-{grade_of(word)}\t3" for word in WORDS)]
    (folder / "own" / "qrels.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, BENCH / "quality.py", "--data", folder]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words


def test_it_prints_peers_bars_and_chances_and_passes_where_all_are_met(folder):
    done = run(folder, lambda word: word)
    assert done.returncode == 0, done.stderr
    table, bars, notice, chances = done.stdout.split("\n\n")
    assert table.split()[:9] == [
        "nDCG@10",
        "default",
        "words",
        "chars",
        "union",
        "bm25",
        "ours",
        "no",
        "rules",
    ]
    assert "(a) own" in bars
    assert "(f) own, en→en" in bars
    assert "NOT MET" not in bars
    assert "own" in notice
    assert chances.startswith("own, chance")


def test_a_bar_that_is_not_met_fails_the_command(quality, monkeypatch, folder):
    run(folder, lambda word: word)
    monkeypatch.setattr(sys, "argv", ["quality.py", "--data", str(folder)])
    monkeypatch.setattr(quality, "bars", lambda _sets: [quality.Bar("a", "0", ">= 1", False)])
    assert quality.main() == 1


def test_the_interval_is_of_paired_differences(quality):
    mean, low, high = quality.bootstrap([np.full(50, 0.1), np.full(10, 0.1)])
    assert (mean, low, high) == pytest.approx((0.1, 0.1, 0.1))
    noise = np.random.default_rng(1).normal(0.0, 1.0, 400)
    mean, low, high = quality.bootstrap([noise])
    assert low < 0 < high
    assert high - low == pytest.approx(2 * 1.96 / 20, rel=0.15)


def test_the_notice_is_measured_with_and_without_the_good_answers(quality):
    sure = quality.Chances([(0.9, True), (0.1, False)], [(0.1, False)])  # right both times
    tempted = quality.Chances(
        [(0.9, True), (0.8, False)], [(0.8, False)]
    )  # not told once the good one is out
    doubted = quality.Chances([(0.1, True)], [])  # told though there is one
    precision, recall, false = quality.notice([sure, tempted, doubted])
    assert (precision, recall, false) == pytest.approx((2 / 3, 2 / 3, 1 / 3))


def test_chances_are_compared_with_what_was_good(quality):
    rows = [quality.Chances([(0.95, True), (0.92, True), (0.05, False), (1.0, False)], [])]
    assert quality.reliability(rows) == [
        ("0.00 - 0.10", 1, pytest.approx(0.05), 0.0),
        ("0.90 - 1.00", 3, pytest.approx((0.95 + 0.92 + 1.0) / 3), pytest.approx(2 / 3)),
    ]
