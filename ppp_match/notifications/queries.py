"""What the inbox and the mailbox show."""

from __future__ import annotations

import uuid

from sqlalchemy import Select, func, select

from ppp_match.db import db
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.permissions import Actor


def visible_notices(actor: Actor) -> Select[Notification]:
    """One's own notices, newest first."""
    return (
        select(Notification)
        .where(Notification.user_id == actor.user_id)
        .order_by(Notification.created_at.desc(), Notification.id)
    )


def notice_of(notice_id: uuid.UUID, actor: Actor) -> Notification | None:
    return db.session.scalar(visible_notices(actor).where(Notification.id == notice_id))


def count_unread(actor: Actor) -> int:
    unread = select(func.count()).where(Notification.user_id == actor.user_id, Notification.read_at.is_(None))
    return db.session.scalar(unread) or 0


def outbox() -> Select[OutboxMessage]:
    """Every mail, newest first."""
    return select(OutboxMessage).order_by(OutboxMessage.created_at.desc(), OutboxMessage.id)
