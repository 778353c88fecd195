"""The second factor: set up, asked for at sign-in, never taken twice, demanded of staff, lost and reset."""

from __future__ import annotations

import re

import pytest
from flask_security.utils import hash_password
from sqlalchemy import func, select

from ppp_match.accounts import factors
from ppp_match.accounts.factor_models import Authenticator, FailedTry, Passkey, RecoveryCode
from ppp_match.accounts.models import SignInSession, User
from ppp_match.app import create_app
from ppp_match.audit import AuditEvent, first_broken_event
from ppp_match.config import Settings, UnsafeSettings
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.notifications.models import OutboxMessage
from tests.factories import (
    PASSWORD,
    UserFactory,
    actor_of,
    code_of,
    make_member,
    make_staff,
    totp,
    with_second_factor,
)

CODE = re.compile(r"<code>((?:[a-z0-9]{4}-){3}[a-z0-9]{4})</code>")
KEY = re.compile(r'<code class="text-break">([A-Z0-9 -]+)</code>')


def text_of(response) -> str:
    return response.get_data(as_text=True)


def is_signed_in(client) -> bool:
    return client.get("/account").status_code == 200


def first_step(client, user, **more):
    return client.post("/login", data={"email": user.email, "password": PASSWORD, **more})


def mails(kind: str) -> int:
    return db.session.scalar(
        select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == kind)
    )


def set_up(client, name: str = "Điện thoại") -> list[str]:
    """Add an app through the page, as a person would; the recovery codes that were shown."""
    page = text_of(client.get("/account/second-factor/app"))
    assert 'src="data:image/svg+xml' in page
    key = KEY.search(page).group(1)
    from passlib.totp import TOTP

    code = TOTP(key=key).generate().token
    answer = client.post("/account/second-factor/app", data={"name": name, "code": code})
    assert answer.status_code in (200, 303), text_of(answer)[:3000]
    return CODE.findall(text_of(answer))


@pytest.mark.both_databases
def test_from_setting_up_to_signing_in(app, client_of):
    user = make_member("city")
    client = client_of(user)
    codes = set_up(client)
    assert len(set(codes)) == 10
    assert "Điện thoại" in text_of(client.get("/account/second-factor"))
    assert mails("account.factor_added") == 1
    client.post("/logout")

    answer = first_step(client, user, next="/account/sessions")
    assert answer.location == "/login/second-step"
    assert not is_signed_in(client), "the password alone opens nothing"
    assert client.post("/login/second-step", data={"code": "000000"}).status_code == 422
    assert client.post("/login/second-step", data={"code": ""}).status_code == 422
    assert not is_signed_in(client)
    answer = client.post("/login/second-step", data={"code": f" {code_of(user)[:3]} {code_of(user)[3:]}"})
    assert answer.location == "/account/sessions"
    assert is_signed_in(client)


@pytest.mark.both_databases
def test_a_code_is_taken_once(app, client):
    user = with_second_factor(make_member("city"))
    code = code_of(user)
    first_step(client, user)
    assert client.post("/login/second-step", data={"code": code}).status_code == 302
    other = app.test_client()
    first_step(other, user)
    assert other.post("/login/second-step", data={"code": code}).status_code == 422
    assert not is_signed_in(other)


@pytest.mark.both_databases
def test_nothing_at_rest_opens_an_account(client_of):
    client = client_of(make_member("city"))
    codes = set_up(client)
    row = db.session.scalar(select(Authenticator))
    plain = totp().get_totp_b32_key(row.secret)
    assert plain not in row.secret
    assert "enckey" in row.secret
    kept = set(db.session.scalars(select(RecoveryCode.digest)))
    assert len(kept) == 10
    assert not kept & set(codes)
    assert codes[0] not in text_of(client.get("/account/second-factor"))


def test_a_recovery_code_stands_in_once(app, client, client_of):
    user = make_member("city")
    codes = set_up(client_of(user))
    first_step(client, user)
    assert client.post("/login/second-step", data={"code": codes[0].upper()}).status_code == 302
    assert is_signed_in(client)
    assert mails("account.recovery_code_used") == 1
    again = app.test_client()
    first_step(again, user)
    assert again.post("/login/second-step", data={"code": codes[0]}).status_code == 422
    new = CODE.findall(text_of(client.post("/account/second-factor/codes")))
    assert len(new) == 10
    assert again.post("/login/second-step", data={"code": codes[1]}).status_code == 422, (
        "renewed: old ones end"
    )
    assert again.post("/login/second-step", data={"code": new[0]}).status_code == 302


def test_the_code_of_somebody_else_opens_nothing(app, client, client_of):
    owner, thief = make_member("city"), make_member("vendor")
    codes = set_up(client_of(owner))
    set_up(client_of(thief))
    first_step(client, thief)
    assert client.post("/login/second-step", data={"code": codes[0]}).status_code == 422


def test_the_second_step_cannot_be_opened_without_the_first(client):
    assert client.get("/login/second-step").location == "/login"
    assert client.post("/login/second-step", data={"code": "123456"}).location == "/login"
    user = with_second_factor(make_member("city"))
    first_step(client, user)
    code = code_of(user)
    with client.session_transaction() as kept:
        kept["second_step"] = {**kept["second_step"], "at": kept["second_step"]["at"] - 301}
    assert client.post("/login/second-step", data={"code": code}).location == "/login"
    first_step(client, user)
    user.password = hash_password("another long password")
    assert client.post("/login/second-step", data={"code": code_of(user)}).location == "/login"
    user.password = hash_password(PASSWORD)
    first_step(client, user)
    user.active = False
    assert client.post("/login/second-step", data={"code": code_of(user)}).location == "/login"


def test_a_stolen_password_gets_eight_guesses_in_a_quarter_of_an_hour(app, client):
    user = with_second_factor(make_member("city"))
    first_step(client, user)
    wrong = [client.post("/login/second-step", data={"code": "000000"}).status_code for _ in range(9)]
    assert wrong == [422] * 8 + [429]
    other = app.test_client()
    first_step(other, user)
    assert other.post("/login/second-step", data={"code": code_of(user)}).status_code == 429
    for row in db.session.scalars(select(FailedTry)):
        row.at = row.at.replace(year=row.at.year - 1)
    assert other.post("/login/second-step", data={"code": code_of(user)}).status_code == 302


@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_staff_reach_nothing_before_they_have_a_second_factor(client_of, role):
    client = client_of(make_staff(role, second_factor=False))
    for path in ("/", "/review/listings", "/account", "/needs", "/account/email"):
        assert client.get(path).location == "/account/second-factor", path
    assert client.post("/review/matches/nothing/decide").status_code in (303, 404)
    page = text_of(client.get("/account/second-factor?lang=en"))
    assert "Set one up first" in page
    assert 'action="/logout"' in page
    set_up(client)
    assert client.get("/review/listings").status_code == 200
    only = db.session.scalar(select(Authenticator))
    assert client.post(f"/account/second-factor/{only.id}/remove").status_code == 409, "the role asks for one"
    set_up(client, "Máy bàn")
    assert client.post(f"/account/second-factor/{only.id}/remove").status_code == 303


def test_the_demo_offers_a_second_factor_and_does_not_demand_it():
    assert not Settings(mode="demo").demands_second_factor
    assert Settings(mode="testing").demands_second_factor
    assert Settings(mode="demo", staff_second_factor=True).demands_second_factor
    unsafe = Settings(mode="production", staff_second_factor=False)
    with pytest.raises(UnsafeSettings, match="STAFF_SECOND_FACTOR"):
        unsafe.check()


def test_demo_staff_sign_in_with_the_password_alone(tmp_path):
    app = create_app(Settings(mode="demo", instance=tmp_path, rate_limits=False))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        db.create_all()
        make_staff(email="moderator@demo.example", second_factor=False)
        db.session.commit()
        db.session.remove()
    try:
        client = app.test_client()
        data = {"email": "moderator@demo.example", "password": PASSWORD}
        assert client.post("/login", data=data).location == "/"
        assert client.get("/account").status_code == 200
        assert client.get("/account/second-factor").status_code == 200
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_one_removes_ones_own_factors_only_and_the_codes_go_with_the_last(client_of):
    user, other = make_member("city"), make_member("vendor")
    client, stranger = client_of(user), client_of(other)
    set_up(client)
    row = db.session.scalar(select(Authenticator))
    assert stranger.post(f"/account/second-factor/{row.id}/remove").status_code == 404
    assert client.post(f"/account/second-factor/{row.id}/remove").status_code == 303
    assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
    db.session.refresh(user)
    assert user.second_factor_at is None
    assert client.post("/account/second-factor/codes").status_code == 409


@pytest.mark.both_databases
def test_an_administrator_takes_a_lost_factor_away(client_of):
    boss = make_staff("administrator")
    user = with_second_factor(make_member("city"))
    theirs, ours = client_of(user), client_of(boss)
    with pytest.raises(NotPermitted):
        factors.reset_factors(user, reason="asked", actor=actor_of(make_staff()))
    with pytest.raises(ReasonMissing):
        factors.reset_factors(user, reason=" ", actor=actor_of(boss))
    with pytest.raises(Refused, match="own_account"):
        factors.reset_factors(boss, reason="lost", actor=actor_of(boss))
    data = {"do": "reset_factors", "reason": "Gọi điện xác nhận, mất điện thoại."}
    assert ours.post(f"/admin/users/{user.id}/account", data=data).status_code == 303
    assert not is_signed_in(theirs)
    assert first_step(theirs, user).location == "/"
    assert mails("account.factors_reset") == 1
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "account.factors_reset"))
    assert (event.actor_id, event.subject_id) == (boss.id, user.id)
    assert first_broken_event() is None


def test_a_new_password_by_mail_does_not_lead_around_the_second_factor(client):
    user = with_second_factor(make_member("city"))
    client.post("/reset", data={"email": user.email})
    mail = db.session.scalar(select(OutboxMessage).where(OutboxMessage.kind == "account.reset"))
    client.post(
        mail.context["link"].replace("http://127.0.0.1:8000", ""), data={"password": "a new long password"}
    )
    assert not is_signed_in(client)
    answer = client.post("/login", data={"email": user.email, "password": "a new long password"})
    assert answer.location == "/login/second-step"


@pytest.mark.parametrize(
    "answer", ["", "{}", "null", "[]", '{"response": 1}', "x" * 30_000, '{"id":"a","rawId":"a"}']
)
def test_a_broken_answer_of_a_passkey_opens_nothing(client, client_of, answer):
    host = {"base_url": "http://localhost"}
    client.get("/login", **host)
    assert client.post("/login/passkey", data={"credential": answer}, **host).location == "/login"
    owner = client_of(make_member("city"))
    assert owner.get("/account/second-factor/passkey").status_code == 200
    made = owner.post("/account/second-factor/passkey", data={"name": "Khóa", "credential": answer})
    assert made.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Passkey)) == 0


def test_a_new_identifier_after_the_second_step(client):
    user = with_second_factor(UserFactory())
    first_step(client, user)
    before = client.get_cookie("ppp_match_session").value
    client.post("/login/second-step", data={"code": code_of(user)})
    assert client.get_cookie("ppp_match_session").value != before
    assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 1
    assert db.session.scalar(select(User.id)) == user.id
