"""Which attached files there are, and who may open one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import select

from ppp_match.attachments.models import Attachment
from ppp_match.attachments.subjects import KINDS
from ppp_match.db import Base, db
from ppp_match.permissions import Actor


def openable(attachment_id: uuid.UUID, actor: Actor) -> Attachment | None:
    """The file, if this actor may open it: whoever sees the subject sees what is shown beside it."""
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or attachment.state == "removed":
        return None
    kind = KINDS[attachment.subject_type]
    subject = kind.find(attachment.subject_id)
    return attachment if subject is not None and kind.shown_to(subject, attachment, actor) else None


def files_of(subject_type: str, subject_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Attachment]]:
    """{subject: its files, the first added first}, those that were removed apart; one question for all."""
    found: dict[uuid.UUID, list[Attachment]] = {one: [] for one in subject_ids}
    if not found:
        return found
    query = (
        select(Attachment)
        .where(
            Attachment.subject_type == subject_type,
            Attachment.subject_id.in_(found),
            Attachment.state != "removed",
        )
        .order_by(Attachment.created_at, Attachment.id)
    )
    for attachment in db.session.scalars(query):
        found[attachment.subject_id].append(attachment)
    return found


def visible_of(subject_type: str, subject: object, actor: Actor) -> list[Attachment]:
    """Files of one subject that this actor may open, the first added first."""
    subject_id: uuid.UUID = subject.id  # type: ignore[attr-defined]
    shown_to = KINDS[subject_type].shown_to
    return [one for one in files_of(subject_type, [subject_id])[subject_id] if shown_to(subject, one, actor)]


def uploaders(attachments: Iterable[Attachment]) -> dict[uuid.UUID, str]:
    """{person: name} of those who added these files, for colleagues and the forum."""
    ids = {one.uploaded_by for one in attachments if one.uploaded_by is not None}
    if not ids:
        return {}
    people = Base.metadata.tables["user"]  # of the room above
    rows = db.session.execute(select(people.c.id, people.c.name).where(people.c.id.in_(ids)))
    return {row[0]: row[1] for row in rows}
