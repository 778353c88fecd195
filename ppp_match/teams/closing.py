"""Closing an account: what a person still has to settle, and the end of it.

Open duties come first: a role in the forum, being the only owner among colleagues, needs, capabilities, offers and
conversations that are still open. What has ended goes to an owner who stays. An organisation that nobody else belongs
to stays in the record without people; invitations into it end.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, update

from ppp_match import audit
from ppp_match.accounts.closing import empty_account
from ppp_match.accounts.models import Organisation, User
from ppp_match.accounts.queries import members_of
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.models_addenda import Watch
from ppp_match.permissions import Actor
from ppp_match.teams import operations, queries
from ppp_match.teams.models import Invitation


@dataclass(frozen=True)
class Duty:
    """Something to settle first. why: role, owner (hand over), items (hand over), alone (close or withdraw)."""

    why: str
    organisation: Organisation | None = None
    items: int = 0


def duties_of(user: User) -> list[Duty]:
    """What stands between a person and the end of their account."""
    found = [Duty("role")] if user.staff_role else []
    for membership in user.memberships:
        organisation = membership.organisation
        others = [one for one in members_of(organisation.id) if one.id != user.id]
        items = len(queries.open_items(organisation.id, user.id))
        if others and membership.role == "owner" and not _has_another_owner(organisation, user):
            found.append(Duty("owner", organisation, items))
        elif items:
            found.append(Duty("items" if others else "alone", organisation, items))
    return found


def left_alone(user: User) -> list[Organisation]:
    """Organisations that nobody belongs to afterwards."""
    return [
        membership.organisation
        for membership in user.memberships
        if all(one.id == user.id for one in members_of(membership.organisation_id))
    ]


def _has_another_owner(organisation: Organisation, user: User) -> bool:
    return any(
        one.role == "owner" and one.person.active and one.person.id != user.id
        for one in queries.colleagues(organisation.id)
    )


def close_account(user: User, *, actor: Actor) -> None:
    """Leave every organisation and close one's own account. Raises Refused("duties_open"), NotPermitted."""
    if actor.user_id != user.id:
        raise NotPermitted("not_permitted", "account.manage")
    for membership in list(user.memberships):
        operations.locked_team(membership.organisation)
    if duties_of(user):
        raise Refused("duties_open")
    alone = left_alone(user)
    for membership in list(user.memberships):
        organisation = membership.organisation
        if organisation in alone:
            _leave_alone(organisation, user)
        else:
            operations.leave(
                organisation, successor=None, new_owner=None, actor=user.as_actor(organisation.id)
            )
    db.session.execute(delete(Watch).where(Watch.user_id == user.id))
    empty_account(user, actor=actor)


def _leave_alone(organisation: Organisation, user: User) -> None:
    db.session.execute(
        update(Invitation)
        .where(Invitation.organisation_id == organisation.id, Invitation.state == "pending")
        .values(state="revoked", ended_at=now())
        .execution_options(synchronize_session="fetch")
    )
    actor = user.as_actor(organisation.id)
    operations.end_last_membership(organisation, user, actor=actor)
    audit.record("organisation.without_people", organisation, actor=actor)
