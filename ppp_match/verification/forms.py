"""Forms of verification: the evidence, the address at the official domain, a moderator's finding, suspensions."""

from __future__ import annotations

from typing import Any

from flask import request as http
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from ppp_match.accounts.forms import OneOfShown, Versioned, valid_email, valid_website
from ppp_match.accounts.models import Organisation
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.verification import checklists, numbers
from ppp_match.verification.domain_proof import OPEN_TO_ALL, domain_of


def _shorter(limit: int) -> Length:
    return Length(max=limit, message=_l("Shorten the text to %(max)d characters."))


class EvidenceForm(Versioned):
    """What an organisation says of itself for the forum to check."""

    registration_number = StringField(
        _l("Registration number"), filters=[one_line], validators=[_shorter(60)]
    )
    number_as_written = BooleanField(_l("The number looks unusual, but our certificate says so"))
    website = StringField(
        _l("Official website"),
        filters=[one_line],
        validators=[_shorter(200), valid_website],
        render_kw={"autocomplete": "url"},
    )
    no_domain = BooleanField(_l("We have no e-mail domain of our own"))
    statement = TextAreaField(
        _l("Who asks, and why they may"),
        description=_l(
            "Name, function, and who gave the task: “Head of the IT division, on behalf of the director”."
        ),
        filters=[paragraphs],
        validators=[_shorter(1000)],
    )
    answer = TextAreaField(
        _l("Your answer to the remarks"),
        description=_l("What you changed, or why something is as it is."),
        filters=[paragraphs],
        validators=[_shorter(1000)],
    )

    def __init__(self, *args: Any, organisation: Organisation, public_body: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        self.registration_number.description = numbers.hint(organisation.country) or _l(
            "The number in the business register, or of the decision that founded it."
        )
        if organisation.verification == "verified":
            del self["registration_number"]
            del self["number_as_written"]
        if public_body:
            del self["no_domain"]

    def validate_registration_number(self, field: Any) -> None:
        if self.number_as_written.data or numbers.is_plausible(field.data or "", self.organisation.country):
            return
        raise ValidationError(
            _l(
                "This does not look like a number of that country: a digit may be lacking or two are swapped. "
                "If it is right, tick the box below."
            )
        )

    def values(self) -> dict[str, Any]:
        return {
            name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "version")
        }


class DomainForm(FlaskForm):
    """An address at the official domain, to which the link goes."""

    address = EmailField(
        _l("An address at your official domain"),
        description=_l(
            "Such as office@city.example. A link goes there; whoever opens it confirms. The address is not shown and is "
            "forgotten after that, only the domain stays."
        ),
        filters=[one_line],
        validators=[DataRequired(_l("Enter an e-mail address.")), _shorter(254), valid_email],
        render_kw={"autocomplete": "email"},
    )

    def validate_address(self, field: Any) -> None:
        if domain_of(field.data or "") in OPEN_TO_ALL:
            raise ValidationError(
                _l(
                    "Anybody can have an address there. Enter one at a domain that belongs to the organisation."
                )
            )


class FindingForm(Versioned):
    """What a moderator found. The items and the remarks by field are read from the form by name."""

    profile_version = HiddenField()
    outcome = OneOfShown(_l("Your finding"), validators=[InputRequired(_l("Choose one."))])
    words = TextAreaField(
        _l("Words to the organisation"),
        description=_l("Needed for a refusal: say what is missing or wrong."),
        filters=[paragraphs],
        validators=[_shorter(1000)],
    )
    note = TextAreaField(
        _l("Note for colleagues"),
        description=_l("Not shown to the organisation. A second moderator reads it."),
        filters=[paragraphs],
        validators=[_shorter(1000)],
    )

    def __init__(self, *args: Any, items: tuple[str, ...], two: bool, second: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        yes = (
            _l("Nothing is wrong: a colleague looks next")
            if two and not second
            else _l("Verify the organisation")
        )
        self.outcome.choices = [
            SelectChoice("positive", yes),
            SelectChoice("returned", _l("Return it with remarks")),
            SelectChoice("rejected", _l("Refuse it")),
        ]

    def ticks(self) -> dict[str, tuple[bool, str]]:
        return {
            name: (
                http.form.get(f"tick-{name}") == "y",
                one_line(http.form.get(f"note-{name}"))[:500],
            )
            for name in self.items
        }

    def remarks(self) -> list[tuple[str, str]]:
        return [(name, paragraphs(http.form.get(f"remark-{name}"))[:1000]) for name in checklists.FIELDS]


class ReasonForm(Versioned):
    """Why an organisation is suspended, or let in again."""

    reason = TextAreaField(
        _l("Reason, told to the organisation"),
        filters=[paragraphs],
        validators=[DataRequired(_l("Say why.")), _shorter(1000)],
    )
