"""Sending what lies in the outbox: by SMTP, or as files where no mail server is set.

The outbox is the truth. A round takes one due row after another: claims it in a short transaction (the next
attempt is put off, so that no second worker takes it), sends it without holding any lock, then notes what
came of it in another. A mail server that hangs therefore never keeps a page from being saved. A process
that is killed between sending and noting leaves the row pending: the mail goes out again after `LEASE`
under the same Message-ID, by which mail programs recognise the repeat. Nothing can be lost.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
import uuid
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from ppp_match.config import Settings
from ppp_match.db import db, now
from ppp_match.extensions import settings_now
from ppp_match.jobs import job
from ppp_match.notifications import addresses, kinds, letters
from ppp_match.notifications.models import OutboxMessage

log = logging.getLogger(__name__)

BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720))
LEASE = timedelta(minutes=5)  # longer than any one sending may take
SMTP_SECONDS = 10
A_ROUND = 200


class ServerDownError(Exception):
    """The mail server can't be reached just now: no use in trying the next mail."""


@job("deliver_mail", minutes=1)
def deliver_mail() -> int:
    """Send what is due, one by one. Returns how many were sent. Commits after each, being the outermost."""
    sent = 0
    post = Post(settings_now())
    try:
        for _ in range(A_ROUND):
            row_id = _claim()
            if row_id is None:
                break
            try:
                sent += _deliver(row_id, post.send)
            except ServerDownError:
                break
    finally:
        post.close()
    return sent


def _claim() -> uuid.UUID | None:
    """Take the row that is due longest, so that nobody else does. SKIP LOCKED on PostgreSQL; one writer on
    SQLite."""
    moment = now()
    row = db.session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.state == "pending",
            OutboxMessage.digest == "",  # the others go with their digest
            OutboxMessage.next_attempt_at <= moment,
            addresses.may_go(),
        )
        .order_by(OutboxMessage.next_attempt_at, OutboxMessage.created_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=OutboxMessage)
    )
    if row is None:
        db.session.rollback()
        return None
    row.attempts += 1
    row.next_attempt_at = moment + LEASE
    row_id = row.id
    db.session.commit()
    return row_id


def _deliver(row_id: uuid.UUID, send: Callable[[OutboxMessage, EmailMessage], None]) -> int:
    row = db.session.get_one(OutboxMessage, row_id)
    try:
        message = letters.envelope(row, letters.write(row))
    except Exception as error:  # a letter that cannot be written will not be better in an hour
        log.exception("mail %s of kind %s cannot be written", row_id, row.kind)
        _note(row_id, failed=f"cannot be written: {type(error).__name__}: {error}", final=True)
        return 0
    db.session.expunge(row)
    db.session.rollback()  # ends the reading transaction: nothing is held while the server answers
    try:
        send(row, message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        for_good = 500 <= code < 600
        _note(row_id, failed=f"recipient refused ({code})", final=for_good, refused=for_good)
    except (smtplib.SMTPException, OSError) as error:
        _note(row_id, failed=f"{type(error).__name__}: {getattr(error, 'smtp_code', error)}")
        if not isinstance(error, smtplib.SMTPResponseException):
            raise ServerDownError from error
    else:
        _note(row_id)
        return 1
    return 0


def _note(row_id: uuid.UUID, failed: str = "", *, final: bool = False, refused: bool = False) -> None:
    """Write down what came of an attempt."""
    row = db.session.get_one(OutboxMessage, row_id, with_for_update=True)
    row.last_error = failed[:500]
    if refused:
        addresses.note_refused(row)
    if not failed:
        row.state = "sent"
        row.sent_at = now()
        addresses.note_taken(row)
        if row.kind == "digest":
            _sent_with(row)
        if row.kind in kinds.ACCOUNT_KINDS:
            row.context = {**row.context, "link": ""}  # it opens an account: not kept longer than needed
    elif final or row.attempts > len(BACK_OFF):
        row.state = "failed"
        if row.kind in kinds.ACCOUNT_KINDS:
            row.context = {**row.context, "link": ""}
        log.warning("mail %s failed for good after %s attempts: %s", row_id, row.attempts, failed)
    else:
        row.next_attempt_at = now() + BACK_OFF[row.attempts - 1]
    db.session.commit()


def _sent_with(digest: OutboxMessage) -> None:
    """What a digest holds is sent with it."""
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.digest_id == digest.id)
        .values(state="sent", sent_at=digest.sent_at)
        .execution_options(synchronize_session=False)
    )


class Post:
    """The way out of the house: one SMTP connection a round, or files in instance/mail."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.server: smtplib.SMTP | None = None

    def send(self, row: OutboxMessage, message: EmailMessage) -> None:
        if self.settings.mail_server:
            self._open().send_message(message)
        else:
            _write_file(file_of(self.settings, row), message.as_bytes())

    def _open(self) -> smtplib.SMTP:
        if self.server is None or not self._alive():
            settings = self.settings
            server = smtplib.SMTP(settings.mail_server, settings.mail_port, timeout=SMTP_SECONDS)
            if settings.mail_use_tls:
                server.starttls(context=ssl.create_default_context())  # checks the server's certificate
            if settings.mail_username:
                server.login(settings.mail_username, settings.mail_password)
            self.server = server
        return self.server

    def _alive(self) -> bool:
        try:
            return self.server is not None and self.server.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def close(self) -> None:
        if self.server is not None:
            try:
                self.server.quit()
            except (smtplib.SMTPException, OSError):
                self.server.close()
            self.server = None


def file_of(settings: Settings, row: Any) -> Path:
    """Where a mail lies as a file; named after its row, so that a repeat replaces it."""
    return settings.instance / "mail" / f"{row.created_at:%Y%m%dT%H%M%S}-{row.id}.eml"


def _write_file(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)
