"""The ClamAV hook: clean, infected, away, nonsense; over a Unix socket and over TCP."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.attachments import clamav, operations
from ppp_match.attachments.models import Attachment
from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.deployment import findings
from ppp_match.lifecycle import Refused
from tests.attachments import samples
from tests.attachments.fake_clamd import EICAR, clamd
from tests.attachments.sending import file_form, send
from tests.factories import make_listing, make_member


@pytest.fixture
def short(tmp_path_factory):
    """A socket's path may have 107 characters at most."""
    return tmp_path_factory.mktemp("s") / "c"


@pytest.fixture
def scanned_by(app):
    """scanned_by(address): from now on this application has a scanner there."""
    before = app.extensions["settings"]

    def use(address: str) -> None:
        app.extensions["settings"] = before.with_(clamav_socket=address)

    yield use
    app.extensions["settings"] = before


@pytest.mark.parametrize("over", ["unix", "tcp"])
def test_the_protocol(over, short):
    with clamd(short if over == "unix" else None) as (address, server):
        clamav.ping(address)
        long = b"abc" * 100_000
        clamav.scan(long, address)
        assert server.contents == [long]
        with pytest.raises(clamav.Infected, match="EICAR"):
            clamav.scan(b"before " + EICAR, address)
    with pytest.raises(clamav.NoAnswer):
        clamav.scan(b"x", address)


@pytest.mark.parametrize(
    "says", [b"INSTREAM size limit exceeded. ERROR\0", b"\0", b"stream: what\0", b"OK but\0"]
)
def test_what_is_no_verdict_is_no_pass(says, short):
    with clamd(short, says) as (address, _server), pytest.raises(clamav.NoAnswer):
        clamav.scan(b"x", address)


def test_a_scanner_that_is_silent_is_not_waited_for(monkeypatch, short):
    import socket

    monkeypatch.setattr(clamav, "SECONDS", 0.2)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(short))
        silent.listen()
        with pytest.raises(clamav.NoAnswer):
            clamav.scan(b"x", str(short))


def test_clean_files_are_marked_so(app, scanned_by, short):
    with clamd(short) as (address, _server):
        scanned_by(address)
        assert operations.check("a.pdf", samples.pdf(), description="x", lang="en").scan == "clean"
    scanned_by("")
    assert operations.check("a.pdf", samples.pdf(), description="x", lang="en").scan == "unscanned"
    scanned_by(f"unix:{short}.nowhere")
    with pytest.raises(Refused, match="scanner_away"):
        operations.check("a.pdf", samples.pdf(), description="x", lang="en")


def test_an_infected_upload_is_refused_told_and_recorded(client_of, scanned_by, short):
    owner = make_member("city")
    need = make_listing("need", organisation=owner.memberships[0].organisation)
    client = client_of(owner)
    with clamd(short) as (address, _server):
        scanned_by(address)
        page = f"/needs/{need.id}/files?lang=en"
        refused = send(client, page, file_form(data=b"text " + EICAR, name="a.txt"))
        html = refused.get_data(as_text=True)
        assert refused.status_code == 422
        assert "The virus scanner found something" in html
        assert "What the file shows it shows" not in html
        assert 'value="What it shows"' in html  # what was typed is kept
        assert db.session.scalar(select(Attachment.id)) is None
        event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "attachment.refused"))
        assert (event.subject_id, event.actor_id, event.fields) == (need.id, owner.id, ["file_infected"])
        assert send(client, page, file_form()).status_code == 303
        assert db.session.scalar(select(Attachment.scan)) == "clean"
    scanned_by(address)
    away = send(client, page, file_form(name="b.pdf"))
    assert away.status_code == 503
    assert "The virus scanner does not answer just now" in away.get_data(as_text=True)
    assert db.session.query(Attachment).count() == 1


def test_check_deployment_tells_of_the_scanner(app, short):
    settings = app.extensions["settings"]

    def told(**values) -> list:
        return [one for one in findings(settings.with_(**values)) if one.name == "CLAMAV_SOCKET"]

    assert [one.unsafe for one in told()] == [False]
    assert [one.unsafe for one in told(clamav_socket=f"unix:{short}")] == [True]
    with clamd(short) as (address, _server):
        assert told(clamav_socket=address) == []
