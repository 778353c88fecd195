"""Verbs of second factors: add, remove, use; recovery codes; reset by an administrator. Told by mail, audited.

A factor is an app that tells codes or a passkey. The first one brings recovery codes; with the last one they go.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any

from sqlalchemy import delete, func, select

from ppp_match import audit
from ppp_match.accounts.factor_models import Authenticator, Passkey, RecoveryCode
from ppp_match.accounts.mails import tell
from ppp_match.accounts.models import User
from ppp_match.accounts.operations import end_other_sessions
from ppp_match.accounts.totp import Codes, verify
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.permissions import Actor, can

CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are taken for one another
MOST_FACTORS = 10
Factor = Authenticator | Passkey


# --- questions ---------------------------------------------------------------------------------------------------


def authenticators_of(user: User) -> list[Authenticator]:
    wanted = select(Authenticator).where(Authenticator.user_id == user.id)
    return list(db.session.scalars(wanted.order_by(Authenticator.created_at)))


def passkeys_of(user: User) -> list[Passkey]:
    return list(
        db.session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.created_at))
    )


def factor_of(user: User, factor_id: uuid.UUID) -> Factor | None:
    """One of a person's own factors."""
    held: list[Factor] = [*authenticators_of(user), *passkeys_of(user)]
    return next((one for one in held if one.id == factor_id), None)


def passkey_by(credential_id: bytes) -> Passkey | None:
    return db.session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


def codes_left(user: User) -> int:
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user.id)
    return db.session.scalar(query) or 0


# --- adding and removing -----------------------------------------------------------------------------------------


def add_authenticator(
    user: User, *, name: str, secret: str, code: str, codes: Codes, actor: Actor
) -> list[str]:
    """Keep an app whose first code was typed. Returns the recovery codes if it is the first factor, else nothing.

    Raises Refused: wrong_code, too_many_factors.
    """
    _own(user, actor)
    row = Authenticator(user_id=user.id, name=name, secret=secret)
    if not verify(codes, row, code):
        raise Refused("wrong_code")
    return _add(user, row, actor)


def add_passkey(
    user: User,
    *,
    name: str,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    transports: list[str],
    actor: Actor,
) -> list[str]:
    """Keep a passkey whose making was verified. Returns the recovery codes if it is the first factor.

    Raises Refused: passkey_known, too_many_factors.
    """
    _own(user, actor)
    if passkey_by(credential_id) is not None:
        raise Refused("passkey_known")
    row = Passkey(
        user_id=user.id,
        name=name,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        transports=transports,
    )
    return _add(user, row, actor)


def _add(user: User, row: Factor, actor: Actor) -> list[str]:
    held = len(authenticators_of(user)) + len(passkeys_of(user))
    if held >= MOST_FACTORS:
        raise Refused("too_many_factors")
    row.used_at = now()
    db.session.add(row)
    first = user.second_factor_at is None
    user.second_factor_at = user.second_factor_at or now()
    db.session.flush()
    audit.record("account.factor_added", user, actor=actor, fields=(row.__tablename__,))
    tell(user, "account.factor_added", "accounts.second_factor")
    return _new_codes(user) if first else []


def remove_factor(user: User, factor: Factor, *, actor: Actor) -> None:
    """Remove one of one's own factors. The recovery codes go with the last one."""
    _own(user, actor)
    if factor.user_id != user.id:
        raise NotPermitted("not_permitted", "account.manage")
    kind = factor.__tablename__
    db.session.delete(factor)
    db.session.flush()
    if not authenticators_of(user) and not passkeys_of(user):
        _clear(user)
    audit.record("account.factor_removed", user, actor=actor, fields=(kind,))
    tell(user, "account.factor_removed", "accounts.second_factor")


def reset_factors(person: User, *, reason: str, actor: Actor) -> None:
    """Take all second factors from a person who lost them; an administrator does, with a reason, never for oneself.

    Every session of the person ends. Raises NotPermitted, ReasonMissing, Refused("own_account").
    """
    if not can(actor, "user.manage"):
        raise NotPermitted("not_permitted", "user.manage")
    if actor.user_id == person.id:
        raise Refused("own_account")
    if not reason.strip():
        raise ReasonMissing("reason_missing", "reset")
    forget_factors(person)
    end_other_sessions(person, key="")
    audit.record("account.factors_reset", person, actor=actor, reason=reason.strip())
    tell(person, "account.factors_reset", "accounts.second_factor")


def forget_factors(person: User) -> None:
    """Delete whatever a person proves themself with beside the password."""
    for table in (Authenticator, Passkey):
        db.session.execute(delete(table).where(table.user_id == person.id))
    _clear(person)


def _clear(user: User) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    user.second_factor_at = None
    db.session.flush()


# --- using -------------------------------------------------------------------------------------------------------


def code_is_right(user: User, typed: str, codes: Codes) -> bool:
    """Whether one of the person's apps tells this code now, and it was not used before; then it is used."""
    for row in _locked(user):
        if verify(codes, row, typed):
            row.used_at = now()
            db.session.flush()
            return True
    return False


def _locked(user: User) -> list[Authenticator]:
    """Read so that of two tries with one code at the same moment the second one sees that it was used."""
    wanted = select(Authenticator).where(Authenticator.user_id == user.id).order_by(Authenticator.created_at)
    return list(db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)))


def note_passkey_used(passkey: Passkey, sign_count: int) -> None:
    passkey.sign_count, passkey.used_at = sign_count, now()
    db.session.flush()


def use_recovery_code(user: User, typed: str) -> bool:
    """Whether it is one of the person's codes; then it is gone, and the person is told by mail."""
    digest = _digest(user.id, typed)
    gone: Any = db.session.execute(
        delete(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.digest == digest)
    )
    if not gone.rowcount:
        return False
    audit.record("account.recovery_code_used", user, actor=user.as_actor())
    tell(user, "account.recovery_code_used", "accounts.second_factor", left=codes_left(user))
    return True


def renew_codes(user: User, *, actor: Actor) -> list[str]:
    """New recovery codes in place of the old ones. Raises Refused("no_factor") where none stands in for anything."""
    _own(user, actor)
    if user.second_factor_at is None:
        raise Refused("no_factor")
    audit.record("account.recovery_codes_made", user, actor=actor)
    tell(user, "account.recovery_codes_made", "accounts.second_factor")
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    made = [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4)) for _ in range(CODES)
    ]
    db.session.add_all(RecoveryCode(user_id=user.id, digest=_digest(user.id, code)) for code in made)
    db.session.flush()
    return made


def _digest(user_id: uuid.UUID, code: str) -> str:
    """What is kept of a code. It holds 79 random bits, so a plain hash cannot be tried out."""
    bare = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(f"{user_id}:{bare}".encode(errors="replace")).hexdigest()


def _own(user: User, actor: Actor) -> None:
    if actor.user_id != user.id or not can(actor, "account.manage"):
        raise NotPermitted("not_permitted", "account.manage")
