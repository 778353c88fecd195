"""Figures of who gets seen, for moderators to act on.

What lives here: one pass over vendors (suggested, asked, introduced), their groups, the Gini coefficients. What does
not: the cap and the kept places (`exposure.py`), what finds no answer (`demand.py`), the page's words.

Suggested counts lists: a vendor with three capabilities in one need's list is suggested once there. Pairs that a rule
blocks show nobody and are not counted, and neither are pairs by lot before a moderator approves them (`lots.py`).
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import aliased

from ppp_match.accounts.models import Organisation
from ppp_match.db import db, now
from ppp_match.listings.models import Listing
from ppp_match.matching.fairness import gini
from ppp_match.recommendations.grid import safe_cell
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.queries import ASKED

NEW_FOR = timedelta(days=90)  # a vendor counts as new so long after its first capability


@dataclass(frozen=True)
class Vendor:
    """One organisation with published capabilities: in how many lists it stood, was asked, was introduced."""

    id: uuid.UUID
    name_vi: str
    name_en: str
    country: str
    size_band: str
    is_new: bool
    suggested: int
    asked: int
    introduced: int

    def name(self, lang: str) -> str:
        return (self.name_vi if lang == "vi" else self.name_en) or self.name_en or self.name_vi


@dataclass(frozen=True)
class Group:
    """Vendors that share a size, a country or their newness, with their parts of all vendors and of all lists."""

    key: str
    vendors: int
    suggested: int
    asked: int
    introduced: int
    of_vendors: float
    of_suggested: float

    @property
    def seen_less(self) -> bool:
        """Whether their part of the lists is less than half of their part of the vendors."""
        return self.vendors >= 3 and self.of_suggested < self.of_vendors / 2


def vendors_since(since: datetime | None) -> list[Vendor]:
    """Every organisation with a published capability, the most suggested first; `since` counts later pairs only."""
    capability, every = aliased(Listing), aliased(Listing)
    counted: list[ColumnElement[bool]] = [Match.blocked.is_(False), Match.is_recommended()]
    if since is not None:
        counted.append(Match.created_at >= since)

    def lists(*more: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.count(func.distinct(case((and_(*counted, *more), Match.need_id))))

    first = (
        select(func.min(every.published_at))
        .where(every.organisation_id == Organisation.id, every.kind == "capability")
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Organisation.id,
            Organisation.name_vi,
            Organisation.name_en,
            Organisation.country,
            Organisation.size_band,
            first.label("first"),
            lists().label("suggested"),
            lists(Match.state.in_(ASKED)).label("asked"),
            lists(Match.state == "introduced").label("introduced"),
        )
        .join(
            capability, and_(capability.organisation_id == Organisation.id, capability.kind == "capability")
        )
        .outerjoin(Match, Match.capability_id == capability.id)
        .where(capability.state == "published")
        .group_by(Organisation.id)
    )
    young = now() - NEW_FOR
    found = [
        Vendor(
            row.id,
            row.name_vi,
            row.name_en,
            row.country,
            row.size_band or "",
            row.first is not None and row.first >= young,
            row.suggested,
            row.asked,
            row.introduced,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.suggested, -one.asked, one.name_en, str(one.id)))


def evenness(vendors: Sequence[Vendor]) -> dict[str, float]:
    """Gini coefficients of suggestions, questions and introductions over all vendors; 0 is perfectly even."""
    return {
        name: gini([getattr(one, name) for one in vendors]) for name in ("suggested", "asked", "introduced")
    }


def grouped(vendors: Sequence[Vendor], key: Callable[[Vendor], str]) -> list[Group]:
    """The vendors by what `key` says of each, the largest group first."""
    keys: dict[str, list[Vendor]] = {}
    for one in vendors:
        keys.setdefault(key(one), []).append(one)
    lists = sum(one.suggested for one in vendors)
    found = []
    for name, members in keys.items():
        suggested, asked, introduced = (
            sum(getattr(one, what) for one in members) for what in ("suggested", "asked", "introduced")
        )
        part = suggested / lists if lists else 0.0
        found.append(
            Group(name, len(members), suggested, asked, introduced, len(members) / len(vendors), part)
        )
    return sorted(found, key=lambda group: (-group.vendors, group.key))


def as_csv(vendors: Iterable[Vendor], heads: Sequence[str], lang: str) -> str:
    """The vendors as a table for a spreadsheet."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(heads)
    for one in vendors:
        cells = (
            one.name(lang),
            one.country,
            one.size_band,
            one.is_new,
            one.suggested,
            one.asked,
            one.introduced,
        )
        table.writerow([safe_cell(str(cell)) for cell in cells])
    return "\ufeff" + out.getvalue()
