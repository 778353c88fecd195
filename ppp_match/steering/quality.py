"""How good a version is on the judged set, beside what it replaced, plain keywords and chance.

What lives here: `measure`, pure but for reading listings; what a run's results look like. What does not: when versions
are measured (`worker.py`), the measures themselves (`matching/evaluate.py`).

For each need with a settled pair of grade 1 or more, all published capabilities are ranked and the ranking is worth its
nDCG@10 (gain 2^grade - 1); what nobody judged counts as 0. Rules take no part: who judges is told to leave country, money
and form of contract to them. A pair of languages ranks the capabilities of its language alone. "keywords" is
scikit-learn's TfidfVectorizer with its defaults over title and text; "random" is the expected nDCG of an order by lot,
which is exact: the discount of ten places times the mean gain. The intervals are paired bootstraps over the needs (Efron
and Tibshirani 1993), 2,000 draws with a fixed seed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sqlalchemy import func, select

from ppp_match.db import db
from ppp_match.listings.documents import published_documents
from ppp_match.matching import Capability, Index, Need
from ppp_match.matching.evaluate import language_of
from ppp_match.matching.evaluate import measure as measure_ranking
from ppp_match.search.store import Tuning
from ppp_match.steering.models import JudgedPair, Judgement

DEPTH = 10
DRAWS = 2000
SEED = 20_261_127
SYSTEMS = ("version", "before", "keywords", "random")
OVERALL = "overall"

Rows = dict[str, dict[str, float]]  # {system: {need: nDCG}}


@dataclass(frozen=True)
class JudgedSet:
    """The settled pairs with what they speak of, and the fingerprint of all that a measurement depends on.

    `chances` tells, of pairs that were judged only because a lot drew them, how likely that was.
    """

    needs: dict[str, Need]
    capabilities: dict[str, Capability]
    grades: dict[str, dict[str, int]]
    fingerprint: str
    languages: dict[str, str] = field(default_factory=dict)
    chances: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def pairs(self) -> int:
        return sum(len(one) for one in self.grades.values())


def judged_set() -> JudgedSet:
    """Settled pairs whose sides are both published now, and every published capability they are ranked among."""
    needs = {one.id: one for one in published_documents("need", None) if isinstance(one, Need)}
    capabilities = {
        one.id: one for one in published_documents("capability", None) if isinstance(one, Capability)
    }
    grades: dict[str, dict[str, int]] = {}
    rows = db.session.execute(
        select(JudgedPair.need_id, JudgedPair.capability_id, JudgedPair.grade)
        .where(JudgedPair.grade.is_not(None))
        .order_by(JudgedPair.need_id, JudgedPair.capability_id)
    )
    for need_id, capability_id, grade in rows:
        if str(need_id) in needs and str(capability_id) in capabilities:
            grades.setdefault(str(need_id), {})[str(capability_id)] = grade or 0
    needs = {one: needs[one] for one in grades}
    spoken = {one.id: language_of(one) for one in (*needs.values(), *capabilities.values())}
    fingerprint = _fingerprint(needs, capabilities, grades)
    return JudgedSet(needs, capabilities, grades, fingerprint, spoken, _chances())


def _chances() -> dict[tuple[str, str], float]:
    """{(need, capability): how likely the lot was to draw it} of pairs judged by nothing but a decision on a lot."""
    rows = db.session.execute(
        select(JudgedPair.need_id, JudgedPair.capability_id, func.max(Judgement.propensity))
        .join(Judgement, Judgement.pair_id == JudgedPair.id)
        .where(JudgedPair.grade.is_not(None))
        .group_by(JudgedPair.id, JudgedPair.need_id, JudgedPair.capability_id)
        .having(func.count() == func.count(Judgement.propensity))
    )
    return {(str(need_id), str(capability_id)): chance or 1.0 for need_id, capability_id, chance in rows}


def _fingerprint(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        for key in sorted(part):
            digest.update(f"{key} {part[key]!r}\n".encode())
    return digest.hexdigest()


def measure(judged: JudgedSet, tuning: Tuning, before: Tuning | None = None) -> dict[str, Any]:
    """The results of a run with a version, and with the one before it if that is given."""
    indexes = {"version": index_with(judged, tuning)}
    if before is not None:
        same = before.lexicon.fingerprint == tuning.lexicon.fingerprint
        indexes["before"] = (
            indexes["version"].reweighed(before.weights) if same else index_with(judged, before)
        )
    return measure_with(judged, indexes)


def measure_with(judged: JudgedSet, indexes: Mapping[str, Index]) -> dict[str, Any]:
    """The results of a run with indexes that stand: `rows` (what, by what, needs, and the nDCG of each system), the
    interval of the difference to `before` overall and to keywords, and how much was judged."""
    by_need: dict[str, dict[str, Rows]] = {}
    keywords = Keywords(judged.capabilities.values())
    for need in judged.needs.values():
        rankings = {name: ranking_of(index, need) for name, index in indexes.items()}
        rankings["keywords"] = keywords.rank(need)
        _score(judged, need, rankings, by_need)
    rows = [_row(kind, name, found) for kind, part in by_need.items() for name, found in sorted(part.items())]
    overall = by_need.get(OVERALL, {}).get("", {})
    return {
        "needs": len(overall.get("version", {})),
        "pairs": judged.pairs,
        "capabilities": len(judged.capabilities),
        "rows": rows,
        "intervals": {
            other: interval(overall["version"], overall[other])
            for other in ("before", "keywords")
            if overall.get(other)
        },
    }


def index_with(judged: JudgedSet, tuning: Tuning) -> Index:
    """An index of the published capabilities, fitted with a version's lexicon."""
    return Index.fit(judged.capabilities.values(), lexicon=tuning.lexicon, weights=tuning.weights)


def ranking_of(index: Index, need: Need) -> list[str]:
    """All capabilities that share something with the need, best first, whatever a rule says of them."""
    found = index.rank(need, max(len(index), 1), rules=False, explain=False)
    return [one.id for one in found if one.score > 0]


def _score(
    judged: JudgedSet,
    need: Need,
    rankings: Mapping[str, Sequence[str]],
    into: dict[str, dict[str, Rows]],
) -> None:
    """The nDCG of one need by every system, overall, by pair of languages and by sector."""
    grades = judged.grades[need.id]
    languages = sorted({judged.languages[one] for one in judged.capabilities})
    among: dict[tuple[str, str], set[str]] = {(OVERALL, ""): set(judged.capabilities)}
    for language in languages:
        there = {one for one in judged.capabilities if judged.languages[one] == language}
        among["languages", f"{judged.languages[need.id]}→{language}"] = there
    for sector in sorted({code.split(".")[0] for code in need.sectors}):
        among["sector", sector] = set(judged.capabilities)
    for (kind, name), candidates in among.items():
        relevant = {one: grade for one, grade in grades.items() if one in candidates}
        for system, ranking in rankings.items():
            value = measure_ranking([one for one in ranking if one in candidates], relevant, DEPTH)
            if value is not None:
                into.setdefault(kind, {}).setdefault(name, {}).setdefault(system, {})[need.id] = value[0]
        chance = expected_by_lot(relevant.values(), len(candidates))
        if chance is not None:
            into[kind][name].setdefault("random", {})[need.id] = chance


def expected_by_lot(grades: Iterable[int], candidates: int, depth: int = DEPTH) -> float | None:
    """The nDCG that an order by lot has in the mean: every place holds every capability equally often."""
    gains = sorted((2.0**grade - 1.0 for grade in grades if grade > 0), reverse=True)
    if not gains:
        return None
    discounts = [1.0 / math.log2(place + 2) for place in range(min(depth, candidates))]
    ideal = math.fsum(gain * discount for gain, discount in zip(gains, discounts, strict=False))
    return math.fsum(gains) / candidates * math.fsum(discounts) / ideal


def _row(kind: str, name: str, found: Rows) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "needs": len(found["version"]),
        **{system: _mean(found[system]) for system in SYSTEMS if system in found},
    }


def _mean(values: Mapping[str, float]) -> float:
    return round(math.fsum(values.values()) / len(values), 6)


def interval(one: Mapping[str, float], other: Mapping[str, float]) -> list[float]:
    """[mean difference, low, high] of `one` over `other`, 95 %, paired by need."""
    needs = sorted(one)
    differences = np.asarray([one[need] - other[need] for need in needs])
    draws = np.random.default_rng(SEED).integers(0, len(needs), size=(DRAWS, len(needs)))
    low, high = np.quantile(differences[draws].mean(axis=1), (0.025, 0.975))
    return [round(float(value), 6) for value in (differences.mean(), low, high)]


class Keywords:
    """The plainest peer: TF-IDF over the words as they stand, no lexicon, no rules."""

    def __init__(self, capabilities: Iterable[Capability]) -> None:
        documents = list(capabilities)
        self.ids = [one.id for one in documents]
        self.vectorizer = TfidfVectorizer()
        try:
            self.matrix = self.vectorizer.fit_transform([_words_of(one) for one in documents])
        except ValueError:  # nothing is offered, or no document holds a word
            self.matrix = None

    def rank(self, need: Need) -> list[str]:
        if self.matrix is None:
            return []
        scores = (self.matrix @ self.vectorizer.transform([_words_of(need)]).T).toarray().ravel()
        order = np.lexsort((self.ids, -scores))
        return [self.ids[at] for at in order if scores[at] > 0]


def _words_of(document: Need | Capability) -> str:
    return f"{document.title}\n{document.text}"
