"""Questions on a need, their answers, and whether a need names who asks.

A question is read by its own side, the city and the forum until it is answered; then everybody reads it. An answer is
never changed: a correction is another one with its own date.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import Organisation
from ppp_match.db import Identified, Model, now, today
from ppp_match.listings.models import Listing
from ppp_match.listings.models_addenda import Addendum

STATES = ("asked", "answered", "declined", "withdrawn")
SHORTEST, LONGEST, LONGEST_ANSWER, LONGEST_REASON = 20, 1000, 2000, 600
WORKING_DAYS = 5


class Question(Identified, Model):
    """A question on a need. One without an asker comes from a conversation, in the city's own words."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("need_id", "number"),
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint("(state = 'asked') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(state = 'declined') = (reason <> '')", name="reason"),
        CheckConstraint("organisation_id IS NOT NULL OR state = 'answered'", name="asker"),
        Index("ix_question_due", "state", "due_on"),
    )

    need_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"))
    number: Mapped[int]  # counted within its need
    state: Mapped[str] = mapped_column(String(10), default="asked")
    text: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(String(8))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    asked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    named: Mapped[bool] = mapped_column(default=False)  # whether everybody reads who asked, as was said then
    due_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")  # why the city does not answer
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    need: Mapped[Listing] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    answers: Mapped[list[Answer]] = relationship(back_populates="question", order_by="Answer.answered_at")

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        """The need's city and who asks. Which of the two may do what, their kinds decide."""
        return self.need.party_ids | ({self.organisation_id} if self.organisation_id else set())

    @property
    def is_overdue(self) -> bool:
        return self.state == "asked" and self.due_on < today()


class Answer(Identified, Model):
    """What the city answers to all. The first one answers the question, later ones add to it or correct it."""

    __tablename__ = "question_answer"
    __table_args__ = (CheckConstraint("text <> ''", name="text"),)

    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(String(8))
    anonymous: Mapped[bool] = mapped_column(default=False)  # whether the need withheld its city at that time
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime] = mapped_column(default=now)
    addendum_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("listing_addendum.id"))

    question: Mapped[Question] = relationship(back_populates="answers")
    addendum: Mapped[Addendum | None] = relationship()

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.question.need.party_ids


class QuestionSetting(Model):
    """What a need's city set for its questions; without a row, askers are not named."""

    __tablename__ = "question_setting"

    need_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    names_askers: Mapped[bool] = mapped_column(default=False)
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime] = mapped_column(default=now)
