"""Files that people attach: what is known of each. The bytes lie in the store, under their SHA-256.

A file belongs to a subject, a listing, a message or an organisation that asks to be verified; whoever may see the
subject sees its files. The rooms of the subjects say who that is (`subjects.py`).
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ppp_match.db import Identified, Model, now

LONGEST_NAME = 120
LONGEST_DESCRIPTION = 300
LIVE = ("waiting", "shown")  # states that count against the limit


class Attachment(Identified, Model):
    """One file beside its subject."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("subject_type IN ('listing', 'message', 'organisation')", name="subject_type"),
        CheckConstraint("state IN ('waiting', 'shown', 'removed', 'refused')", name="state"),
        CheckConstraint("scan IN ('clean', 'unscanned')", name="scan"),
        CheckConstraint("preview IN ('none', 'due', 'made', 'failed')", name="preview"),
        CheckConstraint("(preview = 'made') = (preview_digest IS NOT NULL)", name="preview_made"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refused_why"),
        Index("ix_attachment_subject", "subject_type", "subject_id", "created_at"),
    )

    subject_type: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    uploaded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    description: Mapped[str] = mapped_column(String(LONGEST_DESCRIPTION))
    lang: Mapped[str] = mapped_column(String(8))  # of the description
    kind: Mapped[str] = mapped_column(String(8))  # a key of checks.KINDS
    size: Mapped[int]  # in bytes
    digest: Mapped[str] = mapped_column(String(64), index=True)
    scan: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reason: Mapped[str] = mapped_column(String(600), default="")  # of the moderator who refused it
    anonymous: Mapped[bool] = mapped_column(
        default=False
    )  # whether the need withheld its city when it was shown
    preview: Mapped[str] = mapped_column(String(8), default="none", index=True)
    preview_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    preview_width: Mapped[int | None]
    preview_height: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id})

    @property
    def is_image(self) -> bool:
        return self.kind in ("png", "jpeg", "webp")
