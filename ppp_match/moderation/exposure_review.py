"""Moderators' page: who gets seen, and what finds no answer, as lists to act on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _

from ppp_match.db import now
from ppp_match.moderation.blueprint import blueprint
from ppp_match.recommendations import exposure, exposure_figures
from ppp_match.vocabularies import term_name
from ppp_match.web import requires

PERIODS = (90, 365)  # days; anything else in the address means all time
SHOWN = 25  # vendors on the page; the table for a spreadsheet has all


@blueprint.get("/review/exposure")
@requires("match.review")
def exposure_page() -> Any:
    """Exposure by vendor, size, country and newness; needs without supply; sectors with unmet demand."""
    lang = str(get_locale())
    days = next((one for one in PERIODS if request.args.get("days") == str(one)), None)
    vendors = exposure_figures.vendors_since(now() - timedelta(days=days) if days else None)
    if request.args.get("format") == "csv":
        heads = (
            _("Organisation"),
            _("Country"),
            _("Size"),
            _("New"),
            _("In lists"),
            _("Both sides asked"),
            _("Introduced"),
        )
        return Response(
            exposure_figures.as_csv(vendors, heads, lang),
            mimetype="text/csv",
            headers={"Content-Disposition": 'attachment; filename="exposure.csv"'},
        )
    unmet, unmet_count = exposure_figures.needs_without_supply()
    groups = [
        (
            _("By size"),
            exposure_figures.grouped(
                vendors, lambda one: term_name("size_band", one.size_band, lang) or _("not stated")
            ),
        ),
        (
            _("By country"),
            exposure_figures.grouped(vendors, lambda one: term_name("country", one.country, lang)),
        ),
        (
            _("By newness"),
            exposure_figures.grouped(vendors, lambda one: _("new") if one.is_new else _("here for longer")),
        ),
    ]
    return render_template(
        "moderation/exposure.html",
        vendors=vendors[:SHOWN],
        count=len(vendors),
        never=[one for one in vendors if not one.suggested],
        evenness=exposure_figures.evenness(vendors),
        groups=groups,
        unmet=unmet,
        unmet_count=unmet_count,
        weakest=exposure_figures.weakest_needs(),
        sectors=exposure_figures.sectors_with_demand(),
        cap=exposure.current_cap(current_app.extensions["settings"].matches_per_need),
        kept_places=exposure.KEPT_PLACES,
        days=days,
        periods=PERIODS,
    )
