"""Questions of administration about people: search, one person with what happened to the account."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ppp_match.accounts.factor_models import RoleProposal
from ppp_match.accounts.models import SignInSession, User
from ppp_match.accounts.queries import contains
from ppp_match.audit import AuditEvent
from ppp_match.db import db

STATES = ("active", "unconfirmed", "disabled", "closed")
ROLES = ("moderator", "administrator", "none")


def state_of(person: User) -> str:
    if person.closed_at is not None:
        return "closed"
    if not person.active:
        return "disabled"
    return "active" if person.confirmed_at is not None else "unconfirmed"


def people(*, find: str = "", state: str = "", role: str = "") -> Select[Any]:
    """People by name; `find` is a part of the name or address."""
    query = select(User).options(selectinload(User.memberships)).order_by(User.name, User.id)
    if find:
        query = query.where(or_(*contains(find, User.name, User.email)))
    if state == "closed":
        query = query.where(User.closed_at.is_not(None))
    elif state == "disabled":
        query = query.where(User.active.is_(False), User.closed_at.is_(None))
    elif state in STATES:
        known = User.confirmed_at.is_not(None) if state == "active" else User.confirmed_at.is_(None)
        query = query.where(User.active.is_(True), known)
    if role in ROLES:
        query = query.where(User.staff_role.is_(None) if role == "none" else User.staff_role == role)
    return query


def last_seen(ids: list[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    rows = db.session.execute(
        select(SignInSession.user_id, func.max(SignInSession.seen_at))
        .where(SignInSession.user_id.in_(ids))
        .group_by(SignInSession.user_id)
    )
    return {row[0]: row[1] for row in rows}


def person(person_id: uuid.UUID) -> User | None:
    return db.session.scalar(select(User).where(User.id == person_id).options(selectinload(User.memberships)))


def proposal(proposal_id: uuid.UUID) -> RoleProposal | None:
    return db.session.get(RoleProposal, proposal_id)


def proposals(person_id: uuid.UUID | None = None) -> list[RoleProposal]:
    """Those that wait for a decision, of one person or of all."""
    query = select(RoleProposal).where(RoleProposal.state == "open")
    if person_id is not None:
        query = query.where(RoleProposal.user_id == person_id)
    return list(
        db.session.scalars(
            query.order_by(RoleProposal.proposed_at).options(
                joinedload(RoleProposal.person), joinedload(RoleProposal.proposer)
            )
        )
    )


@dataclass(frozen=True)
class Happening:
    """One event about an account: when, what, by whom (empty: the person, or somebody whose account is gone), why."""

    at: datetime
    action: str
    by: str
    reason: str


def happened_to(person_id: uuid.UUID, limit: int = 20) -> list[Happening]:
    """What the audit trail knows of an account, the newest first; who looked at it stands in the trail alone."""
    rows = db.session.execute(
        select(AuditEvent, User.name)
        .outerjoin(User, (User.id == AuditEvent.actor_id) & (User.id != person_id))
        .where(
            AuditEvent.subject_type == "user",
            AuditEvent.subject_id == person_id,
            AuditEvent.action.like("account.%"),
            AuditEvent.action != "account.read",
        )
        .order_by(AuditEvent.seq.desc())
        .limit(limit)
        .options(joinedload(AuditEvent.note))
    )
    return [
        Happening(event.at, event.action, name or "", event.note.reason if event.note else "")
        for event, name in rows
    ]
