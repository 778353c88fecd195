"""Telling people: a notice in the inbox and, unless said otherwise, a mail in the outbox, in one transaction.

`delivery.py` sends what lies in the outbox, `digests.py` what people want together. Params name things (titles,
numbers, organisations, dates), never a person's address, number or message: they stay in the database and go to mail.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sqlalchemy import select, update

from ppp_match.db import db, now
from ppp_match.notifications.choices import NOT_MAILED, choices_of, put
from ppp_match.notifications.groups import OFF, frequency_of
from ppp_match.notifications.kinds import KINDS
from ppp_match.notifications.models import Notification, OutboxMessage

__all__ = ["NOT_MAILED", "mark_all_read", "mark_read", "notify"]

LONGEST_CAUSE = 120
CONTACTS = ("email", "phone", "address")
ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")


class Recipient(Protocol):
    """A person who can be told something (accounts.models.User is one)."""

    id: Any
    email: Any
    locale: Any
    active: Any


def notify(
    people: Iterable[Recipient],
    kind: str,
    subject: Any,
    *,
    params: Mapping[str, Any] | None = None,
    mail: bool = True,
    once: str = "",
) -> None:
    """Tell each person once about `subject` (a row with `id` and `__tablename__`).

    `kind` is a key of notifications.kinds.KINDS (KeyError otherwise); `params` fill its sentence. `once`
    names the cause where the same kind may rightly come again about the same subject (a second reminder).
    Raises ValueError for params named after contact data; an address inside a text is blotted out.
    """
    KINDS[kind]
    values = _without_contacts(params or {})
    told = {person.id: person for person in people if person.active}
    causes = {_cause(kind, subject.id, once, person_id): person for person_id, person in told.items()}
    chosen = choices_of(told) if mail else {}
    already = set(db.session.scalars(select(OutboxMessage.once).where(OutboxMessage.once.in_(causes))))
    for cause, person in causes.items():
        if cause in already:
            continue
        db.session.add(
            Notification(
                user_id=person.id,
                kind=kind,
                subject_type=subject.__tablename__,
                subject_id=subject.id,
                params=values,
            )
        )
        row = OutboxMessage(
            user_id=person.id,
            recipient=person.email,
            locale=person.locale,
            kind=kind,
            context={"subject_type": subject.__tablename__, "subject_id": str(subject.id), **values},
            once=cause,
        )
        put(row, frequency_of(kind, values, chosen[person.id]) if mail else OFF)
        db.session.add(row)
    db.session.flush()


def mark_read(notice: Notification) -> None:
    """Note that its person has seen a notice; the first time counts."""
    if notice.read_at is None:
        notice.read_at = now()
        db.session.flush()


def mark_all_read(user_id: uuid.UUID) -> None:
    """Note that a person has seen every notice of theirs."""
    db.session.execute(
        update(Notification)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        .values(read_at=now())
    )


def _cause(kind: str, subject_id: Any, once: str, person_id: Any) -> str:
    """What makes a mail the same mail, never longer than its column."""
    cause = f"{kind}:{subject_id}:{once}:{person_id}"
    return cause if len(cause) <= LONGEST_CAUSE else f"{kind}:{hashlib.sha256(cause.encode()).hexdigest()}"


def _without_contacts(params: Mapping[str, Any]) -> dict[str, Any]:
    """Params as they may be kept: notices outlive an address, and what people type may hold one."""
    for name in params:
        if any(word in name for word in CONTACTS):
            raise ValueError(f"{name} looks like contact data, which no notice may hold")
    return {
        name: ADDRESS.sub("…", value) if isinstance(value, str) else value for name, value in params.items()
    }
