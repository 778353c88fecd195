"""What every request goes through: who may, one commit, language, headers, creating only once.

What lives here: `requires` / `public`, `once`, the commit after a good unsafe request, locale and theme, security
headers. What does not: pages of errors (error_pages.py), and anything a feature decides.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
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
    request,
    session,
    url_for,
)
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import String
from sqlalchemy.exc import (
    IntegrityError,
)
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from ppp_match import audit
from ppp_match.db import Model, db, now, writing
from ppp_match.extensions import babel
from ppp_match.lifecycle import Refused
from ppp_match.logs import request_id
from ppp_match.permissions import VISITOR, Actor, can

View = TypeVar("View", bound=Callable[..., Any])

LANGUAGES = ("vi", "en")
THEMES = ("auto", "light", "dark")
GLOSSES = ("1", "0")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
SHOWN_AGAIN = (409, 422)  # a form that came back, with all that its page shows

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


def sensitive(view: View) -> View:
    """Mark a view for which one proves again who one is; `accounts/reauthentication.py` asks."""
    view.sensitive = True  # type: ignore[attr-defined]
    return view


def takes_files(view: View) -> View:
    """Mark a view whose form carries a file, so that more may be sent to it than to others."""
    view.takes_files = True  # type: ignore[attr-defined]
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


def _let_files_in(endpoint: str | None, _values: Any) -> None:
    """Before anything reads the form: how much may be sent here."""
    if endpoint and getattr(current_app.view_functions.get(endpoint), "takes_files", False):
        request.max_content_length = current_app.config["MAX_UPLOAD_LENGTH"]


def _forms_only() -> None:
    """No page takes JSON. The forms' library would read it as a form, and most JSON is no list of fields."""
    if request.is_json and request.method not in SAFE_METHODS:
        abort(415)


def _begin() -> None:
    writing.set(request.method not in SAFE_METHODS)


def _commit(response: Response) -> Response:
    """The one place where a request commits: a good unsafe one. Everything else is rolled back."""
    unsafe = request.method not in SAFE_METHODS
    if unsafe and response.status_code < 400:
        return _kept(response, db.session.commit)
    db.session.rollback()
    if g.get("reads") and (response.status_code < 400 or response.status_code in SHOWN_AGAIN):
        return _kept(response, _record_reads)
    return response


def _kept(response: Response, keep: Callable[[], None]) -> Response:
    """The response once `keep` has written what belongs to it; where that fails, the page of the failure."""
    try:
        keep()
    except Exception as error:
        db.session.rollback()
        return make_response(current_app.handle_user_exception(error))
    return response


@dataclass(frozen=True)
class Read:
    """What a member of the forum's staff looked at, as `audit.record` takes it."""

    action: str
    __tablename__: str
    id: uuid.UUID
    fields: tuple[str, ...]


def note_read(action: str, subject: Any, *, fields: tuple[str, ...] = ()) -> None:
    """Have it recorded that the actor reads something personal or confidential of others by this GET.

    It is written in a transaction of its own after the page is made and before it is sent: what cannot be recorded
    is not shown. Nothing else that a GET does is kept.
    """
    g.setdefault("reads", []).append(Read(action, subject.__tablename__, subject.id, fields))


def _record_reads() -> None:
    token = writing.set(True)
    try:
        for read in g.pop("reads"):
            audit.record(read.action, read, actor=current_actor(), fields=read.fields)
        db.session.commit()
    finally:
        writing.reset(token)


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


def page_lang() -> str:
    """The language of the page that is being made, "vi" or "en"."""
    return str(get_locale() or "vi")[:2]


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


FOR_ALL_ANSWERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,  # a view may say a narrower one
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


def _add_headers(response: Response) -> Response:
    headers = response.headers
    for name, value in FOR_ALL_ANSWERS.items():
        headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.update(HSTS)
    if response.mimetype == "text/html":
        response.vary.update(("Cookie", "Accept-Language"))
        signed_in = current_actor().is_authenticated
        headers["Cache-Control"] = "no-store" if signed_in or request.method != "GET" else "no-cache"
        headers["Content-Language"] = str(get_locale() or "vi")
    elif (
        headers.get("Cache-Control", "no-cache") == "no-cache"
    ):  # which Flask says of every file that is sent
        headers["Cache-Control"] = "no-store"  # it may hold what only its reader may know
    headers["X-Request-ID"] = request_id()
    return response


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

    app.url_value_preprocessor(_let_files_in)  # runs before what the extensions do first
    app.before_request(_forms_only)
    app.before_request(_begin)
    app.before_request(_guard_access)
    # after_request runs in reverse order of registration: the commit comes first, so that what it answers gets
    # its headers and cookies like any other page.
    app.after_request(_add_headers)
    app.after_request(_keep_choices)
    app.after_request(_commit)
    app.after_request(_go_on_acting)
    app.context_processor(_context)
