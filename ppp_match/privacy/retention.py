"""The retention schedule: changing a rule, seeing what it would take, and the job that carries it out once a day.

A run works in portions, each in a transaction of its own together with its count, so that a process that is killed
loses and repeats nothing: the next one takes up the run that is open.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.db import db, now
from ppp_match.jobs import job, let_others_write
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.privacy.holds import held_now
from ppp_match.privacy.models import RetentionRule, RetentionRun
from ppp_match.privacy.retention_rules import RULES, count_due, take_portion

log = logging.getLogger(__name__)
PORTION = 200
EVERY = timedelta(hours=20)  # the job looks every hour; a run begins once a day
MOST_DAYS = 36_500
WORDS = ("why_vi", "why_en", "basis_vi", "basis_en")


@dataclass(frozen=True)
class Preview:
    """A rule, and how many rows it would take if it ran now."""

    rule: RetentionRule
    does: str
    least: int
    due: int


def rules() -> list[RetentionRule]:
    return list(db.session.scalars(select(RetentionRule).order_by(RetentionRule.position)))


def days_of(code: str) -> int | None:
    """Days after which a kind of data goes; None where no rule is in force."""
    rule = db.session.get(RetentionRule, code)
    return rule.days if rule is not None and rule.active else None


def preview(days: dict[str, int] | None = None) -> list[Preview]:
    """What a run would take now, rule by rule, with other days where given. Changes nothing."""
    held, moment = held_now(), now()
    return [
        Preview(
            rule,
            RULES[rule.code].does,
            RULES[rule.code].least,
            count_due(rule.code, moment - timedelta(days=(days or {}).get(rule.code, rule.days)), held),
        )
        for rule in rules()
    ]


def change_rule(
    rule: RetentionRule,
    *,
    days: int,
    active: bool,
    words: dict[str, str],
    reason: str,
    version: int,
    actor: Actor,
) -> None:
    """Set after how many days a kind of data goes, and why.

    Raises Refused("stale"), Refused("retention_too_short") below what the service needs, ReasonMissing.
    """
    if not can(actor, "retention.manage"):
        raise NotPermitted("not_permitted", "retention.manage")
    if rule.version != version:
        raise Refused("stale")
    if not RULES[rule.code].least <= days <= MOST_DAYS:
        raise Refused("retention_too_short", rule.code)
    values = {"days": days, "active": active, **{name: words[name] for name in WORDS}}
    changed = tuple(name for name, value in values.items() if getattr(rule, name) != value)
    if not changed:
        return
    if not reason.strip():
        raise ReasonMissing("reason_missing", rule.code)
    before = rule.days
    for name in changed:
        setattr(rule, name, values[name])
    rule.changed_at, rule.changed_by = now(), actor.user_id
    db.session.flush()
    told = f" ({before} → {days})" if "days" in changed else ""
    audit.record(
        "retention.changed",
        _Named("retention_rule", rule.code),
        actor=actor,
        fields=(rule.code, *changed),
        reason=reason.strip() + told,
    )


class _Named:
    """A row that is named by a word, as something that an audit event can be about."""

    def __init__(self, table: str, code: str) -> None:
        import uuid

        self.__tablename__, self.id = table, uuid.uuid5(uuid.NAMESPACE_OID, f"{table}:{code}")


def runs(limit: int = 30) -> list[RetentionRun]:
    return list(
        db.session.scalars(select(RetentionRun).order_by(RetentionRun.started_at.desc()).limit(limit))
    )


def _run_to_work_on(*, at_once: bool) -> RetentionRun | None:
    """The run that is open, or a new one where the last began long enough ago; None where there is nothing to do."""
    open_one = db.session.scalar(select(RetentionRun).where(~RetentionRun.finished))
    if open_one is not None:
        return open_one
    last = db.session.scalar(
        select(RetentionRun.started_at).order_by(RetentionRun.started_at.desc()).limit(1)
    )
    if last is not None and now() - last < EVERY and not at_once:
        return None
    run = RetentionRun(gone={}, days={rule.code: rule.days for rule in rules() if rule.active})
    db.session.add(run)
    try:
        db.session.commit()
    except IntegrityError:  # another worker began one at this moment, and goes on with it
        db.session.rollback()
        return None
    return run


def carry_out(*, at_once: bool = False) -> int:
    """Work the open run to its end, or begin the day's. Commits after every portion. Returns how many rows went."""
    run = _run_to_work_on(at_once=at_once)
    if run is None:
        return 0
    run_id, started, days = run.id, run.started_at, dict(run.days)
    total, failed = 0, False
    for code in days:
        try:
            total += _carry_out_rule(run_id, code, started - timedelta(days=days[code]))
        except Exception:  # one rule that cannot be carried out must not keep the others from it
            db.session.rollback()
            log.exception("retention rule %s failed; the run stays open and is taken up again", code)
            failed = True
    if not failed:
        run = db.session.get_one(RetentionRun, run_id)
        run.finished, run.finished_at = True, now()
        audit.record("retention.carried_out", run, actor=SYSTEM, fields=tuple(sorted(run.gone)))
        db.session.commit()
    return total


def _carry_out_rule(run_id: object, code: str, before: datetime) -> int:
    total = 0
    while True:
        held = held_now()  # a hold that is placed meanwhile counts from the next portion on
        taken = take_portion(code, before, held, PORTION)
        if not taken:
            return total
        run = db.session.get_one(RetentionRun, run_id)
        run.gone = {**run.gone, code: run.gone.get(code, 0) + taken}
        total += taken
        let_others_write()


@job("retention", minutes=60)
def retention() -> int:
    """Once a day, take away what is past its time."""
    return carry_out()
