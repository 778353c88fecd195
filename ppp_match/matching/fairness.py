"""Fair exposure: how evenly a forum shows its vendors, and a list that gives everybody a chance.

Here: `gini`, `cap_of` and `fair_list`, pure arithmetic over ranks and counts. Not here: where the counts come from
(recommendations/exposure.py).

A list of a need is its best candidates, with two exceptions that are marked wherever they are seen. A vendor that
stands in more lists than the cap gets no new place, unless it is among the very best of the list: an answer that a city
needs is never withheld. And a few places are kept for vendors that were never suggested to anybody.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Fair", "cap_of", "fair_list", "gini"]

SURE = 3  # places of a list that no cap touches
LEAST_CAP = 10  # lists; below that a cap would only disturb


@dataclass(frozen=True)
class Fair:
    """`chosen` ids in the order of the ranking; `newcomers` of them hold a kept place; `over_cap` were passed over."""

    chosen: list[str]
    newcomers: frozenset[str]
    over_cap: list[str]


def gini(values: Sequence[float]) -> float:
    """The Gini coefficient of non-negative values: 0 all equal, near 1 one has all. 0 for no values or only zeros.

    G = sum_i (2 i - n - 1) x_i / (n sum x), x in rising order, i from 1 (Gini 1912, in the form of Sen 1973).
    """
    ordered = sorted(values)
    total, count = math.fsum(ordered), len(ordered)
    if not total:
        return 0.0
    return math.fsum((2 * at - count - 1) * value for at, value in enumerate(ordered, start=1)) / (
        count * total
    )


def cap_of(needs: int, top: int, vendors: int, times: float) -> int:
    """In how many lists one vendor may stand: `times` the mean of all, at least LEAST_CAP.

    The mean is the places of all lists (`needs` x `top`) shared among the vendors.
    """
    return max(LEAST_CAP, math.ceil(times * needs * top / vendors)) if vendors else LEAST_CAP


def fair_list(
    ranked: Sequence[tuple[str, str]],
    top: int,
    *,
    places: Mapping[str, int],
    cap: int,
    standing: Collection[str] = (),
    new: Collection[str] = (),
    kept_places: int = 2,
) -> Fair:
    """The `top` of a ranking of (id, vendor), best first, with the cap and the kept places.

    `places`: in how many other lists each vendor stands; `standing`: ids that are in this list already and stay in
    it as far as the cap goes; `new`: vendors that were never suggested. Kept places are taken from the end of the
    list and never touch the first SURE; where enough newcomers are in the list by their rank, none is needed.
    """
    chosen: list[str] = []
    over_cap: list[str] = []
    left: list[tuple[str, str]] = []
    for rank, (one, vendor) in enumerate(ranked):
        if len(chosen) == top:
            left.append((one, vendor))
        elif rank >= SURE and one not in standing and places.get(vendor, 0) >= cap:
            over_cap.append(one)
        else:
            chosen.append(one)
    owner = dict(ranked)
    wanted = kept_places - len({owner[one] for one in chosen if owner[one] in new})
    newcomers: dict[str, str] = {}  # vendor -> its best one
    for one, vendor in left:
        if len(newcomers) < wanted and vendor in new and vendor not in newcomers:
            newcomers[vendor] = one
    for one in newcomers.values():
        last = next((at for at in range(len(chosen) - 1, SURE - 1, -1) if owner[chosen[at]] not in new), None)
        if last is None:
            break
        del chosen[last]
        chosen.append(one)
    rank_of = {one: at for at, (one, _vendor) in enumerate(ranked)}
    chosen.sort(key=rank_of.__getitem__)
    taken = frozenset(newcomers.values()) & frozenset(chosen)
    return Fair(chosen, taken, over_cap)
