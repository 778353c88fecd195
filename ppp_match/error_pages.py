"""Pages of ours for whatever goes wrong: a refusal, a conflict, a database that is away, a fault of our own."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.permissions import VISITOR
from ppp_match.refusals import words_of
from ppp_match.resend import typed_again
from ppp_match.web import permission_of

log = logging.getLogger(__name__)

PAGES_OF_ERRORS = (400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503)


def error_page(code: int, **context: Any) -> Response:
    """A page of ours for an error. 500 and 503 use a page that needs no database and no actor."""
    standalone = code in (500, 503)
    if standalone:
        g.without_database, g.actor = True, VISITOR
        # Flask-Login would load the person for the template, from the very database that is away.
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    template = "errors/standalone.html" if standalone else "errors/error.html"
    page = code if code in PAGES_OF_ERRORS else 400
    values = {
        "code": page,
        "retry_after": None,
        "request_id": g.get("request_id", ""),
        "message": "",
        **context,
    }
    response = make_response(render_template(template, **values), code)
    if code == 503:
        response.headers["Retry-After"] = "30"
    return response


def _on_http_error(error: HTTPException) -> Any:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    retry = getattr(error, "retry_after", None)
    response = error_page(error.code, retry_after=retry)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _on_csrf_error(_error: CSRFError) -> Response:
    """The form was opened in another session. Who wrote it gets it back; a public form (a password) is not shown."""
    public_form = permission_of(current_app, request.endpoint or "") is None
    response = error_page(400, message="csrf", typed=[] if public_form else typed_again())
    response.headers["Cache-Control"] = "no-store"
    return response


def _on_bad_host(_error: SecurityError) -> Response:
    return make_response("Unknown host.\n", 400, {"Content-Type": "text/plain; charset=utf-8"})


def _on_refused(error: Refused) -> Response:
    db.session.rollback()
    if isinstance(error, NotPermitted):
        return error_page(403)
    return error_page(409, message=words_of(error.code))


def _on_stale(_error: StaleDataError) -> Response:
    db.session.rollback()
    return error_page(409)


def _on_database_trouble(error: DBAPIError | PoolTimeout) -> Response:
    log.error("database unavailable", exc_info=error)
    try:
        db.session.rollback()
    except Exception:
        log.exception("rollback failed")
    return error_page(503)


def _on_data_refused(error: DataError) -> Response:
    """What was sent cannot be stored: a NUL in a text, a number beyond the column. Not the server's fault."""
    log.warning("the database refused a value: %s", type(error.orig).__name__)
    db.session.rollback()
    return error_page(400)


def _on_any_error(_error: Exception) -> Response:
    log.exception("unhandled error")
    try:
        db.session.rollback()
    except Exception:
        log.exception("rollback failed")
    return error_page(500)


def register_error_pages(app: Flask) -> None:
    """Hang all of the above on the application."""
    app.register_error_handler(SecurityError, _on_bad_host)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Refused, _on_refused)
    app.register_error_handler(StaleDataError, _on_stale)
    for trouble in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(trouble, _on_database_trouble)
    app.register_error_handler(DataError, _on_data_refused)
    if not app.config["TESTING"]:
        app.register_error_handler(Exception, _on_any_error)
