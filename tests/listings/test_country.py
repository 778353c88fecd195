"""A national representative reads the needs of its country from when they are sent, and changes nothing."""

from __future__ import annotations

import pytest

from ppp_match.db import db
from ppp_match.listings import operations, queries
from ppp_match.permissions import can
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases


@pytest.fixture
def office(app):
    return make_member("city", organisation=_office())


def _office(**values):
    return OrganisationFactory(kind="city", subtype="national_representative", country="VN", **values)


def _need(state, country="VN", **values):
    return make_listing(
        "need", state=state, organisation=OrganisationFactory(kind="city", country=country), **values
    )


def seen(person):
    return set(db.session.scalars(queries.visible_to(actor_of(person))))


def test_it_sees_what_its_cities_sent_and_nothing_else(office):
    sent = [_need(state) for state in ("submitted", "in_review", "returned", "published")]
    refused = _need("in_review")
    operations.reject_listing(refused, reason="Không phải nhu cầu.", actor=actor_of(make_staff()))
    draft, abroad = _need("draft"), _need("submitted", country="LA")
    capability = make_listing("capability", state="submitted")
    found = seen(office)
    assert found >= {*sent, refused}
    assert not found & {draft, abroad, capability}
    actor = actor_of(office)
    assert all(queries.is_visible_to(one, actor) for one in (*sent, refused))
    assert not any(queries.is_visible_to(one, actor) for one in (draft, abroad, capability))
    assert queries.states_of_country("VN") == dict.fromkeys(
        ("submitted", "in_review", "returned", "published", "rejected"), 1
    )


def test_others_do_not(app):
    waiting = _need("submitted")
    unverified = make_member("city", organisation=_office(verification="unverified"))
    ministry = make_member("city", organisation=OrganisationFactory(kind="city", subtype="central_ministry"))
    for person in (unverified, ministry, make_member("vendor")):
        assert waiting not in seen(person)


def test_it_reads_and_changes_nothing(office):
    need, actor = _need("submitted"), actor_of(office)
    for permission in (
        "listing.edit",
        "listing.submit",
        "listing.withdraw",
        "listing.close",
        "listing.review",
    ):
        assert not can(actor, permission, need), permission


def test_the_page_names_cities_that_stay_unnamed_in_public(office, client_of):
    need = _need("published")
    need.live.anonymous = True
    db.session.commit()
    client = client_of(office)
    page = client.get("/country/needs?lang=en").get_data(as_text=True)
    assert need.organisation.name_en in page
    assert "unnamed in public" in page
    assert need.organisation.name_en in client.get(f"/needs/{need.id}?lang=en").get_data(as_text=True)
    stranger = client_of(make_member("city"))
    assert stranger.get("/country/needs").status_code == 403
    assert need.organisation.name_en not in stranger.get(f"/needs/{need.id}?lang=en").get_data(as_text=True)


def test_the_page_by_state_and_the_text_that_waits(office, client_of):
    waiting, public = _need("submitted"), _need("published")
    client = client_of(office)
    page = client.get("/country/needs?state=submitted&lang=en").get_data(as_text=True)
    assert str(waiting.id) in page
    assert str(public.id) not in page
    assert client.get("/country/needs?state=nonsense").status_code == 200
    shown = client.get(f"/needs/{waiting.id}?lang=en")
    assert shown.status_code == 200
    assert "/edit" not in shown.get_data(as_text=True)
