"""Forms of questions. Every message is ours, so that it stands in both languages; what was typed is kept."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from ppp_match.accounts.forms import OneOf, shorter
from ppp_match.accounts.text_fields import paragraphs
from ppp_match.introductions.forms import LANGUAGES
from ppp_match.introductions.models import Introduction
from ppp_match.listings import contact_data
from ppp_match.listings.presentation import finding_words
from ppp_match.questions import operations
from ppp_match.questions.models import LONGEST, LONGEST_ANSWER, LONGEST_REASON, SHORTEST

MOST_NAMED = 3


def _between(longest: int) -> Length:
    return Length(
        SHORTEST,
        longest,
        message=_l("Write between %(min)d and %(max)d characters.", min=SHORTEST, max=longest),
    )


def _text(label: Any, longest: int, description: Any = "") -> TextAreaField:
    return TextAreaField(
        label,
        description=description,
        filters=[paragraphs],
        validators=[InputRequired(_l("Write the text.")), _between(longest)],
    )


class Public(FlaskForm):
    """A text that everybody will read: contact data is pointed out, and its writer mends it or says that it is none."""

    PUBLIC: tuple[str, ...] = ("text",)

    lang = OneOf(_l("Language of the text"), choices=LANGUAGES)
    no_contact_data = BooleanField(
        _l("It is no private contact data"),
        description=_l("Tick this if what was pointed out may be read by everybody."),
    )

    @property
    def points_out(self) -> bool:
        """Whether the box for contact data is of use."""
        return bool(self.no_contact_data.data) or any(
            contact_data.find(self[name].data or "") for name in self.PUBLIC
        )

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if self.no_contact_data.data:
            return bool(good)
        for name in self.PUBLIC:
            found = contact_data.find(self[name].data or "")
            if found:
                shown = "; ".join(f"“{one.words}” {finding_words(one.kind)}" for one in found[:MOST_NAMED])
                words = _("Everybody will read this: %(found)s. Mend it, or tick the box below.", found=shown)
                self[name].errors = [*self[name].errors, words]
                good = False
        return bool(good)


class AskForm(Public):
    """A question to the city."""

    text = _text(
        _l("Your question"),
        LONGEST,
        _l(
            "Ask one thing. Everybody reads the question once it is answered, so write nothing that is confidential."
        ),
    )


class AnswerForm(Public):
    """An answer to all, or one that corrects what was answered."""

    text = _text(
        _l("Your answer"), LONGEST_ANSWER, _l("Everybody reads it, with its date. It is not changed later.")
    )
    changes_need = BooleanField(
        _l("This changes the need"),
        description=_l(
            "Then it is also sent to the forum as an addendum, which a moderator reads before it is published."
        ),
    )


class DeclineForm(FlaskForm):
    """Why the city does not answer."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("Whoever asked reads it, and so does the forum. The question is not published."),
        filters=[paragraphs],
        validators=[
            DataRequired(_l("Say why.")),
            shorter(LONGEST_REASON),
        ],
    )


class PublishForm(Public):
    """What was answered in a conversation, in the city's own words."""

    PUBLIC = ("question", "answer")

    question = _text(
        _l("The question, in your words"), LONGEST, _l("Without the company's name and what only it knows.")
    )
    answer = _text(_l("The answer for all"), LONGEST_ANSWER)

    def __init__(self, introduction: Introduction, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.introduction = introduction

    def _without_names(self, field: Any) -> None:
        names = operations.names_in(self.introduction, field.data or "")
        if names:
            raise ValidationError(
                _("“%(name)s” stands in the text. Write it without the name.", name=names[0])
            )

    validate_question = _without_names
    validate_answer = _without_names
