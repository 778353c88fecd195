"""What a reader gets when the database is locked, gone or refuses a value, and what production refuses to start on."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import event, select, text

from ppp_match.app import create_app, refuse_demo_accounts
from ppp_match.config import Settings, UnsafeSettings
from ppp_match.db import db
from ppp_match.introductions.models import Message
from tests.conftest import new_key
from tests.factories import UserFactory, make_member
from tests.introductions.pairs import introduce, make_pair


@pytest.fixture
def impatient(app):
    """Connections that wait a moment only for a locked file."""
    for engine in db.engines.values():
        engine.dispose()

    def shorten(connection, _record):
        connection.execute("PRAGMA busy_timeout=50")

    event.listen(db.engine, "connect", shorten)
    locks = []

    def lock():
        locks.append(sqlite3.connect(db.engine.url.database, isolation_level=None))
        locks[-1].execute("BEGIN IMMEDIATE")
        return locks[-1]

    yield lock
    for one in locks:
        one.close()
    event.remove(db.engine, "connect", shorten)
    db.session.remove()
    db.engine.dispose()


@pytest.mark.of_sqlite  # a lock of the whole file
def test_a_locked_database_is_told_and_recovers_by_itself(impatient, client_of):
    person = make_member("city")
    client = client_of(person)
    db.session.remove()
    form = {"name": "New Name", "job_title": "", "locale": "en", "timezone": "UTC"}
    connection = impatient()
    refused = client.post("/account", data=form)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    page = refused.get_data(as_text=True)
    assert "We are back in a few minutes" in page
    assert "Vài phút nữa chúng tôi trở lại" in page
    assert client.get("/needs").status_code == 200  # reading goes on
    connection.execute("ROLLBACK")
    assert client.post("/account", data=form).status_code == 303


@pytest.mark.of_sqlite  # the file may not grow, as on a full disk: SQLite says the same
def test_a_full_disk_is_told_and_recovers_by_itself(app, client_of):
    introduction = introduce(pair := make_pair())
    place = f"/introductions/{introduction.id}"
    db.session.commit()
    client = client_of(pair.city)
    form = {"body": "Một lời rất dài. " * 200, "lang": "vi", "idempotency_key": new_key()}
    size = db.session.execute(text("PRAGMA page_count")).scalar_one()
    db.session.remove()
    full = [True]

    def no_room(connection, _record, _proxy):
        connection.execute(f"PRAGMA max_page_count={size if full[0] else 1073741823}")

    event.listen(db.engine, "checkout", no_room)
    try:
        refused = client.post(place, data=form)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert "We are back in a few minutes" in refused.get_data(as_text=True)
        assert client.get("/needs").status_code == 200  # reading goes on
        full[0] = False
        assert client.post(place, data=form).status_code == 303  # the same form, sent again
        assert client.post(place, data=form).status_code == 302  # and once more: led to what it made
    finally:
        event.remove(db.engine, "checkout", no_room)
        db.engine.dispose()
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_a_database_server_that_is_away_is_told_in_both_languages(tmp_path):
    away = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    app = create_app(Settings(mode="testing", instance=tmp_path, database_url=away))
    client = app.test_client()
    for path in ("/", "/needs", "/search?q=x"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"]
        assert "We are back in a few minutes" in answer.get_data(as_text=True)
        assert "Vài phút nữa chúng tôi trở lại" in answer.get_data(as_text=True)
    assert client.post("/login", data={"email": "a@b.example", "password": "x"}).status_code == 503
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


@pytest.mark.both_databases
def test_text_that_a_database_cannot_hold_is_never_a_fault_of_ours(client, client_of):
    nul = "a\x00b"
    sent = [
        ("/login", {"email": nul, "password": nul}),
        ("/register", {"email": "x@city.example", "password": "long enough words", "name": nul}),
        ("/reset", {"email": nul}),
        ("/confirm", {"email": nul}),
    ]
    for path, form in sent:
        assert client.post(path, data=form).status_code < 500, path
    city = client_of(make_member("city"))
    for path in ("/account", "/organisations/new", "/needs/new"):
        form = dict.fromkeys(("name", "name_vi", "about_vi", "title", "problem", "contact_email"), nul)
        assert city.post(path, data={**form, "lang": "vi", "idempotency_key": new_key()}).status_code < 500


def test_an_unknown_host_is_refused_where_hosts_are_named(tmp_path):
    app = create_app(Settings(mode="testing", instance=tmp_path, trusted_hosts=("forum.example",)))
    client = app.test_client()
    assert client.get("/healthz", headers={"Host": "forum.example"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_production_and_the_demonstration_know_their_hosts_by_themselves(tmp_path):
    named = {"trusted_hosts": ("a.example", ".b.example"), "public_url": "https://forum.example"}
    assert Settings(mode="production", **named).hosts == named["trusted_hosts"]
    assert Settings(mode="production", public_url="https://forum.example:8443").hosts == ("forum.example",)
    assert Settings(mode="demo", host="0.0.0.0", allow_public_demo=True).hosts == ()  # noqa: S104
    assert Settings(mode="demo", host="::1").hosts == ()
    app = create_app(Settings(mode="demo", instance=tmp_path))
    client = app.test_client()
    for host in ("127.0.0.1:8000", "localhost:9000"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200, host
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost@evil.example"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 400, host


def test_a_method_that_a_page_does_not_know_gets_a_page_of_ours(client):
    for method in ("TRACE", "PUT", "DELETE"):
        answer = client.open("/needs", method=method)
        assert answer.status_code == 405
        assert "<h1" in answer.get_data(as_text=True)


def test_production_does_not_start_on_the_accounts_of_the_demonstration(app):
    UserFactory(email="somebody@city.vn")
    db.session.commit()
    db.session.remove()  # the check drops all connections, and one in use here would stay open on the side
    refuse_demo_accounts(app)
    UserFactory(email="city@demo.example")
    db.session.commit()
    db.session.remove()
    with pytest.raises(UnsafeSettings, match="accounts of the demonstration"):
        refuse_demo_accounts(app)


def test_production_asks_when_it_starts(app, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("ppp_match.app.refuse_demo_accounts", asked.append)
    safe = Settings(
        mode="production",
        instance=tmp_path,
        secret_key="s" * 40,
        password_salt="salted",
        public_url="https://forum.city.vn",
        mail_server="mail.city.vn",
    )
    create_app(safe)
    assert len(asked) == 1


def test_control_characters_are_taken_out_of_words_before_they_are_kept(app, client_of):
    pair = make_pair()
    introduction = introduce(pair)
    body = {"body": "Xin\x00 chào\x08 <script>alert(1)</script>", "lang": "vi", "idempotency_key": new_key()}
    city = client_of(pair.city)
    assert city.post(f"/introductions/{introduction.id}", data=body).status_code == 303
    assert db.session.scalar(select(Message.body)) == "Xin chào <script>alert(1)</script>"
    page = city.get(f"/introductions/{introduction.id}").get_data(as_text=True)
    assert "<script>alert" not in page
