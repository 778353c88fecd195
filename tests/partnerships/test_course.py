"""The course of a partnership: who reports what, what moves it, what differs, what the forum settles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ppp_match import audit
from ppp_match.db import db, today
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.partnerships import operations
from ppp_match.partnerships.models import STATE, STATES, Partnership
from ppp_match.partnerships.queries import differing
from ppp_match.partnerships.standing import facts_of
from tests.factories import actor_of, make_member, make_staff
from tests.introductions.pairs import kinds_told
from tests.partnerships.talks import make_partnership

pytestmark = pytest.mark.both_databases


def standing(partnership):
    return facts_of(partnership.live_statements())[STATE].standing


def test_an_introduction_begins_a_partnership(app):
    talk = make_partnership()
    partnership = talk.partnership
    assert (partnership.label, partnership.state, partnership.is_open) == ("P-0001", "introduced", True)
    assert [(step.state, step.side, step.passed) for step in partnership.steps] == [
        ("introduced", None, False)
    ]
    assert audit.first_broken_event() is None


def test_a_report_moves_it_and_the_other_side_confirms(app):
    talk = make_partnership()
    operations.report_state(talk.partnership, "meeting", actor=talk.of_city)
    assert talk.partnership.state == "meeting"
    assert standing(talk.partnership) == "declared"
    assert kinds_told(talk.vendor)[-1] == "partnership.reported"
    operations.report_state(talk.partnership, "meeting", actor=talk.of_vendor)
    assert standing(talk.partnership) == "confirmed"
    assert [step.state for step in talk.partnership.steps] == ["introduced", "meeting"]


def test_a_later_state_passes_through_those_between(app):
    talk = make_partnership()
    operations.report_state(talk.partnership, "delivered", actor=talk.of_vendor)
    steps = [(step.state, step.passed) for step in talk.partnership.steps]
    assert steps[0] == ("introduced", False)
    assert steps[-1] == ("delivered", False)
    assert [state for state, passed in steps if passed] == ["meeting", "in_talks", "pilot"]


@pytest.mark.parametrize("state", STATES)
def test_ways_use_drawn_lines_alone(state):
    from ppp_match.lifecycle import PARTNERSHIP

    for wanted in STATES:
        way = operations.way_to(state, wanted)
        pairs = list(zip([state, *way], way, strict=False))
        assert all(pair in PARTNERSHIP.lines for pair in pairs), pairs
        assert not way or way[-1] == wanted
        assert not {"no_agreement", "lapsed"} & set(way[:-1])


def test_going_back_moves_nothing_and_goes_to_the_forum(app):
    talk = make_partnership()
    moderator = make_staff()
    operations.report_state(talk.partnership, "agreed", actor=talk.of_vendor)
    operations.report_state(talk.partnership, "in_talks", actor=talk.of_city)
    assert talk.partnership.state == "agreed"
    assert standing(talk.partnership) == "differs"
    assert kinds_told(moderator) == ["partnership.differs"]
    assert kinds_told(talk.vendor)[-1] == kinds_told(talk.city)[-1] == "partnership.differs"
    city_says = facts_of(talk.partnership.live_statements())[STATE].by_side["need"]
    operations.settle_state(
        talk.partnership, city_says, actor=talk.of_forum, reason="No contract has been signed."
    )
    assert talk.partnership.state == "in_talks"
    assert standing(talk.partnership) == "verified"
    assert talk.partnership.steps[-1].side is None
    assert audit.first_broken_event() is None


def test_progress_sets_aside_what_was_said_of_an_earlier_state(app):
    talk = make_partnership()
    operations.report_state(talk.partnership, "meeting", actor=talk.of_city)
    operations.report_state(talk.partnership, "meeting", actor=talk.of_vendor)
    operations.report_state(talk.partnership, "in_talks", actor=talk.of_vendor)
    assert standing(talk.partnership) == "declared"
    assert len([one for one in talk.partnership.live_statements() if one.key == STATE]) == 1


def test_an_end_without_agreement_needs_a_reason(app):
    talk = make_partnership()
    with pytest.raises(ReasonMissing):
        operations.report_state(talk.partnership, "no_agreement", actor=talk.of_city)
    with pytest.raises(Refused, match="note_missing"):
        operations.report_state(talk.partnership, "no_agreement", actor=talk.of_city, reason_code="other")
    operations.report_state(talk.partnership, "no_agreement", actor=talk.of_city, reason_code="no_budget")
    assert (talk.partnership.state, talk.partnership.exit_reason) == ("no_agreement", "no_budget")
    operations.report_state(
        talk.partnership, "no_agreement", actor=talk.of_vendor, reason_code="terms_differ"
    )
    assert standing(talk.partnership) == "differs"  # they agree on the end, not on why


def test_days_that_cannot_be(app):
    talk = make_partnership()
    with pytest.raises(Refused, match="day_to_come"):
        operations.report_state(
            talk.partnership, "meeting", actor=talk.of_city, on=today() + timedelta(days=3)
        )
    with pytest.raises(Refused, match="day_too_early"):
        operations.report_state(
            talk.partnership, "meeting", actor=talk.of_city, on=today() - timedelta(days=9)
        )
    with pytest.raises(Refused, match="not_reportable"):
        operations.report_state(talk.partnership, "lapsed", actor=talk.of_city)


def test_who_may_not(app):
    talk = make_partnership()
    for actor in (actor_of(make_member("city")), talk.of_forum):
        with pytest.raises(NotPermitted):
            operations.report_state(talk.partnership, "meeting", actor=actor)
    operations.report_state(talk.partnership, "meeting", actor=talk.of_city)
    said = talk.partnership.live_statements()[0]
    for actor in (talk.of_city, talk.of_vendor):
        with pytest.raises(NotPermitted):
            operations.verify(said, actor=actor, words="We saw it ourselves.")


def test_shown_only_with_a_result_and_both_sides_consent(app):
    talk = make_partnership()
    partnership = talk.partnership
    operations.show_in_public(partnership, agree=True, actor=talk.of_city)
    operations.report_state(partnership, "agreed", actor=talk.of_city)
    assert not partnership.is_shown
    operations.show_in_public(partnership, agree=True, actor=talk.of_vendor)
    assert partnership.is_shown
    operations.show_in_public(partnership, agree=False, actor=talk.of_city)
    assert not partnership.is_shown


def test_two_people_who_write_the_result_at_once(app):
    talk = make_partnership()
    version = talk.partnership.version
    write = operations.write_result
    write(talk.partnership, text="Leaks fell by a third.", lang="en", version=version, actor=talk.of_city)
    with pytest.raises(Refused, match="stale"):
        write(talk.partnership, text="Nothing.", lang="en", version=version, actor=talk.of_vendor)
    assert talk.partnership.result == "Leaks fell by a third."


def test_who_goes_back_on_its_own_word_is_looked_at_too(app):
    talk = make_partnership()
    operations.report_state(talk.partnership, "agreed", actor=talk.of_city)
    assert db.session.scalars(select(Partnership.id).where(differing())).all() == []
    operations.report_state(talk.partnership, "meeting", actor=talk.of_city)
    assert talk.partnership.state == "agreed"
    assert db.session.scalars(select(Partnership.id).where(differing())).all() == [talk.partnership.id]
    (said,) = talk.partnership.live_statements()
    operations.settle_state(talk.partnership, said, actor=talk.of_forum, reason="Nothing was signed.")
    assert talk.partnership.state == "meeting"
    assert db.session.scalars(select(Partnership.id).where(differing())).all() == []
    operations.report_state(talk.partnership, "no_agreement", actor=talk.of_city, reason_code="no_budget")
    assert db.session.scalars(select(Partnership.id).where(differing())).all() == []
