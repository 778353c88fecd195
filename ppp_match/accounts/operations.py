"""Verbs of accounts and organisations: register, edit, ask to be verified, verify, reject; sessions; profile."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_security.utils import hash_password
from sqlalchemy import update

from ppp_match import audit
from ppp_match.accounts import queries
from ppp_match.accounts.models import (
    IDENTITY_FIELDS,
    ORGANISATION_KINDS,
    PROFILE_FIELDS,
    Membership,
    Organisation,
    SignInSession,
    User,
)
from ppp_match.db import db, now
from ppp_match.lifecycle import VERIFICATION, NotPermitted, Refused, move
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can

# Upper rooms say when name, kind and number are being looked at by the forum, so that they stay meanwhile.
IDENTITY_HELD: list[Callable[[Organisation], bool]] = []

# --- organisations -----------------------------------------------------------------------------------------------


def register_organisation(*, kind: str, values: Mapping[str, Any], actor: Actor) -> Organisation:
    """Make an organisation, unverified, with the actor as its owner. `values` are of PROFILE_FIELDS.

    Raises NotPermitted for somebody who is not signed in, Refused("unknown_kind") for a kind or subtype that is not
    in the table.
    """
    if actor.user_id is None or not can(actor, "organisation.create"):
        raise NotPermitted("not_permitted", "organisation.create")
    _check_kind(kind, values.get("subtype", ""))
    organisation = Organisation(kind=kind)
    _put(organisation, values, PROFILE_FIELDS)
    db.session.add(organisation)
    db.session.flush()
    db.session.add(Membership(user_id=actor.user_id, organisation_id=organisation.id, role="owner"))
    db.session.flush()
    audit.record("organisation.registered", organisation, actor=actor, to_state=organisation.verification)
    return organisation


def edit_organisation(
    organisation: Organisation, values: Mapping[str, Any], *, version: int, actor: Actor
) -> tuple[str, ...]:
    """Change the profile. `version` is the one the editor saw. Returns the names of the fields that changed.

    Raises Refused("stale") if somebody else saved in between, Refused("identity_fixed") for a change of what the
    forum has verified, Refused("identity_held") of what it is in the middle of verifying. Then nothing has changed.
    """
    if not can(actor, "organisation.edit", organisation):
        raise NotPermitted("not_permitted", "organisation.edit")
    if organisation.version != version:
        raise Refused("stale")
    changed = tuple(
        name for name in PROFILE_FIELDS if name in values and getattr(organisation, name) != values[name]
    )
    if set(changed) & set(IDENTITY_FIELDS) and not may_change_identity(organisation):
        if organisation.verification == "verified":
            raise Refused("identity_fixed")
        raise Refused("identity_held")
    if "subtype" in changed:
        _check_kind(organisation.kind, values["subtype"])
    _put(organisation, values, changed)
    db.session.flush()
    if changed:
        audit.record("organisation.edited", organisation, actor=actor, fields=changed)
    return changed


def may_change_identity(organisation: Organisation) -> bool:
    """Whether name, kind, country and number are its owners' to change."""
    return organisation.verification != "verified" and not any(held(organisation) for held in IDENTITY_HELD)


def _check_kind(kind: str, subtype: str) -> None:
    if subtype not in ORGANISATION_KINDS.get(kind, ()):
        raise Refused("unknown_kind", f"{kind}: {subtype}")


def _put(organisation: Organisation, values: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name in values:
            setattr(organisation, name, values[name])


def request_verification(organisation: Organisation, *, actor: Actor) -> None:
    """unverified | rejected → pending; the forum's staff are told."""
    _move(organisation, "pending", decided_at=None, decided_by=None, actor=actor)
    organisation.verification_requested_at = now()
    organisation.verification_note = ""
    db.session.flush()
    notify(
        queries.staff(),
        "organisation.waiting",
        organisation,
        params=_named(organisation),
        once=_stamp(organisation.verification_requested_at),
    )


def take_back_request(organisation: Organisation, *, actor: Actor) -> None:
    """pending → unverified: the organisation asks no longer."""
    _move(organisation, "unverified", decided_at=None, decided_by=None, actor=actor)
    organisation.verification_requested_at = None
    db.session.flush()


def verify_organisation(organisation: Organisation, *, actor: Actor, note: str = "") -> None:
    """pending → verified; the owners are told."""
    _decide(organisation, "verified", actor=actor, words=note)


def reject_organisation(organisation: Organisation, *, actor: Actor, reason: str) -> None:
    """pending → rejected, with words to the owners, who are told."""
    _decide(organisation, "rejected", actor=actor, words=reason)


def _decide(organisation: Organisation, state: str, *, actor: Actor, words: str) -> None:
    moment = now()
    _move(organisation, state, decided_at=moment, decided_by=actor.user_id, actor=actor, reason=words)
    organisation.verification_note = words.strip()
    db.session.flush()
    notify(
        queries.owners_of(organisation.id),
        f"organisation.{state}",
        organisation,
        params={**_named(organisation), "reason": words.strip()},
        once=_stamp(moment),
    )


def _move(
    organisation: Organisation,
    state: str,
    *,
    decided_at: datetime | None,
    decided_by: uuid.UUID | None,
    actor: Actor,
    reason: str = "",
) -> None:
    """Move along VERIFICATION; the state and the time of a decision go together into the database."""
    before = (organisation.verified_at, organisation.verified_by)
    with db.session.no_autoflush:
        organisation.verified_at, organisation.verified_by = decided_at, decided_by
        try:
            move(VERIFICATION, organisation, state, actor=actor, reason=reason)
        except Refused:
            organisation.verified_at, organisation.verified_by = before
            raise


def _stamp(moment: datetime) -> str:
    """Tells one request or decision from the next about the same organisation."""
    return f"{moment:%Y%m%d%H%M%S%f}"


def _named(organisation: Organisation) -> dict[str, str]:
    return {"name_vi": organisation.name("vi"), "name_en": organisation.name("en")}


# --- one's own account -------------------------------------------------------------------------------------------


def edit_profile(user: User, *, name: str, job_title: str, locale: str, timezone: str, actor: Actor) -> None:
    """Change one's own name, job title, language and time zone."""
    if actor.user_id != user.id or not can(actor, "account.manage"):
        raise NotPermitted("not_permitted", "account.manage")
    values = {"name": name, "job_title": job_title, "locale": locale, "timezone": timezone}
    changed = tuple(field for field, value in values.items() if getattr(user, field) != value)
    for field in changed:
        setattr(user, field, values[field])
    db.session.flush()
    if changed:
        audit.record("account.edited", user, actor=actor, fields=changed)


def note_account_event(user: User, what: str) -> None:
    """Leave an audit event about an account: registered, confirmed, password_changed, password_reset."""
    db.session.flush()
    audit.record(f"account.{what}", user, actor=user.as_actor())


def create_administrator(email: str, name: str, password: str) -> User:
    """Make an administrator, or give a person who has an account that role; the password is set in both cases.

    The address counts as confirmed: whoever can run commands on the server vouches for it. Flushes, never commits.
    """
    address = email.strip().lower()
    user = queries.person_by_email(address)
    if user is None:
        user = User(email=address, name=name, password="")
        db.session.add(user)
    user.name, user.staff_role, user.active = name, "administrator", True
    user.password = hash_password(password)
    user.fs_uniquifier = uuid.uuid4().hex
    user.confirmed_at = user.confirmed_at or now()
    db.session.flush()
    end_other_sessions(user, key="")
    note_account_event(user, "made_administrator")
    return user


# --- sign-in sessions --------------------------------------------------------------------------------------------


def begin_session(user: User, *, key: str, agent: str) -> SignInSession:
    """Note a sign-in. `key` is the SHA-256 of the session's identifier."""
    row = SignInSession(user_id=user.id, key=key, agent=agent[:200])
    db.session.add(row)
    db.session.flush()
    return row


def confirm_session(key: str) -> None:
    """Note that the person of the session of that key proved again who they are."""
    db.session.execute(
        update(SignInSession)
        .where(SignInSession.key == key, SignInSession.ended_at.is_(None))
        .values(confirmed_at=now())
        .execution_options(synchronize_session="fetch")
    )


def end_session(row: SignInSession) -> None:
    """End a session; its cookie opens nothing from now on."""
    if row.ended_at is None:
        row.ended_at = now()
    db.session.flush()


def end_other_sessions(user: User, *, key: str) -> int:
    """End every session of a person but the one of that key. Returns how many were open."""
    db.session.flush()
    ended: Any = db.session.execute(
        update(SignInSession)
        .where(SignInSession.user_id == user.id, SignInSession.ended_at.is_(None), SignInSession.key != key)
        .values(ended_at=now())
        .execution_options(synchronize_session="fetch")
    )
    return int(ended.rowcount)
