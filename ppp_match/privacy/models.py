"""What people ask about their data, the rules by which data goes, what is held back, and what went."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import User
from ppp_match.db import Identified, Model, now

HELD = ("user", "organisation", "listing", "introduction")


class DataCopy(Identified, Model):
    """A copy that a person asked for: made by a job, taken by them alone, gone after seven days."""

    __tablename__ = "data_copy"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'ready', 'gone')", name="state"),
        CheckConstraint("(state = 'waiting') = (ready_at IS NULL)", name="ready"),
        Index(
            "uq_data_copy_waiting",
            "user_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(default=now)
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    size: Mapped[int] = mapped_column(default=0)  # bytes

    user: Mapped[User] = relationship()


class ErasureRequest(Identified, Model):
    """A person asks for the end of their account and of what is known of them; carried out once it is due."""

    __tablename__ = "erasure_request"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'taken_back', 'done')", name="state"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_erasure_request_waiting",
            "user_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    stopped_by: Mapped[str] = mapped_column(
        String(20), default=""
    )  # why it could not be carried out when due

    user: Mapped[User] = relationship()

    # Guard of the ERASURE lifecycle: a refusal code, or None.
    def refuse_early(self) -> str | None:
        return None if self.due_at <= now() else "erasure_not_due"


class CorrectionRequest(Identified, Model):
    """A person asks the forum to correct what they cannot change themselves."""

    __tablename__ = "correction_request"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'declined')", name="state"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered"),
        Index("ix_correction_request_queue", "state", "due_on"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(Text)  # what is wrong and what is right
    state: Mapped[str] = mapped_column(String(10), default="open")
    asked_at: Mapped[datetime] = mapped_column(default=now)
    due_on: Mapped[date]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    user: Mapped[User] = relationship(foreign_keys=[user_id])

    __mapper_args__ = {"version_id_col": version}


class RetentionRule(Model):
    """After how many days one kind of data goes; what that means for it stands in `retention_rules.py`."""

    __tablename__ = "retention_rule"
    __table_args__ = (CheckConstraint("days BETWEEN 1 AND 36500", name="days"),)

    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    position: Mapped[int]
    days: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    why_vi: Mapped[str] = mapped_column(Text)
    why_en: Mapped[str] = mapped_column(Text)
    basis_vi: Mapped[str] = mapped_column(Text, default="")  # the law or decision it rests on
    basis_en: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    def why(self, lang: str) -> str:
        return self.why_vi if lang == "vi" else self.why_en

    def basis(self, lang: str) -> str:
        return self.basis_vi if lang == "vi" else self.basis_en


class LegalHold(Identified, Model):
    """While it lasts, nothing of its subject goes: a dispute, an inspection, an order of a court."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint(
            "subject_type IN ('user', 'organisation', 'listing', 'introduction')", name="subject_type"
        ),
        Index(
            "uq_legal_hold_open",
            "subject_type",
            "subject_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[uuid.UUID]
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    placed_at: Mapped[datetime] = mapped_column(default=now)
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(Text, default="")


class RetentionRun(Identified, Model):
    """One run of the schedule: how many of each kind went. Numbers only, nothing of anybody."""

    __tablename__ = "retention_run"
    __table_args__ = (
        Index(
            "uq_retention_run_open",
            "finished",
            unique=True,
            sqlite_where=text("NOT finished"),
            postgresql_where=text("NOT finished"),
        ),
    )

    started_at: Mapped[datetime] = mapped_column(default=now, index=True)
    finished: Mapped[bool] = mapped_column(default=False)
    finished_at: Mapped[datetime | None]
    gone: Mapped[dict[str, Any]]  # {rule: how many}
    days: Mapped[dict[str, Any]]  # {rule: days} as they were when it began
