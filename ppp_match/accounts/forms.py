"""Forms of one's account and of organisations. Every message is ours, so that it stands in both languages."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation, ValidationError

from ppp_match import vocabularies
from ppp_match.accounts import queries
from ppp_match.accounts.models import IDENTITY_FIELDS, ORGANISATION_KINDS, SIZE_BANDS, Organisation
from ppp_match.accounts.operations import may_change_identity
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.formats import ZONES
from ppp_match.web import LANGUAGES, page_lang

ABOUT_LONGEST = 3000
OPEN = SelectChoice("", "–")


def seen(field: Any) -> int:
    """The version that a page showed; -1, which fits none, if it is not a number."""
    data = field.data or ""
    readable = isinstance(data, str) and data.isascii() and data.isdigit() and len(data) < 10
    return int(data) if readable else -1


class Versioned(FlaskForm):
    """A form that carries the version of the row it was opened for."""

    version = HiddenField()

    def seen_version(self) -> int:
        """The version that the page showed."""
        return seen(self.version)


def _in_the_list(field: Any) -> None:
    values = {choice.value for choice in field.iter_choices()}
    if field.data and field.data not in values:
        raise StopValidation(_l("Choose one of the values in the list."))


class OneOf(SelectField):
    """A choice whose refusal is in our words; whether one must be made is a validator's question."""

    def pre_validate(self, _form: Any) -> None:
        _in_the_list(self)


class OneOfShown(RadioField):
    """The same with every choice in sight."""

    def pre_validate(self, _form: Any) -> None:
        _in_the_list(self)


def shorter(limit: int) -> Length:
    """A text of at most so many characters, in our words."""
    return Length(max=limit, message=_l("Shorten the text to %(max)d characters."))


def valid_email(_form: Any, field: Any) -> None:
    """An address that can be one; whether it exists is not asked. Empty is fine."""
    if not field.data:
        return
    try:
        field.data = validate_email(field.data, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise ValidationError(_l("Enter a whole e-mail address, like name@city.example.")) from None


def valid_website(_form: Any, field: Any) -> None:
    """A public web address: http or https, a host with a dot, no name or password. Empty is fine."""
    if not field.data:
        return
    if "://" not in field.data:
        field.data = f"https://{field.data}"
    try:
        parts = urlsplit(field.data)
        good = (
            parts.scheme in ("http", "https")
            and "." in (parts.hostname or "").strip(".")
            and parts.username is None
            and parts.port != 0
            and " " not in field.data
        )
    except ValueError:
        good = False
    if not good:
        raise ValidationError(_l("Enter a whole web address, like https://city.example."))


class ProfileForm(FlaskForm):
    """What a person may change about themselves."""

    name = StringField(
        _l("Your name"),
        filters=[one_line],
        validators=[DataRequired(_l("Enter your name.")), shorter(120)],
        render_kw={"autocomplete": "name"},
    )
    job_title = StringField(
        _l("Job title"),
        filters=[one_line],
        validators=[shorter(120)],
        render_kw={"autocomplete": "organization-title"},
    )
    locale = OneOfShown(
        _l("Language of pages and mails"),
        choices=[SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")],
        validators=[InputRequired(_l("Choose a language."))],
    )
    timezone = OneOf(
        _l("Time zone"),
        description=_l("Dates and hours are shown in this zone."),
        validators=[InputRequired(_l("Choose a time zone."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        index = LANGUAGES.index(page_lang())
        self.timezone.choices = [SelectChoice(zone, names[index]) for zone, names in ZONES.items()]

    def values(self) -> dict[str, str]:
        return {field: self[field].data for field in ("name", "job_title", "locale", "timezone")}


class OrganisationForm(Versioned):
    """The profile of an organisation. The kind is chosen once; what the forum verified stays as it is."""

    kind = OneOfShown(
        _l("Kind of organisation"), validators=[InputRequired(_l("Choose the kind of organisation."))]
    )
    subtype = OneOf(_l("What it is exactly"), validators=[InputRequired(_l("Choose what it is exactly."))])
    name_vi = StringField(
        _l("Legal name in Vietnamese"),
        description=_l("At least one of the two names. Write it as in the register."),
        filters=[one_line],
        validators=[shorter(200)],
    )
    name_en = StringField(_l("Legal name in English"), filters=[one_line], validators=[shorter(200)])
    country = OneOf(_l("Country"), validators=[InputRequired(_l("Choose the country."))])
    city = OneOf(_l("City"), description=_l("Leave it open if it is not in the list."))
    size_band = OneOf(
        _l("Size"), description=_l("Needed for companies: the number of people who work there.")
    )
    registration_number = StringField(
        _l("Registration number"),
        description=_l("The number in the business register, or of the decision that founded it."),
        filters=[one_line],
        validators=[shorter(60)],
    )
    website = StringField(
        _l("Website"),
        filters=[one_line],
        validators=[shorter(200), valid_website],
        render_kw={"autocomplete": "url"},
    )
    about_vi = TextAreaField(
        _l("What it does, in Vietnamese"),
        description=_l("Two or three sentences; one language is enough."),
        filters=[paragraphs],
        validators=[shorter(ABOUT_LONGEST)],
    )
    about_en = TextAreaField(
        _l("What it does, in English"), filters=[paragraphs], validators=[shorter(ABOUT_LONGEST)]
    )
    contact_unit = StringField(
        _l("Contact unit"),
        description=_l("A role or unit that stays when people change, such as “Partnership desk”."),
        filters=[one_line],
        validators=[shorter(160)],
    )
    contact_email = EmailField(
        _l("Contact e-mail"),
        description=_l("Not shown in public. It is given to the other side after an introduction."),
        filters=[one_line],
        validators=[shorter(254), valid_email],
        render_kw={"autocomplete": "email"},
    )

    def __init__(self, *args: Any, organisation: Organisation | None = None, **kwargs: Any) -> None:
        self.organisation = organisation
        super().__init__(*args, obj=organisation, **kwargs)
        lang = page_lang()
        names = {term.code: term.name(lang) for term in vocabularies.terms("organisation_subtype")}
        kinds = {term.code: term.name(lang) for term in vocabularies.terms("organisation_kind")}
        shown = [organisation.kind] if organisation else list(ORGANISATION_KINDS)
        self.kind.choices = [SelectChoice(kind, kinds.get(kind, kind)) for kind in ORGANISATION_KINDS]
        self.subtype.choices = [OPEN] + [
            SelectChoice(code, names.get(code, code), optgroup=kinds.get(kind, kind))
            for kind in shown
            for code in ORGANISATION_KINDS[kind]
        ]
        self.country.choices = [OPEN] + [
            SelectChoice(term.code, term.name(lang)) for term in vocabularies.terms("country")
        ]
        self.size_band.choices = [OPEN] + [
            SelectChoice(code, vocabularies.term_name("size_band", code, lang)) for code in SIZE_BANDS
        ]
        self.city.choices = [OPEN] + [
            SelectChoice(
                str(place.id),
                place.name(lang),
                optgroup=vocabularies.term_name("country", place.country, lang),
            )
            for place in queries.cities()
        ]
        if organisation is None:
            del self.version
        else:
            del self.kind
            if not may_change_identity(organisation):
                for name in IDENTITY_FIELDS:
                    delattr(self, name)
            if not self.is_submitted():
                self.version.data = str(organisation.version)
                self.city.data = str(organisation.city_id or "")
                self.size_band.data = organisation.size_band or ""

    def lacks_what_was_sent(self) -> bool:
        """Whether name or kind came along that cannot be changed just now, though it could when the form was opened."""
        organisation = self.organisation
        if organisation is None or organisation.verification == "verified":
            return False
        return any(name in request.form and name not in self for name in IDENTITY_FIELDS)

    def validate_subtype(self, field: Any) -> None:
        kind = self.organisation.kind if self.organisation else self.kind.data
        if kind in ORGANISATION_KINDS and field.data not in ORGANISATION_KINDS[kind]:
            raise ValidationError(_l("This does not fit the kind of organisation chosen above."))

    def validate_name_vi(self, field: Any) -> None:
        if not field.data and not self.name_en.data:
            raise ValidationError(_l("Enter the name in at least one of the two languages."))

    def validate_size_band(self, field: Any) -> None:
        kind = self.organisation.kind if self.organisation else self.kind.data
        if kind == "vendor" and not field.data:
            raise ValidationError(_l("Choose the size of the company."))

    def validate_city(self, field: Any) -> None:
        place = queries.city(uuid.UUID(field.data)) if field.data else None
        country = self.country.data if "country" in self else getattr(self.organisation, "country", "")
        if place is not None and country and place.country != country:
            raise ValidationError(_l("This city is in another country than the one chosen above."))

    def values(self) -> dict[str, Any]:
        """Columns and values of what the form holds, apart from kind and version."""
        skipped = ("csrf_token", "version", "kind", "city")
        values: dict[str, Any] = {
            name: field.data for name, field in self._fields.items() if name not in skipped
        }
        values["size_band"] = values["size_band"] or None
        values["city_id"] = uuid.UUID(self.city.data) if self.city.data else None
        return values
