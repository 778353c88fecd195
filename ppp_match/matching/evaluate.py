"""How good rankings are: nDCG, MRR and recall at a depth, overall and by pair of languages.

Here: the measures, the reader of judged pairs (qrels), `evaluate`. Not here: the rankings themselves
(index.py), the printed table (files.py).

nDCG uses the gain 2^grade - 1 and the discount log2(rank + 1) (Burges et al. 2005); MRR and recall count
grades of at least 1; recall is divided by min(number relevant, depth). A need without any relevant
capability takes no part. A capability with a score of zero is no answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .analysis import LANGUAGES
from .documents import Capability, Document, InputError, Need, numbered_lines
from .index import Index
from .language import detect
from .text import tokenise

__all__ = ["Measures", "evaluate", "language_of", "measure", "read_qrels"]

Qrels = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over `needs` needs; all between 0 and 1."""

    needs: int
    ndcg: float
    mrr: float
    recall: float


def read_qrels(source: str | Path | IO[str] | IO[bytes]) -> Qrels:
    """Judged pairs: tab-separated `need_id cap_id grade` under a header. Raises InputError with file and
    line."""
    name, lines = numbered_lines(source)
    qrels: Qrels = {}
    header = True
    for number, line in lines:
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 3:
            raise InputError("needs three columns separated by tabs: need_id, cap_id, grade", name, number)
        if header:
            header = False
            if not _is_grade(cells[2]):
                continue
        need_id, capability_id, grade = cells
        if not _is_grade(grade):
            raise InputError(f'the grade must be a whole number from 0 to 30, not "{grade}"', name, number)
        if capability_id in qrels.setdefault(need_id, {}):
            raise InputError(f'the pair "{need_id}", "{capability_id}" comes twice', name, number)
        qrels[need_id][capability_id] = int(grade)
    return qrels


def _is_grade(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and len(cell) <= 2 and int(cell) <= 30


def measure(
    ranking: Sequence[str], grades: Mapping[str, int], depth: int = 10
) -> tuple[float, float, float] | None:
    """(nDCG, reciprocal rank, recall) of one ranking at `depth`; None where nothing relevant is judged."""
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    if not ideal:
        return None
    found = [grades.get(document_id, 0) for document_id in ranking[:depth]]
    gain = sum((2.0**grade - 1.0) / math.log2(at + 2) for at, grade in enumerate(found))
    best = sum((2.0**grade - 1.0) / math.log2(at + 2) for at, grade in enumerate(ideal[:depth]))
    reciprocal = next((1.0 / (at + 1) for at, grade in enumerate(found) if grade >= 1), 0.0)
    recall = sum(1 for grade in found if grade >= 1) / min(len(ideal), depth)
    return gain / best, reciprocal, recall


def _mean(rows: Iterable[tuple[float, float, float] | None]) -> Measures:
    kept = [row for row in rows if row is not None]
    if not kept:
        return Measures(0, 0.0, 0.0, 0.0)
    return Measures(len(kept), *(math.fsum(row[at] for row in kept) / len(kept) for at in range(3)))


def evaluate(
    needs: Iterable[Need],
    capabilities: Iterable[Capability],
    qrels: Mapping[str, Mapping[str, int]],
    top: int = 10,
    *,
    rules: bool = True,
    index: Index | None = None,
) -> dict[str, Measures]:
    """Measures under "overall" and under each pair of languages such as "vi→en".

    A pair of languages ranks only the capabilities of its language, for the needs that have a relevant one
    there.
    """
    offered = {capability.id: capability for capability in capabilities}
    index = index if index is not None else Index.fit(offered.values())
    spoken = {document_id: language_of(document) for document_id, document in offered.items()}
    several = len(set(spoken.values())) > 1
    overall: list[tuple[float, float, float] | None] = []
    pairs: dict[str, list[tuple[float, float, float] | None]] = {}
    for need in needs:
        grades = qrels.get(need.id, {})
        if not any(grade > 0 for grade in grades.values()):
            continue
        depth = len(index) if several else top
        ranking = [
            match.id for match in index.rank(need, depth, rules=rules, explain=False) if match.score > 0
        ]
        overall.append(measure(ranking, grades, top))
        for language in sorted(set(spoken.values())):
            there = {one: grade for one, grade in grades.items() if spoken.get(one) == language}
            row = measure([one for one in ranking if spoken.get(one) == language], there, top)
            if row is not None:
                pairs.setdefault(f"{language_of(need)}→{language}", []).append(row)
    return {"overall": _mean(overall), **{name: _mean(rows) for name, rows in sorted(pairs.items())}}


def language_of(document: Document) -> str:
    """The language of a document as the measures count it: vi, en, another declared one or und."""
    language = detect(tokenise(f"{document.title}\n{document.text}"), document.lang)
    return language if language in LANGUAGES else language or "und"
