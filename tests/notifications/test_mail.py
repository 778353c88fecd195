"""Mail: written in the recipient's language, sent once over real SMTP, kept while the server is down."""

from __future__ import annotations

import smtplib
import socket
from datetime import timedelta
from email import message_from_bytes, policy
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
import time_machine
from aiosmtpd.controller import Controller
from sqlalchemy import select

from ppp_match import jobs
from ppp_match.db import db, now
from ppp_match.notifications import delivery, letters
from ppp_match.notifications.models import OutboxMessage
from ppp_match.notifications.operations import notify
from tests.factories import UserFactory, make_listing, make_staff
from tests.introductions.pairs import introduce, make_pair, offer_of

TITLE = {"title": "Giảm ngập 20 tuyến phố"}


class Sink:
    """Keeps what it gets; refuses who is named."""

    def __init__(self) -> None:
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802  aiosmtpd's name
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def by_smtp(app):
    """The application sends to a port of this machine, where nothing listens until the test says so."""
    kept, port = app.extensions["settings"], free_port()
    app.extensions["settings"] = kept.with_(
        mail_server="127.0.0.1", mail_port=port, public_url="https://forum.example"
    )
    yield port
    app.extensions["settings"] = kept


@pytest.fixture
def sink(by_smtp):
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=by_smtp)
    controller.start()
    yield handler
    controller.stop()


def only_mail() -> OutboxMessage:
    db.session.expire_all()
    return db.session.scalars(select(OutboxMessage)).one()


@pytest.mark.both_databases
def test_a_mail_goes_out_once_in_both_parts(app, sink):
    person = UserFactory(locale="en", email="reader@demo.example")
    listing = make_listing()
    notify([person], "listing.published", listing, params=TITLE)
    db.session.commit()
    assert delivery.deliver_mail() == 1
    assert delivery.deliver_mail() == 0
    row = only_mail()
    assert (row.state, row.attempts, row.last_error) == ("sent", 1, "")
    ((recipients, mail),) = sink.mails
    assert recipients == ["reader@demo.example"]
    assert mail["Subject"] == "Your text is published"
    assert mail["Message-ID"] == f"<{row.id}@ppp-match.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert "PPP Match" in mail["From"]
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for part in (text, html):
        assert "Giảm ngập 20 tuyến phố" in part
        assert "https://forum.example/" in part


@pytest.mark.both_databases
def test_a_server_that_is_down_delays_and_undoes_nothing(app, by_smtp):
    notify([UserFactory(), UserFactory()], "listing.published", make_listing(), params=TITLE)
    db.session.commit()
    assert delivery.deliver_mail() == 0
    db.session.expire_all()
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.attempts)).all()
    assert [(row.state, row.attempts) for row in rows] == [("pending", 0), ("pending", 1)]
    assert "ConnectionRefusedError" in rows[1].last_error
    assert timedelta(seconds=50) < rows[1].next_attempt_at - now() <= timedelta(minutes=1)
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=by_smtp)
    controller.start()
    try:
        assert delivery.deliver_mail() == 1
        with time_machine.travel(now() + timedelta(minutes=2), tick=False):
            assert delivery.deliver_mail() == 1
            assert delivery.deliver_mail() == 0
    finally:
        controller.stop()
    assert len(handler.mails) == 2


def test_after_the_last_attempt_a_mail_has_failed(app, by_smtp):
    notify([UserFactory()], "listing.published", make_listing(), params=TITLE)
    db.session.commit()
    moment, waits = now(), []
    for _ in range(6):
        with time_machine.travel(moment, tick=False):
            delivery.deliver_mail()
        row = only_mail()
        waits.append(round((row.next_attempt_at - moment).total_seconds() / 60))
        moment = row.next_attempt_at + timedelta(seconds=1)
    assert waits[:5] == [1, 5, 30, 120, 720]
    assert (row.state, row.attempts) == ("failed", 6)
    assert delivery.deliver_mail() == 0


def test_a_refused_recipient_fails_at_once_and_holds_nobody_up(app, sink):
    notify(
        [UserFactory(email="nobody@demo.example"), UserFactory()],
        "listing.published",
        make_listing(),
        params=TITLE,
    )
    db.session.commit()
    assert delivery.deliver_mail() == 1
    db.session.expire_all()
    states = {row.recipient.split("@")[0][:6]: row.state for row in db.session.scalars(select(OutboxMessage))}
    assert states == {"nobody": "failed", "person": "sent"}


@pytest.mark.both_databases
def test_killed_between_sending_and_noting_repeats_under_the_same_message_id(app, sink, monkeypatch):
    """The one gap that no transaction closes: the server has the mail, our note of it is lost."""
    notify([UserFactory()], "listing.published", make_listing(), params=TITLE)
    db.session.commit()
    with monkeypatch.context() as killed:
        killed.setattr(delivery, "_note", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            delivery.deliver_mail()
    db.session.rollback()
    assert only_mail().state == "pending"
    assert delivery.deliver_mail() == 0  # claimed: not before the lease is over
    with time_machine.travel(now() + delivery.LEASE + timedelta(seconds=1), tick=False):
        assert delivery.deliver_mail() == 1
    first, second = (mail for _to, mail in sink.mails)
    assert first["Message-ID"] == second["Message-ID"]


def test_the_job_is_known_and_runs_by_its_name(app):
    notify([UserFactory()], "listing.published", make_listing(), params=TITLE)
    db.session.commit()
    assert jobs.JOBS["deliver_mail"].minutes == 1
    assert jobs.perform(app, "deliver_mail") == 1
    row = only_mail()
    assert row.state == "sent"
    assert delivery.file_of(app.extensions["settings"], row).is_file()


def test_the_link_of_an_account_mail_is_blanked_once_sent(app):
    db.session.add(
        OutboxMessage(
            recipient="new@demo.example",
            locale="en",
            kind="account.confirm",
            context={"link": "https://forum.example/confirm/secret-token", "name": "An"},
            once="account.confirm:1",
        )
    )
    db.session.commit()
    assert "secret-token" in letters.write(only_mail()).text
    assert delivery.deliver_mail() == 1
    assert "secret-token" not in str(only_mail().context)


def test_a_mail_that_cannot_be_written_fails_alone(app):
    for number, kind in enumerate(("no.such.kind", "account.exists")):
        db.session.add(
            OutboxMessage(recipient="x@demo.example", locale="vi", kind=kind, context={}, once=str(number))
        )
    db.session.commit()
    assert delivery.deliver_mail() == 1
    db.session.expire_all()
    states = {row.kind: row.state for row in db.session.scalars(select(OutboxMessage))}
    assert states == {"no.such.kind": "failed", "account.exists": "sent"}


def test_no_line_break_reaches_a_header(app):
    row = OutboxMessage(
        recipient="x@demo.example\r\nBcc: y@demo.example",
        locale="en",
        kind="account.exists",
        context={},
        once="1",
    )
    row.created_at = now()
    with pytest.raises(ValueError, match=r"(?i)linefeed|newline"):
        letters.envelope(row, letters.Letter("s", "t", "h"))


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_mail_about_a_pair_says_it_is_no_award_and_links_to_a_page(app, by_smtp, locale):
    pair = make_pair()
    for person in (pair.city, pair.vendor, pair.moderator):
        person.locale = locale
    introduction = introduce(pair)
    declined = make_pair()
    offer_of(declined)
    notify([pair.city], "message.new", introduction, params={"label": "I-0001", "organisation_en": "X"})
    db.session.commit()
    adapter = app.url_map.bind("forum.example")
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.locale == locale)).all()
    assert {row.kind for row in rows} >= {"offer.asked", "introduction.made", "message.new"}
    for row in rows:
        letter = letters.write(row)
        links = [word for word in letter.text.split() if word.startswith("http")]
        assert links
        assert all(link.startswith("https://forum.example/") and link in letter.html for link in links)
        assert adapter.match(urlsplit(links[0]).path)[0].startswith("introductions.")
        assert f'<html lang="{locale}">' in letter.html
        for part in (letter.text, letter.html):
            assert "not an award" in part or "không phải là trao thầu" in part
            assert "%(" not in part


def test_the_mailbox_is_for_administrators_outside_production(app, client_of):
    notify(
        [UserFactory(locale="en")], "listing.published", make_listing(), params={"title": "<b>Flood</b> & co"}
    )
    db.session.commit()
    row = only_mail()
    paths = ["/admin/mail", f"/admin/mail/{row.id}", f"/admin/mail/{row.id}/html"]
    administrator, moderator = client_of(make_staff("administrator")), client_of(make_staff())
    for sent in (0, 1):
        assert delivery.deliver_mail() == sent if sent else True
        for path in paths:
            assert administrator.get(path).status_code == 200
            assert moderator.get(path).status_code == 403
        page = administrator.get(paths[1]).get_data(as_text=True)
        assert "&lt;b&gt;Flood&lt;/b&gt; &amp; co" in page
        assert "<b>Flood" not in page
        assert "sandbox" in page
    html = administrator.get(paths[2])
    assert "&lt;b&gt;Flood" in html.get_data(as_text=True)
    assert "unsafe" not in html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    assert administrator.get("/admin/mail/8c8f3f2e-93b5-4b1c-9a3f-0a52b5b4b1aa").status_code == 404
    kept = app.extensions["settings"]
    app.extensions["settings"] = kept.with_(mode="production")
    try:
        assert [administrator.get(path).status_code for path in paths] == [404, 404, 404]
    finally:
        app.extensions["settings"] = kept


def test_the_sink_is_real(sink, by_smtp):
    with smtplib.SMTP("127.0.0.1", by_smtp, timeout=5) as server:
        assert server.noop()[0] == 250
