"""What became of the forum's mail: counts, what waits, what failed and why, trying again. For administrators.

What lives here: states of rows, never what a mail says or to which address it goes; its person is named. The pages stand
in `delivery_views.py`, the mailbox of a demonstration, where mails can be read, in `mailbox.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, select

from ppp_match import audit, jobs
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import Refused
from ppp_match.notifications import kinds
from ppp_match.notifications.models import OutboxMessage
from ppp_match.permissions import Actor

RECENT = timedelta(days=30)
_MAIL = OutboxMessage
OWN = _MAIL.digest == ""  # mails of their own: what a digest holds goes with it
VIEWS: dict[str, tuple[Any, ColumnElement[bool]]] = {
    "failed": (_l("Failed"), and_(OWN, _MAIL.state == "failed")),
    "again": (_l("Tried in vain so far"), and_(OWN, _MAIL.state == "pending", _MAIL.attempts > 0)),
    "waiting": (_l("Waiting"), and_(OWN, _MAIL.state == "pending", _MAIL.attempts == 0)),
    "digest": (
        _l("Waiting for a digest"),
        and_(~OWN, _MAIL.state == "pending", _MAIL.digest_id.is_(None)),
    ),
    "sent": (_l("Sent in the last 30 days"), and_(OWN, _MAIL.state == "sent", _MAIL.last_error == "")),
}


def counts() -> dict[str, int]:
    """{view: how many}, in one statement."""
    columns = [
        select(func.count()).select_from(_MAIL).where(condition, *_recent(name)).scalar_subquery().label(name)
        for name, (_name, condition) in VIEWS.items()
    ]
    return dict(db.session.execute(select(*columns)).mappings().one())


def _recent(view: str) -> list[ColumnElement[bool]]:
    return [_MAIL.created_at >= now() - RECENT] if view == "sent" else []


def rows_in(view: str, kind: str = "") -> Select[Any]:
    """The mails of a view, the newest first."""
    query = select(_MAIL).where(VIEWS[view][1], *_recent(view))
    if kind:
        query = query.where(_MAIL.kind == kind)
    return query.order_by(_MAIL.created_at.desc(), _MAIL.id)


def people_of(rows: Iterable[OutboxMessage]) -> dict[Any, tuple[str, bool]]:
    """{user: (name, whether the address refuses mail)} of the people whom some mails are for."""
    user = db.metadata.tables["user"]  # by name: the room of accounts stands above this one
    found = db.session.execute(
        select(user.c.id, user.c.name, user.c.mail_refused_at).where(
            user.c.id.in_({row.user_id for row in rows if row.user_id})
        )
    )
    return {one.id: (one.name, one.mail_refused_at is not None) for one in found}


def try_again(row: OutboxMessage, *, actor: Actor) -> None:
    """A mail that failed for good goes out once more, with all its attempts before it. Raises Refused: mail_not_failed,
    mail_link_gone (the secret link that it held was thrown away when it failed; its person asks for a new one)."""
    wait_for(row)
    if row.state != "failed":
        raise Refused("mail_not_failed")
    if row.kind in kinds.ACCOUNT_KINDS and "link" in row.context and not row.context["link"]:
        raise Refused("mail_link_gone")
    row.state, row.attempts, row.next_attempt_at = "pending", 0, now()
    db.session.flush()
    audit.record("mail.tried_again", row, actor=actor)
    jobs.wake("deliver_mail")


def name_of(kind: str) -> str:
    """What a kind of mail is called."""
    return str(kinds.kind_of(kind, {}).heading) if kinds.is_known(kind) else kind
