"""From registration to sign-in, and what a stranger can learn or bend on the way: nothing."""

from __future__ import annotations

import re
import time

import pytest
from sqlalchemy import select

from ppp_match.accounts.models import User
from ppp_match.app import create_app
from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.extensions import limiter
from ppp_match.notifications.models import OutboxMessage
from tests.conftest import sign_in
from tests.factories import PASSWORD, UserFactory, make_member

NEW = {"name": "Trần Minh Họa", "email": "Moi@City.example", "password": "bốn con sông xanh"}


def mails(kind: str | None = None) -> list[OutboxMessage]:
    query = select(OutboxMessage).order_by(OutboxMessage.created_at)
    return list(db.session.scalars(query.where(OutboxMessage.kind == kind) if kind else query))


def path_of(link: str) -> str:
    return link.replace("http://127.0.0.1:8000", "")


def is_signed_in(client) -> bool:
    return client.get("/account").status_code == 200


@pytest.mark.both_databases
def test_from_registration_to_sign_in(client):
    response = client.post("/register?lang=vi", data=NEW)
    assert response.status_code == 302
    user = db.session.scalar(select(User).where(User.email == "moi@city.example"))
    assert (user.name, user.locale, user.confirmed_at, user.staff_role) == (NEW["name"], "vi", None, None)
    assert NEW["password"] not in user.password

    early = client.post("/login", data=NEW)
    assert early.status_code == 422
    assert not is_signed_in(client)

    (mail,) = mails("account.confirm")
    assert (mail.recipient, mail.locale, mail.context["name"]) == ("moi@city.example", "vi", NEW["name"])
    link = mail.context["link"]
    page = client.get(path_of(link))
    assert page.status_code == 200
    db.session.refresh(user)
    assert user.confirmed_at is None, "opening a link changes nothing"
    assert client.post(path_of(link)).status_code == 302
    db.session.refresh(user)
    assert user.confirmed_at is not None
    for again in (client.get(path_of(link)), client.post(path_of(link))):  # used before, or a second click
        assert (again.status_code, again.headers["Location"]) == (303, "/login")
    assert "đã được xác nhận" in client.get("/login").get_data(as_text=True)

    assert client.post("/login", data=NEW).headers["Location"] == "/"
    assert is_signed_in(client)


def test_links_never_follow_the_host_header(client):
    UserFactory(email="known@city.example")
    client.post("/reset", data={"email": "known@city.example"}, headers={"Host": "evil.example"})
    client.post("/register", data=NEW, headers={"Host": "evil.example"})
    assert [m.kind for m in mails()] == ["account.reset", "account.confirm"]
    assert all(m.context["link"].startswith("http://127.0.0.1:8000/") for m in mails())


def test_registering_a_known_address_looks_the_same(client):
    UserFactory(email="known@city.example")
    known = client.post("/register", data={**NEW, "email": "KNOWN@city.example"})
    fresh = client.post("/register", data={**NEW, "email": "fresh@city.example"})
    assert (known.status_code, known.headers["Location"]) == (fresh.status_code, fresh.headers["Location"])
    assert [(m.kind, m.recipient) for m in mails()] == [
        ("account.exists", "known@city.example"),
        ("account.confirm", "fresh@city.example"),
    ]
    assert "/reset/" not in mails()[0].context["link"]


def test_registering_again_before_confirming_sends_the_confirmation_again(client):
    client.post("/register", data=NEW)
    client.post("/register", data=NEW)
    assert [m.kind for m in mails()] == ["account.confirm", "account.confirm"]


def _told(response) -> tuple[int, str]:
    text = re.sub(r'(name="csrf_token" value|data-options)="?[^"]*"', "", response.get_data(as_text=True))
    return response.status_code, re.sub(r"[\w.]+@city\.example", "ADDRESS", text)


@pytest.mark.parametrize("address", ["/reset", "/confirm", "/login"])
def test_pages_do_not_tell_whether_an_account_exists(app, client, address):
    UserFactory(email="known@city.example")
    UserFactory(email="waiting@city.example", confirmed_at=None)
    UserFactory(email="disabled@city.example", active=False)
    told = {
        _told(
            app.test_client().post(address, data={"email": f"{who}@city.example", "password": "not the one"})
        )
        for who in ("known", "waiting", "disabled", "nobody")
    }
    assert len(told) == 1


@pytest.mark.parametrize("page", ["/reset", "/confirm"])
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Enter your e-mail address."),
        ("không phải thư", "Enter a whole"),
        ("x" * 300 + "@city.example", "Enter a whole"),
    ],
)
def test_an_address_that_is_none_is_asked_again_and_promised_nothing(client, page, typed, told):
    answer = client.post(f"{page}?lang=en", data={"email": typed})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in html
    assert "on its way" not in html


def test_unknown_and_known_addresses_take_about_as_long(app, client):
    UserFactory(email="known@city.example")

    def took(who: str) -> float:
        best = []
        for _ in range(4):
            start = time.perf_counter()
            app.test_client().post("/login", data={"email": f"{who}@city.example", "password": "not the one"})
            best.append(time.perf_counter() - start)
        return min(best)

    assert abs(took("known") - took("nobody")) < 0.05


def test_an_unconfirmed_person_who_forgot_the_password_gets_the_confirmation(client):
    UserFactory(email="waiting@city.example", confirmed_at=None)
    client.post("/reset", data={"email": "waiting@city.example"})
    assert [m.kind for m in mails()] == ["account.confirm"]


def test_a_reset_link_works_once_and_ends_every_session(app, client, client_of):
    user = make_member("city")
    elsewhere = client_of(user)
    client.post("/reset", data={"email": user.email})
    path = path_of(mails("account.reset")[0].context["link"])
    assert client.get(path).status_code == 200
    assert client.post(path, data={"password": "short"}).status_code == 422
    assert client.post(path, data={"password": "a new long password"}).status_code == 302
    assert not is_signed_in(elsewhere)
    assert client.get(path).status_code == 302
    assert client.post(path, data={"password": "another long password"}).status_code == 302
    assert (
        client.post("/login", data={"email": user.email, "password": "another long password"}).status_code
        == 422
    )
    assert mails("account.password_changed")
    sign_in(client, user, "a new long password")


def test_tokens_that_are_not_ours_are_refused(client):
    for page in ("/confirm/nonsense", "/reset/nonsense", "/reset/%00", "/confirm/%C3%A9"):
        assert client.get(page).status_code == 302
    assert client.post("/reset/nonsense", data={"password": "a new long password"}).status_code == 302


@pytest.mark.parametrize(
    "password",
    [
        "Password",
        "12345678",
        "matkhau123",
        "aaaaaaaaaaaa",
        "moi@city.example",
        "trần minh họa",
        "seven77",
        "x" * 257,
    ],
)
def test_passwords_that_are_guessed_first_are_refused(client, password):
    assert client.post("/register", data={**NEW, "password": password}).status_code == 422
    assert db.session.scalar(select(User)) is None


@pytest.mark.parametrize("password", ["eight 88", "x1" * 64, "only lower case words here", "   spaces   "])
def test_long_and_plain_passwords_are_fine(app, client, password):
    assert client.post("/register", data={**NEW, "password": password}).status_code == 302
    user = db.session.scalar(select(User))
    user.confirmed_at = user.create_datetime
    sign_in(client, user, password)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "http://localhost/mine",
        "javascript:alert(1)",
        "///evil.example",
        " //evil.example",
    ],
)
def test_sign_in_never_leads_elsewhere(client, wanted):
    user = make_member("city")
    page = client.get("/login", query_string={"next": wanted})
    assert page.status_code == 200
    assert 'name="next" value=""' in page.get_data(as_text=True)
    for place in ({"data": {"next": wanted}}, {"query_string": {"next": wanted}}):
        data = {"email": user.email, "password": PASSWORD, **place.get("data", {})}
        response = client.post("/login", data=data, query_string=place.get("query_string"))
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/")
        assert not response.headers["Location"].startswith(("//", "/\\"))
        client.post("/logout")


def test_sign_in_leads_to_the_page_that_was_wanted(client):
    user = make_member("city")
    refused = client.get("/account/sessions")
    assert refused.headers["Location"] == "/login?next=/account/sessions"
    response = client.post(refused.headers["Location"], data={"email": user.email, "password": PASSWORD})
    assert response.headers["Location"] == "/account/sessions"


def test_no_token_and_no_second_door(client):
    user = make_member("city")
    answer = client.post(
        "/login?include_auth_token",
        json={"email": user.email, "password": PASSWORD},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 415  # the library's own way in, which would give a token
    assert "authentication_token" not in answer.get_data(as_text=True)
    assert client.get("/mine").status_code == 302
    client.post("/login", data={"email": user.email, "password": PASSWORD, "remember": "y"})
    assert "remember_token" not in {cookie.key for cookie in client._cookies.values()}


def test_changing_the_password_needs_the_present_one(client_of):
    client = client_of(make_member("city"))
    wrong = {"password": "not the one", "new_password": "a new long password"}
    assert client.post("/change", data=wrong).status_code == 422
    assert client.post("/change", data={**wrong, "password": PASSWORD}).headers["Location"] == "/account"
    assert mails("account.password_changed")


def test_null_bytes_and_huge_values_are_refused_politely(client):
    for field in ("name", "email", "password"):
        for bad in ("\x00", "a\x00b@city.example", "x" * 100_000):
            response = client.post("/register", data={**NEW, field: bad})
            assert response.status_code in (302, 413, 422)
    assert client.post("/register", data={}).status_code == 422
    assert client.post("/login", data={"email": ["a", "b"], "password": "\x00"}).status_code == 422


def test_too_many_tries_are_stopped(tmp_path, client):
    app = create_app(Settings(mode="development", instance=tmp_path))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    try:
        limited = app.test_client()
        wrong = {"email": "a@city.example", "password": "not the one"}
        codes = [limited.post("/login", data=wrong).status_code for _ in range(12)]
        assert codes == [422] * 10 + [429] * 2
        assert "<h1>" in limited.post("/login", data=wrong).get_data(as_text=True)
        assert limited.get("/login").status_code == 200
        unlimited = [client.post("/login", data=wrong).status_code for _ in range(12)]
        assert set(unlimited) == {422}, "an application without limits stays so beside one that has them"
    finally:
        limiter.reset()
        with app.app_context():
            db.engine.dispose()
