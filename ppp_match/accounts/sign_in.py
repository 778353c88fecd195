"""Sign-in, confirmation, reset and change of password: Flask-Security, bound to our users, templates and sessions.

What lives here: the settings and the seams. Forms stand in `sign_in_forms.py`, words in `words.py`, mails in
`mails.py`, rules for passwords in `passwords.py`, sessions in `sign_in_sessions.py`, the second step in
`second_step.py`, failures in `throttle.py`. Authorisation is not here: it
stands in `permissions.py`.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Flask, flash, make_response, redirect, render_template, request, url_for
from flask_security import Security
from flask_security.confirmable import confirm_email_token_status
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.utils import get_message
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ppp_match.accounts import mails, sign_in_forms, words
from ppp_match.accounts.models import User
from ppp_match.accounts.passwords import SHORTEST, PasswordRules
from ppp_match.accounts.reauthentication import register_reauthentication
from ppp_match.accounts.second_step import SecondStep
from ppp_match.accounts.sign_in_sessions import register_sign_in_sessions
from ppp_match.accounts.throttle import note_failure, register_throttle, stop_if_too_many
from ppp_match.config import Settings
from ppp_match.db import db, now
from ppp_match.extensions import limiter

PASSWORD_LINK_HOLDS = timedelta(hours=1)
CONFIRMATION_LINK_HOLDS = timedelta(days=2)
FORMS = {
    "login_form": sign_in_forms.SignInForm,
    "register_form": sign_in_forms.RegisterForm,
    "forgot_password_form": sign_in_forms.ForgotForm,
    "send_confirmation_form": sign_in_forms.SendConfirmationForm,
    "reset_password_form": sign_in_forms.ResetForm,
    "change_password_form": sign_in_forms.ChangeForm,
}


class Datastore(SQLAlchemyUserDatastore):
    """Users without Flask-Security's roles, since ours come from memberships; committed where all else is."""

    def __init__(self) -> None:
        super().__init__(db, User, role_model=None)  # type: ignore[arg-type]

    def _prepare_create_user_args(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.pop("roles", None)
        kwargs.setdefault("active", True)
        kwargs.setdefault(
            "fs_uniquifier", uuid.uuid4().hex
        )  # the confirmation link names it before it is stored
        return kwargs

    def commit(self) -> None:
        db.session.flush()


def register_sign_in(app: Flask, settings: Settings) -> None:
    """Bind Flask-Security with the forum's manners."""
    app.config.update(
        SECURITY_PASSWORD_SALT=settings.password_salt,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  the name of the method
        SECURITY_PASSWORD_LENGTH_MIN=SHORTEST,
        SECURITY_PASSWORD_CONFIRM_REQUIRED=False,
        SECURITY_HASHING_SCHEMES=[
            "hex_sha256"
        ],  # binds a link to what it is about; the signature protects it
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_REGISTERABLE=True,
        SECURITY_CLI_USERS_NAME=False,  # our own commands: Flask-Security's know nothing of our roles
        SECURITY_CLI_ROLES_NAME=False,
        SECURITY_CONFIRMABLE=True,
        SECURITY_CONFIRM_EMAIL_WITHIN=CONFIRMATION_LINK_HOLDS,
        SECURITY_RECOVERABLE=True,
        SECURITY_RESET_PASSWORD_WITHIN=PASSWORD_LINK_HOLDS,
        SECURITY_CHANGEABLE=True,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_SEND_REGISTER_EMAIL=True,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
        SECURITY_EMAIL_PLAINTEXT=False,  # mails are written when they are sent, from templates/mail
        SECURITY_EMAIL_HTML=False,
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_POST_REGISTER_VIEW="security.login",
        SECURITY_POST_CHANGE_VIEW="accounts.profile",
        SECURITY_USERNAME_ENABLE=False,
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_WAN_ALLOW_AS_MULTI_FACTOR=False,
        SECURITY_DEFAULT_REMEMBER_ME=False,
        **mails.TEMPLATES,
        **{f"SECURITY_MSG_{key}": told for key, told in words.WORDS.items()},
    )
    if settings.mode == "testing":
        app.config.update(
            SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={
                "argon2__rounds": 1,
                "argon2__memory_cost": 64,
                "argon2__parallelism": 1,
            },
            WTF_CSRF_ENABLED=False,
        )
    security: Any = Security(mail_util_cls=mails.AccountMail, password_util_cls=PasswordRules)
    security.init_app(app, Datastore(), render_template=_render, datetime_factory=now, **FORMS)
    security.want_json(lambda _request: False)  # pages only: no tokens, no second way in
    security.i18n_domain = words.OurCatalogue()
    register_sign_in_sessions(app)
    security.two_factor_plugins = SecondStep()
    register_throttle(app)
    register_reauthentication(app)
    views: dict[str, Any] = app.view_functions
    views["security.confirm_email"] = _asked_first(views["security.confirm_email"])
    views["security.register"] = _not_twice(views["security.register"])
    views["security.login"] = _counted(views["security.login"])
    _limit(app)
    app.after_request(_stay_here)


def _render(template: str, **context: Any) -> Response | str:
    """Render a page of Flask-Security; a form that came back with errors answers 422, so nothing is kept."""
    page = render_template(template, **context)
    form = next((value for name, value in context.items() if name.endswith("_form")), None)
    return make_response(page, 422) if form is not None and form.errors else page


def _asked_first(confirm: Any) -> Any:
    """Opening the link of a mail changes nothing, since programs open links too: a button confirms."""

    @wraps(confirm)
    def wrapper(token: str) -> Any:
        expired, invalid, user = confirm_email_token_status(token)
        if (
            user is not None and not invalid and user.confirmed_at is not None
        ):  # the link, or the button, once more
            flash(*get_message("ALREADY_CONFIRMED"))
            return redirect(url_for("security.login"), 303)
        unusable = expired or invalid or user is None
        if request.method == "POST" or unusable:
            return confirm(token)
        return render_template("security/confirm_email.html", token=token, email=user.email)

    return wrapper


def _not_twice(register: Any) -> Any:
    """Two registrations of one address at the same moment: the second is told what the first was told."""

    @wraps(register)
    def wrapper() -> Any:
        try:
            return register()
        except IntegrityError:
            db.session.rollback()
            flash(*get_message("CONFIRM_REGISTRATION", email=request.form.get("email", "").strip().lower()))
            return redirect(url_for("security.login"))

    return wrapper


def _typed_email() -> str:
    return f"account:{request.form.get('email', '').strip().lower()[:254]}"


def _refused(response: Response) -> bool:
    return response.status_code >= 400


def _counted(login: Any) -> Any:
    """Sign-in that counts what fails in the database, by the account that is named and the address."""

    @wraps(login)
    def wrapper() -> Any:
        if request.method != "POST":
            return login()
        named = request.form.get("email", "")
        stop_if_too_many("account", named)
        response = make_response(login())
        if _refused(response):
            note_failure("account", named)
        return response

    return wrapper


def _limit(app: Flask) -> None:
    """Limits by address and by the account that is named, known or not; only refusals count at sign-in."""
    views: dict[str, Any] = app.view_functions
    for endpoint in ("register", "forgot_password", "send_confirmation"):
        view = views[f"security.{endpoint}"]
        view = limiter.limit("10 per minute", methods=["POST"])(view)
        views[f"security.{endpoint}"] = limiter.limit("10 per hour", key_func=_typed_email, methods=["POST"])(
            view
        )
    for endpoint in ("reset_password", "change_password"):
        view = views[f"security.{endpoint}"]
        views[f"security.{endpoint}"] = limiter.limit("10 per minute", methods=["POST"])(view)
    view = limiter.limit("10 per minute", methods=["POST"], deduct_when=_refused)(views["security.login"])
    views["security.login"] = limiter.limit(
        "20 per 15 minutes", key_func=_typed_email, methods=["POST"], deduct_when=_refused
    )(view)


def _stay_here(response: Response) -> Response:
    """Sign-in leads on to pages of this forum only, whatever an address in a link says."""
    if (request.endpoint or "").startswith("security.") and response.location:
        here = request.host_url.rstrip("/")
        path = response.location.removeprefix(here)
        response.location = path if sign_in_forms.is_local_path(path) else url_for("home.index")
    return response
