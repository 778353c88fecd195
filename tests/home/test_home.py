"""The home of each role: what is due and by which working day, what moved, what to do next, one's own figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask_babel import force_locale
from sqlalchemy import select

from ppp_match.accounts.models import City
from ppp_match.db import as_if_at, db, now
from ppp_match.home import figures, queries, suggestions
from ppp_match.home.due import due_on
from ppp_match.introductions import operations as introductions
from ppp_match.introductions.models import Introduction
from ppp_match.listings import join_operations as joins
from ppp_match.listings import operations as listings
from ppp_match.recommendations import operations as recommendations
from ppp_match.search import store
from tests.factories import OrganisationFactory, UserFactory, actor_of, make_listing, make_member, make_staff
from tests.introductions.pairs import add_interest, make_pair, offer_of


def offered(city, vendor, moderator):
    need = make_listing("need", state="published", organisation=city.memberships[0].organisation)
    capability = make_listing(
        "capability", state="published", organisation=vendor.memberships[0].organisation
    )
    match = recommendations.add_pair(need, capability, actor=actor_of(moderator))
    recommendations.approve_match(match, actor=actor_of(moderator))
    return introductions.make_offer(match, actor=actor_of(moderator))


@pytest.fixture
def people(app):
    return make_member("city"), make_member("vendor"), make_staff()


def test_a_due_date_leaves_tet_out(app):
    with app.test_request_context(), force_locale("en"):
        due = due_on(date(2027, 2, 15), "VN", today=date(2027, 2, 2))
        assert "4 working days left" in due.words  # 3, 11, 12 and 15 February
        assert "Offices are closed on" in due.holidays
        assert due_on(date(2027, 2, 15), "JP", today=date(2027, 2, 2)).words != due.words
        assert due_on(date(2027, 2, 2), "VN", today=date(2027, 2, 2)).words == "due today"
        late = due_on(date(2027, 2, 1), "VN", today=date(2027, 2, 2))
        assert (late.look, late.holidays) == ("son", "")


def test_offers_stand_before_drafts_and_name_the_working_days(client_of, people):
    city, vendor, moderator = people
    offered(city, vendor, moderator)
    make_listing("need", organisation=city.memberships[0].organisation, texts={"title": "Bản nháp còn dở"})
    page = client_of(city).get("/?lang=en").get_data(as_text=True)
    assert "working days left" in page
    assert page.index("See the offer") < page.index("Go on writing")
    assert "2 things wait for you" in page


def test_an_introduction_without_a_word_waits_until_one_is_written(client_of, people):
    city, vendor, moderator = people
    offer = offered(city, vendor, moderator)
    for person in (city, vendor):
        introductions.answer_offer(offer, actor=actor_of(person), accepted=True, no_conflict=True)
    db.session.flush()
    (talk,) = queries.talks_waiting(actor_of(city))
    assert not talk.unread
    assert "have not written yet" in client_of(city).get("/?lang=en").get_data(as_text=True)
    introductions.write_message(talk.introduction, body="Chào anh chị.", lang="vi", actor=actor_of(city))
    assert queries.talks_waiting(actor_of(city)) == []
    (waiting,) = queries.talks_waiting(actor_of(vendor))
    assert waiting.unread


@pytest.mark.both_databases
def test_what_was_read_in_one_conversation_is_not_read_in_another(app):
    """Two marks of one person: the mark of each conversation counts for that conversation alone."""
    city, vendor, moderator = make_member("city"), make_member("vendor"), make_staff()
    talks = []
    for _ in range(2):
        offer = offered(city, vendor, moderator)
        for person in (city, vendor):
            introductions.answer_offer(offer, actor=actor_of(person), accepted=True, no_conflict=True)
        db.session.flush()
        talks.append(db.session.query(Introduction).filter_by(offer_id=offer.id).one())
    with as_if_at(now() - timedelta(hours=2)):
        introductions.mark_read(talks[0], actor=actor_of(city))
    with as_if_at(now() - timedelta(hours=1)):
        for talk in talks:
            introductions.write_message(talk, body="Xin chào.", lang="vi", actor=actor_of(vendor))
    introductions.mark_read(talks[1], actor=actor_of(city))
    db.session.flush()
    unread = {talk.introduction.id: talk.unread for talk in queries.talks_waiting(actor_of(city))}
    assert unread[talks[0].id]
    assert not unread.get(talks[1].id)


def test_a_need_whose_responses_close_soon_is_pointed_out(client_of, people):
    city = people[0]
    home = city.memberships[0].organisation
    with time_machine.travel(datetime(2027, 2, 1, 3, tzinfo=UTC), tick=False):
        make_listing("need", state="published", organisation=home, response_until=date(2027, 2, 12))
        make_listing("need", state="published", organisation=home, response_until=date(2027, 6, 1))
        page = client_of(city).get("/?lang=en").get_data(as_text=True)
    assert page.count("Companies can respond until this day") == 1
    assert "Offices are closed on" in page


def test_what_colleagues_did_is_told_to_the_others_only(client_of, people):
    city = people[0]
    home = city.memberships[0].organisation
    colleague = make_member("city", organisation=home, role="member", name="Colleague Example")
    stranger = make_member("city")
    listing = make_listing("need", organisation=home)
    listings.save_listing(
        listing,
        {"outcome": "Ít hơn 100 giờ ngập mỗi năm, đo bằng cảm biến."},
        lang="vi",
        actor=actor_of(colleague),
    )
    db.session.commit()
    assert "Colleague Example saved changes" in client_of(city).get("/?lang=en").get_data(as_text=True)
    assert "Colleague Example saved changes" not in client_of(colleague).get("/?lang=en").get_data(
        as_text=True
    )
    assert "Colleague Example" not in client_of(stranger).get("/?lang=en").get_data(as_text=True)


def test_a_company_is_shown_needs_near_its_own_words(app, people):
    vendor = people[1]
    home = vendor.memberships[0].organisation
    capability = make_listing("capability", state="published", organisation=home)
    near = make_listing("need", state="published")
    far = make_listing(
        "need",
        state="published",
        texts={"title": "Dạy tin học cho giáo viên", "problem": "Giáo viên chưa quen máy." * 20},
    )
    for listing in (capability, near, far):
        store.note_change(listing.id, listing.kind)
    db.session.flush()
    with app.test_request_context(), force_locale("en"):
        needs, steps = suggestions.for_company(
            home.id, [capability], queries.beside_of([capability]), set(), "en"
        )
        others, _steps = suggestions.for_company(
            home.id, [capability], queries.beside_of([capability]), {near.id}, "en"
        )
    assert needs[0].id == near.id
    assert near.id not in {need.id for need in others}
    assert any("reference project" in step.words for step in steps)


def test_a_city_is_told_what_its_need_lacks_and_who_shares_it(app, people):
    city = people[0]
    mine = make_listing("need", state="published", organisation=city.memberships[0].organisation)
    other = make_listing("need", state="published", texts={"title": "Ngập đường phố khi triều cường"})
    for listing in (mine, other):
        store.note_change(listing.id, listing.kind)
    db.session.flush()
    with app.test_request_context(), force_locale("en"):
        found = suggestions.for_city([mine], "en")
    assert any(row.words.startswith("Add to your need") for row in found)
    assert any(str(other.id) in row.url for row in found)


def test_own_figures_count_the_last_year_only(app, people):
    city, vendor, moderator = people
    offer = offered(city, vendor, moderator)
    for person in (city, vendor):
        introductions.answer_offer(offer, actor=actor_of(person), accepted=True, no_conflict=True)
    now_ = figures.own_figures(actor_of(city))
    assert (now_.published, now_.offers, now_.answered, now_.accepted, now_.introductions) == (1, 1, 1, 1, 1)
    assert (now_.median_answer_days, now_.median_days_to_introduction) == (0, 0)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=400)):
        later = figures.own_figures(actor_of(city))
    assert (later.published, later.offers, later.answered, later.median_answer_days) == (0, 0, 0, None)


def test_an_interest_says_nothing_of_how_long_answers_take(app):
    pair = make_pair()
    with as_if_at(now() - timedelta(days=5)):
        add_interest(pair)
    with as_if_at(now() - timedelta(days=3)):
        offer = offer_of(pair)
    introductions.answer_offer(offer, actor=actor_of(pair.city), accepted=True, no_conflict=True)
    vendor, city = (figures.own_figures(actor_of(one)) for one in (pair.vendor, pair.city))
    assert (vendor.answered, vendor.median_answer_days) == (1, None)
    assert (city.answered, city.median_answer_days) == (1, 3)


def test_those_who_fund_see_the_pipeline(client_of, app):
    make_listing("need", state="published")
    make_listing("need", state="published", terms={"funding_source": ["local_budget"]})
    partner = make_member("partner")
    page = client_of(partner).get("/?lang=en").get_data(as_text=True)
    assert "The pipeline by stage" in page
    assert "Early needs that name no funding yet" in page
    (stage,) = figures.pipeline()
    assert (stage.needs, stage.without_funding) == (2, 1)


def test_staff_see_their_own_decisions_counted(client_of, people):
    city, vendor, moderator = people
    offered(city, vendor, moderator)
    load = figures.review_load(actor_of(moderator))
    assert (load.decided_by_me, load.open_offers) == (1, 1)
    assert figures.review_load(actor_of(make_staff())).decided_by_me == 0
    assert client_of(moderator).get("/").status_code == 200


def test_somebody_without_an_organisation_is_led_on(client_of, app):
    OrganisationFactory()
    page = client_of(UserFactory()).get("/?lang=en").get_data(as_text=True)
    assert "Register an organisation" in page


def test_a_city_that_asks_to_join_waits_in_the_list_of_the_lead(client_of, people):
    city = people[0]
    need = make_listing("need", state="published", organisation=city.memberships[0].organisation)
    other = actor_of(make_member("city"))
    place = db.session.scalar(select(City).limit(1))
    joins.ask_to_join(need, message="Chúng tôi cũng cần.", lang="vi", city=place, actor=other)
    db.session.commit()
    assert "Another city asks to join this need" in client_of(city).get("/?lang=en").get_data(as_text=True)
