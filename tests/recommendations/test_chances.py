"""The chance of a match on the pages, and the notice that nothing answers a need well yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ppp_match.db import db, now
from ppp_match.matching.calibration import Calibration
from ppp_match.recommendations import chances, refresh
from ppp_match.recommendations.models import Match
from tests.factories import make_listing, make_member, make_staff

NOTICE = "Nothing in the forum answers this need well yet"


@pytest.fixture
def match(app):
    need = make_listing("need", state="published")
    make_listing("capability", state="published")
    refresh.refresh_need(need)
    return db.session.scalars(select(Match).where(Match.need_id == need.id)).one()


@pytest.fixture
def chance(monkeypatch):
    """chance(b): every pair has the chance 1 / (1 + exp(-b))."""

    def always(intercept):
        model = Calibration(intercept, {})
        monkeypatch.setattr("ppp_match.matching.calibration.default_calibration", lambda: model)

    return always


def bench(client, match, **query):
    return client.get(f"/review/matches/need/{match.need_id}", query_string=query).get_data(as_text=True)


@pytest.mark.parametrize(
    ("intercept", "word", "percent"),
    [(4, "likely", "98%"), (-0.5, "possible", "37%"), (-9, "unlikely", "1%")],
)
def test_the_bench_says_the_chance_in_words_and_as_a_number(
    client_of, match, chance, intercept, word, percent
):
    chance(intercept)
    page = bench(client_of(make_staff()), match)
    assert f"{word}, {percent}" in page.split("pm-cands")[1].split("</ol>")[0]
    assert f"Chance that it is a good answer: {word}, {percent}" in page
    assert (NOTICE in page) == (word == "unlikely")


def test_the_bench_speaks_vietnamese(client_of, match, chance):
    chance(-9)
    page = bench(client_of(make_staff()), match, lang="vi")
    assert "Chưa có gì trên diễn đàn đáp ứng tốt nhu cầu này" in page
    assert "ít khả năng, 1" in page


def test_the_city_reads_the_notice_and_others_do_not(client_of, match, chance):
    chance(-9)
    page = f"/needs/{match.need_id}"
    city = client_of(make_member("city", organisation=match.need.organisation))
    text = city.get(page).get_data(as_text=True)
    assert NOTICE in text
    assert match.capability.organisation.name("en") not in text
    for other in (make_member("city"), make_member("vendor")):
        assert NOTICE not in client_of(other).get(page).get_data(as_text=True)
    chance(4)
    assert NOTICE not in city.get(page).get_data(as_text=True)


def test_a_pair_that_a_rule_blocks_has_no_chance_and_answers_nothing(app, client_of, chance):
    need = make_listing("need", state="published")
    make_listing("capability", state="published", terms={"country": ["SG"]})
    refresh.refresh_need(need)
    match = db.session.scalars(select(Match).where(Match.need_id == need.id)).one()
    assert match.blocked
    chance(4)
    assert chances.chance_of(match.explanation) is None
    assert chances.nothing_good_for(need)
    assert "Chance that it is a good answer" not in bench(client_of(make_staff()), match)


@pytest.mark.parametrize("state", chances.CHOSEN)
def test_a_persons_choice_outweighs_the_software(match, chance, state):
    chance(-9)
    assert chances.nothing_good(match.need, [("suggested", False, match.explanation)])
    pairs = [("suggested", False, match.explanation), (state, False, match.explanation)]
    assert not chances.nothing_good(match.need, pairs)


def test_what_was_rejected_is_no_answer(match, chance):
    chance(4)
    assert chances.nothing_good(match.need, [("rejected", False, match.explanation)])


def test_a_need_is_compared_before_it_is_said_to_have_no_answer(app, chance):
    chance(4)
    need = make_listing("need", state="published")
    need.published_at = now()
    assert not chances.nothing_good_for(need)
    need.published_at = now() - timedelta(hours=1)
    assert chances.nothing_good_for(need)


def test_other_listings_have_no_notice(match, chance):
    chance(-9)
    assert not chances.nothing_good_for(match.capability)
    assert not chances.nothing_good(make_listing("need", state="draft"), [])
