"""Erasure: asked, taken back, held back, carried out everywhere; the audit trail still verifies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ppp_match import audit
from ppp_match.cli import main
from ppp_match.db import db, now
from ppp_match.introductions.models import Message
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.models import OutboxMessage
from ppp_match.privacy import copies, erasure, holds
from ppp_match.privacy.models import ErasureRequest
from ppp_match.seeding.privacy import everybody_agrees
from ppp_match.teams import invitations
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.world import build_world

NAME, ADDRESS = "Nguyễn Thị Duy Nhất", "duy.nhat@walk.example"


def due(request: ErasureRequest) -> None:
    request.due_at = now() - timedelta(minutes=1)
    db.session.commit()


def everything(pattern: str) -> list[str]:
    """Where in the whole database a text still stands."""
    found = []
    for table in db.metadata.tables.values():
        for row in db.session.execute(select(table)).mappings():
            found += [f"{table.name}.{name}" for name, value in row.items() if pattern in str(value)]
    return found


@pytest.mark.both_databases
def test_nothing_of_the_person_is_left_but_what_must_stay(app, client_of, terms):
    world = build_world()
    person = make_member("city", organisation=world.city, role="member", name=NAME, email=ADDRESS)
    person.job_title = "Chức danh hiếm có"
    actor = actor_of(person)
    message = Message(
        introduction_id=world.introduction.id,
        author_id=person.id,
        organisation_id=world.city.id,
        body="Lời của người đã đi.",
        lang="vi",
    )
    db.session.add(message)
    audit.record("account.edited", person, actor=actor, reason="vì tôi muốn", personal={"old": ADDRESS})
    neighbour = actor_of(world.neighbour.memberships[0].user)
    invitations.invite(world.neighbour, email=ADDRESS, role="member", message="", lang="vi", actor=neighbour)
    everybody_agrees()
    copies.ask_for_copy(person, actor=actor)
    db.session.commit()
    copies.make_copies()
    copy = copies.copies_of(person.id)[0]
    path = copies.path_of(copy, app.extensions["settings"])
    assert path.exists()
    client = client_of(person)
    request = erasure.ask_for_erasure(person, actor=actor)
    assert erasure.carry_out_erasures() == 0
    assert person.closed_at is None
    due(request)
    person_id = person.id
    assert erasure.carry_out_erasures() == 1
    assert erasure.carry_out_erasures() == 0
    db.session.commit()

    assert request.state == "done"
    assert person.erased_at is not None
    assert not path.exists()
    pending = {
        "outbox_message.recipient",
        "outbox_message.context",
    }  # the last mail, which says that it is done
    assert set(everything(ADDRESS)) <= pending
    assert set(everything(NAME)) <= pending
    assert not everything("Chức danh hiếm có")
    assert not everything("vì tôi muốn")
    assert message.author_id is None
    assert message.body == "Lời của người đã đi."
    assert client.get("/account").status_code == 302  # signed out everywhere
    shown = client_of(world.people["vendor"]).get(f"/introductions/{world.introduction.id}?lang=en")
    assert "Former member" in shown.get_data(as_text=True)
    assert str(person_id) in {str(one) for one in db.session.scalars(select(audit.AuditEvent.actor_id))}
    found = audit.check_chain()
    assert found.broken is None
    assert found.erased > 0


def test_the_command_still_proves_the_trail(app, purposes, monkeypatch):
    from click.testing import CliRunner

    person = make_member("city", role="member")
    make_member("city", organisation=person.memberships[0].organisation)
    audit.record("account.edited", person, actor=actor_of(person), reason="a reason")
    request = erasure.ask_for_erasure(person, actor=actor_of(person))
    due(request)
    assert erasure.carry_out_erasures() == 1
    monkeypatch.setattr("ppp_match.app.create_app", lambda *_a, **_k: app)
    result = CliRunner().invoke(main, ["verify-audit"])
    assert result.exit_code == 0, result.output
    assert "is whole" in result.output


@pytest.mark.both_databases
def test_the_last_mail_goes_once_it_is_sent(app, purposes):
    from ppp_match.privacy import retention

    person = make_member("city")
    request = erasure.ask_for_erasure(person, actor=actor_of(person))
    due(request)
    erasure.carry_out_erasures()
    mails = list(db.session.scalars(select(OutboxMessage)))
    assert {mail.kind for mail in mails} >= {"account.closed"}
    for mail in mails:
        mail.state, mail.sent_at = "sent", now()
    db.session.commit()
    retention.carry_out()
    assert not list(db.session.scalars(select(OutboxMessage)))


@pytest.mark.both_databases
def test_it_can_be_taken_back(app, purposes):
    person, other = make_member("city"), make_member("city")
    request = erasure.ask_for_erasure(person, actor=actor_of(person))
    with pytest.raises(Refused, match="erasure_asked"):
        erasure.ask_for_erasure(person, actor=actor_of(person))
    with pytest.raises(NotPermitted):
        erasure.take_back(request, actor=actor_of(other))
    erasure.take_back(request, actor=actor_of(person))
    request_again = erasure.ask_for_erasure(person, actor=actor_of(person))
    assert (request.state, request_again.state) == ("taken_back", "waiting")
    due(request)
    assert erasure.carry_out_erasures() == 0
    assert person.active


@pytest.mark.both_databases
def test_duties_and_holds_stand_against_it(app, terms):
    world = build_world()
    owner = world.people["vendor"]  # alone, with an open introduction
    world.capability.responsible_id = owner.id
    db.session.flush()
    with pytest.raises(Refused, match="duties_open"):
        erasure.ask_for_erasure(owner, actor=actor_of(owner))
    staff = world.people["moderator"]
    with pytest.raises(Refused, match="duties_open"):
        erasure.ask_for_erasure(staff, actor=actor_of(staff))
    free = make_member("expert")
    hold = holds.place_hold(
        "organisation",
        free.memberships[0].organisation_id,
        reason="A dispute.",
        actor=actor_of(world.people["administrator"]),
    )
    with pytest.raises(Refused, match="held"):
        erasure.ask_for_erasure(free, actor=actor_of(free))
    holds.lift_hold(hold, reason="Settled.", actor=actor_of(world.people["administrator"]))
    erasure.ask_for_erasure(free, actor=actor_of(free))


@pytest.mark.both_databases
def test_what_comes_up_while_it_waits_stops_it_and_is_told_once(app, purposes):
    person = make_member("city")
    request = erasure.ask_for_erasure(person, actor=actor_of(person))
    make_listing("need", state="published", organisation=person.memberships[0].organisation)
    person.memberships[0].organisation  # noqa: B018  read before the session is emptied
    hold = holds.place_hold(
        "user", person.id, reason="An order.", actor=actor_of(make_staff("administrator"))
    )
    due(request)
    for _ in range(2):
        assert erasure.carry_out_erasures() == 0
    db.session.commit()
    assert (request.state, request.stopped_by, person.active) == ("waiting", "held", True)
    told = [one for one in db.session.scalars(select(OutboxMessage.kind)) if one == "erasure.stopped"]
    assert len(told) == 1
    assert hold.lifted_at is None


def test_the_page_says_what_goes_and_what_stays_before_anything_happens(client_of, terms):
    person = make_member("city")
    everybody_agrees()
    client = client_of(person)
    page = client.get("/account/erasure?lang=en").get_data(as_text=True)
    assert "Name, e-mail address" in page
    assert "former member" in page
    assert "14 days" in page
    assert client.post("/account/erasure", data={}).status_code == 422
    assert erasure.open_request(person.id) is None
    assert client.post("/account/erasure", data={"sure": "y"}).status_code == 303
    assert "Keep my account" in client.get("/account/privacy?lang=en").get_data(as_text=True)
    assert client.post("/account/erasure", data={"sure": "y"}).status_code == 422
    assert client.post("/account/erasure/take-back").status_code == 303
    assert client.post("/account/erasure/take-back").status_code == 404
