"""What the forum steers its matcher by: pairs, and what people said of how well they fit."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import User
from ppp_match.db import Identified, Model, now
from ppp_match.listings.models import Listing
from ppp_match.recommendations.models import MatchDecision

GRADES = (0, 1, 2, 3)  # does not answer, related, a major part of it, meets the need
PAIR_STATES = ("open", "settled", "disputed")
SOURCES = ("person", "import", "decision")


class JudgedPair(Identified, Model):
    """A need and a capability in the judged set. `state` and `grade` follow from the judgements (`operations.settle`)."""

    __tablename__ = "judged_pair"
    __table_args__ = (
        UniqueConstraint("need_id", "capability_id"),
        CheckConstraint("state IN ('open', 'settled', 'disputed')", name="state"),
        CheckConstraint("grade IS NULL OR grade BETWEEN 0 AND 3", name="grade"),
        CheckConstraint("(state = 'settled') = (grade IS NOT NULL)", name="settled"),
        Index("ix_judged_pair_state", "state", "changed_at"),
    )

    need_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"))
    capability_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    grade: Mapped[int | None]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)  # the newest judgement, or when it was added

    need: Mapped[Listing] = relationship(foreign_keys=[need_id])
    capability: Mapped[Listing] = relationship(foreign_keys=[capability_id])
    judgements: Mapped[list[Judgement]] = relationship(
        back_populates="pair", order_by="Judgement.at", cascade="all, delete-orphan"
    )

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.need.party_ids | self.capability.party_ids


class Judgement(Identified, Model):
    """How well a capability answers a need in the eyes of one person, who has one judgement a pair."""

    __tablename__ = "judgement"
    __table_args__ = (
        UniqueConstraint("pair_id", "by_id"),
        CheckConstraint("grade BETWEEN 0 AND 3", name="grade"),
        CheckConstraint("source IN ('person', 'import', 'decision')", name="source"),
        CheckConstraint("(source = 'decision') = (decision_id IS NOT NULL)", name="decision"),
    )

    pair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("judged_pair.id", ondelete="CASCADE"))
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    grade: Mapped[int]
    source: Mapped[str] = mapped_column(String(10), default="person")
    decision_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("match_decision.id", ondelete="CASCADE"), index=True
    )  # the moderator's decision that it was read from
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now)

    pair: Mapped[JudgedPair] = relationship(back_populates="judgements")
    by: Mapped[User] = relationship()
    decision: Mapped[MatchDecision | None] = relationship()
