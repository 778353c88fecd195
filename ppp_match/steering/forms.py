"""The forms of this room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import FloatField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.matching.score import MOST
from ppp_match.steering.models import GRADES
from ppp_match.steering.operations import NOTE_AT_MOST
from ppp_match.steering.versions import NAME_AT_MOST

GRADE_NAMES = {
    0: _l("0: does not answer the need"),
    1: _l("1: related, answers a small part"),
    2: _l("2: answers a major part"),
    3: _l("3: meets the need"),
}


class JudgementForm(FlaskForm):
    """How well the capability answers the need."""

    grade = RadioField(
        _l("How well does the capability answer the need?"),
        description=_l(
            "Judge by what is asked and what is offered. Country, money and form of contract are the rules' matter."
        ),
        choices=[SelectChoice(str(grade), GRADE_NAMES[grade]) for grade in GRADES],
        validators=[InputRequired(_l("Choose a grade."))],
    )
    note = TextAreaField(
        _l("Why?"),
        description=_l("For those who judge the same pair. At most 1,000 characters."),
        filters=[paragraphs],
        validators=[Length(max=NOTE_AT_MOST, message=_l("Shorten the note to 1,000 characters."))],
    )


class PairForm(FlaskForm):
    """Which need and which capability are to be judged."""

    need = StringField(
        _l("Number of the need"),
        description=_l("As it stands in its page, such as N-0412."),
        filters=[one_line],
        validators=[InputRequired(_l("Give the number of the need.")), Length(max=40)],
    )
    capability = StringField(
        _l("Number of the capability"),
        description=_l("As it stands in its page, such as C-0188."),
        filters=[one_line],
        validators=[InputRequired(_l("Give the number of the capability.")), Length(max=40)],
    )


class ImportForm(FlaskForm):
    """A file of judged pairs."""

    file = FileField(
        _l("File of judged pairs"),
        description=_l(
            "Text with three columns separated by tabs, need_id, cap_id and grade, which the first line names. "
            "A listing goes by its number, such as N-0412. At most 5,000 lines."
        ),
        validators=[InputRequired(_l("Choose a file."))],
    )


WEIGHT_NAMES = {
    "sector": _l("Same sector"),
    "subsector": _l("Same sub-sector"),
    "ascf_area": _l("Same area of the ASEAN framework"),
    "sdg": _l("Same development goal"),
    "delivery": _l("Stage and way of delivery fit"),
    "references": _l("Confirmed reference projects"),
    "recency": _l("Published recently"),
}


class WeightField(FloatField):
    """A number as either language writes it: 0.6 or 0,6. What is none is told by the validators alone."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            self.data = float(valuelist[0].strip().replace(",", "."))
        except (ValueError, IndexError):
            self.data = None  # type: ignore[assignment]  # as WTForms leaves it


def _weight(feature: str) -> WeightField:
    words = _l("Give a number from 0 to 5.")
    return WeightField(WEIGHT_NAMES[feature], validators=[InputRequired(words), NumberRange(0, MOST, words)])


class NamesAVersion(FlaskForm):
    """What a new version of the matcher is called, and why it is offered."""

    name = StringField(
        _l("Name"),
        description=_l("What this version tries, in a few words."),
        filters=[one_line],
        validators=[
            InputRequired(_l("Give the version a name.")),
            Length(max=NAME_AT_MOST, message=_l("Shorten the name to 80 characters.")),
        ],
    )
    note = TextAreaField(
        _l("Why?"),
        description=_l("For the administrator who decides. At most 1,000 characters."),
        filters=[paragraphs],
        validators=[Length(max=NOTE_AT_MOST, message=_l("Shorten the note to 1,000 characters."))],
    )


class VersionForm(NamesAVersion):
    """A version by hand: other weights for the features that scale the text."""

    sector = _weight("sector")
    subsector = _weight("subsector")
    ascf_area = _weight("ascf_area")
    sdg = _weight("sdg")
    delivery = _weight("delivery")
    references = _weight("references")
    recency = _weight("recency")


class ActivateForm(FlaskForm):
    """The reason for letting a version rank."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("It stands in the audit trail. At most 1,000 characters."),
        filters=[paragraphs],
        validators=[
            InputRequired(_l("Give a reason.")),
            Length(max=NOTE_AT_MOST, message=_l("Shorten the reason to 1,000 characters.")),
        ],
    )
