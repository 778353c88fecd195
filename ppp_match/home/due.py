"""A due date in words: the day, the working days left in the country of the reader's office, holidays in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from ppp_match.formats import datefmt
from ppp_match.working_days import holidays_between, working_days_left

SOON = 3  # working days


@dataclass(frozen=True)
class Due:
    """`words` for the chip, its look, and a sentence about holidays before the day (empty if there are none)."""

    day: date
    words: str
    look: str
    holidays: str


def due_on(day: date, country: str, *, today: date) -> Due:
    """The due date as somebody in an office of that country reads it."""
    left = working_days_left(day, country, today=today)
    if day < today:
        words, look = _("was due on %(day)s", day=datefmt(day)), "son"
    elif day == today:
        words, look = _("due today"), "nghe"
    else:
        days = ngettext("%(num)d working day left", "%(num)d working days left", left)
        words, look = _("due %(day)s, %(left)s", day=datefmt(day), left=days), "nghe" if left <= SOON else ""
    return Due(day, words, look, _closed_before(day, country, today) if day > today else "")


def _closed_before(day: date, country: str, today: date) -> str:
    lang = "en" if str(get_locale() or "vi").startswith("en") else "vi"
    free = holidays_between(today, day, country, lang)
    if not free:
        return ""
    name = free[0][1].split(";")[0]
    if len(free) == 1:
        return _("Offices are closed on %(day)s (%(name)s).", day=datefmt(free[0][0]), name=name)
    return ngettext(
        "Offices are closed on %(num)d day in between, from %(day)s (%(name)s).",
        "Offices are closed on %(num)d days in between, from %(day)s (%(name)s).",
        len(free),
        day=datefmt(free[0][0]),
        name=name,
    )
