"""The forms of this room. Every message is ours, so that it stands in both languages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from ppp_match.accounts.forms import OneOf, OneOfShown, Versioned
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.complaints import appeals, concerns, operations, subjects, words
from ppp_match.phrases.models import LONGEST_PHRASE
from ppp_match.phrases.words import KIND_NAMES, SEVERITY_NAMES


def _shorter(limit: int) -> Length:
    return Length(max=limit, message=_l("Shorten the text to %(max)d characters."))


def _long(label: Any, limit: int, missing: Any, description: Any = "") -> TextAreaField:
    return TextAreaField(
        label,
        description=description,
        filters=[paragraphs],
        validators=[DataRequired(missing), _shorter(limit)],
    )


def _choices(names: dict[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in names.items()]


class ReportForm(FlaskForm):
    """What is wrong with something."""

    part = OneOf(_l("Which part"), choices=_choices(words.PART_NAMES))
    kind = OneOfShown(
        _l("What is wrong with it?"),
        choices=_choices(words.REPORT_KIND_NAMES),
        validators=[InputRequired(_l("Choose what is wrong."))],
    )
    words = _long(
        _l("In your words"),
        operations.LONGEST_WORDS,
        _l("Say in a few words what is wrong and where."),
        _l(
            "Moderators of the forum read this. The organisation concerned does not, and does not learn your name."
        ),
    )


class DecideForm(Versioned):
    """What is done about a report."""

    measure = OneOfShown(_l("What is done"), validators=[InputRequired(_l("Choose what is done."))])
    reason = _long(
        _l("Reason"),
        operations.LONGEST_REASON,
        _l("Say why."),
        _l("The organisation concerned reads it, unless nothing is done. Do not name who reported."),
    )

    def __init__(self, *args: Any, subject_type: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.measure.choices = [
            SelectChoice(code, words.MEASURE_NAMES[code]) for code in subjects.measures_for(subject_type)
        ]


class AppealForm(FlaskForm):
    words = _long(
        _l("Why is the decision wrong?"),
        appeals.LONGEST_WORDS,
        _l("Say why the decision is wrong."),
        _l("Name what was overlooked or misunderstood. You can appeal once against each decision."),
    )


class AnswerAppealForm(Versioned):
    outcome = OneOfShown(
        _l("Answer"),
        choices=[
            SelectChoice("upheld", _l("The decision stands")),
            SelectChoice("overturned", _l("The decision is turned back")),
        ],
        validators=[InputRequired(_l("Choose an answer."))],
    )
    answer = _long(_l("Reason"), appeals.LONGEST_ANSWER, _l("Say why."), _l("The organisation reads it."))


class PhraseForm(Versioned):
    words = StringField(
        _l("Phrase"),
        description=_l("Whole words are looked for, without regard to capitals and diacritics."),
        filters=[one_line],
        validators=[DataRequired(_l("Write the phrase.")), _shorter(LONGEST_PHRASE)],
    )
    lang = OneOf(
        _l("Language of the phrase"),
        choices=[SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")],
        validators=[InputRequired(_l("Choose a language"))],
    )
    kind = OneOf(_l("Kind"), choices=_choices(KIND_NAMES), validators=[InputRequired(_l("Choose the kind."))])
    severity = OneOfShown(
        _l("What happens"),
        choices=_choices(SEVERITY_NAMES),
        validators=[InputRequired(_l("Choose what happens."))],
    )
    active = BooleanField(_l("The phrase is looked for"))

    def values(self) -> dict[str, Any]:
        return {name: self[name].data for name in ("words", "lang", "kind", "severity", "active")}


class ConcernForm(FlaskForm):
    """A concern in confidence. The secret comes with the form, so that a second click tells nothing twice."""

    secret = HiddenField()
    kind = OneOfShown(
        _l("What is it about?"),
        choices=_choices(words.CONCERN_KIND_NAMES),
        validators=[InputRequired(_l("Choose what it is about."))],
    )
    text = _long(
        _l("What happened?"),
        concerns.LONGEST_WORDS,
        _l("Say what happened."),
        _l("Who, what, when, where, how you know. Leave your name out if you want to stay unknown."),
    )


class AgainForm(FlaskForm):
    """Coming back to a case."""

    code = StringField(
        _l("Case code"),
        filters=[one_line],
        validators=[DataRequired(_l("Enter the case code.")), _shorter(20)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    secret = StringField(
        _l("Secret phrase"),
        filters=[one_line],
        validators=[DataRequired(_l("Enter the secret phrase.")), _shorter(60)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class MoreForm(FlaskForm):
    """More words to a case; code and secret come along as hidden fields."""

    code = HiddenField()
    secret = HiddenField()
    text = _long(_l("Add something"), concerns.LONGEST_WORDS, _l("Write what you want to add."))


class ConcernAnswerForm(Versioned):
    text = _long(
        _l("Answer to the person"),
        concerns.LONGEST_WORDS,
        _l("Write an answer."),
        _l("Whoever holds the code and the secret reads it."),
    )
    close = BooleanField(_l("Close the case"))
