"""What the forum steers its matcher by: pairs, what people said of how well they fit, and versions of the matcher."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import User
from ppp_match.db import Identified, Model, now
from ppp_match.listings.models import Listing
from ppp_match.recommendations.models import MatchDecision

GRADES = (0, 1, 2, 3)  # does not answer, related, a major part of it, meets the need
PAIR_STATES = ("open", "settled", "disputed")
SOURCES = ("person", "import", "decision")
VERSION_STATES = ("offered", "active", "retired")
ORIGINS = ("shipped", "by_hand", "learnt", "lexicon")


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
    def by_lot(self) -> bool:
        """Whether a judgement was read from a decision on a pair drawn by lot, from below the cut."""
        return any(one.propensity is not None for one in self.judgements)

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
        CheckConstraint("propensity IS NULL OR source = 'decision'", name="propensity"),
    )

    pair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("judged_pair.id", ondelete="CASCADE"))
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    grade: Mapped[int]
    source: Mapped[str] = mapped_column(String(10), default="person")
    decision_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("match_decision.id", ondelete="CASCADE"), index=True
    )  # the moderator's decision that it was read from
    propensity: Mapped[float | None]  # of a decision on a pair by lot: how likely the pair was to be drawn
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now)

    pair: Mapped[JudgedPair] = relationship(back_populates="judgements")
    by: Mapped[User] = relationship()
    decision: Mapped[MatchDecision | None] = relationship()


class MatcherVersion(Identified, Model):
    """What the matcher may rank with: weights, and changes to the shipped lexicon, all of them since the shipped one.

    At most one is active; with none the shipped weights and lexicon rank. What was offered stays as it is: a change is
    another version.
    """

    __tablename__ = "matcher_version"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'active', 'retired')", name="state"),
        CheckConstraint("origin IN ('shipped', 'by_hand', 'learnt', 'lexicon')", name="origin"),
        Index(
            "uq_matcher_version_active",
            "state",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    number: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="offered")
    weights: Mapped[dict[str, Any]]  # as Weights.as_json
    lexicon_changes: Mapped[list[Any]]  # of Change as a list of its fields
    facts: Mapped[dict[str, Any]]  # what learning it found, if it was learnt
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    activated_at: Mapped[datetime | None]
    activated_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    before_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("matcher_version.id")
    )  # active when it was offered

    creator: Mapped[User | None] = relationship(foreign_keys=[created_by])
    activator: Mapped[User | None] = relationship(foreign_keys=[activated_by])
    before: Mapped[MatcherVersion | None] = relationship(remote_side="MatcherVersion.id")
    runs: Mapped[list[QualityRun]] = relationship(
        back_populates="version", order_by="QualityRun.measured_at", cascade="all, delete-orphan"
    )

    @property
    def label(self) -> str:
        """As stored matches name it."""
        return f"v{self.number}"


class QualityRun(Identified, Model):
    """How a version did on the judged set as it stood then (`quality.measure`)."""

    __tablename__ = "quality_run"
    __table_args__ = (Index("ix_quality_run_version", "version_id", "measured_at"),)

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matcher_version.id", ondelete="CASCADE"))
    judged: Mapped[str] = mapped_column(String(64))  # fingerprint of what it was measured on
    measured_at: Mapped[datetime] = mapped_column(default=now)
    results: Mapped[dict[str, Any]]

    version: Mapped[MatcherVersion] = relationship(back_populates="runs")
