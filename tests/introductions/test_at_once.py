"""Several people at the same moment, each with a session of their own, on a real database."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from ppp_match.accounts.models import User
from ppp_match.db import db, writing
from ppp_match.introductions import operations
from ppp_match.introductions.models import Introduction, Offer, OfferAnswer
from ppp_match.lifecycle import Refused
from ppp_match.notifications.models import Notification
from ppp_match.recommendations.models import Match
from tests.factories import actor_of, make_member
from tests.introductions.pairs import make_pair, offer_of

pytestmark = pytest.mark.both_databases


def at_once(app, *deeds: Callable[[], object]) -> list[str]:
    """Run each deed in a thread and a transaction of its own, let go together. What came of each, sorted."""
    db.session.commit()
    db.session.remove()
    start, outcomes = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        with app.app_context():
            writing.set(True)
            start.wait()
            try:
                deed()
                db.session.commit()
                outcomes.append("done")
            except Refused as refused:
                db.session.rollback()
                outcomes.append(refused.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


def yes_of(offer_id: uuid.UUID, user_id: uuid.UUID) -> Callable[[], object]:
    def deed() -> object:
        person = db.session.get_one(User, user_id)
        offer = db.session.get_one(Offer, offer_id)
        return operations.answer_offer(offer, actor=actor_of(person), accepted=True, no_conflict=True)

    return deed


def test_two_people_of_one_side(app):
    pair = make_pair()
    colleague = make_member("city", organisation=pair.city.memberships[0].organisation)
    offer = offer_of(pair)
    outcomes = at_once(app, yes_of(offer.id, pair.city.id), yes_of(offer.id, colleague.id))
    assert outcomes == ["already_answered", "done"]
    assert db.session.scalar(select(func.count()).select_from(OfferAnswer)) == 1


def test_both_sides_make_one_introduction(app):
    pair = make_pair()
    offer = offer_of(pair)
    assert at_once(app, yes_of(offer.id, pair.city.id), yes_of(offer.id, pair.vendor.id)) == ["done", "done"]
    assert db.session.scalar(select(func.count()).select_from(Introduction)) == 1
    assert db.session.scalar(select(Match.state)) == "introduced"
    told = select(func.count()).select_from(Notification).where(Notification.kind == "introduction.made")
    assert db.session.scalar(told) == 3


def test_one_offer_of_many_clicks(app):
    pair = make_pair()
    match_id, moderator_id = pair.match.id, pair.moderator.id

    def offer_it() -> object:
        moderator = db.session.get_one(User, moderator_id)
        return operations.make_offer(db.session.get_one(Match, match_id), actor=actor_of(moderator))

    assert at_once(app, offer_it, offer_it, offer_it) == ["done", "not_drawn", "not_drawn"]
    assert db.session.scalar(select(func.count()).select_from(Offer)) == 1
