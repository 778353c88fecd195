"""Notices: told once, in the reader's language, read when their person says so."""

from __future__ import annotations

import pytest
from flask_babel import force_locale
from sqlalchemy import func, select
from werkzeug.routing import BuildError

from ppp_match.db import db
from ppp_match.notifications import kinds
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.notifications.operations import notify
from tests.factories import OrganisationFactory, UserFactory, make_listing, make_staff

TITLE = {"title": "Giảm ngập 20 tuyến phố"}


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.both_databases
def test_one_cause_tells_a_person_once(app):
    person, listing = UserFactory(), make_listing()
    for _ in range(2):
        notify([person, person], "listing.published", listing, params=TITLE)
    assert (count(Notification), count(OutboxMessage)) == (1, 1)
    notify([person], "listing.published", listing, params=TITLE, once="again")
    assert (count(Notification), count(OutboxMessage)) == (2, 2)


@pytest.mark.both_databases
def test_who_is_not_active_is_not_told(app):
    notify([UserFactory(active=False)], "listing.published", make_listing(), params=TITLE)
    assert (count(Notification), count(OutboxMessage)) == (0, 0)


@pytest.mark.both_databases
def test_without_mail_nothing_waits_to_be_sent(app):
    notify([UserFactory()], "listing.published", make_listing(), params=TITLE, mail=False)
    assert count(Notification) == 1
    assert db.session.scalar(select(OutboxMessage.state)) == "sent"


def test_unknown_kinds_and_contact_data_are_refused(app):
    with pytest.raises(KeyError):
        notify([UserFactory()], "listing.lost", make_listing())
    with pytest.raises(ValueError, match="contact data"):
        notify([UserFactory()], "listing.published", make_listing(), params={"email": "x"})


def test_an_address_that_somebody_typed_is_blotted_out(app):
    notify(
        [UserFactory()], "listing.published", make_listing(), params={"title": "Write to an@demo.example now"}
    )
    assert db.session.scalar(select(Notification.params)) == {"title": "Write to … now"}


def test_sentences_speak_the_readers_language_and_survive_missing_values(app):
    params = {"name_vi": "Sở Xây dựng", "name_en": "Department of Construction"}
    with app.test_request_context(), force_locale("en"):
        assert "Department of Construction" in kinds.sentence("organisation.verified", params)
        assert kinds.sentence("listing.published", {}) == "Your text is published"
        assert kinds.sentence("listing.published", {"name": "no title here"}) == "Your text is published"
        assert "50 %" in kinds.sentence("listing.published", {"title": "Lose 50 % less"})
    with app.test_request_context(), force_locale("vi"):
        assert "Sở Xây dựng" in kinds.sentence("organisation.verified", params)


@pytest.mark.parametrize("name", [name for name in kinds.KINDS if name.count(".") == 1])
def test_every_kind_leads_to_a_page_that_exists(app, name):
    endpoint, values = kinds.target(name, make_listing().id, {})
    if endpoint.split(".")[0] not in app.blueprints:
        pytest.skip(f"the room of {endpoint} is not built in")
    try:
        app.url_map.bind("localhost").build(endpoint, values)
    except BuildError:
        pytest.fail(f"{name} leads to {endpoint}, which does not exist")


def test_the_inbox_shows_ones_own_and_marks_them_read(app, client, client_of):
    person, other = UserFactory(), make_staff()
    organisation = OrganisationFactory()
    for n in range(30):
        notify([person], "organisation.verified", organisation, params={"name": f"Office {n}"}, once=str(n))
    notify([other], "organisation.verified", organisation, params={"name": "Elsewhere"})
    assert client.get("/notices").status_code == 302
    signed_in = client_of(person)
    page = signed_in.get("/notices").get_data(as_text=True)
    assert "30 not read yet" in page
    assert "Office 29" in page
    assert "Office 1 " not in page
    assert "Elsewhere" not in page
    assert "Office 0 is" in signed_in.get("/notices?page=2").get_data(as_text=True)
    mine = db.session.scalar(select(Notification.id).where(Notification.user_id == person.id))
    foreign = db.session.scalar(select(Notification.id).where(Notification.user_id == other.id))
    assert signed_in.post(f"/notices/{mine}/read").status_code == 303
    assert signed_in.post(f"/notices/{foreign}/read").status_code == 404
    assert "29 not read yet" in signed_in.get("/notices").get_data(as_text=True)
    assert signed_in.post("/notices/read").status_code == 303
    assert "Everything is read" in signed_in.get("/notices").get_data(as_text=True)
    assert db.session.scalar(select(Notification.read_at).where(Notification.id == foreign)) is None
