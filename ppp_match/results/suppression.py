"""Small numbers that would tell of someone are hidden in public.

A count of one to four is hidden. Where a column hides just one, the next smallest that is not zero is hidden too, and
totals count what is shown, so that nobody works the hidden one out (complementary suppression, as statistical offices do
it: Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
"""

from __future__ import annotations

from collections.abc import Sequence

FEWEST = 5


def hidden(counts: Sequence[int]) -> list[bool]:
    """Which of the counts of one column are hidden."""
    marks = [0 < count < FEWEST for count in counts]
    if sum(marks) == 1:
        others = [at for at, count in enumerate(counts) if count and not marks[at]]
        if others:
            marks[min(others, key=lambda at: (counts[at], at))] = True
    return marks


def shown(counts: Sequence[int], *, exact: bool) -> list[int | None]:
    """The counts as they may be shown: None for a hidden one, all of them where the reader may know."""
    if exact:
        return list(counts)
    return [None if mark else count for count, mark in zip(counts, hidden(counts), strict=True)]


def shown_steps(counts: Sequence[int], *, exact: bool) -> list[int | None]:
    """A funnel's counts, each a part of the one before. A difference of one to four between neighbours tells as much as a
    count does, yet every need stands in public itself; so here only small counts are hidden."""
    return [count if exact or count >= FEWEST or count == 0 else None for count in counts]
