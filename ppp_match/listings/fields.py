"""The fields of a need and of a capability, defined once (domain reference D7 and D8).

Forms, storage, remarks, detail pages, seeds and the completeness guard all read these tables. Labels, help and
examples stand in `labels.py`, since they are for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Store = Literal["text", "scalar", "terms", "term"]


@dataclass(frozen=True)
class Field:
    """One field. `store` says where it lives: a text per language, a column, or terms of a vocabulary.

    `required` is what publication needs; a draft may lack anything. Lengths are in characters, `at_most` for
    terms is a number of choices. `lines`: one item a line. `markdown`: a long text with Markdown.
    """

    name: str
    section: str
    store: Store
    required: bool = False
    at_least: int = 0
    at_most: int = 0
    vocabulary: str = ""
    markdown: bool = False
    lines: bool = False


NEED_FIELDS: tuple[Field, ...] = (
    Field("title", "problem", "text", required=True, at_least=10, at_most=120),
    Field("problem", "problem", "text", required=True, at_least=300, at_most=2500, markdown=True),
    Field("tried", "problem", "text", at_most=1500, markdown=True),
    Field("outcome", "problem", "text", required=True, at_least=40, at_most=1500, markdown=True),
    Field("beneficiaries", "problem", "scalar", required=True),
    Field("who_affected", "problem", "text", at_most=400),
    Field("beneficiary_group", "problem", "terms", at_most=8, vocabulary="beneficiary_group"),
    Field("city", "place", "scalar", required=True),
    Field("anonymous", "place", "scalar"),
    Field("local_specifics", "place", "text", required=True, at_least=10, at_most=800),
    Field("scale_value", "place", "scalar", required=True),
    Field("scale_unit", "place", "scalar", required=True, at_most=60),
    Field("sector", "classification", "terms", required=True, at_most=5, vocabulary="sector"),
    Field("ascf_area", "classification", "terms", required=True, at_most=3, vocabulary="ascf_area"),
    Field("outcome_area", "classification", "terms", required=True, at_most=3, vocabulary="outcome_area"),
    Field("d950_group", "classification", "terms", at_most=3, vocabulary="d950_group"),
    Field("sdg", "classification", "terms", at_most=6, vocabulary="sdg"),
    Field("stage", "partners", "term", required=True, vocabulary="stage"),
    Field("partner_kind", "partners", "terms", required=True, at_most=6, vocabulary="partner_kind"),
    Field("contract_form", "partners", "terms", required=True, at_most=8, vocabulary="contract_form"),
    Field("language", "partners", "terms", required=True, at_most=6, vocabulary="language"),
    Field("requirements", "conditions", "text", at_most=1500, lines=True),
    Field("wishes", "conditions", "text", at_most=1000, lines=True),
    Field("exclusions", "conditions", "text", at_most=1000, lines=True),
    Field("existing_systems", "conditions", "text", at_most=1000),
    Field("standards", "conditions", "text", at_most=800, lines=True),
    Field("data_available", "conditions", "text", at_most=1000),
    Field("plan_reference", "conditions", "text", at_most=300),
    Field("community", "conditions", "text", at_most=1000),
    Field("budget_status", "money", "term", required=True, vocabulary="budget_status"),
    Field("amount_min", "money", "scalar"),
    Field("amount_max", "money", "scalar"),
    Field("currency", "money", "term", vocabulary="currency"),
    Field("financing_gap", "money", "scalar"),
    Field("funding_source", "money", "terms", at_most=8, vocabulary="funding_source"),
    Field("start_on", "money", "scalar", required=True),
    Field("end_on", "money", "scalar"),
    Field("response_until", "money", "scalar", required=True),
    Field("contact_unit", "contact", "text", required=True, at_least=3, at_most=160),
    Field("conflicts", "contact", "text", required=True, at_least=2, at_most=600),
)

CAPABILITY_FIELDS: tuple[Field, ...] = (
    Field("title", "offer", "text", required=True, at_least=10, at_most=120),
    Field("solves", "offer", "text", required=True, at_least=100, at_most=2500, markdown=True),
    Field("how", "offer", "text", required=True, at_least=60, at_most=2500, markdown=True),
    Field("offer_kind", "offer", "terms", required=True, at_most=6, vocabulary="offer_kind"),
    Field("maturity", "offer", "term", required=True, vocabulary="maturity"),
    Field("not_offered", "offer", "text", required=True, at_least=5, at_most=800),
    Field("sector", "classification", "terms", required=True, at_most=5, vocabulary="sector"),
    Field("ascf_area", "classification", "terms", required=True, at_most=3, vocabulary="ascf_area"),
    Field("outcome_area", "classification", "terms", required=True, at_most=3, vocabulary="outcome_area"),
    Field("d950_group", "classification", "terms", at_most=3, vocabulary="d950_group"),
    Field("sdg", "classification", "terms", at_most=6, vocabulary="sdg"),
    Field("country", "delivery", "terms", required=True, at_most=30, vocabulary="country"),
    Field("legal_presence", "delivery", "text", at_most=300),
    Field("local_support", "delivery", "text", required=True, at_least=10, at_most=800),
    Field("language", "delivery", "terms", required=True, at_most=8, vocabulary="language"),
    Field("contract_form", "delivery", "terms", required=True, at_most=13, vocabulary="contract_form"),
    Field("data_hosting", "delivery", "terms", at_most=4, vocabulary="data_hosting"),
    Field("delivery_months", "delivery", "scalar"),
    Field("amount_min", "money", "scalar", required=True),
    Field("amount_max", "money", "scalar", required=True),
    Field("currency", "money", "term", required=True, vocabulary="currency"),
    Field("can_invest", "money", "scalar"),
    Field("ticket_max", "money", "scalar"),
    Field("price_basis", "money", "terms", at_most=3, vocabulary="price_basis"),
    Field("price_model", "money", "text", at_most=200),
    Field("team", "evidence", "text", at_most=600),
    Field("integration", "evidence", "text", at_most=600),
    Field("standards", "evidence", "text", at_most=800, lines=True),
    Field("enterprise_trait", "evidence", "terms", at_most=3, vocabulary="enterprise_trait"),
    Field("ownership", "evidence", "text", required=True, at_least=2, at_most=600),
)

SECTIONS = {
    "need": ("problem", "place", "classification", "partners", "conditions", "money", "contact"),
    "capability": ("offer", "classification", "delivery", "money", "evidence"),
}


def fields_of(kind: str) -> tuple[Field, ...]:
    return NEED_FIELDS if kind == "need" else CAPABILITY_FIELDS


def field_of(kind: str, name: str) -> Field:
    """The field of that name. Raises KeyError if the kind has none."""
    for field in fields_of(kind):
        if field.name == name:
            return field
    raise KeyError(name)


# A column with a word in it: the unit of the scale. Its translation is a text row of the same name.
WORD_COLUMNS = ("scale_unit",)


def translatable(kind: str) -> tuple[Field, ...]:
    """The fields that hold words of a person and so can be given in a second language."""
    return tuple(field for field in fields_of(kind) if field.store == "text" or field.name in WORD_COLUMNS)


def carrying(kind: str) -> tuple[Field, ...]:
    """The texts without which a language is not offered to readers: the title and the required long texts."""
    return tuple(
        field for field in fields_of(kind) if field.required and (field.name == "title" or field.markdown)
    )


def least_in_second(field: Field) -> int:
    """Characters that a carrying text needs in a second language: one language runs up to a third shorter."""
    return max(1, -(-field.at_least * 2 // 3))


def stored_value(field: Field, revision: Any) -> Any:
    """What a revision holds in a field, in its original language."""
    if field.store == "text":
        return revision.text(field.name)
    if field.store == "terms":
        return revision.codes(field.vocabulary)
    return getattr(revision, "city_id" if field.name == "city" else field.name)


def required_now(field: Field, kind: str, revision: Any) -> bool:
    """Whether publication needs the field, given what else the revision says (the C of the domain reference)."""
    if field.required:
        return True
    if kind == "need":
        if field.name in {"amount_max", "currency"}:
            return revision.budget_status is not None and revision.budget_status != "undisclosed"
        if field.name == "d950_group":
            return revision.city is not None and revision.city.country == "VN"
    elif field.name == "data_hosting":
        return "software" in revision.codes("offer_kind")
    elif field.name == "ticket_max":
        return bool(revision.can_invest)
    return False


def missing(kind: str, revision: Any) -> list[str]:
    """Names of the fields that publication needs and the revision lacks or has too short."""
    lacking = []
    for field in fields_of(kind):
        value = stored_value(field, revision)
        if field.store == "text":
            short = len(value.strip()) < max(field.at_least, 1)
        else:
            short = value is None or value == "" or value == []
        if short and required_now(field, kind, revision):
            lacking.append(field.name)
    return lacking
