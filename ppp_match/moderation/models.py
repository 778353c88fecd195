"""What moderators keep among themselves: notes, and who looks after what. No member ever sees either."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import User
from ppp_match.db import Identified, Model, now
from ppp_match.listings.models import Listing

QUEUES = ("listings", "matches")


class ModerationNote(Identified, Model):
    """A note on a listing in review, on a bench (the listing's candidates), or on one pair. Only ever added to."""

    __tablename__ = "moderation_note"
    __table_args__ = (
        CheckConstraint("queue IN ('listings', 'matches')", name="queue"),
        CheckConstraint("match_id IS NULL OR queue = 'matches'", name="pair"),
        Index("ix_moderation_note_thread", "listing_id", "queue", "created_at"),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"))
    queue: Mapped[str] = mapped_column(String(10))
    # A pair that nobody decided on may leave the list; the note then stays with the need.
    match_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("match.id", ondelete="SET NULL"), index=True
    )
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    told_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)

    listing: Mapped[Listing] = relationship()
    author: Mapped[User | None] = relationship(foreign_keys=[author_id])
    told: Mapped[User | None] = relationship(foreign_keys=[told_id])


class Assignment(Identified, Model):
    """Which colleague looks after a listing in review, or after a need's candidates; not who has it in hand."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("listing_id", "queue"),
        CheckConstraint("queue IN ('listings', 'matches')", name="queue"),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"))
    queue: Mapped[str] = mapped_column(String(10))
    assignee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    since: Mapped[datetime] = mapped_column(default=now)

    listing: Mapped[Listing] = relationship()
    assignee: Mapped[User] = relationship(foreign_keys=[assignee_id])
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
