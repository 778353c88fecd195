"""How many published listings there are, and how many each value of a filter would leave.

What lives here: the conditions of the filters, and the numbers beside them. The rows themselves come from
`queries.py`. All numbers of a list come from one statement, and are kept until something published changes
(`store.newest_change`): at ten thousand listings they cost more than everything else on the page.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from ppp_match.accounts.models import City, Organisation
from ppp_match.db import db
from ppp_match.listings.fields import carrying, least_in_second
from ppp_match.listings.filters import BUDGET_BANDS, FACETS, Filters
from ppp_match.listings.models import Listing, Revision, RevisionTerm, RevisionText
from ppp_match.search.store import newest_change
from ppp_match.vocabularies import Sector

KEPT = 512  # combinations of filters whose numbers a process remembers


@dataclass(frozen=True)
class Counted:
    """The numbers of a list.

    `total` rows under all filters; `facets` {facet: {value: rows it would leave}}, every other filter in force;
    `open_now` published listings of the kind, `holders` the cities that posted openly, or the companies.
    """

    total: int
    facets: dict[str, dict[str, int]]
    open_now: int
    holders: int


def count(filters: Filters, ids: list[uuid.UUID] | None) -> Counted:
    """The numbers for these filters; `ids`: what a search found, None without a search."""
    version = newest_change()
    ask = (
        _kept if version[0] else _kept.__wrapped__
    )  # a forum without any change has no version to keep them by
    return ask(
        filters.kind,
        tuple(sorted(filters.chosen.items())),
        filters.sme,
        filters.closed,
        tuple(ids) if ids is not None else None,
        version,
    )


@lru_cache(maxsize=KEPT)
def _kept(
    kind: str,
    chosen: tuple[tuple[str, tuple[str, ...]], ...],
    sme: bool,
    closed: bool,
    ids: tuple[uuid.UUID, ...] | None,
    _version: tuple[int, str],
) -> Counted:
    filters = Filters(kind=kind, chosen=dict(chosen), sme=sme, closed=closed)
    found = list(ids) if ids is not None else None
    rows = db.session.execute(union_all(*_questions(filters, found))).all()
    facets: dict[str, dict[str, int]] = {facet: {} for facet in FACETS[kind]}
    numbers: dict[str, int] = {}
    for about, value, number in rows:
        if about in facets:
            if value and number:
                facets[about][value] = number
        else:
            numbers[about] = number or 0
    return Counted(numbers["total"], facets, numbers["open_now"], numbers["holders"])


def _questions(filters: Filters, ids: list[uuid.UUID] | None) -> list[Select[Any]]:
    """Each answers rows (about what, value, number)."""
    rows = func.count(Listing.id)
    kind = filters.kind
    held = (
        case((Revision.anonymous.is_(False), Revision.city_id)) if kind == "need" else Listing.organisation_id
    )
    everything = published(kind)
    asked = [
        _row(filtered(filters, ids), "total", None, rows),
        _row(everything, "open_now", None, rows),
        _row(everything, "holders", None, func.count(func.distinct(held))),
    ]
    for facet in FACETS[kind]:
        asked += _facet(kind, facet, filtered(filters, ids, but=facet))
    return asked


def _row(base: Select[Any], about: str, value: Any, number: Any) -> Select[Any]:
    named = literal(None) if value is None else literal(value) if isinstance(value, str) else value
    return base.with_only_columns(literal(about).label("about"), named.label("value"), number.label("number"))


def _facet(kind: str, facet: str, base: Select[Any]) -> list[Select[Any]]:
    rows = func.count(Listing.id)
    if facet == "budget":
        return [_row(base.where(_in_band(name)), facet, name, rows) for name in BUDGET_BANDS]
    if facet == "country" and kind == "need":
        return [
            _row(base.join(City, City.id == Revision.city_id), facet, City.country, rows).group_by(
                City.country
            )
        ]
    if facet == "language":
        titled = base.join(RevisionText, and_(RevisionText.revision_id == Revision.id, _is_offered(kind)))
        return [_row(titled, facet, RevisionText.lang, rows).group_by(RevisionText.lang)]
    if facet in ("stage", "maturity"):
        column = getattr(Revision, facet)
        return [_row(base, facet, column, rows).group_by(column)]
    chosen = base.join(
        RevisionTerm, and_(RevisionTerm.revision_id == Revision.id, RevisionTerm.vocabulary == facet)
    )
    asked = [_row(chosen, facet, RevisionTerm.code, rows).group_by(RevisionTerm.code)]
    if facet == "sector":  # a listing counts once for a sector, however many of its sub-sectors it names
        below = chosen.join(Sector, Sector.code == RevisionTerm.code).where(Sector.parent.is_not(None))
        either = base.join(
            RevisionTerm, and_(RevisionTerm.revision_id == Revision.id, RevisionTerm.vocabulary == "sector")
        ).join(Sector, Sector.code == RevisionTerm.code)
        parent = func.coalesce(Sector.parent, Sector.code)
        asked = [
            _row(below, facet, RevisionTerm.code, rows).group_by(RevisionTerm.code),
            _row(either, facet, parent, func.count(func.distinct(Listing.id))).group_by(parent),
        ]
    return asked


# --- the filters as conditions -----------------------------------------------------------------------------------


def published(kind: str, closed: bool = False) -> Select[Any]:
    """Identifiers of the published (or closed) listings of a kind, joined with their live revision."""
    return (
        select(Listing.id)
        .join(Revision, Revision.id == Listing.live_revision_id)
        .where(
            Listing.kind == kind,
            Listing.state == ("closed" if closed else "published"),
            Listing.not_suspended(),
            Listing.merged_into_id.is_(None),  # what was merged is read in the listing that took it in
        )
    )


def filtered(filters: Filters, ids: list[uuid.UUID] | None, but: str = "") -> Select[Any]:
    """Identifiers of the listings that the filters leave; `but` names one filter that is not applied."""
    query = published(filters.kind, filters.closed)
    if ids is not None:
        query = query.where(Listing.id.in_(ids))
    for facet, values in filters.chosen.items():
        if facet != but:
            query = query.where(_condition(filters.kind, facet, values))
    if filters.sme and but != "sme":
        small = exists().where(Organisation.id == Listing.organisation_id, Organisation.size_band != "large")
        query = query.where(small.correlate(Listing))
    return query


def _has_term(vocabulary: str, *tests: ColumnElement[bool]) -> ColumnElement[bool]:
    rows = exists().where(
        RevisionTerm.revision_id == Revision.id, RevisionTerm.vocabulary == vocabulary, or_(*tests)
    )
    return rows.correlate(Revision)


def _condition(kind: str, facet: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    if facet == "sector":
        subs = [RevisionTerm.code.like(f"{v}.%") for v in values if "." not in v]
        return _has_term("sector", RevisionTerm.code.in_(values), *subs)
    if facet == "country" and kind == "need":
        return exists().where(City.id == Revision.city_id, City.country.in_(values)).correlate(Revision)
    if facet == "language":
        titles = exists().where(
            RevisionText.revision_id == Revision.id, RevisionText.lang.in_(values), _is_offered(kind)
        )
        return titles.correlate(Revision)
    if facet in ("stage", "maturity"):
        return getattr(Revision, facet).in_(values)  # type: ignore[no-any-return]
    if facet == "budget":
        return or_(*(_in_band(value) for value in values))
    return _has_term(facet, RevisionTerm.code.in_(values))


def _is_offered(kind: str) -> ColumnElement[bool]:
    """Whether a row of texts is the title in a language that readers are offered: `Revision.langs` as a condition."""
    others = []
    for needed in carrying(kind):
        text = aliased(RevisionText)
        there = exists().where(
            text.revision_id == RevisionText.revision_id,
            text.lang == RevisionText.lang,
            text.field == needed.name,
            func.length(text.text) >= least_in_second(needed),
        )
        others.append(there.correlate(RevisionText))
    return and_(RevisionText.field == "title", or_(RevisionText.lang == Revision.lang, and_(*others)))


def _in_band(name: str) -> ColumnElement[bool]:
    low, high = BUDGET_BANDS[name]
    largest = func.coalesce(Revision.amount_max_usd, Revision.amount_min_usd)
    smallest = func.coalesce(Revision.amount_min_usd, Revision.amount_max_usd)
    if low is None and high is None:
        return largest.is_(None)
    tests: list[ColumnElement[bool]] = [largest.is_not(None)]
    if low is not None:
        tests.append(largest >= low)
    if high is not None:
        tests.append(smallest < high)
    return and_(*tests)
