"""The filters of the two queues, walking them, dates by which things are due, and how well that was kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from ppp_match.db import db, now
from ppp_match.home.figures import review_load
from ppp_match.listings import operations as listings
from ppp_match.moderation import assignment, deciding, listing_queue, need_queue, targets
from ppp_match.moderation.due_dates import due_by, overdue_since
from ppp_match.moderation.queue_filters import CHOICES, FLAGS, read_filters
from ppp_match.recommendations import operations
from ppp_match.recommendations.models import MatchDecision
from tests.factories import actor_of, make_listing, make_member, make_staff

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


# --- filters in the address ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("queue", CHOICES)
def test_what_is_read_is_written_back(app, queue):
    asked = {
        "sector": "water.flood",
        "country": "VN",
        "city": "ho-chi-minh-city",
        "who": "me",
        "hand": "nobody",
    }
    asked |= dict.fromkeys(FLAGS[queue], "1") | {"find": "ngập  sông", "sort": "newest"}
    filters = read_filters(queue, MultiDict(asked))
    assert filters.arguments == asked | {"find": "ngập sông"}
    assert read_filters(queue, filters.arguments) == filters
    for name in filters.arguments.keys() - {"sort"}:
        assert set(filters.without(name).arguments) == set(filters.arguments) - {name}


@pytest.mark.parametrize(
    "value", ["", "x" * 500, "\x00", "-1", "<b>", "00000000-0000-4000-8000-000000000000"]
)
def test_unknown_values_are_dropped(app, value):
    for queue, names in CHOICES.items():
        asked = dict.fromkeys((*names, *FLAGS[queue], "sort"), value)
        assert not read_filters(queue, asked).active


# --- the queue of needs -------------------------------------------------------------------------------------------


def make_pair(need=None, **capability):
    need = need or make_listing("need", state="published")
    offered = make_listing("capability", state="published", **capability)
    return operations.add_pair(need, offered, actor=actor_of(make_staff()))


def found(actor, **asked):
    filters = read_filters("matches", asked)
    rows, total = need_queue.rows_of(filters, actor)
    ids = [row.need.id for row in rows]
    assert total == len(ids)
    walked, at = [], need_queue.place_of(ids[0], filters, actor) if ids else None
    while at is not None:
        walked.append(ids[at.at - 1])
        at = need_queue.place_of(at.after, filters, actor) if at.after else None
    assert walked == ids
    return ids


@pytest.mark.both_databases
def test_home_says_of_the_longest_wait_what_the_queue_says(app):
    """A pair that came back waits since then, at home too, not since it was suggested."""
    moderator = actor_of(make_staff())
    with time_machine.travel(now() - timedelta(days=40)):
        returned = make_pair()
    with time_machine.travel(now() - timedelta(days=9)):
        make_pair()
        undone = MatchDecision(match_id=returned.id, from_state="rejected", to_state="suggested")
        db.session.add(undone)
        db.session.flush()
    with time_machine.travel(now() - timedelta(days=12)):
        oldest = make_pair()
    rows, _total = need_queue.rows_of(read_filters("matches", {}), moderator)
    assert rows[0].need.id == oldest.need_id
    assert review_load(moderator).oldest_candidate == rows[0].since


@pytest.mark.both_databases
def test_the_queue_of_needs_is_filtered_and_walked(app):
    person, other = make_staff(), make_staff()
    actor = actor_of(person)
    flood = make_pair()
    transport = make_pair(
        make_listing(
            "need",
            state="published",
            lang="en",
            texts={"title": "Fewer jams", "problem": "Jams.", "outcome": "Fewer."},
            terms={"sector": ["transport"]},
        )
    )
    flood.created_at = now() - timedelta(days=20)
    flood.score, transport.score = 0.2, 0.9
    db.session.flush()
    both = [flood.need_id, transport.need_id]
    assert found(actor) == both
    assert found(actor, sort="score") == found(actor, sort="newest") == both[::-1]
    assert found(actor, sector="water") == found(actor, sector="water.flood") == both[:1]
    assert found(actor, bridge="vi-en") == both[:1]
    assert found(actor, bridge="en-en") == both[1:]
    assert found(actor, late="1") == both[:1]
    assert found(actor, find="giam ngap") == both[:1]
    assert found(actor, find=transport.need.label) == both[1:]
    assert found(actor, city="ho-chi-minh-city", country="VN") == both
    assert found(actor, country="SG") == []
    assert found(actor, fresh="1") == both
    assert found(actor, interest="1") == []
    assignment.assign(flood.need, "matches", person, actor=actor)
    operations.take_need(transport.need, actor=actor)
    assert (
        found(actor, who="me") == found(actor, who=str(person.id)) == found(actor, hand="nobody") == both[:1]
    )
    assert found(actor, who="nobody") == found(actor, hand="me") == both[1:]
    assert found(actor_of(other), who="me") == []
    operations.shortlist_match(transport, actor=actor)
    assert found(actor) == both[:1]
    assert found(actor, state="shortlisted") == both[1:]
    counts = need_queue.counts(read_filters("matches", {"sector": "transport"}), actor)
    assert (counts["sector"], counts["city"]) == ({"water.flood": 1}, {})
    place = need_queue.place_of(transport.need_id, read_filters("matches", {}), actor)
    assert (place.at, place.after, place.count) == (None, flood.need_id, 1)


@pytest.mark.both_databases
def test_interest_and_companies_never_asked(app):
    actor = actor_of(make_staff())
    asked, fresh = make_pair(), make_pair()
    operations.approve_match(asked, actor=actor)
    again = make_pair(organisation=asked.capability.organisation)
    asked.state = "offered"
    vendor = make_member("vendor")
    wanted = make_listing("need", state="published")
    offered = make_listing("capability", state="published", organisation=vendor.memberships[0].organisation)
    operations.express_interest(wanted, offered, message="", no_conflict=True, actor=actor_of(vendor))
    assert found(actor, interest="1") == [wanted.id]
    assert set(found(actor, fresh="1")) == {fresh.need_id, wanted.id}
    assert again.need_id in found(actor)


# --- the queue of listings ----------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_queue_of_listings_is_filtered_and_walked(app):
    person = make_staff()
    actor = actor_of(person)
    old, young = make_listing("need", state="submitted"), make_listing("capability", state="submitted")
    old.submitted_at = now() - timedelta(days=20)
    db.session.flush()

    def ids(**asked):
        page = listing_queue.queue(read_filters("listings", asked), actor, page=1, url=str)
        return [row.id for row in page.page.items]

    assert ids() == [old.id, young.id]
    assert ids(sort="newest") == [young.id, old.id]
    assert (
        ids(kind="need") == ids(late="1") == ids(city="ho-chi-minh-city") == ids(find="GIAM ngap") == [old.id]
    )
    assert ids(find=young.organisation.name_en) == [young.id]
    assert ids(sector="water", country="VN") == [old.id, young.id]
    assert ids(state="change") == ids(state="in_review") == []
    assignment.assign(young, "listings", person, actor=actor)
    assert (ids(who="me"), ids(who="nobody")) == ([young.id], [old.id])
    filters = read_filters("listings", {})
    assert listing_queue.next_after(old.id, filters, actor) == young.id
    assert listing_queue.next_after(young.id, filters, actor) == old.id
    assert listing_queue.next_after(old.id, read_filters("listings", {"kind": "need"}), actor) is None
    counts = listing_queue.facet_counts(read_filters("listings", {"kind": "need"}), actor)
    assert (counts["kind"], counts["sector"]) == ({"need": 1, "capability": 1}, {"water.flood": 1})


def test_after_a_decision_the_next_of_the_filtered_queue_is_open(client_of):
    person = make_staff()
    first, second = make_listing("need", state="submitted"), make_listing("need", state="submitted")
    make_listing("capability", state="submitted")
    first.submitted_at = now() - timedelta(days=2)
    listings.take_in_hand(first, actor=actor_of(person))
    assignment.assign(first, "listings", person, actor=actor_of(person))
    first_id, second_id = first.id, second.id
    client = client_of(person)
    answer = client.post(f"/review/listings/{first_id}?kind=need", data={"do": "publish"})
    assert answer.location.endswith(f"/review/listings/{second_id}?kind=need")
    assert assignment.assignment_of(first_id, "listings") is None


def test_every_link_of_a_bench_keeps_the_filter(client_of):
    match, client = make_pair(), client_of(make_staff())
    queue = client.get("/review/matches?sector=water&sort=score").get_data(as_text=True)
    assert f"/review/matches/need/{match.need_id}?sector=water&amp;sort=score" in queue
    bench = client.get(f"/review/matches/need/{match.need_id}?sector=water&sort=score").get_data(as_text=True)
    assert 'href="/review/matches?sector=water&amp;sort=score"' in bench
    assert f"/review/matches/{match.id}/decide?sector=water&amp;sort=score" in bench


# --- due dates ----------------------------------------------------------------------------------------------------


def test_working_days_leave_weekends_out():
    friday = datetime(2026, 11, 6, 3, tzinfo=UTC)
    assert due_by(friday, 1) == datetime(2026, 11, 9, 16, 59, 59, tzinfo=UTC)
    assert due_by(friday, 5) == datetime(2026, 11, 13, 16, 59, 59, tzinfo=UTC)
    assert due_by(friday + timedelta(days=1), 0) == datetime(2026, 11, 9, 16, 59, 59, tzinfo=UTC)


def test_days_on_which_the_forums_office_is_closed_do_not_count():
    """For Tết of 2027 offices in Vietnam close from Thursday the 4th to Wednesday the 10th of February."""
    before = datetime(2027, 2, 3, 3, tzinfo=UTC)
    assert due_by(before, 0) == datetime(2027, 2, 3, 16, 59, 59, tzinfo=UTC)
    assert due_by(before, 1) == datetime(2027, 2, 11, 16, 59, 59, tzinfo=UTC)
    assert due_by(before, 3) == datetime(2027, 2, 15, 16, 59, 59, tzinfo=UTC)


@given(moment=MOMENTS, days=st.integers(0, 30), before=st.integers(0, 90 * 86400))
def test_what_waits_since_before_the_line_is_overdue_and_nothing_else(moment, days, before):
    line, start = overdue_since(moment, days), moment - timedelta(seconds=before)
    if abs(start - line) > timedelta(seconds=2) and start > moment - timedelta(days=3 * days + 60):
        assert (due_by(start, days) < moment) == (start < line)


def test_the_state_of_a_date(app):
    with time_machine.travel(datetime(2026, 11, 18, 3, tzinfo=UTC), tick=False):  # a Wednesday
        days = {since: targets.due_of("listings", now() - timedelta(days=since)).state for since in (0, 3, 7)}
    assert days == {0: "in_time", 3: "soon", 7: "late"}
    assert targets.due_of("listings", None) is None


@pytest.mark.both_databases
def test_figures_of_the_last_month(app):
    moderator = actor_of(make_staff())
    assert targets.figures("listings").median is None
    start = datetime(2026, 11, 2, 3, tzinfo=UTC)
    for days in (1, 1, 2, 9):
        owner = make_member("city")
        listing = make_listing("need", organisation=owner.memberships[0].organisation)
        with time_machine.travel(start, tick=False):
            listings.submit_listing(listing, actor=actor_of(owner))
        with time_machine.travel(start + timedelta(days=days), tick=False):
            listings.take_in_hand(listing, actor=moderator)
            listings.publish_listing(listing, actor=moderator)
    with time_machine.travel(start + timedelta(days=20), tick=False):
        told = targets.figures("listings")
    assert (told.days, told.answered, told.median, told.nine_of_ten, told.within) == (3, 4, 1.0, 9.0, 0.75)
    with time_machine.travel(start + timedelta(days=60), tick=False):
        assert targets.figures("listings").answered == 0


@pytest.mark.both_databases
def test_a_decision_taken_back_is_no_answer(app):
    moderator, batch = actor_of(make_staff()), make_listing("need").id
    match = make_pair()
    deciding.decide(match, deciding.Decision("shortlist"), actor=moderator, batch_id=batch)
    assert targets.figures("matches").answered == 1
    deciding.undo_together(batch, actor=moderator)
    assert targets.figures("matches").answered == 0
