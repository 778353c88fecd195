"""How ready a need is to meet partners: twelve questions (domain reference D6), shown to its own unit and staff.

The score helps the writer; it never hides a need. Three of the questions have no field of their own and are read
from words in the text, so "unknown" means "not said", never "no".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.listings.models import Revision

APPROVAL = re.compile(r"phê duyệt|thẩm quyền|thẩm định|quyết định|approv|authori[sz]|decision", re.IGNORECASE)
SITE = re.compile(
    r"mặt bằng|quỹ đất|khu đất|vị trí|trạm|tuyến phố|tòa nhà|công trình"
    r"|\bland\b|\bsites?\b|\bplots?\b|buildings?|station",
    re.IGNORECASE,
)
CONCERNS = re.compile(
    r"môi trường|dữ liệu cá nhân|riêng tư|nhận diện|tái định cư|giải phóng mặt bằng|tiếng ồn|environment|privacy|"
    r"personal data|recognition|resettle|noise",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Check:
    """One of the twelve: whether the need says it, its name, why partners want to know, and where to write it."""

    said: bool
    name: Any
    why: Any
    field: str


@dataclass(frozen=True)
class Readiness:
    """The checks and their count."""

    checks: list[Check]

    @property
    def score(self) -> int:
        return sum(check.said for check in self.checks)

    @property
    def open(self) -> list[Check]:
        return [check for check in self.checks if not check.said]

    @property
    def level(self) -> Any:
        if self.score >= 9:
            return _l("Ready to meet partners")
        return _l("Taking shape") if self.score >= 5 else _l("An idea")


def readiness(need: Revision) -> Readiness:
    """The twelve checks over a need's original text."""
    told = " ".join(
        need.text(name)
        for name in (
            "problem",
            "outcome",
            "tried",
            "local_specifics",
            "requirements",
            "exclusions",
            "existing_systems",
        )
    )
    plan = need.text("plan_reference")
    money = need.amount_max is not None or need.amount_min is not None or bool(need.codes("funding_source"))
    return Readiness(
        [
            Check(
                bool(re.search(r"\d", need.text("problem"))),
                _l("The problem has a number"),
                _l("How often, how long, how many: one figure is enough."),
                "problem",
            ),
            Check(
                bool(need.beneficiaries),
                _l("It is known who is affected"),
                _l("Partners size their answer by it."),
                "beneficiaries",
            ),
            Check(
                bool(plan),
                _l("Part of an approved plan"),
                _l("Companies trust a need more when it names the document."),
                "plan_reference",
            ),
            Check(
                bool(need.text("contact_unit")),
                _l("A unit is in charge"),
                _l("Somebody must be able to answer."),
                "contact_unit",
            ),
            Check(
                money,
                _l("A budget or an idea of funding"),
                _l("Even a wide range tells who can take part."),
                "amount_max",
            ),
            Check(
                need.budget_status == "approved" or bool(APPROVAL.search(f"{plan} {told}")),
                _l("Who approves, in which order"),
                _l("Companies need it to judge how long it takes."),
                "plan_reference",
            ),
            Check(
                bool(SITE.search(told)),
                _l("Place, land or building"),
                _l("Say what exists and what is still missing."),
                "local_specifics",
            ),
            Check(
                bool(need.text("existing_systems")),
                _l("Systems already there"),
                _l("Most of the cost of a project lies in connecting to them."),
                "existing_systems",
            ),
            Check(
                bool(need.text("data_available")),
                _l("Data that can be shared"),
                _l("With data a company can estimate; without, it guesses."),
                "data_available",
            ),
            Check(
                bool(need.text("community")),
                _l("Residents have been asked"),
                _l("What they said prevents surprises."),
                "community",
            ),
            Check(
                bool(CONCERNS.search(told)),
                _l("Environment, people, personal data"),
                _l("Name what could be sensitive, for example cameras in the street."),
                "exclusions",
            ),
            Check(
                need.start_on is not None,
                _l("A date to aim at"),
                _l("A planned start, even a rough one."),
                "start_on",
            ),
        ]
    )
