"""What would change it: for each rule that bars a pair, a sentence to the company about its own entry.

Only true statements help: every sentence asks for what the company does already, and none advises how to look better.
A test holds this table to the rules of `matching/rules.py`.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from ppp_match.recommendations.sentences import dollars, rule_name, rule_sentence
from ppp_match.vocabularies import term_name


def remedy(rule: dict[str, Any], lang: str) -> str:
    """What would lift a rule that says no. Raises KeyError for a code that has no words."""
    params = rule["params"]

    def names(vocabulary: str, key: str) -> str:
        return ", ".join(term_name(vocabulary, code, lang) for code in params.get(key) or ())

    def amount(key: str) -> str:
        return dollars({name: value for name, value in params.items() if name.endswith("imum")})[key]

    sentences = {
        "country_not_served": lambda: _(
            "Add %(country)s to the countries you serve, if you do.",
            country=term_name("country", params.get("country"), lang),
        ),
        "budget_below_minimum": lambda: _(
            "Your smallest project of about %(minimum)s is above the need’s budget of at most %(budget)s. "
            "Lower it only if you take smaller projects.",
            minimum=amount("minimum"),
            budget=amount("budget_maximum"),
        ),
        "budget_above_maximum": lambda: _(
            "Your largest project of about %(maximum)s is below the need’s budget of at least %(budget)s. "
            "Raise it only if you can deliver that, perhaps with a partner.",
            maximum=amount("maximum"),
            budget=amount("budget_minimum"),
        ),
        "contract_form_differs": lambda: _(
            "Add one of these contract forms, if you accept it: %(forms)s.",
            forms=names("contract_form", "wanted"),
        ),
        "language_differs": lambda: _(
            "Add one of these working languages, if your team works in it: %(languages)s.",
            languages=names("language", "wanted"),
        ),
        "affiliation_same": lambda: _("Nothing: an organisation is not introduced to itself."),
        "affiliation_related": lambda: _(
            "Nothing while the declared relation lasts. If it has ended, tell the forum, so that the declaration ends."
        ),
        "capacity_full": lambda: _("State in your capability when you can take on more work, once you can."),
    }
    return str(sentences[rule["code"]]())


def barred_by(rules: list[dict[str, Any]], lang: str) -> list[tuple[str, str, str]]:
    """(name of the rule, why it says no, what would change that) of each rule that bars."""
    return [
        (rule_name(rule["rule"]), rule_sentence(rule, lang), remedy(rule, lang))
        for rule in rules
        if rule["state"] == "no"
    ]


def barred_by_a_person() -> tuple[str, str, str]:
    """The same for a pair that a moderator barred for a conflict of interest nobody had declared."""
    return (
        rule_name("affiliation"),
        _("A moderator barred this pair for a conflict of interest."),
        _("Nothing in the text. Write to the forum if you think that this is an error."),
    )
