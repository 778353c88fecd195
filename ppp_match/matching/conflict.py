"""What one side rules out and the other rests on: a feature of its own beside the words that count against.

Here: `against`, the vector of what a document denies; `share`, how much of what two texts have in common lies there;
`denied`, the posting lists of what the documents of a segment deny. Not here: which words are denied (negation.py),
the formula of the score (score.py).

A denied word is one among many of a long text, so that a capability that rests on just what a need rules out loses
little by it. Here what is denied stands by itself: x is the vector of length one of the terms that a document has only
in negated clauses, c its cosine with the other text, t the cosine of both texts without what is denied, and

    share = (kc)² / ((kc)² + t²)

is near 0 where the two meet elsewhere and near 1 where they meet in what is ruled out. The score loses that share of
itself (times a weight, score.py). Exceptions ("all of X except Y") take no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .fields import TEXT_FIELDS, Floats, Lists, Segment, Vector, Vocabulary, field_sums, lengths, query_lists

__all__ = ["Denial", "against", "cosines", "denied", "share", "shares", "summed"]

SHARPNESS = 2.5  # k: half of the score is at stake where c is 0.4 of t
_NOTHING = 1e-9  # what rounding may leave of nothing


@dataclass(frozen=True, slots=True)
class Denial:
    """What a document denies in one text field: a vector of length one, and how long it is within the document's."""

    vector: Vector
    part: float


def against(
    bags: Mapping[str, Mapping[str, float]],
    vectors: Mapping[str, Vector],
    vocabularies: Mapping[str, Vocabulary],
) -> dict[str, Denial]:
    """What a document denies, by text field; `vectors` are its own. A field is missing where it denies nothing."""
    found = {}
    for name in TEXT_FIELDS:
        bag = {term: -tf for term, tf in bags[name].items() if tf < 0.0}
        if bag and (vector := vocabularies[name].vector(bag, bag)):
            own = vectors[name]
            part = next((-own[term] / value for term, value in vector.items() if term in own), 0.0)
            found[name] = Denial(vector, part)
    return found


def cosines(
    own: Mapping[str, Denial], other: Mapping[str, Vector], weights: Mapping[str, float]
) -> tuple[float, float]:
    """(c, what the denied terms take from t) of what one document denies with the other as it is; below 0 where that one
    denies it as well."""
    cosine = taken = 0.0
    for name, denial in own.items():
        met = weights[name] * sum(value * other[name].get(term, 0.0) for term, value in denial.vector.items())
        cosine += met
        taken += met * denial.part
    return cosine, taken


def share(denied: float, text: float) -> float:
    """(kc)² / ((kc)² + t²) of one pair; 0 where nothing denied is met."""
    if denied < _NOTHING:
        return 0.0
    square = (SHARPNESS * denied) ** 2
    return square / (square + max(text, 0.0) ** 2)


def shares(cosines: Floats, text: Floats) -> Floats:
    """`share` of many pairs."""
    squares: Floats = np.square(SHARPNESS * np.where(cosines < _NOTHING, 0.0, cosines))
    squares[squares > 0.0] /= (squares + np.square(np.maximum(text, 0.0)))[squares > 0.0]
    return squares


def denied(segment: Segment, name: str, vocabulary: Vocabulary) -> tuple[Lists, Floats]:
    """The posting lists of one field with nothing but what its documents deny, as positive tf, and the lengths of
    these rows. Made when first asked for: few documents deny anything."""
    kept = segment.denied.get(name)
    if kept is None:
        lists = segment.lists[name]
        places = np.flatnonzero(lists.values < 0.0)
        own = np.searchsorted(lists.indptr, places, side="right") - 1  # the list of each posting
        numbers, sizes = np.unique(own, return_counts=True)
        columns = numbers if lists.columns is None else lists.columns[numbers]
        indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        few = Lists(indptr, lists.documents[places], -lists.values[places], columns.astype(np.int64))
        kept = segment.denied[name] = (few, lengths(few, vocabulary.idf, len(segment)))
    return kept


def summed(
    vectors: Mapping[str, Vector],
    lists: Mapping[str, tuple[Lists, Floats]],
    parts: Mapping[str, Floats | float],
    vocabularies: Mapping[str, Vocabulary],
    weights: Mapping[str, Floats],
    count: int,
) -> tuple[Floats, Floats]:
    """`cosines` of `vectors` with the rows of `lists`, `count` of them; one side is what a document denies, which is
    `parts` long within it."""
    cosine: Floats = np.zeros(count)
    taken: Floats = np.zeros(count)
    for name, vector in vectors.items():
        own, sizes = lists[name]
        numbers, values = query_lists(vector, vocabularies[name], own)
        if len(numbers):
            sums = np.zeros(count)
            field_sums(own, numbers, values, sums)
            met = weights[name] * sums / sizes
            cosine += met
            taken += met * parts[name]
    return cosine, taken
