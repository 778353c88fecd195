"""Words for fields and states of organisations, for pages that show them outside a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from ppp_match import vocabularies
from ppp_match.accounts import queries
from ppp_match.accounts.models import Organisation

FIELDS = {
    "subtype": _l("What it is exactly"),
    "name_vi": _l("Legal name in Vietnamese"),
    "name_en": _l("Legal name in English"),
    "country": _l("Country"),
    "city_id": _l("City"),
    "size_band": _l("Size"),
    "registration_number": _l("Registration number"),
    "website": _l("Website"),
    "about": _l("What it does, in one language at least"),
    "about_vi": _l("What it does, in Vietnamese"),
    "about_en": _l("What it does, in English"),
    "contact_unit": _l("Contact unit"),
    "contact_email": _l("Contact e-mail"),
}
VOCABULARIES = {"subtype": "organisation_subtype", "country": "country", "size_band": "size_band"}


def field_label(name: str) -> str:
    """The label of a field in the reader's language."""
    return str(FIELDS[name])


def _lang() -> str:
    return "en" if str(get_locale()) == "en" else "vi"


def term_in_page_language(vocabulary: str, code: str) -> str:
    """The name of a code in the reader's language."""
    return vocabularies.term_name(vocabulary, code, _lang())


def _readable(name: str, value: Any) -> str:
    lang = _lang()
    if name in VOCABULARIES:
        return term_in_page_language(VOCABULARIES[name], value)
    if name == "city_id":
        place = queries.city(value)
        return place.name(lang) if place else ""
    return str(value or "")


def stored_values(organisation: Organisation, typed: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(label, stored now, typed) of every field where the two differ."""
    return [
        (field_label(name), _readable(name, getattr(organisation, name)), _readable(name, value))
        for name, value in typed.items()
        if getattr(organisation, name) != value
    ]
