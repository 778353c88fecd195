"""Two capabilities that together cover what a need asks, where no single one does.

Here: `Partner` (what is known of one candidate) and `pairs_that_cover`, a pure choice over the rows of evidence.py.
Not here: who is looked at (recommendations/consortia.py), the words on a page.

Only what is compared by words counts: requirements, outcomes, standards and the scale. What a rule answers (language,
contract form, budget) has been settled for each partner before, and a partner that shows what the need rules out takes
no part. A requirement that one partner denies may be covered by the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from .evidence import Row
from .search import tie_break

__all__ = ["WEIGHTS", "Partner", "Together", "pairs_that_cover"]

WEIGHTS = {"requirement": 2.0, "outcome": 1.0, "standard": 1.0, "scale": 1.0}  # a must-have counts double
LEAST_PART = 2.0  # what the weaker partner brings by itself: a must-have, or two lesser requirements


@dataclass(frozen=True)
class Partner:
    """One candidate: its rows in the order of the need's requirements, its owner and whom that one is related to."""

    id: str
    rows: Sequence[Row]
    score: float
    organisation: str
    related: frozenset[str] = field(default_factory=frozenset)

    @property
    def covered(self) -> frozenset[int]:
        """The places of the requirements for which there is evidence."""
        return frozenset(at for at in _counted(self.rows) if self.rows[at].status == "found")

    @property
    def shows_what_is_ruled_out(self) -> bool:
        """Whether a passage speaks of something that the need excludes."""
        return any(row.asked.kind == "exclusion" and row.status == "counter" for row in self.rows)

    def is_related_to(self, other: Partner) -> bool:
        """Whether the two belong to one owner, or either declared a relation to the other."""
        return (
            self.organisation == other.organisation
            or other.organisation in self.related
            or self.organisation in other.related
        )


@dataclass(frozen=True)
class Together:
    """Two partners, the stronger first: `share` (0 to 1) of the weight of all requirements is covered, `open` is not.

    `alone` is the share that the best single candidate covers.
    """

    first: Partner
    second: Partner
    share: float
    alone: float
    open: frozenset[int]

    @property
    def only_second(self) -> frozenset[int]:
        """What the second partner adds to the first."""
        return self.second.covered - self.first.covered


def pairs_that_cover(need_id: str, partners: Sequence[Partner], most: int = 3) -> list[Together]:
    """At most `most` pairs, those that cover most first; none where one candidate covers everything by itself.

    Each partner brings at least LEAST_PART that the other lacks, and the two cover more than any single candidate.
    Pairs that cover as much are ordered by the sum of their scores, then by the seeded order of the matcher.
    """
    able = [one for one in partners if not one.shows_what_is_ruled_out]
    if not able:
        return []
    counted = _counted(able[0].rows)
    weights = {at: WEIGHTS[able[0].rows[at].asked.kind] for at in counted}
    total = sum(weights.values())
    best = max(_weight(one.covered, weights) for one in able)
    if not total or best == total:
        return []
    found = []
    for one, other in itertools.combinations(able, 2):
        together = _weight(one.covered | other.covered, weights)
        brings = min(
            _weight(one.covered - other.covered, weights), _weight(other.covered - one.covered, weights)
        )
        if together <= best or brings < LEAST_PART or one.is_related_to(other):
            continue
        first, second = sorted((one, other), key=lambda partner: _strength(partner, weights, need_id))
        left = frozenset(counted) - one.covered - other.covered
        found.append(Together(first, second, together / total, best / total, left))
    found.sort(
        key=lambda two: (
            -two.share,
            -(two.first.score + two.second.score),
            tie_break(need_id, f"{two.first.id} {two.second.id}"),
        )
    )
    return found[:most]


def _strength(partner: Partner, weights: dict[int, float], need_id: str) -> tuple[float, float, float]:
    return -_weight(partner.covered, weights), -partner.score, tie_break(need_id, partner.id)


def _counted(rows: Sequence[Row]) -> list[int]:
    return [at for at, row in enumerate(rows) if row.asked.kind in WEIGHTS]


def _weight(places: frozenset[int], weights: dict[int, float]) -> float:
    return sum(weights[at] for at in places)
