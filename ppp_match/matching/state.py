"""What a reader of the index sees, swapped as one.

Here: `State` and the little arithmetic on its rows. Not here: who makes the next state (index.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .fields import TEXT_FIELDS, Lists, Segment, Vocabulary, joined, lengths, rebuilt
from .score import FACETS, KEPT
from .semantic import Directions

__all__ = ["State", "appended", "empty_segment", "fresh_vocabularies", "merged"]


@dataclass(frozen=True)
class State:
    """Everything a reader needs, swapped as one. Position p of `alive` counts through the segments in
    order. `meaning` holds the vectors of each segment; () where meaning takes no part."""

    vocabularies: Mapping[str, Vocabulary]
    segments: tuple[Segment, ...]
    alive: npt.NDArray[np.bool_]
    meaning: tuple[Directions, ...] = ()

    def id_at(self, position: int) -> str:
        """The id of a position."""
        for segment in self.segments:
            if position < len(segment):
                return segment.ids[position]
            position -= len(segment)
        raise IndexError(position)


def fresh_vocabularies() -> dict[str, Vocabulary]:
    """Empty vocabularies of all fields and facets."""
    return {name: Vocabulary(weighted=name in TEXT_FIELDS) for name in (*TEXT_FIELDS, *FACETS)}


def empty_segment() -> Segment:
    """A segment without documents."""
    names = (*TEXT_FIELDS, *FACETS)
    none = np.zeros(0, dtype=np.int64)
    nothing = Lists(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0), none)
    return Segment(
        (),
        np.zeros(0, dtype=np.int8),
        {name: np.zeros(0) for name in KEPT},
        dict.fromkeys(names, nothing),
        {name: np.ones(0) for name in names},
    )


def appended(one: Segment, other: Segment) -> Segment:
    """The documents of two small segments, in their order."""
    return Segment(
        (*one.ids, *other.ids),
        np.concatenate([one.groups, other.groups]),
        {name: np.concatenate([one.evidence[name], other.evidence[name]]) for name in KEPT},
        {name: joined(one.lists[name], other.lists[name], len(one)) for name in one.lists},
        {name: np.concatenate([one.lengths[name], other.lengths[name]]) for name in one.lengths},
    )


def merged(
    base: Segment, later: Segment, vocabularies: Mapping[str, Vocabulary], keep: npt.NDArray[np.bool_]
) -> Segment:
    """The documents of both that `keep` keeps, in their order, weighed with the idf of `vocabularies`."""
    ids = [each for each, stays in zip((*base.ids, *later.ids), keep.tolist(), strict=True) if stays]
    lists = {
        name: rebuilt(base.lists[name], later.lists[name], len(base), len(vocabulary.idf), keep)
        for name, vocabulary in vocabularies.items()
    }
    return Segment(
        tuple(ids),
        np.concatenate([base.groups, later.groups])[keep],
        {name: np.concatenate([base.evidence[name], later.evidence[name]])[keep] for name in KEPT},
        lists,
        {name: lengths(lists[name], vocabulary.idf, len(ids)) for name, vocabulary in vocabularies.items()},
    )
