"""A company's pages: interest at a need, what became of it; an owner sees counts, never names."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.db import db
from ppp_match.recommendations import operations, refresh
from ppp_match.recommendations.models import Interest, Match
from tests.conftest import new_key
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff


@pytest.fixture(autouse=True)
def _no_csrf(app):
    before = app.config.get("WTF_CSRF_ENABLED")
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = before


@pytest.fixture
def pair(app):
    return make_listing("need", state="published"), make_listing("capability", state="published")


def express(client, need, capability, **data):
    fields = {
        "capability": capability.id,
        "message": "Done in two cities.",
        "no_conflict": "y",
        "idempotency_key": new_key(),
        **data,
    }
    return client.post(f"/needs/{need.id}/interest", data=fields)


def test_interest_from_the_page_of_the_need(client_of, pair):
    need, capability = pair
    client = client_of(make_member("vendor", organisation=capability.organisation))
    page = client.get(f"/needs/{need.id}").get_data(as_text=True)
    assert f"/needs/{need.id}/interest" in page
    assert express(client, need, capability).status_code == 303
    assert db.session.scalars(select(Interest.message)).all() == ["Done in two cities."]
    again = express(client, need, capability)
    assert again.status_code == 422
    assert "You expressed interest with this capability before." in again.get_data(as_text=True)
    page = client.get(f"/needs/{need.id}").get_data(as_text=True)
    assert "Waits for a moderator" in page
    assert "Street-level flood forecasting" in client.get("/suggestions").get_data(as_text=True)


def test_what_was_typed_is_kept(client_of, pair):
    need, capability = pair
    client = client_of(make_member("vendor", organisation=capability.organisation))
    answer = express(client, need, capability, message="y" * 601)
    assert answer.status_code == 422
    assert "y" * 601 in answer.get_data(as_text=True)
    foreign = make_listing("capability", state="published")
    assert express(client, need, foreign).status_code == 422
    assert db.session.scalars(select(Interest)).all() == []


def test_the_panel_says_why_there_is_no_form(client_of, pair):
    need, capability = pair
    tender = make_listing("need", state="published", stage="procure")
    client = client_of(make_member("vendor", organisation=capability.organisation))
    assert "in procurement" in client.get(f"/needs/{tender.id}").get_data(as_text=True)
    newcomer = client_of(make_member("vendor"))
    assert "Publish a capability first" in newcomer.get(f"/needs/{need.id}").get_data(as_text=True)
    city = client_of(make_member("city"))
    assert "Can you help with this need?" not in city.get(f"/needs/{need.id}").get_data(as_text=True)
    assert express(city, need, capability).status_code == 403


def test_an_owner_sees_counts_and_no_names_before_an_offer(client_of, pair):
    need, capability = pair
    refresh.refresh_need(need)
    owner = client_of(make_member("city", organisation=need.organisation))
    page = owner.get(f"/needs/{need.id}").get_data(as_text=True)
    assert "1 suggestion waits for a moderator." in page
    assert capability.organisation.name("en") not in page
    assert "Street-level" not in owner.get("/suggestions").get_data(as_text=True)
    stranger = client_of(make_member("city"))
    assert "waits for a moderator" not in stranger.get(f"/needs/{need.id}").get_data(as_text=True)


def test_a_rejected_interest_is_no_black_hole(client_of, pair):
    need, capability = pair
    vendor = make_member("vendor", organisation=capability.organisation)
    match = operations.express_interest(
        need, capability, message="", actor=actor_of(vendor), no_conflict=True
    ).match
    operations.reject_match(
        match, actor=actor_of(make_staff()), reason_code="wrong_scale", note="Among us only."
    )
    page = client_of(vendor).get("/suggestions").get_data(as_text=True)
    assert "Not taken further: the scale of the two does not fit" in page
    assert "Among us only." not in page


def test_an_anonymous_city_is_named_nowhere_to_a_company(client_of, app):
    owner = OrganisationFactory(kind="city", name_vi="Sở Bí Mật", name_en="Hidden Office")
    need = make_listing("need", state="published", organisation=owner, anonymous=True)
    capability = make_listing("capability", state="published")
    vendor = make_member("vendor", organisation=capability.organisation)
    operations.express_interest(need, capability, message="", actor=actor_of(vendor), no_conflict=True)
    client = client_of(vendor)
    for path in ("/suggestions", f"/needs/{need.id}/interest", f"/needs/{need.id}", "/search?q=ngập"):
        page = client.get(path).get_data(as_text=True)
        assert "Hidden Office" not in page
        assert "Ho Chi Minh" not in page.split("Twelve technicians")[0]
    assert db.session.scalars(select(Match)).one().explanation


def test_search_page_finds_both_kinds_and_says_what_else_it_searched(client, pair):
    page = client.get("/search", query_string={"q": "du bao ngap", "lang": "en"}).get_data(as_text=True)
    assert "Giảm ngập 20 tuyến phố ven sông" in page
    assert "Street-level flood forecasting" in page
    assert "Also searched:" in page
    assert "dự báo ngập" in page
    assert client.get("/search").status_code == 200
    assert "Nothing found" in client.get("/search?q=zzzzqqq").get_data(as_text=True)
    assert client.get("/search", query_string={"q": "\x00<script>" * 500}).status_code == 200


def test_similar_needs_stand_beside_a_need(client, pair):
    need, _capability = pair
    other = make_listing(
        "need", state="published", lang="en", texts={"title": "Street flooding after heavy rain"}
    )
    assert f"/needs/{other.id}" in client.get(f"/needs/{need.id}").get_data(as_text=True)
