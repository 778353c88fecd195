"""What the page of results shows, each table once: the page draws it, the file writes it.

Small numbers are hidden here, for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from flask_babel import gettext as _

from ppp_match.partnerships import words as partnership_words
from ppp_match.results import figures, words
from ppp_match.results.records import Answer, Record, outcomes_of
from ppp_match.results.suppression import FEWEST, shown, shown_steps

TABLES = ("funnel", "acceptance", "value", "breakdown", "months", "supply", "states", "exits")
HIDDEN = f"<{FEWEST}"


def cell(count: int | None) -> str:
    """A count for a file: "<5" where it is hidden."""
    return HIDDEN if count is None else str(count)


@dataclass(frozen=True)
class Line:
    """A row of a table: what it is, and its counts as they may be shown."""

    key: str
    name: str
    counts: tuple[int | None, ...]
    share: float | None = None  # of the largest, for a bar


class Sheet:
    """The figures of one filter for one reader."""

    def __init__(
        self,
        records: Sequence[Record],
        answers: Sequence[Answer],
        capabilities: Mapping[str, int],
        dimension: str,
        lang: str,
        *,
        exact: bool,
        today: date,
    ) -> None:
        self.records, self.answers, self.dimension = records, answers, dimension
        self.capabilities = dict(capabilities)
        self.lang, self.exact, self.today = lang, exact, today
        self.outcomes = outcomes_of(records)

    @property
    def too_few(self) -> bool:
        """Whether so few needs are chosen that nothing is told of them in public."""
        return not self.exact and 0 < len(self.records) < FEWEST

    @cached_property
    def funnel(self) -> list[tuple[figures.FunnelStep, str, int | None, bool]]:
        """(step, name, count or None, whether its days may be shown)."""
        steps = figures.funnel(self.records)
        counts = shown_steps([step.count for step in steps], exact=self.exact)
        return [
            (step, str(words.STEPS[step.step]), count, count is not None)
            for step, count in zip(steps, counts, strict=True)
        ]

    @cached_property
    def acceptance(self) -> list[figures.Acceptance]:
        return figures.acceptance(self.answers, self.records)

    def answers_shown(self, side: figures.Acceptance) -> tuple[int | None, int | None]:
        """(yes, no) of a side; both are hidden where one of them would tell of someone."""
        if self.exact or all(count == 0 or count >= FEWEST for count in (side.yes, side.no)):
            return side.yes, side.no
        return None, None

    @cached_property
    def worth(self) -> list[tuple[figures.Worth, bool]]:
        """(value of a status, whether it may be shown: a sum of few deals tells what one of them is worth)."""
        return [(one, self.exact or one.deals >= FEWEST) for one in figures.worth(self.outcomes)]

    @cached_property
    def breakdown(self) -> list[Line]:
        rows = figures.by(self.records, self.dimension)
        names = [(row.key, words.value_name(self.dimension, row.key, self.lang)) for row in rows]
        return self._counted(
            names, [(row.published, row.introduced, row.agreed, row.delivered) for row in rows]
        )

    @cached_property
    def months(self) -> list[Line]:
        rows = figures.months(self.records, today=self.today)
        names = [(row.first.isoformat(), f"{row.first:%m/%Y}") for row in rows]
        return self._counted(names, [(row.published, row.introduced, row.agreed) for row in rows])

    @cached_property
    def supply(self) -> list[Line]:
        """Needs and capabilities by sector: both are published, so nothing of it is hidden."""
        rows = figures.supply_and_demand(self.records, self.capabilities)
        return [
            Line(code, words.value_name("sector", code, self.lang), (needs, capabilities))
            for code, needs, capabilities in rows
        ]

    @cached_property
    def states(self) -> list[Line]:
        rows = figures.states(self.outcomes)
        names = [(state, str(partnership_words.STATES[state])) for state, _count in rows]
        return self._counted(names, [(count,) for _state, count in rows])

    @cached_property
    def exits(self) -> list[Line]:
        rows = figures.exits(self.outcomes)
        names = [(reason, str(partnership_words.EXITS.get(reason, reason))) for reason, _count in rows]
        return self._counted(names, [(count,) for _reason, count in rows])

    def _counted(self, names: Sequence[tuple[str, str]], counts: Sequence[tuple[int, ...]]) -> list[Line]:
        """Lines of (key, name) and their counts, small ones hidden column by column; the bar is of the first column."""
        columns = [shown(column, exact=self.exact) for column in zip(*counts, strict=True)]
        most = max((row[0] for row in counts), default=0) or 1
        return [
            Line(
                key,
                name,
                tuple(column[at] for column in columns),
                None if columns[0][at] is None else counts[at][0] / most,
            )
            for at, (key, name) in enumerate(names)
        ]

    @cached_property
    def to_introduction(self) -> float | None:
        """Median days from publication to the first introduction."""
        reached = sum("introduced" in record.reached for record in self.records)
        if not self.exact and reached < FEWEST:
            return None
        return figures.days_between(self.records, "published", "introduced")

    @cached_property
    def parts(self) -> dict[str, float | None]:
        """Parts of the introduced pairs, and of small cities among introduced needs."""
        if not self.exact and len(self.outcomes) < FEWEST:
            return {"languages": None, "abroad": None, "small_company": None, "small_city": None}
        return {
            **figures.parts_of_outcomes(self.outcomes),
            "small_city": figures.part_of_small_cities(self.records),
        }

    def table(self, name: str) -> list[list[Any]]:
        """A table with its heads. Raises KeyError for another name; a filter that takes too few needs has heads alone."""
        heads, rows = {
            "funnel": self._funnel_rows,
            "acceptance": self._acceptance_rows,
            "value": self._value_rows,
            "breakdown": lambda: self._lines(
                str(words.DIMENSIONS[self.dimension]),
                [words.STEPS[step] for step in ("published", "introduced", "agreed", "delivered")],
                self.breakdown,
            ),
            "months": lambda: self._lines(
                _("Month"), [words.STEPS[step] for step in ("published", "introduced", "agreed")], self.months
            ),
            "supply": lambda: self._lines(_("Sector"), [_("Needs"), _("Capabilities")], self.supply),
            "states": lambda: self._lines(_("State"), [_("Introduced pairs")], self.states),
            "exits": lambda: self._lines(_("Reason"), [_("Introduced pairs")], self.exits),
        }[name]()
        return [heads] if self.too_few else [heads, *rows]

    def _lines(
        self, first: str, others: Sequence[Any], lines: Sequence[Line]
    ) -> tuple[list[Any], list[list[Any]]]:
        return [first, *(str(one) for one in others)], [
            [line.name, *(cell(count) for count in line.counts)] for line in lines
        ]

    def _funnel_rows(self) -> tuple[list[Any], list[list[Any]]]:
        rows = [
            [
                name,
                cell(count),
                "" if count is None else f"{step.part:.3f}",
                step.days if tells and step.days is not None else "",
            ]
            for step, name, count, tells in self.funnel
        ]
        return [
            _("Step"),
            _("Needs"),
            _("Part of those published"),
            _("Median days since the step before"),
        ], rows

    def _acceptance_rows(self) -> tuple[list[Any], list[list[Any]]]:
        rows: list[list[Any]] = []
        for side in self.acceptance:
            yes, no = self.answers_shown(side)
            rows.append([str(words.SIDES[side.side]), _("Yes"), cell(yes)])
            rows.append([str(words.SIDES[side.side]), _("No"), cell(no)])
            counts = shown([count for _code, count in side.reasons], exact=self.exact)
            rows += [
                [str(words.SIDES[side.side]), words.decline_name(code), cell(count)]
                for (code, _full), count in zip(side.reasons, counts, strict=True)
            ]
        return [_("Side"), _("Answer or reason"), _("Answers")], rows

    def _value_rows(self) -> tuple[list[Any], list[list[Any]]]:
        rows = [
            [
                str(words.VALUES[one.status]),
                cell(one.deals if tells else None if one.deals else 0),
                f"{one.usd:.0f}" if tells else "",
                cell(one.sure if tells else None if one.sure else 0),
                f"{one.sure_usd:.0f}" if tells else "",
            ]
            for one, tells in self.worth
        ]
        return [
            _("Status"),
            _("Partnerships"),
            "USD",
            _("Confirmed or verified"),
            _("USD, confirmed or verified"),
        ], rows
