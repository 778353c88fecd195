"""The words of the page about personal data, worked out from the declarations of tables and the retention schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale

from ppp_match.consents import queries
from ppp_match.personal import ERASED, KEPT, TABLES, Table
from ppp_match.privacy import erasure, retention
from ppp_match.privacy.corrections import DUE_IN
from ppp_match.privacy.groups import GROUPS, RULE_NAMES, STAYS, Group
from ppp_match.privacy.models import RetentionRule
from ppp_match.privacy.retention_rules import RULES


@dataclass(frozen=True)
class Kind:
    """One kind of data with how long it is kept."""

    code: str
    group: Group
    periods: list[tuple[Any, int, bool]]  # (what, days, whether it is made anonymous instead of deleted)


def _of_group(code: str) -> list[Table]:
    return [table for table in TABLES.values() if table.group == code]


def fates_of(code: str) -> set[str]:
    """What an erasure does with a kind of data: some of it kept, anonymised, erased."""
    return {column.fate for table in _of_group(code) for column in table.columns.values()}


def reasons_to_stay() -> list[str]:
    """Why something stays after an erasure: the reasons that any column names, in the order of STAYS."""
    used = {
        column.why for table in TABLES.values() for column in table.columns.values() if column.fate == KEPT
    }
    return [reason for reason in STAYS if reason in used]


def erasure_words() -> dict[str, Any]:
    """What goes and what stays, in the reader's language."""
    return {
        "goes": [group.name for code, group in GROUPS.items() if fates_of(code) & {ERASED}],
        "stays": [STAYS[reason] for reason in reasons_to_stay()],
    }


def kinds(rules: list[RetentionRule]) -> list[Kind]:
    active = {rule.code: rule.days for rule in rules if rule.active}
    return [
        Kind(
            code,
            group,
            [
                (RULE_NAMES[rule], active[rule], RULES[rule].does != "delete")
                for rule in group.rules
                if rule in active
            ],
        )
        for code, group in GROUPS.items()
    ]


def page() -> dict[str, Any]:
    rules = retention.rules()
    return {
        "kinds": kinds(rules),
        "rules": [(RULE_NAMES[rule.code], rule, RULES[rule.code].does) for rule in rules if rule.active],
        "purposes": list(queries.in_force().values()),
        "wait": erasure.WAIT.days,
        "answer_days": DUE_IN,
        "written": "en" if str(get_locale()) == "en" else "vi",
        **erasure_words(),
    }
