"""Verbs of administration about people: disable and enable an account, propose, decide and take staff roles.

Nobody acts on their own account. A role is given by two administrators: one proposes, another one agrees. It is taken
by one, at once. The forum keeps an administrator whose account works. Each step names a reason and the person is told.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts.factor_models import STAFF_ROLES, RoleProposal
from ppp_match.accounts.mails import tell
from ppp_match.accounts.models import User
from ppp_match.accounts.operations import end_other_sessions
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.permissions import Actor, can


def disable(person: User, *, reason: str, actor: Actor) -> None:
    """Nobody signs in with this account any more, and its sessions end at once."""
    words = _may(person, reason, actor)
    if not person.active:
        return
    _keep_an_administrator(person)
    person.active = False
    db.session.flush()
    end_other_sessions(person, key="")
    audit.record(
        "account.disabled", person, actor=actor, from_state="active", to_state="disabled", reason=words
    )
    tell(person, "account.disabled", reason=words)


def enable(person: User, *, reason: str, actor: Actor) -> None:
    """The account works again; its sessions stay ended. Raises Refused("account_closed") for a closed one."""
    words = _may(person, reason, actor)
    if person.closed_at is not None:
        raise Refused("account_closed")
    if person.active:
        return
    person.active = True
    db.session.flush()
    audit.record(
        "account.enabled", person, actor=actor, from_state="disabled", to_state="active", reason=words
    )
    tell(person, "account.enabled", "security.login", reason=words)


def propose_role(person: User, role: str, *, reason: str, actor: Actor) -> RoleProposal:
    """Ask another administrator to give the role. Raises Refused: unknown_role, proposal_exists, account_closed."""
    words = _may(person, reason, actor)
    if role not in STAFF_ROLES or role == person.staff_role:
        raise Refused("unknown_role", role)
    if person.closed_at is not None or not person.active:
        raise Refused("account_closed")
    row = RoleProposal(user_id=person.id, role=role, reason=words, proposed_by=actor.user_id)
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Refused("proposal_exists") from error
    audit.record("account.role_proposed", person, actor=actor, to_state=role, reason=words)
    return row


def decide_role(proposal: RoleProposal, *, agree: bool, actor: Actor) -> None:
    """Give the proposed role or not. Who proposed may take that back, never agree.

    Raises Refused: proposal_own, own_account, decided_already, account_closed.
    """
    if not can(actor, "user.manage") or actor.user_id is None:
        raise NotPermitted("not_permitted", "user.manage")
    locked = db.session.scalar(
        select(RoleProposal)
        .where(RoleProposal.id == proposal.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if locked is None or locked.state != "open":
        raise Refused("decided_already")
    person = locked.person
    if agree and actor.user_id == locked.proposed_by:
        raise Refused("proposal_own")
    if actor.user_id == person.id:
        raise Refused("own_account")
    if agree and not person.active:
        raise Refused("account_closed")
    locked.state = "agreed" if agree else "declined"
    locked.decided_by, locked.decided_at = actor.user_id, now()
    before = person.staff_role
    if agree:
        _keep_an_administrator(person)
        person.staff_role = locked.role
    db.session.flush()
    action = "account.role_given" if agree else "account.role_declined"
    audit.record(action, person, actor=actor, from_state=before, to_state=person.staff_role)
    if agree:
        end_other_sessions(
            person, key=""
        )  # what one may has changed: signing in again asks for a second factor
        tell(person, "account.role_given", "security.login")


def take_role(person: User, *, reason: str, actor: Actor) -> None:
    """Take the staff role away, at once."""
    words = _may(person, reason, actor)
    before = person.staff_role
    if before is None:
        return
    _keep_an_administrator(person)
    person.staff_role = None
    db.session.flush()
    end_other_sessions(person, key="")
    audit.record("account.role_taken", person, actor=actor, from_state=before, reason=words)
    tell(person, "account.role_taken", "security.login", reason=words)


def _may(person: User, reason: str, actor: Actor) -> str:
    if not can(actor, "user.manage"):
        raise NotPermitted("not_permitted", "user.manage")
    if actor.user_id == person.id:
        raise Refused("own_account")
    if not reason.strip():
        raise ReasonMissing("reason_missing", "account")
    return reason.strip()


def _keep_an_administrator(without: User) -> None:
    """Raises Refused("last_administrator") where that person is the only one. Reads under a lock on all of them."""
    if without.staff_role != "administrator" or not without.active:
        return
    others = db.session.scalars(
        select(User.id)
        .where(User.staff_role == "administrator", User.active.is_(True))
        .order_by(User.id)
        .with_for_update()
    )
    if all(one == without.id for one in others):
        raise Refused("last_administrator")


def open_proposals() -> int:
    query = select(func.count()).select_from(RoleProposal).where(RoleProposal.state == "open")
    return db.session.scalar(query) or 0
