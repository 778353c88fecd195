"""Digests: one mail a person of what waits, at 07:00 of their own time zone, on Mondays with what waited for the week.

A digest is a row of the outbox like any other mail. Writing it and putting what waits into it is one transaction, and
its cause is the person and the day: killed at any point, nothing is lost and nothing comes twice. Its words are made
when it is sent, and what it holds counts as sent with it (`delivery.py`).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Select, select, update

from ppp_match import jobs
from ppp_match.db import db, now
from ppp_match.jobs import job
from ppp_match.notifications import kinds
from ppp_match.notifications.groups import DAILY, GROUPS, WEEKLY, group_of
from ppp_match.notifications.models import OutboxMessage

log = logging.getLogger(__name__)

HOUR = time(7)
MOST_LINES = 60
DAYS = {DAILY: 1, WEEKLY: 7}
HOME_ZONE = "Asia/Ho_Chi_Minh"


@job("send_digests", minutes=10)
def send_digests() -> int:
    """Write the digests that are due, a transaction each. Returns how many."""
    written = 0
    for user_id in db.session.scalars(_whose()).all():
        try:
            written += _write_for(user_id)
            db.session.commit()
        except Exception:  # what is wrong with one person's digest keeps nobody else's back
            db.session.rollback()
            log.exception("no digest for %s", user_id)
    return written


def _whose() -> Select[Any]:
    user = db.metadata.tables["user"]  # by name: the room of accounts stands above this one
    waits = select(OutboxMessage.user_id).where(*_waiting())
    return select(user.c.id).where(
        user.c.id.in_(waits), user.c.active.is_(True), user.c.mail_refused_at.is_(None)
    )


def _waiting() -> tuple[Any, ...]:
    return (
        OutboxMessage.state == "pending",
        OutboxMessage.digest != "",
        OutboxMessage.digest_id.is_(None),
    )


def _write_for(user_id: uuid.UUID) -> int:
    """One person's digest, if one is due. Whoever writes it holds the person's row, so two workers come in turn."""
    user = db.metadata.tables["user"]
    person = db.session.execute(
        select(user.c.email, user.c.locale, user.c.timezone).where(user.c.id == user_id).with_for_update()
    ).one()
    turns = {one: last_turn(now(), person.timezone, days) for one, days in DAYS.items()}
    rows = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.user_id == user_id, *_waiting())
    ).all()
    due = {row.digest for row in rows if row.created_at < turns[row.digest]}
    taken = [row.id for row in rows if row.digest in due]
    once = f"digest:{turns[DAILY]:%Y%m%d}:{user_id}"
    if not taken or db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.once == once)):
        return 0
    digest = OutboxMessage(
        user_id=user_id,
        recipient=person.email,
        locale=person.locale,
        kind="digest",
        context={"subject_type": "user", "subject_id": str(user_id)},
        once=once,
    )
    db.session.add(digest)
    db.session.flush()
    _put_into(digest, taken)
    jobs.wake("deliver_mail")
    return 1


def _put_into(digest: OutboxMessage, taken: Sequence[uuid.UUID]) -> None:
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(taken))
        .values(digest_id=digest.id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def last_turn(moment: datetime, timezone: str, days: int) -> datetime:
    """When the last digest of that length was due in a time zone: 07:00 of today or yesterday, or of a Monday."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo(HOME_ZONE)
    day = moment.astimezone(zone).date()
    if days == DAYS[WEEKLY]:
        day -= timedelta(days=day.weekday())
    turn = datetime.combine(day, HOUR, zone)
    return turn if turn <= moment else datetime.combine(day - timedelta(days=days), HOUR, zone)


# --- what a digest says ---


@dataclass(frozen=True)
class Line:
    """One thing in a digest: the newest sentence about it, how many notices there are, and the page."""

    sentence: str
    count: int
    url: str | None


@dataclass(frozen=True)
class Contents:
    """What a digest says: its lines by group, how many notices it holds, how many stand in the inbox only."""

    sections: list[tuple[str, list[Line]]]
    groups: list[str]
    count: int
    left_out: int
    about_pairs: bool


def held_by(digest: OutboxMessage) -> list[OutboxMessage]:
    """What a digest holds, oldest first."""
    rows = select(OutboxMessage).where(OutboxMessage.digest_id == digest.id)
    return list(db.session.scalars(rows.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def contents_of(rows: Iterable[OutboxMessage], address: Callable[[OutboxMessage], str | None]) -> Contents:
    """By group in the order of the page of choices, and by subject, what moved last first. Speaks the reader's language.

    Raises LookupError where there is nothing to say.
    """
    things: dict[tuple[str, str], list[OutboxMessage]] = {}
    for row in rows:
        if row.kind in kinds.KINDS:
            group = group_of(row.kind, row.context)
            things.setdefault((group, str(row.context.get("subject_id"))), []).append(row)
    if not things:
        raise LookupError("a digest that holds nothing")
    lines: dict[str, list[Line]] = {}
    newest_first = sorted(things.items(), key=lambda one: one[1][-1].created_at, reverse=True)
    for (group, _subject), about in newest_first[:MOST_LINES]:
        newest = about[-1]
        line = Line(kinds.sentence(newest.kind, newest.context), len(about), address(newest))
        lines.setdefault(group, []).append(line)
    told = [row for about in things.values() for row in about]
    return Contents(
        sections=[(str(one.name), lines[code]) for code, one in GROUPS.items() if code in lines],
        groups=[code for code in GROUPS if code in {group for group, _subject in things}],
        count=len(told),
        left_out=sum(len(about) for _key, about in newest_first[MOST_LINES:]),
        about_pairs=any(kinds.kind_of(row.kind, row.context).not_an_award for row in told),
    )
