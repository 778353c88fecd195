"""Hard rules between one need and one capability: yes, no or unknown, each with a sentence.

Here: `check`, the rules one by one, and `blocked`, their short form. A rule is no score: a pair with a "no"
ranks after all others and says why. Not here: sectors, stages and other soft evidence (score.py).
`sentence` is plain English; `code` and `params` let a page say the same in another language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .documents import Capability, Need
from .language import primary

__all__ = ["RULES", "RuleResult", "blocked", "check"]

RULES = ("country", "budget", "contract_form", "language", "affiliation", "capacity")
_EVERYWHERE = frozenset({"*", "WORLD", "GLOBAL", "001"})
_ASEAN = frozenset(["BN", "KH", "ID", "LA", "MY", "MM", "PH", "SG", "TH", "TL", "VN"])


@dataclass(frozen=True, slots=True)
class RuleResult:
    """`state` is "yes", "no" or "unknown"."""

    rule: str
    state: str
    code: str
    sentence: str
    params: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The form of an explanation's `rules`."""
        return {
            "rule": self.rule,
            "state": self.state,
            "code": self.code,
            "params": self.params,
            "sentence": self.sentence,
        }


def check(need: Need, capability: Capability) -> list[RuleResult]:
    """All rules in their order, whatever their state."""
    return [
        rule(need, capability) for rule in (_country, _budget, _contract, _language, _affiliation, _capacity)
    ]


def blocked(need: Need, capability: Capability) -> tuple[str, ...]:
    """The names of the rules that say no."""
    return tuple(result.rule for result in check(need, capability) if result.state == "no")


def _country(need: Need, capability: Capability) -> RuleResult:
    served = set(capability.countries_served)
    if "ASEAN" in served:
        served |= _ASEAN
    shown = sorted(capability.countries_served)
    if not need.country:
        return RuleResult("country", "unknown", "country_not_stated", "The need does not state its country.")
    if need.country in served or served & _EVERYWHERE:
        return RuleResult(
            "country", "yes", "country_served", f"Serves {need.country}.", {"country": need.country}
        )
    if not served:
        if capability.home_country == need.country:
            return RuleResult(
                "country", "yes", "country_home", f"Is at home in {need.country}.", {"country": need.country}
            )
        return RuleResult(
            "country",
            "unknown",
            "countries_not_stated",
            "The capability does not state the countries it serves.",
            {"country": need.country},
        )
    return RuleResult(
        "country",
        "no",
        "country_not_served",
        f"Serves {', '.join(shown)}, not {need.country}.",
        {"country": need.country, "served": shown},
    )


def _money(amount: float) -> str:
    return f"USD {amount:,.0f}"


def _budget(need: Need, capability: Capability) -> RuleResult:
    low, high = _ordered(need.budget_min_usd, need.budget_max_usd)
    smallest, largest = _ordered(capability.min_project_usd, capability.max_project_usd)
    params = {"minimum": smallest, "maximum": largest, "budget_minimum": low, "budget_maximum": high}
    if high is not None and smallest is not None and high < smallest:
        return RuleResult(
            "budget",
            "no",
            "budget_below_minimum",
            f"The budget ends at {_money(high)}, projects begin at {_money(smallest)}.",
            params,
        )
    if low is not None and largest is not None and low > largest:
        return RuleResult(
            "budget",
            "no",
            "budget_above_maximum",
            f"The budget begins at {_money(low)}, projects end at {_money(largest)}.",
            params,
        )
    if (low is None and high is None) or (smallest is None and largest is None):
        return RuleResult(
            "budget", "unknown", "budget_not_stated", "Budget or project size is not stated.", params
        )
    return RuleResult("budget", "yes", "budget_fits", "Budget and project size overlap.", params)


def _ordered(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    return (high, low) if low is not None and high is not None and low > high else (low, high)


def _contract(need: Need, capability: Capability) -> RuleResult:
    wanted, offered = list(need.contract_forms), list(capability.contract_forms)
    if not wanted or not offered:
        return RuleResult(
            "contract_form",
            "unknown",
            "contract_form_not_stated",
            "One side does not state its contract forms.",
            {"wanted": wanted, "offered": offered},
        )
    known = {form.casefold() for form in offered}
    shared = [form for form in wanted if form.casefold() in known]
    params = {"wanted": wanted, "offered": offered, "shared": shared}
    if shared:
        return RuleResult(
            "contract_form", "yes", "contract_form_shared", f"Both accept {', '.join(shared)}.", params
        )
    return RuleResult(
        "contract_form",
        "no",
        "contract_form_differs",
        f"The need considers {', '.join(wanted)}, the capability {', '.join(offered)}.",
        params,
    )


def _languages(tags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(code for code in map(primary, tags) if code))


def _language(need: Need, capability: Capability) -> RuleResult:
    wanted, spoken = _languages(need.languages), _languages(capability.languages)
    shared = [code for code in wanted if code in spoken]
    params = {"wanted": wanted, "spoken": spoken, "shared": shared}
    if not wanted or not spoken:
        return RuleResult(
            "language", "unknown", "language_not_stated", "Working languages are not stated.", params
        )
    if shared:
        return RuleResult("language", "yes", "language_shared", f"Both work in {', '.join(shared)}.", params)
    return RuleResult(
        "language",
        "no",
        "language_differs",
        f"The need works in {', '.join(wanted)}, the vendor in {', '.join(spoken)}.",
        params,
    )


def _affiliation(need: Need, capability: Capability) -> RuleResult:
    city, vendor = need.organisation, capability.organisation
    if not city or not vendor:
        return RuleResult(
            "affiliation", "unknown", "affiliation_not_stated", "The organisations are not known."
        )
    if city == vendor:
        return RuleResult("affiliation", "no", "affiliation_same", "Both belong to the same organisation.")
    if vendor in need.affiliated or city in capability.affiliated:
        return RuleResult("affiliation", "no", "affiliation_related", "The two organisations are related.")
    return RuleResult(
        "affiliation", "yes", "affiliation_none", "No declared relation between the two organisations."
    )


def _capacity(_need: Need, capability: Capability) -> RuleResult:
    if capability.at_capacity is None:
        return RuleResult("capacity", "unknown", "capacity_not_stated", "Free capacity is not stated.")
    if capability.at_capacity:
        return RuleResult("capacity", "no", "capacity_full", "The vendor takes no further project now.")
    return RuleResult("capacity", "yes", "capacity_free", "The vendor has free capacity.")
