"""Drafts of changes to the lexicon, one a person, and the preview of each."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.db import Identified, Model, now
from ppp_match.matching.bilingual import Change

PREVIEW_STATES = ("asked", "done", "failed")


class LexiconDraft(Identified, Model):
    """What one person would change of the lexicon that ranked when the first change was put in.

    `version` rises with every change; a form that was opened at another one is refused. An empty draft stands on
    nothing, so that its row can be kept.
    """

    __tablename__ = "lexicon_draft"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    base_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("matcher_version.id"))
    base_lexicon: Mapped[str] = mapped_column(String(12), default="")  # its fingerprint
    changes: Mapped[list[Any]]  # of Change as a list of its fields
    changed_at: Mapped[datetime] = mapped_column(default=now)

    preview: Mapped[LexiconPreview | None] = relationship(
        back_populates="draft", cascade="all, delete-orphan", lazy="joined"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def entries(self) -> tuple[Change, ...]:
        """The changes in the order in which they were put in."""
        return tuple(Change(*one) for one in self.changes)


class LexiconPreview(Identified, Model):
    """What a draft would do to the rankings, as it stood at `draft_version` over the version `base_id`."""

    __tablename__ = "lexicon_preview"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'done', 'failed')", name="state"),
        CheckConstraint("(state = 'asked') = (done_at IS NULL)", name="done"),
    )

    draft_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lexicon_draft.id", ondelete="CASCADE"), unique=True
    )
    draft_version: Mapped[int]
    base_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("matcher_version.id"))
    state: Mapped[str] = mapped_column(String(10), default="asked")
    asked_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    results: Mapped[dict[str, Any]]  # as lexicon_preview.work_out gives them

    draft: Mapped[LexiconDraft] = relationship(back_populates="preview")
