"""The doors of an account, line by line of what has to hold: tries counted in the database, nothing told."""

from __future__ import annotations

import time
from datetime import timedelta

import html5lib
import pytest
from sqlalchemy import func, select

from ppp_match.accounts import mails, throttle
from ppp_match.accounts.factor_models import FailedTry
from ppp_match.app import create_app, refuse_demo_accounts
from ppp_match.config import Settings, UnsafeSettings
from ppp_match.db import db, now
from ppp_match.notifications import letters
from ppp_match.notifications.kinds import ACCOUNT_KINDS
from ppp_match.notifications.models import OutboxMessage
from tests.conftest import sign_in
from tests.factories import PASSWORD, UserFactory, make_member, with_second_factor

HTML = "{http://www.w3.org/1999/xhtml}"


def wrong(client, email: str, **more) -> int:
    return client.post("/login", data={"email": email, "password": "not the one"}, **more).status_code


@pytest.mark.both_databases
def test_tries_on_an_account_are_counted_in_the_database(app, client):
    user = make_member("city", email="known@city.example")
    for who in ("known@city.example", "nobody@city.example"):
        address = iter(f"10.0.0.{n}" for n in range(1, 250))
        tries = [
            wrong(app.test_client(), who, environ_base={"REMOTE_ADDR": next(address)}) for _ in range(21)
        ]
        assert tries == [422] * 20 + [429], "known or not, the same"
        fresh = app.test_client()
        assert wrong(fresh, who.upper(), environ_base={"REMOTE_ADDR": "10.0.1.1"}) == 429
    stopped = app.test_client().post("/login", data={"email": user.email, "password": PASSWORD})
    assert stopped.status_code == 429
    assert stopped.headers["Retry-After"]
    assert "<h1" in stopped.get_data(as_text=True)
    rows = db.session.scalars(select(FailedTry)).all()
    assert all("city.example" not in row.key for row in rows), "no address is kept"
    for row in rows:
        row.at = now() - timedelta(minutes=16)
    sign_in(app.test_client(), user)


def test_tries_from_an_address_are_counted_whatever_a_header_says(client, monkeypatch):
    monkeypatch.setitem(throttle.MOST, "address", 5)
    tries = [
        wrong(client, f"person{n}@city.example", headers={"X-Forwarded-For": f"203.0.113.{n}"})
        for n in range(6)
    ]
    assert tries == [422] * 5 + [429]
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.9"}}
    assert wrong(client, "another@city.example", **elsewhere) == 422


def test_a_trusted_proxy_names_the_address_and_nobody_before_it_does(tmp_path, monkeypatch):
    monkeypatch.setitem(throttle.MOST, "address", 3)
    app = create_app(Settings(mode="testing", instance=tmp_path, trusted_proxies=1))
    with app.app_context():
        db.create_all()
        db.session.remove()
    try:
        claims = [f"198.51.100.{n}, 203.0.113.7" for n in range(4)]
        tries = [
            wrong(app.test_client(), f"p{n}@city.example", headers={"X-Forwarded-For": claim})
            for n, claim in enumerate(claims)
        ]
        assert tries == [422] * 3 + [429], "what stands before the proxy's own entry counts for nothing"
        other = {"headers": {"X-Forwarded-For": "203.0.113.8"}}
        assert wrong(app.test_client(), "p9@city.example", **other) == 422
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_what_succeeds_is_not_counted_and_old_rows_go(client):
    user = make_member("city")
    db.session.add(FailedTry(key="0" * 64, at=now() - timedelta(days=2)))
    sign_in(client, user)
    assert db.session.scalar(select(func.count()).select_from(FailedTry)) == 1
    client.post("/logout")
    wrong(client, user.email)
    keys = set(db.session.scalars(select(FailedTry.key)))
    assert len(keys) == 2
    assert "0" * 64 not in keys


@pytest.mark.parametrize("page", ["/register", "/reset", "/confirm"])
def test_known_and_unknown_addresses_take_about_as_long(app, client, page):
    UserFactory(email="known@city.example")

    def took(address: str) -> float:
        best = []
        for n in range(4):
            data = {"name": "Trần Minh Họa", "email": address.format(n=n), "password": "bốn con sông xanh"}
            start = time.perf_counter()
            app.test_client().post(page, data=data)
            best.append(time.perf_counter() - start)
        return min(best)

    assert abs(took("known@city.example") - took("nobody{n}@city.example")) < 0.05


def test_the_second_step_tells_nothing_to_who_lacks_the_password(client):
    with_second_factor(UserFactory(email="guarded@city.example"))
    UserFactory(email="plain@city.example")
    told = {
        client.post("/login", data={"email": f"{who}@city.example", "password": "not the one"}).status_code
        for who in ("guarded", "plain", "nobody")
    }
    assert told == {422}
    with client.session_transaction() as kept:
        assert "second_step" not in kept


@pytest.mark.parametrize(
    ("page", "field", "autocomplete"),
    [
        ("/login", "email", "email"),
        ("/login", "password", "current-password"),
        ("/register", "email", "email"),
        ("/register", "name", "name"),
        ("/register", "password", "new-password"),
        ("/reset", "email", "email"),
        ("/change", "password", "current-password"),
        ("/change", "new_password", "new-password"),
        ("/account/email", "email", "email"),
        ("/account/confirm", "confirm_password", "current-password"),
        ("/account/second-factor/app", "code", "one-time-code"),
    ],
)
def test_fields_say_what_a_browser_may_fill_in(client, client_of, page, field, autocomplete):
    reader = client if page in ("/login", "/register", "/reset") else client_of(make_member("city"))
    tree = html5lib.parse(reader.get(page).get_data(as_text=True))
    found = [one for one in tree.iter(f"{HTML}input") if one.get("name") == field]
    assert [one.get("autocomplete") for one in found] == [autocomplete]
    assert "password" not in field or not found[0].get("maxlength"), "no password is cut"


def test_the_field_of_the_second_step_takes_a_code(client):
    user = with_second_factor(make_member("city"))
    client.post("/login", data={"email": user.email, "password": PASSWORD})
    page = client.get("/login/second-step").get_data(as_text=True)
    assert 'autocomplete="one-time-code"' in page


def test_production_starts_with_no_account_of_the_demonstration(app):
    refuse_demo_accounts(app)
    UserFactory(email="admin@demo.example")
    db.session.commit()
    with pytest.raises(UnsafeSettings, match="demonstration"):
        refuse_demo_accounts(app)


def test_the_cookie_of_production_is_bound_to_host_and_https(tmp_path):
    app = create_app(
        Settings(
            mode="production",
            instance=tmp_path,
            secret_key="s" * 40,
            password_salt="another",
            public_url="https://forum.test",
            mail_server="127.0.0.1",
        )
    )
    names = ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")
    assert [app.config[f"SESSION_COOKIE_{name}"] for name in names] == [
        "__Host-session",
        True,
        True,
        "Lax",
        "/",
        None,
    ]


WITHOUT_ACCOUNT = ("domain", "reference", "invitation")


@pytest.mark.parametrize(("lang", "home"), [("vi", "Đơn vị A"), ("en", "Unit A")])
@pytest.mark.parametrize("kind", ["account.domain_proof", "account.reference_request"])
def test_a_mail_to_somebody_without_an_account_is_whole(app, kind, lang, home):
    names = {f"{who}_{code}": name for who in ("vendor", "organisation") for code, name in NAMES.items()}
    context = {
        "link": "/x/token",
        "person": "Minh",
        "claim": "Cầu số 4",
        "until_at": now().isoformat(),
        **names,
    }
    row = OutboxMessage(
        user_id=None,
        recipient="client@partner.example",
        locale=lang,
        kind=kind,
        context=context,
        once=kind + lang,
    )
    db.session.add(row)
    db.session.flush()
    with app.test_request_context():
        letter = letters.write(row)
    assert home in letter.text
    assert "/x/token" in letter.text
    assert "/x/token" in letter.html
    assert "%(" not in letter.text + letter.html + letter.subject
    assert ("Cầu số 4" in letter.text) == (kind == "account.reference_request")


NAMES = {"vi": "Đơn vị A", "en": "Unit A"}


def test_every_mail_about_an_account_is_whole_in_both_languages(app, client):
    with app.test_request_context():
        user = make_member("city", name="Trần Minh Họa")
        # tests/teams reads invitations; the test below reads what goes to people without an account
        kinds = [kind for kind, told in ACCOUNT_KINDS.items() if told.family not in WITHOUT_ACCOUNT]
        for kind in kinds:
            for lang in ("vi", "en"):
                user.locale = lang
                page = "" if ACCOUNT_KINDS[kind].button is None else "security.login"
                mails.tell(user, kind, page, reason="Lý do", left=9)
        rows = db.session.scalars(select(OutboxMessage)).all()
        assert len(rows) == 2 * len(kinds)
        for row in rows:
            letter = letters.write(row)
            assert "Trần Minh Họa" in letter.text
            assert "%(" not in letter.text + letter.html
            assert ("/login" in letter.text) == (ACCOUNT_KINDS[row.kind].button is not None), row.kind
            assert (
                row.kind == "account.invitation"
                or "Lý do" in letter.text
                or "reason" not in str(ACCOUNT_KINDS[row.kind].sentence)
            )
        db.session.rollback()
