"""The verbs of attached files: check, add, show, remove, refuse.

The room of a subject decides whether its state allows a file; here a file is checked, counted, stored and recorded.
Bytes are on the disk before the row that names them is, so that no row lacks its file whatever stops the process.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.attachments import checks, clamav, limits
from ppp_match.attachments.models import LIVE, LONGEST_DESCRIPTION, Attachment
from ppp_match.db import db, wait_for
from ppp_match.extensions import settings_now
from ppp_match.jobs import wake
from ppp_match.lifecycle import ATTACHMENT, NotPermitted, Refused, move
from ppp_match.permissions import Actor, can


@dataclass(frozen=True)
class Checked:
    """A file that was looked at and may be added."""

    name: str
    kind: str
    data: bytes
    scan: str  # clean or unscanned
    description: str
    lang: str


def check(name: str, data: bytes, *, description: str, lang: str) -> Checked:
    """Look at a file before anything is changed. Raises Refused: what `checks.examine` raises, file_description,
    file_infected, scanner_away (where a scanner is set, nothing is taken unseen)."""
    settings = settings_now()
    found = checks.examine(name, data, most_bytes=settings.attachment_bytes)
    words = " ".join(description.split())
    if not words or len(words) > LONGEST_DESCRIPTION:
        raise Refused("file_description")
    scan = "unscanned"
    if settings.clamav_socket:
        try:
            clamav.scan(data, settings.clamav_socket)
        except clamav.Infected as infected:
            raise Refused("file_infected", str(infected)) from None
        except clamav.NoAnswer as error:
            raise Refused("scanner_away", str(error)) from error
        scan = "clean"
    return Checked(found.name, found.kind, data, scan, words, lang)


def add(
    subject_type: str,
    subject: Any,
    checked: Checked,
    *,
    organisation_id: uuid.UUID,
    state: str = "waiting",
    actor: Actor,
) -> Attachment:
    """Attach a checked file to a subject. Raises NotPermitted; Refused("too_many_files"), counted under a lock."""
    attachment = Attachment(
        subject_type=subject_type,
        subject_id=subject.id,
        organisation_id=organisation_id,
        uploaded_by=actor.user_id,
        name=checked.name,
        description=checked.description,
        lang=checked.lang,
        kind=checked.kind,
        size=len(checked.data),
        scan=checked.scan,
        state=state,
        preview="due" if checks.KINDS[checked.kind].previewed else "none",
    )
    if not can(actor, "attachment.add", attachment):
        raise NotPermitted("not_permitted", "attachment.add")
    wait_for(subject)
    if count(subject_type, subject.id) >= settings_now().attachment_files:
        raise Refused("too_many_files")
    attachment.digest = limits.store().put(checked.data)
    db.session.add(attachment)
    db.session.flush()
    audit.record("attachment.added", attachment, actor=actor, to_state=state, reason=attachment.name)
    if attachment.preview == "due":
        wake("make_previews")
    return attachment


def count(subject_type: str, subject_id: uuid.UUID) -> int:
    """How many files of a subject count against the limit."""
    mine = (Attachment.subject_type == subject_type, Attachment.subject_id == subject_id)
    return db.session.scalar(select(func.count()).where(*mine, Attachment.state.in_(LIVE))) or 0


def waiting(subject_type: str, subject_id: uuid.UUID) -> list[Attachment]:
    mine = (Attachment.subject_type == subject_type, Attachment.subject_id == subject_id)
    query = select(Attachment).where(*mine, Attachment.state == "waiting").order_by(Attachment.created_at)
    return list(db.session.scalars(query))


def show_waiting(subject_type: str, subject_id: uuid.UUID, *, anonymous: bool, actor: Actor) -> int:
    """Show what a moderator has read together with its subject. Returns how many files that was."""
    found = waiting(subject_type, subject_id)
    for attachment in found:
        attachment.anonymous = anonymous
        move(ATTACHMENT, attachment, "shown", actor=actor)
    return len(found)


def remove(attachment: Attachment, *, actor: Actor) -> None:
    """Take a file away that nobody has published; its bytes are swept away after a day."""
    move(ATTACHMENT, attachment, "removed", actor=actor)


def drop_waiting(subject_type: str, subject_id: uuid.UUID, *, actor: Actor, reason: str = "") -> None:
    """The change that files came with was given up by its owners, or refused by the forum with a `reason`."""
    for attachment in waiting(subject_type, subject_id):
        if reason:
            refuse(attachment, reason=reason, actor=actor)
        else:
            remove(attachment, actor=actor)


def refuse(attachment: Attachment, *, reason: str, actor: Actor) -> None:
    """The forum does not let this file stand, or takes it down, and says why."""
    words = reason.strip()
    if len(words) > 600:
        raise Refused("note_too_long", str(len(words)))
    with db.session.no_autoflush:
        before, attachment.reason = attachment.reason, words
        try:
            move(ATTACHMENT, attachment, "refused", actor=actor, reason=words)
        except Refused:
            attachment.reason = before
            raise
