"""The forum's outgoing mail as pages, for administrators of a demonstration or a development installation.

In production these pages do not exist (404): there, mail belongs to its recipients. A mail that was written
to a file is shown as it went out; one that waits is shown as it would be written now.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any

from flask import abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from ppp_match.db import db
from ppp_match.extensions import settings_now
from ppp_match.notifications import delivery, kinds, letters, queries
from ppp_match.notifications.models import OutboxMessage
from ppp_match.notifications.operations import NOT_MAILED
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.web import found_or_404, note_read, requires

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A mail as a page shows it: headers, both parts, and whether it is the very mail that went out."""

    headers: list[tuple[str, str]]
    letter: letters.Letter
    as_sent: bool


def _guard() -> None:
    if settings_now().is_production:
        abort(404)


def _shown(row: OutboxMessage) -> Shown:
    path = delivery.file_of(settings_now(), row)
    as_sent = path.is_file()
    if as_sent:
        message: Any = message_from_bytes(path.read_bytes(), policy=policy.default)
    else:
        message = letters.envelope(row, letters.write(row))
    parts = {kind: message.get_body((kind,)).get_content() for kind in ("plain", "html")}
    letter = letters.Letter(str(message["Subject"]), parts["plain"], parts["html"])
    return Shown([(name, str(value)) for name, value in message.items()], letter, as_sent)


def _row_or_404(id: uuid.UUID) -> OutboxMessage:
    row: OutboxMessage = found_or_404(db.session.get(OutboxMessage, id))
    if not kinds.is_known(row.kind):
        abort(404)
    return row


@requires("mailbox.read")
def mailbox() -> str:
    """Outgoing mail, newest first, with its state."""
    _guard()
    page = page_of(
        queries.outbox(), number_of(request.args.get("page")), lambda n: url_for(".mailbox", page=n)
    )
    subjects = {row.id: _subject(row) for row in page.rows}
    return render_template("notifications/mailbox.html", page=page, subjects=subjects, not_mailed=NOT_MAILED)


def _subject(row: OutboxMessage) -> tuple[str, bool]:
    """Its subject in the recipient's language, and whether it can be opened."""
    try:
        with letters.reader(row.locale, None):
            return str(kinds.kind_of(row.kind, row.context).heading), True
    except KeyError:
        return row.kind, False


@requires("mailbox.read")
def mail(id: uuid.UUID) -> str:
    """One mail: headers, text, and the HTML part in a closed frame."""
    _guard()
    row = _row_or_404(id)
    note_read("mail.read", row)
    return render_template("notifications/mail.html", row=row, shown=_shown(row))


@requires("mailbox.read")
def mail_html(id: uuid.UUID) -> Response:
    """The HTML part alone, under a policy that lets it do nothing but look: its one style element, by its
    hash."""
    _guard()
    html = _shown(_row_or_404(id)).letter.html.replace("\r\n", "\n")
    style = STYLE.search(html)
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode() if style else ""
    response = make_response(html)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "object-src 'none'; frame-ancestors 'self'; sandbox"
    )
    return response
