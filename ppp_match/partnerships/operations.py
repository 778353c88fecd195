"""The verbs of a partnership's course: it begins, each side reports, a moderator settles what differs.

A report that follows from the state moves the course at once, through the states between; the other side is asked
whether it says the same. A report that does not follow (it goes back, or contradicts an end) moves nothing: the two are
kept beside each other and a moderator settles them. Figures and other facts stand in `facts.py`.
"""

from __future__ import annotations

from collections import deque
from datetime import date, timedelta

from sqlalchemy import select

from ppp_match import audit, lifecycle
from ppp_match.db import db, now, today, wait_for
from ppp_match.introductions.models import SIDES, Introduction
from ppp_match.introductions.operations import ON_INTRODUCED, next_number
from ppp_match.lifecycle import PARTNERSHIP, NotPermitted, ReasonMissing, Refused
from ppp_match.partnerships import telling
from ppp_match.partnerships.models import (
    EXIT_REASONS,
    STATE,
    STATES,
    Partnership,
    Statement,
    StatusRequest,
    Step,
)
from ppp_match.permissions import SYSTEM, Actor, can

LONGEST_NOTE = 1000
LONGEST_RESULT = 3000
ONWARD = tuple(state for state in STATES if state not in ("no_agreement", "lapsed"))
REPORTED = tuple(state for state in STATES if state != "lapsed")
A_DAY = timedelta(days=1)  # the reader's day may begin before that of UTC


def begin(introduction: Introduction, actor: Actor) -> None:
    """The partnership of a new introduction."""
    moment = now()
    partnership = Partnership(
        introduction=introduction,
        number=next_number("partnership"),
        since=moment.date(),
        created_at=moment,
        changed_at=moment,
    )
    db.session.add(partnership)
    db.session.flush()
    _note_step(partnership, "introduced", on=moment.date(), side=None, actor=actor)
    audit.record("partnership.begun", partnership, actor=actor, to_state="introduced")


ON_INTRODUCED.append(begin)


def side_that_reports(partnership: Partnership, actor: Actor) -> str:
    """The side for which the actor reports. Raises NotPermitted for anybody else."""
    side = partnership.side_of(actor.organisation_id)
    if side is None or not can(actor, "partnership.report", partnership):
        raise NotPermitted("not_permitted", "partnership.report")
    return side


def way_to(state: str, wanted: str) -> list[str]:
    """The states that a course passes from one to another along drawn lines, the last one included; [] without a way.

    An end is reached by its own line, never by passing through another end.
    """
    if wanted not in ONWARD:
        return [wanted] if (state, wanted) in PARTNERSHIP.lines else []
    ways: deque[list[str]] = deque([[state]])
    while ways:
        way = ways.popleft()
        if way[-1] == wanted:
            return way[1:]
        ways.extend(
            [*way, to]
            for from_, to in PARTNERSHIP.lines
            if from_ == way[-1] and to in ONWARD and to not in way
        )
    return []


def report_state(
    partnership: Partnership,
    state: str,
    *,
    actor: Actor,
    on: date | None = None,
    reason_code: str = "",
    note: str = "",
) -> Statement:
    """One side says where the partnership stands, since the day `on` (today unless given).

    The end without agreement needs a `reason_code` of EXIT_REASONS, and a note with "other". Raises NotPermitted;
    Refused: day_to_come, day_too_early, note_missing, note_too_long, not_reportable; ReasonMissing.
    """
    side = side_that_reports(partnership, actor)
    day = on or today()
    words = _checked_report(partnership, state, day, reason_code, note.strip())
    wait_for(partnership)
    db.session.expire(partnership, ["statements", "steps"])
    text = f"{state}: {reason_code}" if state == "no_agreement" else state
    way = [] if state == partnership.state else way_to(partnership.state, state)
    if way:
        replace_statements(partnership, STATE, SIDES)  # what was said of an earlier state is history
        _walk(partnership, way, on=day, side=side, actor=actor, reason_code=reason_code, note=words)
    statement = say(partnership, STATE, side, actor=actor, text=text, on=day, note=words)
    _answer_requests(partnership, side, state, actor=actor)
    if not way and state != partnership.state:
        telling.tell_differs(statement)
    else:
        telling.tell_reported(statement)
    return statement


def open_requests(partnership: Partnership, side: str) -> list[StatusRequest]:
    """What one side is asked and has not answered."""
    return list(
        db.session.scalars(
            select(StatusRequest)
            .where(
                StatusRequest.partnership_id == partnership.id,
                StatusRequest.side == side,
                StatusRequest.closed_at.is_(None),
            )
            .order_by(StatusRequest.days)
        )
    )


def _answer_requests(partnership: Partnership, side: str, state: str, *, actor: Actor) -> None:
    """What a side reports answers what it was asked."""
    for request in open_requests(partnership, side):
        with db.session.no_autoflush:
            request.answered_at = request.closed_at = now()
            request.answered_by, request.answer = actor.user_id, state
    db.session.flush()


def _checked_report(partnership: Partnership, state: str, day: date, reason_code: str, note: str) -> str:
    if state not in REPORTED:
        raise Refused("not_reportable", state)
    if day > today() + A_DAY:
        raise Refused("day_to_come")
    if day < partnership.created_at.date() - A_DAY:
        raise Refused("day_too_early")
    if len(note) > LONGEST_NOTE:
        raise Refused("note_too_long")
    if state == "no_agreement":
        if reason_code not in EXIT_REASONS:
            raise ReasonMissing("reason_missing", state)
        if reason_code == "other" and not note:
            raise Refused("note_missing")
    return note


def _walk(
    partnership: Partnership,
    way: list[str],
    *,
    on: date,
    side: str | None,
    actor: Actor,
    reason_code: str = "",
    note: str = "",
    drawn: lifecycle.Lifecycle = PARTNERSHIP,
) -> None:
    reason = ": ".join(part for part in (reason_code, note) if part)
    for state in way:
        with db.session.no_autoflush:  # the state and the reason for an end change together
            partnership.exit_reason = (reason_code or "other") if state == "no_agreement" else None
            partnership.since, partnership.changed_at = on, now()
            lifecycle.move(drawn, partnership, state, actor=actor, reason=reason)
        last = state == way[-1]
        _note_step(
            partnership, state, on=on, side=side, actor=actor, passed=not last, reason=note if last else ""
        )


def _note_step(
    partnership: Partnership,
    state: str,
    *,
    on: date,
    side: str | None,
    actor: Actor,
    passed: bool = False,
    reason: str = "",
) -> None:
    db.session.add(
        Step(
            partnership=partnership,
            position=len(partnership.steps),
            state=state,
            on=on,
            side=side,
            passed=passed,
            reason=reason,
            by_id=actor.user_id,
            at=now(),
        )
    )
    db.session.flush()


def say(
    partnership: Partnership,
    key: str,
    side: str,
    *,
    actor: Actor,
    on: date,
    amount: object = None,
    currency: str | None = None,
    text: str = "",
    note: str = "",
) -> Statement:
    """Keep one side's word on one fact, in the place of what it said before."""
    replace_statements(partnership, key, (side,))
    statement = Statement(
        partnership=partnership,
        key=key,
        side=side,
        amount=amount,
        currency=currency,
        text=text,
        on=on,
        note=note,
        by_id=actor.user_id,
        at=now(),
    )
    db.session.add(statement)
    partnership.changed_at = now()
    db.session.flush()
    audit.record("partnership.reported", partnership, actor=actor, fields=(key.partition(":")[0], side))
    return statement


def replace_statements(partnership: Partnership, key: str, sides: tuple[str, ...]) -> None:
    """Set aside what these sides say of a fact."""
    for statement in partnership.live_statements():
        if statement.key == key and statement.side in sides:
            statement.replaced_at = now()
    db.session.flush()


# --- the forum ---


def settle_state(partnership: Partnership, statement: Statement, *, actor: Actor, reason: str) -> None:
    """A moderator says which side's report of the course holds. Raises NotPermitted, ReasonMissing; Refused: stale."""
    wait_for(partnership)
    db.session.expire(partnership, ["statements", "steps"])
    if statement not in partnership.live_statements() or statement.key != STATE:
        raise Refused("stale")
    words = _checked_words(reason)
    state, _colon, code = statement.text.partition(": ")
    if state != partnership.state:
        _walk(
            partnership,
            [state],
            on=statement.on,
            side=None,
            actor=actor,
            reason_code=code,
            note=words,
            drawn=lifecycle.PARTNERSHIP_SETTLED,
        )
    verify(statement, actor=actor, words=words)


def verify(statement: Statement, *, actor: Actor, words: str) -> None:
    """A moderator has seen evidence for what one side says. Raises NotPermitted, ReasonMissing; Refused: stale."""
    if not can(actor, "partnership.settle", statement):
        raise NotPermitted("not_permitted", "partnership.settle")
    seen = _checked_words(words)
    if statement.replaced_at is not None:
        raise Refused("stale")
    with db.session.no_autoflush:
        statement.verified_at, statement.verified_by, statement.verification = now(), actor.user_id, seen
    for other in statement.partnership.live_statements():
        if other.key == statement.key and other is not statement:
            with db.session.no_autoflush:
                other.verified_at, other.verified_by, other.verification = None, None, ""
    statement.partnership.changed_at = now()
    db.session.flush()
    audit.record(
        "partnership.verified",
        statement.partnership,
        actor=actor,
        fields=(statement.key.partition(":")[0], statement.side),
        reason=seen,
    )
    telling.tell_verified(statement)


def _checked_words(words: str) -> str:
    text = words.strip()
    if not text:
        raise ReasonMissing("reason_missing", "settled")
    if len(text) > LONGEST_NOTE:
        raise Refused("note_too_long")
    return text


def lapse(partnership: Partnership) -> None:
    """Nobody answered when the forum asked: the course ends, and begins again when a side reports."""
    _walk(partnership, ["lapsed"], on=today(), side=None, actor=SYSTEM, reason_code="no_answer")
    telling.tell_lapsed(partnership)


# --- showing it ---


def show_in_public(partnership: Partnership, *, agree: bool, actor: Actor) -> None:
    """One side agrees that everybody may read the partnership, or no longer. Raises NotPermitted."""
    side = side_that_reports(partnership, actor)
    wait_for(partnership)
    setattr(partnership, f"{side}_shows_at", now() if agree else None)
    db.session.flush()
    audit.record(
        "partnership.shown" if agree else "partnership.hidden", partnership, actor=actor, fields=(side,)
    )


def write_result(partnership: Partnership, *, text: str, lang: str, version: int, actor: Actor) -> None:
    """What came of it in a few sentences, for the report and for whoever reads it. Raises NotPermitted; Refused: stale,
    note_too_long."""
    side_that_reports(partnership, actor)
    words = text.strip()
    if len(words) > LONGEST_RESULT:
        raise Refused("note_too_long")
    wait_for(partnership)
    if partnership.version != version:
        raise Refused("stale")
    partnership.result, partnership.result_lang, partnership.changed_at = words, lang, now()
    db.session.flush()
    audit.record("partnership.described", partnership, actor=actor, fields=("result",))
