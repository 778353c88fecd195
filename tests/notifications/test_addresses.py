"""Addresses that take no mail: after three refusals for good mail is held, until the person says or changes something."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.accounts import email_change, mails
from ppp_match.db import db
from ppp_match.notifications import delivery
from ppp_match.notifications.models import OutboxMessage
from ppp_match.notifications.operations import notify
from tests.factories import UserFactory, make_listing
from tests.notifications.test_mail import by_smtp, sink  # noqa: F401  fixtures

TITLE = {"title": "Giảm ngập 20 tuyến phố"}


def tell(person, times=1) -> int:
    """How many of so many notices were mailed."""
    for _one in range(times):
        notify([person], "listing.published", make_listing(), params=TITLE)
    db.session.commit()
    sent = delivery.deliver_mail()
    db.session.expire_all()
    return sent


def states() -> list[str]:
    return sorted(db.session.scalars(select(OutboxMessage.state)))


@pytest.mark.both_databases
def test_three_refusals_in_a_row_hold_what_comes_later(app, sink):  # noqa: F811
    person = UserFactory(email="nobody@demo.example")
    assert tell(person, 2) == 0
    assert (person.mail_refusals, person.mail_refused_at) == (2, None)
    assert tell(person) == 0
    assert person.mail_refused_at is not None
    assert tell(person, 2) == 0
    assert states() == ["failed"] * 3 + ["pending"] * 2
    assert {row.attempts for row in db.session.scalars(select(OutboxMessage))} == {0, 1}
    assert tell(UserFactory()) == 1  # nobody else is held up


@pytest.mark.both_databases
def test_a_mail_that_is_taken_ends_the_row(app, sink):  # noqa: F811
    person = UserFactory(email="somebody@demo.example", mail_refusals=2)
    assert tell(person) == 1
    assert person.mail_refusals == 0


@pytest.mark.both_databases
def test_a_new_address_gets_what_was_held(app, sink):  # noqa: F811
    person = UserFactory(email="nobody@demo.example")
    tell(person, 3)
    assert tell(person) == 0
    email_change.change(person, "found@demo.example", keep_session="")
    db.session.commit()
    delivery.deliver_mail()
    db.session.expire_all()
    assert (person.mail_refused_at, person.mail_refusals) == (None, 0)
    assert [to for to, _mail in sink.mails] == [["found@demo.example"]]


def test_mail_about_the_account_is_never_held(app, sink):  # noqa: F811
    person = UserFactory(email="nobody@demo.example")
    tell(person, 3)
    mails.tell(person, "account.password_changed", "security.login")
    db.session.commit()
    delivery.deliver_mail()
    assert states() == ["failed"] * 4


def test_the_person_reads_of_it_and_says_that_it_works_again(app, sink, client_of):  # noqa: F811
    person, other = UserFactory(email="nobody@demo.example", locale="en"), UserFactory(locale="en")
    tell(person, 3)
    tell(person)
    client = client_of(person)
    assert "Your address takes no mail" in client.get("/account").get_data(as_text=True)
    assert "Your address takes no mail" not in client_of(other).get("/account").get_data(as_text=True)
    assert client.post("/account/mail-works").status_code == 303
    assert "Your address takes no mail" not in client.get("/account").get_data(as_text=True)
    delivery.deliver_mail()
    assert states() == ["failed"] * 4
