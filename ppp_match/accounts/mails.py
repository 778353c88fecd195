"""Mails about an account: confirm the address, set a new password, the password was changed.

Nothing is sent here. The message goes to the outbox in the transaction that is its cause, with the context
{"link", "name"}; the template is `templates/mail/<kind>.{html,txt}`. Links start with the forum's own address, never
with a request's Host header. A link with a token is a secret: it is short-lived, and whoever delivers a message of a
kind that begins with `account.` empties its context afterwards.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, url_for
from flask_security.mail_util import MailUtil

from ppp_match import jobs
from ppp_match.accounts.models import User
from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.notifications.letters import address_of
from ppp_match.notifications.models import OutboxMessage

CONFIRM = "account.confirm"
EXISTS = "account.exists"
RESET = "account.reset"
CHANGED = "account.password_changed"

# Flask-Security asks for a template by name: ours are the names of the kinds.
TEMPLATES = {
    "SECURITY_REGISTER_EMAIL_TEMPLATE": CONFIRM,
    "SECURITY_EMAIL_TEMPLATE_CONFIRM": CONFIRM,
    "SECURITY_REGISTER_EMAIL_EXISTING_TEMPLATE": EXISTS,
    "SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET": RESET,
    "SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": CHANGED,
    "SECURITY_EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": CHANGED,
}


def tell(
    user: User, kind: str, endpoint: str = "", *, recipient: str = "", link: str = "", **context: Any
) -> None:
    """Put a mail about an account into the outbox: to its address, or to another one that belongs to the matter.

    The button leads to `endpoint`, or to the path `link`, which holds a secret; without either there is none.
    `context` fills the sentence.
    """
    settings: Settings = current_app.extensions["settings"]
    address = settings.address + link if link else address_of(endpoint) if endpoint else ""
    db.session.add(
        OutboxMessage(
            user_id=user.id,
            recipient=recipient or user.email,
            locale=user.locale,
            kind=kind,
            context={
                "link": address,
                "name": user.name,
                **context,
            },
            once=f"{kind}:{user.id}:{uuid.uuid4().hex}",
        )
    )
    db.session.flush()
    jobs.wake("deliver_mail")


class AccountMail(MailUtil):
    """Puts Flask-Security's mails into the outbox; compares addresses without regard to case."""

    def normalize(self, email: str) -> str:
        return super().normalize(email).lower()

    def validate(self, email: str) -> str:
        return super().validate(email).lower()

    def send_mail(self, template: str, *_rendered: Any, **context: Any) -> None:
        user = context["user"]
        kind = template
        if kind == EXISTS and context.get("confirmation_token"):
            kind = CONFIRM  # registered before and never confirmed: what helps is the first mail again
        db.session.flush()  # a person who has just registered has no identifier before
        tell(user, kind, link=self._link(kind, context))

    @staticmethod
    def _link(kind: str, context: dict[str, Any]) -> str:
        if kind == CONFIRM:
            return url_for("security.confirm_email", token=context["confirmation_token"])
        if kind == RESET:
            return url_for("security.reset_password", token=context["reset_token"])
        if kind == EXISTS:
            return url_for("security.login")  # that page leads on to a new password: no secret needed here
        return url_for("security.forgot_password")
