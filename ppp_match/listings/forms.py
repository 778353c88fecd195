"""The forms of a need and of a capability, built from `fields.py` and worded by `labels.py`.

A form asks the fields of one step (`steps.py`), or all of them. A draft may lack anything: `validate()` checks
formats, lengths, codes and order. `check_complete()` adds what publication needs. `values()` is what
`operations.save_listing` takes. Fields that read typing: `entry.py`, amounts of money `money_entry.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, RadioField

from ppp_match.accounts.models import City
from ppp_match.db import db, today
from ppp_match.formats import numberfmt
from ppp_match.listings import fields, labels
from ppp_match.listings.amounts import Amount
from ppp_match.listings.entry import CodeField, CodesField, DayField, LineField, NumberField, TextField
from ppp_match.listings.fields import Field, fields_of, stored_value
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.money_entry import OF_THE_BUDGET, AmountField, OneAmountField, PartOfBudgetField
from ppp_match.listings.revisions import MOST_REFERENCES, references_of
from ppp_match.listings.steps import ALL, ASKED_AS, RADIOS, asked_once, fields_on
from ppp_match.vocabularies import sectors, term_name, terms

COUNTS = {"beneficiaries": (0, 0), "delivery_months": (0, 600)}
NUMBERS = ("scale_value",)
PARTS_OF_BUDGET = ("financing_gap", "ticket_max")
DAYS = ("start_on", "end_on", "response_until")
FLAGS = ("anonymous", "can_invest")
REFERENCE_LENGTHS = {"client": 200, "place": 120, "scope": 400, "result": 400}


class RadioCodeField(CodeField, RadioField):
    """One code of a short vocabulary, drawn as radio buttons."""

    drawn_as = "RadioField"
    widget = RadioField.widget
    option_widget = RadioField.option_widget


class ReferenceForm(Form):
    """One reference project; a row without a client is not kept."""

    client = LineField(labels.REFERENCE["client"].label, at_most=REFERENCE_LENGTHS["client"])
    place = LineField(labels.REFERENCE["place"].label, at_most=REFERENCE_LENGTHS["place"])
    country = CodeField(labels.REFERENCE["country"].label)
    year = NumberField(labels.REFERENCE["year"].label, whole=True, at_least=1950, at_most=2100)
    amount = OneAmountField(labels.REFERENCE["amount"].label, description=labels.REFERENCE["amount"].help)
    scope = TextField(labels.REFERENCE["scope"].label, at_most=REFERENCE_LENGTHS["scope"])
    result = TextField(labels.REFERENCE["result"].label, at_most=REFERENCE_LENGTHS["result"])

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        others = any(self[key].data for key in ("place", "country", "year", "scope", "result"))
        if (others or not self.amount.data.is_empty) and not self.client.data:
            self.client.errors = [_("Name the client of this reference project.")]
            return False
        return good

    def row(self) -> dict[str, Any]:
        """The reference project as it is stored."""
        data = dict(self.data)
        amount = data.pop("amount")
        return {**data, "value": amount.high, "currency": amount.currency}


class ListingForm(FlaskForm):
    """What both kinds share. Subclasses name their `kind` and get their fields from `fields.py`."""

    kind = ""

    lang = RadioField(
        _l("In which language do you write?"),
        description=_l(
            "The one in which you write most clearly. The forum finds partners who write in the other."
        ),
        validate_choice=False,
    )
    version = HiddenField()

    def __init__(self, lang: str, *, step: str = ALL, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.page_lang, self.step, self.prefilled = lang, step, False
        self.stored_currency = (kwargs.get("data") or {}).get("currency")
        asked = fields_on(self.kind, step)
        self.asked = [field for field in fields_of(self.kind) if field.name in asked]
        for name in {ASKED_AS.get(f.name, f.name) for f in fields_of(self.kind)} - set(asked_once(asked)):
            del self[name]
        if self.kind == "capability" and "references" not in asked:
            del self["references"]
        self.lang.choices = [("vi", "Tiếng Việt"), ("en", "English")]
        stored = self.lang.object_data
        if stored not in ("vi", "en", None):
            self.lang.choices.append((stored, stored))
        self._set_choices(lang)

    def _set_choices(self, lang: str) -> None:
        for field in self.asked:
            if field.name == "city":
                self.city.choices = city_choices(lang)
            elif field.name == "sector":
                stored = self.sector.object_data or []
                self.sector.choices = [
                    (s.code, s.name(lang))
                    for s in sectors()
                    if s.parent and (s.is_offered or s.code in stored)
                ]
            elif field.vocabulary and field.name not in ASKED_AS:
                self[field.name].choices = self._choices(field, lang)
        if "references" in self:
            for row in self.references:
                row.form.country.choices = [("", "–"), *named("country", lang)]

    def _choices(self, field: Field, lang: str) -> list[tuple[str, str]]:
        stored = self[field.name].object_data or []
        choices = named(
            field.vocabulary,
            lang,
            with_code=field.vocabulary in ("currency", "sdg"),
            stored=stored if isinstance(stored, list) else [stored],
        )
        if self.kind == "capability" and field.vocabulary == "contract_form":
            choices = [choice for choice in choices if choice[0] != "open"]
        if field.store == "term" and field.name not in RADIOS:
            return [("", "–"), *choices]
        return choices

    def sector_groups(self) -> list[tuple[str, list[str]]]:
        """Sub-sectors under the names of their sectors, for the macro of check boxes."""
        parents: dict[str, tuple[str, list[str]]] = {
            s.code: (s.name(self.page_lang), []) for s in sectors() if not s.parent
        }
        for sector in sectors():
            if sector.parent:
                parents[sector.parent][1].append(sector.code)
        return [(name, codes) for name, codes in parents.values()]

    def sdg_groups(self) -> list[tuple[str, list[str]]]:
        """The goals, each with its targets folded under it."""
        codes = [str(code) for code, _name in self.sdg.choices]
        names = {str(code): name for code, name in self.sdg.choices}
        return [
            (names[goal], [c for c in codes if c.split(".")[0] == goal]) for goal in codes if "." not in goal
        ]

    def hints(self, vocabulary: str) -> dict[str, str]:
        """Words under each choice, where the vocabulary has them."""
        return {
            term.code: term.help(self.page_lang) for term in terms(vocabulary) if term.help(self.page_lang)
        }

    def values(self) -> dict[str, Any]:
        """{field: value} of what this step asks, as `operations.save_listing` takes it. Call after `validate()`."""
        found: dict[str, Any] = {}
        for field in self.asked:
            if field.name in ASKED_AS:
                found |= self._amounts()
                continue
            data = self[field.name].data
            if field.name == "city":
                data = city_of(data)
            elif field.name in PARTS_OF_BUDGET:
                data = data.high
            elif field.store == "terms":
                data = list(dict.fromkeys(data or []))
            elif field.store == "text":
                data = data or ""
            found[field.name] = data
        if "references" in self:
            found["references"] = [row.form.row() for row in self.references if row.form.client.data]
        return found

    def _amounts(self) -> dict[str, Any]:
        amount: Amount = self.amount.data
        currency = amount.currency or self._currency_beside() or self.stored_currency
        return {"amount_min": amount.low, "amount_max": amount.high, "currency": currency}

    def _currency_beside(self) -> str | None:
        """The currency that an amount beside an empty budget names."""
        named = {self[name].data.currency for name in PARTS_OF_BUDGET if name in self}
        return next(iter(named - {None, OF_THE_BUDGET}), None)

    def storable(self) -> dict[str, Any]:
        """`values()` without the fields in error and without what depends on them: what can be kept at once."""
        faulty = set(self.errors)
        if faulty & {"start_on", "end_on"}:
            faulty |= {"start_on", "end_on"}  # their order is checked by the database too
        if "amount" in faulty:
            faulty |= {*ASKED_AS, *PARTS_OF_BUDGET}
        return {name: value for name, value in self.values().items() if name not in faulty}

    def prefill(self) -> None:
        """What the taxonomy tells of the chosen sectors, where the writer left it open (domain reference D7)."""
        if "sector" not in self or not self.sector.data:
            return
        chosen = [sector for sector in sectors() if sector.code in self.sector.data]
        city = self.city.data if "city" in self else None
        vietnamese = city is not None and getattr(city_of(city), "country", None) == "VN"
        for name, codes in (
            ("ascf_area", [s.ascf_area for s in chosen]),
            ("d950_group", [s.d950_group for s in chosen] if vietnamese else []),
        ):
            if codes and not self[name].data:
                self[name].data = list(dict.fromkeys(codes))[:3]
                self.prefilled = True

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if self.lang.data not in {value for value, _label in self.lang.choices}:
            self.lang.errors = [_("Choose one of the values shown.")]
            good = False
        return self._check_order() and self._check_money() and good

    def _check_order(self) -> bool:
        good = True
        if "end_on" in self:
            start, end = self.start_on.data, self.end_on.data
            if start and end and start > end:
                good = self._fault("end_on", _("The end must not lie before the start."))
        if self.kind == "need" and "contract_form" in self:
            forms = self.contract_form.data or []
            if "open" in forms and len(forms) > 1:
                good = self._fault("contract_form", _("Choose “Open” alone, or leave it out."))
        return good

    def _check_money(self) -> bool:
        if "amount" not in self:
            return True
        good, amount = True, self.amount.data
        if amount.undisclosed and not self.amount.errors:
            if self.kind == "capability":
                text = _(
                    "Name a range, however wide: cities with a smaller or larger budget are spared a letter."
                )
                good = self._fault("amount", text)
            elif self.budget_status.data in (None, "undisclosed"):
                self.budget_status.data = "undisclosed"
            else:
                text = _("Choose “Not disclosed” above, or write an amount.")
                good = self._fault("amount", text)
        currency = amount.currency or self._currency_beside() or self.stored_currency
        for name in (one for one in PARTS_OF_BUDGET if one in self):
            beside = self[name].data
            if beside.is_empty or self[name].errors:
                continue
            if currency is None:
                good = self._fault(name, _("Name the currency, for example %(example)s.", example="USD 2 m"))
            elif beside.currency not in (OF_THE_BUDGET, currency):
                good = self._fault(name, _("Write it in %(currency)s, as above.", currency=currency))
            elif name == "financing_gap" and amount.high is not None and beside.high > amount.high:
                good = self._fault(name, _("What is missing cannot be more than the budget."))
        return good

    def check_complete(self, *, first: bool = True) -> bool:
        """Whether publication has all it needs; what lacks is said at its field. `first`: not yet published.

        For the form that asks everything; a single step is complete when `fields.missing` names none of it.
        """
        values = self.values()
        for name in asked_once(fields.missing(self.kind, Said(values))):
            self._fault(name, self._what_lacks(name))
        last = values.get("response_until")
        if first and last and last < today():
            self._fault("response_until", _("This day is over. Choose a later one."))
        return not self.errors

    def _what_lacks(self, name: str) -> str:
        return what_lacks(self.kind, name, self[name].data)

    def _fault(self, name: str, text: str) -> bool:
        self[name].errors = [*self[name].errors, text]
        return False


def what_lacks(kind: str, name: str, data: Any) -> str:
    """What to do about a field that publication needs, given what it holds."""
    words = labels.label(kind, name)
    if name in ("amount", *PARTS_OF_BUDGET):
        return _("“%(label)s”: write an amount with its upper end.", label=words)
    field = fields.field_of(kind, name)
    if field.store == "text" and data:
        return _(
            "“%(label)s”: write more, at least %(n)s characters, so far %(k)s.",
            label=words,
            n=numberfmt(field.at_least),
            k=numberfmt(len(data.strip())),
        )
    if field.vocabulary or name == "city":
        return _("“%(label)s”: choose.", label=words)
    return _("“%(label)s”: fill this in.", label=words)


class Said:
    """Typed values seen as a revision, so that one rule says what publication needs."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update({k: v for k, v in values.items() if not isinstance(v, list)})
        self._values = values
        city = values.get("city")
        self.city_id = city.id if city else None

    def text(self, name: str) -> str:
        return str(self._values.get(name) or "")

    def codes(self, vocabulary: str) -> list[str]:
        return list(self._values.get(vocabulary) or [])


def named(
    vocabulary: str, lang: str, *, with_code: bool = False, stored: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Choices of a vocabulary: (code, name). What is retired is offered to those only who have it `stored`."""
    return [
        (t.code, f"{t.code} · {t.name(lang)}" if with_code else t.name(lang))
        for t in terms(vocabulary)
        if t.is_offered or t.code in stored
    ]


def city_choices(lang: str) -> dict[str, list[tuple[str, str]]]:
    """Cities under the names of their countries, Viet Nam first; the first group is the empty choice."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for city in db.session.scalars(select(City).order_by(City.name_en)):
        groups.setdefault(city.country, []).append((city.slug, city.name(lang)))
    order = sorted(groups, key=lambda code: (code != "VN", term_name("country", code, lang)))
    return {"–": [("", "–")]} | {term_name("country", code, lang): groups[code] for code in order}


def city_of(slug: str | None) -> City | None:
    return db.session.scalar(select(City).where(City.slug == slug)) if slug else None


def _entry(kind: str, field: Field) -> Any:
    """The form field that fits one line of `fields.py`."""
    words = labels.words(kind, field.name)
    told = {"description": words.help}
    if field.store == "text":
        cls = TextField if field.markdown or field.lines or field.at_most > 300 else LineField
        return cls(words.label, at_most=field.at_most, **told)
    if field.store == "terms":
        return CodesField(words.label, at_most=field.at_most, **told)
    if field.store == "term":
        return (RadioCodeField if field.name in RADIOS else CodeField)(words.label, **told)
    if field.name == "city":
        return CodeField(words.label, **told)
    if field.name in COUNTS:
        low, high = COUNTS[field.name]
        return NumberField(words.label, whole=True, at_least=low, at_most=high, **told)
    if field.name in NUMBERS:
        return NumberField(words.label, **told)
    if field.name in PARTS_OF_BUDGET:
        return PartOfBudgetField(words.label, **told)
    if field.name in DAYS:
        return DayField(words.label, **told)
    if field.name in FLAGS:
        return BooleanField(words.label, **told)
    return LineField(words.label, at_most=field.at_most, **told)


def _form(name: str, kind: str) -> type[ListingForm]:
    members: dict[str, Any] = {"kind": kind, "__doc__": f"The form of a {kind}."}
    for field in fields_of(kind):
        if field.name not in ASKED_AS:
            members[field.name] = _entry(kind, field)
        elif "amount" not in members:
            words = labels.words(kind, "amount")
            members["amount"] = AmountField(words.label, description=words.help)
    if kind == "capability":
        members["references"] = FieldList(
            FormField(ReferenceForm), min_entries=MOST_REFERENCES, max_entries=MOST_REFERENCES
        )
    return type(name, (ListingForm,), members)


NeedForm = _form("NeedForm", "need")
CapabilityForm = _form("CapabilityForm", "capability")
FORMS = {"need": NeedForm, "capability": CapabilityForm}


def initial(listing: Listing) -> dict[str, Any]:
    """What the form of an existing listing starts with: the text its owner edits."""
    revision: Revision = listing.edited
    currency = revision.currency
    found: dict[str, Any] = {"lang": revision.lang, "currency": currency}
    found["amount"] = Amount(revision.amount_min, revision.amount_max, currency)
    for field in fields_of(listing.kind):
        if field.name in ASKED_AS:
            continue
        value = stored_value(field, revision)
        if field.name == "city" and revision.city:
            value = revision.city.slug
        elif field.name in PARTS_OF_BUDGET:
            value = Amount(value, value, currency)
        found[field.name] = value
    if listing.kind == "capability":
        found["references"] = [
            {**row, "amount": _one_amount(row["value"], row["currency"])} for row in references_of(revision)
        ]
    return found


def _one_amount(value: Any, currency: str | None) -> Amount:
    amount = Decimal(value) if value else None
    return Amount(amount, amount, currency)


__all__ = ["FORMS", "CapabilityForm", "ListingForm", "NeedForm", "initial", "named", "what_lacks"]
