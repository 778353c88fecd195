"""Offers with one answer a side, introductions, and the messages between the two."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from ppp_match.accounts.models import Organisation, User
from ppp_match.db import Identified, Model, now
from ppp_match.recommendations.models import Match

SIDES = ("need", "capability")
DECLINE_REASONS = (
    "no_capacity_now",
    "wrong_size",
    "place_or_language",
    "contract_form",
    "not_what_we_do",
    "conflict",
    "other",
)


class Offer(Identified, Model):
    """Both sides are asked whether they want to be introduced, until a date."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')", name="state"),
        Index(
            "uq_offer_open",
            "match_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_offer_due", "state", "expires_at"),
    )

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("match.id"))
    number: Mapped[int]  # O-0231
    state: Mapped[str] = mapped_column(String(10), default="open")
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    match: Mapped[Match] = relationship(backref=backref("offers", order_by="Offer.created_at"))
    answers: Mapped[list[OfferAnswer]] = relationship(back_populates="offer", cascade="all, delete-orphan")
    declarations: Mapped[list[OfferDeclaration]] = relationship(
        back_populates="offer", cascade="all, delete-orphan", order_by="OfferDeclaration.at"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.match.party_ids

    @property
    def label(self) -> str:
        return f"O-{self.number:04d}"

    @property
    def is_past(self) -> bool:
        return self.expires_at <= now()

    @property
    def accepted_by_both(self) -> bool:
        return {answer.side for answer in self.answers if answer.accepted} == set(SIDES)

    def answer_of(self, side: str) -> OfferAnswer | None:
        return next((answer for answer in self.answers if answer.side == side), None)

    def declaration_of(self, side: str | None) -> OfferDeclaration | None:
        return next((one for one in self.declarations if one.side == side), None)

    @property
    def waits_for_the_forum(self) -> bool:
        """Whether a declaration has to be decided on first; until then the offer does not expire."""
        return any(one.state == "open" for one in self.declarations)

    def side_of(self, organisation_id: uuid.UUID | None) -> str | None:
        """Which side that organisation is: need, capability, or None for neither."""
        if organisation_id == self.match.need.organisation_id:
            return "need"
        if organisation_id == self.match.capability.organisation_id:
            return "capability"
        return None


class OfferAnswer(Model):
    """What one side said. An interest expressed before counts as the capability side's yes."""

    __tablename__ = "offer_answer"

    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    side: Mapped[str] = mapped_column(String(12), primary_key=True)
    accepted: Mapped[bool]
    reason_code: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(600), default="")
    no_conflict_declared: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    offer: Mapped[Offer] = relationship(back_populates="answers")
    by: Mapped[User | None] = relationship()


class OfferDeclaration(Identified, Model):
    """What a side has to declare before it can say yes. The forum decides whether it stands against the introduction."""

    __tablename__ = "offer_declaration"
    __table_args__ = (
        CheckConstraint("side IN ('need', 'capability')", name="side"),
        CheckConstraint("state IN ('open', 'cleared', 'barred', 'lapsed')", name="state"),
        CheckConstraint("(state IN ('cleared', 'barred')) = (decided_at IS NOT NULL)", name="decided"),
        CheckConstraint("decided_at IS NULL OR reason <> ''", name="reason"),
        UniqueConstraint("offer_id", "side"),
        Index("ix_offer_declaration_queue", "state", "at"),
    )

    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"))
    side: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(Text)
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[str] = mapped_column(String(10), default="open")
    reason: Mapped[str] = mapped_column(Text, default="")  # the forum's, told to the side that declared
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    offer: Mapped[Offer] = relationship(back_populates="declarations")
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.offer.party_ids


class Introduction(Identified, Model):
    """Both said yes: names and contacts are open, a conversation begins. Never an award."""

    __tablename__ = "introduction"
    __table_args__ = (UniqueConstraint("match_id"), UniqueConstraint("number"))

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("match.id"))
    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offer.id"))
    number: Mapped[int]  # I-0058
    created_at: Mapped[datetime] = mapped_column(default=now)

    match: Mapped[Match] = relationship()
    offer: Mapped[Offer] = relationship()
    messages: Mapped[list[Message]] = relationship(
        back_populates="introduction", order_by="Message.created_at"
    )

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.match.party_ids

    @property
    def label(self) -> str:
        return f"I-{self.number:04d}"


class Message(Identified, Model):
    """One message in the conversation of an introduction."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_thread", "introduction_id", "created_at"),)

    introduction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("introduction.id"))
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    body: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(String(8), default="vi")
    created_at: Mapped[datetime] = mapped_column(default=now)

    introduction: Mapped[Introduction] = relationship(back_populates="messages")
    author: Mapped[User | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    hidden: Mapped[HiddenMessage | None] = relationship(
        back_populates="message", lazy="joined", uselist=False, cascade="all, delete-orphan"
    )

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.introduction.party_ids


class HiddenMessage(Model):
    """The forum hides a message from both sides; a placeholder with the reason stays in its place."""

    __tablename__ = "hidden_message"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason"),)

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    message: Mapped[Message] = relationship(back_populates="hidden")


class ReadMark(Model):
    """Up to when a person has read a conversation."""

    __tablename__ = "read_mark"

    introduction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("introduction.id"), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(default=now)
