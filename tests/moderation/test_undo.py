"""Taking a decision back within a minute: who may, until when, what stays in the history, and nobody told before."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from ppp_match.audit import AuditEvent
from ppp_match.db import db, now
from ppp_match.introductions import approval
from ppp_match.introductions.models import Offer
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.moderation import deciding
from ppp_match.notifications.models import Notification
from ppp_match.recommendations import operations, undo
from ppp_match.recommendations.models import Match
from tests.factories import actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases
DECISIONS = {
    "shortlist": deciding.Decision("shortlist"),
    "hold": deciding.Decision("hold", note="Waits for a reference."),
    "reject": deciding.Decision("reject", "wrong_scale"),
    "approve": deciding.Decision("approve"),
}


def make_pair():
    need, capability = make_listing("need", state="published"), make_listing("capability", state="published")
    return operations.add_pair(need, capability, actor=actor_of(make_staff()))


def decide(match, verb, actor):
    batch = uuid.uuid4()
    deciding.decide(match, DECISIONS[verb], actor=actor, batch_id=batch)
    return batch


@pytest.mark.parametrize("verb", DECISIONS)
def test_a_decision_is_taken_back_to_where_the_pair_was(app, verb):
    match, moderator = make_pair(), actor_of(make_staff())
    outcomes = deciding.undo_together(decide(match, verb, moderator), actor=moderator)
    assert [one.refused for one in outcomes] == [""]
    assert (match.state, match.decided_by, match.decided_at, match.reason_code, match.offer_at) == (
        "suggested",
        None,
        None,
        None,
        None,
    )
    first, second = match.decisions
    assert (second.undoes_id, second.note, second.by_id) == (first.id, undo.UNDONE, moderator.user_id)
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert (event.action, event.from_state, event.to_state) == (
        "match.undo.suggested",
        first.to_state,
        "suggested",
    )


def test_the_decision_before_stands_again(app):
    match, first, second = make_pair(), actor_of(make_staff()), actor_of(make_staff())
    decide(match, "shortlist", first)
    deciding.undo_together(decide(match, "reject", second), actor=second)
    assert (match.state, match.decided_by, match.reason_code) == ("shortlisted", first.user_id, None)
    assert undo.undoable_by(second) is None


def test_only_the_one_who_decided_takes_it_back(app):
    match, moderator = make_pair(), actor_of(make_staff())
    batch = decide(match, "shortlist", moderator)
    for other in (make_staff(), make_member("vendor")):
        outcomes = deciding.undo_together(batch, actor=actor_of(other))
        assert [one.refused for one in outcomes] == ["own_pair"]
        with pytest.raises(NotPermitted):
            undo.undo_decision(match.decisions[-1], actor=actor_of(other))
    assert match.state == "shortlisted"
    with pytest.raises(Refused) as refused:
        deciding.undo_together(uuid.uuid4(), actor=moderator)
    assert refused.value.code == "undo_nothing"


def test_after_a_minute_the_decision_stands(app):
    match, moderator = make_pair(), actor_of(make_staff())
    batch = decide(match, "reject", moderator)
    assert undo.undoable_by(moderator).batch_id == batch
    with time_machine.travel(now() + timedelta(seconds=61), tick=False):
        assert undo.undoable_by(moderator) is None
        assert [one.refused for one in deciding.undo_together(batch, actor=moderator)] == ["undo_too_late"]
    assert match.state == "rejected"


def test_what_happened_since_stands_in_the_way(app):
    match, moderator = make_pair(), actor_of(make_staff())
    batch = decide(match, "shortlist", moderator)
    decide(match, "hold", actor_of(make_staff()))
    assert [one.refused for one in deciding.undo_together(batch, actor=moderator)] == ["undo_overtaken"]
    assert match.state == "on_hold"


def test_nobody_is_told_of_an_approval_that_was_taken_back(app):
    match, moderator = make_pair(), actor_of(make_staff())
    for listing in (match.need, match.capability):
        make_member(listing.organisation.kind, organisation=listing.organisation)
    batch = decide(match, "approve", moderator)
    deciding.undo_together(batch, actor=moderator)
    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        assert approval.make_due_offers() == 0
    assert db.session.scalars(select(Offer)).all() == []
    assert db.session.scalars(select(Notification)).all() == []


def test_both_sides_are_asked_when_the_minute_is_over(app):
    match, person = make_pair(), make_staff()
    decide(match, "approve", actor_of(person))
    assert approval.make_due_offers() == 0
    with time_machine.travel(now() + timedelta(seconds=61), tick=False):
        assert approval.make_due_offers() == 1
        assert approval.make_due_offers() == 0
    assert (match.state, match.offers[0].created_by) == ("offered", person.id)


def test_an_offer_that_cannot_be_made_is_not_dropped(app):
    match, person = make_pair(), make_staff()
    decide(match, "approve", actor_of(person))
    match.need.shown.stage = "procure"
    db.session.flush()
    with time_machine.travel(now() + timedelta(seconds=61), tick=False):
        assert approval.make_due_offers() == 0
    assert (match.state, match.decisions[-1].note) == ("on_hold", "offer_not_made: need_at_procurement")
    told = db.session.scalars(select(Notification)).one()
    assert (told.kind, told.user_id) == ("offer.not_made", person.id)


def test_without_a_minute_both_sides_are_asked_at_once(app, monkeypatch):
    monkeypatch.setitem(app.extensions, "settings", app.extensions["settings"].with_(undo_seconds=0))
    match = make_pair()
    decide(match, "approve", actor_of(make_staff()))
    assert (match.state, len(match.offers)) == ("offered", 1)


def test_the_page_offers_it_and_takes_it_back(client_of):
    match, client = make_pair(), client_of(make_staff())
    match_id = match.id
    answer = client.post(
        f"/review/matches/{match_id}/decide?sector=water",
        data={"d": "shortlist", "seen": "suggested", "side": "need"},
    )
    assert "sector=water" in answer.location
    page = client.get(answer.location).get_data(as_text=True)
    assert "You just decided on 1 pair." in page
    batch = db.session.get(Match, match_id).decisions[-1].batch_id
    answer = client.post(f"/review/matches/undo/{batch}?sector=water", data={"side": "need"})
    assert "sector=water" in answer.location
    assert "the pair is where it was" in client.get(answer.location).get_data(as_text=True)
    assert db.session.get(Match, match_id).state == "suggested"
