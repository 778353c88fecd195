"""The printable report: partnerships by focus area and city with status and result, then observations.

The order is that of the ASCN monitoring and evaluation reports as far as it is public (a section for each focus area,
then observations and recommendations; domain reference, E1). What two sides do not show is counted, not named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from ppp_match.db import db
from ppp_match.formats import numberfmt
from ppp_match.partnerships import queries, sheets
from ppp_match.partnerships.models import Partnership
from ppp_match.permissions import Actor
from ppp_match.results import figures, words
from ppp_match.results.records import Answer, Record
from ppp_match.results.suppression import FEWEST
from ppp_match.vocabularies import terms

STATUS_OF = {
    "introduced": "planning",
    "meeting": "planning",
    "in_talks": "planning",
    "pilot": "ongoing",
    "agreed": "ongoing",
    "delivered": "completed",
}
SHORT = 280  # characters of a result


@dataclass
class Area:
    """A focus area: its named partnerships, and how many are not shown, by status."""

    code: str
    name: str
    projects: list[dict[str, Any]] = field(default_factory=list)
    not_named: dict[str, int] = field(default_factory=dict)

    def unnamed(self, *, exact: bool) -> str:
        """How many more there are, in words; a small number is not told in public."""
        count = sum(self.not_named.values())
        if not count:
            return ""
        if not exact and count < FEWEST:
            return str(_("A few more are not shown by their sides."))
        return ngettext(
            "%(num)d more is not shown by its sides.", "%(num)d more are not shown by their sides.", count
        )


def areas(records: Sequence[Record], actor: Actor, lang: str) -> list[Area]:
    """Each focus area with its partnerships, in the order of the framework; areas without any stay, empty."""
    found = {term.code: Area(term.code, term.name(lang)) for term in terms("ascf_area") if term.is_offered}
    wanted = {
        outcome.id: record for record in records for outcome in record.outcomes if outcome.state in STATUS_OF
    }
    visible = {
        one.id: one for one in db.session.scalars(queries.visible(actor).where(Partnership.id.in_(wanted)))
    }
    for partnership_id, record in wanted.items():
        outcome = next(one for one in record.outcomes if one.id == partnership_id)
        status = STATUS_OF[outcome.state]
        for code in sorted(record.terms["ascf_area"] & found.keys()):
            area = found[code]
            partnership = visible.get(partnership_id)
            if partnership is None:
                area.not_named[status] = area.not_named.get(status, 0) + 1
            else:
                area.projects.append(_project(partnership, status, lang))
    for area in found.values():
        area.projects.sort(key=lambda one: (one["place"], one["partnership"].number))
    return list(found.values())


def _project(partnership: Partnership, status: str, lang: str) -> dict[str, Any]:
    text = " ".join(partnership.result.replace("*", "").replace("_", " ").split())
    return {
        **sheets.line(partnership, lang),
        "status": status,
        "result": text if len(text) <= SHORT else text[:SHORT].rsplit(" ", 1)[0] + " …",
        "result_lang": partnership.result_lang,
    }


def observations(
    records: Sequence[Record],
    answers: Sequence[Answer],
    capabilities: dict[str, int],
    lang: str,
    *,
    exact: bool,
) -> list[str]:
    """What the figures say, in sentences; nothing of small numbers in public."""
    found = []
    steps = {step.step: step for step in figures.funnel(records)}
    introduced = steps["introduced"]
    if exact or introduced.count >= FEWEST:
        found.append(
            _(
                "%(introduced)s of %(published)s published needs were introduced to a company at least once.",
                introduced=numberfmt(introduced.count),
                published=numberfmt(steps["published"].count),
            )
        )
    lacking = [row for row in figures.supply_and_demand(records, capabilities) if row[1] > row[2]]
    if lacking:
        found.append(
            _(
                "Capabilities are scarce in: %(sectors)s.",
                sectors=", ".join(words.value_name("sector", code, lang) for code, _n, _c in lacking[:4]),
            )
        )
    found += [
        _(
            "%(side)s say no most often for: %(reason)s.",
            side=words.SIDES[side.side],
            reason=words.decline_name(side.reasons[0][0]),
        )
        for side in figures.acceptance(answers, records)
        if side.reasons and side.reasons[0][1] >= (1 if exact else FEWEST)
    ]
    part = figures.part_of_small_cities(records)
    if part is not None and (exact or introduced.count >= FEWEST):
        found.append(
            _(
                "%(part)s %% of the introduced needs whose city's size is known come from cities below 500,000 "
                "people.",
                part=numberfmt(100 * part, 0),
            )
        )
    return found
