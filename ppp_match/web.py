"""What every request goes through: who may, one commit, language, headers, error pages, creating only once.

What lives here: `requires` / `public`, `once`, the commit after a good unsafe request, locale and theme, security
headers, error pages. What does not: anything a feature decides.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import (
    Flask,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import String
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from ppp_match.db import Model, db, now, writing
from ppp_match.extensions import babel
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.permissions import VISITOR, Actor, can
from ppp_match.refusals import words_of

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])

LANGUAGES = ("vi", "en")
THEMES = ("auto", "light", "dark")
GLOSSES = ("1", "0")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PAGES_OF_ERRORS = (400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503)

# Endpoints that libraries bring along: their access stands here, since they can't carry our decorators.
LIBRARY_ENDPOINTS: dict[str, str | None] = {
    "security.login": None,
    "security.logout": "account.manage",
    "security.register": None,
    "security.forgot_password": None,
    "security.reset_password": None,
    "security.confirm_email": None,
    "security.send_confirmation": None,
    "security.change_password": "account.manage",
}


class IdempotencyKey(Model):
    """A creating form that was sent: its key and where its sender was led. A second sending is led there too."""

    __tablename__ = "idempotency_key"

    key: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID | None]
    endpoint: Mapped[str] = mapped_column(String(80))
    location: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


# --- who may -----------------------------------------------------------------------------------------------------


def requires(permission: str) -> Callable[[View], View]:
    """Mark a view with the permission it needs. Whose thing it is, the view or operation checks besides."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view as open to everybody."""
    view.permission = None  # type: ignore[attr-defined]
    return view


UNDECLARED = object()


def permission_of(app: Flask, endpoint: str) -> Any:
    """The permission that an endpoint needs: a name, None for public, UNDECLARED if nobody said."""
    if endpoint in LIBRARY_ENDPOINTS:
        return LIBRARY_ENDPOINTS[endpoint]
    return getattr(app.view_functions[endpoint], "permission", UNDECLARED)


def current_actor() -> Actor:
    """Who makes this request, for the organisation they chose to act for."""
    if "actor" not in g:
        g.actor = VISITOR
        if current_user.is_authenticated:
            chosen = session.get("acting_for")
            g.actor = _form_brings_its_organisation(
                current_user.as_actor(uuid.UUID(chosen) if chosen else None), chosen
            )
    actor: Actor = g.actor
    return actor


def _form_brings_its_organisation(actor: Actor, chosen: str | None) -> Actor:
    """A form writes into the organisation it was opened for, though one acts for another one by now.

    Somebody with several organisations has them open in several windows. Where the form's organisation is no longer
    one of theirs, `_guard_access` refuses what it sends.
    """
    try:
        opened_for = "" if request.method in SAFE_METHODS else request.form.get("acting_for", "")
    except HTTPException:  # too large or not readable: the error is told where the form is read
        return actor
    if not opened_for or opened_for == str(actor.organisation_id):
        return actor
    if opened_for not in {str(ref.id) for ref in actor.memberships}:
        g.form_of_another = True
        return actor
    g.switched = (chosen, opened_for)
    brought: Actor = current_user.as_actor(uuid.UUID(opened_for))
    return brought


def act_for(organisation_id: uuid.UUID) -> None:
    """From now on the person acts for that organisation."""
    g.pop("switched", None)
    session["acting_for"] = str(organisation_id)


def _go_on_acting(response: Response) -> Response:
    """Who sent a form of another of their organisations acts for that one from then on, and is told."""
    before, brought = g.pop("switched", (None, None))
    if brought and response.status_code < 400 and session.get("acting_for") == before:
        session["acting_for"] = brought
        flash(
            _(
                "You now act for %(name)s: that form was opened for it.",
                name=current_actor().organisation_name(str(get_locale() or "vi")),
            ),
            "info",
        )
    return response


def _guard_access() -> Response | None:
    if request.endpoint is None:
        return None  # 404 and 405 answer by themselves
    permission = permission_of(current_app, request.endpoint)
    if permission is UNDECLARED:
        abort(403)
    current_actor()
    if g.get("form_of_another"):
        raise Refused("not_in_organisation")
    if permission is None or can(current_actor(), permission):
        return None
    if not current_actor().is_authenticated:
        wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
        return redirect(url_for("security.login", next=wanted))
    return abort(403)


def found_or_404(row: Any) -> Any:
    """The row, or 404: what an actor may not see does not exist for them."""
    if row is None:
        abort(404)
    return row


# --- one commit, once --------------------------------------------------------------------------------------------


def once(view: View) -> View:
    """A creating form sent twice makes one thing: the second sending is led to where the first one led.

    The key comes with the form. Its row is written first, so that on PostgreSQL a second click waits for the
    first transaction; a page that does not redirect (errors in the form) leaves no trace of the key.
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if request.method in SAFE_METHODS:
            return view(*args, **kwargs)
        try:
            key = uuid.UUID(request.form.get("idempotency_key", ""))
        except ValueError:
            abort(400)
        user_id = current_actor().user_id
        sent = db.session.get(IdempotencyKey, key)
        if sent is None:
            row = IdempotencyKey(key=key, user_id=user_id, endpoint=request.endpoint or "")
            db.session.add(row)
            try:
                db.session.flush()
            except IntegrityError:
                db.session.rollback()
                sent = db.session.get(IdempotencyKey, key)
        if sent is not None:
            if sent.user_id != user_id or sent.endpoint != request.endpoint or not sent.location:
                abort(409)
            return redirect(sent.location)
        response = make_response(view(*args, **kwargs))
        if response.status_code in (302, 303):
            row.location = response.location[:500]
            db.session.flush()
        else:
            db.session.rollback()
        return response

    wrapper.once = True  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def _begin() -> None:
    writing.set(request.method not in SAFE_METHODS)


def _commit(response: Response) -> Response:
    """The one place where a request commits: a good unsafe one. Everything else is rolled back."""
    if request.method in SAFE_METHODS or response.status_code >= 400:
        db.session.rollback()
        return response
    try:
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        answer = current_app.handle_user_exception(error)
        return make_response(answer)
    return response


# --- language, theme, headers ------------------------------------------------------------------------------------


def choose_locale() -> str:
    """`?lang=`, then the kept choice, then the account's, then Accept-Language, then Vietnamese."""
    if not has_request_context():
        return "vi"  # a command or a job; what it writes to a person is written in that person's language
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    kept = request.cookies.get("lang")
    if kept in LANGUAGES:
        return kept
    if not g.get("without_database") and current_user and current_user.is_authenticated:
        return str(current_user.locale)
    return request.accept_languages.best_match(LANGUAGES) or "vi"


def choose_timezone() -> str:
    if not has_request_context():
        return "Asia/Ho_Chi_Minh"
    if not g.get("without_database") and current_user and current_user.is_authenticated:
        return str(current_user.timezone)
    return "Asia/Ho_Chi_Minh"


def current_theme() -> str:
    asked = request.args.get("theme")
    theme = asked if asked in THEMES else request.cookies.get("theme", "auto")
    return theme if theme in THEMES else "auto"


def glosses_wanted() -> bool:
    """Whether the reader wants terms of a text in another language glossed: `?gloss=`, then the kept choice, then yes."""
    asked = request.args.get("gloss")
    return (asked if asked in GLOSSES else request.cookies.get("gloss", "1")) != "0"


def address_with(**changes: str) -> str:
    """This page's address with some query arguments changed."""
    pairs = [(k, v) for k, v in request.args.items(multi=True) if k not in changes]
    return f"{request.path}?{urlencode(pairs + list(changes.items()))}"


def _keep_choices(response: Response) -> Response:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    for name, values in (("lang", LANGUAGES), ("theme", THEMES), ("gloss", GLOSSES)):
        asked = request.args.get(name, "")
        if asked in values and request.cookies.get(name) != asked:
            response.set_cookie(
                name, asked, max_age=365 * 86400, secure=secure, httponly=True, samesite="Lax", path="/"
            )
    return response


CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap's own rules name data: pictures
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    if response.mimetype == "text/html":
        response.vary.update(("Cookie", "Accept-Language"))
        signed_in = current_actor().is_authenticated
        headers["Cache-Control"] = "no-store" if signed_in or request.method != "GET" else "no-cache"
        headers["Content-Language"] = str(get_locale() or "vi")
    headers["X-Request-ID"] = g.get("request_id", "")
    return response


# --- error pages -------------------------------------------------------------------------------------------------


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
    return error_page(400, message="csrf")


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
    log.error("database unavailable: %s", getattr(error, "orig", None) or error)
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
    log.exception("unhandled error, request %s", g.get("request_id", ""))
    try:
        db.session.rollback()
    except Exception:
        log.exception("rollback failed")
    return error_page(500)


def _context() -> dict[str, Any]:
    actor = current_actor()
    return {
        "lang": str(get_locale() or "vi"),
        "theme": current_theme(),
        "actor": actor,
        "can": lambda permission, subject=None: can(actor, permission, subject),
        "lang_url": lambda code: address_with(lang=code),
        "theme_url": lambda name: address_with(theme=name),
        "new_key": lambda: uuid.uuid4().hex,
    }


def register_web(app: Flask) -> None:
    """Hang all of the above on the application."""
    babel.init_app(app, locale_selector=choose_locale, timezone_selector=choose_timezone)

    @app.before_request
    def _name_request() -> None:
        g.request_id = uuid.uuid4().hex[:16]

    app.before_request(_begin)
    app.before_request(_guard_access)
    # after_request runs in reverse order of registration: the commit comes first, so that what it answers gets
    # its headers and cookies like any other page.
    app.after_request(_add_headers)
    app.after_request(_keep_choices)
    app.after_request(_commit)
    app.after_request(_go_on_acting)
    app.context_processor(_context)
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
