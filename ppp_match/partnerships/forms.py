"""Forms of partnerships. Every message is ours, so that it stands in both languages; what was typed is kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from ppp_match.accounts.forms import OPEN, OneOf, OneOfShown, Versioned, shorter, valid_website
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.db import today
from ppp_match.introductions.forms import LANGUAGES
from ppp_match.listings.entry import DayField, NumberField
from ppp_match.listings.money_entry import OneAmountField
from ppp_match.partnerships import facts, operations, queries, words
from ppp_match.partnerships.models import EXIT_REASONS, FACTS, VALUE_STATUSES
from ppp_match.partnerships.models_plan import (
    HOLDERS,
    MILESTONE_STATES,
    RISK_STATES,
    RISKS,
    Indicator,
)
from ppp_match.vocabularies import terms
from ppp_match.web import page_lang

OWN = "own"
EARLIEST = date(2000, 1, 1)
LATEST_YEARS = 60


def _choices(names: dict[str, Any], codes: Any = None) -> list[SelectChoice]:
    return [SelectChoice(code, names[code]) for code in (codes or names)]


def _offered(vocabulary: str) -> list[SelectChoice]:
    lang = page_lang()
    return [SelectChoice(term.code, term.name(lang)) for term in terms(vocabulary) if term.is_offered]


def _not_to_come(_form: Any, field: Any) -> None:
    if field.data is not None and field.data > today() + timedelta(days=1):
        raise ValidationError(_("This day is still to come."))


def _plausible(_form: Any, field: Any) -> None:
    if field.data is not None and not (
        EARLIEST <= field.data <= today() + timedelta(days=365 * LATEST_YEARS)
    ):
        raise ValidationError(_("Look at the year again."))


class LangField(OneOf):
    """In which language a text is written; that of the page unless said otherwise."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            _l("Language of the text"), choices=LANGUAGES, default=page_lang, coerce=str, **kwargs
        )


class StateForm(FlaskForm):
    """One side says where the partnership stands."""

    state = OneOfShown(
        _l("How does it stand?"),
        choices=_choices(words.STATES, operations.REPORTED),
        validators=[InputRequired(_l("Choose how it stands."))],
    )
    on = DayField(
        _l("Since which day?"), validators=[DataRequired(_l("Name the day.")), _plausible, _not_to_come]
    )
    reason_code = OneOf(
        _l("Reason, if it ended without agreement"),
        choices=[OPEN, *_choices(words.EXITS, EXIT_REASONS)],
    )
    note = TextAreaField(
        _l("A word about it"),
        description=_l("Both sides and the forum read it. Needed with “Another reason”."),
        filters=[paragraphs],
        validators=[shorter(operations.LONGEST_NOTE)],
    )

    def validate_reason_code(self, field: Any) -> None:
        if self.state.data == "no_agreement" and not field.data:
            raise ValidationError(_("Choose a reason."))

    def validate_note(self, field: Any) -> None:
        if (
            self.state.data == "no_agreement"
            and self.reason_code.data == "other"
            and not (field.data or "").strip()
        ):
            raise ValidationError(_("Say in a few words what the reason is."))


class FactsForm(FlaskForm):
    """Stage, contract and days as one side knows them."""

    stage = OneOf(words.FACTS["stage"])
    contract_form = OneOf(words.FACTS["contract_form"])
    legal_basis = StringField(
        words.FACTS["legal_basis"],
        description=_l("Law or decision with its number and date."),
        filters=[one_line],
        validators=[shorter(200)],
    )
    signed_on = DayField(words.FACTS["signed_on"], validators=[_plausible, _not_to_come])
    starts_on = DayField(words.FACTS["starts_on"], validators=[_plausible])
    ends_on = DayField(words.FACTS["ends_on"], validators=[_plausible])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("stage", "contract_form"):
            self[name].choices = [OPEN, *_offered(name)]

    def validate_ends_on(self, field: Any) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The end lies before the beginning."))

    def values(self) -> dict[str, str]:
        found = {}
        for name in FACTS:
            data = self[name].data
            found[name] = data.isoformat() if isinstance(data, date) else (data or "")
        return found


class WithSource(FlaskForm):
    """A figure of a day, and where it comes from."""

    on = DayField(
        _l("Of which day?"), validators=[DataRequired(_l("Name the day.")), _plausible, _not_to_come]
    )
    source = StringField(
        _l("Source"),
        description=_l("Where the figure comes from and how it was found: a report, a register, a meter."),
        filters=[one_line],
        validators=[DataRequired(_l("Say where the figure comes from.")), shorter(facts.LONGEST_SOURCE)],
    )


class ValueForm(WithSource):
    """Money of one status."""

    status = OneOfShown(
        _l("What is it?"),
        choices=_choices(words.VALUES, VALUE_STATUSES),
        validators=[InputRequired(_l("Choose what the amount is."))],
    )
    amount = OneAmountField(_l("Amount with its currency"))

    def validate_amount(self, field: Any) -> None:
        if field.data.is_empty or not field.data.currency:
            raise ValidationError(
                _("Write an amount with its currency, for example %(example)s.", example=_("VND 42.5 bn"))
            )


class BeneficiariesForm(WithSource):
    """How many people of a group it serves."""

    group = OneOf(_l("Who?"), validators=[InputRequired(_l("Choose who is counted."))])
    count = NumberField(_l("How many?"), whole=True, validators=[InputRequired(_l("Write how many."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [one for one in _offered("beneficiary_group") if one.value != "everyone"]
        self.group.choices = [SelectChoice(words.TOTAL, words.group_name(words.TOTAL, page_lang())), *others]


class MeasuredForm(WithSource):
    """What was measured on a day."""

    value = NumberField(_l("Value"), validators=[InputRequired(_l("Write what was measured."))])


class RowForm(Versioned):
    """A form of a row that both sides keep; `columns` are the fields that become columns."""

    columns: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        return {name: self[name].data for name in self.columns}


class IndicatorForm(RowForm):
    """What is measured, from the list or in one's own words."""

    columns = ("baseline", "baseline_on", "target", "target_on", "method")
    code = OneOf(_l("Indicator"), validators=[InputRequired(_l("Choose an indicator."))])
    name = StringField(_l("Name, if it is one of your own"), filters=[one_line], validators=[shorter(200)])
    unit = StringField(_l("Unit, if it is one of your own"), filters=[one_line], validators=[shorter(40)])
    direction = OneOf(
        _l("What is better, if it is one of your own?"), choices=[OPEN, *_choices(words.DIRECTIONS)]
    )
    lang = LangField()
    baseline = NumberField(
        _l("Baseline"),
        description=_l("The value before anything was done."),
        validators=[InputRequired(_l("Write the baseline."))],
    )
    baseline_on = DayField(
        _l("Day of the baseline"), validators=[DataRequired(_l("Name the day.")), _plausible, _not_to_come]
    )
    target = NumberField(_l("Target"))
    target_on = DayField(_l("Day of the target"), validators=[_plausible])
    method = StringField(
        _l("Source and method"),
        description=_l("Where the values come from and how often they are measured."),
        filters=[one_line],
        validators=[DataRequired(_l("Say where the values come from.")), shorter(500)],
    )

    def __init__(self, *args: Any, obj: Indicator | None = None, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        lang = page_lang()
        self.kinds = {kind.code: kind for kind in queries.indicator_kinds()}
        self.code.choices = [
            OPEN,
            SelectChoice(OWN, _("One of your own")),
            *(
                SelectChoice(kind.code, f"{kind.code} {kind.name(lang)} ({kind.unit(lang)})")
                for kind in self.kinds.values()
            ),
        ]
        if obj is not None and obj.code is None and not self.is_submitted():
            self.code.data = OWN

    def validate_name(self, field: Any) -> None:
        if self.code.data == OWN and not field.data:
            raise ValidationError(_("Name what is measured."))

    def validate_unit(self, field: Any) -> None:
        if self.code.data == OWN and not field.data:
            raise ValidationError(_("Name the unit."))

    def validate_direction(self, field: Any) -> None:
        if self.code.data == OWN and not field.data:
            raise ValidationError(_("Choose what is better."))

    def validate_target_on(self, field: Any) -> None:
        if self.target.data is not None and field.data is None and not self.target_on.errors:
            raise ValidationError(_("Name the day by which the target is to be reached."))
        if field.data and self.baseline_on.data and field.data <= self.baseline_on.data:
            raise ValidationError(_("The day of the target lies after that of the baseline."))

    def values(self) -> dict[str, Any]:
        found = super().values()
        kind = self.kinds.get(self.code.data)
        if kind is not None:
            return {**found, "code": kind.code, "name": "", "unit": "", "direction": kind.direction}
        own = {name: self[name].data for name in ("name", "unit", "direction", "lang")}
        return {**found, **own, "code": None}


class MilestoneForm(RowForm):
    """A step that both sides plan."""

    columns = ("title", "lang", "due_on", "done_on", "state", "note")
    title = StringField(
        _l("What is to be reached?"),
        filters=[one_line],
        validators=[DataRequired(_l("Say what is to be reached.")), shorter(200)],
    )
    lang = LangField()
    due_on = DayField(_l("Due on"), validators=[DataRequired(_l("Name the day.")), _plausible])
    state = OneOf(_l("State"), choices=_choices(words.MILESTONE_STATES, MILESTONE_STATES))
    done_on = DayField(_l("Done on"), validators=[_plausible, _not_to_come])
    note = TextAreaField(
        _l("A word about it"),
        description=_l("Why it is late or at risk, and who can do something about it."),
        filters=[paragraphs],
        validators=[shorter(500)],
    )

    def validate_done_on(self, field: Any) -> None:
        if self.state.data == "done" and field.data is None and not field.errors:
            raise ValidationError(_("Name the day on which it was done."))

    def values(self) -> dict[str, Any]:
        found = super().values()
        if found["state"] != "done":
            found["done_on"] = None
        return found


class RiskForm(RowForm):
    """A risk and who holds it."""

    columns = ("kind", "holder", "state", "note", "lang")
    kind = OneOf(
        _l("Risk"),
        choices=[OPEN, *_choices(words.RISKS, RISKS)],
        validators=[InputRequired(_l("Choose the risk."))],
    )
    holder = OneOf(
        _l("Who holds it?"),
        description=_l("Left open, it is who usually holds such a risk."),
        choices=[OPEN, *_choices(words.HOLDERS, HOLDERS)],
    )
    state = OneOf(_l("State"), choices=_choices(words.RISK_STATES, RISK_STATES))
    note = TextAreaField(
        _l("What is it, and what is done about it?"),
        filters=[paragraphs],
        validators=[DataRequired(_l("Say what it is and what is done about it.")), shorter(500)],
    )
    lang = LangField()

    def values(self) -> dict[str, Any]:
        found = super().values()
        return {**found, "holder": found["holder"] or RISKS[found["kind"]]}


class DocumentForm(RowForm):
    """A link to a document that is published elsewhere."""

    columns = ("title", "lang", "url", "on")
    title = StringField(
        _l("What is it?"),
        description=_l("An award notice, a summary of the contract, an acceptance, an evaluation."),
        filters=[one_line],
        validators=[DataRequired(_l("Say what it is.")), shorter(200)],
    )
    lang = LangField()
    url = StringField(
        _l("Web address"),
        filters=[one_line],
        validators=[DataRequired(_l("Give its web address.")), shorter(500), valid_website],
        render_kw={"autocomplete": "off"},
    )
    on = DayField(_l("Its date"), validators=[_plausible, _not_to_come])


class ResultForm(Versioned):
    """What came of it, in a few sentences."""

    result = TextAreaField(
        _l("What came of it?"),
        description=_l("For the report, and for whoever reads the partnership. Markdown may be used."),
        filters=[paragraphs],
        validators=[shorter(operations.LONGEST_RESULT)],
    )
    lang = LangField()


class VerifyForm(FlaskForm):
    """A moderator says what evidence was seen."""

    statement = HiddenField()
    reason = TextAreaField(
        _l("What evidence did you see?"),
        description=_l("Both sides read it."),
        filters=[paragraphs],
        validators=[
            DataRequired(_l("Say what evidence you saw.")),
            shorter(operations.LONGEST_NOTE),
        ],
    )
