"""Questions about people, organisations and sign-in sessions."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from ppp_match.accounts.models import (
    City,
    Membership,
    Organisation,
    OrganisationRelation,
    SignInSession,
    User,
)
from ppp_match.db import db, now
from ppp_match.permissions import Actor, can

# --- people ------------------------------------------------------------------------------------------------------


def members_of(organisation_id: uuid.UUID) -> list[User]:
    """Active people of an organisation, owners and members, in the order they joined."""
    return people_of([organisation_id])[organisation_id]


def owners_of(organisation_id: uuid.UUID) -> list[User]:
    """Active owners of an organisation."""
    return people_of([organisation_id], role="owner")[organisation_id]


def people_of(organisation_ids: Iterable[uuid.UUID], *, role: str = "") -> dict[uuid.UUID, list[User]]:
    """{organisation: its active people in the order they joined}, of one role if given; one question for all."""
    found: dict[uuid.UUID, list[User]] = {one: [] for one in organisation_ids}
    query = (
        select(Membership.organisation_id, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id.in_(found), User.active.is_(True))
        .order_by(Membership.joined_at, User.id)
    )
    if role:
        query = query.where(Membership.role == role)
    for organisation_id, person in db.session.execute(query):
        found[organisation_id].append(person)
    return found


def roles_in(organisation_id: uuid.UUID) -> dict[str, int]:
    """{role: how many active people hold it}: what the public may know of a team."""
    rows = db.session.execute(
        select(Membership.role, func.count())
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id == organisation_id, User.active.is_(True))
        .group_by(Membership.role)
    )
    return {row[0]: row[1] for row in rows}


def staff() -> list[User]:
    """Active moderators and administrators."""
    return list(
        db.session.scalars(
            select(User).where(User.staff_role.is_not(None), User.active.is_(True)).order_by(User.email)
        )
    )


def staff_apart_from(parties: Collection[uuid.UUID]) -> list[User]:
    """Active staff who belong to none of these organisations and declared no interest in one: who may decide on them."""
    return [one for one in staff() if not one.as_actor().conflicting_ids.intersection(parties)]


def person_by_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def demo_people() -> int:
    """How many accounts have an address that only the demonstration uses: no real one ends in .example."""
    return db.session.scalar(select(func.count()).where(User.email.like("%.example"))) or 0


# --- organisations -----------------------------------------------------------------------------------------------


def organisation_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition on Organisation: verified ones for everybody, others for their members and the forum's staff."""
    if actor.is_system or can(actor, "organisation.verify"):
        return true()
    public = (Organisation.verification == "verified") & Organisation.shown_in_public()
    own = Organisation.id.in_(actor.organisation_ids) if actor.organisation_ids else false()
    return or_(public, own)


def contains(find: str, *columns: Any) -> list[ColumnElement[bool]]:
    """Conditions that one of these columns of names holds a part, in whatever letters it is typed."""
    # SQLite's lower() knows ASCII only, so the usual spellings of a Vietnamese word are asked one by one.
    spellings = sorted({find, find.lower(), find.upper(), find.title(), find.capitalize()})
    return [
        func.lower(column).contains(word, autoescape=True) | column.contains(word, autoescape=True)
        for column in columns
        for word in spellings
    ]


def visible_organisation(organisation_id: uuid.UUID, actor: Actor) -> Organisation | None:
    """The organisation if this actor may know of it."""
    return db.session.scalar(
        select(Organisation).where(Organisation.id == organisation_id, organisation_visible_to(actor))
    )


def organisations_of(user_id: uuid.UUID) -> list[Membership]:
    """A person's memberships, the first joined first."""
    return list(
        db.session.scalars(
            select(Membership).where(Membership.user_id == user_id).order_by(Membership.joined_at)
        )
    )


def related_to(organisation_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """For each organisation the ones it has a declared relation with, whoever of the two declared it.

    Two that declared the same owner, subsidiary or affiliate outside the forum are related too.
    """
    found: dict[uuid.UUID, set[uuid.UUID]] = {one: set() for one in organisation_ids}
    theirs, others = OrganisationRelation, aliased(OrganisationRelation)
    declared = select(theirs.organisation_id, theirs.related_id).where(
        theirs.state != "ended",
        theirs.related_id.is_not(None),
        or_(theirs.organisation_id.in_(found), theirs.related_id.in_(found)),
    )
    shared = (
        select(theirs.organisation_id, others.organisation_id)
        .join(others, others.outside_key == theirs.outside_key)
        .where(
            theirs.outside_key != "",
            theirs.organisation_id != others.organisation_id,
            theirs.organisation_id.in_(found),
            *(side.state != "ended" for side in (theirs, others)),
            *(side.kind != "former_employer" for side in (theirs, others)),
        )
    )
    for one, other in db.session.execute(declared.union_all(shared)):
        if one in found:
            found[one].add(other)  # type: ignore[arg-type]  # the statement leaves out rows without one
        if other in found:
            found[other].add(one)
    return found


def cities() -> list[City]:
    """The registry of cities by country and name."""
    return list(db.session.scalars(select(City).order_by(City.country, City.name_en)))


def city(city_id: uuid.UUID | None) -> City | None:
    return db.session.get(City, city_id) if city_id else None


# --- sign-in sessions --------------------------------------------------------------------------------------------


def open_session(key: str, *, idle: int, absolute: int) -> SignInSession | None:
    """The session of that key, unless it was ended, idle for too long or too old (both in seconds)."""
    return db.session.scalar(
        select(SignInSession).where(SignInSession.key == key, *_still_open(idle, absolute))
    )


def person_of_session(
    key: str, fs_uniquifier: str, *, idle: int, absolute: int
) -> tuple[SignInSession, User] | None:
    """Who is signed in with that key, with memberships and organisations: the one question of every such page."""
    found = (
        db.session.execute(
            select(SignInSession, User)
            .join(User, User.id == SignInSession.user_id)
            .where(
                SignInSession.key == key,
                *_still_open(idle, absolute),
                User.fs_uniquifier == fs_uniquifier,
                User.active.is_(True),
            )
            .options(joinedload(User.memberships))
        )
        .unique()
        .first()
    )
    return (found[0], found[1]) if found else None


def open_sessions(user_id: uuid.UUID, *, idle: int, absolute: int) -> list[SignInSession]:
    """A person's open sessions, the one seen last first."""
    return list(
        db.session.scalars(
            select(SignInSession)
            .where(SignInSession.user_id == user_id, *_still_open(idle, absolute))
            .order_by(SignInSession.seen_at.desc())
        )
    )


def _still_open(idle: int, absolute: int) -> tuple[ColumnElement[bool], ...]:
    moment = now()
    return (
        SignInSession.ended_at.is_(None),
        SignInSession.seen_at >= moment - timedelta(seconds=idle),
        SignInSession.started_at >= moment - timedelta(seconds=absolute),
    )


def session_of(user_id: uuid.UUID, session_id: uuid.UUID) -> SignInSession | None:
    """One of a person's own sessions."""
    return db.session.scalar(
        select(SignInSession).where(SignInSession.id == session_id, SignInSession.user_id == user_id)
    )
