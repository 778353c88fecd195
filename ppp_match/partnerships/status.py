"""The forum asks how it goes: 30, 90 and 180 days after the introduction and then every year, each side by itself.

Whoever is asked answers on the page, or by a link of their own in the mail, without signing in. A course of which nobody
answers for twice in a row lapses; a report brings it back. `ppp_match.notifications.links` signs the links.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ppp_match.accounts.models import User
from ppp_match.db import db, now, today, wait_for
from ppp_match.introductions.models import SIDES
from ppp_match.jobs import job
from ppp_match.lifecycle import Refused
from ppp_match.notifications.links import read_signed, sign
from ppp_match.partnerships import operations, telling
from ppp_match.partnerships.models import OPEN_STATES, Partnership, StatusRequest
from ppp_match.permissions import Actor
from ppp_match.working_days import add_working_days

FIRST = (30, 90, 180)
A_YEAR = 365
WORKING_DAYS = 10  # to answer
REMIND_BEFORE = timedelta(days=4)
LINK_DAYS = 60
UNANSWERED_FOR_LAPSE = 2
PURPOSE = "status"


def asked_after(days: int) -> int | None:
    """The newest moment of asking that has come `days` days after an introduction; None before the first."""
    if days >= A_YEAR:
        return days // A_YEAR * A_YEAR
    return max((one for one in FIRST if one <= days), default=None)


@job("status_requests", minutes=60)
def status_requests() -> int:
    """Ask, remind, close what is past, let lapse where nobody answers. Returns how many things were done."""
    last = _last_asked()
    partnerships = select(Partnership).where(Partnership.state.in_(OPEN_STATES))
    waiting = select(StatusRequest).where(StatusRequest.closed_at.is_(None))
    done = sum(
        _ask(one, last) for one in db.session.scalars(partnerships.order_by(Partnership.created_at)).all()
    )
    together = joinedload(StatusRequest.partnership)
    return done + sum(_follow(one) for one in db.session.scalars(waiting.options(together)).all())


def _last_asked() -> dict[tuple[uuid.UUID, str], int]:
    """{(partnership, side): the moment of asking that was asked last}."""
    rows = db.session.execute(
        select(StatusRequest.partnership_id, StatusRequest.side, func.max(StatusRequest.days)).group_by(
            StatusRequest.partnership_id, StatusRequest.side
        )
    )
    return {(partnership_id, side): days for partnership_id, side, days in rows}


def _ask(partnership: Partnership, last: Mapping[tuple[uuid.UUID, str], int]) -> int:
    days = asked_after((now() - partnership.created_at).days)
    if days is None:
        return 0
    asked = [side for side in SIDES if last.get((partnership.id, side), 0) < days]
    for side in asked:
        country = telling.organisation_of(partnership, side).country
        request = StatusRequest(
            partnership=partnership,
            side=side,
            days=days,
            asked_at=now(),
            due_on=add_working_days(today(), WORKING_DAYS, country),
        )
        db.session.add(request)
        db.session.flush()
        telling.ask_status(partnership, side, request.id, "partnership.status")
    return len(asked)


def _follow(request: StatusRequest) -> int:
    """Remind once before the day, close after it; the second one that both sides leave unanswered ends the course."""
    partnership = request.partnership
    if not partnership.is_open:
        request.closed_at = now()
        return 1
    if today() > request.due_on:
        request.closed_at = now()
        db.session.flush()
        if _nobody_answers(partnership):
            operations.lapse(partnership)
        return 1
    if request.reminded_at is None and today() >= request.due_on - REMIND_BEFORE:
        request.reminded_at = now()
        telling.ask_status(partnership, request.side, request.id, "partnership.status_reminder")
        return 1
    return 0


def _nobody_answers(partnership: Partnership) -> bool:
    """Whether both sides left the last requests unanswered, each as often as it takes, and nothing was reported since."""
    for side in SIDES:
        last = db.session.scalars(
            select(StatusRequest)
            .where(StatusRequest.partnership_id == partnership.id, StatusRequest.side == side)
            .order_by(StatusRequest.days.desc())
            .limit(UNANSWERED_FOR_LAPSE)
        ).all()
        if len(last) < UNANSWERED_FOR_LAPSE or any(
            one.closed_at is None or one.answered_at is not None for one in last
        ):
            return False
        if partnership.changed_at > last[-1].asked_at:
            return False
    return True


# --- links ---


@dataclass(frozen=True)
class Asked:
    """Who holds a link, and what is asked of them."""

    request: StatusRequest
    person: User
    actor: Actor

    @property
    def partnership(self) -> Partnership:
        return self.request.partnership


def link_token(request_id: uuid.UUID, user_id: uuid.UUID) -> str:
    """The signed token of one person's link."""
    return sign(PURPOSE, str(request_id), str(user_id))


def asked_by(token: str) -> Asked:
    """What a link asks. Raises Refused: link_unknown, link_old, not_of_this_side (its person has left the side)."""
    parts = read_signed(PURPOSE, token, days=LINK_DAYS)
    request = db.session.get(StatusRequest, uuid.UUID(parts[0]))
    person = db.session.get(User, uuid.UUID(parts[1]))
    if request is None or person is None:
        raise Refused("link_unknown")
    organisation = telling.organisation_of(request.partnership, request.side)
    if not person.active or organisation.id not in {one.organisation_id for one in person.memberships}:
        raise Refused("not_of_this_side")
    return Asked(request, person, person.as_actor(organisation.id))


def answer_by_link(
    asked: Asked, state: str, *, on: date | None = None, reason_code: str = "", note: str = ""
) -> None:
    """Report by a link, once. Raises Refused: already_answered, and what operations.report_state raises."""
    wait_for(asked.request)
    if asked.request.answered_at is not None:
        raise Refused("already_answered")
    operations.report_state(
        asked.partnership, state, actor=asked.actor, on=on, reason_code=reason_code, note=note
    )
    if asked.request.answered_at is None:  # it had been closed: asked too long ago, yet good to know
        with db.session.no_autoflush:
            asked.request.answered_at = now()
            asked.request.closed_at = asked.request.closed_at or now()
            asked.request.answered_by, asked.request.answer = asked.actor.user_id, state
        db.session.flush()
