"""Interests of persons in organisations. Relations of organisations stand in `accounts/models.py`."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import Organisation, User
from ppp_match.db import Identified, Model, now

INTEREST_KINDS = (
    "employment",
    "former_employment",
    "ownership",
    "office",
    "family",
    "gift",
    "other",
    "recusal",
)
_LIVE = text("state <> 'ended'")


class DeclaredInterest(Identified, Model):
    """A person's interest in an organisation. While it stands they decide nothing about it, for the forum or for a side.

    A recusal is an interest that needs no further word. `user.recused_from` follows these rows (operations keep it).
    Rows are never deleted while the person has an account: the register tells what was declared when.
    """

    __tablename__ = "declared_interest"
    __table_args__ = (
        CheckConstraint(f"kind IN {INTEREST_KINDS!r}", name="kind"),
        CheckConstraint("state IN ('declared', 'ending', 'ended')", name="state"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        Index(
            "uq_declared_interest_live",
            "user_id",
            "organisation_id",
            "kind",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_declared_interest_state", "state", "declared_at"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500), default="")
    since: Mapped[date | None]
    declared_at: Mapped[datetime] = mapped_column(default=now)
    declared_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user.id")
    )  # an administrator, if imposed
    state: Mapped[str] = mapped_column(String(10), default="declared")
    ending_at: Mapped[datetime | None]  # since when its end is said and waits for the forum
    end_reason: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id})

    @property
    def is_imposed(self) -> bool:
        return self.declared_by is not None and self.declared_by != self.user_id
