"""Organisations that ask to be verified, for the tests of this room."""

from __future__ import annotations

from sqlalchemy import select

from ppp_match.accounts.models import User
from ppp_match.db import db, now
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.verification import checklists, operations
from ppp_match.verification.models import VerificationRequest
from tests.factories import OrganisationFactory, actor_of, make_member

NUMBERS = {"vendor": "0300588569", "city": ""}


def owner_of_unverified(kind: str = "vendor", **values) -> User:
    home = OrganisationFactory(kind=kind, verification="unverified", about_en="What it does.", **values)
    return make_member(kind, organisation=home)


def draft_of(owner: User) -> VerificationRequest:
    """A draft whose evidence is whole."""
    request = operations.begin_request(owner.memberships[0].organisation, actor=actor_of(owner))
    operations.save_request(
        request,
        {
            "registration_number": NUMBERS.get(request.organisation.kind, "X-1"),
            "statement": "Head of the IT division, on behalf of the director.",
        },
        version=request.version,
        actor=actor_of(owner),
    )
    request.domain, request.domain_confirmed_at = "unit.example", now()
    db.session.flush()
    return request


def sent(owner: User) -> VerificationRequest:
    request = draft_of(owner)
    operations.submit_request(request, version=request.version, actor=actor_of(owner))
    db.session.commit()
    return request


def all_ticked(request: VerificationRequest) -> dict[str, tuple[bool, str]]:
    return dict.fromkeys(checklists.items_for(request.organisation), (True, ""))


def find(request: VerificationRequest, moderator: User, outcome: str = "positive", **more) -> str:
    """A moderator's finding on what the page shows now."""
    return operations.check(
        request,
        outcome,
        ticks=more.pop("ticks", all_ticked(request)),
        version=more.pop("version", request.version),
        profile_version=more.pop("profile_version", request.organisation.version),
        actor=actor_of(moderator),
        **more,
    )


def kinds_told(person: User) -> list[str]:
    query = select(Notification.kind).where(Notification.user_id == person.id)
    return list(db.session.scalars(query.order_by(Notification.created_at)))


def link_in_mail(kind: str) -> str:
    """The path that the newest mail of a kind leads to."""
    query = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.created_at.desc())
    return str(db.session.scalars(query).first().context["link"])
