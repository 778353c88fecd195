"""Invitations into an organisation, and handovers: what one person passed on to another."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import Organisation, User
from ppp_match.db import Identified, Model, now
from ppp_match.listings.models import Listing

ROLES = ("owner", "member")
INVITATION_STATES = ("pending", "accepted", "declined", "revoked")


class Invitation(Identified, Model):
    """An address was asked to join. The link's token is kept as a SHA-256 only; a new link replaces the old one."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'member')", name="role"),
        CheckConstraint("state IN ('pending', 'accepted', 'declined', 'revoked')", name="state"),
        CheckConstraint("(state = 'pending') = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_invitation_pending",
            "organisation_id",
            "email",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))  # in lower case, as accounts keep it
    role: Mapped[str] = mapped_column(String(10), default="member")
    lang: Mapped[str] = mapped_column(String(5), default="vi")  # of the mail: nobody is asked who reads it
    message: Mapped[str] = mapped_column(Text, default="")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    inviter: Mapped[User | None] = relationship()

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id})

    @property
    def is_past(self) -> bool:
        return self.expires_at <= now()

    @property
    def is_open(self) -> bool:
        """Whether its link can be answered."""
        return self.state == "pending" and not self.is_past


class Handover(Identified, Model):
    """One person's work went to another: who, to whom, on whose word, with which note."""

    __tablename__ = "handover"
    __table_args__ = (CheckConstraint("from_id <> to_id", name="two_people"),)

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    to_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now)

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    giver: Mapped[User] = relationship(foreign_keys=[from_id])
    taker: Mapped[User] = relationship(foreign_keys=[to_id])
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    items: Mapped[list[HandoverItem]] = relationship(back_populates="handover", cascade="all, delete-orphan")

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id})


class HandoverItem(Model):
    """A need or capability that changed hands, with the offers and conversations that hang on it."""

    __tablename__ = "handover_item"

    handover_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("handover.id", ondelete="CASCADE"), primary_key=True
    )
    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True, index=True)

    handover: Mapped[Handover] = relationship(back_populates="items")
    listing: Mapped[Listing] = relationship()
