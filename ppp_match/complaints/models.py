"""Reports, appeals, and concerns told to the administrators in confidence."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import Organisation, User
from ppp_match.db import Identified, Model, now, today

REPORTED = ("listing", "organisation", "message", "attachment")
PARTS = ("", "addendum", "reference")
REPORT_KINDS = (
    "misleading",
    "personal_data",
    "offensive",
    "spam",
    "bribery",
    "copyright",
    "discrimination",
    "other",
)
MEASURES = ("none", "amend", "hide", "take_down", "withdraw", "suspend")
APPEALED = (
    "listing",
    "verification_request",
    "suspension",
    "attachment",
    "message",
    "match",
)
CONCERN_KINDS = ("corruption", "misconduct", "other")
_OPEN_OF_ONE = "state = 'open' AND reporter_id IS NOT NULL"


class Report(Identified, Model):
    """Somebody points at a text, a profile, a file or a message. `organisation_id` is the one concerned."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint(f"subject_type IN {REPORTED!r}", name="subject_type"),
        CheckConstraint(f"part IN {PARTS!r}", name="part"),
        CheckConstraint(f"kind IN {REPORT_KINDS!r}", name="kind"),
        CheckConstraint("state IN ('open', 'acted', 'dismissed')", name="state"),
        CheckConstraint(f"measure IS NULL OR measure IN {MEASURES!r}", name="measure"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state = 'open' OR (measure IS NOT NULL AND reason <> '')", name="reason"),
        Index("ix_report_queue", "state", "created_at"),
        Index("ix_report_subject", "subject_type", "subject_id"),
        Index(
            "uq_report_open_of_one",
            "reporter_id",
            "subject_type",
            "subject_id",
            unique=True,
            sqlite_where=text(_OPEN_OF_ONE),
            postgresql_where=text(_OPEN_OF_ONE),
        ),
    )

    subject_type: Mapped[str] = mapped_column(String(14))
    subject_id: Mapped[uuid.UUID]
    part: Mapped[str] = mapped_column(String(10), default="")
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(14))
    words: Mapped[str] = mapped_column(Text, default="")
    reporter_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    by_system: Mapped[bool] = mapped_column(default=False)  # a phrase of the forum's list was found
    state: Mapped[str] = mapped_column(String(10), default="open")
    created_at: Mapped[datetime] = mapped_column(default=now)
    measure: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")  # told to the organisation concerned
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    reporter: Mapped[User | None] = relationship(foreign_keys=[reporter_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id})


class Appeal(Identified, Model):
    """An organisation asks another moderator to look at a decision again: once for each decision, in time."""

    __tablename__ = "appeal"
    __table_args__ = (
        UniqueConstraint("organisation_id", "subject_type", "subject_id", "contested_at"),
        CheckConstraint(f"subject_type IN {APPEALED!r}", name="subject_type"),
        CheckConstraint("state IN ('open', 'upheld', 'overturned')", name="state"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("state = 'open' OR answer <> ''", name="answer"),
        Index("ix_appeal_queue", "state", "due_on"),
    )

    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    contested_at: Mapped[datetime]  # when the decision was taken
    decider_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    second_decider_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decision: Mapped[str] = mapped_column(Text, default="")  # its reason, as the organisation was told
    words: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    filed_at: Mapped[datetime] = mapped_column(default=now)
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="open")
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id})


class ConcernCase(Identified, Model):
    """A concern told in confidence. Nothing names who told it; days instead of moments, so that no log fits it."""

    __tablename__ = "concern_case"
    __table_args__ = (
        CheckConstraint(f"kind IN {CONCERN_KINDS!r}", name="kind"),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    )

    code: Mapped[str] = mapped_column(String(12), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(8), default="open", index=True)
    told_on: Mapped[date] = mapped_column(default=today)
    closed_at: Mapped[datetime | None]

    entries: Mapped[list[ConcernEntry]] = relationship(
        back_populates="case", order_by="ConcernEntry.position", cascade="all, delete-orphan"
    )


class ConcernEntry(Identified, Model):
    """Words of the person, or of an administrator (`author_id`) to them."""

    __tablename__ = "concern_entry"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("concern_case.id", ondelete="CASCADE"))
    position: Mapped[int]
    by_forum: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str] = mapped_column(Text)
    on: Mapped[date] = mapped_column(default=today)

    case: Mapped[ConcernCase] = relationship(back_populates="entries")
