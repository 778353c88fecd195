"""An outbox row as a letter: subject, text and HTML in the recipient's language, headers, addresses of links.

Needs an application context but no request: addresses start with the `address` of the settings, never with
what a request's Host header says.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import urlsplit

import flask_babel
from flask import current_app, g
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.routing import BuildError

from ppp_match.db import db
from ppp_match.extensions import settings_now
from ppp_match.notifications import choices, digests, kinds
from ppp_match.notifications.groups import GROUPS, group_of
from ppp_match.notifications.models import OutboxMessage

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """What a mail says, before it is put into an envelope."""

    subject: str
    text: str
    html: str
    unsubscribe_url: str | None = None


def address_of(endpoint: str, **values: Any) -> str:
    """A full address for mail, from the settings. Raises werkzeug's BuildError for an unknown endpoint."""
    path = current_app.url_map.bind("localhost").build(endpoint, values, force_external=False)
    return settings_now().address + path


@contextmanager
def reader(locale: str, timezone: str | None) -> Iterator[None]:
    """Speak the reader's language and tell hours in their zone."""
    before = getattr(g, "babel_tzinfo", None)
    with flask_babel.force_locale(locale):
        g.babel_tzinfo = flask_babel.timezone(timezone) if timezone else before
        try:
            yield
        finally:
            g.babel_tzinfo = before


def write(row: OutboxMessage) -> Letter:
    """The letter of an outbox row. Raises KeyError for a kind that nobody wrote words for."""
    user = db.metadata.tables["user"]  # by name: the room of accounts stands above this one
    person = db.session.execute(select(user.c.name, user.c.timezone).where(user.c.id == row.user_id)).first()
    with reader(row.locale, person.timezone if person else "Asia/Ho_Chi_Minh"):
        kind = kinds.kind_of(row.kind, row.context)
        values: dict[str, Any] = {
            "lang": row.locale,
            "kind": row.kind,
            "context": _readable(row.context),
            "subject": " ".join(str(kind.heading).split()),
            "sentence": kinds.sentence(row.kind, row.context),
            "name": (person.name if person else "") or row.context.get("name", ""),
            "action_url": _action(row),
            "action_label": str(kind.button or ""),
            "notaward": kind.not_an_award,
            "answers": _answers(row, kind),
            "forum_contact": settings_now().forum_contact,
            **_more(row),
        }
        text, html = (
            current_app.jinja_env.get_template(f"mail/{kind.family}.{ending}").render(values)
            for ending in ("txt", "html")
        )
        return Letter(values["subject"], text, html, values.get("unsubscribe_url"))


def _action(row: OutboxMessage) -> str | None:
    if row.kind in kinds.ACCOUNT_KINDS:
        link = str(row.context.get("link") or "")
        return settings_now().address + link if link.startswith("/") else link or None
    subject_id = uuid.UUID(row.context["subject_id"])
    endpoint, values = kinds.target(row.kind, subject_id, row.context)
    try:
        return address_of(endpoint, **values)
    except BuildError:  # a mail without its page is better than no mail: the inbox tells the same
        log.exception("no page for mail of kind %s", row.kind)
        return address_of("notifications.inbox")


def _more(row: OutboxMessage) -> dict[str, Any]:
    """What a notice's mail says besides; that of a digest is what waited."""
    if row.user_id is None or row.kind in kinds.ACCOUNT_KINDS:
        return {}
    values: dict[str, Any] = {"preferences_url": address_of("notifications.choices")}
    if row.kind == "digest":
        contents = digests.contents_of(digests.held_by(row), _action)
        count, told_of = contents.count, contents.groups
        values["contents"], values["notaward"] = contents, contents.about_pairs
        values["subject"] = ngettext("Your digest: %(num)d notice", "Your digest: %(num)d notices", count)
    else:
        told_of = [group_of(row.kind, row.context)]
    if switchable := [group for group in told_of if group in GROUPS]:
        token = choices.unsubscribe_token(row.user_id, switchable)
        values["unsubscribe_url"] = address_of("notifications.unsubscribe", token=token)
    return values


def _answers(row: OutboxMessage, kind: kinds.Kind) -> list[tuple[str, str]]:
    """(label, full address) of the links that are this reader's own."""
    if kind.links is None or row.user_id is None:
        return []
    return [
        (str(label), address_of(endpoint, **values))
        for label, endpoint, values in kind.links(row.user_id, row.context)
    ]


def _readable(context: Mapping[str, Any]) -> dict[str, Any]:
    """The context with moments as moments: JSON keeps them as text under names that end in _at."""
    return {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
        for name, value in context.items()
    }


def envelope(row: OutboxMessage, letter: Letter) -> EmailMessage:
    """The mail itself. Its Message-ID comes from the row, so that a repeat after a crash is recognised as
    one."""
    settings = settings_now()
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail_sender
    message["To"] = row.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(row.created_at)
    domain = parseaddr(settings.mail_sender)[1].partition("@")[2] or urlsplit(settings.address).hostname
    message["Message-ID"] = f"<{row.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = row.locale
    if letter.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        if letter.unsubscribe_url.startswith("https://"):  # RFC 8058 knows no one-click without
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message
