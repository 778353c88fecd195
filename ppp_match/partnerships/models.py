"""A partnership begins with its introduction and holds the truth from there: its course, and what each side says of it.

Whatever the two sides report is a `Statement`: one side's word on one fact, kept beside the other side's. What counts
follows from the statements (`standing.py`); nothing that one side says overwrites what the other said. What both keep
together (indicators, milestones, risks, links) stands in `models_plan.py`.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import User
from ppp_match.db import Identified, Model, now
from ppp_match.introductions.models import SIDES, Introduction
from ppp_match.recommendations.models import Match

if TYPE_CHECKING:
    from ppp_match.partnerships.models_plan import DocumentLink, Indicator, Milestone, Risk

STATES = ("introduced", "meeting", "in_talks", "pilot", "agreed", "delivered", "no_agreement", "lapsed")
OPEN_STATES = ("introduced", "meeting", "in_talks", "pilot", "agreed")  # the forum still asks how it goes
WITH_RESULT = ("pilot", "agreed", "delivered")
EXIT_REASONS = (
    "no_budget",
    "scope_differs",
    "terms_differ",
    "approval_missing",
    "other_way",
    "capacity",
    "trust",
    "no_answer",
    "other",
)
VALUE_STATUSES = ("planned", "committed", "actual")
FACTS = ("stage", "contract_form", "legal_basis", "signed_on", "starts_on", "ends_on")
STATE = "state"  # the key of a statement about the course
_LIVE = text("replaced_at IS NULL")


class Partnership(Identified, Model):
    """What the two sides of an introduction do together. One for each introduction, from its first moment."""

    __tablename__ = "partnership"
    __table_args__ = (
        UniqueConstraint("introduction_id"),
        UniqueConstraint("number"),
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint("(state = 'no_agreement') = (exit_reason IS NOT NULL)", name="exit_reason"),
        Index("ix_partnership_state", "state", "changed_at"),
    )

    introduction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("introduction.id"))
    number: Mapped[int]  # P-0011
    state: Mapped[str] = mapped_column(String(12), default="introduced")
    exit_reason: Mapped[str | None] = mapped_column(String(20))
    since: Mapped[date]  # the day from which it is in this state
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    result: Mapped[str] = mapped_column(Text, default="")  # what came of it, in a few sentences
    result_lang: Mapped[str] = mapped_column(String(8), default="vi")
    need_shows_at: Mapped[datetime | None]  # since when that side agrees that everybody reads it
    capability_shows_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    introduction: Mapped[Introduction] = relationship(lazy="joined")
    statements: Mapped[list[Statement]] = relationship(back_populates="partnership", order_by="Statement.at")
    steps: Mapped[list[Step]] = relationship(
        back_populates="partnership", order_by="(Step.at, Step.position)"
    )
    indicators: Mapped[list[Indicator]] = relationship(
        back_populates="partnership", order_by="(Indicator.created_at, Indicator.id)"
    )
    milestones: Mapped[list[Milestone]] = relationship(
        back_populates="partnership", order_by="(Milestone.due_on, Milestone.id)"
    )
    risks: Mapped[list[Risk]] = relationship(
        back_populates="partnership", order_by="(Risk.created_at, Risk.id)"
    )
    documents: Mapped[list[DocumentLink]] = relationship(
        back_populates="partnership", order_by="(DocumentLink.created_at, DocumentLink.id)"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def match(self) -> Match:
        return self.introduction.match

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.introduction.party_ids

    @property
    def label(self) -> str:
        return f"P-{self.number:04d}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_shown(self) -> bool:
        """Whether everybody may read it: there is something to show, and both sides agree."""
        return (
            self.state in WITH_RESULT
            and self.need_shows_at is not None
            and self.capability_shows_at is not None
        )

    def side_of(self, organisation_id: uuid.UUID | None) -> str | None:
        return self.introduction.offer.side_of(organisation_id)

    def contradicted_by(self, statement: Statement) -> bool:
        """Whether a statement about the course does not follow from where it stands, and nobody has settled it."""
        stated = statement.text.partition(":")[0]
        return (
            statement.key == STATE
            and statement.replaced_at is None
            and statement.verified_at is None
            and stated != self.state
        )

    def live_statements(self) -> list[Statement]:
        """What each side says now."""
        return [statement for statement in self.statements if statement.replaced_at is None]


class Statement(Identified, Model):
    """What one side says of one fact. Said anew, the older one is replaced and kept; a moderator may have verified one.

    `key` names the fact: "state", "fact:stage", "value:committed", "beneficiaries:women",
    "indicator:<id>:<day>". The value is an amount (money with its currency) or a text (a code, or a day as ISO).
    """

    __tablename__ = "partnership_statement"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES!r}", name="side"),
        CheckConstraint("amount IS NOT NULL OR text <> ''", name="value"),
        CheckConstraint("(verified_at IS NULL) = (verification = '')", name="verified"),
        Index(
            "uq_partnership_statement_live",
            "partnership_id",
            "key",
            "side",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    partnership_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partnership.id"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    side: Mapped[str] = mapped_column(String(12))
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    text: Mapped[str] = mapped_column(String(200), default="")
    on: Mapped[date]  # the day of which it speaks; of money, the day of the rate
    note: Mapped[str] = mapped_column(Text, default="")  # source and method, or the reason in words
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    replaced_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    verification: Mapped[str] = mapped_column(Text, default="")  # what the moderator saw

    partnership: Mapped[Partnership] = relationship(back_populates="statements")
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.partnership.party_ids

    @property
    def value(self) -> tuple[Decimal | None, str | None, str]:
        """What is compared with the other side's word."""
        return self.amount, self.currency, self.text


class Step(Identified, Model):
    """One line of the dated history: the course reached a state. `passed` ones follow from a later report."""

    __tablename__ = "partnership_step"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        Index("ix_partnership_step_of", "partnership_id", "at"),
    )

    partnership_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partnership.id"))
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    on: Mapped[date]
    side: Mapped[str | None] = mapped_column(String(12))  # none: the forum
    passed: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    partnership: Mapped[Partnership] = relationship(back_populates="steps")


class StatusRequest(Identified, Model):
    """The forum asks one side how it goes: 30, 90 and 180 days after the introduction, then every year."""

    __tablename__ = "partnership_status_request"
    __table_args__ = (
        UniqueConstraint("partnership_id", "side", "days"),
        CheckConstraint(f"side IN {SIDES!r}", name="side"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered"),
        Index("ix_partnership_status_request_open", "closed_at", "due_on"),
    )

    partnership_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partnership.id"), index=True)
    side: Mapped[str] = mapped_column(String(12))
    days: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    due_on: Mapped[date]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    answer: Mapped[str] = mapped_column(String(12), default="")  # a state
    closed_at: Mapped[datetime | None]  # answered, out of date, or not needed any more

    partnership: Mapped[Partnership] = relationship()

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.partnership.party_ids
