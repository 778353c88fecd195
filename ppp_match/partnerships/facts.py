"""The verbs of what each side reports besides the course: stage and contract, money, beneficiaries, measured values.

Each is one side's statement, dated; `standing.py` says what counts of both, a moderator verifies one
(`operations.verify`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from ppp_match.db import db, today, wait_for
from ppp_match.lifecycle import Refused
from ppp_match.partnerships import telling
from ppp_match.partnerships.models import FACTS, STATE, VALUE_STATUSES, Partnership, Statement
from ppp_match.partnerships.models_plan import Indicator
from ppp_match.partnerships.operations import A_DAY, replace_statements, report_state, say, side_that_reports
from ppp_match.permissions import Actor
from ppp_match.vocabularies import terms

LONGEST_SOURCE = 500
MOST = Decimal(10) ** 15
# What grows by itself: the other side's figure of more than a month before does not contradict a new one.
GROWING = ("value:actual", "beneficiaries:")
OUT_OF_DATE = timedelta(days=31)


def report_facts(partnership: Partnership, values: Mapping[str, str], *, actor: Actor) -> list[Statement]:
    """Stage, contract form, legal basis and days, as one side knows them: {fact: text}; "" takes its word back.

    What the side has said already is left as it is. Raises NotPermitted; KeyError for another fact.
    """
    side = side_that_reports(partnership, actor)
    wait_for(partnership)
    db.session.expire(partnership, ["statements"])
    own = {statement.key: statement for statement in partnership.live_statements() if statement.side == side}
    made = []
    for name, value in values.items():
        if name not in FACTS:
            raise KeyError(name)
        key = f"fact:{name}"
        before = own[key].text if key in own else ""
        if value == before:
            continue
        if value:
            if name == "stage":
                _set_aside_earlier_stages(partnership, value, side)
            made.append(say(partnership, key, side, actor=actor, text=value, on=today()))
        else:
            replace_statements(partnership, key, (side,))
    _tell(made)
    return made


def _set_aside_earlier_stages(partnership: Partnership, stage: str, side: str) -> None:
    """A later stage is progress: what the other side said of an earlier one is history. An earlier one differs."""
    order = {term.code: place for place, term in enumerate(terms("stage"))}
    for said in partnership.live_statements():
        others = said.key == "fact:stage" and said.side != side
        if others and order.get(said.text, 0) < order.get(stage, 0):
            replace_statements(partnership, said.key, (said.side,))


def report_value(
    partnership: Partnership,
    status: str,
    *,
    amount: Decimal,
    currency: str,
    on: date,
    source: str,
    actor: Actor,
) -> Statement:
    """An amount of money: planned, committed or actual; never added together. `on` is the day of the rate.

    Raises NotPermitted; KeyError for another status; Refused: day_to_come, source_missing, note_too_long, too_large.
    """
    if status not in VALUE_STATUSES:
        raise KeyError(status)
    return _report_number(partnership, f"value:{status}", amount, on, source, actor=actor, currency=currency)


def report_beneficiaries(
    partnership: Partnership, group: str, *, count: int, on: date, source: str, actor: Actor
) -> Statement:
    """How many people of a group it serves; "total" for all. Raises as report_value."""
    return _report_number(partnership, f"beneficiaries:{group}", Decimal(count), on, source, actor=actor)


def report_measured(
    indicator: Indicator, *, value: Decimal, on: date, source: str, actor: Actor
) -> Statement:
    """What was measured on a day. Raises as report_value; Refused: before_baseline."""
    if on < indicator.baseline_on:
        raise Refused("before_baseline")
    return _report_number(indicator.partnership, indicator.key(on), value, on, source, actor=actor)


def _report_number(
    partnership: Partnership,
    key: str,
    amount: Decimal,
    on: date,
    source: str,
    *,
    actor: Actor,
    currency: str | None = None,
) -> Statement:
    side = side_that_reports(partnership, actor)
    words = source.strip()
    if not words:
        raise Refused("source_missing")
    if len(words) > LONGEST_SOURCE:
        raise Refused("note_too_long")
    if on > today() + A_DAY:
        raise Refused("day_to_come")
    if abs(amount) >= MOST:
        raise Refused("too_large")
    wait_for(partnership)
    db.session.expire(partnership, ["statements"])
    if key.startswith(GROWING):
        for said in partnership.live_statements():
            if said.key == key and said.side != side and on - said.on > OUT_OF_DATE:
                replace_statements(partnership, key, (said.side,))
    statement = say(partnership, key, side, actor=actor, amount=amount, currency=currency, on=on, note=words)
    _tell([statement])
    return statement


def confirm(statement: Statement, *, actor: Actor) -> Statement:
    """The other side says the same. Raises NotPermitted; Refused: stale, ones_own, and what report_state raises."""
    partnership = statement.partnership
    side = side_that_reports(partnership, actor)
    wait_for(partnership)
    db.session.refresh(statement)
    if statement.side == side:
        raise Refused("ones_own")
    if statement.replaced_at is not None:
        raise Refused("stale")
    if statement.key == STATE:
        state, _colon, code = statement.text.partition(": ")
        note = statement.note if code == "other" else ""
        return report_state(partnership, state, actor=actor, on=statement.on, reason_code=code, note=note)
    same = say(
        partnership,
        statement.key,
        side,
        actor=actor,
        on=statement.on,
        amount=statement.amount,
        currency=statement.currency,
        text=statement.text,
        note=statement.note,
    )
    _tell([same])
    return same


def take_back(statement: Statement, *, actor: Actor) -> None:
    """A side no longer says it. Raises NotPermitted; Refused: stale, not_ones_own."""
    side = side_that_reports(statement.partnership, actor)
    wait_for(statement.partnership)
    db.session.refresh(statement)
    if statement.side != side:
        raise Refused("not_ones_own")
    if statement.replaced_at is not None:
        raise Refused("stale")
    replace_statements(statement.partnership, statement.key, (side,))


def _tell(statements: list[Statement]) -> None:
    """The other side is told once of what was reported together; where it had said otherwise, both and the forum are."""
    if not statements:
        return
    differing = [statement for statement in statements if telling.differs(statement)]
    for statement in differing:
        telling.tell_differs(statement)
    if len(differing) < len(statements):
        telling.tell_reported(next(statement for statement in statements if statement not in differing))
