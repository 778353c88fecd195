"""Measured quality on judged sets that lie outside the repository: EVAL_DIR names their folder (CI sets it).

The floors are what the matcher reaches today less the noise of a small set; they only ever rise. The sets and the
figures beside other methods: `bench/quality.py --data FOLDER`.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from ppp_match.matching import evaluate, read_capabilities, read_needs

FLOORS = {"domain": 0.92, "xquad_vi_en": 0.63, "naics": 0.60, "sdg_snippets": 0.32}


@pytest.mark.skipif("EVAL_DIR" not in os.environ, reason="EVAL_DIR names no folder with judged sets")
@pytest.mark.parametrize("name", sorted(FLOORS))
def test_judged_sets_keep_their_floor(name):
    folder = Path(os.environ["EVAL_DIR"]) / name
    with (folder / "qrels.tsv").open(encoding="utf-8") as file:
        qrels: dict[str, dict[str, int]] = {}
        for row in csv.DictReader(file, delimiter="\t"):
            qrels.setdefault(row["need_id"], {})[row["cap_id"]] = int(row["grade"])
    found = evaluate(
        read_needs(folder / "needs.jsonl"), read_capabilities(folder / "capabilities.jsonl"), qrels
    )
    assert found["overall"].ndcg >= FLOORS[name]
