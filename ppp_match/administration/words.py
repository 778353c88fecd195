"""What the vocabularies are called on pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

NAMES: dict[str, Any] = {
    "ascf_area": _l("Focus areas of the ASEAN framework"),
    "beneficiary_group": _l("Groups that benefit"),
    "budget_status": _l("States of a budget"),
    "contract_form": _l("Forms of contract"),
    "country": _l("Countries"),
    "currency": _l("Currencies"),
    "d950_group": _l("Groups of Decision 950"),
    "data_hosting": _l("Where data are kept"),
    "enterprise_trait": _l("Traits of an enterprise"),
    "funding_source": _l("Sources of funding"),
    "language": _l("Languages"),
    "listing_closing_reason": _l("Reasons to close a listing"),
    "match_rejection_reason": _l("Reasons to reject a match"),
    "maturity": _l("Degrees of maturity"),
    "offer_decline_reason": _l("Reasons to decline an offer"),
    "offer_kind": _l("What is offered"),
    "organisation_kind": _l("Kinds of organisations"),
    "organisation_subtype": _l("Kinds of organisations, exactly"),
    "outcome_area": _l("Areas of outcome"),
    "partner_kind": _l("Kinds of partners"),
    "price_basis": _l("Bases of a price"),
    "reference_confirmation": _l("States of a reference project"),
    "sdg": _l("Sustainable Development Goals"),
    "size_band": _l("Sizes of organisations"),
    "stage": _l("Stages of a project"),
    "verification": _l("States of verification"),
}


def vocabulary_name(code: str) -> Any:
    """The name of a vocabulary in the reader's language; one that no release knows is shown literally."""
    return NAMES.get(code, code)
