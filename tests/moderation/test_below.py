"""Candidates below the cut, on request; and the switch of the keys."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import event, select

from ppp_match.db import db
from ppp_match.recommendations import below, refresh
from ppp_match.recommendations.models import Match
from tests.conftest import new_key
from tests.factories import make_listing, make_member, make_staff


def make_need(count=6, cut=2):
    need = make_listing("need", state="published")
    for at in range(count):
        make_listing("capability", state="published", texts={"title": f"Flood forecasting {at}"})
    make_listing("capability", state="published", terms={"country": ["SG"]})
    refresh.refresh_need(need, top=cut)
    return need, {match.capability_id for match in db.session.scalars(select(Match))}


@pytest.mark.both_databases
def test_the_next_of_the_ranking_are_explained_and_not_stored(app):
    need, known = make_need()
    open_, blocked = below.below_cut(need, known, cut=2, count=3)
    places = [row.place for row in open_]
    assert places == sorted(places)
    assert len(open_) == 3
    assert not known & {row.capability.id for row in (*open_, *blocked)}
    for row in (*open_, *blocked):
        assert row.found.explanation["total"] == pytest.approx(row.found.score)
    assert all("country" in row.found.blocked for row in blocked)
    assert {match.capability_id for match in db.session.scalars(select(Match))} == known


def test_a_candidate_below_the_cut_is_put_on_the_bench(client_of, monkeypatch, app):
    monkeypatch.setitem(app.extensions, "settings", app.extensions["settings"].with_(matches_per_need=2))
    need, known = make_need()
    client, address = client_of(make_staff()), f"/review/matches/need/{need.id}"
    below_it = re.search(
        r'href="([^"]+/below[^"]*)"', client.get(f"{address}?sort=score").get_data(as_text=True)
    )
    page = client.get(html.unescape(below_it.group(1))).get_data(as_text=True)
    assert "Below the cut" in page
    capability = re.search(r'name="capability" value="([0-9a-f-]{36})"', page).group(1)
    answer = client.post(
        f"{address}/pair?sort=score", data={"capability": capability, "idempotency_key": new_key()}
    )
    assert "sort=score" in answer.location
    assert len(db.session.scalars(select(Match)).all()) == len(known) + 1
    assert client.get(f"{address}/below?steps=999").status_code == 200
    assert client_of(make_member("vendor")).get(f"{address}/below").status_code == 403


def test_more_below_the_cut_costs_no_more_queries(client_of, monkeypatch, app):
    monkeypatch.setitem(app.extensions, "settings", app.extensions["settings"].with_(matches_per_need=1))
    need, _known = make_need(4, 1)
    client, address = client_of(make_staff()), f"/review/matches/need/{need.id}/below"
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def cost():
        client.get(address)
        asked.clear()
        assert client.get(address).status_code == 200
        return len(asked)

    before = cost()
    for at in range(8):
        make_listing("capability", state="published", texts={"title": f"Flood model {at}"})
    db.session.commit()
    app.extensions["indexes"].forget(saved=True)
    assert cost() <= before + 1


def test_the_keys_are_switched_off_and_on(client_of):
    need, _known = make_need(1)
    client, address = client_of(make_staff()), f"/review/matches/need/{need.id}"
    page = client.get(address).get_data(as_text=True)
    assert "js/workbench" in page
    assert "<kbd>J</kbd>" in page
    answer = client.post("/review/keys", data={"d": "off", "back": f"{address}?sector=water"})
    assert answer.location.endswith(f"{address}?sector=water")
    page = client.get(address).get_data(as_text=True)
    assert "js/workbench" not in page
    assert "The keys are off." in page
    client.post("/review/keys", data={"d": "on", "back": address})
    assert "js/workbench" in client.get(address).get_data(as_text=True)
    for back in ("https://elsewhere.example/", "//elsewhere.example", "/review/../login", "/\\elsewhere", ""):
        assert client.post("/review/keys", data={"d": "on", "back": back}).location.endswith(
            "/review/matches"
        )
