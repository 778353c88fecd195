"""Sign-in sessions: a new identifier at sign-in, dead at sign-out, listed, ended from elsewhere and by time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ppp_match.accounts.models import SignInSession
from ppp_match.db import db, now
from tests.conftest import sign_in
from tests.factories import PASSWORD, OrganisationFactory, make_member

COOKIE = "ppp_match_session"


def rows() -> list[SignInSession]:
    return list(db.session.scalars(select(SignInSession).order_by(SignInSession.started_at)))


def is_signed_in(client) -> bool:
    return client.get("/account").status_code == 200


def with_cookie(app, value: str):
    client = app.test_client()
    client.set_cookie(COOKIE, value)
    return client


@pytest.mark.both_databases
def test_the_identifier_changes_at_sign_in_and_dies_at_sign_out(app, client):
    user = make_member("city")
    client.get("/login")
    before = client.get_cookie(COOKIE)
    sign_in(client, user)
    after = client.get_cookie(COOKIE).value
    assert before is None or before.value != after
    if before is not None:
        assert not is_signed_in(with_cookie(app, before.value))
    assert is_signed_in(with_cookie(app, after))
    assert after not in [row.key for row in rows()], "the table cannot open a session"

    assert client.post("/logout").status_code == 302
    assert not is_signed_in(client)
    assert not is_signed_in(with_cookie(app, after))
    assert [row.ended_at is not None for row in rows()] == [True]


def test_a_planted_identifier_is_not_kept(app, client):
    planted = with_cookie(app, "chosen-by-somebody-else")
    sign_in(planted, make_member("city"))
    assert planted.get_cookie(COOKIE).value != "chosen-by-somebody-else"
    assert not is_signed_in(with_cookie(app, "chosen-by-somebody-else"))


def test_a_password_change_ends_the_other_sessions(app, client_of):
    user = make_member("city")
    here, elsewhere = client_of(user), client_of(user)
    stolen = here.get_cookie(COOKIE).value
    here.post("/change", data={"password": PASSWORD, "new_password": "a new long password"})
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(with_cookie(app, stolen))


def test_a_disabled_account_is_out_at_once(client_of):
    user = make_member("city")
    client = client_of(user)
    assert is_signed_in(client)
    user.active = False
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("column", "age"),
    [("seen_at", timedelta(hours=4, minutes=1)), ("started_at", timedelta(days=14, minutes=1))],
)
def test_sessions_end_by_time(client_of, column, age):
    client = client_of(make_member("city"))
    setattr(rows()[0], column, now() - age)
    assert not is_signed_in(client)


@pytest.mark.both_databases
def test_the_time_it_was_seen_is_written_once_a_minute(client_of):
    client = client_of(make_member("city"))
    first = rows()[0].seen_at
    is_signed_in(client)
    assert rows()[0].seen_at == first
    rows()[0].seen_at = now() - timedelta(minutes=2)
    is_signed_in(client)
    assert now() - rows()[0].seen_at < timedelta(seconds=30)


def test_one_sees_and_ends_ones_own_sessions_only(client_of):
    user, other = make_member("city"), make_member("vendor")
    here, elsewhere, stranger = client_of(user), client_of(user), client_of(other)
    page = here.get("/account/sessions").get_data(as_text=True)
    assert page.count('/end"') == 1
    mine = [row for row in rows() if row.user_id == user.id]
    assert stranger.post(f"/account/sessions/{mine[1].id}/end").status_code == 404
    assert is_signed_in(elsewhere)
    assert here.post(f"/account/sessions/{mine[1].id}/end").status_code == 303
    assert not is_signed_in(elsewhere)
    again = client_of(user)
    assert here.post("/account/sessions/end-others").status_code == 303
    assert not is_signed_in(again)
    assert is_signed_in(here)
    assert is_signed_in(stranger)


def test_one_acts_for_ones_own_organisations_only(client_of):
    user = make_member("city")
    second = OrganisationFactory(kind="vendor", name_en="Second Works (demo)", name_vi="Đơn vị thứ hai")
    stranger = OrganisationFactory(kind="vendor")
    from ppp_match.accounts.models import Membership

    db.session.add(Membership(user=user, organisation=second, role="member"))
    client = client_of(user)
    answer = client.post("/account/act-for", data={"organisation": str(second.id), "next": "/account"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "Second Works (demo)</b>" in client.get("/account?lang=en").get_data(as_text=True)
    for bad in (str(stranger.id), "nonsense", ""):
        assert client.post("/account/act-for", data={"organisation": bad}).status_code == 404
    away = client.post("/account/act-for", data={"organisation": str(second.id), "next": "//evil.example"})
    assert away.headers["Location"] == "/"
