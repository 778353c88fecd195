"""Erasure: a person asks, may take it back for a fortnight, then everything of theirs goes that need not stay.

It builds on closing the account (`teams/closing.py`), which knows what has to be settled first and empties the row
that listings, decisions and the audit trail point at. What goes besides is read from the declarations of the tables
(`ppp_match/personal.py`): what the page about personal data promises is what is done.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, Text, delete, func, or_, select, update

from ppp_match import audit
from ppp_match.accounts.closing import NAME
from ppp_match.accounts.factor_models import FailedTry
from ppp_match.accounts.models import User
from ppp_match.accounts.throttle import key_of
from ppp_match.db import PortableJSON, db, now
from ppp_match.jobs import job, let_others_write
from ppp_match.lifecycle import ERASURE, NotPermitted, Refused, move
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.personal import ANONYMISED, ERASED, TABLES, Table
from ppp_match.privacy import copies, holds
from ppp_match.privacy.models import DataCopy, ErasureRequest
from ppp_match.teams import closing

log = logging.getLogger(__name__)
WAIT = timedelta(days=14)
NOWHERE = "closed.invalid"
NAMING = (
    "team.",
    "handover.",
    "invitation.",
    "account.",
    "queue.",
    "moderation.",
    "declared_interest.",
)  # kinds that name a person
# Their rows are emptied by closing.empty_account, or below.
BY_HAND = frozenset({"user", "audit_event", "audit_note", "outbox_message"})


def open_request(user_id: uuid.UUID) -> ErasureRequest | None:
    return db.session.scalar(
        select(ErasureRequest).where(ErasureRequest.user_id == user_id, ErasureRequest.state == "waiting")
    )


def ask_for_erasure(user: User, *, actor: Actor) -> ErasureRequest:
    """Begin the waiting time. Raises Refused("erasure_asked"), Refused("held"), Refused("duties_open")."""
    if actor.user_id != user.id or not can(actor, "account.manage"):
        raise NotPermitted("not_permitted", "account.manage")
    if open_request(user.id) is not None:
        raise Refused("erasure_asked")
    refuse_erasure(user)
    request = ErasureRequest(user_id=user.id, due_at=now() + WAIT)
    db.session.add(request)
    db.session.flush()
    audit.record("erasure.asked", request, actor=actor, to_state="waiting")
    notify([user], "erasure.asked", request, params={"day": f"{request.due_at:%Y-%m-%d}"})
    return request


def refuse_erasure(user: User) -> None:
    if holds.is_held(user.id):
        raise Refused("held")
    if closing.duties_of(user):
        raise Refused("duties_open")


def take_back(request: ErasureRequest, *, actor: Actor) -> None:
    """waiting → taken_back: the account stays as it is."""
    if actor.user_id != request.user_id:
        raise NotPermitted("not_permitted", "account.manage")
    with db.session.no_autoflush:
        if request.state == "waiting":
            request.ended_at = now()
        move(ERASURE, request, "taken_back", actor=actor)


@job("erasures", minutes=60)
def carry_out_erasures() -> int:
    """Carry out what is due. Each erasure is a transaction of its own; one that is stopped is tried again later."""
    wanted = select(ErasureRequest.id).where(
        ErasureRequest.state == "waiting", ErasureRequest.due_at <= now()
    )
    done = 0
    for request_id in list(db.session.scalars(wanted)):
        try:
            done += _carry_out(request_id)
        except Exception:
            db.session.rollback()
            log.exception("erasure %s failed; it is tried again by the clock", request_id)
            continue
        let_others_write()
    return done


def _carry_out(request_id: uuid.UUID) -> int:
    request = db.session.get_one(ErasureRequest, request_id)
    user = request.user
    try:
        refuse_erasure(user)
    except Refused as refused:
        if request.stopped_by != refused.code:
            request.stopped_by = refused.code
            db.session.flush()
            notify([user], "erasure.stopped", request, once=refused.code)
        return 0
    erase(request)
    return 1


def erase(request: ErasureRequest) -> None:
    """Close the account and take away what is known of its person. The audit trail still follows from event to event."""
    user = request.user
    address, name = user.email, user.name
    if user.closed_at is None:
        closing.close_account(user, actor=user.as_actor())
    request.ended_at = now()
    with db.session.no_autoflush:
        move(ERASURE, request, "done", actor=SYSTEM)
    erase_traces(user, address, name)


def erase_traces(user: User, address: str = "", name: str = "") -> None:
    """Everything of a closed account's person outside its row; address and name as they were, where they are known."""
    for copy in db.session.scalars(select(DataCopy).where(DataCopy.user_id == user.id)):
        copies.throw_away(copy)
    invitations = db.metadata.tables["invitation"]
    invited = list(db.session.scalars(select(invitations.c.id).where(invitations.c.email == address.lower())))
    db.session.flush()
    for table in TABLES.values():
        if table.is_personal and table.name not in BY_HAND:
            _erase_rows(table, user.id, address)
    _erase_mails(user.id, address)
    _erase_notes(user.id, invited)
    _erase_name(name, since=user.create_datetime)
    keys = [key_of("factor", str(user.id)), *([key_of("account", address)] if address else [])]
    _run(delete(FailedTry).where(FailedTry.key.in_(keys)))
    user.erased_at = now()
    db.session.flush()
    db.session.expire_all()
    audit.record("account.erased", user, actor=SYSTEM, from_state="closed", to_state="erased")


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


def _erase_rows(table: Table, user_id: uuid.UUID, address: str) -> None:
    rows = db.metadata.tables[table.name]
    mine = or_(False, *(rows.c[name] == user_id for name in table.who))
    if table.rows_go:
        _run(delete(rows).where(mine))
        return
    gone = {
        name: blank_of(rows.c[name])
        for name, column in table.columns.items()
        if column.fate in (ANONYMISED, ERASED) and name not in table.addresses
    }
    if gone and table.who:
        _run(update(rows).where(mine).values(gone))
    for name in table.addresses if address else ():
        _run(
            update(rows)
            .where(func.lower(rows.c[name]) == address.lower())
            .values({name: f"erased-{user_id.hex}@{NOWHERE}"})
        )


def blank_of(column: Any) -> Any:
    """What stands in a column once its value is erased."""
    if column.nullable:
        return None
    if isinstance(column.type, String | Text):
        return ""
    if isinstance(column.type, type(PortableJSON)):
        return {}
    raise TypeError(f"{column.table.name}.{column.name} cannot be emptied: declare that its rows go")


def _erase_mails(user_id: uuid.UUID, address: str) -> None:
    """All but the ones that still have to go out: the schedule takes those once they are sent."""
    mails = db.metadata.tables["outbox_message"]
    mine = or_(mails.c.user_id == user_id, func.lower(mails.c.recipient) == address.lower())
    together = or_(mails.c.digest != "", mails.c.kind == "digest")  # nobody reads a digest any more
    _run(delete(mails).where(mine, or_(mails.c.state != "pending", together)))


def _erase_name(name: str, *, since: datetime) -> None:
    """Notices and mails to others say who joined, left or took over: there the name gives way to the empty one."""
    if not name:
        return
    found: tuple[tuple[Any, str], ...] = ((Notification, "params"), (OutboxMessage, "context"))
    for model, column in found:
        rows = select(model).where(
            model.created_at >= since, or_(*(model.kind.like(f"{k}%") for k in NAMING))
        )
        for row in db.session.scalars(rows.execution_options(yield_per=500)):
            values = getattr(row, column)
            if name in values.values():
                setattr(row, column, {key: NAME if one == name else one for key, one in values.items()})
    db.session.flush()


def _erase_notes(user_id: uuid.UUID, invited: list[uuid.UUID]) -> None:
    """Reasons and values of what the person did, of what was done to their account and of invitations to their address.

    The events stay, and so does the proof of what the notes were.
    """
    event = audit.AuditEvent
    about = select(event.seq).where(
        or_(
            event.actor_id == user_id,
            (event.subject_type == "user") & (event.subject_id == user_id),
            (event.subject_type == "invitation") & event.subject_id.in_(invited),
        )
    )
    _run(delete(audit.AuditNote).where(audit.AuditNote.event_seq.in_(about)))
