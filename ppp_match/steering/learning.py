"""Weights learnt from what people judged: proposed as a version, never switched on by itself.

The score ranks by text · (1 + Σ w_k (v_k - ½)) to a good approximation (matching/score.py; the additive part is
small). Its logarithm is, for weights of the usual size, log text + Σ w_k (v_k - ½). So a logistic regression of "good"
(grade 2 or more) on

    z = log of the score's text part under the weights of now,   x_k = v_k - ½ (0 where a side does not say)

with coefficients a and d_k orders pairs as the weights w_k + d_k / a would. The penalty (L2) holds d_k near 0: little
evidence leaves the weights as they are.

A pair that was judged because a lot drew it from below the cut stands for all those that the lot passed over, so it
counts 1 / p of its chance p (inverse propensity; Joachims, Swaminathan and Schnabel, "Unbiased Learning-to-Rank with
Biased Feedback", WSDM 2017), at most HEAVIEST times, since few heavy pairs would make the fit unsteady. The
counts have mean 1, so that the penalty keeps its strength.

Whether the new weights are better is measured on needs that the fit has not seen
(5 folds, whole needs).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from ppp_match.lifecycle import Refused
from ppp_match.matching.evaluate import measure
from ppp_match.matching.score import MOST, Weights
from ppp_match.search.store import Tuning
from ppp_match.steering import quality

ENOUGH = 200  # judged pairs; docs/matching.md
ENOUGH_EACH = 20  # of the good, and of the others
GOOD = 2  # the grade from which a pair counts as good
FOLDS = 5
STEADY = 10.0  # how much less the penalty holds the text's own coefficient than the features'
PENALTY = 1.0
HEAVIEST = 10.0  # as often as this a pair by lot counts at most


@dataclass(frozen=True)
class Examples:
    """Judged pairs as the regression reads them: text parts (n), features (n, k), labels (n), the need of each (n), and
    how much each counts (n).
    """

    text: npt.NDArray[np.float64]
    features: npt.NDArray[np.float64]
    good: npt.NDArray[np.bool_]
    needs: npt.NDArray[np.str_]
    names: tuple[str, ...]
    counts: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Learnt:
    """New weights and what they are worth: `facts` are numbers for the page."""

    weights: Weights
    facts: dict[str, Any]


def lacking(judged: quality.JudgedSet) -> dict[str, int]:
    """How many pairs are lacking before weights can be learnt: in all, good ones, others. Empty: enough."""
    grades = [grade for one in judged.grades.values() for grade in one.values()]
    return lacking_of(len(grades), sum(grade >= GOOD for grade in grades))


def lacking_of(pairs: int, good: int) -> dict[str, int]:
    """The same for so many pairs, so many of them good."""
    found = {"all": ENOUGH - pairs, "good": ENOUGH_EACH - good, "others": ENOUGH_EACH - (pairs - good)}
    return {name: number for name, number in found.items() if number > 0}


def learn(judged: quality.JudgedSet, tuning: Tuning) -> Learnt:
    """Weights that order the judged pairs better, near the ones of now.

    Raises Refused "too_few_judged", or "text_says_nothing" where good pairs share no more text than others: then
    something else is wrong, and weights cannot mend it.
    """
    if lacking(judged):
        raise Refused("too_few_judged")
    found = examples(judged, tuning)
    weights, steepness = _fit(found, tuning.weights)
    if weights is None:
        raise Refused("text_says_nothing")
    held_out = _held_out(judged, found, tuning)
    return Learnt(
        weights,
        {
            "pairs": len(found.good),
            "good": int(found.good.sum()),
            "needs": len(set(found.needs.tolist())),
            "by_lot": sum(one in judged.chances for one in _pairs(judged)),
            "steepness": round(steepness, 4),
            "held_out": held_out,
        },
    )


def examples(judged: quality.JudgedSet, tuning: Tuning) -> Examples:
    """Every judged pair that shares some text, with its features under the weights of now."""
    index = quality.index_with(judged, tuning)
    names = tuple(tuning.weights.scale)
    rows: list[tuple[float, list[float], bool, str, float]] = []
    for need_id, grades in judged.grades.items():
        for capability_id, grade in grades.items():
            explained = index.explain(judged.needs[need_id], judged.capabilities[capability_id])
            values = {one["name"]: one["value"] for one in explained["features"]}
            text = math.fsum(one["share"] for one in explained["terms"])
            if text > 0:
                known = [0.0 if values.get(name) is None else values[name] - 0.5 for name in names]
                chance = judged.chances.get((need_id, capability_id), 1.0)
                rows.append((text, known, grade >= GOOD, need_id, min(1 / chance, HEAVIEST)))
    return Examples(
        np.asarray([row[0] for row in rows]),
        np.asarray([row[1] for row in rows]).reshape(len(rows), len(names)),
        np.asarray([row[2] for row in rows], dtype=bool),
        np.asarray([row[3] for row in rows]),
        names,
        np.asarray([row[4] for row in rows]),
    )


def _pairs(judged: quality.JudgedSet) -> list[tuple[str, str]]:
    return [(need, capability) for need, grades in judged.grades.items() for capability in grades]


def _fit(found: Examples, now: Weights) -> tuple[Weights | None, float]:
    """(weights, the text's coefficient); no weights where that is not positive or one class is lacking."""
    if len(set(found.good.tolist())) < 2:
        return None, 0.0
    scale = np.asarray([now.scale[name] for name in found.names])
    factor = np.maximum(1.0 + found.features @ scale, 1e-3)
    z = np.log(found.text * factor)
    model = LogisticRegression(C=PENALTY, max_iter=1000)
    counts = found.counts / found.counts.mean()
    model.fit(np.column_stack([(z - z.mean()) * STEADY, found.features]), found.good, sample_weight=counts)
    steepness = float(model.coef_[0][0]) * STEADY
    if steepness <= 0:
        return None, steepness
    moved = {
        name: round(min(max(now.scale[name] + float(by) / steepness, 0.0), MOST), 3)
        for name, by in zip(found.names, model.coef_[0][1:], strict=True)
    }
    return replace(now, scale=moved), steepness


def _held_out(judged: quality.JudgedSet, found: Examples, tuning: Tuning) -> dict[str, Any]:
    """nDCG@10 of needs that a fit has not seen, by the weights learnt from the others and by the weights of now."""
    folds = min(FOLDS, len(set(found.needs.tolist())))
    index = quality.index_with(judged, tuning)
    learnt: dict[str, float] = {}
    before: dict[str, float] = {}
    for seen, unseen in GroupKFold(folds).split(found.features, found.good, found.needs):
        weights, _steepness = _fit(_part(found, seen), tuning.weights)
        reader = index.reweighed(weights or tuning.weights)
        for need_id in sorted(set(found.needs[unseen].tolist())):
            for into, by in ((learnt, reader), (before, index)):
                ranking = quality.ranking_of(by, judged.needs[need_id])
                value = measure(ranking, judged.grades[need_id], quality.DEPTH)
                if value is not None:
                    into[need_id] = value[0]
    if not learnt:
        return {"needs": 0}
    difference = quality.interval(learnt, before)
    return {
        "needs": len(learnt),
        "learnt": round(math.fsum(learnt.values()) / len(learnt), 6),
        "before": round(math.fsum(before.values()) / len(before), 6),
        "interval": difference,
        "folds": folds,
    }


def _part(found: Examples, rows: Sequence[int] | npt.NDArray[np.int64]) -> Examples:
    return Examples(
        found.text[rows],
        found.features[rows],
        found.good[rows],
        found.needs[rows],
        found.names,
        found.counts[rows],
    )


def moved(weights: Mapping[str, Any], before: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """(feature, before, now) of every weight that differs, in the order of the features."""
    return [
        (name, before["scale"][name], value)
        for name, value in weights["scale"].items()
        if abs(value - before["scale"].get(name, 0.0)) > 1e-9
    ]
