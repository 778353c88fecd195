"""Corrections that a person cannot make themselves: asked of the forum, due in working days, answered with a reason."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.accounts.models import User
from ppp_match.db import db, now, today
from ppp_match.lifecycle import CORRECTION, NotPermitted, Refused, move
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can
from ppp_match.privacy.models import CorrectionRequest
from ppp_match.working_days import add_working_days

DUE_IN = 10  # working days
MOST_OPEN = 5


def ask_for_correction(user: User, what: str, *, actor: Actor) -> CorrectionRequest:
    """Ask the forum's administrators. Raises Refused("corrections_open") where many wait already."""
    if actor.user_id != user.id or not can(actor, "account.manage"):
        raise NotPermitted("not_permitted", "account.manage")
    waiting = db.session.scalar(
        select(func.count()).where(CorrectionRequest.user_id == user.id, CorrectionRequest.state == "open")
    )
    if (waiting or 0) >= MOST_OPEN:
        raise Refused("corrections_open")
    country = user.memberships[0].organisation.country if user.memberships else "VN"
    request = CorrectionRequest(
        user_id=user.id, what=what.strip(), due_on=add_working_days(today(), DUE_IN, country)
    )
    db.session.add(request)
    db.session.flush()
    audit.record("correction.asked", request, actor=actor, to_state="open")
    notify(_administrators(but=user.id), "correction.asked", request, params={"day": f"{request.due_on}"})
    return request


def _administrators(*, but: uuid.UUID) -> list[User]:
    wanted = select(User).where(User.staff_role == "administrator", User.active, User.id != but)
    return list(db.session.scalars(wanted))


def answer_correction(
    request: CorrectionRequest, *, state: str, answer: str, version: int, actor: Actor
) -> None:
    """open → done | declined, with words to the person, who is told. Nobody answers their own request."""
    if actor.user_id == request.user_id:
        raise NotPermitted("not_permitted", "correction.answer")
    if request.version != version:
        raise Refused("stale")
    with db.session.no_autoflush:
        if request.state == "open" and answer.strip() and can(actor, "correction.answer"):
            request.answer, request.answered_by, request.answered_at = answer.strip(), actor.user_id, now()
        move(CORRECTION, request, state, actor=actor, reason=answer)
    notify([request.user], "correction.answered", request)


def requests_of(user_id: uuid.UUID) -> list[CorrectionRequest]:
    return list(
        db.session.scalars(
            select(CorrectionRequest)
            .where(CorrectionRequest.user_id == user_id)
            .order_by(CorrectionRequest.asked_at.desc())
        )
    )
