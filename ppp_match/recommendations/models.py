"""Matches of a need and a capability, the decisions on them, and vendors' expressions of interest."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import User
from ppp_match.db import Identified, Model, now
from ppp_match.listings.models import Listing
from ppp_match.recommendations.undo_window import undo_window

ORIGINS = (
    "matcher",
    "newcomer",
    "lot",
    "interest",
    "moderator",
)  # newcomer: a place kept for a vendor never suggested; lot: drawn from below the cut (`lots.py`)
CHOSEN_BY_PEOPLE = ("approved", "offered", "declined", "expired", "introduced")
LOTS_AT_MOST = 10  # pairs drawn for one need
REJECTION_REASONS = (
    "wrong_sector",
    "wrong_scale",
    "wrong_place",
    "no_evidence",
    "no_capacity",
    "conflict",
    "duplicate",
    "not_now",
    "other",
)


class Match(Identified, Model):
    """A need and a capability that may fit, with the stored explanation of the matcher version that found it."""

    __tablename__ = "match"
    __table_args__ = (
        CheckConstraint(
            "state IN ('suggested', 'shortlisted', 'on_hold', 'rejected', 'approved', 'offered', 'declined', "
            "'expired', 'conflict_blocked', 'introduced', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("score >= 0 AND score <= 1", name="score"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "NOT blocked OR state NOT IN ('shortlisted', 'approved', 'offered', 'introduced')", name="blocked"
        ),
        CheckConstraint("(origin = 'lot') = (propensity IS NOT NULL)", name="drawn"),
        CheckConstraint("propensity IS NULL OR (propensity > 0 AND propensity <= 1)", name="propensity"),
        Index(
            "uq_match_live_pair",
            "need_id",
            "capability_id",
            unique=True,
            sqlite_where=text("state <> 'withdrawn'"),
            postgresql_where=text("state <> 'withdrawn'"),
        ),
        Index("ix_match_need", "need_id", "state", "rank"),
        Index("ix_match_capability", "capability_id", "state"),
        Index("ix_match_offer_due", "state", "offer_at"),
    )

    need_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"))
    capability_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"))
    need_revision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("listing_revision.id"))
    capability_revision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("listing_revision.id"))
    state: Mapped[str] = mapped_column(String(20), default="suggested")
    origin: Mapped[str] = mapped_column(String(12), default="matcher")
    score: Mapped[float] = mapped_column(default=0.0)
    rank: Mapped[int | None]  # place in the need's list, 1 is best; None for a pair that is not in the list
    propensity: Mapped[float | None]  # of a pair by lot: how likely it was to be drawn
    drawn_place: Mapped[int | None]  # of a pair by lot: its place in the whole ranking when it was drawn
    blocked: Mapped[bool] = mapped_column(default=False)
    blocked_reasons: Mapped[list[Any]]
    explanation: Mapped[dict[str, Any]]
    matcher_version: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    computed_at: Mapped[datetime] = mapped_column(default=now)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    reason_code: Mapped[str | None] = mapped_column(String(20))
    offer_at: Mapped[datetime | None]  # approved: when both sides are asked, unless it is undone before
    version: Mapped[int] = mapped_column()

    need: Mapped[Listing] = relationship(foreign_keys=[need_id])
    capability: Mapped[Listing] = relationship(foreign_keys=[capability_id])
    decisions: Mapped[list[MatchDecision]] = relationship(
        back_populates="match", order_by="MatchDecision.at", cascade="all, delete-orphan"
    )
    interest: Mapped[Interest | None] = relationship(
        primaryjoin="and_(Interest.match_id == Match.id, Interest.withdrawn_at.is_(None))",
        viewonly=True,
        uselist=False,
    )  # the standing one

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.need.organisation_id, self.capability.organisation_id})

    @property
    def by_lot(self) -> bool:
        return self.origin == "lot"

    @property
    def recommended(self) -> bool:
        """Whether the pair counts as a suggestion: one drawn by lot is none until a moderator approves it."""
        return not self.by_lot or self.state in CHOSEN_BY_PEOPLE

    @classmethod
    def is_recommended(cls) -> ColumnElement[bool]:
        """The same as a condition."""
        return (cls.origin != "lot") | cls.state.in_(CHOSEN_BY_PEOPLE)

    # Guards of the MATCH lifecycle.
    def refuse_blocked(self) -> str | None:
        return "blocked" if self.blocked else None

    def refuse_unchanged(self) -> str | None:
        """A rejected pair returns only when one side's published text is another one than was rejected."""
        same = (
            self.need.live_revision_id == self.need_revision_id
            and self.capability.live_revision_id == self.capability_revision_id
        )
        return "unchanged" if same else None

    def refuse_undo_too_late(self) -> str | None:
        """The newest decision can be taken back for a short while, as long as nothing happened since."""
        last = self.decisions[-1] if self.decisions else None
        if last is None or last.undoes_id is not None or last.to_state != self.state:
            return "undo_overtaken"
        return None if last.at + undo_window() > now() else "undo_too_late"

    def refuse_without_both_answers(self) -> str | None:
        return None if self.open_offer_accepted() else "answers_missing"

    def refuse_before_expiry(self) -> str | None:
        return None if self.open_offer_expired() else "offer_still_open"

    def open_offer_accepted(self) -> bool:
        """Whether both sides of the newest offer said yes. The offers stand above, so they are asked by name."""
        offer = self._newest_offer()
        return offer is not None and offer.accepted_by_both

    def open_offer_expired(self) -> bool:
        offer = self._newest_offer()
        return offer is not None and offer.is_past

    def _newest_offer(self) -> Any:
        offers: list[Any] = getattr(self, "offers", [])
        return offers[-1] if offers else None


class MatchDecision(Identified, Model):
    """One decision of a moderator on a match."""

    __tablename__ = "match_decision"
    __table_args__ = (Index("ix_match_decision_by", "by_id", "at"),)

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("match.id", ondelete="CASCADE"), index=True)
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason_code: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")  # among moderators; the two sides do not read it
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    batch_id: Mapped[uuid.UUID | None] = mapped_column(
        index=True
    )  # decided in one go; what one undo takes back
    undoes_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("match_decision.id", ondelete="CASCADE"), unique=True
    )  # the decision that this one takes back

    match: Mapped[Match] = relationship(back_populates="decisions")
    by: Mapped[User | None] = relationship()


class Interest(Identified, Model):
    """A vendor's expression of interest in a published need: its yes in advance, so only the city is asked."""

    __tablename__ = "interest"
    __table_args__ = (UniqueConstraint("need_id", "capability_id"),)

    need_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    capability_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("match.id"))
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    message: Mapped[str] = mapped_column(String(600), default="")
    no_conflict_declared: Mapped[bool] = mapped_column(default=False)
    declared: Mapped[str] = mapped_column(
        String(600), default=""
    )  # what there is to declare; then it is no yes yet
    created_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]

    need: Mapped[Listing] = relationship(foreign_keys=[need_id])
    capability: Mapped[Listing] = relationship(foreign_keys=[capability_id])
    match: Mapped[Match] = relationship()

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.capability.organisation_id})


class Claim(Model):
    """Which moderator has a need's candidates in hand."""

    __tablename__ = "bench_claim"

    need_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    holder_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    since: Mapped[datetime] = mapped_column(default=now)

    holder: Mapped[User] = relationship()


class LotDraw(Identified, Model):
    """One drawing of a need's pairs from below the cut: from it anybody can draw the same places again."""

    __tablename__ = "lot_draw"
    __table_args__ = (Index("ix_lot_draw_need", "need_id", "at"),)

    need_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"))
    need_revision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("listing_revision.id"))
    number: Mapped[int]  # how many were asked for
    seed: Mapped[str] = mapped_column(String(80))
    strata: Mapped[
        list[Any]
    ]  # {"of": open capabilities in it, "place": in the ranking, "capability": its id}
    matcher_version: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(default=now)


class LotSetting(Identified, Model):
    """How many pairs are drawn for each need, as an administrator set it; the newest row holds."""

    __tablename__ = "lot_setting"
    __table_args__ = (CheckConstraint(f"number BETWEEN 0 AND {LOTS_AT_MOST}", name="number"),)

    number: Mapped[int]
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now, index=True)
