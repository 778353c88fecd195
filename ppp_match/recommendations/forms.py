"""The form of this room: a vendor's interest in a need."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from ppp_match.accounts.text_fields import paragraphs
from ppp_match.listings.models import Listing
from ppp_match.recommendations.operations import MESSAGE_AT_MOST


class InterestForm(FlaskForm):
    """Which of one's published capabilities answers the need, and a few words."""

    capability = SelectField(
        _l("Which of your capabilities?"), validators=[InputRequired(_l("Choose a capability."))]
    )
    message = TextAreaField(
        _l("What would you like to say to the forum?"),
        description=_l(
            "What have you done that is close to this need? No prices and no contact data. At most 600 characters."
        ),
        filters=[paragraphs],
        validators=[
            Length(
                max=MESSAGE_AT_MOST,
                message=_l("Shorten the message to %(limit)s characters.", limit=MESSAGE_AT_MOST),
            )
        ],
    )

    no_conflict = BooleanField(
        _l("We have no relation with people of the other side that we have not declared."),
        description=_l(
            "Relations are owners, subsidiaries, relatives and former employers of those who decide."
        ),
    )
    declared = TextAreaField(
        _l("Or what there is to declare"),
        description=_l(
            "Only moderators of the forum read it. Your interest is kept, and you are asked again before an introduction."
        ),
        filters=[paragraphs],
        validators=[
            Length(max=MESSAGE_AT_MOST, message=_l("Shorten the text to %(max)d characters.")),
        ],
    )

    def validate_no_conflict(self, field: BooleanField) -> None:
        if not field.data and not self.declared.data:
            raise ValidationError(_("Confirm this, or write below what there is to declare."))

    def offer(self, capabilities: list[Listing], lang: str) -> InterestForm:
        """Fill the choices with these capabilities."""
        self.capability.choices = [
            (str(one.id), f"{one.label} {one.shown.text('title', one.shown.reading_lang(lang))}")
            for one in capabilities
        ]
        return self
