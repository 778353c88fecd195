"""Notices in the inbox, the outbox of mail, how each person wants to be told.

The outbox is the truth; the queue only wakes a worker.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ppp_match.db import Identified, Model, now


class Notification(Identified, Model):
    """Something that happened and concerns a person. `kind` names the text, `params` fill it."""

    __tablename__ = "notification"
    __table_args__ = (Index("ix_notification_inbox", "user_id", "read_at", "created_at"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[uuid.UUID]
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]


class NoticeChoice(Identified, Model):
    """How a person gets the mails of a group of notices (`groups.py`). The inbox holds them whatever is chosen."""

    __tablename__ = "notice_choice"
    __table_args__ = (
        CheckConstraint("frequency IN ('at_once', 'daily', 'weekly', 'off')", name="frequency"),
        UniqueConstraint("user_id", "group_code"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    group_code: Mapped[str] = mapped_column(String(20))
    frequency: Mapped[str] = mapped_column(String(8))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class OutboxMessage(Identified, Model):
    """A mail to be sent, written in the transaction that is its cause, sent once by the worker.

    A row with a `digest` is no mail of its own: it waits until a digest takes it (`digest_id`) and is sent with that.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'sent', 'failed')", name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("digest IN ('', 'daily', 'weekly')", name="digest"),
        Index("ix_outbox_message_due", "state", "next_attempt_at"),
    )

    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    recipient: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(5))
    kind: Mapped[str] = mapped_column(String(40))
    context: Mapped[dict[str, Any]]
    once: Mapped[str] = mapped_column(
        String(120), unique=True
    )  # the same cause cannot queue the same mail twice
    state: Mapped[str] = mapped_column(String(10), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")
    digest: Mapped[str] = mapped_column(String(6), default="")
    digest_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("outbox_message.id", ondelete="CASCADE"), index=True
    )
