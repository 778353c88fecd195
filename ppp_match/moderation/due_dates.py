"""Until when something that waits since a moment should be answered, counted in working days of the forum.

`due_by` is the only place that knows which days count, those on which the forum's own office is open
(`working_days.py`, Tết and other holidays left out); everything else asks it.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ppp_match.working_days import add_working_days

FORUM_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
END_OF_DAY = time(23, 59, 59)
FORUM_COUNTRY = "VN"  # where the forum's office is


def due_by(start: datetime, days: int) -> datetime:
    """The end of the forum's day, `days` working days after `start`."""
    day = add_working_days(start.astimezone(FORUM_ZONE).date(), days, FORUM_COUNTRY)
    return datetime.combine(day, END_OF_DAY, FORUM_ZONE).astimezone(UTC)


def overdue_since(moment: datetime, days: int) -> datetime:
    """The first start that is not overdue at `moment`: whatever waits since before it is.

    Found by halving, so that it holds whatever `due_by` counts, as long as later starts are never due earlier.
    """
    early, late = moment - timedelta(days=3 * days + 60), moment
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if due_by(middle, days) < moment:
            early = middle
        else:
            late = middle
    return late
