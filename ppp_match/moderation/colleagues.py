"""Who of the forum's staff may look after something: nobody who belongs to an organisation that it concerns."""

from __future__ import annotations

import uuid

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppp_match.accounts.models import User
from ppp_match.db import db
from ppp_match.permissions import HasParties, can


def colleagues() -> list[User]:
    """Active moderators and administrators by name, with their memberships; asked for once a request."""
    if "colleagues" not in g:
        g.colleagues = list(
            db.session.scalars(
                select(User)
                .where(User.staff_role.is_not(None), User.active.is_(True))
                .options(joinedload(User.memberships))
                .order_by(User.name, User.id)
            ).unique()
        )
    found: list[User] = g.colleagues
    return found


def without_conflict(subject: HasParties, permission: str = "moderation.assign") -> list[User]:
    """The colleagues who may look after the subject."""
    return [person for person in colleagues() if can(person.as_actor(), permission, subject)]


def colleague(user_id: uuid.UUID | None) -> User | None:
    """That colleague, if the person is on the staff still."""
    found = db.session.get(User, user_id) if user_id else None
    return found if found is not None and found.active and found.staff_role else None
