"""How likely a pair is a good answer, from its explanation; and when a need has no good answer at all.

Here: `Calibration` (a logistic model of two features), `fitted`, `chance_word`, `no_good_match`, the parameters that
come with the product. Not here: the judged pairs (`seeds/judged`) and the command that fits them
(`bench/calibrate.py`), the words of a page (recommendations/sentences.py).

    P(good) = 1 / (1 + exp(-(b + w1 ln(score) + w2 bridged)))

`score` is the total of the explanation, `bridged` the share of the positive terms that a lexicon entry brought
together: pairs across languages score lower for the same worth. Everything is read from the explanation, so that a
stored pair needs no index. A rule's "no" is an answer of its own, so such a pair has no probability. A score that
closeness of meaning took part in (semantic.py) has a model of its own: the score without it, and it as a third feature.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .documents import InputError
from .score import FLOOR
from .semantic import SHARE

__all__ = [
    "CALIBRATION_FILE",
    "GOOD",
    "LIKELY",
    "SEMANTIC_CALIBRATION_FILE",
    "THRESHOLD",
    "Calibration",
    "chance_word",
    "default_calibration",
    "features",
    "fitted",
    "no_good_match",
    "probability_of",
]

CALIBRATION_FILE = Path(__file__).resolve().parents[2] / "seeds" / "judged" / "calibration.json"
SEMANTIC_CALIBRATION_FILE = CALIBRATION_FILE.with_name("calibration_semantic.json")
GOOD = 2  # the least grade of a good answer: a major part of the need is met
LIKELY = 0.5  # more likely a good answer than not
# Where no candidate reaches it, the need has no good match. The highest step of 0.05 at which, of the answered needs of
# the judged set, at most one in twenty is told so: a false notice discourages a city, a missed one costs a reading.
THRESHOLD = 0.3
FEATURES = ("log_score", "bridged")
SEMANTIC_FEATURES = (*FEATURES, "meaning")
_FIFTHS = 5.0  # closeness moves within a fifth or two; fitting holds small features down otherwise


@dataclass(frozen=True)
class Calibration:
    """A fitted model: `weights` by feature; `pairs` judged ones stood behind it, `good` of them good."""

    intercept: float
    weights: Mapping[str, float]
    pairs: int = 0
    good: int = 0

    def probability(self, explanation: Mapping[str, Any]) -> float | None:
        """Between 0 and 1; None where a rule says no. 0 for two texts that share nothing."""
        if any(rule["state"] == "no" for rule in explanation["rules"]):
            return None
        if explanation["total"] <= 0.0:
            return 0.0
        values = features(explanation)
        sum_ = self.intercept + sum(weight * values[name] for name, weight in self.weights.items())
        return round(1.0 / (1.0 + math.exp(-max(min(sum_, 700.0), -700.0))), 6)

    def scores_around(self, probability: float) -> tuple[float, float]:
        """(a score below which no pair reaches the probability, one from which every pair does), whatever is bridged.

        For 0 < probability < 1 and a model in which a higher score is the better one.
        """
        needed = math.log(probability / (1.0 - probability)) - self.intercept
        bridged = self.weights["bridged"]
        bounds = [math.exp((needed - bridged * part) / self.weights["log_score"]) for part in (0.0, 1.0)]
        return min(bounds), max(bounds)

    def as_json(self) -> dict[str, Any]:
        """What `read` reads, rounded to what the judged pairs can tell."""
        return {
            "intercept": round(self.intercept, 4),
            "weights": {name: round(weight, 4) for name, weight in self.weights.items()},
            "pairs": self.pairs,
            "good": self.good,
        }

    @classmethod
    def read(cls, file: str | Path) -> Calibration:
        """Raises InputError where the file is none, OSError where there is no file."""
        try:
            record = json.loads(Path(file).read_text(encoding="utf-8"))
            names = SEMANTIC_FEATURES if "meaning" in record["weights"] else FEATURES
            weights = {name: float(record["weights"][name]) for name in names}
            return cls(float(record["intercept"]), weights, int(record["pairs"]), int(record["good"]))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError("is no calibration", str(file)) from error


def features(explanation: Mapping[str, Any]) -> dict[str, float]:
    """The features of a pair by name."""
    shares = [(term["share"], term["bridge"]) for term in explanation["terms"] if term["share"] > 0]
    whole = math.fsum(share for share, _ in shares)
    bridged = math.fsum(share for share, bridge in shares if bridge)
    shared = bridged / whole if whole else 0.0
    meaning, total = _meaning(explanation), explanation["total"]
    if meaning is None:
        return {"log_score": math.log(max(total, FLOOR)), "bridged": shared}
    lexical = (total - SHARE * meaning) / (1.0 - SHARE)
    return {
        "log_score": math.log(max(lexical, FLOOR)),
        "bridged": shared,
        "meaning": _FIFTHS * meaning,
    }


def _meaning(explanation: Mapping[str, Any]) -> float | None:
    """How close the two are in meaning; None where that took no part in the score."""
    return next((one["value"] for one in explanation.get("features", ()) if one["name"] == "meaning"), None)


def fitted(explanations: Sequence[Mapping[str, Any]], good: Sequence[bool]) -> Calibration:
    """The model that the judged pairs speak for; pairs that a rule blocks are left out. ValueError where all of them
    are good or none is."""
    from sklearn.linear_model import LogisticRegression

    kept = [
        (features(explanation), is_good)
        for explanation, is_good in zip(explanations, good, strict=True)
        if not any(rule["state"] == "no" for rule in explanation["rules"])
    ]
    names = tuple(kept[0][0]) if kept else FEATURES
    rows = [[values[name] for name in names] for values, _ in kept]
    labels = [is_good for _, is_good in kept]
    model = LogisticRegression().fit(rows, labels)
    weights = dict(zip(names, map(float, model.coef_[0]), strict=True))
    return Calibration(float(model.intercept_[0]), weights, len(labels), sum(labels))


def chance_word(probability: float | None) -> str:
    """ "likely", "possible" or "unlikely"; "" where there is no probability."""
    if probability is None:
        return ""
    return "likely" if probability >= LIKELY else "possible" if probability >= THRESHOLD else "unlikely"


def no_good_match(probabilities: Iterable[float | None]) -> bool:
    """Whether a need has no good match among candidates of these probabilities: all are unlikely. Blocked ones (None)
    answer nothing."""
    return not any(one is not None and one >= THRESHOLD for one in probabilities)


def probability_of(explanation: Mapping[str, Any]) -> float | None:
    """How likely a pair is a good answer, by the model of its kind of score; None where a rule says no, or where the
    model's file is not there."""
    model = default_calibration() if _meaning(explanation) is None else semantic_calibration()
    return model.probability(explanation) if model else None


@lru_cache(maxsize=1)
def default_calibration() -> Calibration | None:
    """The parameters that come with the product, read once; None where the file is not there."""
    return Calibration.read(CALIBRATION_FILE) if CALIBRATION_FILE.is_file() else None


@lru_cache(maxsize=1)
def semantic_calibration() -> Calibration | None:
    """The same for scores that closeness of meaning took part in."""
    file = SEMANTIC_CALIBRATION_FILE
    return Calibration.read(file) if file.is_file() else None
