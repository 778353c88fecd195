"""The forms of this room. Every message is ours, so that it stands in both languages."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from ppp_match import vocabularies
from ppp_match.accounts import queries
from ppp_match.accounts.forms import OPEN, OneOf, Versioned
from ppp_match.accounts.models import ORGANISATION_KINDS, Organisation
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.administration.organisation_operations import kinds_open_to
from ppp_match.administration.vocabulary_operations import CODE
from ppp_match.verification.numbers import is_plausible
from ppp_match.web import page_lang


def _shorter(limit: int) -> Length:
    return Length(max=limit, message=_l("Shorten the text to %(max)d characters."))


def _reason(description: Any) -> TextAreaField:
    return TextAreaField(
        _l("Reason"),
        description=description,
        filters=[paragraphs],
        validators=[DataRequired(_l("Give a reason.")), _shorter(1000)],
    )


class CorrectionForm(Versioned):
    """Facts of an organisation that its owners cannot change, or that need the forum's hand."""

    subtype = OneOf(_l("What it is exactly"), validators=[InputRequired(_l("Choose what it is exactly."))])
    name_vi = StringField(
        _l("Legal name in Vietnamese"),
        description=_l("At least one of the two names. Write it as in the register."),
        filters=[one_line],
        validators=[_shorter(200)],
    )
    name_en = StringField(_l("Legal name in English"), filters=[one_line], validators=[_shorter(200)])
    country = OneOf(_l("Country"), validators=[InputRequired(_l("Choose the country."))])
    city = OneOf(_l("City"), description=_l("Leave it open if it is not in the list."))
    registration_number = StringField(
        _l("Registration number"),
        description=_l("The number in the business register, or of the decision that founded it."),
        filters=[one_line],
        validators=[_shorter(60)],
    )
    reason = _reason(_l("The owners read it, and it is kept in the audit trail."))

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, obj=organisation, **kwargs)
        lang = page_lang()
        self.subtype.choices = [
            SelectChoice(
                code,
                vocabularies.term_name("organisation_subtype", code, lang),
                optgroup=vocabularies.term_name("organisation_kind", kind, lang),
            )
            for kind in kinds_open_to(organisation)
            for code in ORGANISATION_KINDS[kind]
        ]
        self.country.choices = [
            SelectChoice(term.code, term.name(lang)) for term in vocabularies.terms("country")
        ]
        self.city.choices = [OPEN] + [
            SelectChoice(
                str(place.id),
                place.name(lang),
                optgroup=vocabularies.term_name("country", place.country, lang),
            )
            for place in queries.cities()
        ]
        if not self.is_submitted():
            self.version.data = str(organisation.version)
            self.city.data = str(organisation.city_id or "")

    def validate_name_vi(self, field: Any) -> None:
        if not field.data and not self.name_en.data:
            raise ValidationError(_l("Enter the name in at least one of the two languages."))

    def validate_city(self, field: Any) -> None:
        place = queries.city(uuid.UUID(field.data)) if field.data else None
        if place is not None and self.country.data and place.country != self.country.data:
            raise ValidationError(_l("This city is in another country than the one chosen above."))

    @property
    def number_looks_odd(self) -> bool:
        """A remark, never a refusal: registers have exceptions, and who corrects has seen the certificate."""
        return not is_plausible(self.registration_number.data or "", self.country.data or "")

    def values(self) -> dict[str, Any]:
        names = ("subtype", "name_vi", "name_en", "country", "registration_number")
        values: dict[str, Any] = {name: self[name].data or "" for name in names}
        values["city_id"] = uuid.UUID(self.city.data) if self.city.data else None
        return values


def _name(label: Any, longest: int) -> StringField:
    return StringField(
        label,
        filters=[one_line],
        validators=[DataRequired(_l("Write the name in both languages.")), _shorter(longest)],
    )


def _synonyms(label: Any) -> TextAreaField:
    return TextAreaField(
        label,
        description=_l("Other words for it, separated by commas. A search for one of them shows the sector."),
        filters=[one_line],
        validators=[_shorter(1000)],
    )


def _help(label: Any) -> TextAreaField:
    return TextAreaField(
        label,
        description=_l("Stands under the choice in forms."),
        filters=[one_line],
        validators=[_shorter(600)],
    )


WHY = _l("Kept in the audit trail.")
NEW_CODE = _l("Small letters and digits without diacritics, such as flood_warning. It never changes.")


class _Names(FlaskForm):
    """What sectors and terms share."""

    def texts(self) -> dict[str, str]:
        return {name: field.data or "" for name, field in self._fields.items() if name[-3:] in ("_vi", "_en")}


class SectorTexts(_Names):
    name_vi = _name(_l("Name in Vietnamese"), 120)
    name_en = _name(_l("Name in English"), 120)
    synonyms_vi = _synonyms(_l("Synonyms in Vietnamese"))
    synonyms_en = _synonyms(_l("Synonyms in English"))


class TermTexts(_Names):
    name_vi = _name(_l("Name in Vietnamese"), 200)
    name_en = _name(_l("Name in English"), 200)
    help_vi = _help(_l("Help in Vietnamese"))
    help_en = _help(_l("Help in English"))

    def validate_help_vi(self, field: Any) -> None:
        if bool(field.data) != bool(self["help_en"].data):
            raise ValidationError(_l("Write the help in both languages, or in neither."))


class _Edit(Versioned):
    """Where the entry stands among its siblings, and why it changes."""

    place = IntegerField(_l("Place in the list"))
    reason = _reason(WHY)

    def __init__(self, *args: Any, places: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = _l("Enter a whole number from %(least)d to %(most)d.", least=1, most=places)
        self.place.validators = [InputRequired(words), NumberRange(1, places, words)]
        if self.place.process_errors:
            self.place.process_errors = [words]


class SectorForm(SectorTexts, _Edit):
    """An edit of a sector or sub-sector."""


class TermForm(TermTexts, _Edit):
    """An edit of a term."""


class _New(FlaskForm):
    code = StringField(
        _l("Code"),
        description=NEW_CODE,
        filters=[one_line],
        validators=[DataRequired(_l("Write a code.")), _shorter(40)],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"},
    )
    reason = _reason(WHY)

    def validate_code(self, field: Any) -> None:
        if field.data and not CODE.fullmatch(field.data):
            raise ValidationError(NEW_CODE)


class NewSectorForm(SectorTexts, _New):
    """A new sub-sector."""


class NewTermForm(TermTexts, _New):
    """A new term."""


class OfferForm(Versioned):
    """Retiring an entry, or offering it again."""

    reason = _reason(WHY)
