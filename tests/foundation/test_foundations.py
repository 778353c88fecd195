"""The database and the request frame: what every room relies on."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from ppp_match import audit, lifecycle
from ppp_match.db import db
from ppp_match.listings.models import Sector
from tests.factories import actor_of, make_listing, make_member, make_staff


@pytest.mark.both_databases
def test_reference_data_is_there(app):
    assert (
        db.session.scalar(select(Sector).where(Sector.code == "water.flood")).name("vi")
        == "Ngập và thoát nước"
    )


@pytest.mark.both_databases
def test_audit_is_chained_and_append_only(app):
    owner = make_member("city")
    listing = make_listing("need", organisation=owner.memberships[0].organisation)
    lifecycle.move(lifecycle.LISTING, listing, "submitted", actor=actor_of(owner))
    lifecycle.move(lifecycle.LISTING, listing, "in_review", actor=actor_of(make_staff()))
    db.session.commit()
    assert audit.first_broken_event() is None
    with pytest.raises(DatabaseError):
        db.session.execute(text("UPDATE audit_event SET action = 'x'"))
    db.session.rollback()
    with pytest.raises(DatabaseError):
        db.session.execute(text("DELETE FROM audit_event"))
    db.session.rollback()
    event = db.session.scalars(select(audit.AuditEvent).order_by(audit.AuditEvent.seq)).first()
    assert (event.from_state, event.to_state, event.actor_id) == ("draft", "submitted", owner.id)


def test_health_pages_answer(client):
    assert client.get("/healthz").status_code == 200
    parts = dict.fromkeys(("database", "index", "instance", "queue"), True)
    assert client.get("/readyz").json == {"status": "ok", **parts}


@pytest.mark.parametrize("part", ["index", "queue"])
def test_what_does_not_answer_is_named_and_the_process_lives(app, client, monkeypatch, part):
    def away(*_args):
        raise OSError("no such place /secret/path")

    if part == "queue":
        monkeypatch.setattr(app.extensions["queue"].storage, "queue_size", away)
    else:
        monkeypatch.setattr(app.extensions["indexes"], "index_of", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert [name for name, well in answer.json.items() if well is False] == [part]
    assert "secret" not in answer.text
    assert client.get("/healthz").status_code == 200


def test_sign_in_through_the_form(client_of):
    client = client_of(make_member("vendor"))
    assert client.get("/change").status_code == 200
