"""Forms of sign-in, registration, reset and change of password, with our labels and our words.

Flask-Security's forms give the checks; fields are declared anew where their label or message would be its own.
"""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import forms as fs
from flask_security.confirmable import send_confirmation_instructions
from flask_security.utils import get_message, hash_password
from markupsafe import Markup, escape
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from ppp_match.accounts.text_fields import one_line
from ppp_match.consents.models import ConsentVersion
from ppp_match.consents.queries import needed_in_force
from ppp_match.web import page_lang

MISSING_EMAIL = _l("Enter your e-mail address.")
MISSING_PASSWORD = _l("Enter a password.")


def is_local_path(address: str | None) -> bool:
    """Whether an address leads to a page of this forum: a path, without host, scheme or anything browsers bend."""
    if not address or not address.startswith("/") or address.startswith("//"):
        return False
    return "\\" not in address and all(c.isprintable() and not c.isspace() for c in address)


def _email(*checks: Any) -> EmailField:
    return EmailField(
        _l("E-mail"),
        validators=[fs.IsString(), InputRequired(MISSING_EMAIL), *checks],
        render_kw={"autocomplete": "email"},
    )


def _password(label: Any, autocomplete: str, description: Any = "") -> PasswordField:
    return PasswordField(
        label,
        validators=[fs.IsString(), InputRequired(MISSING_PASSWORD)],
        render_kw={"autocomplete": autocomplete},
        description=description,
    )


def _new_password(label: Any) -> PasswordField:
    return _password(
        label, "new-password", _l("At least 8 characters. A few words in a row are better than signs.")
    )


class LocalNext:
    """A hidden `next` that leads to pages of this forum only; anything else is dropped."""

    next = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = self.next.data or request.args.get("next")
        self.next.data = wanted if is_local_path(wanted) else ""

    def validate_next(self, _field: Any) -> None:
        """Dropped above, so there is nothing to refuse."""


class SignInForm(LocalNext, fs.LoginForm):
    """E-mail and password. A device is not remembered past its session: sessions live on the server."""

    email = _email(fs.EmailValidation(verify=False))
    password = _password(_l("Password"), "current-password")
    remember = None
    submit = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # the way to a new password stands beside the button

    def validate(self, **kwargs: Any) -> bool:
        if super().validate(**kwargs):
            return True
        missing = not self.email.data or not self.password.data
        if self.user is None and self.password.data and self.email.errors and not self.ifield:
            hash_password(self.password.data)  # an address that cannot be one takes as long as a wrong one
        told = get_message("GENERIC_AUTHN_FAILED")[0]
        if self.user_authenticated:  # the password was right, so the owner may know what is wrong
            key = "CONFIRMATION_REQUIRED" if self.requires_confirmation else "DISABLED_ACCOUNT"
            told = get_message(key)[0]
        elif missing:
            told = str(_l("Enter e-mail and password."))
        self.email.errors, self.password.errors = [], []
        self.form_errors.append(told)
        return False


class AgreeField(BooleanField):
    """A box that names the texts that one agrees to, with the versions that hold now."""

    versions: list[ConsentVersion] = []

    def words(self) -> Markup:
        lang = page_lang()
        addresses = {"terms": url_for("privacy.terms"), "privacy": url_for("privacy.notice")}
        names = [
            Markup('<a href="{}" target="_blank">{}</a>').format(
                addresses[one.purpose_code], one.purpose.name(lang)
            )
            if one.purpose_code in addresses
            else escape(one.purpose.name(lang))
            for one in self.versions
        ]
        return escape(_("I have read and agree to:")) + " " + Markup(", ").join(names)


def agree_field() -> AgreeField:
    return AgreeField(
        _l("I agree"), validators=[DataRequired(_l("Without your agreement no account can be opened."))]
    )


class AsksToAgree:
    """A form that opens an account: consent to what is in force, by versions. Nothing in force, nothing asked.

    Each form declares `agree` and `agree_to` behind its other fields, since errors are listed in that order.
    """

    agree: AgreeField
    agree_to: HiddenField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = needed_in_force()
        if not self.versions:
            del self.agree
            del self.agree_to
            return
        self.agree.versions = self.versions
        held = " ".join(str(one.id) for one in self.versions)
        if self.is_submitted() and self.agree_to.data != held:  # type: ignore[attr-defined]
            self.agree.data = False  # another version has come into force since the page was opened
        self.agree_to.data = held


class RegisterForm(LocalNext, AsksToAgree, fs.RegisterFormV2):
    """A new account: name, e-mail, password, consent to what is in force. The language is the one of the page."""

    name = StringField(
        _l("Your name"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Enter your name.")),
            Length(max=120, message=_l("Shorten the name to 120 characters.")),
        ],
        render_kw={"autocomplete": "name"},
    )
    email = _email(fs.EmailValidation(verify=True), fs.unique_user_email)
    password = _new_password(_l("Password"))
    password_confirm = None
    submit = None
    agree = agree_field()
    agree_to = HiddenField()

    def to_dict(self, only_user: bool) -> dict[str, Any]:
        values = {"name": self.name.data, "email": self.email.data, "password": self.password.data}
        return {**values, "locale": page_lang()}


class AsksForAnAddress:
    """A page that answers alike whether an account exists or not says what is wrong with an address that is none.

    Flask-Security hides what stands at the field there; what stands at the form stays.
    """

    email: Any
    form_errors: list[Any]

    def validate(self, **kwargs: Any) -> bool:
        valid: bool = super().validate(**kwargs)  # type: ignore[misc]
        wrong = {str(MISSING_EMAIL), str(get_message("INVALID_EMAIL_ADDRESS")[0])}
        self.form_errors += [told for told in self.email.errors if str(told) in wrong][:1]
        return valid


class ForgotForm(AsksForAnAddress, fs.ForgotPasswordForm):
    """Asks for a link to set a new password. Takes as long for an unknown address as for a known one."""

    email = _email(fs.EmailValidation(verify=True), fs.valid_user_email)
    submit = None

    def validate(self, **kwargs: Any) -> bool:
        valid = super().validate(**kwargs)
        if valid:
            hash_password("not-a-password")  # the view does the same where there is no account
        elif self.requires_confirmation:
            send_confirmation_instructions(self.user)
        return valid


class SendConfirmationForm(AsksForAnAddress, fs.SendConfirmationForm):
    """Asks for the confirmation mail again."""

    email = _email(fs.EmailValidation(verify=True), fs.valid_user_email)
    submit = None

    def validate(self, **kwargs: Any) -> bool:
        hash_password("not-a-password")  # drowns the difference between a known and an unknown address
        return super().validate(**kwargs)


class ResetForm(fs.ResetPasswordForm):
    """A new password, by the link from the mail."""

    password = _new_password(_l("New password"))
    password_confirm = None
    submit = None


class ChangeForm(fs.ChangePasswordForm):
    """The present password and a new one."""

    password = _password(_l("Present password"), "current-password")
    new_password = _new_password(_l("New password"))
    new_password_confirm = None
    submit = None
