"""The forms of the lexicon's editor."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from ppp_match.accounts.text_fields import one_line
from ppp_match.steering.forms import NamesAVersion

TERM_AT_MOST = 120


class DraftForm(FlaskForm):
    """Whatever writes into a draft says at which version of it the page was opened."""

    version = HiddenField()

    @property
    def draft_version(self) -> int:
        """0 where there was no draft, and for anything that is no number: no draft is at -1."""
        text = self.version.data or "0"
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _term() -> StringField:
    return StringField(
        filters=[one_line],
        validators=[
            InputRequired(_l("Write at least one word.")),
            Length(max=TERM_AT_MOST, message=_l("Shorten it to 120 characters.")),
        ],
    )


class EntryForm(DraftForm):
    """An entry to add; the page names the two sides by its kind."""

    one = _term()
    other = _term()
    sector = SelectField(
        _l("Sector"),
        description=_l("Where a word has several meanings, pages show the one of the text's sector first."),
        validators=[InputRequired(_l("Choose a sector."))],
    )


class ChangeForm(DraftForm):
    """A button that names an entry by its words."""

    action = HiddenField()
    kind = HiddenField()
    one = HiddenField()
    other = HiddenField()


class SaveForm(NamesAVersion, DraftForm):
    """The draft as a version of the matcher."""
