"""Moderators' page: companies that together cover what a need asks, where none does alone."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.lifecycle import Refused
from ppp_match.listings.models import Listing
from ppp_match.moderation.blueprint import blueprint
from ppp_match.moderation.workbench import bench_address, filters_here, listing_or_404
from ppp_match.recommendations import consortia, operations
from ppp_match.recommendations.grid import kind_name, source_name
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, once, requires

LISTABLE = ("suggested", "on_hold")  # states from which a pair can go on the short list


@blueprint.get("/review/matches/need/<uuid:id>/consortia")
@requires("match.review")
def consortia_of(id: uuid.UUID) -> str:
    """Pairs of companies for one need, with who covers which requirement."""
    need: Listing = listing_or_404("need", id)
    found_or_404(need if need.in_public else None)
    return render_template(
        "moderation/consortia.html",
        need=need,
        f=filters_here().arguments,
        suggestions=consortia.consortia_of(need),
        kind_name=kind_name,
        source_name=source_name,
        listable=LISTABLE,
    )


@blueprint.post("/review/matches/need/<uuid:id>/consortia")
@requires("match.review")
@once
def shortlist_consortium(id: uuid.UUID) -> Any:
    """Put both companies of a suggestion on the need's short list, each with a note that names the other."""
    need: Listing = listing_or_404("need", id)
    asked = {request.form.get("first", ""), request.form.get("second", "")}
    chosen = next(
        (
            one
            for one in consortia.consortia_of(need)
            if {str(company.capability.id) for company in one.companies} == asked
        ),
        None,
    )
    if chosen is None:
        flash(
            _("This suggestion does not hold any more: one of the texts or decisions has changed."), "error"
        )
        return redirect(url_for(".consortia_of", id=need.id, **filters_here().arguments), 303)
    return _shortlisted(need, chosen)


def _shortlisted(need: Listing, chosen: consortia.Suggestion) -> Response:
    actor, match = current_actor(), None
    for company, other in (chosen.companies, chosen.companies[::-1]):
        note = _(
            "Suggested together with %(label)s, %(company)s.",
            label=other.capability.label,
            company=other.capability.organisation.name(str(get_locale())),
        )
        try:
            match = operations.live_match(need, company.capability) or operations.add_pair(
                need, company.capability, actor=actor
            )
            if match.state in LISTABLE:
                operations.shortlist_match(match, actor=actor, note=note)
        except Refused as refused:
            flash(f"{company.capability.label}: {words_of(refused.code)}", "error")
        else:
            flash(_("%(label)s is on the short list.", label=company.capability.label), "success")
    return redirect(bench_address(need, pair=match.id if match else None), 303)
