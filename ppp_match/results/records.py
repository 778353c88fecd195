"""One record a need that was ever published, with the days on which it reached each step: what all figures are counted
from.

What lives here: reading the database, in a constant number of statements. What does not: counting (`figures.py`), hiding
small numbers (`suppression.py`), words. A need of an organisation that the forum hides counts no more.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from ppp_match.accounts.models import City, Organisation
from ppp_match.db import db
from ppp_match.introductions.models import Introduction, Offer, OfferAnswer
from ppp_match.listings.models import Listing, Revision, RevisionTerm
from ppp_match.money import rates_by_day, usd_on
from ppp_match.partnerships.models import Partnership, Statement, Step
from ppp_match.partnerships.standing import facts_of
from ppp_match.recommendations.models import Match

SMALL_CITY = Decimal("0.5")  # million people: below it a city counts as small or medium-sized
STEPS = ("published", "suggested", "offered", "introduced", "talks", "agreed", "delivered")
# What a partnership's state means for the funnel.
TALKS = ("in_talks", "pilot", "agreed", "delivered")
AGREED = ("pilot", "agreed", "delivered")
TERMS = ("sector", "ascf_area", "outcome_area", "sdg")
FIRST_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Value:
    """An amount of money that counts: its status, how sure it is, US dollars at the rate of its day."""

    status: str
    standing: str
    usd: Decimal


@dataclass
class Outcome:
    """An introduced pair: its partnership's state, reason for an end, days of its steps, what it is worth."""

    id: uuid.UUID
    state: str
    exit_reason: str | None
    pair: str  # languages of the two texts, "vi-en"
    abroad: bool  # the company is at home in another country
    small_company: bool
    reached: dict[str, date] = field(default_factory=dict)  # state: first day
    values: list[Value] = field(default_factory=list)


@dataclass
class Record:
    """A need: where it is from, what it is about, and the first day on which it reached each step."""

    id: uuid.UUID
    country: str
    size: str  # small, large, unknown
    year: int
    terms: dict[str, frozenset[str]]
    reached: dict[str, date]
    outcomes: list[Outcome] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What one side said to one offer."""

    need_id: uuid.UUID
    side: str
    accepted: bool
    reason: str


def city_size(population: str) -> str:
    """small (below half a million), large or unknown, from what the register of cities says: "~0.25 m" and the like."""
    found = FIRST_NUMBER.search(population or "")
    if found is None:
        return "unknown"
    return "small" if Decimal(found.group()) < SMALL_CITY else "large"


def read_records() -> tuple[list[Record], list[Answer], dict[str, int]]:
    """Every need that was ever published, the answers to its offers, and how many capabilities are published in each
    sector (one may have several)."""
    terms, capabilities = _terms()
    records = _needs(terms)
    _first_suggestions(records)
    answers = _offers(records)
    _outcomes(records)
    return list(records.values()), answers, capabilities


Terms = dict[uuid.UUID, dict[str, set[str]]]  # of a text, by vocabulary; sectors without their sub-sectors


def _terms() -> tuple[Terms, dict[str, int]]:
    """What the needs' texts say, and the published capabilities by sector."""
    terms: Terms = defaultdict(lambda: defaultdict(set))
    capabilities: dict[str, set[uuid.UUID]] = defaultdict(set)
    rows = db.session.execute(
        select(
            Listing.kind, Listing.state, RevisionTerm.revision_id, RevisionTerm.vocabulary, RevisionTerm.code
        )
        .join(RevisionTerm, RevisionTerm.revision_id == Listing.live_revision_id)
        .where(RevisionTerm.vocabulary.in_(TERMS), Listing.not_suspended())
    )
    for kind, state, revision_id, vocabulary, full in rows:
        code = full.partition(".")[0] if vocabulary == "sector" else full
        if kind == "need":
            terms[revision_id][vocabulary].add(code)
        elif state == "published" and vocabulary == "sector":
            capabilities[code].add(revision_id)
    return terms, {code: len(texts) for code, texts in capabilities.items()}


def _needs(terms: Terms) -> dict[uuid.UUID, Record]:
    rows = db.session.execute(
        select(
            Listing.id,
            Listing.published_at,
            Organisation.country,
            City.population_order,
            Listing.live_revision_id,
        )
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .outerjoin(Revision, Revision.id == Listing.live_revision_id)
        .outerjoin(City, City.id == func.coalesce(Revision.city_id, Organisation.city_id))
        .where(Listing.kind == "need", Listing.published_at.is_not(None), Listing.not_suspended())
    ).all()
    return {
        row.id: Record(
            id=row.id,
            country=row.country,
            size=city_size(row.population_order),
            year=row.published_at.year,
            terms={name: frozenset(terms[row.live_revision_id][name]) for name in TERMS},
            reached={"published": row.published_at.date()},
        )
        for row in rows
    }


def _reach(record: Record, step: str, day: date) -> None:
    record.reached[step] = min(record.reached.get(step, day), day)


def _first_suggestions(records: dict[uuid.UUID, Record]) -> None:
    for need_id, at in db.session.execute(
        select(Match.need_id, func.min(Match.created_at))
        .where(Match.blocked.is_(False), Match.is_recommended())
        .group_by(Match.need_id)
    ):
        if need_id in records:
            _reach(records[need_id], "suggested", _day(at))


def _day(at: Any) -> date:
    """The day of a moment; SQLite gives the smallest of a column as text."""
    return (datetime.fromisoformat(at) if isinstance(at, str) else at).date()


def _offers(records: dict[uuid.UUID, Record]) -> list[Answer]:
    answers = []
    for need_id, at, side, accepted, reason in db.session.execute(
        select(
            Match.need_id,
            Offer.created_at,
            OfferAnswer.side,
            OfferAnswer.accepted,
            OfferAnswer.reason_code,
        )
        .join(Offer, Offer.match_id == Match.id)
        .outerjoin(OfferAnswer, OfferAnswer.offer_id == Offer.id)
    ):
        if need_id not in records:
            continue
        _reach(records[need_id], "offered", at.date())
        _reach(records[need_id], "suggested", at.date())  # a pair added by hand was never suggested
        if side is not None:
            answers.append(Answer(need_id, side, accepted, reason or ""))
    return answers


def _outcomes(records: dict[uuid.UUID, Record]) -> None:
    need, capability = aliased(Listing), aliased(Listing)
    need_text, capability_text = aliased(Revision), aliased(Revision)
    city, company = aliased(Organisation), aliased(Organisation)
    rows = db.session.execute(
        select(
            Match.need_id,
            Introduction.created_at,
            Partnership.id,
            Partnership.state,
            Partnership.exit_reason,
            need_text.lang.label("need_lang"),
            capability_text.lang.label("capability_lang"),
            city.country.label("home"),
            company.country.label("country"),
            company.size_band,
        )
        .join(Introduction, Introduction.match_id == Match.id)
        .join(Partnership, Partnership.introduction_id == Introduction.id)
        .join(need, need.id == Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .outerjoin(need_text, need_text.id == need.live_revision_id)
        .outerjoin(capability_text, capability_text.id == capability.live_revision_id)
        .join(city, city.id == need.organisation_id)
        .join(company, company.id == capability.organisation_id)
    ).all()
    found: dict[uuid.UUID, tuple[Record, Outcome]] = {}
    for row in rows:
        record = records.get(row.need_id)
        if record is None:
            continue
        outcome = Outcome(
            id=row.id,
            state=row.state,
            exit_reason=row.exit_reason,
            pair=f"{row.need_lang or '?'}-{row.capability_lang or '?'}",
            abroad=row.home != row.country,
            small_company=row.size_band in ("micro", "small", "medium"),
            reached={"introduced": row.created_at.date()},
        )
        record.outcomes.append(outcome)
        _reach(record, "introduced", row.created_at.date())
        found[row.id] = (record, outcome)
    _steps(found)
    _values(found)


def _steps(found: dict[uuid.UUID, tuple[Record, Outcome]]) -> None:
    """The days of each course; a record reaches a step where one of its pairs does and still stands."""
    for partnership_id, state, on in db.session.execute(
        select(Step.partnership_id, Step.state, Step.on).order_by(Step.at, Step.position)
    ):
        if partnership_id in found:
            found[partnership_id][1].reached.setdefault(state, on)
    for record, outcome in found.values():
        for step, states in (("talks", TALKS), ("agreed", AGREED), ("delivered", ("delivered",))):
            days = [outcome.reached[state] for state in states if state in outcome.reached]
            stands = step == "talks" or outcome.state in states
            if days and stands:
                _reach(record, step, min(days))


def _values(found: dict[uuid.UUID, tuple[Record, Outcome]]) -> None:
    said: dict[uuid.UUID, list[Statement]] = defaultdict(list)
    for one in db.session.scalars(
        select(Statement).where(Statement.replaced_at.is_(None), Statement.key.startswith("value:"))
    ):
        said[one.partnership_id].append(one)
    rates = rates_by_day({one.currency for many in said.values() for one in many if one.currency})
    for partnership_id, statements in said.items():
        if partnership_id not in found:
            continue
        for key, fact in facts_of(statements).items():
            if fact.standing == "differs" or fact.amount is None or not fact.currency:
                continue  # what the two sides state differently counts for nothing until it is settled
            usd, _rate_day = usd_on(fact.amount, fact.currency, fact.on, rates)
            if usd is not None:
                found[partnership_id][1].values.append(Value(key.partition(":")[2], fact.standing, usd))


def outcomes_of(records: Iterable[Record]) -> list[Outcome]:
    return [outcome for record in records for outcome in record.outcomes]
