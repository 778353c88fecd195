"""Who is told of a question: the city that one waits; the asker and everybody near the need what was answered.

A notice names the need, never who asked.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from ppp_match.accounts.models import User
from ppp_match.accounts.queries import members_of, people_of
from ppp_match.db import db
from ppp_match.formats import datefmt
from ppp_match.introductions.models import Introduction, Offer
from ppp_match.listings.models import Listing
from ppp_match.listings.watching import watchers_of
from ppp_match.notifications.operations import notify
from ppp_match.questions.models import Answer, Question
from ppp_match.recommendations.models import Interest, Match


def _about(need: Listing) -> dict[str, Any]:
    said = need.shown
    titles = {f"title_{code}": said.text("title", code) for code in ("vi", "en") if said.text("title", code)}
    return {"label": need.label, "need": str(need.id)} | (titles or {"title": said.text("title")})


def tell_asked(question: Question) -> None:
    """The city's people read until when it answers."""
    params = _about(question.need)
    for lang in ("vi", "en"):
        with force_locale(lang):
            params[f"until_{lang}"] = datefmt(question.due_on)
    notify(members_of(question.need.organisation_id), "question.asked", question, params=params)


def tell_declined(question: Question) -> None:
    if question.organisation_id is not None:
        notify(
            members_of(question.organisation_id), "question.declined", question, params=_about(question.need)
        )


def tell_answered(answer: Answer, *, first: bool) -> None:
    """The asker, who watches the need, and the companies near it: equal notice for all of them."""
    question = answer.question
    params, once = _about(question.need), str(answer.id)
    kind = "question.answered" if first else "question.added"
    askers = members_of(question.organisation_id) if question.organisation_id else []
    notify(askers, kind, question, params={**params, "side": "asker"}, once=once)
    known = {person.id for person in askers}
    others = [one for one in _near(question.need) if one.id not in known]
    notify(others, kind, question, params=params, once=once)


def _near(need: Listing) -> list[User]:
    """Watchers, and people of organisations with a standing interest, an open offer or an introduction."""
    found = {person.id: person for person in watchers_of(need)}
    for people in people_of(_companies_near(need)).values():
        found |= {person.id: person for person in people}
    own = {person.id for person in members_of(need.organisation_id)}
    return [person for key, person in found.items() if key not in own]


def _companies_near(need: Listing) -> set[uuid.UUID]:
    of_need = select(Match.id).where(Match.need_id == need.id)
    capabilities = (
        select(Interest.capability_id).where(Interest.need_id == need.id, Interest.withdrawn_at.is_(None)),
        select(Match.capability_id).join(Offer).where(Offer.state == "open", Match.need_id == need.id),
        select(Match.capability_id).where(
            Match.id.in_(select(Introduction.match_id).where(Introduction.match_id.in_(of_need)))
        ),
    )
    found: set[uuid.UUID] = set()
    for one in capabilities:
        found |= set(db.session.scalars(select(Listing.organisation_id).where(Listing.id.in_(one))))
    return found
