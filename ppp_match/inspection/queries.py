"""The audit trail as an inspector reads it: filtered, with the names of who and what."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from ppp_match.accounts.models import Organisation, User
from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.listings.models import Listing
from ppp_match.steering import qrels

AT_ONCE = 500


@dataclass(frozen=True)
class Filters:
    """What an inspector asked for; empty means all."""

    action: str = ""
    subject_type: str = ""
    who: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """As they stand in an address."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Names:
    """Who and what the events of a page speak of, read in one statement a kind."""

    people: dict[uuid.UUID, User]
    organisations: dict[uuid.UUID, Organisation]
    listings: dict[uuid.UUID, Listing]


def read_filters(arguments: Mapping[str, str]) -> Filters:
    """The filters of an address, trimmed; a NUL, which no database takes, is dropped."""
    values = {name: arguments.get(name, "").replace("\0", "").strip()[:254] for name in vars(Filters())}
    return Filters(**values)


def not_understood(filters: Filters) -> set[str]:
    """The names of the filters whose value means nothing: no such date, person or number."""
    found = {
        name for name in ("since", "until") if getattr(filters, name) and _day(getattr(filters, name)) is None
    }
    if filters.who and _person(filters.who) is None:
        found.add("who")
    if filters.subject and _subject(filters.subject) is None:
        found.add("subject")
    return found


def events(filters: Filters, zone: str) -> Select[Any]:
    """The events that the filters leave, the newest first. Days are those of the time zone `zone`."""
    query = select(AuditEvent).order_by(AuditEvent.seq.desc())
    if filters.action:
        query = query.where(AuditEvent.action == filters.action)
    if filters.subject_type:
        query = query.where(AuditEvent.subject_type == filters.subject_type)
    if filters.who and (person := _person(filters.who)) is not None:
        query = query.where((AuditEvent.actor_id == person) | (AuditEvent.organisation_id == person))
    if filters.subject and (subject := _subject(filters.subject)) is not None:
        query = query.where(AuditEvent.subject_id == subject)
    if (since := _day(filters.since)) is not None:
        query = query.where(AuditEvent.at >= _midnight(since, zone))
    if (until := _day(filters.until)) is not None:
        query = query.where(AuditEvent.at < _midnight(until + timedelta(days=1), zone))
    return query


def actions() -> list[str]:
    """Every action that the trail holds, in the order of their names."""
    return list(db.session.scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action)))


def subject_types() -> list[str]:
    return list(
        db.session.scalars(select(AuditEvent.subject_type).distinct().order_by(AuditEvent.subject_type))
    )


def event_to_show(seq: int) -> AuditEvent | None:
    return db.session.get(AuditEvent, seq)


def hash_before(event: AuditEvent) -> str | None:
    """The hash of the event before this one, or None where it is the first."""
    found: str | None = db.session.scalar(
        select(AuditEvent.hash).where(AuditEvent.seq < event.seq).order_by(AuditEvent.seq.desc()).limit(1)
    )
    return found


def names_of(shown: Iterable[AuditEvent]) -> Names:
    """Who and what these events speak of. People and things that are gone are lacking in it."""
    rows = list(shown)
    return Names(
        _by_id(User, {one.actor_id for one in rows}),
        _by_id(Organisation, {one.organisation_id for one in rows} | _subjects(rows, "organisation")),
        _by_id(Listing, _subjects(rows, "listing")),
    )


def whole(query: Select[Any]) -> Iterator[AuditEvent]:
    """All events of a query, read in portions, so that a long trail needs no memory."""
    yield from db.session.scalars(query.execution_options(yield_per=AT_ONCE))


def _subjects(rows: Iterable[AuditEvent], kind: str) -> set[uuid.UUID | None]:
    return {one.subject_id for one in rows if one.subject_type == kind}


def _by_id(model: Any, ids: set[uuid.UUID | None]) -> dict[uuid.UUID, Any]:
    wanted = sorted(one for one in ids if one is not None)
    if not wanted:
        return {}
    return {row.id: row for row in db.session.scalars(select(model).where(model.id.in_(wanted)))}


def _person(text: str) -> uuid.UUID | None:
    """A person by address, or the identifier of a person or organisation."""
    if "@" in text:
        found: uuid.UUID | None = db.session.scalar(select(User.id).where(User.email == text.lower()))
        return found
    return _identifier(text)


def _subject(text: str) -> uuid.UUID | None:
    """A listing by its public number, or the identifier of anything."""
    if label := qrels.LABEL.fullmatch(text):
        kind = next(kind for kind, letter in qrels.LETTER.items() if letter == label[1].upper())
        listing = qrels.listing_by(kind, text)
        return listing.id if listing else None
    return _identifier(text)


def _identifier(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
