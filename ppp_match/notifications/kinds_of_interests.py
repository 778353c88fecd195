"""Kinds of notices about declared relations and interests, recusals, and declarations on offers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.notifications.kind import Kind, Values, to, to_list

SEE_RELATIONS = _l("Open the relations")
SEE_INTERESTS = _l("Open your declared interests")


def _to_home(_subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    """The relations of the organisation that is told."""
    if "home" not in params:
        return "declarations.register_page", {}
    return "declarations.of_organisation", {"id": params["home"]}


INTERESTS: dict[str, Kind] = {
    "relation.declared": Kind(
        _l(
            "A relation of %(organisation)s to %(other)s was declared. Pairs of the two are not offered any more."
        ),
        _l("A relation of your organisation was declared"),
        SEE_RELATIONS,
        _to_home,
        icon="pair",
    ),
    "relation.ending": Kind(
        _l("A relation of %(organisation)s to %(other)s is said to have ended"),
        _l("Somebody says that a relation has ended"),
        _l("Look at it"),
        to("declarations.relation"),
        icon="clock",
    ),
    "relation.ended": Kind(
        _l("The forum confirmed that the relation of %(organisation)s to %(other)s has ended: %(reason)s"),
        _l("A relation of your organisation has ended"),
        SEE_RELATIONS,
        _to_home,
        icon="check",
    ),
    "relation.stands": Kind(
        _l("For the forum the relation of %(organisation)s to %(other)s still stands: %(reason)s"),
        _l("A relation of your organisation still stands"),
        SEE_RELATIONS,
        _to_home,
        icon="warn",
    ),
    "relation.list_due": Kind(
        _l(
            "A year has passed. Please see whether the declared relations of %(name)s are still complete, and say so."
        ),
        _l("See whether your organisation's relations are still complete"),
        SEE_RELATIONS,
        _to_home,
        icon="clock",
    ),
    "declared_interest.ending": Kind(
        _l("%(who)s says that an interest in %(organisation)s has ended"),
        _l("Somebody says that an interest has ended"),
        _l("Look at it"),
        to("declarations.interest"),
        icon="clock",
    ),
    "declared_interest.ended": Kind(
        _l("The forum confirmed that your interest in %(organisation)s has ended: %(reason)s"),
        _l("A declared interest of yours has ended"),
        SEE_INTERESTS,
        to_list("declarations.mine"),
        icon="check",
    ),
    "declared_interest.stands": Kind(
        _l("For the forum your interest in %(organisation)s still stands: %(reason)s"),
        _l("A declared interest of yours still stands"),
        SEE_INTERESTS,
        to_list("declarations.mine"),
        icon="warn",
    ),
    "recusal.imposed": Kind(
        _l("An administrator recused you from %(organisation)s: %(reason)s"),
        _l("You are recused from an organisation"),
        SEE_INTERESTS,
        to_list("declarations.mine"),
        icon="lock",
    ),
    "declaration.waiting": Kind(
        _l("A side declared something before its answer to offer %(label)s: “%(need_title)s”"),
        _l("A declaration waits for the forum"),
        _l("Look at the declaration"),
        to("declarations.decide"),
        icon="flag",
        not_an_award=True,
    ),
    "declaration.cleared": Kind(
        _l(
            "The forum sees no obstacle in what you declared, and you can answer offer %(label)s: “%(need_title)s”"
        ),
        _l("You can answer an offer now"),
        _l("Read and answer"),
        to("introductions.offer"),
        "offer",
        "check",
        not_an_award=True,
    ),
    "offer.barred": Kind(
        _l(
            "The offer no longer stands, for a conflict of interest: “%(need_title)s” and “%(capability_title)s”"
        ),
        _l("An offer no longer stands"),
        _l("Open the offer"),
        to("introductions.offer"),
        "offer",
        "lock",
        not_an_award=True,
    ),
}
