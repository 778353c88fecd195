"""Moderators' page: who gets seen, what finds no answer, as lists to act on, and how many pairs are drawn by lot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from ppp_match.db import now
from ppp_match.moderation.blueprint import blueprint
from ppp_match.permissions import can
from ppp_match.recommendations import exposure, exposure_figures, lots
from ppp_match.recommendations.demand import Demand
from ppp_match.recommendations.models import LOTS_AT_MOST
from ppp_match.vocabularies import sectors, term_name
from ppp_match.web import current_actor, requires

PERIODS = (90, 365)  # days; anything else in the address means all time
LISTED = 30  # needs that nothing answers; the page shows all when asked
SHOWN = 25  # vendors on the page; the table for a spreadsheet has all


class LotsForm(FlaskForm):
    """How many pairs are drawn by lot for each need."""

    number = SelectField(
        _l("Pairs chosen by lot for each need"),
        description=_l("With 0 none are drawn, and those that nobody has decided on leave."),
        choices=[SelectChoice(str(number), str(number)) for number in range(LOTS_AT_MOST + 1)],
    )


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
    return _page(vendors, days, lang)


@blueprint.post("/review/exposure/lots")
@requires("lots.set")
def set_lots() -> Any:
    """Set how many pairs are drawn by lot for each need."""
    form = LotsForm()
    if not form.validate_on_submit():
        return _page(exposure_figures.vendors_since(None), None, str(get_locale()), form), 422
    lots.set_lots_per_need(int(form.number.data), actor=current_actor())
    flash(_("The number is kept. Pairs are drawn anew within minutes."), "success")
    return redirect(url_for(".exposure_page", _anchor="lots"), 303)


def _page(
    vendors: list[exposure_figures.Vendor], days: int | None, lang: str, form: LotsForm | None = None
) -> str:
    sector = next((one.code for one in sectors() if one.code == request.args.get("sector")), None)
    every = request.args.get("unmet") == "all"
    demand = Demand()
    unmet, unmet_count = demand.unmet(sector, limit=None if every else LISTED)
    drawn = lots.lots_per_need()
    top = current_app.extensions["settings"].matches_per_need
    if form is None and can(current_actor(), "lots.set"):
        form = LotsForm(formdata=None, data={"number": str(drawn)})
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
        sector=sector,
        sectors=demand.sectors(),
        cap=exposure.current_cap(top),
        kept_places=exposure.KEPT_PLACES,
        days=days,
        periods=PERIODS,
        cut=top,
        last_place=lots.LAST_PLACE,
        lots=lots.figures(),
        lots_per_need=drawn,
        form=form,
    )
