"""Saving by itself: what is kept, what is answered, and when it stays off."""

from __future__ import annotations

import re

import pytest

from ppp_match.db import db
from ppp_match.listings import operations
from tests.factories import actor_of, make_listing, make_member
from tests.listings.test_pages import home, token

pytestmark = pytest.mark.both_databases


@pytest.fixture
def owner(app):
    return make_member("city", locale="en")


@pytest.fixture
def draft(owner):
    return make_listing("need", organisation=home(owner))


def send(client, listing, step, version, **data):
    return client.post(f"/needs/{listing.id}/autosave?step={step}", data={"version": version, **data})


def test_it_saves_and_hands_out_the_next_version(client_of, owner, draft):
    client = client_of(owner)
    first = token(client, f"/needs/{draft.id}/edit")
    answer = send(client, draft, "money", first, amount="15–100 tỷ", contact_unit="Ask minh@example.com")
    said = answer.get_json()
    assert (answer.status_code, said["state"], said["errors"]) == (200, "saved", {})
    assert re.fullmatch(r"Saved \d\d:\d\d", said["message"])
    assert said["notes"]["amount"][0] == "Understood: VND 15,000,000,000–100,000,000,000"
    assert said["notes"]["contact_unit"] == ["“minh@example.com”: looks like an e-mail address"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert said["version"] != first
    assert "Parts of this form" in said["help"]
    assert "<script" not in said["help"]
    again = send(client, draft, "money", said["version"], amount="15–100 tỷ", contact_unit="The unit")
    assert again.get_json()["state"] == "saved"
    db.session.expire_all()
    assert draft.edited.text("contact_unit") == "The unit"


def test_what_is_in_error_is_named_and_the_rest_is_kept(client_of, owner, draft):
    client = client_of(owner)
    start, end = draft.edited.start_on, "2020-01-01"
    data = {"start_on": "2030-06-01", "end_on": end, "amount": "15–100", "conflicts": "Một điều mới"}
    said = send(client, draft, "money", token(client, f"/needs/{draft.id}/edit"), **data).get_json()
    assert set(said["errors"]) == {"end_on", "amount"}
    assert "without what needs correcting" in said["message"]
    db.session.expire_all()
    assert (draft.edited.text("conflicts"), draft.edited.start_on) == ("Một điều mới", start)
    assert draft.edited.amount_max == 100_000_000_000


def test_somebody_elses_save_stops_it(client_of, owner, draft):
    client = client_of(owner)
    seen = token(client, f"/needs/{draft.id}/edit")
    operations.save_listing(draft, {"title": "Tên của người khác"}, lang="vi", actor=actor_of(owner))
    answer = send(client, draft, "problem", seen, title="Tên của tôi")
    assert (answer.status_code, answer.get_json()["state"]) == (409, "conflict")
    db.session.expire_all()
    assert draft.edited.text("title") == "Tên của người khác"


def test_a_published_text_is_left_alone_until_a_change_was_saved_by_hand(client_of, owner):
    listing = make_listing("need", organisation=home(owner), state="published")
    client, address = client_of(owner), f"/needs/{listing.id}/edit"
    assert "data-by-itself" not in client.get(address).get_data(as_text=True)
    answer = send(client, listing, "problem", token(client, address), title="Một tên hoàn toàn khác")
    assert (answer.status_code, answer.get_json()["state"]) == (200, "off")
    db.session.expire_all()
    assert listing.amendment is None
    operations.save_listing(listing, {"title": "Một tên khác"}, lang="vi", actor=actor_of(owner))
    answer = send(client, listing, "problem", token(client, address), title="Một tên khác nữa")
    assert answer.get_json()["state"] == "saved"
    db.session.expire_all()
    assert listing.amendment.text("title") == "Một tên khác nữa"
    assert listing.shown.text("title") != "Một tên khác nữa"


def test_what_waits_for_review_is_not_saved(client_of, owner):
    listing = make_listing("need", organisation=home(owner), state="submitted")
    answer = send(client_of(owner), listing, "problem", f"{listing.version}.0", title="Một tên khác")
    assert answer.get_json()["state"] == "off"


def test_strangers_and_visitors_save_nothing(client, client_of, draft):
    assert send(client, draft, "problem", "1.0", title="x").status_code == 302
    assert send(client_of(make_member("city")), draft, "problem", "1.0", title="x").status_code == 404
    assert send(client_of(make_member("vendor")), draft, "problem", "1.0", title="x").status_code == 404


def test_it_needs_the_token_against_forged_requests(app, client_of, owner, draft):
    client = client_of(owner)
    page = client.get(f"/needs/{draft.id}/edit").get_data(as_text=True)
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert send(client, draft, "problem", token(client, f"/needs/{draft.id}/edit")).status_code == 400
        page = client.get(f"/needs/{draft.id}/edit").get_data(as_text=True)
        csrf = re.search(r'name="csrf_token" value="([^"]*)"', page)[1]
        version = re.search(r'name="version" value="([^"]*)"', page)[1]
        assert send(client, draft, "problem", version, csrf_token=csrf, title="Tên").status_code == 200
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
