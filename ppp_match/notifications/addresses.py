"""Addresses that take no mail: refused for good three times in a row, the person's mail is held until they act.

Mail about the account itself still goes out: it is how its person gets back in. What is held waits; it is neither lost
nor tried again and again at a server that would think ill of the forum.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import case, exists, func, or_, update

from ppp_match import jobs
from ppp_match.db import db, now
from ppp_match.notifications.models import OutboxMessage

REFUSALS = 3


def _user() -> Any:
    return db.metadata.tables["user"]  # by name: the room of accounts stands above this one


def may_go() -> Any:
    """A condition on the outbox: the mail is not held back for its address."""
    user = _user()
    held = exists().where(
        user.c.id == OutboxMessage.user_id,
        user.c.email == OutboxMessage.recipient,
        user.c.mail_refused_at.is_not(None),
    )
    return or_(OutboxMessage.kind.like("account.%"), ~held)


def note_refused(row: OutboxMessage) -> None:
    """The server said for good that it does not take mail for this address."""
    user = _user()
    enough = user.c.mail_refusals + 1 >= REFUSALS
    db.session.execute(
        update(user)
        .where(user.c.id == row.user_id, user.c.email == row.recipient)
        .values(
            mail_refusals=user.c.mail_refusals + 1,
            mail_refused_at=case((enough, func.coalesce(user.c.mail_refused_at, now())), else_=None),
        )
    )


def note_taken(row: OutboxMessage) -> None:
    """The address took a mail: what was refused before counts no more."""
    user = _user()
    db.session.execute(
        update(user)
        .where(user.c.id == row.user_id, user.c.email == row.recipient, user.c.mail_refusals > 0)
        .values(mail_refusals=0, mail_refused_at=None)
    )


def works_again(user_id: uuid.UUID) -> None:
    """The person says that the address takes mail: what was held goes out."""
    user = _user()
    db.session.execute(update(user).where(user.c.id == user_id).values(mail_refusals=0, mail_refused_at=None))
    jobs.wake("deliver_mail")


def moved(user_id: uuid.UUID, before: str, address: str) -> None:
    """What waits for the old address goes to the new one; mail about the account stays where it was meant to go."""
    db.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.user_id == user_id,
            OutboxMessage.recipient == before,
            OutboxMessage.state == "pending",
            OutboxMessage.kind.not_like("account.%"),
        )
        .values(recipient=address)
        .execution_options(synchronize_session=False)
    )
    works_again(user_id)
