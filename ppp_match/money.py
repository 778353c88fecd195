"""Amounts compared in US dollars at the newest dated rate. For comparing only: a deal keeps its own currency."""

from __future__ import annotations

from collections.abc import Collection
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
