"""Log lines: one JSON object a line on standard error, in UTC, with the request's id and nothing that is a secret.

What lives here: how a line is written, and what is taken out of it whoever wrote it: values that the request sent
(passwords, texts, cookies), tokens of one-time links, addresses, queries of addresses. What does not: what is worth a
line; each room says so with `logging.getLogger(__name__)`. The words of our own lines stand in the code and are written
as they are; only what is put into them is cleaned, so that nobody hides a line by sending its words.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from flask import Flask, g, has_request_context, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from werkzeug.wrappers import Response

from ppp_match.config import ROOT, Settings

log = logging.getLogger(__name__)
OURS = "ppp_match"
MESSAGE, ERROR = 1000, 500  # characters of a message, and of the words of an error
READ = 4000  # of a text no more is looked at, once what the request sent is out of it
FRAMES, CAUSES = 30, 3
SHORTEST = 4  # a value of fewer characters is no secret, and masking it would spoil every word
SLASH = "(?:/|%2[fF])"
# The links that open something without signing in; tests/hardening/test_log_lines.py compares them with the routes.
LINKS = (
    "account/email",
    "confirm",
    "invitations",
    "references",
    "reset",
    "status",
    "unsubscribe",
    "verification/domain",
)
TOKEN = re.compile(
    f"{SLASH}({'|'.join(one.replace('/', SLASH) for one in LINKS)}){SLASH}" + r"(?!\[)[^\s/?&\"'%]+"
)
QUERY = re.compile(r"\?[^\s\"']+")
NAMED = re.compile(
    r"(?i)\b(password|passphrase|token|secret|csrf_token|session|authorization|cookie)([\"']?\s?[=:]\s?)\S+"
)
ADDRESS = re.compile(r"(?<![^\s<>\"'=:,;()])[^\s<>\"'=:,;()@]+@[^\s<>\"',;()]+")
PLAIN = (bool, int, float, uuid.UUID, type(None))


class JsonLines(logging.Formatter):
    """Writes a record as one line of ASCII, whatever is in it."""

    def format(self, record: logging.LogRecord) -> str:
        content: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name[:100],
            "message": _bounded(message_of(record), MESSAGE),
            **_request_fields(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            content |= _trouble_of(record.exc_info[1])
        # Escaped, neither a line's end nor a terminal's command nor a mark of direction is one any more.
        return json.dumps(content, ensure_ascii=True, default=lambda value: clean(str(value))).replace(
            "\x7f", "\\u007f"
        )


def message_of(record: logging.LogRecord) -> str:
    """The words of a record with what is put into them, cleaned. Words of other libraries are cleaned as well."""
    ours = record.name.partition(".")[0] == OURS and isinstance(record.msg, str)
    if ours and not record.args:
        return str(record.msg)
    try:
        if not ours:
            return clean(record.getMessage())
        args = record.args
        filled = (
            {name: _safe(value) for name, value in args.items()}
            if isinstance(args, Mapping)
            else tuple(_safe(value) for value in args or ())
        )
        return str(record.msg) % filled
    except Exception:  # a line that cannot be written must not stop what it tells of
        return clean(f"{record.msg} {record.args}")


def _safe(value: Any) -> Any:
    return value if isinstance(value, PLAIN) else clean(str(value))


def clean(text: str) -> str:
    """The text without what a request sent, tokens, queries and addresses."""
    for value in _sent():
        text = text.replace(value, "[sent]")
    text = TOKEN.sub(lambda found: f"/{found[1]}/[token]", text[:READ])
    text = NAMED.sub(r"\1\2[secret]", text)
    return ADDRESS.sub("[address]", QUERY.sub("?[query]", text))


def _sent() -> list[str]:
    """What this request brought along, also as Python and JSON write it in quotes; the longest first."""
    if not has_request_context():
        return []
    values = {*request.cookies.values(), *(request.view_args or {}).values()}
    values |= {request.headers.get(name, "") for name in ("Authorization", "Cookie", "X-CSRFToken")}
    # A form that nobody has read yet is in no line; reading it here would be too early for its limits.
    for where in (request.args, *([request.form] if "form" in request.__dict__ else [])):
        values |= {one for _name, many in where.lists() for one in many}
    found = set()
    for value in values:
        if isinstance(value, str) and len(value) >= SHORTEST:
            found |= {value, repr(value)[1:-1], json.dumps(value)[1:-1]}
    return sorted(found, key=lambda one: (-len(one), one))


def _request_fields() -> dict[str, Any]:
    """Which request, to which endpoint, by whom; the address itself is not kept, since it may be a secret."""
    if not has_request_context():
        return {}
    actor = g.get("actor")
    fields = {"request": request_id(), "method": request.method[:10], "endpoint": request.endpoint}
    return {**fields, "user": str(actor.user_id)} if actor is not None and actor.user_id else fields


def request_id() -> str:
    """The name of this request, as its answer and its lines carry it."""
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex[:16]
    return str(g.request_id)


def _trouble_of(error: BaseException) -> dict[str, Any]:
    """What went wrong, what caused it, and where in the code; no values of variables."""
    frames = [
        f"{frame.filename.removeprefix(str(ROOT) + '/')[-120:]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-FRAMES:]
    ]
    told = [{"type": type(one).__name__, "words": _bounded(_words_of(one), ERROR)} for one in _causes(error)]
    return {"error": told, "trace": frames}


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    for _count in range(CAUSES):
        if found is None:
            return
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _words_of(error: BaseException) -> str:
    """A database's complaint names the values that it refuses, and the statement holds them all: neither is written."""
    if isinstance(error, (OperationalError, InterfaceError)):
        return clean(str(error.orig).strip().partition("\n")[0])
    if isinstance(error, DBAPIError):
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        return f"{type(error.orig).__name__} {constraint or ''}".strip()
    if type(error).__module__.partition(".")[0] in ("psycopg", "sqlite3"):
        return ""
    try:
        return clean(str(error))
    except Exception:
        return ""


def _bounded(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} [{len(text) - most} more]"


def handler(stream: TextIO | None = None) -> logging.Handler:
    """What writes such lines to a stream, standard error unless another is given."""
    made = logging.StreamHandler(stream or sys.stderr)
    made.setFormatter(JsonLines())
    return made


def _name_request() -> None:
    request_id()
    g.begun = time.monotonic()


def _answered(response: Response) -> Response:
    """One line for each answer; a line of a refusal or a failure is no other, so that they can be counted."""
    ms = round((time.monotonic() - g.get("begun", time.monotonic())) * 1000)
    log.info("answered", extra={"fields": {"status": response.status_code, "ms": ms}})
    return response


def register_logs(app: Flask, settings: Settings) -> None:
    """Write the lines of this process as JSON, and name each request before anything else looks at it."""
    app.before_request(_name_request)
    app.after_request(_answered)  # registered first, so it runs last
    if settings.mode == "testing":
        return  # pytest gathers lines by itself
    root = logging.getLogger()
    if not any(isinstance(one.formatter, JsonLines) for one in root.handlers):
        root.addHandler(handler())
    logging.getLogger(OURS).setLevel(settings.level_of_logs)
