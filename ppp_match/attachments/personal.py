"""What this room's table holds of persons: who attached a file. The files themselves go into that person's copy."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import select

from ppp_match.attachments.limits import store
from ppp_match.attachments.models import Attachment
from ppp_match.db import db
from ppp_match.personal import RECORD, declare, file_source

declare(
    "attachment",
    group="files",
    who="uploaded_by",
    none="id subject_type subject_id organisation_id name description lang kind size digest scan state reason anonymous "
    "preview preview_digest preview_width preview_height created_at version",
    kept={RECORD: "uploaded_by"},
)


@file_source("files")
def attached_by(user_id: uuid.UUID) -> Iterable[tuple[str, bytes]]:
    """The files that a person attached and that are still there."""
    rows = select(Attachment).where(
        Attachment.uploaded_by == user_id, Attachment.state.not_in(("removed", "refused"))
    )
    for row in db.session.scalars(rows.order_by(Attachment.created_at, Attachment.id)):
        yield row.name, store().read(row.digest)
