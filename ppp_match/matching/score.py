"""From cosines and facets to one score in [0, 1]; the weights are data with a version.

Here: `Weights`, the facets of a document (sector, sub-sector, ASCF area, SDG, delivery), the evidence a
capability carries, and `combine`. Not here: text (index.py), rules (rules.py), the order within language
groups (search.py).

    score = (text · (1 + Σ w_k (v_k - ½)) + Σ e_k v_k) / Z,    Z = 1 + ½ Σ w_k + Σ e_k

over the features k that both sides state, v_k in [0, 1]. What is unknown takes no part, as if it were half
fulfilled. Evidence (references, recency) only ever scales the text: a vendor with many references is no
answer to another need. A facet's value is the cosine of the two sets of codes, so a generalist that names
every sector gains little by it. Last, the score loses a part of itself for what one side rules out and the other
rests on, for each of the two sides, and for a capability that says the same words over and over:
score · (1 - w · share), share as in conflict.py and stuffing.py.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .conflict import share as conflict_share
from .documents import Capability, Document, Need

__all__ = ["DEFAULT_WEIGHTS", "FACETS", "KEPT", "Feature", "Weights", "combine", "evidence", "facets"]

FACETS = ("sector", "subsector", "ascf_area", "sdg", "delivery")
EVIDENCE = ("references", "recency")
MOST = 5.0  # times the half of a feature's range: more would drown the text
KEPT = (*EVIDENCE, "repetition")  # what an index keeps of each document beside its terms
FLOOR = 1e-4  # a pair that shares anything at all scores at least this much
_HALF_LIFE_DAYS = 730.0


@dataclass(frozen=True)
class Weights:
    """`fields[pair][field]` weighs the cosines of a pair of languages; `scale` and `add` are w_k and e_k
    above, `conflict` and `repetition` are w."""

    version: str = "2026.2"
    fields: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {
            "en-en": {"vi": 0.05, "en": 0.475, "char": 0.475},
            "vi-vi": {"vi": 0.80, "en": 0.10, "char": 0.10},
            "cross": {"vi": 0.40, "en": 0.40, "char": 0.20},
            "other": {"vi": 0.00, "en": 0.50, "char": 0.50},
            "both": {"vi": 0.45, "en": 0.40, "char": 0.15},
        }
    )
    scale: Mapping[str, float] = field(
        default_factory=lambda: {
            "sector": 0.6,
            "subsector": 0.4,
            "ascf_area": 0.1,
            "sdg": 0.1,
            "delivery": 0.1,
            "references": 0.1,
            "recency": 0.05,
        }
    )
    add: Mapping[str, float] = field(
        default_factory=lambda: {
            "sector": 0.02,
            "subsector": 0.02,
            "ascf_area": 0.002,
            "sdg": 0.002,
            "delivery": 0.0,
        }
    )
    # A need excludes what it fears; a company names what it doesn't do just because it lies near to what it does.
    conflict: Mapping[str, float] = field(default_factory=lambda: {"excluded": 0.8, "refused": 0.4})
    repetition: float = 0.95

    def pair(self, one: str, other: str) -> Mapping[str, float]:
        """The field weights of two language groups; symmetric, each sums to one."""
        groups = {one, other}
        if "other" in groups:
            return self.fields["other"]
        if groups == {"vi"} or groups == {"vi", "both"}:
            return self.fields["vi-vi"]
        if groups == {"en"} or groups == {"en", "both"}:
            return self.fields["en-en"]
        return self.fields["both" if groups == {"both"} else "cross"]

    @property
    def norm(self) -> float:
        """Z: what keeps the score at one or less."""
        return 1.0 + sum(self.scale.values()) / 2 + sum(self.add.values())

    def as_json(self) -> dict[str, Any]:
        """For the manifest of a saved index."""
        return {
            key: value
            if isinstance(value, (str, float))
            else {k: dict(v) if isinstance(v, Mapping) else v for k, v in value.items()}
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Weights:
        """What `as_json` made, read back. Raises ValueError where a name is lacking or unknown, or a number is none that
        the formula takes: scale and add from 0 to 5, conflict and repetition from 0 to 1, field weights of each pair of
        languages from 0 to 1, summing to 1.
        """
        weights = cls(
            str(values["version"]),
            {name: _numbers(one) for name, one in values["fields"].items()},
            _numbers(values["scale"]),
            _numbers(values["add"]),
            _numbers(values["conflict"]),
            float(values["repetition"]),
        )
        weights.check()
        return weights

    def check(self) -> None:
        """Raise ValueError where these are no weights (see `from_json`)."""
        shipped = DEFAULT_WEIGHTS
        for name in ("scale", "add"):
            given: Mapping[str, float] = getattr(self, name)
            if set(given) != set(getattr(shipped, name)):
                raise ValueError(f"{name} does not hold the features that the matcher has")
            for feature, weight in given.items():
                if not 0.0 <= weight <= MOST:
                    raise ValueError(f"{name}.{feature} is {weight}, not from 0 to {MOST:g}")
        if set(self.conflict) != set(shipped.conflict):
            raise ValueError("conflict does not hold the features that the matcher has")
        if any(not 0.0 <= one <= 1.0 for one in (*self.conflict.values(), self.repetition)):
            raise ValueError("conflict and repetition go from 0 to 1")
        if set(self.fields) != set(shipped.fields):
            raise ValueError("fields does not hold the pairs of languages that the matcher has")
        for pair, row in self.fields.items():
            if set(row) != set(shipped.fields[pair]) or any(not 0.0 <= one <= 1.0 for one in row.values()):
                raise ValueError(f"fields.{pair} does not weigh vi, en and char from 0 to 1")
            if abs(sum(row.values()) - 1.0) > 1e-6:
                raise ValueError(f"fields.{pair} does not sum to 1")


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items()}


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Feature:
    """One line of `features`: `value` in [0, 1] or None (unknown), `share` of the score."""

    name: str
    value: float | None
    share: float


def facets(document: Document) -> dict[str, frozenset[str]]:
    """The codes of a document by facet; an empty set means it does not say."""
    sectors = [code.strip().lower() for code in document.sectors if code.strip()]
    delivery = {f"stage:{document.stage}"} if document.stage else set()
    if isinstance(document, Need):
        delivery |= {f"kind:{kind}" for kind in document.partner_kinds}
    elif isinstance(document, Capability):
        delivery |= {f"kind:{kind}" for kind in document.offer_kinds}
    return {
        "sector": frozenset(code.split(".")[0] for code in sectors),
        "subsector": frozenset(code for code in sectors if "." in code),
        "ascf_area": frozenset(code.lower() for code in document.ascf_areas),
        "sdg": frozenset(code.lower() for code in document.sdgs),
        "delivery": frozenset(delivery),
    }


def evidence(document: Document, newest: str | None) -> dict[str, float | None]:
    """What stands behind a capability, each in [0, 1]: references n/(n+2), recency halving in two years.

    A reference that its client confirmed counts whole, one whose client has not answered yet half, others nothing.

    `newest` (ISO date) is the day recency counts back from. None where the document doesn't say, and for
    needs.
    """
    if not isinstance(document, Capability):
        return {"references": None, "recency": None}
    count = _references(document)
    age = _days_between(document.published, newest)
    return {
        "references": None if count is None else count / (count + 2.0),
        "recency": None if age is None else 0.5 ** (max(age, 0) / _HALF_LIFE_DAYS),
    }


def _references(document: Capability) -> float | None:
    if document.confirmed_references is None and document.pending_references is None:
        return None
    return (document.confirmed_references or 0) + 0.5 * (document.pending_references or 0)


def _days_between(first: str | None, last: str | None) -> int | None:
    try:
        return (
            datetime.date.fromisoformat((last or "")[:10]) - datetime.date.fromisoformat((first or "")[:10])
        ).days
    except ValueError:
        return None


def combine(
    text: float,
    values: Mapping[str, float | None],
    weights: Weights,
    *,
    touched: bool,
    denied: Mapping[str, tuple[float, float]] | None = None,
    repetition: float = 0.0,
) -> tuple[float, list[Feature]]:
    """The score of one pair and its feature lines; `text / weights.norm` is what the terms carry.

    `touched`: the two share at least a term or a code; then the score never falls to nothing. `denied`: the `cosines`
    of what one side denies with the other, by name (conflict.py). `repetition`: of the capability (stuffing.py).
    """
    features: list[Feature] = []
    total = text / weights.norm
    for name, value in values.items():
        if value is None:
            features.append(Feature(name, None, 0.0))
            continue
        share = (
            text * weights.scale[name] * (value - 0.5) + weights.add.get(name, 0.0) * value
        ) / weights.norm
        features.append(Feature(name, value, share))
        total += share
    losses = [
        (name, conflict_share(cosine, text + taken), weights.conflict[name])
        for name, (cosine, taken) in (denied or {}).items()
    ]
    for name, value, weight in (*losses, ("repetition", repetition, weights.repetition)):
        if value:
            share = -weight * value * max(total, 0.0)
            features.append(Feature(name, value, share))
            total += share
    lowest = FLOOR if touched else 0.0
    if total < lowest:
        features.append(Feature("floor", None, lowest - total))
        total = lowest
    return min(total, 1.0), features
