"""Amounts compared in US dollars at the newest dated rate. For comparing only: a deal keeps its own currency."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from ppp_match.accounts.models import ExchangeRate
from ppp_match.db import db


def to_usd(amount: Decimal | None, currency: str | None) -> tuple[Decimal | None, date | None]:
    """The amount in US dollars, rounded to cents, and the day of the rate; (None, None) without amount or rate."""
    if amount is None or not currency:
        return None, None
    rate = db.session.scalars(
        select(ExchangeRate)
        .where(ExchangeRate.currency == currency)
        .order_by(ExchangeRate.as_of.desc())
        .limit(1)
    ).first()
    if rate is None:
        return (Decimal(amount), None) if currency == "USD" else (None, None)
    return (Decimal(amount) / Decimal(str(rate.units_per_usd))).quantize(Decimal("0.01")), rate.as_of


def newest_rates(currencies: Collection[str]) -> dict[str, tuple[Decimal, date]]:
    """{currency: (units for one US dollar, day of that rate)}, in one query; a currency without a rate is left out."""
    rows = db.session.scalars(
        select(ExchangeRate).where(ExchangeRate.currency.in_(list(currencies))).order_by(ExchangeRate.as_of)
    )
    return {row.currency: (Decimal(str(row.units_per_usd)), row.as_of) for row in rows}


def rates_by_day(currencies: Collection[str]) -> dict[str, list[tuple[date, Decimal]]]:
    """{currency: [(day of a rate, units for one US dollar), oldest first]}, in one query."""
    rows = db.session.scalars(
        select(ExchangeRate).where(ExchangeRate.currency.in_(list(currencies))).order_by(ExchangeRate.as_of)
    )
    found: dict[str, list[tuple[date, Decimal]]] = {}
    for row in rows:
        found.setdefault(row.currency, []).append((row.as_of, Decimal(str(row.units_per_usd))))
    return found


def usd_on(
    amount: Decimal, currency: str, on: date, rates: Mapping[str, Sequence[tuple[date, Decimal]]]
) -> tuple[Decimal | None, date | None]:
    """The amount in US dollars at the rate of that day, and the day of the rate: the newest one that was known by then,
    else the first known after it. (None, None) for a currency without a rate."""
    if currency == "USD":
        return Decimal(amount), on
    known = rates.get(currency, ())
    if not known:
        return None, None
    day, units = next((one for one in reversed(known) if one[0] <= on), known[0])
    return (Decimal(amount) / units).quantize(Decimal("0.01")), day
