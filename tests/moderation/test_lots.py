"""Pairs by lot on the workbench: marked in words, apart from the list, walked and decided like others, filtered by."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from ppp_match.db import db
from ppp_match.introductions.models import Offer
from ppp_match.moderation import need_queue
from ppp_match.moderation.bench import bench_of, next_pair
from ppp_match.moderation.queue_filters import read_filters
from ppp_match.recommendations import operations, refresh
from ppp_match.recommendations.models import Match
from tests.factories import actor_of, make_listing, make_staff

TOP = 2


@pytest.fixture
def need(app):
    for at in range(14):
        texts = {"solves": " ".join(["We forecast street flooding."] + ["We sell paint."] * at)}
        make_listing("capability", state="published", texts=texts)
    need = make_listing("need", state="published")
    refresh.refresh_need(need, top=TOP)
    return need


def by_lot() -> list[Match]:
    return list(db.session.scalars(select(Match).where(Match.origin == "lot").order_by(Match.drawn_place)))


@pytest.mark.both_databases
def test_they_stand_apart_from_the_list_and_come_after_it(need):
    moderator = actor_of(make_staff())
    bench = bench_of(need, None, actor=moderator, lang="en")
    assert len(bench.waiting) == TOP
    assert {row.match.id for row in bench.by_lot} == {match.id for match in by_lot()}
    assert [row.place for row in (*bench.waiting, *bench.by_lot)] == [1, 2, 3, 4]
    assert {match.capability_id for match in by_lot()} <= bench.known
    last = [row.match for row in bench.waiting][-1]
    operations.reject_match(bench.waiting[0].match, actor=moderator, reason_code="wrong_scale")
    operations.reject_match(last, actor=moderator, reason_code="wrong_scale")
    following = next_pair(last, "need")
    assert following is not None
    assert following.by_lot


@pytest.mark.parametrize(
    ("lang", "words", "chance"),
    [
        ("en", "Chosen by lot, from below the cut", "a chance of 1 in 6"),
        ("vi", "Chọn bằng bốc thăm, dưới ngưỡng", "xác suất 1 trên 6"),
    ],
)
def test_a_pair_by_lot_says_so_in_words_and_beside_an_icon(client_of, need, lang, words, chance):
    pair = by_lot()[0]
    page = (
        client_of(make_staff())
        .get(f"/review/matches/need/{need.id}?pair={pair.id}&lang={lang}")
        .get_data(as_text=True)
    )
    rows = re.findall(r'#lot"/></svg> ' + words + "</p>", page)
    assert len(rows) == 2
    assert f"{words} (2)</h2>" in page
    assert f"<b>{words}.</b>" in page
    assert chance in page


@pytest.mark.both_databases
def test_nobody_waits_for_them_but_the_queue_can_be_filtered_by_them(need):
    moderator = actor_of(make_staff())
    plain, drawn = read_filters("matches", {}), read_filters("matches", {"lot": "1"})
    (row,), total = need_queue.rows_of(plain, moderator)
    assert (row.suggested, row.by_lot, total) == (TOP, 2, 1)
    for match in db.session.scalars(select(Match).where(Match.origin != "lot")).all():
        operations.reject_match(match, actor=moderator, reason_code="wrong_scale")
    assert need_queue.rows_of(plain, moderator) == ([], 0)
    (row,), total = need_queue.rows_of(drawn, moderator)
    assert (row.need.id, row.suggested, row.by_lot, row.due) == (need.id, 0, 2, None)
    for match in by_lot():
        operations.reject_match(match, actor=moderator, reason_code="wrong_sector")
    assert need_queue.rows_of(drawn, moderator) == ([], 0)


def test_the_filter_stands_in_the_queue_and_a_need_of_which_only_they_wait_is_shown(client_of, need):
    client = client_of(make_staff())
    page = client.get("/review/matches?lot=1").get_data(as_text=True)
    assert "Pairs chosen by lot wait" in page
    assert re.search(r'#lot"/></svg>2 by lot', page)


def test_both_sides_are_asked_only_when_a_moderator_approves(client_of, need):
    pair = by_lot()[0]
    client = client_of(make_staff())
    assert db.session.scalars(select(Offer)).all() == []
    data = {"d": "approve", "seen": "suggested", "side": "need"}
    assert client.post(f"/review/matches/{pair.id}/decide", data=data).status_code == 303
    db.session.refresh(pair)
    assert (pair.state, pair.by_lot, pair.offer_at is not None) == ("approved", True, True)
    assert by_lot()[1].state == "suggested"
