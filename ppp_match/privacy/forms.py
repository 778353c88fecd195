"""The forms of this room. Every message is ours, so that it stands in both languages."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from ppp_match.accounts.forms import OneOfShown, Versioned
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.privacy.retention import MOST_DAYS

TEXT_LONGEST = 40_000
WORDS_LONGEST = 600


def _shorter(limit: int) -> Length:
    return Length(max=limit, message=_l("Shorten the text to %(max)d characters."))


def _long(label: Any, limit: int, *checks: Any, description: Any = "") -> TextAreaField:
    return TextAreaField(
        label, description=description, filters=[paragraphs], validators=[*checks, _shorter(limit)]
    )


REASON = _l("Say why: it is kept in the audit trail.")


class TermsForm(Versioned):
    """The text of a version in both languages, and what is new in it."""

    text_vi = _long(
        _l("Text in Vietnamese"), TEXT_LONGEST, description=_l("Markdown: ## heading, **bold**, - list.")
    )
    text_en = _long(_l("Text in English"), TEXT_LONGEST)
    change_vi = _long(
        _l("What is new, in Vietnamese"),
        2000,
        description=_l("Shown to those who agreed to the version before. Leave it open for a first version."),
    )
    change_en = _long(_l("What is new, in English"), 2000)

    def values(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("text_vi", "text_en", "change_vi", "change_en")}


class PublishForm(Versioned):
    """From which day a version holds."""

    effective_on: Any = DateField(
        _l("In force from"),
        description=_l("Today, or a later day. Until then the version before holds."),
        validators=[InputRequired(_l("Choose the day from which it holds."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.effective_on.process_errors:
            self.effective_on.process_errors = [_l("Write the day as a date.")]
        if self.effective_on.data is not None and self.effective_on.data > date(2200, 1, 1):
            self.effective_on.data = None
            self.effective_on.raw_data = []


class CorrectionForm(FlaskForm):
    what = _long(
        _l("What is wrong, and what is right?"),
        2000,
        DataRequired(_l("Write what is wrong and what is right.")),
        description=_l(
            "For example a name in a published text, or a note about you. Do not send copies of identity papers."
        ),
    )


class AnswerForm(Versioned):
    state = OneOfShown(
        _l("Answer"),
        choices=[
            SelectChoice("done", _l("It is corrected")),
            SelectChoice("declined", _l("It stays as it is")),
        ],
        validators=[InputRequired(_l("Choose an answer."))],
    )
    answer = _long(
        _l("Words to the person"),
        2000,
        DataRequired(_l("Say what was done, or why not.")),
        description=_l("The person reads this."),
    )


class SureForm(FlaskForm):
    """Asks for erasure: a box, so that a stray press does nothing."""

    sure = BooleanField(
        _l("I understand what goes, what stays, and that it cannot be undone after the waiting time."),
        validators=[InputRequired(_l("Tick the box if you are sure."))],
    )


class RuleForm(Versioned):
    """How long a kind of data is kept, and why."""

    days = IntegerField(_l("Days"))
    active = BooleanField(_l("The rule is carried out"))
    why_vi = _long(_l("Why, in Vietnamese"), WORDS_LONGEST, DataRequired(_l("Say why, in both languages.")))
    why_en = _long(_l("Why, in English"), WORDS_LONGEST, DataRequired(_l("Say why, in both languages.")))
    basis_vi = _long(_l("Legal basis, in Vietnamese"), WORDS_LONGEST)
    basis_en = _long(_l("Legal basis, in English"), WORDS_LONGEST)
    reason = _long(_l("Reason of the change"), 1000, DataRequired(REASON), description=REASON)

    def __init__(self, *args: Any, least: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = _l("Enter a whole number of days from %(least)d to %(most)d.", least=least, most=MOST_DAYS)
        self.days.validators = [InputRequired(words), NumberRange(least, MOST_DAYS, words)]
        if self.days.process_errors:
            self.days.process_errors = [words]

    def words(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("why_vi", "why_en", "basis_vi", "basis_en")}


class HoldForm(FlaskForm):
    subject_type = OneOfShown(
        _l("Of what"),
        choices=[
            SelectChoice("user", _l("a person")),
            SelectChoice("organisation", _l("an organisation")),
            SelectChoice("listing", _l("a need or capability")),
            SelectChoice("introduction", _l("an introduction")),
        ],
        validators=[InputRequired(_l("Choose of what."))],
    )
    subject = StringField(
        _l("Its identifier"),
        description=_l("The last part of the address of its page."),
        filters=[one_line],
        validators=[DataRequired(_l("Enter the identifier.")), _shorter(300)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    reason = _long(_l("Reason"), 1000, DataRequired(REASON), description=REASON)

    def subject_id(self) -> uuid.UUID | None:
        """The identifier that was typed, or that ends the address that was pasted."""
        typed = (self.subject.data or "").rstrip("/").rpartition("/")[2]
        try:
            return uuid.UUID(typed)
        except ValueError:
            return None


class LiftForm(FlaskForm):
    reason = _long(_l("Reason"), 1000, DataRequired(REASON), description=REASON)
