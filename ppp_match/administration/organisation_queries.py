"""Every organisation as administrators see it: search with filters, and all that hangs on one."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ppp_match.accounts.models import (
    ORGANISATION_KINDS,
    VERIFICATION_STATES,
    Membership,
    Organisation,
)
from ppp_match.accounts.queries import contains
from ppp_match.complaints.models import Report
from ppp_match.db import db
from ppp_match.listings.models import Listing
from ppp_match.verification.models import Suspension, VerificationCheck, VerificationRequest
from ppp_match.verification.numbers import bare

STANDINGS = ("suspended", "lapsed", "shown")
LATEST = 10


@dataclass(frozen=True)
class Filters:
    """What an administrator asked of the list; empty means all."""

    find: str = ""
    kind: str = ""
    country: str = ""
    verification: str = ""
    standing: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """As they stand in an address."""
        return {name: value for name, value in vars(self).items() if value}


def read_filters(arguments: Mapping[str, str], countries: Collection[str]) -> Filters:
    """The filters of an address; a value that is not in its list counts as none."""
    lists: dict[str, Collection[str]] = {
        "kind": ORGANISATION_KINDS,
        "country": countries,
        "verification": VERIFICATION_STATES,
        "standing": STANDINGS,
    }
    chosen = {name: arguments.get(name, "") for name in lists}
    find = " ".join(arguments.get("find", "").replace("\x00", "").split())[:100]
    return Filters(find=find, **{name: value for name, value in chosen.items() if value in lists[name]})


def organisations(filters: Filters, lang: str = "en") -> Select[Any]:
    """Organisations by the name that a reader of that language sees.

    `find`: a part of either name, or of the registration number however it is spaced.
    """
    own, other = Organisation.name_en, Organisation.name_vi
    if lang == "vi":
        own, other = other, own
    shown = case((own != "", own), else_=other)
    query = select(Organisation).order_by(func.lower(shown), Organisation.id)
    if filters.find:
        query = query.where(or_(*_found(filters.find)))
    for name in ("kind", "country", "verification"):
        if value := getattr(filters, name):
            query = query.where(getattr(Organisation, name) == value)
    if filters.standing == "suspended":
        query = query.where(Organisation.suspended_at.is_not(None))
    elif filters.standing == "lapsed":
        query = query.where(Organisation.lapsed_at.is_not(None))
    elif filters.standing == "shown":
        query = query.where(Organisation.shown_in_public())
    return query


def _found(find: str) -> list[ColumnElement[bool]]:
    tests = contains(find, Organisation.name_vi, Organisation.name_en)
    if number := bare(find):
        stored: Any = Organisation.registration_number
        for between in (" ", ".", "-", "/"):
            stored = func.replace(stored, between, "")
        tests.append(func.upper(stored).contains(number, autoescape=True))
    return tests


@dataclass(frozen=True)
class Counts:
    members: int = 0
    need: int = 0
    capability: int = 0


def counts(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Counts]:
    """Members, needs and capabilities (in every state) of those organisations, in two statements."""
    members = {
        row[0]: row[1]
        for row in db.session.execute(
            select(Membership.organisation_id, func.count())
            .where(Membership.organisation_id.in_(ids))
            .group_by(Membership.organisation_id)
        )
    }
    listings = {
        (row[0], row[1]): row[2]
        for row in db.session.execute(
            select(Listing.organisation_id, Listing.kind, func.count())
            .where(Listing.organisation_id.in_(ids))
            .group_by(Listing.organisation_id, Listing.kind)
        )
    }
    return {
        one: Counts(members.get(one, 0), listings.get((one, "need"), 0), listings.get((one, "capability"), 0))
        for one in ids
    }


def organisation(organisation_id: uuid.UUID) -> Organisation | None:
    return db.session.get(Organisation, organisation_id)


def is_blank(organisation: Organisation) -> bool:
    """Whether nothing hangs on its kind: no listing, and it never asked to be verified."""
    if organisation.verification != "unverified":
        return False
    hanging = select(Listing.id).where(Listing.organisation_id == organisation.id).exists()
    asked = (
        select(VerificationRequest.id).where(VerificationRequest.organisation_id == organisation.id).exists()
    )
    return not db.session.scalar(select(or_(hanging, asked)))


def members(organisation_id: uuid.UUID) -> list[Membership]:
    return list(
        db.session.scalars(
            select(Membership)
            .where(Membership.organisation_id == organisation_id)
            .options(joinedload(Membership.user))
            .order_by(Membership.joined_at)
        )
    )


def listings_by_state(organisation_id: uuid.UUID) -> list[tuple[str, str, int]]:
    """(kind, state, how many), drafts too: that there are some is no secret, what they say is."""
    rows = db.session.execute(
        select(Listing.kind, Listing.state, func.count())
        .where(Listing.organisation_id == organisation_id)
        .group_by(Listing.kind, Listing.state)
        .order_by(Listing.kind.desc(), Listing.state)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def requests(organisation_id: uuid.UUID) -> list[VerificationRequest]:
    """Its requests for verification with the checks of each, the newest first."""
    return list(
        db.session.scalars(
            select(VerificationRequest)
            .where(VerificationRequest.organisation_id == organisation_id)
            .options(selectinload(VerificationRequest.checks).joinedload(VerificationCheck.by))
            .order_by(VerificationRequest.created_at.desc())
            .limit(LATEST)
        )
    )


def suspensions(organisation_id: uuid.UUID) -> list[Suspension]:
    return list(
        db.session.scalars(
            select(Suspension)
            .where(Suspension.organisation_id == organisation_id)
            .order_by(Suspension.proposed_at.desc())
            .limit(LATEST)
        )
    )


def reports(organisation_id: uuid.UUID) -> list[Report]:
    """Reports about it and what it published, the newest first."""
    return list(
        db.session.scalars(
            select(Report)
            .where(Report.organisation_id == organisation_id)
            .order_by(Report.created_at.desc())
            .limit(LATEST)
        )
    )
