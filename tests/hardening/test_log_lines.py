"""Whatever comes in a request, each log line is one line of JSON, bounded, with the request's id and without secrets.

A careless listener logs all that a request brings, as no room does; what is written of it is what is tested here.
"""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from flask import request, request_started
from gunicorn.config import Config
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ppp_match import logs
from ppp_match.app import create_app
from ppp_match.config import ROOT, Settings, UnsafeSettings
from ppp_match.db import db
from ppp_match.gunicorn_log import Lines
from tests.conftest import sign_in
from tests.factories import PASSWORD, UserFactory, make_member
from tests.hardening.arbitrary import any_text, bounded, encoded

LONGEST_LINE = 32_000
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
# As secrets are: long enough that they do not stand in a line by chance, and of any characters.
secrets = st.one_of(
    st.text(min_size=8, max_size=60),
    st.sampled_from(
        [
            "quote'and\"both",
            "back\\slash\\n",
            "line\nbreak-here",
            "\x1b[2Jcleared",
            "\u202egnp.terces",
            "mật khẩu dài",
            "a\u2028b\u2029c-long",
            "%(message)s%s%n",
            "tok%41en/slash?",
            "x" * 9000,
        ]
    ),
).map(lambda value: f"\u00a7{value}\u00a7")
as_header = st.text(
    st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), min_size=8, max_size=300
).map(lambda value: f"Agent {value}")


@contextmanager
def written(level: int = logging.DEBUG):
    """What our loggers write meanwhile, as the process would write it."""
    stream = io.StringIO()
    handler, logger = logs.handler(stream), logging.getLogger("ppp_match")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield stream
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def lines_of(stream: io.StringIO) -> list[dict]:
    """The lines, each of which is whole, printable and bounded."""
    whole = stream.getvalue()
    assert whole.isascii()
    assert all(line.isprintable() for line in whole.split("\n"))
    assert all(len(line) <= LONGEST_LINE for line in whole.split("\n"))
    assert not whole or whole.endswith("\n")
    lines = [json.loads(line) for line in whole.split("\n")[:-1]]
    for line in lines:
        assert {"at", "level", "logger", "message"} <= set(line)
        at = datetime.fromisoformat(line["at"])
        assert at.utcoffset() == BEGUN.utcoffset()
    return lines


def held(lines: list[dict]) -> str:
    """All texts of the lines, as whoever reads the parsed lines sees them."""
    return "\n".join(str(value) for line in lines for value in line.values())


@contextmanager
def careless_listener(app):
    """Logs what came, in every way in which somebody might write that in a hurry."""
    log = logging.getLogger("ppp_match.careless")
    library = logging.getLogger("ppp_match_library")

    def listen(_app, **_more):
        log.info("came %s", request.full_path)
        log.info("from %s %r", request.user_agent.string, request.headers.get("User-Agent"))
        log.warning("headers %s", dict(request.headers))
        log.warning("cookies %s form %s", request.cookies, request.form.to_dict(flat=False))
        log.info("json %s", json.dumps(request.form.to_dict()))
        for value in (*request.form.values(), *request.args.values(), *request.cookies.values()):
            log.info("one %s", value)
            library.warning(f"f-string {value}")
            try:
                raise ValueError(value)
            except ValueError as error:
                try:
                    raise RuntimeError(f"could not read {value!r}") from error
                except RuntimeError:
                    log.exception("it failed")

    with request_started.connected_to(listen, app):
        yield


# --- a line by itself --------------------------------------------------------------------------------------------


@bounded(150)
@given(words=any_text, args=st.lists(any_text, max_size=3), trouble=any_text, name=any_text)
@example(words="%s %s", args=["one"], trouble="", name="x")
@example(words="100 %", args=["one"], trouble="\x7f", name="ppp_match.x")
def test_any_record_is_one_line(words, args, trouble, name):
    stream = io.StringIO()
    handler = logs.handler(stream)
    try:
        raise ValueError(trouble)
    except ValueError:
        info = sys.exc_info()
    for name_ in (name, f"ppp_match.{name}"):
        handler.handle(logging.LogRecord(name_, logging.ERROR, __file__, 1, words, tuple(args), info))
    lines = lines_of(stream)
    assert len(lines) == 2
    for line in lines:
        assert line["error"][0]["type"] == "ValueError"
        assert line["trace"][-1].endswith("test_any_record_is_one_line")
        assert "request" not in line


@bounded(100)
@given(st.sampled_from(logs.LINKS), st.text("abcXYZ019-_.~", min_size=12, max_size=60), any_text)
def test_no_token_of_a_link_is_written_wherever_it_stands(link, token, around):
    stream = io.StringIO()
    for address in (f"/{link}/{token}", f"/{link}/{token}/accept?a=b", quote(f"/{link}/{token}", safe="")):
        record = logging.LogRecord("gunicorn.error", 40, "", 1, "Error handling %s", (address,), None)
        logs.handler(stream).handle(record)
        logging.LogRecord("ppp_match.x", 40, "", 1, "%s %s", (around[:500], f"at {address}"), None)
    assert token not in held(lines_of(stream))


def test_every_route_with_a_token_is_known_to_the_log(app):
    """A new kind of link is named in logs.LINKS, or its token would be written."""
    found = {
        rule.rule.partition("/<")[0].strip("/")
        for rule in app.url_map.iter_rules()
        if "token" in rule.arguments
    }
    assert found == set(logs.LINKS)


def test_what_the_code_says_is_not_masked_by_sending_it(app, client):
    """Nobody hides a line by sending its words."""
    person = make_member("city")
    with written() as stream:
        form = {"email": person.email, "password": "wrong-password", "x": "refused sign-in", "y": "answered"}
        client.post("/login", data=form)
        sign_in(client, person)
    lines = lines_of(stream)
    assert any(line["message"].startswith("refused sign-in what=account") for line in lines)
    assert any(line["message"] == f"signed in user={person.id}" for line in lines)
    assert sum(line["message"] == "answered" for line in lines) == 2
    assert "wrong-password" not in held(lines)
    assert person.email not in held(lines)


# --- requests ----------------------------------------------------------------------------------------------------


def test_nothing_that_a_request_brings_is_forged_or_told(app, client):
    client = app.test_client(use_cookies=False)  # so that the header is the one of the example
    UserFactory(email="known@walk.example")
    db.session.commit()

    @bounded(60)
    @given(password=secrets, body=secrets, cookie=secrets, query=secrets, agent=as_header, path=any_text)
    def send(password, body, cookie, query, agent, path):
        address = f"/login?next={quote('/invitations/' + quote(query, safe=''))}&token={quote(query)}"
        crumb = quote(cookie, safe="")[:3000]
        form = encoded(
            [(b"email", b"known@walk.example"), (b"password", password.encode(errors="surrogatepass")),
             (b"body", body.encode(errors="surrogatepass"))]
        )  # fmt: skip
        headers = {
            "User-Agent": agent.encode("latin-1").decode("latin-1"),
            "Cookie": f"{app.config['SESSION_COOKIE_NAME']}={crumb}; lang=en",
            "Authorization": f"Bearer {crumb}",
        }
        with written() as stream, careless_listener(app):
            answers = [
                client.post(
                    address, data=form, headers=headers, content_type="application/x-www-form-urlencoded"
                ),
                client.get("/" + quote(path.encode("utf-8", "surrogatepass"), safe=""), headers=headers),
            ]
        lines = lines_of(stream)
        ids = [answer.headers["X-Request-ID"] for answer in answers]
        assert {line["request"] for line in lines} <= set(ids)
        for answer, name in zip(answers, ids, strict=True):
            (own,) = [line for line in lines if line["request"] == name and line["message"] == "answered"]
            assert own["status"] == answer.status_code
        told = held(lines)
        for secret in (password, body, query, crumb):
            for part in (secret, secret[:40], repr(secret)[1:-1], quote(secret, safe="")):
                assert part not in told, (part, [line for line in lines if part in str(line)][:1])
        assert "known@walk.example" not in told

    send()


@pytest.mark.both_databases
def test_what_a_database_refuses_is_not_told(app, client):
    """A statement's parameters and a complaint's details hold values; the lines have the trouble's kind and place."""
    kept = UserFactory(email="unique@walk.example")
    db.session.commit()
    with written() as stream:
        log = logging.getLogger("ppp_match.x")
        try:
            UserFactory(email="unique@walk.example", name="Tên rất riêng")
            db.session.flush()
        except DBAPIError:
            log.exception("could not write")
        db.session.rollback()
        try:
            db.session.execute(text("SELECT nothing FROM nowhere WHERE a = :a"), {"a": "Tên rất riêng"})
        except DBAPIError:
            log.exception("could not read")
        db.session.rollback()
    lines = lines_of(stream)
    assert len(lines) == 2
    assert "UniqueViolation" in str(lines[0]["error"]) or "IntegrityError" in str(lines[0]["error"])
    for value in ("unique@walk.example", "Tên rất riêng", PASSWORD, str(kept.id)):
        assert value not in held(lines)


def test_a_process_writes_such_lines_to_standard_error(tmp_path):
    """The whole of it: started as a process, a request answered, one that fails."""
    program = """
import logging
from ppp_match.app import create_app
from ppp_match.config import Settings
from pathlib import Path
app = create_app(Settings(instance=Path({folder!r}), log_level="info"))
create_app(Settings(instance=Path({folder!r}), log_level="info"))
app.view_functions["about.page"] = lambda slug: 1 / 0
app.view_functions["about.page"].permission = None
print(app.test_client().get("/about/conduct?q=%0aforged").headers["X-Request-ID"])
logging.getLogger("elsewhere").error("two\\nlines for somebody@else.example")
"""
    done = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", program.format(folder=str(tmp_path))],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    failed, answered, elsewhere = lines_of(io.StringIO(done.stderr))
    name = done.stdout.strip()
    assert failed["request"] == answered["request"] == name
    assert failed["error"] == [{"type": "ZeroDivisionError", "words": "division by zero"}]
    assert (failed["endpoint"], failed["level"]) == ("about.page", "error")
    assert answered["status"] == 500
    assert elsewhere["message"] == "two\nlines for [address]"
    assert "forged" not in done.stderr


def test_an_unknown_level_is_refused(tmp_path):
    with pytest.raises(UnsafeSettings, match="LOG_LEVEL"):
        create_app(Settings(mode="testing", instance=tmp_path, log_level="loud"))


def test_gunicorn_writes_such_lines_too(capfd):
    """What it says of a request that it could not hand on names the address, which may hold a token."""
    lines = Lines(Config())
    lines.error("Error handling request %s", "/invitations/AbCdEf-0123456789?next=%2Freset%2FAbCdEf\nforged")
    for one in lines.error_log.handlers:
        one.flush()
    (line,) = lines_of(io.StringIO(capfd.readouterr().err))
    assert (line["logger"], line["level"]) == ("gunicorn.error", "error")
    assert line["message"].startswith("Error handling request /invitations/[token]?[query]")
    assert "AbCdEf" not in held([line])
