"""What states, reasons, standings, figures and risks of partnerships are called on pages, in files and in mails."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ppp_match.partnerships.models_plan import Indicator
from ppp_match.vocabularies import term_name

STATES: dict[str, Any] = {
    "introduced": _l("Introduced"),
    "meeting": _l("Meeting"),
    "in_talks": _l("In talks"),
    "pilot": _l("Pilot running"),
    "agreed": _l("Agreed"),
    "delivered": _l("Delivered"),
    "no_agreement": _l("No agreement"),
    "lapsed": _l("Gone quiet"),
}
# icon and colour of the chip
LOOKS = {
    "introduced": ("pair", ""),
    "meeting": ("cal", "cham"),
    "in_talks": ("talk", "cham"),
    "pilot": ("star", "la"),
    "agreed": ("check", "la"),
    "delivered": ("check", "la"),
    "no_agreement": ("cross", ""),
    "lapsed": ("clock", "nghe"),
}
WHAT_A_STATE_MEANS: dict[str, Any] = {
    "introduced": _l("You know of each other; nothing else has happened yet."),
    "meeting": _l("You have met, or agreed on a day."),
    "in_talks": _l("You talk about doing something together."),
    "pilot": _l("Something is being tried out on site."),
    "agreed": _l("There is a contract, or another agreement in writing."),
    "delivered": _l("What was agreed is in use."),
    "no_agreement": _l("You have ended it; the forum asks why and learns from it."),
}
EXITS: dict[str, Any] = {
    "no_budget": _l("No budget or funding"),
    "scope_differs": _l("What is needed and what is offered differ"),
    "terms_differ": _l("Terms or price"),
    "approval_missing": _l("No approval was given"),
    "other_way": _l("The need was met in another way"),
    "capacity": _l("No capacity on one side"),
    "trust": _l("References or evidence did not convince"),
    "no_answer": _l("The other side did not answer"),
    "other": _l("Another reason"),
}
STANDINGS: dict[str, Any] = {
    "declared": _l("Declared by one side"),
    "confirmed": _l("Confirmed"),
    "verified": _l("Verified"),
    "differs": _l("Differs"),
}
STANDING_LOOKS = {
    "declared": ("pen", "wait"),
    "confirmed": ("pair", "cham"),
    "verified": ("check", "la"),
    "differs": ("warn", "son"),
}
WHAT_A_STANDING_MEANS: dict[str, Any] = {
    "declared": _l("one side says so"),
    "confirmed": _l("both sides say the same"),
    "verified": _l("the forum has seen evidence"),
    "differs": _l("the two sides say different things; a moderator looks at it"),
}
VALUES: dict[str, Any] = {
    "planned": _l("Planned"),
    "committed": _l("Committed"),
    "actual": _l("Actual"),
}
FACTS: dict[str, Any] = {
    "stage": _l("Project stage"),
    "contract_form": _l("Contract form"),
    "legal_basis": _l("Legal basis"),
    "signed_on": _l("Signed on"),
    "starts_on": _l("Begins on"),
    "ends_on": _l("Ends on"),
}
TOTAL = "total"
RISKS: dict[str, Any] = {
    "land": _l("Land and resettlement"),
    "permits": _l("Permits"),
    "design": _l("Design and construction"),
    "demand": _l("Demand and revenue"),
    "tariff": _l("Change of tariffs"),
    "technology": _l("Technology becomes obsolete"),
    "data": _l("Data, privacy, cyber security"),
    "lock_in": _l("Interoperability, lock-in to one supplier"),
    "performance": _l("Performance in operation"),
    "rates": _l("Interest and exchange rates"),
    "inflation": _l("Inflation"),
    "law": _l("Change in law"),
    "force_majeure": _l("Force majeure"),
    "social": _l("Environmental and social effects"),
    "termination": _l("Early termination"),
    "hand_back": _l("Condition at hand-back"),
    "other": _l("Another risk"),
}
HOLDERS: dict[str, Any] = {
    "public": _l("Public side"),
    "private": _l("Private side"),
    "shared": _l("Shared"),
}
RISK_STATES: dict[str, Any] = {
    "watched": _l("Watched"),
    "occurred": _l("Has occurred"),
    "over": _l("Over"),
}
MILESTONE_STATES: dict[str, Any] = {
    "planned": _l("Planned"),
    "at_risk": _l("At risk"),
    "done": _l("Done"),
    "dropped": _l("Dropped"),
}
DIRECTIONS: dict[str, Any] = {"up": _l("Higher is better"), "down": _l("Lower is better")}
SIDES: dict[str, Any] = {"need": _l("Public side"), "capability": _l("Company")}


def group_name(code: str, lang: str) -> str:
    """What a group of beneficiaries is called."""
    return str(_("All people served")) if code == TOTAL else term_name("beneficiary_group", code, lang)


def state_said(text: str) -> str:
    """A statement about the course in words: "no_agreement: no_budget" and the like."""
    state, _colon, reason = text.partition(": ")
    words = str(STATES.get(state, state))
    return f"{words}: {EXITS.get(reason, reason)}" if reason else words


def key_name(key: str, lang: str, indicators: dict[str, Indicator]) -> str:
    """What a statement speaks of, in words."""
    kind, _colon, rest = key.partition(":")
    if kind == "state":
        return str(_("How it stands"))
    if kind == "fact":
        return str(FACTS.get(rest, rest))
    if kind == "value":
        return str(_("Money: %(status)s", status=VALUES.get(rest, rest)))
    if kind == "beneficiaries":
        return group_name(rest, lang)
    indicator = indicators.get(rest.partition(":")[0])
    return indicator.title(lang) if indicator else str(_("A measured value"))
