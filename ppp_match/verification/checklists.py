"""What a moderator looks at before an organisation is verified, by its kind, and who needs two moderators."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.accounts.models import Organisation

ITEMS: dict[str, Any] = {
    "founded": _l(
        "The body exists: the decision that founded it, or the official list of authorities, names it"
    ),
    "registry": _l("The number stands in the public register and belongs to this name"),
    "name": _l("The name is written as in the register"),
    "domain": _l("The e-mail domain is the organisation’s own, as its website or the register shows"),
    "website": _l("The website names this organisation and the same contact unit"),
    "letter": _l(
        "A signed letter, or the head of the unit by phone, says that the requester may speak for it"
    ),
    "person": _l("The requester works there and may speak for it"),
    "debarment": _l("It stands on no list of excluded firms (World Bank, ADB, national list)"),
    "mandate": _l("Its mandate covers the country and work of this kind"),
    "publications": _l("Its field of work is shown by publications, projects or teaching"),
}
BY_KIND: dict[str, tuple[str, ...]] = {
    "city": ("founded", "name", "domain", "letter", "person"),
    "vendor": ("registry", "name", "domain", "website", "person", "debarment"),
    "expert": ("registry", "name", "domain", "person", "publications"),
    "partner": ("founded", "name", "domain", "letter", "person", "mandate"),
}
# Whoever passes for one of these speaks with public authority, so two people look.
PUBLIC_SUBTYPES = ("university", "institute", "embassy")

FIELDS: dict[str, Any] = {
    "name": _l("Name and kind"),
    "registration_number": _l("Registration number"),
    "domain": _l("Official e-mail domain"),
    "website": _l("Website"),
    "statement": _l("Who asks"),
    "letter": _l("Letter"),
    "profile": _l("Profile"),
}


def items_for(organisation: Organisation) -> tuple[str, ...]:
    """The names of what is looked at for an organisation."""
    return BY_KIND[organisation.kind]


def is_public_body(organisation: Organisation) -> bool:
    """Whether two moderators have to agree: cities and ministries, universities, public institutes, embassies."""
    return organisation.kind == "city" or organisation.subtype in PUBLIC_SUBTYPES
