"""The audit trail: append-only events, chained by hash, and the erasable notes beside them.

An event holds identifiers, names of fields and digests, never a personal value: those lie in `audit_note`, which
can be erased without breaking the chain. Triggers in the migrations refuse UPDATE and DELETE on `audit_event`.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, insert, inspect, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

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


@dataclass(frozen=True)
class Entry:
    """What an event says of `subject`, a row with `id` and `__tablename__`; `fields` are the names of what changed."""

    action: str
    subject: Any
    from_state: str | None = None
    to_state: str | None = None
    fields: tuple[str, ...] = ()


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
    event = _event(
        _last_hash(store),
        Entry(action, subject, from_state, to_state, fields),
        actor,
        reason,
        dict(personal or {}),
    )
    store.add(event)
    store.flush()
    return event


def record_all(entries: Iterable[Entry], *, actor: Actor) -> None:
    """Append events about many things that were done in one go, at the cost of one: the chain is read once."""
    previous = _last_hash(db.session)
    names = [column.key for column in inspect(AuditEvent).column_attrs if column.key != "seq"]
    rows = []
    for entry in entries:
        event = _event(previous, entry, actor)
        rows.append({name: getattr(event, name) for name in names})
        previous = event.hash
    if rows:
        db.session.execute(insert(AuditEvent), rows)  # in this order, so that `seq` rises along the chain


def _last_hash(store: Any) -> str:
    """The hash that the next event follows. The chain is locked until the transaction ends."""
    store.flush()
    if store.get_bind().dialect.name == "postgresql":
        store.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    return store.scalar(select(AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)) or GENESIS


def _event(
    previous: str, entry: Entry, actor: Actor, reason: str = "", personal: dict[str, Any] | None = None
) -> AuditEvent:
    values = personal or {}
    event = AuditEvent(
        at=now(),
        action=entry.action,
        actor_id=actor.user_id,
        organisation_id=actor.organisation_id,
        subject_type=entry.subject.__tablename__,
        subject_id=entry.subject.id,
        from_state=entry.from_state,
        to_state=entry.to_state,
        fields=list(entry.fields),
        digest=_digest([reason, values]),
        previous=previous,
    )
    event.hash = event_hash(event)
    if reason or values:
        event.note = AuditNote(reason=reason, personal=values)
    return event


def own_digest_holds(event: AuditEvent) -> bool | None:
    """Whether the note is still what the event was written with; None where the note is erased.

    An event without reason and values has no note, and its digest is that of nothing.
    """
    if event.note is not None:
        return event.digest == _digest([event.note.reason, event.note.personal])
    return True if event.digest == _digest(["", {}]) else None


@dataclass(frozen=True)
class ChainState:
    """What reading the whole trail found: `broken` is the first event that is not as it was written, and why."""

    events: int
    last: int
    head: str
    erased: int  # notes that are gone by right; their events stand
    broken: int | None = None
    why: str = ""


def first_broken_event() -> int | None:
    """The `seq` of the first event that is not as it was written, or None if the trail is whole."""
    return check_chain().broken


def check_chain(anchor: tuple[int, str] | None = None) -> ChainState:
    """Read the whole trail. `anchor` is (seq, hash) as an earlier check printed it: a chain can lose its end and still
    follow from event to event, so whoever wants to notice that keeps the head somewhere else.
    """
    events = select(AuditEvent).options(joinedload(AuditEvent.note)).order_by(AuditEvent.seq)
    fresh = events.execution_options(yield_per=500, populate_existing=True)
    with closing(db.session.scalars(fresh)) as rows:
        return _follow(rows, anchor)


def _follow(events: Iterable[AuditEvent], anchor: tuple[int, str] | None) -> ChainState:
    previous, count, last, erased = GENESIS, 0, 0, 0
    met = anchor is None
    for event in events:
        why = ""
        if event.previous != previous or event.hash != event_hash(event):
            why = "it does not follow from the event before it"
        elif (holds := own_digest_holds(event)) is False:
            why = "its note was changed"
        elif anchor is not None and event.seq == anchor[0]:
            met = True
            why = "" if event.hash == anchor[1] else "it is not the event that was noted"
        if why:
            return ChainState(count, last, previous, erased, event.seq, why)
        erased += holds is None
        previous, last, count = event.hash, event.seq, count + 1
    if not met and anchor is not None:
        return ChainState(
            count, last, previous, erased, anchor[0], "it is gone: the end of the trail was cut off"
        )
    return ChainState(count, last, previous, erased)
