"""The figures, counted from records: pure functions, no database.

Definitions (domain reference, E4). A median of days is that of the needs that reached both steps. Acceptance counts
answers, not offers. Value is never added over statuses; a deal counts once for each status, in US dollars at the rate of
the day of its amount.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from ppp_match.partnerships.models import STATES, VALUE_STATUSES
from ppp_match.results.records import AGREED, STEPS, Answer, Outcome, Record, outcomes_of

DIMENSIONS = ("country", "size", "sector", "ascf_area", "outcome_area", "sdg", "pair", "year")


@dataclass(frozen=True)
class Filter:
    """Which needs are counted; empty means all. The same names stand in the address of the page."""

    country: str = ""
    size: str = ""
    sector: str = ""
    ascf_area: str = ""
    outcome_area: str = ""
    sdg: str = ""
    pair: str = ""
    year: str = ""

    def takes(self, record: Record) -> bool:
        return all(not wanted or wanted in keys_of(record, name) for name, wanted in self.wanted().items())

    def wanted(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in DIMENSIONS}


def keys_of(record: Record, dimension: str) -> list[str]:
    """The values that a record has in a dimension; a need with several sectors counts in each."""
    if dimension == "country":
        return [record.country]
    if dimension == "size":
        return [record.size]
    if dimension == "year":
        return [str(record.year)]
    if dimension == "pair":
        return sorted({outcome.pair for outcome in record.outcomes})
    return sorted(record.terms[dimension])


@dataclass(frozen=True)
class FunnelStep:
    """How many needs reached a step, their part of those published, and the median days since the step before."""

    step: str
    count: int
    part: float
    days: float | None


def funnel(records: Sequence[Record]) -> list[FunnelStep]:
    """From published to delivered. A need stands in each step that it reached."""
    found = []
    for at, step in enumerate(STEPS):
        reached = [record for record in records if step in record.reached]
        waits = []
        if at:
            before = STEPS[at - 1]
            waits = [
                (record.reached[step] - record.reached[before]).days
                for record in reached
                if before in record.reached and record.reached[step] >= record.reached[before]
            ]
        found.append(
            FunnelStep(
                step,
                len(reached),
                len(reached) / len(records) if records else 0.0,
                float(median(waits)) if waits else None,
            )
        )
    return found


def days_between(records: Iterable[Record], first: str, last: str) -> float | None:
    """The median days from one step to another, over the needs that reached both; None where none did."""
    days = [
        (record.reached[last] - record.reached[first]).days
        for record in records
        if first in record.reached and last in record.reached
    ]
    return float(median(days)) if days else None


@dataclass(frozen=True)
class Acceptance:
    """The answers of one side: yes, no, and the reasons of the no."""

    side: str
    yes: int
    no: int
    reasons: list[tuple[str, int]]

    @property
    def part(self) -> float | None:
        total = self.yes + self.no
        return self.yes / total if total else None


def acceptance(answers: Iterable[Answer], needs: Iterable[Record]) -> list[Acceptance]:
    """What each side answers to offers."""
    ids = {record.id for record in needs}
    counted = [one for one in answers if one.need_id in ids]
    found = []
    for side in ("need", "capability"):
        mine = [one for one in counted if one.side == side]
        reasons = Counter(one.reason for one in mine if not one.accepted)
        found.append(
            Acceptance(
                side,
                sum(one.accepted for one in mine),
                sum(not one.accepted for one in mine),
                sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])),
            )
        )
    return found


@dataclass(frozen=True)
class Worth:
    """One status of money over all deals: how many, US dollars, and how many of them are confirmed or verified."""

    status: str
    deals: int
    usd: Decimal
    sure: int
    sure_usd: Decimal


def worth(outcomes: Iterable[Outcome]) -> list[Worth]:
    """Value by status; the three are never added together."""
    values = [value for outcome in outcomes for value in outcome.values]
    found = []
    for status in VALUE_STATUSES:
        mine = [value for value in values if value.status == status]
        sure = [value for value in mine if value.standing in ("confirmed", "verified")]
        found.append(
            Worth(
                status,
                len(mine),
                sum((value.usd for value in mine), Decimal()),
                len(sure),
                sum((value.usd for value in sure), Decimal()),
            )
        )
    return found


def states(outcomes: Sequence[Outcome]) -> list[tuple[str, int]]:
    """How many introduced pairs stand where, in the order of the course."""
    counted = Counter(outcome.state for outcome in outcomes)
    return [(state, counted[state]) for state in STATES]


def exits(outcomes: Iterable[Outcome]) -> list[tuple[str, int]]:
    """Why pairs ended without agreement, the commonest reason first."""
    counted = Counter(outcome.exit_reason for outcome in outcomes if outcome.exit_reason)
    return sorted(
        ((str(reason), count) for reason, count in counted.items()), key=lambda one: (-one[1], one[0])
    )


@dataclass(frozen=True)
class Row:
    """One value of a dimension: needs published, introduced, with an agreement or a pilot, delivered."""

    key: str
    published: int
    introduced: int
    agreed: int
    delivered: int


def by(records: Sequence[Record], dimension: str) -> list[Row]:
    """The records by a dimension, the largest first; years in their order."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        for key in keys_of(record, dimension):
            groups.setdefault(key, []).append(record)
    rows = [
        Row(
            key,
            len(members),
            *(sum(step in one.reached for one in members) for step in ("introduced", "agreed", "delivered")),
        )
        for key, members in groups.items()
    ]
    order: Callable[[Row], tuple[object, ...]] = (
        (lambda row: (row.key,)) if dimension == "year" else (lambda row: (-row.published, row.key))
    )
    return sorted(rows, key=order)


@dataclass(frozen=True)
class Month:
    """What happened in a month."""

    first: date
    published: int
    introduced: int
    agreed: int


def months(records: Sequence[Record], *, today: date, count: int = 12) -> list[Month]:
    """The last months, oldest first: needs published, pairs introduced, pairs that agreed or began a pilot."""
    firsts = [
        date(today.year + (today.month - 1 - back) // 12, (today.month - 1 - back) % 12 + 1, 1)
        for back in range(count - 1, -1, -1)
    ]
    published = Counter(_month(record.reached["published"]) for record in records)
    outcomes = outcomes_of(records)
    introduced = Counter(_month(outcome.reached["introduced"]) for outcome in outcomes)
    agreed: Counter[date] = Counter()
    for outcome in outcomes:
        days = [outcome.reached[state] for state in AGREED if state in outcome.reached]
        if days:
            agreed[_month(min(days))] += 1
    return [Month(first, published[first], introduced[first], agreed[first]) for first in firsts]


def _month(day: date) -> date:
    return day.replace(day=1)


def supply_and_demand(records: Iterable[Record], capabilities: dict[str, int]) -> list[tuple[str, int, int]]:
    """(sector, needs, published capabilities), the sector with the greatest lack first."""
    needs: Counter[str] = Counter()
    for record in records:
        needs.update(record.terms["sector"])
    codes = needs.keys() | capabilities.keys()
    rows = [(code, needs[code], capabilities.get(code, 0)) for code in codes]
    return sorted(rows, key=lambda row: (row[2] - row[1], row[0]))


def part_of_small_cities(records: Sequence[Record]) -> float | None:
    """The part of small and medium-sized cities among the introduced needs whose city's size is known."""
    known = [one for one in records if "introduced" in one.reached and one.size != "unknown"]
    return sum(one.size == "small" for one in known) / len(known) if known else None


def parts_of_outcomes(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Among introduced pairs: across the two languages, across a border, with a small or medium-sized company."""
    if not outcomes:
        return {"languages": None, "abroad": None, "small_company": None}
    count = len(outcomes)
    return {
        "languages": sum(len(set(one.pair.split("-"))) > 1 for one in outcomes) / count,
        "abroad": sum(one.abroad for one in outcomes) / count,
        "small_company": sum(one.small_company for one in outcomes) / count,
    }
