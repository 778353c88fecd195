"""The verbs of interests of persons, and of recusals: declare, impose, say that one has ended, confirm or refuse that."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts.models import Organisation, User
from ppp_match.accounts.queries import staff
from ppp_match.db import db, today
from ppp_match.declarations import ending
from ppp_match.declarations.models import INTEREST_KINDS, DeclaredInterest
from ppp_match.lifecycle import INTEREST, NotPermitted, Refused
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can

LONGEST_NOTE = 500
NEED_WORDS = ("office", "family", "gift", "other")  # kinds that say little by themselves
# What upper rooms do when a person may not decide about an organisation any more: free what they had in hand of it.
ON_RECUSAL: list[Callable[[User, uuid.UUID], None]] = []


def declare_interest(
    person: User,
    organisation: Organisation,
    *,
    kind: str,
    actor: Actor,
    note: str = "",
    since: date | None = None,
) -> DeclaredInterest:
    """Enter a person's interest in an organisation: one's own, or as an administrator a colleague's recusal.

    From then on the person decides nothing about that organisation for the forum, and does not answer for the other
    side of a pair with it; what they had in hand of it is free. Declaring the same again gives the row there is.
    Raises NotPermitted; Refused: unknown_interest, interest_in_own, in_the_future, note_missing (other kinds than
    employment, former employment and ownership say what it is), note_too_long.
    """
    own = person.id == actor.user_id
    allowed = "interest.declare" if own else "recusal.impose"
    if not can(actor, allowed) or (not own and person.staff_role is None):
        raise NotPermitted("not_permitted", allowed)
    if kind not in INTEREST_KINDS or (not own and kind != "recusal"):
        raise Refused("unknown_interest")
    if organisation.id in person.as_actor().organisation_ids:
        raise Refused("interest_in_own")
    if since is not None and since > today():
        raise Refused("in_the_future")
    words = note.strip()
    if not words and (not own or kind in NEED_WORDS):
        raise Refused("note_missing")
    if len(words) > LONGEST_NOTE:
        raise Refused("note_too_long")
    same = _standing(person.id, organisation.id, kind)
    if same is not None:
        return same
    row = DeclaredInterest(
        user_id=person.id,
        organisation_id=organisation.id,
        kind=kind,
        note=words,
        since=since,
        declared_by=actor.user_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError:  # the other one of two clicks
        same = _standing(person.id, organisation.id, kind)
        if same is None:
            raise
        return same
    db.session.refresh(row)
    follow(person)
    for let_go in ON_RECUSAL:
        let_go(person, organisation.id)
    audit.record("declared_interest.declared", row, actor=actor, to_state="declared")
    if not own:
        notify([person], "recusal.imposed", row, params={**_params(row), "reason": words})
    return row


def _standing(user_id: uuid.UUID, organisation_id: uuid.UUID, kind: str) -> DeclaredInterest | None:
    return db.session.scalar(
        select(DeclaredInterest).where(
            DeclaredInterest.user_id == user_id,
            DeclaredInterest.organisation_id == organisation_id,
            DeclaredInterest.kind == kind,
            DeclaredInterest.state != "ended",
        )
    )


def follow(person: User) -> None:
    """Bring `recused_from` in step with the person's interests that stand."""
    standing = db.session.scalars(
        select(DeclaredInterest.organisation_id)
        .where(DeclaredInterest.user_id == person.id, DeclaredInterest.state != "ended")
        .distinct()
    )
    person.recused_from = sorted(map(str, standing))
    db.session.flush()


def _params(row: DeclaredInterest) -> dict[str, Any]:
    return {**row.organisation.named("organisation"), "who": row.user.name}


def say_ended(row: DeclaredInterest, *, reason: str, version: int, actor: Actor) -> None:
    """Say of one's own interest that it has ended. It counts until somebody else has confirmed that.

    Raises NotPermitted for anybody else's; Refused: stale, note_too_long, and what lifecycle.move raises.
    """
    if row.user_id != actor.user_id:
        raise NotPermitted("not_permitted", "interest.declare")
    ending.say(INTEREST, row, reason=reason, version=version, actor=actor)
    notify(
        [one for one in staff() if may_answer(row, one.as_actor())],
        "declared_interest.ending",
        row,
        params=_params(row),
    )


def may_answer(row: DeclaredInterest, actor: Actor) -> bool:
    """Moderators answer for members of organisations, administrators for the forum's staff; nobody for themselves."""
    if row.user_id == actor.user_id or not can(actor, "interest.review", row):
        return False
    return row.user.staff_role is None or can(actor, "recusal.impose")


def answer_end(row: DeclaredInterest, *, ended: bool, reason: str, version: int, actor: Actor) -> None:
    """Confirm that an interest has ended, or let it stand, with a reason that the person is told. Raises as say_ended."""
    if not may_answer(row, actor):
        raise NotPermitted("not_permitted", "interest.review")
    ending.answer(INTEREST, row, ended=ended, reason=reason, version=version, actor=actor)
    if ended:
        follow(row.user)
    notify(
        [row.user],
        "declared_interest.ended" if ended else "declared_interest.stands",
        row,
        params={**_params(row), "reason": reason.strip()},
    )
