"""What the pages of partnerships show, put together for one reader. Templates only lay it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from ppp_match.formats import aboutfmt, datefmt, moneyfmt, numberfmt
from ppp_match.introductions.sheets import title_of
from ppp_match.money import rates_by_day, usd_on
from ppp_match.partnerships import chart, operations, queries, words
from ppp_match.partnerships.models import STATE, VALUE_STATUSES, WITH_RESULT, Partnership
from ppp_match.partnerships.models_plan import DocumentLink, Indicator, Milestone, Risk
from ppp_match.partnerships.standing import Fact, facts_of
from ppp_match.permissions import Actor, can
from ppp_match.vocabularies import term_name, terms

# Where each kind of fact is reported: endpoints of this room.
REPORTING_PAGES = {
    STATE: "report",
    "fact": "report_facts",
    "value": "report_value",
    "beneficiaries": "report_people",
    "indicator": "report_measured",
}


@dataclass(frozen=True)
class Money:
    """One status of money: what each side says, in the deal's currency and in US dollars at the rate of its day."""

    name: Any
    fact: Fact
    amounts: list[str]
    dollars: list[str]
    rate_day: date | None


@dataclass(frozen=True)
class Measured:
    """An indicator with its values by day, its drawing, and the finding in words."""

    row: Indicator
    title: str
    unit: str
    values: list[Fact]
    drawing: chart.Drawing | None
    now: Decimal
    finding: str


def line(partnership: Partnership, lang: str) -> dict[str, Any]:
    """One row of a list."""
    match = partnership.match
    need = match.need
    place = need.shown.city.name(lang) if need.shown.city else need.organisation.name(lang)
    return {
        "partnership": partnership,
        "title": title_of(need, lang),
        "owner": need.organisation.name(lang),
        "vendor": match.capability.organisation.name(lang),
        "place": ", ".join((place, term_name("country", need.organisation.country, lang))),
        "state": words.STATES[partnership.state],
        "look": words.LOOKS[partnership.state],
        "names": words,
    }


def sheet(partnership: Partnership, actor: Actor, lang: str) -> dict[str, Any]:
    """Everything that the page of a partnership shows to this reader."""
    facts = facts_of(partnership.statements)
    side = partnership.side_of(actor.organisation_id)
    reports = side is not None and can(actor, "partnership.report", partnership)
    measured = measured_of(partnership, facts, lang)
    indicators = {str(one.row.id): one.row for one in measured}
    return {
        **line(partnership, lang),
        "match": partnership.match,
        "introduction": partnership.introduction,
        "side": side,
        "reports": reports,
        "party": queries.is_party(actor, partnership),
        "settles": can(actor, "partnership.settle", partnership),
        "state_fact": facts.get(STATE),
        "asked": operations.open_requests(partnership, side) if reports and side else [],
        "to_confirm": to_confirm(facts, side, indicators, lang) if reports else [],
        "differing": differing(partnership, facts, indicators, lang),
        "own": [
            (described(one.key, lang, indicators), said(one, lang, indicators), one)
            for one in partnership.live_statements()
            if reports and one.side == side
        ],
        "stages": stages(partnership, facts, lang),
        "steps": partnership.steps,
        "facts": known_facts(facts, lang),
        "money": money_of(facts),
        "people": [
            (words.group_name(key.partition(":")[2], lang), fact)
            for key, fact in facts.items()
            if key.startswith("beneficiaries:")
        ],
        "measured": measured,
        "milestones": queries.rows_of(Milestone, partnership),
        "risks": queries.rows_of(Risk, partnership),
        "documents": queries.rows_of(DocumentLink, partnership),
        "may_be_shown": partnership.state in WITH_RESULT,
    }


def known_facts(facts: dict[str, Fact], lang: str) -> list[tuple[Any, str, Fact]]:
    """(name, value in words, fact) of what is known of contract and days."""
    found = []
    for name, label in words.FACTS.items():
        fact = facts.get(f"fact:{name}")
        if fact is not None:
            found.append((label, fact_words(name, fact.text, lang), fact))
    return found


def fact_words(name: str, text: str, lang: str) -> str:
    """A fact's value in words: the name of a code, a day as the reader writes it, or the text itself."""
    if name in ("stage", "contract_form"):
        return term_name(name, text, lang)
    if name.endswith("_on"):
        return datefmt(date.fromisoformat(text))
    return text


def day_of(text: str) -> date:
    """A day as a statement keeps it."""
    return date.fromisoformat(text)


def said(statement: Any, lang: str, indicators: dict[str, Indicator]) -> str:
    """What one side says, in words."""
    kind, _colon, rest = statement.key.partition(":")
    if kind == STATE:
        return words.state_said(statement.text)
    if kind == "fact":
        return fact_words(rest, statement.text, lang)
    if statement.currency:
        return moneyfmt(statement.amount, statement.amount, statement.currency)
    unit = ""
    if kind == "indicator" and rest.partition(":")[0] in indicators:
        unit = indicators[rest.partition(":")[0]].unit_in(lang)
    return f"{numberfmt(statement.amount)} {unit}".strip()


def differing(
    partnership: Partnership, facts: dict[str, Fact], indicators: dict[str, Indicator], lang: str
) -> list[tuple[str, list[tuple[Any, str]]]]:
    """(what, [(statement, in words), …]) of each fact on which the two sides differ, or one with the course itself."""
    return [
        (
            described(key, lang, indicators),
            [(one, said(one, lang, indicators)) for one in fact.statements],
        )
        for key, fact in facts.items()
        if fact.standing == "differs" or any(partnership.contradicted_by(one) for one in fact.statements)
    ]


def described(key: str, lang: str, indicators: dict[str, Indicator]) -> str:
    """What a statement speaks of; a measured value with its day."""
    name = words.key_name(key, lang, indicators)
    if key.startswith("indicator:"):
        return f"{name}, {datefmt(date.fromisoformat(key.rpartition(':')[2]))}"
    return name


def to_confirm(
    facts: dict[str, Fact], side: str | None, indicators: dict[str, Indicator], lang: str
) -> list[tuple[str, str, Any, str]]:
    """(what, in words, statement, where one says otherwise) of what the other side alone has stated so far."""
    return [
        (
            described(key, lang, indicators),
            said(fact.statement, lang, indicators),
            fact.statement,
            reporting_page(fact.statement),
        )
        for key, fact in facts.items()
        if fact.standing == "declared" and side not in fact.by_side
    ]


def reporting_page(statement: Any) -> str:
    """The page on which a side states the fact that a statement speaks of."""
    kind, _colon, rest = statement.key.partition(":")
    place: dict[str, Any] = {"id": statement.partnership_id}
    if kind == "indicator":
        place["row_id"] = rest.partition(":")[0]
    elif kind == "value":
        place["status"] = rest
    return url_for(f"partnerships.{REPORTING_PAGES[kind]}", **place)


def stages(partnership: Partnership, facts: dict[str, Fact], lang: str) -> list[dict[str, Any]]:
    """The project's stages with the months in which they were reported; [] while nobody has named one."""
    fact = facts.get("fact:stage")
    if fact is None:
        return []
    reached: dict[str, date] = {}
    for statement in partnership.statements:
        if statement.key == "fact:stage":
            reached.setdefault(statement.text, statement.on)
    order = [term.code for term in terms("stage")]
    if fact.text not in order:
        return []
    at = order.index(fact.text)
    found = []
    for place, term in enumerate(terms("stage")):
        note = _("since %(day)s", day=datefmt(reached[term.code])) if term.code in reached else ""
        off = term.code == "procure"
        found.append(
            {
                "label": term.name(lang),
                "note": _("outside the platform") if off else note,
                "done": place <= at,
                "current": place == at,
                "off": off,
            }
        )
    return found


def money_of(facts: dict[str, Fact]) -> list[Money]:
    """What is known of money, one row a status: they are never added together."""
    known = [(name, facts[f"value:{name}"]) for name in VALUE_STATUSES if f"value:{name}" in facts]
    rates = rates_by_day({one.currency for _name, fact in known for one in fact.statements if one.currency})
    found = []
    for name, fact in known:
        shown = fact.statements if fact.standing == "differs" else [fact.statement]
        converted = [usd_on(one.amount or Decimal(), one.currency or "", one.on, rates) for one in shown]
        found.append(
            Money(
                name=words.VALUES[name],
                fact=fact,
                amounts=[moneyfmt(one.amount, one.amount, one.currency) for one in shown],
                dollars=[aboutfmt(value, value, "USD") for value, _day in converted if value is not None],
                rate_day=next((day for _value, day in converted if day is not None), None),
            )
        )
    return found


def measured_of(partnership: Partnership, facts: dict[str, Fact], lang: str) -> list[Measured]:
    """Each indicator with its values, oldest first."""
    return [one_measured(row, facts.values(), lang) for row in queries.rows_of(Indicator, partnership)]


def one_measured(row: Indicator, facts: Iterable[Fact], lang: str) -> Measured:
    mine = f"indicator:{row.id}:"
    values = sorted((fact for fact in facts if fact.key.startswith(mine)), key=lambda fact: fact.on)
    marks = []
    for fact in values:
        if fact.standing == "differs":
            marks += [(one.on, one.amount or Decimal(), one.side) for one in fact.statements]
        else:
            marks.append((fact.on, fact.amount or Decimal(), "value"))
    settled = [fact for fact in values if fact.standing != "differs"]
    last = settled[-1].amount if settled else row.baseline
    assert last is not None  # noqa: S101  measured values are amounts
    return Measured(
        row=row,
        title=row.title(lang),
        unit=row.unit_in(lang),
        values=values,
        drawing=chart.draw(marks, baseline=(row.baseline_on, row.baseline), target=row.target)
        if marks
        else None,
        now=last,
        finding=finding(row, last, lang),
    )


def finding(row: Indicator, value: Decimal, lang: str) -> str:
    """What the values say, in one sentence."""
    unit = row.unit_in(lang)
    change = _("From %(baseline)s to %(now)s %(unit)s.", baseline=numberfmt(row.baseline), now=numberfmt(value),
               unit=unit)  # fmt: skip
    if row.target is None or row.target_on is None:
        return change
    reached = value <= row.target if row.direction == "down" else value >= row.target
    target = {"target": f"{numberfmt(row.target)} {unit}", "day": datefmt(row.target_on)}
    return f"{change} " + (
        _("The target of %(target)s by %(day)s is reached.", **target)
        if reached
        else _("The target of %(target)s by %(day)s is not reached yet.", **target)
    )
