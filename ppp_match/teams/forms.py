"""Forms of a team: an invitation, a removal, a handover, leaving, an account by invitation."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation, ValidationError

from ppp_match.accounts.forms import OneOf, OneOfShown, valid_email
from ppp_match.accounts.models import User
from ppp_match.accounts.sign_in_forms import AsksToAgree, agree_field
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.teams.invitations import LONGEST_MESSAGE
from ppp_match.teams.operations import LONGEST_NOTE
from ppp_match.web import page_lang

LANGUAGES = [SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")]
NOBODY = SelectChoice("", "–")


def _shorter(limit: int) -> Length:
    return Length(max=limit, message=_l("Shorten the text to %(max)d characters."))


def _people(people: Iterable[User]) -> list[SelectChoice]:
    return [
        SelectChoice(str(one.id), f"{one.name}, {one.job_title}" if one.job_title else one.name)
        for one in people
    ]


def _chosen(field: Any) -> uuid.UUID | None:
    return uuid.UUID(field.data) if field.data else None


class InviteForm(FlaskForm):
    """Whom to invite, as what, in which language."""

    email = EmailField(
        _l("E-mail of the person"),
        filters=[one_line],
        validators=[DataRequired(_l("Enter the e-mail address of the person.")), _shorter(254), valid_email],
    )
    role = OneOfShown(
        _l("Role"),
        choices=[SelectChoice("member", _l("member")), SelectChoice("owner", _l("owner"))],
        default="member",
        validators=[InputRequired(_l("Choose one."))],
    )
    lang = OneOfShown(
        _l("Language of the mail"), choices=LANGUAGES, validators=[InputRequired(_l("Choose a language."))]
    )
    message = TextAreaField(
        _l("A few words to the person"), filters=[paragraphs], validators=[_shorter(LONGEST_MESSAGE)]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_submitted():
            self.lang.data = page_lang()


class SuccessorForm(FlaskForm):
    """Who takes over. `needed` says whether somebody has to be named."""

    successor = OneOf(_l("Successor"))
    needed = False

    def among(self, people: list[User], *, needed: bool) -> Any:
        self.needed = needed
        self.successor.choices = [NOBODY, *_people(people)]
        return self

    def validate_successor(self, field: Any) -> None:
        if self.needed and not field.data:
            raise ValidationError(_l("Choose who takes over what is still open."))

    def successor_id(self) -> uuid.UUID | None:
        return _chosen(self.successor)


class RemoveForm(SuccessorForm):
    """Why somebody is removed, and who takes over."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("The person reads it in the notice about this."),
        filters=[paragraphs],
        validators=[DataRequired(_l("Give a reason in a few words.")), _shorter(LONGEST_NOTE)],
    )


class LeaveForm(SuccessorForm):
    """Who takes over, and for the last owner who becomes one."""

    new_owner = OneOf(
        _l("New owner"), description=_l("You are the last owner. An organisation keeps at least one.")
    )
    last_owner = False

    def ask_for_owner(self, people: list[User], *, last: bool) -> LeaveForm:
        self.last_owner = last
        self.new_owner.choices = [NOBODY, *_people(people)]
        return self

    def validate_new_owner(self, field: Any) -> None:
        if self.last_owner and not field.data:
            raise ValidationError(_l("Choose who becomes an owner in your place."))

    def new_owner_id(self) -> uuid.UUID | None:
        return _chosen(self.new_owner) if self.last_owner else None


class Items(SelectMultipleField):
    """Several of what somebody holds; anything else is refused in our words."""

    def pre_validate(self, _form: Any) -> None:
        known = {choice.value for choice in self.iter_choices()}
        if not self.data:
            raise StopValidation(_l("Choose at least one item to hand over."))
        if set(self.data) - known:
            raise StopValidation(
                _l("Somebody handed one of these over a moment earlier. Look at the list again.")
            )


class HandoverForm(SuccessorForm):
    """What goes to whom, with a note."""

    items = Items(_l("What to hand over"))
    note = TextAreaField(
        _l("Note to the successor"),
        description=_l("What they should know: what is promised, whom to call, what is due next."),
        filters=[paragraphs],
        validators=[_shorter(LONGEST_NOTE)],
    )

    def item_ids(self) -> list[uuid.UUID]:
        return [uuid.UUID(value) for value in self.items.data or []]


class AccountForm(AsksToAgree, FlaskForm):
    """An account for the invited address, which stands in the invitation; consent as at any other registration."""

    name = StringField(
        _l("Your name"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Enter your name.")),
            Length(max=120, message=_l("Shorten the name to 120 characters.")),
        ],
    )
    password = PasswordField(
        _l("Password"),
        description=_l("At least 8 characters. A few words in a row are better than signs."),
        validators=[InputRequired(_l("Enter a password."))],
    )
    agree = agree_field()
    agree_to = HiddenField()

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = email

    def validate_password(self, field: Any) -> None:
        rules = current_app.extensions["security"].password_util
        problems, field.data = rules.validate(field.data, True, email=self.address, name=self.name.data)
        if problems:
            raise ValidationError(problems[0])


class CloseForm(FlaskForm):
    """The end of an account, for good."""

    sure = BooleanField(
        _l("I want to close my account for good."),
        validators=[InputRequired(_l("Tick the box to close the account."))],
    )
