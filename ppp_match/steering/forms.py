"""The forms of this room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.steering.models import GRADES
from ppp_match.steering.operations import NOTE_AT_MOST

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
