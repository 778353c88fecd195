"""Pages of what both sides keep together: one form a kind, for a new row and for one that there is."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from ppp_match.accounts.forms import Versioned
from ppp_match.partnerships import plan, queries
from ppp_match.partnerships.forms import DocumentForm, IndicatorForm, MilestoneForm, RiskForm
from ppp_match.partnerships.models_plan import DocumentLink, Indicator, Milestone, Risk
from ppp_match.partnerships.reporting import reported, reporting
from ppp_match.web import current_actor, found_or_404, once, requires

# What stands in the address: (table, form, heading of a new row, heading of one that there is, section of the record).
KINDS: dict[str, tuple[Any, Any, Any, Any, str]] = {
    "indicators": (Indicator, IndicatorForm, _l("Measure something"), _l("What is measured"), "measured"),
    "milestones": (Milestone, MilestoneForm, _l("Add a milestone"), _l("Milestone"), "milestones"),
    "risks": (Risk, RiskForm, _l("Add a risk"), _l("Risk"), "risks"),
    "documents": (DocumentLink, DocumentForm, _l("Add a document"), _l("Document"), "documents"),
}
PAGE = "partnerships/row.html"


def _kind(name: str) -> tuple[Any, Any, Any, Any, str]:
    if name not in KINDS:
        abort(404)
    return KINDS[name]


@once
@requires("partnership.report")
def add(id: uuid.UUID, kind: str) -> Any:
    """A new row of one kind."""
    table, form_class, heading, _old, section = _kind(kind)
    partnership, actor, form = reported(id), current_actor(), form_class()
    del form.version  # there is no row yet
    return reporting(
        partnership,
        form,
        PAGE,
        lambda: plan.add(table, partnership, form.values(), actor=actor),
        done=_("Saved. Both sides keep this together."),
        anchor=section,
        kind=kind,
        heading=heading,
    )


@requires("partnership.report")
def edit(id: uuid.UUID, kind: str, row_id: uuid.UUID) -> Any:
    """Change a row."""
    table, form_class, _new, heading, section = _kind(kind)
    partnership, actor = reported(id), current_actor()
    row = found_or_404(queries.row_of(table, partnership, row_id))
    form = form_class(obj=row)
    return reporting(
        partnership,
        form,
        PAGE,
        lambda: plan.change(row, form.values(), version=form.seen_version(), actor=actor),
        done=_("Saved."),
        anchor=section,
        row=row,
        kind=kind,
        heading=heading,
    )


@requires("partnership.report")
def remove(id: uuid.UUID, kind: str, row_id: uuid.UUID) -> Response:
    """Take a row away."""
    table, _form, _new, _old, section = _kind(kind)
    row = found_or_404(queries.row_of(table, reported(id), row_id))
    plan.remove(row, version=Versioned().seen_version(), actor=current_actor())
    flash(_("Taken away."), "success")
    return redirect(url_for(".detail", id=id, _anchor=section), 303)


def add_plan_pages(bp: Blueprint) -> None:
    """Hang these pages on the blueprint of the room."""
    place = "/partnerships/<uuid:id>/<string:kind>"
    bp.add_url_rule(f"{place}/new", "add_row", add, methods=["GET", "POST"])
    bp.add_url_rule(f"{place}/<uuid:row_id>/edit", "edit_row", edit, methods=["GET", "POST"])
    bp.add_url_rule(f"{place}/<uuid:row_id>/remove", "remove_row", remove, methods=["POST"])
