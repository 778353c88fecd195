"""Until when an offer stands and when its reader is reminded: in the forum's zone, from the settings."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ppp_match.extensions import settings_now

FORUM_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
END_OF_DAY = time(23, 59, 59)


def end_of_offer(made_at: datetime) -> datetime:
    """The end of the forum's day, `offer_days` after an offer was made."""
    day = made_at.astimezone(FORUM_ZONE).date() + timedelta(days=settings_now().offer_days)
    return datetime.combine(day, END_OF_DAY, FORUM_ZONE).astimezone(UTC)


def reminded_if_ending_by(moment: datetime) -> datetime:
    """Offers that end by the returned moment are reminded of at `moment`: `reminder_days` ahead."""
    return moment + timedelta(days=settings_now().reminder_days)


def a_day_before(moment: datetime) -> datetime:
    return moment - timedelta(days=1)
