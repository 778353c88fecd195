"""Before a sensitive step one proves again who one is, unless one did within `confirm_again_seconds`.

A page that is only opened waits behind a page that asks. A form that was sent comes back as hidden fields of the page
that asks, so that nothing typed is lost: the answer sends it on its way.

Also here: moderators and administrators without a second factor are led to set one up and reach nothing else, where
the settings demand one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_security.utils import verify_password
from werkzeug.wrappers import Response

from ppp_match import sessions
from ppp_match.accounts import factors, operations, passkeys
from ppp_match.accounts.factor_forms import ConfirmForm
from ppp_match.accounts.throttle import note_failure, stop_if_too_many
from ppp_match.config import Settings
from ppp_match.db import db, now
from ppp_match.web import SAFE_METHODS, current_actor

# What somebody can do who has to set up a second factor first.
BEFORE_A_FACTOR = frozenset(
    {
        "accounts.second_factor",
        "accounts.new_app",
        "accounts.new_passkey",
        "accounts.confirm",
        "security.logout",
        "health.live",
        "health.ready",
    }
)
NOT_CARRIED = frozenset({"csrf_token", "confirm_password", "confirm_credential", "acting_for"})


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def is_fresh() -> bool:
    """Whether the person of this session proved a short while ago who they are."""
    at = g.get("confirmed_at")
    return at is not None and now() - at <= timedelta(seconds=_settings().confirm_again_seconds)


def proved(form: ConfirmForm) -> bool:
    """Whether the form brings the password or a passkey of the signed-in person; then the session is fresh again."""
    stop_if_too_many("factor", str(current_user.id))
    answer, password = form.confirm_credential.data or "", form.confirm_password.data or ""
    right = (
        passkeys.used(answer, user=current_user) is not None
        if answer
        else bool(password) and bool(verify_password(password, current_user.password))
    )
    if not right:
        note_failure("factor", str(current_user.id))
        form.refuse(by_passkey=bool(answer))
        return False
    operations.confirm_session(sessions.session_key())
    # Kept whatever becomes of the form that goes on from here: it would be asked for again at every error in it.
    db.session.commit()
    g.confirmed_at = now()
    return True


def page_that_asks(form: ConfirmForm, *, action: str, carried: list[tuple[str, str]]) -> Response:
    offered = bool(factors.passkeys_of(current_user)) and passkeys.possible()
    page = render_template(
        "accounts/confirm.html",
        form=form,
        action=action,
        carried=carried,
        options=passkeys.options_to_use(current_user) if offered else "",
    )
    return make_response(page, 422 if request.method == "POST" else 200)


def _guard() -> Any:
    if request.endpoint is None or not current_actor().is_authenticated:
        return None
    if _must_set_up():
        return redirect(url_for("accounts.second_factor"), 303)
    view = current_app.view_functions[request.endpoint]
    if not getattr(view, "sensitive", False) or is_fresh():
        return None
    if request.method in SAFE_METHODS:
        return redirect(url_for("accounts.confirm", next=request.full_path.rstrip("?")))
    form = ConfirmForm()
    asked_before = "confirm_password" in request.form or "confirm_credential" in request.form
    if asked_before and proved(form):
        return None
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED]
    return page_that_asks(form, action=request.full_path.rstrip("?"), carried=carried)


def _must_set_up() -> bool:
    return (
        current_actor().staff_role is not None
        and current_user.second_factor_at is None
        and _settings().demands_second_factor
        and request.endpoint not in BEFORE_A_FACTOR
    )


def register_reauthentication(app: Flask) -> None:
    app.before_request(_guard)
