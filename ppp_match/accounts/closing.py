"""What goes when a person closes their account, and what stays.

The row stays, since listings, decisions and the audit trail point at it, without anything personal in it. Sessions,
second factors and notices go. Whose duties have to be settled before, `teams/closing.py` knows.
"""

from __future__ import annotations

import secrets
import uuid

from flask_security.utils import hash_password
from sqlalchemy import delete

from ppp_match import audit
from ppp_match.accounts import factors, mails
from ppp_match.accounts.models import SignInSession, User
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted
from ppp_match.notifications.models import Notification
from ppp_match.permissions import Actor, can

NAME = "–"  # in both languages; who reads a closed account's name sees that there is none


def empty_account(user: User, *, actor: Actor) -> None:
    """Close one's own account and empty it. The last mail goes to the address that it had."""
    if actor.user_id != user.id or not can(actor, "account.manage"):
        raise NotPermitted("not_permitted", "account.manage")
    audit.record("account.closed", user, actor=actor, from_state="active", to_state="closed")
    mails.tell(user, "account.closed")
    factors.forget_factors(user)
    db.session.execute(delete(SignInSession).where(SignInSession.user_id == user.id))
    db.session.execute(delete(Notification).where(Notification.user_id == user.id))
    user.active, user.closed_at, user.confirmed_at = False, now(), None
    user.name, user.job_title = NAME, ""
    user.email = f"closed-{user.id.hex}@closed.invalid"
    user.password = hash_password(secrets.token_urlsafe(32))
    user.fs_uniquifier = uuid.uuid4().hex
    db.session.flush()
