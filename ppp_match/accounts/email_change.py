"""A new e-mail address: a link goes to it, and only who opens that changes anything; the old address is told.

The link is a signed text and holds a day. It works once: it names the address that the account had when it was asked
for, and that one is gone afterwards.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts import mails, queries
from ppp_match.accounts.models import User
from ppp_match.accounts.operations import end_other_sessions
from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications import addresses
from ppp_match.permissions import Actor, can

LINK_HOLDS = timedelta(days=1)


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key, salt="change-email")


def _digest(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


def ask(user: User, email: str, *, settings: Settings, actor: Actor) -> None:
    """Send the link to the new address. Where that is another account's, its owner is told and nothing else happens.

    Whoever asks sees the same in both cases.
    """
    if actor.user_id != user.id or not can(actor, "account.manage"):
        raise NotPermitted("not_permitted", "account.manage")
    address = email.strip().lower()
    owner = queries.person_by_email(address)
    audit.record("account.email_change_asked", user, actor=actor, personal={"new": address})
    if owner is not None:
        if owner.id != user.id:
            mails.tell(owner, mails.EXISTS, "security.login")
        return
    token = _serializer(settings).dumps([str(user.id), _digest(user.email), address])
    mails.tell(user, "account.email_change", recipient=address, link=f"/account/email/{token}")


def read(token: str, *, settings: Settings) -> tuple[User, str] | None:
    """(whose address changes, the new one); None for a link that is wrong, old, used or overtaken."""
    try:
        user_id, before, address = _serializer(settings).loads(token, max_age=int(LINK_HOLDS.total_seconds()))
        user = db.session.get(User, uuid.UUID(user_id))
    except (BadData, ValueError, TypeError):
        return None
    if user is None or not user.active or _digest(user.email) != before:
        return None
    return None if queries.person_by_email(address) else (user, str(address))


def change(user: User, address: str, *, keep_session: str) -> None:
    """Put the new address in the old one's place, tell the old one, end all sessions but the one of that key.

    Raises Refused("email_taken") if somebody registered it a moment earlier.
    """
    before, user.email = user.email, address
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Refused("email_taken") from error
    addresses.moved(user.id, before, address)
    end_other_sessions(user, key=keep_session)
    audit.record(
        "account.email_changed",
        user,
        actor=user.as_actor(),
        fields=("email",),
        personal={"old": before, "new": address},
    )
    mails.tell(user, "account.email_changed", recipient=before)
