"""The second step of signing in: after the right password a code, a passkey or a recovery code.

Until then nobody is signed in; the session only remembers for whom the password was right, for five minutes. A passkey
that has verified its owner stands for both steps. `SecondStep` is what Flask-Security asks wherever it would sign
somebody in, so that no way leads around it.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_security.tf_plugin import TfPlugin
from flask_security.utils import login_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from ppp_match.accounts import factors, passkeys
from ppp_match.accounts.factor_forms import PasskeyForm, SecondStepForm
from ppp_match.accounts.models import User
from ppp_match.accounts.sign_in_forms import is_local_path
from ppp_match.accounts.throttle import note_failure, stop_if_too_many
from ppp_match.accounts.totp import codes, digits_of
from ppp_match.db import db
from ppp_match.web import public

blueprint = Blueprint("second_step", __name__)
HOLDS = 300  # seconds between the two steps


class SecondStep(TfPlugin):
    """Asked by Flask-Security before it signs somebody in."""

    def tf_enter(
        self, user: Any, remember_me: bool | None, primary_authn_via: str, next_loc: str | None
    ) -> Any:
        """The way to the second step for a person who has one; None lets them in."""
        if user.second_factor_at is None:
            return None
        wanted = request.form.get("next") or request.args.get("next") or ""
        session["second_step"] = {
            "who": str(user.fs_uniquifier),
            "password": _print_of(user),
            "at": time.time(),
            "next": wanted if is_local_path(wanted) else "",
        }
        return redirect(url_for("second_step.ask"))


def _waiting() -> User | None:
    """For whom the password was right a moment ago."""
    step = session.get("second_step") or {}
    if time.time() - step.get("at", 0) > HOLDS:
        session.pop("second_step", None)
        return None
    user = db.session.scalar(select(User).where(User.fs_uniquifier == step["who"], User.active.is_(True)))
    return user if user is not None and step["password"] == _print_of(user) else None


def _print_of(user: User) -> str:
    """Changes with the password: who proved an old one begins again."""
    return hashlib.sha256(user.password.encode()).hexdigest()


def _enter(user: User, how: str) -> Response:
    wanted = (session.pop("second_step", None) or {}).get("next", "")
    login_user(user, remember=False, authn_via=[how])
    return redirect(wanted if is_local_path(wanted) else url_for("home.index"))


def _too_late() -> Response:
    flash(_("That took too long. Begin with e-mail and password again."), "info")
    return redirect(url_for("security.login"))


@blueprint.route("/login/second-step", methods=["GET", "POST"])
@public
def ask() -> Response | str | tuple[str, int]:
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    user = _waiting()
    if user is None:
        return _too_late()
    form = SecondStepForm()
    if request.method == "POST":
        stop_if_too_many("factor", str(user.id))
        answer = form.credential.data or ""
        if answer and passkeys.used(answer, user=user):
            return _enter(user, "passkey")
        if form.validate() and not answer:
            factory = codes(current_app.extensions["settings"])
            typed = form.code.data or ""
            if factors.code_is_right(user, typed, factory):
                return _enter(user, "code")
            if not digits_of(typed) and factors.use_recovery_code(user, typed):
                flash(
                    _("You used a recovery code. %(num)s are left.", num=factors.codes_left(user)), "warning"
                )
                return _enter(user, "recovery")
        note_failure("factor", str(user.id))
        form.refuse(by_passkey=bool(answer))
    offered = bool(factors.passkeys_of(user)) and passkeys.possible()
    page = render_template(
        "security/second_step.html",
        form=form,
        options=passkeys.options_to_use(user) if offered else "",
        has_app=bool(factors.authenticators_of(user)),
    )
    return (page, 422) if form.errors else page


@blueprint.post("/login/passkey")
@public
def by_passkey() -> Response:
    """Signing in with a passkey alone."""
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    form = PasskeyForm()
    stop_if_too_many("address")
    user = passkeys.used(form.credential.data or "")
    if user is None or not user.active or user.confirmed_at is None:
        note_failure("address")
        flash(_("This passkey could not be used. Sign in with e-mail and password."), "error")
        return redirect(url_for("security.login"))
    wanted = form.next.data or ""
    session["second_step"] = {"next": wanted}
    return _enter(user, "passkey")
