"""What finds no answer: needs without supply, needs that nothing answers well, and sectors with unmet demand.

What lives here: lists for moderators to act on. What does not: who gets seen (`exposure_figures.py`), the page's words.

A need is unmet where no open candidate is left, and where every open candidate is unlikely to be a good answer and
nobody has chosen one; the second is what its own page says of it (`chances.py`). Pairs by lot answer nothing before a
moderator approves one.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select

from ppp_match.db import db
from ppp_match.listings.models import Listing, RevisionTerm
from ppp_match.matching.calibration import THRESHOLD, default_calibration
from ppp_match.recommendations.chances import CHOSEN, OPEN, nothing_good
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.queries import IN_REVIEW, in_order
from ppp_match.vocabularies import sectors


@dataclass(frozen=True)
class Unmet:
    """A published need that nothing answers: open candidates (all unlikely), how many a rule blocks, how many were
    turned down, the best score of an open one."""

    need: Listing
    open: int
    blocked: int
    turned_down: int
    best: float | None


@dataclass(frozen=True)
class Sector:
    """Supply and demand of one sector: published needs, those that nothing answers, published capabilities."""

    code: str
    needs: int
    unmet: int
    capabilities: int


class Demand:
    """The published needs that nothing answers, read once for a page."""

    def __init__(self) -> None:
        supply = db.session.execute(_supply()).all()
        unlikely = _all_unlikely([row for row in supply if row.open and not row.chosen])
        self._unmet = [row for row in supply if not row.open or row.id in unlikely]
        ids = {row.id for row in self._unmet}
        self._sectors: dict[uuid.UUID, set[str]] = {one: set() for one in ids}
        if ids:
            rows = db.session.execute(
                select(Listing.id, RevisionTerm.code)
                .join(RevisionTerm, RevisionTerm.revision_id == Listing.live_revision_id)
                .where(
                    Listing.kind == "need",
                    Listing.state == "published",
                    RevisionTerm.vocabulary == "sector",
                )
            )
            for need_id, code in rows:
                if need_id in ids:
                    self._sectors[need_id].add(code.split(".")[0])

    def unmet(self, sector: str | None = None, limit: int | None = None) -> tuple[list[Unmet], int]:
        """Those without any open candidate first, then the longest published; and how many there are.

        `sector` keeps those of one sector, its sub-sectors among them; `limit` says how many are given.
        """
        rows = [row for row in self._unmet if sector is None or sector in self._sectors[row.id]]
        rows.sort(key=lambda row: (bool(row.open), row.published_at, row.number))
        shown = rows[:limit]
        listings = {row.id: row for row in in_order([row.id for row in shown])}
        return [
            Unmet(listings[row.id], int(row.open), int(row.blocked), int(row.turned_down), row.best)
            for row in shown
            if row.id in listings
        ], len(rows)

    def sectors(self) -> list[Sector]:
        """Each sector (not sub-sector) with published needs: those with unmet ones first."""
        unmet = Counter(code for codes in self._sectors.values() for code in codes)
        codes = [sector.code for sector in sectors() if "." not in sector.code]
        columns: list[Any] = []
        for code in codes:
            within = or_(RevisionTerm.code == code, RevisionTerm.code.like(f"{code}.%"))
            columns += [
                func.count(func.distinct(case((and_(within, Listing.kind == kind), Listing.id))))
                for kind in ("need", "capability")
            ]
        row = db.session.execute(
            select(*(column.label(f"n{at}") for at, column in enumerate(columns)))
            .select_from(Listing)
            .join(RevisionTerm, RevisionTerm.revision_id == Listing.live_revision_id)
            .where(Listing.state == "published", Listing.not_suspended(), RevisionTerm.vocabulary == "sector")
        ).one()
        found = [
            Sector(code, int(row[2 * at]), unmet[code], int(row[2 * at + 1])) for at, code in enumerate(codes)
        ]
        return sorted(
            (one for one in found if one.needs),
            key=lambda one: (-one.unmet, one.capabilities / one.needs, one.code),
        )


def _supply() -> Any:
    """For each published need: its open candidates, the best of them, chosen ones, blocked ones, those turned down."""

    def pairs(condition: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    free = Match.blocked.is_(False)
    alive = Match.state.in_((*IN_REVIEW, "offered", "introduced")) & free
    return (
        select(
            Listing.id,
            Listing.published_at,
            Listing.number,
            pairs(alive).label("open"),
            pairs(Match.state.in_(CHOSEN) & free).label("chosen"),
            func.max(case((alive, Match.score))).label("best"),
            pairs(Match.blocked.is_(True)).label("blocked"),
            pairs(Match.state.in_(("rejected", "declined", "expired"))).label("turned_down"),
        )
        .select_from(Listing)
        .outerjoin(
            Match, and_(Match.need_id == Listing.id, Match.state != "withdrawn", Match.is_recommended())
        )
        .where(Listing.kind == "need", Listing.state == "published", Listing.not_suspended())
        .group_by(Listing.id, Listing.published_at, Listing.number)
    )


def _all_unlikely(rows: Sequence[Row[Any]]) -> Collection[uuid.UUID]:
    """Those of the needs whose every open candidate is unlikely to be a good answer.

    The score alone settles nearly all; explanations are read only where it leaves the matter open.
    """
    calibration = default_calibration()
    if calibration is None:
        return set()
    never, always = calibration.scores_around(THRESHOLD)
    unlikely = {row.id for row in rows if row.best < never}
    unsure = {row.id for row in rows if never <= row.best < always}
    if not unsure:
        return unlikely
    pairs: dict[uuid.UUID, list[tuple[str, bool, dict[str, Any]]]] = {one: [] for one in unsure}
    found = db.session.execute(
        select(Match.need_id, Match.state, Match.explanation)
        .join(Listing, Listing.id == Match.need_id)
        .where(
            Listing.state == "published",
            Match.state.in_(OPEN),
            Match.blocked.is_(False),
            Match.is_recommended(),
            Match.score >= never,
            Match.score < always,
        )
    )
    for need_id, state, explanation in found:
        if need_id in pairs:
            pairs[need_id].append((state, False, explanation))
    needs = {need.id: need for need in in_order(list(unsure))}
    return unlikely | {
        one for one, stored in pairs.items() if one in needs and nothing_good(needs[one], stored)
    }
