"""One person in several organisations: the switch, where one lands, and forms that stay with their organisation."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import event, select

from ppp_match.db import db
from ppp_match.home.elsewhere import waiting_elsewhere
from ppp_match.listings.models import Listing
from ppp_match.listings.operations import save_listing
from ppp_match.recommendations.models import Interest
from tests.conftest import new_key
from tests.factories import OrganisationFactory, make_listing, make_member
from tests.introductions.pairs import introduce, make_pair, offer_of
from tests.teams.crews import belong, make_crew, role_of, text_of

HOSTILE = ("", "\x00", "<script>alert(1)</script>", "9" * 400, "00000000-0000-4000-8000-000000000000")


def two_homes(first: str = "city", second: str = "city"):
    person = make_member(first)
    one, two = person.memberships[0].organisation, OrganisationFactory(kind=second)
    belong(person, two, "owner")
    return person, one, two


def switch(client, home, page=""):
    return client.post("/account/act-for", data={"organisation": str(home.id), "page": page})


def line_of(page: str) -> str:
    return html.unescape(page.split("<main")[0])


def test_the_switch_is_a_menu_that_marks_the_current_one(client_of):
    person, one, two = two_homes()
    client = client_of(person)
    line = line_of(text_of(client.get("/needs?lang=en&sector=water")))
    assert line.count('name="organisation"') == 2
    assert re.search(rf'value="{one.id}" aria-current="true"', line)
    assert 'name="page" value="/needs?lang=en&sector=water"' in line
    assert switch(client, two).status_code == 303
    assert re.search(rf'value="{two.id}" aria-current="true"', line_of(text_of(client.get("/"))))
    assert switch(client, OrganisationFactory()).status_code == 404
    alone = line_of(text_of(client_of(make_member("city")).get("/")))
    assert "pm-switch" not in alone


def test_one_lands_on_the_same_kind_of_page_or_home(client_of):
    person, one, two = two_homes("city", "vendor")
    client = client_of(person)
    need = make_listing("need", state="published", organisation=one)
    public = OrganisationFactory(kind="vendor")
    here = f"/organisations/{one.id}"
    there = f"/organisations/{two.id}"
    lands = {
        "/mine": "/mine",
        "/needs?sector=water": "/needs?sector=water",
        "/offers?state=all": "/offers?state=all",
        f"/needs/{need.id}": f"/needs/{need.id}",
        f"/needs/{need.id}/edit": f"/needs/{need.id}",
        here: there,
        f"{here}/edit": there,
        f"{here}/team": f"{there}/team",
        f"{here}/leave": f"{there}/team",
        f"/organisations/{public.id}": f"/organisations/{public.id}",
        "/needs/new": "/",  # a vendor posts no needs
        "/capabilities/new": "/capabilities/new",
        "/review/listings": "/",
        "/nothing": "/",
        "https://elsewhere.example/": "/",
        "//elsewhere.example": "/",
        "": "/",
        "/" + "x" * 5000: "/",
    }
    got = {}
    for page in lands:
        switch(client, one)
        got[page] = switch(client, two, page).location
    assert got == lands


def test_a_new_need_goes_where_its_form_was_opened(client_of):
    person, one, two = two_homes()
    client = client_of(person)
    page = text_of(client.get("/needs/new"))
    carried = re.search(r'name="acting_for" value="([^"]+)"', page).group(1)
    assert carried == str(one.id)
    switch(client, two)
    form = {"lang": "vi", "title": "Chống ngập", "acting_for": carried, "idempotency_key": new_key()}
    done = client.post("/needs/new", data=form)
    assert done.status_code == 303
    listing = db.session.scalars(select(Listing)).one()
    assert listing.organisation_id == one.id
    landed = client.get(f"{done.location}?lang=en")
    assert landed.status_code == 200
    assert f"You now act for {one.name_en}" in html.unescape(text_of(landed))


def test_an_interest_speaks_for_the_company_whose_form_it_was(client_of):
    person, one, two = two_homes("vendor", "vendor")
    own = make_listing("capability", state="published", organisation=one)
    make_listing("capability", state="published", organisation=two)
    need = make_listing("need", state="published")
    client = client_of(person)
    switch(client, two)
    form = {
        "capability": str(own.id),
        "message": "We can help.",
        "no_conflict": "y",
        "acting_for": str(one.id),
        "idempotency_key": new_key(),
    }
    assert client.post(f"/needs/{need.id}/interest", data=form).status_code == 303
    assert db.session.scalars(select(Interest)).one().capability_id == own.id


def test_a_form_with_errors_switches_nothing(client_of):
    person, one, two = two_homes()
    client = client_of(person)
    switch(client, two)
    path = f"/organisations/{one.id}/invitations"
    bad = client.post(path, data={"acting_for": str(one.id), "idempotency_key": new_key()})
    assert bad.status_code == 422
    assert two.name_en in line_of(text_of(client.get("/?lang=en"))).split("<details")[0] + line_of(
        text_of(client.get("/?lang=en"))
    )
    assert re.search(rf'value="{two.id}" aria-current="true"', line_of(text_of(client.get("/"))))


@pytest.mark.parametrize("value", HOSTILE[1:])
def test_a_form_of_an_organisation_that_is_not_ones_own_is_refused(client_of, value):
    person, _one, _two = two_homes()
    client = client_of(person)
    form = {"lang": "vi", "title": "Chống ngập", "acting_for": value, "idempotency_key": new_key()}
    refused = client.post("/needs/new?lang=en", data=form)
    assert refused.status_code == 409
    assert "to which you do not belong" in text_of(refused)
    assert db.session.scalars(select(Listing)).all() == []


def test_a_form_left_open_after_leaving_writes_nowhere(client_of):
    crew, other = make_crew(), make_crew()
    belong(crew.colleague, other.home)
    client = client_of(crew.colleague)
    assert client.post(f"/organisations/{crew.home.id}/leave", data={}).status_code == 303
    assert role_of(crew.colleague, crew.home) is None
    form = {
        "lang": "vi",
        "title": "Chống ngập",
        "acting_for": str(crew.home.id),
        "idempotency_key": new_key(),
    }
    before = len(db.session.scalars(select(Listing)).all())
    assert client.post("/needs/new", data=form).status_code == 409
    assert len(db.session.scalars(select(Listing)).all()) == before


# --- what waits elsewhere ----------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_what_waits_in_the_others_is_counted(app):
    pair, asked = make_pair(), make_pair()
    introduction = introduce(pair)
    offer_of(asked)
    from ppp_match.introductions import operations as talk
    from tests.factories import actor_of

    talk.write_message(introduction, actor=actor_of(pair.vendor), body="Hello")
    home = pair.city.memberships[0].organisation
    make_listing("need", state="returned", organisation=home)
    person = make_member("partner")
    belong(person, home)
    belong(person, asked.vendor.memberships[0].organisation)
    vendor = asked.vendor.memberships[0].organisation_id
    assert waiting_elsewhere(person.as_actor()) == {home.id: 2, vendor: 1}
    assert waiting_elsewhere(person.as_actor(home.id)) == {vendor: 1}
    talk.mark_read(introduction, actor=person.as_actor(home.id))
    assert waiting_elsewhere(person.as_actor())[home.id] == 1
    assert waiting_elsewhere(make_member("city").as_actor()) == {}

    changed = make_listing("need", state="published", organisation=home)
    save_listing(changed, {"community": "Đã họp 12 tổ dân phố."}, lang="vi", actor=actor_of(pair.city))
    assert waiting_elsewhere(person.as_actor())[home.id] == 1
    changed.amendment.state = "returned"
    db.session.flush()
    assert waiting_elsewhere(person.as_actor())[home.id] == 2


def test_more_organisations_ask_no_more_questions(app, client_of):
    person, _one, _two = two_homes()
    client = client_of(person)
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:

        def asked():
            client.get("/about/conduct")
            statements.clear()
            assert client.get("/about/conduct").status_code == 200
            return len(statements)

        before = asked()
        for _ in range(6):
            home = OrganisationFactory(kind="city")
            make_listing("need", state="returned", organisation=home)
            belong(person, home)
        assert asked() == before
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
