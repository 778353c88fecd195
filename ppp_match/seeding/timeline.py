"""Acting out a history: dated acts, played in the order of their days with the forum's clock put back to each.

Since the clock stands at the day of the act, every row, audit event, notice and mail gets its true date by itself,
and the jobs that run by the clock (reminders, offers that run out) are run for each day that passes.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import Membership, Organisation, User
from ppp_match.db import as_if_at, db, now
from ppp_match.introductions.deadline_jobs import expire_offers, remind_offers
from ppp_match.introductions.models import Offer
from ppp_match.lifecycle import Refused
from ppp_match.listings.models import Listing
from ppp_match.partnerships.models import Partnership
from ppp_match.partnerships.status import status_requests
from ppp_match.permissions import Actor, OrganisationRef
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.people import key_id

OFFICE_OPENS = time(1, 30, tzinfo=UTC)  # half past eight in Viet Nam
JOBS_RUN = time(17, 30, tzinfo=UTC)  # half past midnight there
BETWEEN_ACTS = timedelta(minutes=25)  # of one record on one day
Record = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """One thing that somebody did on one day, and the line of the file that says so."""

    at: datetime
    do: Callable[[], Any]
    path: Path
    line: int


class Day:
    """Moments of one record: acts of the same day follow each other in the order in which they are asked for."""

    def __init__(self, path: Path, record: Record) -> None:
        self.path, self.line = path, record["__line__"]
        self._minutes = zlib.crc32(str(record.get("key", self.line)).encode()) % 150
        self._given: dict[Any, int] = {}

    def moment(self, days_ago: Any) -> datetime:
        """The moment that many days ago, in office hours; parts of a day are counted back from now."""
        try:
            days = float(days_ago)
        except (TypeError, ValueError):
            raise SeedError(self.path, self.line, f"not a number of days: {days_ago!r}") from None
        if days < 0:
            raise SeedError(self.path, self.line, f"days_ago lies in the future: {days_ago!r}")
        nth = self._given[days_ago] = self._given.get(days_ago, -1) + 1
        if days < 1 or days != int(days):
            return now() - timedelta(days=days) + nth * timedelta(seconds=30)
        opens = datetime.combine((now() - timedelta(days=days)).date(), OFFICE_OPENS)
        moment = opens + timedelta(minutes=self._minutes) + nth * BETWEEN_ACTS
        return min(moment, now() - timedelta(minutes=5) + nth * timedelta(seconds=10))


def play(acts: Iterable[Act]) -> None:
    """Do the acts in the order of their moments. Raises SeedError naming file and line of the one that is refused."""
    reached: datetime | None = None
    for act in sorted(acts, key=lambda one: one.at):
        reached = _pass_days(reached or act.at, act.at)
        try:
            with as_if_at(reached):
                act.do()
                db.session.flush()
                reached = now()  # an act takes its time, and the next one is never before its end
        except (Refused, KeyError) as problem:
            raise SeedError(act.path, act.line, repr(problem)) from problem
    if reached is not None:
        _pass_days(reached, now())


def _pass_days(since: datetime, until: datetime) -> datetime:
    """Run what runs by the clock, once for every night that passes. Returns the moment that was reached."""
    night = datetime.combine(since.date(), JOBS_RUN)
    while night <= until:
        if night > since and db.session.scalar(select(Offer.id).where(Offer.state == "open").limit(1)):
            with as_if_at(night):
                remind_offers()
                expire_offers()
        if night > since and db.session.scalar(select(Partnership.id).limit(1)):
            with as_if_at(night):
                status_requests()
        night += timedelta(days=1)
    return max(since, until)


def listing_of(path: Path, line: int, key: str) -> Listing:
    """The listing of that key."""
    listing = db.session.get(Listing, key_id(str(key)))
    if listing is None:
        raise SeedError(path, line, f"no listing {key}")
    return listing


def organisation_of(path: Path, line: int, key: str) -> Organisation:
    """The organisation of that key."""
    organisation = db.session.get(Organisation, key_id(str(key)))
    if organisation is None:
        raise SeedError(path, line, f"no organisation {key}")
    return organisation


def person_of(path: Path, line: int, email: str) -> User:
    """The person with that address."""
    person = db.session.scalar(select(User).where(User.email == email))
    if person is None:
        raise SeedError(path, line, f"no person {email}")
    return person


def first_of(organisation_id: uuid.UUID) -> User | None:
    """Who joined an organisation first and is still there."""
    return db.session.scalar(
        select(User)
        .join(Membership)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.role.desc(), Membership.joined_at, User.email)
        .limit(1)
    )


def acting(path: Path, line: int, email: str | None, organisation: Organisation) -> Actor:
    """The named person for the organisation; without a name its owner, or itself where nobody plays it."""
    person = person_of(path, line, email) if email else first_of(organisation.id)
    if person is not None:
        return person.as_actor(organisation.id)
    ref = OrganisationRef(
        organisation.id, organisation.kind, organisation.name_vi, organisation.name_en, True, "member"
    )
    return Actor(name=organisation.name_en, acting_for=ref, memberships=(ref,))


def moderator_of(path: Path, record: Record, email: str | None = None) -> User:
    """The named moderator, or one of them by the record's key, so that they share the work."""
    if email:
        return person_of(path, record["__line__"], email)
    staff = db.session.scalars(select(User).where(User.staff_role == "moderator").order_by(User.email)).all()
    if not staff:
        raise SeedError(path, record["__line__"], "the story needs a moderator")
    return staff[zlib.crc32(str(record.get("key", record["__line__"])).encode()) % len(staff)]
