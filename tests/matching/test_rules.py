"""Every rule in every state."""

from __future__ import annotations

from typing import Any

import pytest

from ppp_match.matching import Capability, Need
from ppp_match.matching.rules import RULES, blocked, check


def state(rule: str, need: dict[str, Any], capability: dict[str, Any]) -> tuple[str, str]:
    results = check(Need(id="n", text="", **need), Capability(id="c", text="", **capability))
    assert tuple(result.rule for result in results) == RULES
    found = results[RULES.index(rule)]
    assert found.sentence.endswith(".")
    return found.state, found.code


@pytest.mark.parametrize(
    ("rule", "need", "capability", "expected"),
    [
        ("country", {"country": "VN"}, {"countries_served": ("VN",)}, ("yes", "country_served")),
        ("country", {"country": "VN"}, {"countries_served": ("ASEAN",)}, ("yes", "country_served")),
        ("country", {"country": "VN"}, {"countries_served": ("LA",)}, ("no", "country_not_served")),
        ("country", {"country": "VN"}, {}, ("unknown", "countries_not_stated")),
        ("country", {"country": "VN"}, {"home_country": "VN"}, ("yes", "country_home")),
        ("country", {}, {"countries_served": ("LA",)}, ("unknown", "country_not_stated")),
        ("budget", {"budget_max_usd": 10.0}, {"min_project_usd": 20.0}, ("no", "budget_below_minimum")),
        ("budget", {"budget_min_usd": 30.0}, {"max_project_usd": 20.0}, ("no", "budget_above_maximum")),
        (
            "budget",
            {"budget_min_usd": 5.0, "budget_max_usd": 30.0},
            {"min_project_usd": 30.0},
            ("yes", "budget_fits"),
        ),
        ("budget", {}, {"min_project_usd": 30.0}, ("unknown", "budget_not_stated")),
        (
            "contract_form",
            {"contract_forms": ("bot",)},
            {"contract_forms": ("BOT",)},
            ("yes", "contract_form_shared"),
        ),
        (
            "contract_form",
            {"contract_forms": ("BOT",)},
            {"contract_forms": ("BT",)},
            ("no", "contract_form_differs"),
        ),
        ("contract_form", {"contract_forms": ("BOT",)}, {}, ("unknown", "contract_form_not_stated")),
        ("language", {"languages": ("vi-VN",)}, {"languages": ("vi", "en")}, ("yes", "language_shared")),
        ("language", {"languages": ("vi",)}, {"languages": ("en",)}, ("no", "language_differs")),
        ("language", {}, {"languages": ("en",)}, ("unknown", "language_not_stated")),
        ("affiliation", {"organisation": "o"}, {"organisation": "o"}, ("no", "affiliation_same")),
        (
            "affiliation",
            {"organisation": "o", "affiliated": ("p",)},
            {"organisation": "p"},
            ("no", "affiliation_related"),
        ),
        (
            "affiliation",
            {"organisation": "o"},
            {"organisation": "p", "affiliated": ("o",)},
            ("no", "affiliation_related"),
        ),
        ("affiliation", {"organisation": "o"}, {"organisation": "p"}, ("yes", "affiliation_none")),
        ("affiliation", {}, {"organisation": "p"}, ("unknown", "affiliation_not_stated")),
        ("capacity", {}, {"at_capacity": True}, ("no", "capacity_full")),
        ("capacity", {}, {"at_capacity": False}, ("yes", "capacity_free")),
        ("capacity", {}, {}, ("unknown", "capacity_not_stated")),
    ],
)
def test_rule(rule: str, need: dict[str, Any], capability: dict[str, Any], expected: tuple[str, str]) -> None:
    assert state(rule, need, capability) == expected


def test_blocked_names_the_rules_that_say_no() -> None:
    need = Need(id="n", text="", country="VN", organisation="o")
    assert blocked(need, Capability(id="c", text="", countries_served=("LA",), organisation="o")) == (
        "country",
        "affiliation",
    )
