"""The verbs of invitations: invite, send again, revoke; decline, accept, open an account by the link.

The link is a secret: its token stands in the outbox until the mail is delivered (kinds of `account.` are emptied
then) and is kept as a SHA-256 only. Nothing here says whether an address has an account: the mail and the page are
the same for both. Whoever has the link has read the invited mailbox, so opening an account by it counts as
confirming the address; an account that somebody else may have opened for the address without confirming it is taken
over from them, password and all.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from datetime import timedelta

from flask_security.utils import hash_password
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit, jobs
from ppp_match.accounts import operations as accounts
from ppp_match.accounts.models import Membership, Organisation, User
from ppp_match.accounts.queries import owners_of, person_by_email
from ppp_match.consents import operations as consents
from ppp_match.consents.models import ConsentVersion
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.models import OutboxMessage
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.teams import queries
from ppp_match.teams.models import ROLES, Invitation
from ppp_match.teams.operations import locked_team

HOLDS = timedelta(days=14)
AGAIN_AFTER = timedelta(minutes=5)  # a mail that is on its way is not sent again at once
MOST_PENDING = 50
LONGEST_MESSAGE = 600
MAIL = "account.invitation"


def invite(
    organisation: Organisation, *, email: str, role: str, message: str, lang: str, actor: Actor
) -> Invitation:
    """Ask an address to join. An invitation that ran out unanswered is renewed with the new words.

    Raises NotPermitted for anybody but an owner; Refused: unknown_role, message_too_long, member_already,
    invited_already, too_many_invitations.
    """
    _may_manage(organisation, actor)
    if role not in ROLES:
        raise Refused("unknown_role", role)
    words = message.strip()
    if len(words) > LONGEST_MESSAGE:
        raise Refused("message_too_long", str(len(words)))
    address = email.strip().lower()
    _still_owner(organisation, actor)
    if _belongs(organisation, address):
        raise Refused("member_already")
    pending = Invitation.organisation_id == organisation.id, Invitation.state == "pending"
    row = db.session.scalar(select(Invitation).where(*pending, Invitation.email == address))
    if row is not None and not row.is_past:
        raise Refused("invited_already")
    if row is None:
        if (db.session.scalar(select(func.count(Invitation.id)).where(*pending)) or 0) >= MOST_PENDING:
            raise Refused("too_many_invitations")
        row = Invitation(organisation=organisation, email=address)
        db.session.add(row)
    row.role, row.message, row.lang = role, words, lang
    _send(row, actor)
    audit.record("invitation.sent", row, actor=actor, to_state="pending", personal={"email": address})
    return row


def resend(invitation: Invitation, *, actor: Actor) -> None:
    """Send a new link, which makes the old one void. Raises Refused: invitation_closed, sent_just_now."""
    _may_manage(invitation.organisation, actor)
    _still_owner(invitation.organisation, actor)
    _lock(invitation)
    if invitation.state != "pending":
        raise Refused("invitation_closed", invitation.state)
    if invitation.sent_at + AGAIN_AFTER > now():
        raise Refused("sent_just_now")
    _send(invitation, actor)
    audit.record("invitation.sent_again", invitation, actor=actor)


def revoke(invitation: Invitation, *, actor: Actor) -> None:
    """Take an invitation back; its link opens nothing from now on. Raises Refused("invitation_closed")."""
    _may_manage(invitation.organisation, actor)
    _still_owner(invitation.organisation, actor)
    _lock(invitation)
    if invitation.state != "pending":
        raise Refused("invitation_closed", invitation.state)
    _close(invitation, "revoked", actor)


def accept(invitation: Invitation, *, actor: Actor) -> Membership:
    """Join: for the person whose confirmed address was invited. The owners are told.

    Raises NotPermitted for anybody else; Refused("invitation_closed").
    """
    person = db.session.get(User, actor.user_id) if actor.user_id else None
    if person is None or not can(actor, "invitation.answer") or person.email != invitation.email:
        raise NotPermitted("not_permitted", "invitation.answer")
    organisation = invitation.organisation
    team = locked_team(organisation)
    _lock(invitation)
    if not invitation.is_open:
        raise Refused("invitation_closed", invitation.state)
    _close(invitation, "accepted", actor)
    if person.id in team:
        return team[person.id]
    membership = Membership(user_id=person.id, organisation_id=organisation.id, role=invitation.role)
    db.session.add(membership)
    db.session.flush()
    db.session.expire(person, ["memberships"])
    audit.record(
        "team.joined",
        organisation,
        actor=actor,
        to_state=invitation.role,
        personal={"person": str(person.id)},
    )
    owners = [owner for owner in owners_of(organisation.id) if owner.id != person.id]
    params = {
        "name_vi": organisation.name("vi"),
        "name_en": organisation.name("en"),
        "person": person.name,
    }
    notify(owners, "team.joined", organisation, params=params, once=str(invitation.id))
    return membership


def decline(invitation: Invitation) -> None:
    """Say no: whoever has the link may, with or without an account. The inviter is told."""
    _lock(invitation)
    if not invitation.is_open:
        raise Refused("invitation_closed", invitation.state)
    _close(invitation, "declined", SYSTEM)
    organisation = invitation.organisation
    params = organisation.named()
    inviter = db.session.get(User, invitation.invited_by) if invitation.invited_by else None
    told = [inviter] if inviter is not None and inviter.id in locked_team(organisation) else []
    notify(told, "team.declined", organisation, params=params, once=str(invitation.id), mail=False)


def open_account(
    invitation: Invitation, *, name: str, password: str, locale: str, agreed: Iterable[ConsentVersion] = ()
) -> None:
    """Make a confirmed account for the invited address, unless a confirmed one exists: then nothing changes.

    Takes as long in both cases. The password has been checked by the form. `agreed` is what the new person agrees
    to; for an account that exists nothing is noted, since whoever has the link need not be its owner. Raises Refused:
    invitation_closed, terms_not_in_force.
    """
    hashed = hash_password(password)
    _lock(invitation)
    if not invitation.is_open:
        raise Refused("invitation_closed", invitation.state)
    person = person_by_email(invitation.email)
    if person is not None and (person.confirmed_at is not None or not person.active):
        return
    if person is None:
        person = User(email=invitation.email, name=name, password=hashed, locale=locale, confirmed_at=now())
        try:
            with db.session.begin_nested():
                db.session.add(person)
        except IntegrityError:  # the same form a moment earlier
            return
        accounts.note_account_event(person, "registered")
    else:
        person.name, person.password, person.locale = name, hashed, locale
        person.fs_uniquifier, person.confirmed_at = uuid.uuid4().hex, now()
        accounts.end_other_sessions(person, key="")
    accounts.note_account_event(person, "confirmed")
    consents.decide(agreed, user_id=person.id, given=True, how="registration", actor=person.as_actor())


def _send(row: Invitation, actor: Actor) -> None:
    """A new token, a new date, a mail with the link."""
    token = secrets.token_urlsafe(32)
    row.token_hash = queries.digest_of(token)
    row.invited_by, row.sent_at = actor.user_id, now()
    row.expires_at = row.sent_at + HOLDS
    db.session.flush()
    organisation = row.organisation
    db.session.add(
        OutboxMessage(
            user_id=None,  # the same whether the address has an account or not
            recipient=row.email,
            locale=row.lang,
            kind=MAIL,
            context={
                "link": f"/invitations/{token}",
                "organisation_vi": organisation.name("vi"),
                "organisation_en": organisation.name("en"),
                "inviter": actor.name,
                "role": row.role,
                "message": row.message,
                "until_at": row.expires_at.isoformat(),
            },
            once=f"{MAIL}:{row.id}:{uuid.uuid4().hex}",
        )
    )
    db.session.flush()
    jobs.wake("deliver_mail")


def _lock(row: Invitation) -> None:
    db.session.flush()
    db.session.execute(select(Invitation.id).where(Invitation.id == row.id).with_for_update())
    db.session.refresh(row)


def _close(row: Invitation, state: str, actor: Actor) -> None:
    row.state, row.ended_at = state, now()
    db.session.flush()
    audit.record(f"invitation.{state}", row, actor=actor, from_state="pending", to_state=state)


def _may_manage(organisation: Organisation, actor: Actor) -> None:
    if not can(actor, "team.manage", organisation):
        raise NotPermitted("not_permitted", "team.manage")


def _still_owner(organisation: Organisation, actor: Actor) -> None:
    """Under the lock of the team, which also makes two clicks one invitation."""
    team = locked_team(organisation)
    own = team.get(actor.user_id) if actor.user_id else None
    if not actor.is_system and (own is None or own.role != "owner"):
        raise NotPermitted("not_permitted", "team.manage")


def _belongs(organisation: Organisation, address: str) -> bool:
    return (
        db.session.scalar(
            select(Membership.user_id)
            .join(User, User.id == Membership.user_id)
            .where(Membership.organisation_id == organisation.id, User.email == address)
        )
        is not None
    )
