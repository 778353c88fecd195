"""Administration of people: found, disabled at once, given a role by two, never by oneself."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match.accounts import people
from ppp_match.accounts.factor_models import RoleProposal
from ppp_match.audit import AuditEvent, first_broken_event
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.notifications.models import OutboxMessage
from tests.conftest import sign_in
from tests.factories import UserFactory, actor_of, make_member, make_staff


def text_of(response) -> str:
    return response.get_data(as_text=True)


def kinds_of_mail_to(person) -> list[str]:
    query = select(OutboxMessage.kind).where(OutboxMessage.user_id == person.id)
    return list(db.session.scalars(query.order_by(OutboxMessage.created_at)))


def test_people_are_found(client_of):
    boss = client_of(make_staff("administrator", name="Bà Quản trị"))
    UserFactory(name="Trần Minh Họa", email="hoa@city.example")
    UserFactory(name="Waiting Person", confirmed_at=None)
    UserFactory(name="Disabled Person", active=False)
    UserFactory(name="100% Person")
    for query, found, not_found in (
        ("find=minh", "Trần Minh Họa", "Waiting Person"),
        ("find=HOA@city", "Trần Minh Họa", "Waiting Person"),
        ("find=0%25", "100% Person", "Waiting Person"),
        ("state=unconfirmed", "Waiting Person", "Disabled Person"),
        ("state=disabled", "Disabled Person", "Waiting Person"),
        ("state=active&role=none", "Trần Minh Họa", "Waiting Person"),
        ("role=administrator", "Bà Quản trị", "Waiting Person"),
    ):
        rows = text_of(boss.get(f"/admin/users?lang=en&{query}")).partition("<tbody")[2]
        assert found in rows, query
        assert not_found not in rows, query
    assert "Nobody was found" in text_of(boss.get("/admin/users?lang=en&find=nobody-like-that"))


@pytest.mark.both_databases
def test_disabling_ends_the_sessions_and_says_why(client, client_of):
    boss, user = make_staff("administrator"), make_member("city")
    ours, theirs = client_of(boss), client_of(user)
    path = f"/admin/users/{user.id}/account"
    assert ours.post(path, data={"do": "disable", "reason": ""}).status_code == 422
    assert ours.post(path, data={"do": "nonsense", "reason": "x"}).status_code == 400
    assert ours.post(path, data={"do": "disable", "reason": "Left the city."}).status_code == 303
    assert theirs.get("/account").status_code == 302
    page = text_of(ours.get(f"/admin/users/{user.id}?lang=en"))
    assert "Left the city." in page
    assert "Enable the account" in page
    assert ours.post(path, data={"do": "enable", "reason": "Came back."}).status_code == 303
    assert theirs.get("/account").status_code == 302, "its sessions stay ended"
    sign_in(client, user)
    assert kinds_of_mail_to(user) == ["account.disabled", "account.enabled"]
    assert first_broken_event() is None


@pytest.mark.both_databases
def test_two_administrators_give_a_role(client_of):
    first, second, user = make_staff("administrator"), make_staff("administrator"), make_member("city")
    theirs = client_of(user)
    one, other = client_of(first), client_of(second)
    form = {"role": "moderator", "reason": "Knows the cities."}
    assert one.post(f"/admin/users/{user.id}/role", data={**form, "role": "king"}).status_code == 422
    assert one.post(f"/admin/users/{user.id}/role", data=form).status_code == 303
    assert one.post(f"/admin/users/{user.id}/role", data=form).status_code == 409
    row = db.session.scalar(select(RoleProposal))
    assert one.post(f"/admin/users/roles/{row.id}", data={"do": "agree"}).status_code == 409
    db.session.refresh(user)
    assert user.staff_role is None
    assert "Knows the cities." in text_of(other.get("/admin/users"))
    assert other.post(f"/admin/users/roles/{row.id}", data={"do": "agree"}).status_code == 303
    db.session.refresh(user)
    assert user.staff_role == "moderator"
    assert theirs.get("/account").status_code == 302, "signing in again asks for a second factor"
    assert other.post(f"/admin/users/roles/{row.id}", data={"do": "agree"}).status_code == 409
    taken = {"do": "take_role", "reason": "Moved on."}
    assert one.post(f"/admin/users/{user.id}/account", data=taken).status_code == 303
    db.session.refresh(user)
    assert user.staff_role is None
    assert kinds_of_mail_to(user) == ["account.role_given", "account.role_taken"]
    actions = set(db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == user.id)))
    assert {"account.role_proposed", "account.role_given", "account.role_taken"} <= actions


@pytest.mark.both_databases
def test_the_database_too_wants_two(app):
    boss, user = make_staff("administrator"), make_member("city")
    db.session.add(
        RoleProposal(
            user_id=user.id,
            role="moderator",
            reason="x",
            state="agreed",
            proposed_by=boss.id,
            decided_by=boss.id,
            decided_at=now(),
        )
    )
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_a_proposal_is_taken_back_or_declined(app):
    first, second, user = make_staff("administrator"), make_staff("administrator"), make_member("city")
    row = people.propose_role(user, "moderator", reason="x", actor=actor_of(first))
    people.decide_role(row, agree=False, actor=actor_of(first))
    again = people.propose_role(user, "administrator", reason="x", actor=actor_of(first))
    people.decide_role(again, agree=False, actor=actor_of(second))
    assert user.staff_role is None
    promoted = people.propose_role(second, "moderator", reason="x", actor=actor_of(first))
    with pytest.raises(Refused, match="own_account"):
        people.decide_role(promoted, agree=True, actor=actor_of(second))


def test_nobody_acts_on_their_own_account_and_one_administrator_stays(app):
    boss, moderator = make_staff("administrator"), make_staff()
    for verb in (people.disable, people.enable, people.take_role):
        with pytest.raises(Refused, match="own_account"):
            verb(boss, reason="x", actor=actor_of(boss))
        with pytest.raises(NotPermitted):
            verb(boss, reason="x", actor=actor_of(moderator))
        with pytest.raises(ReasonMissing):
            verb(moderator, reason=" ", actor=actor_of(boss))
    second = make_staff("administrator")
    people.disable(boss, reason="x", actor=actor_of(second))
    with pytest.raises(Refused, match="last_administrator"):
        people.take_role(second, reason="x", actor=actor_of(boss))
    closed = UserFactory(active=False, closed_at=now())
    with pytest.raises(Refused, match="account_closed"):
        people.enable(closed, reason="x", actor=actor_of(second))


def test_the_pages_are_for_administrators_only(client_of):
    user = make_member("city")
    for person in (user, make_member("vendor"), make_staff()):
        client = client_of(person)
        assert client.get("/admin/users").status_code == 403
        assert client.get(f"/admin/users/{user.id}").status_code == 403
        assert client.post(f"/admin/users/{user.id}/account", data={"do": "disable"}).status_code == 403
        assert "/admin/users" not in text_of(client.get("/"))
    own = make_staff("administrator")
    page = text_of(client_of(own).get(f"/admin/users/{own.id}?lang=en"))
    assert "nobody decides about their own account" in page
    assert 'value="disable"' not in page
