"""Requests that gunicorn itself cannot read (too long, not HTTP) get a page of ours, with the headers of all others.

Named by `--worker-class`. The application never sees such a request, so the page is made without one.
"""

from __future__ import annotations

from typing import Any

from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from ppp_match.web import FOR_ALL_ANSWERS, HSTS

OUR_FAULT = (errors.ConfigurationProblem, errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)
ANSWERS = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
    errors.ForbiddenProxyRequest: (403, "Forbidden"),
}


class Worker(ThreadWorker):
    """gunicorn's worker with threads, and this page."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Answer what could not be read; a fault of our own stays gunicorn's."""
        if not isinstance(exc, errors.ParseException) or isinstance(exc, OUR_FAULT):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("request not readable: %s", type(exc).__name__)
        status, reason = ANSWERS.get(type(exc), (400, "Bad Request"))
        try:
            util.write_nonblock(client, answer(self.wsgi, status, reason))
        except OSError:
            self.log.debug("request not readable: its sender is gone")


def answer(app: Any, status: int, reason: str) -> bytes:
    """The whole answer as it goes over the wire."""
    page = app.jinja_env.get_template("errors/standalone.html").render(code=status, lang="vi").encode()
    headers = {
        "Connection": "close",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(page)),
        "Content-Language": "vi",
        "Cache-Control": "no-store",
        **FOR_ALL_ANSWERS,
        **(HSTS if app.config["SESSION_COOKIE_SECURE"] else {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {reason}\r\n{head}\r\n".encode("latin-1") + page
