"""What the figures are called, and what they mean."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ppp_match.introductions.forms import REASONS
from ppp_match.vocabularies import sector_name, term_name

STEPS: dict[str, Any] = {
    "published": _l("Needs published"),
    "suggested": _l("With a suggestion"),
    "offered": _l("Both sides asked"),
    "introduced": _l("Introduced"),
    "talks": _l("In talks"),
    "agreed": _l("Pilot or agreement"),
    "delivered": _l("Delivered"),
}
DIMENSIONS: dict[str, Any] = {
    "country": _l("Country"),
    "size": _l("City size"),
    "sector": _l("Sector"),
    "ascf_area": _l("ASCF focus area"),
    "outcome_area": _l("Strategic outcome"),
    "sdg": _l("Sustainable development goal"),
    "pair": _l("Languages of the pair"),
    "year": _l("Year of publication"),
}
SIZES: dict[str, Any] = {
    "small": _l("Below 500,000 people"),
    "large": _l("500,000 people and more"),
    "unknown": _l("Not known"),
}
SIDES: dict[str, Any] = {"need": _l("Cities"), "capability": _l("Companies")}
VALUES: dict[str, Any] = {"planned": _l("Planned"), "committed": _l("Committed"), "actual": _l("Actual")}
LANGUAGES: dict[str, Any] = {"vi": _l("Vietnamese"), "en": _l("English")}
STATUS: dict[str, Any] = {
    "planning": _l("Planning"),
    "ongoing": _l("Ongoing"),
    "completed": _l("Completed"),
}
DEFINITIONS: dict[str, Any] = {
    "funnel": _l(
        "A need counts in each step that it reached at least once. “Pilot or agreement” and “Delivered” follow what both "
        "sides report. Days are the median of the needs that reached the step and the one before."
    ),
    "acceptance": _l(
        "Answers to offers, not offers: an offer has up to two. The reasons are those of the side that said no."
    ),
    "value": _l(
        "What a pair reports, in US dollars at the rate of the day of the amount. Planned, committed and actual are "
        "never added together; what the two sides state differently counts for nothing until it is settled."
    ),
    "breakdown": _l(
        "A need with several sectors, areas or goals counts in each of them, so the rows do not add up."
    ),
    "months": _l(
        "Needs by the month of their publication, pairs by that of their introduction and of their first pilot or "
        "agreement."
    ),
    "supply": _l(
        "Published needs of all time beside the capabilities published now. One may belong to several sectors."
    ),
    "states": _l("Every introduced pair by where it stands now."),
    "exits": _l("What the sides gave as the reason when a pair ended without agreement."),
}


def value_name(dimension: str, key: str, lang: str) -> str:
    """What a value of a dimension is called."""
    if dimension == "country":
        return term_name("country", key, lang)
    if dimension == "size":
        return str(SIZES.get(key, key))
    if dimension == "sector":
        return sector_name(key, lang)
    if dimension == "pair":
        need, _dash, capability = key.partition("-")
        return str(
            _(
                "%(need)s need, %(capability)s capability",
                need=LANGUAGES.get(need, need.upper()),
                capability=LANGUAGES.get(capability, capability.upper()),
            )
        )
    if dimension == "year":
        return key
    return term_name(dimension, key, lang)


def decline_name(code: str) -> str:
    return str(REASONS.get(code, code))
