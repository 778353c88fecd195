"""Forms of the second step, of setting up a second factor and of proving again who one is."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from ppp_match.accounts.forms import OneOfShown, valid_email
from ppp_match.accounts.sign_in_forms import MISSING_EMAIL, LocalNext
from ppp_match.accounts.text_fields import one_line, paragraphs


def _name(label: Any, example: Any) -> StringField:
    return StringField(
        label,
        description=example,
        filters=[one_line],
        validators=[
            DataRequired(_l("Give it a name by which you know it again.")),
            Length(max=60, message=_l("Shorten the text to %(max)d characters.")),
        ],
        render_kw={"autocomplete": "off"},
    )


def _code(label: Any, description: Any = "", missing: Any = None) -> StringField:
    return StringField(
        label,
        description=description,
        filters=[one_line],
        validators=[DataRequired(missing or _l("Enter the code."))],
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )


class SecondStepForm(FlaskForm):
    """A code of an app or a recovery code, or what a passkey answered."""

    code = _code(_l("Code"))
    credential = HiddenField()

    def refuse(self, *, by_passkey: bool) -> None:
        """Say that it was not right: the same for a wrong, an old and a used code."""
        if by_passkey:
            self.code.errors = []
            self.form_errors.append(_("This passkey could not be used. Try again, or enter a code."))
        elif not self.code.errors:
            self.code.errors = [
                _("This code is not right or was used before. Wait for the next one and try again.")
            ]


class PasskeyForm(LocalNext, FlaskForm):
    """What a passkey answered at sign-in."""

    credential = HiddenField()


class NewAppForm(FlaskForm):
    """A name for the app and the first code that it tells."""

    name = _name(_l("Name of the app"), _l("For example the device it is on: “work phone”."))
    code = _code(_l("Code that the app shows now"))


class NewPasskeyForm(FlaskForm):
    """A name for the passkey; the script brings what the browser made."""

    name = _name(_l("Name of the passkey"), _l("For example the device or key: “office computer”."))
    credential = HiddenField()


class ConfirmForm(FlaskForm):
    """The password, or what a passkey answered."""

    confirm_password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})
    confirm_credential = HiddenField()

    def refuse(self, *, by_passkey: bool) -> None:
        if by_passkey:
            self.form_errors.append(_("This passkey could not be used. Try again, or enter the password."))
        else:
            self.confirm_password.errors = [_("The password is not right.")]


class EmailForm(FlaskForm):
    """The new address of an account."""

    email = EmailField(
        _l("New e-mail address"),
        filters=[one_line],
        validators=[
            InputRequired(MISSING_EMAIL),
            Length(max=254, message=_l("Shorten the text to %(max)d characters.")),
            valid_email,
        ],
        render_kw={"autocomplete": "email"},
    )


def reason(label: Any, description: Any) -> TextAreaField:
    """Words that go into the audit trail and, where the page says so, to the person."""
    return TextAreaField(
        label,
        description=description,
        filters=[paragraphs],
        validators=[
            DataRequired(_l("Give a reason.")),
            Length(max=1000, message=_l("Shorten the text to %(max)d characters.")),
        ],
    )


class ReasonForm(FlaskForm):
    """A reason for a step of administration about a person."""

    reason = reason(_l("Reason"), _l("The person reads it in a mail; it is kept in the audit trail."))


class RoleForm(FlaskForm):
    """A staff role that is proposed for a person."""

    role = OneOfShown(
        _l("Role"),
        choices=[
            SelectChoice("moderator", _l("moderator")),
            SelectChoice("administrator", _l("administrator")),
        ],
        validators=[InputRequired(_l("Choose a role."))],
    )
    reason = reason(_l("Reason"), _l("Another administrator reads it before they decide."))
