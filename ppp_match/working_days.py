"""Working days of a country: weekends and public holidays left out, Tết and other moving feasts included.

What lives here: counting days. Where the dates of holidays come from: the `holidays` package, which knows every
country of the forum; for a country it does not know, and beyond the years it knows, only weekends are left out.
Whose deadline runs in which country is decided by who asks.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY_AND_SUNDAY = frozenset({5, 6})
WORDS = {"vi": ("vi", "en_US"), "en": ("en_US",)}  # languages to ask for the names of holidays, in this order


@lru_cache(maxsize=512)
def _days_off(country: str, year: int, lang: str) -> tuple[dict[date, str], frozenset[int]]:
    """({holiday: its name}, weekdays of rest with Monday as 0) of a country and year."""
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        return {}, SATURDAY_AND_SUNDAY
    speaks = holidays.list_localized_countries(include_aliases=False).get(country, [])
    language = next((one for one in WORDS[lang] if one in speaks), None)
    found = holidays.country_holidays(country, years=year, language=language)
    return dict(found.items()), frozenset(found.weekend)


def is_working_day(day: date, country: str) -> bool:
    """Whether offices of the country (ISO 3166-1 alpha-2) are open that day."""
    free, rest = _days_off(country, day.year, "en")
    return day not in free and day.weekday() not in rest


def add_working_days(start: date, days: int, country: str) -> date:
    """The working day that comes `days` working days after `start`, which itself does not count.

    With 0 days: `start`, or the next working day. Raises ValueError for a negative number.
    """
    if days < 0:
        raise ValueError("working days are counted forward only")
    day = start
    while days == 0 and not is_working_day(day, country):
        day += timedelta(days=1)
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, country)
    return day


def working_days_left(until: date, country: str, *, today: date) -> int:
    """Working days after `today` up to and with `until`; 0 on the day itself, negative once it has passed."""
    if until < today:
        return -working_days_left(today, country, today=until)
    return sum(is_working_day(today + timedelta(days=n), country) for n in range(1, (until - today).days + 1))


def holidays_between(start: date, end: date, country: str, lang: str) -> list[tuple[date, str]]:
    """(day, name) of the holidays from `start` to `end` that fall on what would be working days."""
    found = []
    for year in range(start.year, end.year + 1):
        free, rest = _days_off(country, year, lang)
        found += [
            (day, name) for day, name in free.items() if start <= day <= end and day.weekday() not in rest
        ]
    return sorted(found)
