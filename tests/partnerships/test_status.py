"""The forum's question how it goes: when it is asked, how it is answered, what becomes of no answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from ppp_match.db import db, now
from ppp_match.lifecycle import Refused
from ppp_match.notifications.letters import write
from ppp_match.notifications.models import OutboxMessage
from ppp_match.partnerships import operations, status
from ppp_match.partnerships.models import StatusRequest
from tests.introductions.pairs import kinds_told
from tests.partnerships.talks import make_partnership

pytestmark = pytest.mark.both_databases


def after(days):
    return time_machine.travel(now() + timedelta(days=days, minutes=5), tick=False)


def requests(side="need"):
    return list(
        db.session.scalars(
            select(StatusRequest).where(StatusRequest.side == side).order_by(StatusRequest.days)
        )
    )


@pytest.mark.parametrize(
    ("days", "asked"),
    [(0, None), (29, None), (30, 30), (89, 30), (90, 90), (180, 180), (364, 180), (365, 365), (800, 730)],
)
def test_when_it_is_asked(days, asked):
    assert status.asked_after(days) == asked


def test_each_side_is_asked_once(app):
    talk = make_partnership()
    with after(30):
        assert status.status_requests() == 2
        assert status.status_requests() == 0
    assert kinds_told(talk.city)[-1] == kinds_told(talk.vendor)[-1] == "partnership.status"
    assert [(one.days, one.side) for one in requests()] == [(30, "need")]


def test_what_was_missed_is_asked_once(app):
    make_partnership()
    with after(400):
        assert status.status_requests() == 2
    assert [one.days for one in requests()] == [365]


def test_a_report_answers_it(app):
    talk = make_partnership()
    with after(30):
        status.status_requests()
        operations.report_state(talk.partnership, "in_talks", actor=talk.of_city)
    (request,) = requests()
    assert (request.answer, request.answered_by) == ("in_talks", talk.city.id)
    assert requests("capability")[0].answered_at is None


def test_a_reminder_then_the_end_of_the_question(app):
    talk = make_partnership()
    with after(30):
        status.status_requests()
        due = requests()[0].due_on
        wait = (due - now().date()).days
    with after(30 + wait - 3):
        assert status.status_requests() == 2
        assert status.status_requests() == 0
    assert kinds_told(talk.city)[-1] == "partnership.status_reminder"
    with after(30 + wait + 2):
        assert status.status_requests() == 2
    assert requests()[0].closed_at is not None
    assert talk.partnership.state == "introduced"


def test_two_questions_that_nobody_answers_let_it_lapse_and_a_report_brings_it_back(app):
    talk = make_partnership()
    for day in (30, 60, 90, 120):
        with after(day):
            status.status_requests()
    assert talk.partnership.state == "lapsed"
    assert kinds_told(talk.city)[-1] == "partnership.lapsed"
    with after(121):
        assert status.status_requests() == 0
        operations.report_state(talk.partnership, "pilot", actor=talk.of_vendor)
    assert talk.partnership.state == "pilot"


def test_one_answer_keeps_it_alive(app):
    talk = make_partnership()
    for day in (30, 60, 90):
        with after(day):
            status.status_requests()
    with after(95):
        operations.report_state(talk.partnership, "introduced", actor=talk.of_vendor)
    with after(120):
        status.status_requests()
    assert talk.partnership.state == "introduced"


def test_the_mail_holds_a_link_of_the_readers_own_for_each_answer(app):
    talk = make_partnership()
    with after(30):
        status.status_requests()
        rows = {
            row.user_id: row
            for row in db.session.scalars(
                select(OutboxMessage).where(OutboxMessage.kind == "partnership.status")
            )
        }
        letter = write(rows[talk.city.id])
        token = status.link_token(requests()[0].id, talk.city.id)
        assert token not in str(rows[talk.city.id].context)
        asked = status.asked_by(token)
    others = 3  # the button, the choices, no more of these mails
    assert letter.text.count("/status/") == letter.html.count('href="http') - others == 7
    assert "answer=agreed" in letter.text
    assert asked.person is talk.city
    assert asked.actor.organisation_id == talk.city.memberships[0].organisation_id


def test_a_link_answers_once(app):
    talk = make_partnership()
    with after(30):
        status.status_requests()
        token = status.link_token(requests()[0].id, talk.city.id)
    with after(33):
        status.answer_by_link(status.asked_by(token), "meeting")
        with pytest.raises(Refused, match="already_answered"):
            status.answer_by_link(status.asked_by(token), "agreed")
    assert talk.partnership.state == "meeting"


def test_links_that_do_not_hold(app):
    talk = make_partnership()
    with after(30):
        status.status_requests()
        token = status.link_token(requests()[0].id, talk.city.id)
        others = status.link_token(requests()[0].id, talk.vendor.id)
        with pytest.raises(Refused, match="not_of_this_side"):
            status.asked_by(others)
        for bad in ("", "x", token[:-2], token + "A", "é", "." * 500):
            with pytest.raises(Refused, match="link_unknown"):
                status.asked_by(bad)
    with after(30 + status.LINK_DAYS + 2), pytest.raises(Refused, match="link_old"):
        status.asked_by(token)
