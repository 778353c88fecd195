"""Which questions exist for whom, and the lists of those who ask, answer and oversee."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from ppp_match.db import db, today
from ppp_match.listings.models import Listing
from ppp_match.listings.queries import sees_identity, with_rows
from ppp_match.permissions import Actor
from ppp_match.questions.models import Answer, Question

TABS = ("open", "answered", "ended", "all")
IN_STATE = {"open": ("asked",), "answered": ("answered",), "ended": ("declined", "withdrawn")}


def _visible(need_organisation: uuid.UUID, actor: Actor) -> ColumnElement[bool]:
    """Condition: answered ones for everybody; the others for the city, who asked, and the forum."""
    if actor.is_system or actor.staff_role is not None or need_organisation in actor.organisation_ids:
        return true()
    return or_(Question.state == "answered", Question.organisation_id.in_(actor.organisation_ids))


def shown_to(need: Listing, actor: Actor, view: str = "all") -> list[Question]:
    """A need's questions for a reader, the newest first; `answers_for` says which of their answers they read."""
    query = (
        select(Question)
        .where(Question.need_id == need.id, _visible(need.organisation_id, actor))
        .options(
            joinedload(Question.organisation),
            selectinload(Question.answers).joinedload(Answer.addendum),
        )
        .order_by(Question.number.desc())
    )
    if view in IN_STATE:
        query = query.where(Question.state.in_(IN_STATE[view]))
    known = sees_identity(need, actor)
    found = db.session.scalars(query).unique()
    return [one for one in found if one.state != "answered" or answers_for(one, need, known=known)]


def answers_for(question: Question, need: Listing, *, known: bool) -> list[Answer]:
    """A need that withholds its city now withholds what was answered when it did not, since that may name it."""
    return [one for one in question.answers if known or not need.hides_its_city or one.anonymous]


def sees_asker(question: Question, actor: Actor) -> bool:
    """Whether a reader learns which organisation asked."""
    return (
        question.named
        or actor.is_system
        or actor.staff_role is not None
        or bool(question.party_ids & actor.organisation_ids)
    )


def question_of(question_id: uuid.UUID, actor: Actor, *, to_change: bool = False) -> Question | None:
    """The question, if it exists for the actor."""
    found = db.session.get(Question, question_id)
    if found is None:
        return None
    seen = db.session.scalar(
        select(Question.id).where(Question.id == found.id, _visible(found.need.organisation_id, actor))
    )
    return found if seen else None


def _with_need(query: Select[Any]) -> Select[Any]:
    return query.join(Question.need).options(
        contains_eager(Question.need).options(*with_rows()),  # type: ignore[arg-type]
        joinedload(Question.organisation),
    )


def _own(actor: Actor) -> ColumnElement[bool]:
    """Condition: asked by the organisation one acts for, or on one of its needs."""
    return or_(
        Question.organisation_id == actor.organisation_id,
        Question.need_id.in_(select(Listing.id).where(Listing.organisation_id == actor.organisation_id)),
    )


def own_in(actor: Actor, view: str) -> Select[Any]:
    """One's organisation's questions for a tab: open ones by their deadline, the others newest first."""
    query = _with_need(select(Question)).where(_own(actor))
    if view in IN_STATE:
        query = query.where(Question.state.in_(IN_STATE[view]))
    order = (Question.due_on,) if view == "open" else (Question.asked_at.desc(),)
    return query.order_by(*order, Question.id)


def count_own(actor: Actor) -> dict[str, int]:
    """{tab: how many}."""
    rows = db.session.execute(
        select(Question.state, func.count()).where(_own(actor)).group_by(Question.state)
    ).all()
    by_state = {state: int(number) for state, number in rows}
    counts = {tab: sum(by_state.get(one, 0) for one in states) for tab, states in IN_STATE.items()}
    return {**counts, "all": sum(by_state.values())}


def to_answer(actor: Actor) -> Select[Any]:
    """Questions that wait for an answer of the organisation one acts for."""
    return select(Question.id).where(
        Question.state == "asked",
        Question.need_id.in_(
            select(Listing.id).where(
                Listing.organisation_id == actor.organisation_id, Listing.state.in_(("published", "closed"))
            )
        ),
    )


def overdue() -> Select[Any]:
    """Questions that wait longer than they should, the longest wait first."""
    return (
        _with_need(select(Question))
        .where(
            Question.state == "asked", Question.due_on < today(), Listing.state.in_(("published", "closed"))
        )
        .order_by(Question.due_on, Question.id)
    )


def answered_of(listing: Listing, _actor: Actor) -> Select[Any]:
    """Answered questions of a need, for the number on its page."""
    query = select(Question.id).where(Question.need_id == listing.id, Question.state == "answered")
    if listing.hides_its_city:
        query = query.where(Question.answers.any(Answer.anonymous.is_(True)))
    return query


def open_of(listing: Listing, _actor: Actor) -> Select[Any]:
    """Questions of a need that wait, for its own people."""
    return select(Question.id).where(Question.need_id == listing.id, Question.state == "asked")
