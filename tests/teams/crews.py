"""Organisations with several people, for the tests of teams."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ppp_match import audit
from ppp_match.accounts.models import Membership, Organisation, User
from ppp_match.db import db
from ppp_match.listings.models import Listing
from ppp_match.notifications.models import Notification
from tests.factories import OrganisationFactory, make_listing, make_member


@dataclass
class Crew:
    """An organisation with two owners and two members; `need` belongs to the first member."""

    home: Organisation
    owner: User
    second: User
    member: User
    colleague: User
    need: Listing


def make_crew(kind: str = "city", *, owners: int = 2, state: str = "published") -> Crew:
    home = OrganisationFactory(kind=kind)
    owner = make_member(organisation=home, name="Owner One")
    second = make_member(organisation=home, role="owner" if owners == 2 else "member", name="Second Person")
    member = make_member(organisation=home, role="member", name="Member Three")
    colleague = make_member(organisation=home, role="member", name="Colleague Four")
    need = make_listing("need" if kind == "city" else "capability", state=state, organisation=home)
    need.responsible_id = member.id
    db.session.flush()
    return Crew(home, owner, second, member, colleague, need)


def belong(person: User, home: Organisation, role: str = "member") -> None:
    db.session.add(Membership(user_id=person.id, organisation_id=home.id, role=role))
    db.session.flush()
    db.session.expire(person, ["memberships"])


def role_of(person: User, home: Organisation) -> str | None:
    query = select(Membership.role).where(
        Membership.user_id == person.id, Membership.organisation_id == home.id
    )
    return db.session.scalar(query)


def owners_in(home: Organisation) -> int:
    rows = select(Membership).where(Membership.organisation_id == home.id, Membership.role == "owner")
    return len(db.session.scalars(rows).all())


def told(person: User) -> list[str]:
    query = select(Notification.kind).where(Notification.user_id == person.id)
    return list(db.session.scalars(query.order_by(Notification.created_at, Notification.kind)))


def actions_on(subject: object) -> list[str]:
    query = select(audit.AuditEvent.action).where(audit.AuditEvent.subject_id == subject.id)
    return list(db.session.scalars(query.order_by(audit.AuditEvent.seq)))


def text_of(response) -> str:
    return response.get_data(as_text=True)
