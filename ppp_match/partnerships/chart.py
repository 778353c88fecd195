"""Where the marks of an indicator's line stand in its drawing; the template draws them, the numbers stand in a table.

x is the day, y the value. The axis of values begins and ends at round numbers and need not begin at zero: a line shows
change, and the axis says where it begins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

WIDTH, HEIGHT = 640, 270
LEFT, RIGHT, TOP, BOTTOM = 64, 616, 30, 230
MOST_LINES, MOST_DAYS = 6, 6
DAYS_NAMED_UP_TO = 150


@dataclass(frozen=True)
class Mark:
    """A value in the drawing."""

    x: float
    y: float
    value: Decimal
    on: date
    kind: str  # baseline, value, need, capability (what each side says where they differ)


@dataclass(frozen=True)
class Drawing:
    """All that the template needs: grid lines (y, value), days (x, day), marks, the line through those that count."""

    grid: list[tuple[float, Decimal]]
    days: list[tuple[float, date]]
    marks: list[Mark]
    line: list[Mark]
    target: float | None
    baseline: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM
    points: str = field(default="")
    months_apart: bool = True  # else the axis names days


def steps(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round values that enclose low and high, at most MOST_LINES of them; steps of 1, 2 or 5 times a power of ten."""
    if low == high:
        low, high = low - 1, high + 1
    rough = float(high - low) / (MOST_LINES - 2)
    power = Decimal(10) ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if float(power * factor) >= rough)
    first = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
    found = [first]
    while found[-1] < high:
        found.append(found[-1] + step)
    return found


def draw(
    values: Sequence[tuple[date, Decimal, str]],
    *,
    baseline: tuple[date, Decimal],
    target: Decimal | None,
) -> Drawing:
    """The drawing of values (day, value, kind of mark), with the baseline before them and the target as a line."""
    marked = [(*baseline, "baseline"), *values]
    levels = steps(
        min([value for _day, value, _kind in marked] + ([target] if target is not None else [])),
        max([value for _day, value, _kind in marked] + ([target] if target is not None else [])),
    )
    first, last = baseline[0], max(day for day, _value, _kind in marked)
    span = max(1, (last - first).days)

    def x_of(day: date) -> float:
        return round(LEFT + 16 + (day - first).days / span * (RIGHT - LEFT - 60), 1)

    def y_of(value: Decimal) -> float:
        share = float((value - levels[0]) / (levels[-1] - levels[0]))
        return round(BOTTOM - share * (BOTTOM - TOP), 1)

    marks = [Mark(x_of(day), y_of(value), value, day, kind) for day, value, kind in marked]
    line = [mark for mark in marks if mark.kind in ("baseline", "value")]
    count = min(MOST_DAYS, span + 1)
    days = [first + timedelta(days=round(span * at / max(1, count - 1))) for at in range(count)]
    return Drawing(
        grid=[(y_of(level), level) for level in levels],
        days=[(x_of(day), day) for day in dict.fromkeys(days)],
        marks=marks,
        line=line,
        target=y_of(target) if target is not None else None,
        baseline=y_of(baseline[1]),
        points=" ".join(f"{mark.x:g},{mark.y:g}" for mark in line),
        months_apart=span > DAYS_NAMED_UP_TO,
    )
