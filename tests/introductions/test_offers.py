"""Offers: who is asked, what an answer does, what is refused, what the clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.db import db, now
from ppp_match.introductions import deadline_jobs, deadlines, operations
from ppp_match.introductions.models import Introduction, Offer
from ppp_match.lifecycle import NotDrawn, NotPermitted, ReasonMissing, Refused
from ppp_match.notifications.models import Notification
from tests.factories import actor_of, make_member, make_staff
from tests.introductions.pairs import add_interest, kinds_told, make_pair, offer_of, say_no, say_yes

pytestmark = pytest.mark.both_databases


def test_both_sides_are_asked_until_the_end_of_a_day(app):
    pair = make_pair()
    offer = offer_of(pair)
    end = offer.expires_at.astimezone(deadlines.FORUM_ZONE)
    assert (offer.label, offer.state, pair.match.state) == ("O-0001", "open", "offered")
    assert (end.hour, end.minute) == (23, 59)
    assert (end.date() - now().astimezone(deadlines.FORUM_ZONE).date()).days == 14
    assert kinds_told(pair.city) == kinds_told(pair.vendor) == ["offer.asked"]
    assert kinds_told(pair.moderator) == []


def test_two_yeses_introduce(app):
    pair = make_pair()
    offer = offer_of(pair)
    assert say_yes(offer, pair.city) is None
    assert pair.match.state == "offered"
    introduction = say_yes(offer, pair.vendor)
    assert (introduction.label, pair.match.state, offer.state) == ("I-0001", "introduced", "accepted")
    for person in (pair.city, pair.vendor):
        assert kinds_told(person) == ["offer.asked", "introduction.made"]
    assert audit.first_broken_event() is None


def test_first_no_closes_and_the_other_side_is_told_without_the_note(app):
    pair = make_pair()
    offer = offer_of(pair)
    say_yes(offer, pair.city)
    say_no(offer, pair.vendor, "other", "Our crew is on Mars until June")
    assert (pair.match.state, offer.state) == ("declined", "declined")
    assert kinds_told(pair.city) == ["offer.asked", "offer.declined"]
    assert kinds_told(pair.vendor) == ["offer.asked"]
    assert kinds_told(pair.moderator) == ["offer.declined"]
    assert not any("Mars" in str(notice.params) for notice in db.session.scalars(select(Notification)))


def test_an_interest_is_the_vendors_yes(app):
    pair = make_pair()
    add_interest(pair)
    offer = offer_of(pair)
    assert offer.answer_of("capability").by_id == pair.vendor.id
    assert kinds_told(pair.vendor) == []
    assert say_yes(offer, pair.city) is not None


def test_a_no_takes_the_interest_back(app):
    pair = make_pair()
    offer = offer_of(pair)
    interest = add_interest(pair)
    say_no(offer, pair.vendor)
    assert interest.withdrawn_at is not None
    again = operations.make_offer(pair.match, actor=actor_of(pair.moderator), reason="the plan has changed")
    assert (again.label, again.answers) == ("O-0002", [])


def test_yes_needs_the_declaration_and_no_a_reason(app):
    pair = make_pair()
    offer = offer_of(pair)
    city = actor_of(pair.city)
    with pytest.raises(Refused, match="declaration_missing"):
        operations.answer_offer(offer, actor=city, accepted=True)
    with pytest.raises(ReasonMissing):
        operations.answer_offer(offer, actor=city, accepted=False, reason_code="because")
    with pytest.raises(Refused, match="note_missing"):
        operations.answer_offer(offer, actor=city, accepted=False, reason_code="other", note="  ")
    with pytest.raises(Refused, match="note_too_long"):
        operations.answer_offer(offer, actor=city, accepted=False, reason_code="other", note="x" * 601)
    assert offer.answers == []


def test_each_side_answers_once(app):
    pair = make_pair()
    colleague = make_member("city", organisation=pair.city.memberships[0].organisation)
    offer = offer_of(pair)
    say_yes(offer, colleague)
    with pytest.raises(Refused, match="already_answered"):
        say_yes(offer, pair.city)
    say_no(offer, pair.vendor)
    with pytest.raises(Refused, match="offer_closed"):
        say_yes(offer, pair.vendor)


def test_strangers_and_moderators_do_not_answer(app):
    pair = make_pair()
    offer = offer_of(pair)
    for person in (make_member("vendor"), make_staff(), make_member("city")):
        with pytest.raises(NotPermitted):
            say_yes(offer, person)


def test_what_may_not_be_offered(app):
    with pytest.raises(NotDrawn):
        offer_of(make_pair(state="suggested"))
    with pytest.raises(Refused, match="need_at_procurement"):
        offer_of(make_pair(need={"stage": "procure"}))
    with pytest.raises(Refused, match="blocked"):
        offer_of(make_pair(state="suggested", blocked=True))
    left = make_pair()
    left.match.need.state = "withdrawn"
    db.session.flush()
    with pytest.raises(Refused, match="listing_not_published"):
        offer_of(left)
    own = make_pair()
    with pytest.raises(NotPermitted):
        operations.make_offer(own.match, actor=actor_of(own.vendor))


def test_asking_again_needs_a_reason(app):
    pair = make_pair()
    say_no(offer_of(pair), pair.city)
    with pytest.raises(ReasonMissing):
        offer_of(pair)
    again = operations.make_offer(pair.match, actor=actor_of(pair.moderator), reason="new budget")
    assert (again.state, pair.match.state) == ("open", "offered")
    assert kinds_told(pair.city) == ["offer.asked", "offer.asked"]


def test_an_offer_expires_by_the_clock_once(app):
    pair = make_pair()
    offer = offer_of(pair)
    say_yes(offer, pair.city)
    assert deadline_jobs.expire_offers() == 0
    with time_machine.travel(offer.expires_at + timedelta(minutes=1), tick=False):
        with pytest.raises(Refused, match="offer_expired"):
            say_yes(offer, pair.vendor)
        assert deadline_jobs.expire_offers() == 1
        assert deadline_jobs.expire_offers() == 0
        assert (offer.state, pair.match.state) == ("expired", "expired")
        for person in (pair.city, pair.vendor, pair.moderator):
            assert kinds_told(person)[-1] == "offer.expired"


def test_a_reminder_comes_once_to_the_side_that_is_asked(app):
    pair = make_pair()
    offer = offer_of(pair)
    say_yes(offer, pair.city)
    assert deadline_jobs.remind_offers() == 0
    with time_machine.travel(offer.expires_at - timedelta(days=2), tick=False):
        assert deadline_jobs.remind_offers() == 1
        assert deadline_jobs.remind_offers() == 0
    assert kinds_told(pair.vendor) == ["offer.asked", "offer.reminder"]
    assert kinds_told(pair.city) == ["offer.asked"]


def test_an_offer_ends_when_a_listing_leaves(app):
    pair = make_pair()
    offer = offer_of(pair)
    pair.match.capability.state = "withdrawn"
    db.session.flush()
    with pytest.raises(Refused, match="listing_not_published"):
        say_yes(offer, pair.city)
    assert deadline_jobs.expire_offers() == 1
    assert (offer.state, pair.match.state) == ("withdrawn", "withdrawn")
    assert kinds_told(pair.city)[-1] == "offer.withdrawn"


def test_numbers_rise_and_are_not_shared(app):
    labels = [offer_of(make_pair()).label for _ in range(3)]
    assert labels == ["O-0001", "O-0002", "O-0003"]
    assert db.session.scalar(select(func.count()).select_from(Offer)) == 3
    assert db.session.scalar(select(func.count()).select_from(Introduction)) == 0
