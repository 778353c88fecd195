"""What the two sides of a partnership keep together: what is measured, milestones, risks, links to documents.

Either side edits them; the version that a form carries tells two editors apart. What is measured has its values in
statements.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.db import READ_ALONG, Identified, Model, now
from ppp_match.partnerships.models import Partnership

DIRECTIONS = ("up", "down")
MILESTONE_STATES = ("planned", "at_risk", "done", "dropped")
RISK_STATES = ("watched", "occurred", "over")
HOLDERS = ("public", "private", "shared")
# Who holds a risk unless the contract says otherwise (domain reference, D4: risk allocation).
RISKS = {
    "land": "public",
    "permits": "public",
    "design": "private",
    "demand": "shared",
    "tariff": "public",
    "technology": "private",
    "data": "shared",
    "lock_in": "private",
    "performance": "private",
    "rates": "shared",
    "inflation": "shared",
    "law": "public",
    "force_majeure": "shared",
    "social": "private",
    "termination": "shared",
    "hand_back": "private",
    "other": "shared",
}


class IndicatorKind(Model):
    """An indicator that partnerships may choose: reference data (`seeds/reference/indicators.csv`)."""

    __tablename__ = "indicator_kind"
    __table_args__ = (CheckConstraint(f"direction IN {DIRECTIONS!r}", name="direction"),)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int]
    name_vi: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    unit_vi: Mapped[str] = mapped_column(String(40))
    unit_en: Mapped[str] = mapped_column(String(40))
    direction: Mapped[str] = mapped_column(String(4))
    near: Mapped[str] = mapped_column(String(60), default="")  # the standard it comes near to

    def name(self, lang: str) -> str:
        return self.name_vi if lang == "vi" else self.name_en

    def unit(self, lang: str) -> str:
        return self.unit_vi if lang == "vi" else self.unit_en


class OfPartnership(Identified):
    """Mixin: a row that both sides of a partnership keep."""

    partnership_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partnership.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()


class Indicator(OfPartnership, Model):
    """What is measured: an indicator of the list or one of its own, with baseline and target."""

    __tablename__ = "partnership_indicator"
    __table_args__ = (
        CheckConstraint(f"direction IN {DIRECTIONS!r}", name="direction"),
        CheckConstraint("(code IS NULL) = (name <> '')", name="named"),
    )

    code: Mapped[str | None] = mapped_column(ForeignKey("indicator_kind.code"))
    name: Mapped[str] = mapped_column(String(200), default="")
    lang: Mapped[str] = mapped_column(String(8), default="vi")
    unit: Mapped[str] = mapped_column(String(40), default="")
    direction: Mapped[str] = mapped_column(String(4))
    baseline: Mapped[Decimal]
    baseline_on: Mapped[date]
    target: Mapped[Decimal | None]
    target_on: Mapped[date | None]
    method: Mapped[str] = mapped_column(String(500))  # source and how often it is measured

    partnership: Mapped[Partnership] = relationship(back_populates="indicators")
    kind: Mapped[IndicatorKind | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": OfPartnership.version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.partnership.party_ids

    def title(self, lang: str) -> str:
        return self.kind.name(lang) if self.kind else self.name

    def unit_in(self, lang: str) -> str:
        return self.kind.unit(lang) if self.kind else self.unit

    def key(self, on: date) -> str:
        """The key of the statements about its value on one day."""
        return f"indicator:{self.id}:{on.isoformat()}"


class Milestone(OfPartnership, Model):
    """A step that both sides plan."""

    __tablename__ = "partnership_milestone"
    __table_args__ = (
        CheckConstraint(f"state IN {MILESTONE_STATES!r}", name="state"),
        CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done"),
        Index("ix_partnership_milestone_due", "state", "due_on"),
    )

    title: Mapped[str] = mapped_column(String(200))
    lang: Mapped[str] = mapped_column(String(8), default="vi")
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), default="planned")
    note: Mapped[str] = mapped_column(String(500), default="")

    partnership: Mapped[Partnership] = relationship(back_populates="milestones")

    __mapper_args__ = {"version_id_col": OfPartnership.version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.partnership.party_ids

    @property
    def days_late(self) -> int:
        """Calendar days between the planned and the real end; 0 while it is not done, or if it was in time."""
        return max(0, (self.done_on - self.due_on).days) if self.done_on else 0


class Risk(OfPartnership, Model):
    """A risk, who holds it, and what is done about it."""

    __tablename__ = "partnership_risk"
    __table_args__ = (
        CheckConstraint(f"state IN {RISK_STATES!r}", name="state"),
        CheckConstraint(f"holder IN {HOLDERS!r}", name="holder"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    holder: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10), default="watched")
    note: Mapped[str] = mapped_column(String(500))
    lang: Mapped[str] = mapped_column(String(8), default="vi")

    partnership: Mapped[Partnership] = relationship(back_populates="risks")

    __mapper_args__ = {"version_id_col": OfPartnership.version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.partnership.party_ids


class DocumentLink(OfPartnership, Model):
    """Where a document of the partnership is published: award notice, contract summary, acceptance, evaluation."""

    __tablename__ = "partnership_document"

    title: Mapped[str] = mapped_column(String(200))
    lang: Mapped[str] = mapped_column(String(8), default="vi")
    url: Mapped[str] = mapped_column(String(500))
    on: Mapped[date | None]

    partnership: Mapped[Partnership] = relationship(back_populates="documents")

    __mapper_args__ = {"version_id_col": OfPartnership.version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.partnership.party_ids


# The record of a partnership shows all of them: they are read in one statement.
READ_ALONG += [
    (Partnership, name) for name in ("statements", "steps", "indicators", "milestones", "risks", "documents")
]
