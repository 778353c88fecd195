"""Fewer mails with one click: what mail programs are told (RFC 8058), and what the link does and does not."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from ppp_match.db import db
from ppp_match.notifications import choices, delivery, groups, kinds, letters
from ppp_match.notifications.models import NoticeChoice, OutboxMessage
from ppp_match.notifications.operations import notify
from tests.factories import UserFactory, make_listing
from tests.notifications.test_mail import by_smtp, sink  # noqa: F401  fixtures

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
TITLE = {"title": "Giảm ngập 20 tuyến phố"}


@pytest.fixture
def guarded(app):
    """With the protection against forged requests that production has."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


def path_of(person, *of) -> str:
    return f"/unsubscribe/{choices.unsubscribe_token(person.id, of)}"


def chosen_by(person) -> dict[str, str]:
    db.session.expire_all()
    return choices.choices_of([person.id])[person.id]


@pytest.mark.both_databases
def test_a_mail_program_ends_them_with_one_request(app, client, sink, guarded):  # noqa: F811
    person = UserFactory(locale="en")
    notify([person], "listing.published", make_listing(), params=TITLE)
    db.session.commit()
    assert delivery.deliver_mail() == 1
    ((_to, mail),) = sink.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].removeprefix("<").removesuffix(">")
    assert link.startswith("https://forum.example/unsubscribe/")
    for part in ("plain", "html"):
        assert link in mail.get_body((part,)).get_content()
    path = urlsplit(link).path
    assert client.get(path).status_code == 200
    assert chosen_by(person) == {}
    for _again in range(2):
        program = app.test_client()  # neither session nor token
        assert program.post(path, data=ONE_CLICK).status_code == 200
        assert chosen_by(person) == {"listings": "off"}
    assert app.test_client().post(path, data=ONE_CLICK, content_type="multipart/form-data").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(NoticeChoice)) == 1
    notify([person], "listing.published", make_listing(), params=TITLE)
    db.session.commit()
    assert delivery.deliver_mail() == 0


def test_the_page_asks_with_one_button_and_says_how_to_turn_back(app, client):
    person = UserFactory()
    path = path_of(person, "pairs", "watching")
    page = client.get(f"{path}?lang=en").get_data(as_text=True)
    assert 'value="One-Click"' in page
    assert "Interest, offers and introductions" in page
    assert "What I watch" in page
    assert person.email not in page
    assert person.name not in page
    done = client.post(f"{path}?lang=en", data=ONE_CLICK).get_data(as_text=True)
    assert "You get no more of these mails" in done
    assert "To change it back" in done
    assert "/account/notices" in done
    assert "still comes, in the daily digest" in done
    assert chosen_by(person) == {"pairs": "off", "watching": "off"}
    assert groups.frequency_of("offer.asked", {}, chosen_by(person)) == "daily"


def test_what_is_no_such_link_changes_nothing(app, client):
    person, gone = UserFactory(), UserFactory(active=False)
    path = path_of(person, "pairs")
    assert client.post(path).status_code == 400
    assert client.post(path, data={"List-Unsubscribe": "no"}).status_code == 400
    for wrong in (
        path[:-1],
        path + "x",
        path_of(gone, "pairs"),
        path_of(person, "account"),
        "/unsubscribe/x",
    ):
        assert client.post(wrong, data=ONE_CLICK).status_code == 404, wrong
        assert client.get(wrong).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(NoticeChoice)) == 0


def test_the_longest_link_can_be_read(app):
    person = UserFactory()
    token = choices.unsubscribe_token(person.id, groups.GROUPS)
    assert choices.asked_by(token) == (person.id, list(groups.GROUPS))


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_kind_that_can_be_ended_says_so_and_no_other(app, by_smtp, locale):  # noqa: F811
    person, listing = UserFactory(locale=locale), make_listing()
    adapter = app.url_map.bind("forum.example")
    for name in kinds.KINDS:
        kind, _dot, side = name.rpartition(".") if name.count(".") == 2 else (name, "", "")
        row = OutboxMessage(
            user_id=person.id,
            recipient=person.email,
            locale=locale,
            kind=kind,
            context={"subject_id": str(listing.id), **TITLE, **({"side": side} if side else {})},
            once=name,
        )
        row.created_at, row.id = listing.created_at, listing.id
        letter = letters.write(row)
        message = letters.envelope(row, letter)
        ends = groups.group_of(kind, row.context) != groups.ACCOUNT
        assert bool(message["List-Unsubscribe"]) == bool(message["List-Unsubscribe-Post"]) == ends, name
        for part in (letter.text, letter.html):
            assert ("/unsubscribe/" in part) == ends, name
            assert "https://forum.example/account/notices" in part
            assert "%(" not in part
        if ends:
            found = adapter.match(urlsplit(message["List-Unsubscribe"].strip("<>")).path, method="POST")
            assert found[0] == "notifications.unsubscribe"


def test_account_mails_and_plain_http_have_no_one_click(app):
    person, listing = UserFactory(), make_listing()
    notify([person], "listing.published", listing, params=TITLE)
    row = db.session.scalars(select(OutboxMessage)).one()
    message = letters.envelope(row, letters.write(row))
    assert message["List-Unsubscribe"].startswith("<http://")
    assert message["List-Unsubscribe-Post"] is None
    row.kind, row.context = "account.password_changed", {"link": "/login", "name": "An"}
    message = letters.envelope(row, letters.write(row))
    assert message["List-Unsubscribe"] is None
