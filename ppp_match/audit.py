"""The audit trail: append-only events, chained by hash, and the erasable notes beside them.

An event holds identifiers, names of fields and digests, never a personal value: those lie in `audit_note`, which
can be erased without breaking the chain. Triggers in the migrations refuse UPDATE and DELETE on `audit_event`.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ppp_match.db import Model, db, now
from ppp_match.permissions import Actor

CHAIN_LOCK = 7_140_021  # PostgreSQL advisory lock: one writer extends the chain at a time
GENESIS = "0" * 64


class AuditEvent(Model):
    """One thing that somebody did. `seq` rises; `hash` covers the row and the hash before it."""

    __tablename__ = "audit_event"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(60), index=True)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(index=True)  # no foreign key: outlives the account
    organisation_id: Mapped[uuid.UUID | None]
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    from_state: Mapped[str | None] = mapped_column(String(30))
    to_state: Mapped[str | None] = mapped_column(String(30))
    fields: Mapped[list[Any]]
    digest: Mapped[str] = mapped_column(
        String(64)
    )  # SHA-256 of the note's text and values, so it can be proved
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    note: Mapped[AuditNote | None] = relationship(back_populates="event", uselist=False)


class AuditNote(Model):
    """Reason and personal values of an event. May be erased; the event and its digest stay."""

    __tablename__ = "audit_note"

    event_seq: Mapped[int] = mapped_column(ForeignKey("audit_event.seq"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    personal: Mapped[dict[str, Any]]

    event: Mapped[AuditEvent] = relationship(back_populates="note")


def _digest(value: object) -> str:
    return hashlib.sha256(
        json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()
    ).hexdigest()


def event_hash(event: AuditEvent) -> str:
    """SHA-256 over the event's own columns and the hash of the event before it."""
    return _digest(
        [
            event.previous,
            event.at.isoformat(),
            event.action,
            str(event.actor_id),
            str(event.organisation_id),
            event.subject_type,
            str(event.subject_id),
            event.from_state,
            event.to_state,
            event.fields,
            event.digest,
        ]
    )


def record(
    action: str,
    subject: Any,
    *,
    actor: Actor,
    from_state: str | None = None,
    to_state: str | None = None,
    fields: tuple[str, ...] = (),
    reason: str = "",
    personal: Mapping[str, Any] | None = None,
    session: Session | None = None,
) -> AuditEvent:
    """Append an event about `subject` (a row with `id` and `__tablename__`) in the running transaction.

    `fields` are the names of what changed. `reason` and `personal` go to the erasable note; the event keeps their
    SHA-256 only. The chain is extended under a lock that the transaction holds to its end, so that two writers
    cannot follow the same event.
    """
    store: Any = session or db.session
    store.flush()
    if store.get_bind().dialect.name == "postgresql":
        store.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    last = store.scalar(select(AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1))
    values = dict(personal or {})
    event = AuditEvent(
        at=now(),
        action=action,
        actor_id=actor.user_id,
        organisation_id=actor.organisation_id,
        subject_type=subject.__tablename__,
        subject_id=subject.id,
        from_state=from_state,
        to_state=to_state,
        fields=list(fields),
        digest=_digest([reason, values]),
        previous=last or GENESIS,
    )
    event.hash = event_hash(event)
    if reason or values:
        event.note = AuditNote(reason=reason, personal=values)
    store.add(event)
    store.flush()
    return event


def first_broken_event() -> int | None:
    """The `seq` of the first event that does not follow from the one before it, or None if the chain is whole."""
    previous = GENESIS
    for event in db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).yield_per(500):
        if event.previous != previous or event.hash != event_hash(event):
            return event.seq
        previous = event.hash
    return None
