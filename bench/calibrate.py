"""Fit the chance of a match to the judged pairs of the demonstration: `python bench/calibrate.py [-o FILE]`.

Reads `seeds/demo` and `seeds/judged/qrels.tsv`, writes `seeds/judged/calibration.json`, and prints how well the model
does on needs that it was not fitted on (five folds, a need in one of them). Run it after a change of the analyser, the
weights or the lexicon that moves scores.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from demo_documents import read_demo
from sklearn.metrics import brier_score_loss, roc_auc_score

from ppp_match.matching import Index
from ppp_match.matching.calibration import CALIBRATION_FILE, GOOD, fitted
from ppp_match.matching.evaluate import read_qrels

QRELS = CALIBRATION_FILE.with_name("qrels.tsv")
FOLDS = 5


def judged_pairs() -> tuple[list[str], list[dict[str, Any]], list[bool]]:
    """(need, explanation, whether it is good) of every judged pair, in the order of the file."""
    needs, offers = read_demo()
    index = Index.fit(offers)
    asked, offered = {need.id: need for need in needs}, {offer.id: offer for offer in offers}
    rows = [
        (need_id, index.explain(asked[need_id], offered[one]), grade >= GOOD)
        for need_id, grades in read_qrels(QRELS).items()
        for one, grade in grades.items()
    ]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def main() -> None:
    """Write the parameters."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, default=CALIBRATION_FILE)
    options = parser.parse_args()
    of_need, explanations, good = judged_pairs()
    fold = {need: number % FOLDS for number, need in enumerate(dict.fromkeys(of_need))}
    truth, told = [], []
    for one in range(FOLDS):
        inside = [at for at, need in enumerate(of_need) if fold[need] != one]
        model = fitted([explanations[at] for at in inside], [good[at] for at in inside])
        for at, need in enumerate(of_need):
            chance = model.probability(explanations[at]) if fold[need] == one else None
            if chance is not None:
                truth.append(good[at])
                told.append(chance)
    model = fitted(explanations, good)
    options.output.write_text(json.dumps(model.as_json(), indent=2) + "\n", encoding="utf-8")
    base = float(np.mean(truth))
    print(
        f"{len(of_need)} judged pairs of {len(fold)} needs; {model.pairs} that no rule blocks, {model.good} good"
    )
    print(
        f"on needs left out: AUC {roc_auc_score(truth, told):.3f}, Brier {brier_score_loss(truth, told):.4f} "
        f"(always saying {base:.2f}: {base * (1 - base):.4f})"
    )
    print(json.dumps(model.as_json()))


if __name__ == "__main__":
    main()
