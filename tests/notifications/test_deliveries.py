"""The delivery log: what became of mail, without what it says, and trying again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.audit import AuditEvent
from ppp_match.db import db, now
from ppp_match.lifecycle import Refused
from ppp_match.notifications import deliveries
from ppp_match.notifications.models import OutboxMessage
from ppp_match.notifications.operations import notify
from tests.factories import UserFactory, actor_of, make_staff


def mail(**columns):
    person = UserFactory(name="Lê Thị Bưởi")
    notify([person], "message.new", person)
    row = db.session.scalars(select(OutboxMessage).where(OutboxMessage.user_id == person.id)).one()
    for name, value in columns.items():
        setattr(row, name, value)
    db.session.flush()
    return row


@pytest.mark.both_databases
def test_each_mail_is_counted_where_it_stands(app):
    mail()
    mail(attempts=2, last_error="OSError: None")
    mail(state="failed", attempts=6, last_error="recipient refused (550)")
    mail(state="sent", sent_at=now())
    mail(digest="daily")
    assert deliveries.counts() == {"failed": 1, "again": 1, "waiting": 1, "digest": 1, "sent": 1}
    for view in deliveries.VIEWS:
        (row,) = db.session.scalars(deliveries.rows_in(view))
        assert deliveries.people_of([row]) == {row.user_id: ("Lê Thị Bưởi", False)}
    assert db.session.scalars(deliveries.rows_in("failed", "offer.asked")).all() == []


@pytest.mark.both_databases
def test_a_failed_mail_is_tried_again_once(app):
    row = mail(state="failed", attempts=6, last_error="recipient refused (550)")
    administrator = actor_of(make_staff("administrator"))
    deliveries.try_again(row, actor=administrator)
    assert (row.state, row.attempts) == ("pending", 0)
    assert db.session.scalars(select(AuditEvent.action)).all()[-1] == "mail.tried_again"
    with pytest.raises(Refused, match="mail_not_failed"):
        deliveries.try_again(row, actor=administrator)


def test_a_mail_whose_secret_link_is_gone_is_not_sent_empty(app):
    row = mail(
        kind="account.reset", state="failed", context={"link": "", "subject_id": "x", "subject_type": "user"}
    )
    with pytest.raises(Refused, match="mail_link_gone"):
        deliveries.try_again(row, actor=actor_of(make_staff("administrator")))


def test_the_page_names_people_and_no_addresses(app, client_of):
    row = mail(state="failed", attempts=6, last_error="recipient refused (550)")
    administrator = make_staff("administrator")
    db.session.commit()
    client = client_of(administrator)
    page = client.get("/admin/deliveries?lang=en").text
    assert "Lê Thị Bưởi" in page
    assert "recipient refused (550)" in page
    assert row.recipient not in page
    assert client.post(f"/admin/deliveries/{row.id}/again").status_code == 303
    assert client.post(f"/admin/deliveries/{row.id}/again").status_code == 409
