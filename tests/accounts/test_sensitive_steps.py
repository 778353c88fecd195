"""Before a sensitive step one proves again who one is; a new address; the end of an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ppp_match.accounts import email_change
from ppp_match.accounts.models import Membership, SignInSession, User
from ppp_match.audit import AuditEvent, first_broken_event
from ppp_match.db import db, now
from ppp_match.lifecycle import Refused
from ppp_match.listings.models import Listing
from ppp_match.notifications.models import OutboxMessage
from ppp_match.teams import closing, invitations
from ppp_match.teams.models import Invitation
from tests.factories import (
    PASSWORD,
    OrganisationFactory,
    actor_of,
    make_listing,
    make_member,
    make_staff,
    with_second_factor,
)

SENSITIVE_PAGES = (
    "/account/email",
    "/account/second-factor/app",
    "/account/second-factor/passkey",
    "/account/close",
)


def text_of(response) -> str:
    return response.get_data(as_text=True)


def mails(kind: str) -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)))


def path_of(mail: OutboxMessage) -> str:
    return mail.context["link"].replace("http://127.0.0.1:8000", "")


def grow_stale(*people: User) -> None:
    for row in db.session.scalars(select(SignInSession)):
        row.confirmed_at = now() - timedelta(minutes=16)


# --- proving again who one is --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SENSITIVE_PAGES)
def test_a_sensitive_page_waits_behind_the_password(client_of, path):
    client = client_of(make_member("city"))
    assert client.get(path).status_code == 200
    grow_stale()
    asked = client.get(path)
    assert asked.location == f"/account/confirm?next={path}"
    assert client.get(asked.location).status_code == 200
    assert client.post(asked.location, data={"confirm_password": "not the one"}).status_code == 422
    assert client.get(path).status_code == 302
    assert client.post(asked.location, data={"confirm_password": PASSWORD}).location == path
    assert client.get(path).status_code == 200


@pytest.mark.both_databases
def test_what_was_typed_goes_on_after_the_password(client_of):
    client = client_of(make_member("city"))
    grow_stale()
    asked = client.post("/account/email", data={"email": "new<b>@city.example"})
    assert asked.status_code == 422
    assert 'name="email" value="new&lt;b&gt;@city.example"' in text_of(asked)
    assert not mails("account.email_change")
    wrong = client.post("/account/email", data={"email": "new@city.example", "confirm_password": "no"})
    assert wrong.status_code == 422
    assert 'name="email" value="new@city.example"' in text_of(wrong)
    assert not mails("account.email_change")
    sent = client.post("/account/email", data={"email": "new@city.example", "confirm_password": PASSWORD})
    assert sent.status_code == 303
    assert [mail.recipient for mail in mails("account.email_change")] == ["new@city.example"]


def test_a_form_with_an_error_does_not_ask_twice(client_of):
    client = client_of(make_member("city"))
    grow_stale()
    answer = client.post("/account/email", data={"email": "no address", "confirm_password": PASSWORD})
    assert answer.status_code == 422
    assert 'name="confirm_password"' not in text_of(answer)
    assert client.post("/account/email", data={"email": "new@city.example"}).status_code == 303


def test_every_sensitive_step_asks(app, client_of):
    boss, user = make_staff("administrator"), with_second_factor(make_member("city"))
    colleague = make_member(organisation=user.memberships[0].organisation, role="member")
    home = user.memberships[0].organisation.id
    client, ours = client_of(user), client_of(boss)
    client_of(user)
    other = db.session.scalars(select(SignInSession).where(SignInSession.user_id == user.id)).all()[1]
    grow_stale()
    for path, data in (
        ("/account/sessions/end-others", {}),
        (f"/account/sessions/{other.id}/end", {}),
        ("/account/second-factor/codes", {}),
        ("/account/close", {"sure": "y"}),
        (f"/organisations/{home}/team/{colleague.id}/role", {"role": "owner"}),
    ):
        answer = client.post(path, data=data)
        assert answer.status_code == 422, path
        assert 'name="confirm_password"' in text_of(answer), path
    for step in ("disable", "reset_factors", "take_role"):
        answer = ours.post(f"/admin/users/{user.id}/account", data={"do": step, "reason": "because"})
        assert 'name="confirm_password"' in text_of(answer), step
    assert 'name="confirm_password"' in text_of(
        ours.post(f"/admin/users/{user.id}/role", data={"role": "moderator", "reason": "because"})
    )
    db.session.refresh(other)
    assert other.ended_at is None
    assert db.session.get(Membership, (colleague.id, home)).role == "member"


def test_the_password_is_not_guessed_on_the_page_that_asks(client_of):
    client = client_of(make_member("city"))
    tries = [
        client.post("/account/confirm", data={"confirm_password": f"guess {n}"}).status_code for n in range(9)
    ]
    assert tries == [422] * 8 + [429]


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", ""])
def test_the_page_that_asks_leads_nowhere_else(client_of, wanted):
    client = client_of(make_member("city"))
    answer = client.post(
        "/account/confirm", query_string={"next": wanted}, data={"confirm_password": PASSWORD}
    )
    assert answer.location == "/account"


# --- another address -----------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_address_changes_when_the_new_one_says_yes(app, client, client_of):
    user = make_member("city", email="old@city.example")
    here, elsewhere = client_of(user), client_of(user)
    assert here.post("/account/email", data={"email": "New@City.example"}).status_code == 303
    path = path_of(mails("account.email_change")[0])
    assert client.get(path).status_code == 200
    db.session.refresh(user)
    assert user.email == "old@city.example", "opening a link changes nothing"
    assert here.post(path).status_code == 303
    db.session.refresh(user)
    assert user.email == "new@city.example"
    assert [mail.recipient for mail in mails("account.email_changed")] == ["old@city.example"]
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert client.post(path).location == "/account", "the link works once"
    assert client.post("/login", data={"email": "new@city.example", "password": PASSWORD}).status_code == 302
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "account.email_changed"))
    assert event.fields == ["email"]
    assert first_broken_event() is None


def test_a_taken_address_looks_the_same_and_its_owner_is_told(client_of):
    make_member("vendor", email="taken@city.example")
    client = client_of(make_member("city"))
    answers = [
        client.post("/account/email", data={"email": address})
        for address in ("free@city.example", "taken@city.example")
    ]
    assert [(a.status_code, a.location) for a in answers] == [(303, "/account")] * 2
    assert [mail.recipient for mail in mails("account.email_change")] == ["free@city.example"]
    assert [mail.recipient for mail in mails("account.exists")] == ["taken@city.example"]


def test_links_that_are_old_wrong_or_overtaken_change_nothing(app, client, client_of):
    user = make_member("city")
    owner = client_of(user)
    settings = app.extensions["settings"]
    for address in ("first@city.example", "second@city.example"):
        owner.post("/account/email", data={"email": address})
    first, second = (path_of(mail) for mail in mails("account.email_change"))
    make_member("vendor", email="first@city.example")
    assert client.post(first).location == "/account", "somebody registered it meanwhile"
    assert client.post(second + "x").location == "/account"
    assert email_change.read("nonsense", settings=settings) is None
    with pytest.raises(Refused, match="email_taken"):
        email_change.change(db.session.get(User, user.id), "first@city.example", keep_session="")


# --- the end of an account -----------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_closing_empties_the_account_and_leaves_the_record(client_of):
    home = OrganisationFactory()
    owner = make_member(organisation=home)
    user = with_second_factor(
        make_member(organisation=home, role="member", email="gone@city.example", name="Trần Minh Họa")
    )
    need = make_listing("need", state="published", organisation=home)
    need.state, need.close_reason, need.ended_at, need.responsible_id = "closed", "agreed", now(), user.id
    client = client_of(user)
    assert client.post("/account/close", data={}).status_code == 422
    assert client.post("/account/close", data={"sure": "y"}).location == "/portal"
    db.session.refresh(user)
    assert (user.active, user.name, user.memberships, user.second_factor_at) == (False, "–", [], None)
    assert user.email == f"closed-{user.id.hex}@closed.invalid"
    assert user.closed_at is not None
    assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 0
    assert [mail.recipient for mail in mails("account.closed")] == ["gone@city.example"]
    assert db.session.get(Listing, need.id).responsible_id == owner.id
    assert client.get("/account").status_code == 302
    assert client.post("/login", data={"email": "gone@city.example", "password": PASSWORD}).status_code == 422
    assert first_broken_event() is None


def test_open_duties_come_first(client_of):
    home = OrganisationFactory()
    owner = make_member(organisation=home)
    member = make_member(organisation=home, role="member")
    need = make_listing("need", state="published", organisation=home)
    need.responsible_id = member.id
    alone = make_member("vendor")
    offered = make_listing("capability", state="draft", organisation=alone.memberships[0].organisation)
    offered.responsible_id = alone.id
    moderator = make_staff()
    for person, why in ((owner, "owner"), (member, "items"), (alone, "alone"), (moderator, "role")):
        assert [duty.why for duty in closing.duties_of(person)] == [why]
        client = client_of(person)
        page = text_of(client.get("/account/close?lang=en"))
        assert "What you settle first" in page
        assert 'name="sure"' not in page
        assert client.post("/account/close", data={"sure": "y"}).status_code == 422
        db.session.refresh(person)
        assert person.closed_at is None
        with pytest.raises(Refused, match="duties_open"):
            closing.close_account(person, actor=actor_of(person))


def test_the_last_person_of_an_organisation_may_go_when_nothing_is_open(client_of):
    user = make_member("vendor")
    home = user.memberships[0].organisation
    invitations.invite(
        home, email="late@works.example", role="owner", message="", lang="en", actor=actor_of(user)
    )
    client = client_of(user)
    assert home.name_en in text_of(client.get("/account/close?lang=en"))
    assert client.post("/account/close", data={"sure": "y"}).status_code == 303
    assert db.session.scalar(select(Invitation.state)) == "revoked"
    assert db.session.scalar(select(func.count()).select_from(Membership)) == 0
    assert re.fullmatch(r"closed-[0-9a-f]{32}@closed\.invalid", db.session.get(User, user.id).email)
