"""For how long a verification holds, when its owners are reminded, and how long published texts stay after its end."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta

from ppp_match.extensions import settings_now

REMIND_DAYS = (60, 30, 7)
RENEW_FROM = timedelta(days=90)  # before the end
LEFT_RECENTLY = timedelta(days=730)  # who left an organisation does not check it for so long


def end_of_term(begin: datetime) -> datetime:
    """`verification_months` later, on the same day of the month or its last one."""
    months = begin.month - 1 + settings_now().verification_months
    year, month = begin.year + months // 12, months % 12 + 1
    return begin.replace(year=year, month=month, day=min(begin.day, monthrange(year, month)[1]))


def grace() -> timedelta:
    return timedelta(days=settings_now().verification_grace_days)


def grace_days() -> int:
    return settings_now().verification_grace_days


def months() -> int:
    return settings_now().verification_months
