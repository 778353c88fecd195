"""To-do lists: whatever somebody waits for has a date, what nobody waits for says that it has none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask_babel import force_locale

from ppp_match.complaints import concerns
from ppp_match.db import as_if_at, db, now
from ppp_match.home import figures, queries
from ppp_match.home.desk import desk_tasks
from ppp_match.home.work import Desk, member_tasks
from ppp_match.introductions import operations as introductions
from ppp_match.listings import addenda
from ppp_match.listings import merge_operations as merging
from ppp_match.listings import operations as listings
from ppp_match.partnerships.queries import asked_now
from ppp_match.privacy.corrections import ask_for_correction
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.home.test_home import offered
from tests.listings.joining import asked, two_cities

pytestmark = pytest.mark.both_databases
MONDAY = datetime(2027, 3, 1, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _page(app):
    with app.test_request_context(), force_locale("en"):
        yield


def tasks_of(person):
    actor = actor_of(person)
    db.session.flush()
    own = queries.own_listings(actor)
    return member_tasks(
        Desk(
            own,
            queries.beside_of(own),
            queries.offers_waiting_for(actor),
            queries.talks_waiting(actor),
            asked_now(actor),
            "VN",
            "en",
            actor,
        )
    )


def task_of(person, button):
    (task,) = (one for one in tasks_of(person) if one.button == button)
    return task


def test_a_draft_says_that_it_has_no_date():
    city = make_member("city")
    make_listing("need", organisation=city.memberships[0].organisation)
    (task,) = tasks_of(city)
    assert (task.chip_text, task.due) == ("no due date", date.max)
    assert "nobody waits for it" in task.why


def test_saving_does_not_put_off_what_a_moderator_asks_for():
    city, moderator = make_member("city"), actor_of(make_staff())
    with time_machine.travel(MONDAY, tick=False):
        need = make_listing("need", organisation=city.memberships[0].organisation)
        listings.submit_listing(need, actor=actor_of(city))
        listings.take_in_hand(need, actor=moderator)
        listings.return_listing(need, remarks=[("problem", "Since when?")], actor=moderator)
        assert task_of(city, "Mend it").due == date(2027, 3, 15)
    with time_machine.travel(MONDAY + timedelta(days=4), tick=False):
        listings.save_listing(need, {"community": "Đã họp."}, lang="vi", actor=actor_of(city))
        task = task_of(city, "Mend it")
    assert task.due == date(2027, 3, 15)
    assert "6 working days left" in task.chip_text


def test_a_change_of_a_published_text_is_a_task_until_it_is_sent_and_when_it_comes_back():
    city, moderator = make_member("city"), actor_of(make_staff())
    need = make_listing("need", state="published", organisation=city.memberships[0].organisation)
    assert tasks_of(city) == []
    listings.save_listing(
        need, {"outcome": "Ít hơn 100 giờ ngập mỗi năm, đo bằng cảm biến."}, lang="vi", actor=actor_of(city)
    )
    assert task_of(city, "Go on writing").chip_text == "no due date"
    with time_machine.travel(now(), tick=False):
        listings.submit_listing(need, actor=actor_of(city))
        assert tasks_of(city) == []
        listings.take_in_hand(need, actor=moderator)
        listings.return_listing(need, remarks=[("outcome", "By when?")], actor=moderator)
        task = task_of(city, "Mend it")
    assert "1 change" in task.why
    assert "working days left" in task.chip_text


def test_cities_that_ask_and_merges_have_a_date_on_every_side_that_has_not_answered():
    with time_machine.travel(MONDAY, tick=False):
        world = two_cities(response_until=date(2027, 9, 1))
        asked(world)
        (task,) = tasks_of(world.lead)
        assert "asks to join" in task.why
        assert task.due == date(2027, 3, 15)
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        source = make_listing(
            "need",
            state="published",
            organisation=world.other_home,
            response_until=date(2027, 9, 1),
        )
        proposal = merging.propose(
            source, world.need, reason="One and the same.", actor=actor_of(world.moderator)
        )
        for person in (world.lead, world.other):
            assert [one.due for one in tasks_of(person) if "merge" in one.why] == [date(2027, 3, 16)]
        merging.consent(proposal, actor=world.other_actor)
        assert not [one for one in tasks_of(world.other) if "merge" in one.why]
        assert [one.due for one in tasks_of(world.lead) if "merge" in one.why] == [date(2027, 3, 16)]


def test_an_addendum_that_came_back_counts_from_that_day():
    city, moderator = make_member("city"), actor_of(make_staff())
    with time_machine.travel(MONDAY, tick=False):
        need = make_listing(
            "need",
            state="published",
            organisation=city.memberships[0].organisation,
            response_until=date(2027, 9, 1),
        )
        made = addenda.create_addendum(
            need, kind="clarification", texts={"vi": "Mưa đo tại chín trạm."}, actor=actor_of(city)
        )
        addenda.submit_addendum(made, actor=actor_of(city))
    for days in (1, 3):
        with time_machine.travel(MONDAY + timedelta(days=days), tick=False):
            addenda.return_addendum(made, remark="Nguồn?", actor=moderator)
            assert task_of(city, "Mend it").due == date(2027, 3, 15 + days)
        with time_machine.travel(MONDAY + timedelta(days=days + 1), tick=False):
            addenda.submit_addendum(made, actor=actor_of(city))
            assert tasks_of(city) == []


def test_the_first_unread_message_sets_the_date():
    city, vendor, moderator = make_member("city"), make_member("vendor"), make_staff()
    offer = offered(city, vendor, moderator)
    for person in (city, vendor):
        introductions.answer_offer(offer, actor=actor_of(person), accepted=True, no_conflict=True)
    db.session.flush()
    talk = queries.talks_waiting(actor_of(city))[0].introduction
    first = now() - timedelta(days=9)
    for days in (9, 2):
        with as_if_at(now() - timedelta(days=days)):
            introductions.write_message(talk, body=f"Day {days}.", lang="en", actor=actor_of(vendor))
    (waiting,) = queries.talks_waiting(actor_of(city))
    assert abs(waiting.since - first) < timedelta(minutes=1)
    task = task_of(city, "Read")
    assert (task.why[:13], task.chip_kind) == ("A new message", "son")
    assert "was due on" in task.chip_text


def test_each_queue_of_the_forum_has_the_day_of_its_target():
    with time_machine.travel(MONDAY, tick=False):
        make_listing("need", state="submitted")
        load = figures.review_load(actor_of(make_staff()))
        (task,) = desk_tasks(load)
    assert task.title == "Listings to review (1)"
    assert task.due == date(2027, 3, 4)
    with time_machine.travel(MONDAY + timedelta(days=10), tick=False):
        (late,) = desk_tasks(figures.review_load(actor_of(make_staff())))
    assert (late.chip_kind, late.note) == ("son", "The oldest has waited 10 days.")


def test_administrators_see_what_they_alone_answer():
    moderator, administrator, person = make_staff(), make_staff("administrator"), make_member("city")
    with time_machine.travel(MONDAY, tick=False):
        request = ask_for_correction(person, "My name is misspelt.", actor=actor_of(person))
        case = concerns.tell(kind="other", text="Kín đáo.", secret=concerns.new_secret())
        db.session.flush()
        assert desk_tasks(figures.review_load(actor_of(moderator))) == []
        concern, correction = desk_tasks(figures.review_load(actor_of(administrator)))
        assert (concern.title, concern.due) == ("Concerns in confidence (1)", date(2027, 3, 4))
        assert (correction.title, correction.due) == ("Requests for correction (1)", request.due_on)
        concerns.answer(case, text="We look into it.", close=False, seen=1, actor=actor_of(administrator))
        *_, concern = desk_tasks(figures.review_load(actor_of(administrator)))
        assert (concern.chip_text, "no due date" in concern.why) == ("no due date", True)
