"""The proof of an e-mail domain: a link to a mailbox there, used once, kept as a digest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ppp_match import audit
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.models import OutboxMessage
from ppp_match.verification import clock_jobs, domain_proof, operations
from tests.factories import actor_of, make_member
from tests.verification.asking import link_in_mail, owner_of_unverified, sent


@pytest.fixture
def asked(app):
    owner = owner_of_unverified("city")
    request = operations.begin_request(owner.memberships[0].organisation, actor=actor_of(owner))
    domain_proof.send(request, " Office@CanTho.gov.example ", lang="vi", actor=actor_of(owner))
    db.session.commit()
    return owner, request


@pytest.mark.both_databases
def test_who_reads_mail_there_confirms(app, asked):
    _owner, request = asked
    mail = db.session.scalar(select(OutboxMessage).where(OutboxMessage.kind == domain_proof.MAIL))
    assert (mail.recipient, mail.locale) == ("office@cantho.gov.example", "vi")
    token = mail.context["link"].rpartition("/")[2]
    assert token not in str(request.domain_token_hash)
    found = domain_proof.found(token)
    assert found is request
    domain_proof.confirm(found)
    assert request.domain_confirmed_at is not None
    assert (request.domain, request.domain_address) == ("cantho.gov.example", "")
    assert domain_proof.found(token) is None
    with pytest.raises(Refused, match="link_used"):
        domain_proof.confirm(request)
    assert audit.first_broken_event() is None


@pytest.mark.both_databases
def test_an_old_link_and_a_replaced_one_open_nothing(app, asked):
    owner, request = asked
    first = link_in_mail(domain_proof.MAIL).rpartition("/")[2]
    with pytest.raises(Refused, match="sent_just_now"):
        domain_proof.send(request, "other@cantho.gov.example", lang="vi", actor=actor_of(owner))
    request.domain_sent_at = now() - timedelta(minutes=10)
    domain_proof.send(request, "other@cantho.gov.example", lang="en", actor=actor_of(owner))
    assert domain_proof.found(first) is None
    second = link_in_mail(domain_proof.MAIL).rpartition("/")[2]
    assert domain_proof.found(second) is request
    request.domain_expires_at = now() - timedelta(seconds=1)
    assert domain_proof.found(second) is None
    assert domain_proof.found("x" * 500) is None
    assert domain_proof.found("") is None
    clock_jobs.forget()
    assert (request.domain_address, request.domain_token_hash) == ("", None)


@pytest.mark.both_databases
def test_what_is_not_sent(app, asked):
    owner, request = asked
    request.domain_sent_at = now() - timedelta(minutes=10)
    for address, code in (("me@gmail.com", "domain_open_to_all"), ("me@Outlook.com", "domain_open_to_all")):
        with pytest.raises(Refused, match=code):
            domain_proof.send(request, address, lang="vi", actor=actor_of(owner))
    with pytest.raises(NotPermitted):
        domain_proof.send(request, "a@b.example", lang="vi", actor=actor_of(make_member("city")))
    request.domain_sends = domain_proof.MOST_SENDS
    with pytest.raises(Refused, match="too_many_sends"):
        domain_proof.send(request, "a@b.example", lang="vi", actor=actor_of(owner))
    waiting = sent(other := owner_of_unverified())
    with pytest.raises(Refused, match="not_editable"):
        domain_proof.send(waiting, "a@b.example", lang="vi", actor=actor_of(other))


def test_the_page_changes_nothing_until_it_is_confirmed(app, client, asked):
    _owner, request = asked
    link = link_in_mail(domain_proof.MAIL)
    shown = client.get(f"{link}?lang=en").get_data(as_text=True)
    assert "cantho.gov.example" in shown
    assert "office@" not in shown
    db.session.refresh(request)
    assert request.domain_confirmed_at is None
    assert client.post(link).status_code == 303
    db.session.refresh(request)
    assert request.domain_confirmed_at is not None
    assert client.post(link).status_code == 404
    assert client.get(link).status_code == 404
