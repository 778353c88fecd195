"""An administrator puts right what an organisation cannot change itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ppp_match import audit
from ppp_match.accounts.models import ORGANISATION_KINDS, Organisation
from ppp_match.accounts.queries import owners_of
from ppp_match.administration import organisation_queries as queries
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can
from ppp_match.verification.operations import note_published

CORRECTED = ("subtype", "name_vi", "name_en", "country", "city_id", "registration_number")


def kinds_open_to(organisation: Organisation) -> tuple[str, ...]:
    """The kinds that it may be given: its own, and all while nothing hangs on the kind."""
    return tuple(ORGANISATION_KINDS) if queries.is_blank(organisation) else (organisation.kind,)


def correct_organisation(
    organisation: Organisation, values: Mapping[str, Any], *, reason: str, version: int, actor: Actor
) -> tuple[str, ...]:
    """Correct the facts of CORRECTED, verified or not; the kind follows from the subtype. The owners are told.

    Raises NotPermitted (one's own organisation too), Refused("stale"), Refused("unknown_kind"), ReasonMissing.
    Returns the names of the fields that changed.
    """
    if not can(actor, "organisation.correct", organisation):
        raise NotPermitted("not_permitted", "organisation.correct")
    if organisation.version != version:
        raise Refused("stale")
    changed = tuple(name for name in CORRECTED if getattr(organisation, name) != values[name])
    if not changed:
        return ()
    words = reason.strip()
    if not words:
        raise ReasonMissing("reason_missing", "correct")
    if "subtype" in changed:
        kind = _kind_of(organisation, values["subtype"])
        if kind != organisation.kind:
            organisation.kind, changed = kind, ("kind", *changed)
    for name in CORRECTED:
        setattr(organisation, name, values[name])
    db.session.flush()
    audit.record("organisation.corrected", organisation, actor=actor, fields=changed, reason=words)
    note_published(
        organisation
    )  # its documents hold its name and country, and an anonymous need hides the names
    notify(
        owners_of(organisation.id),
        "organisation.corrected",
        organisation,
        params={**organisation.named(), "reason": words},
        once=str(organisation.version),
    )
    return changed


def _kind_of(organisation: Organisation, subtype: str) -> str:
    for kind in kinds_open_to(organisation):
        if subtype in ORGANISATION_KINDS[kind]:
            return kind
    raise Refused("unknown_kind", subtype)
