"""Pages of what both sides keep together: one form a kind, for a new row and for one that there is."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.partnerships import plan, queries, sheets
from ppp_match.partnerships.forms import DocumentForm, IndicatorForm, MilestoneForm, RiskForm
from ppp_match.partnerships.models_plan import DocumentLink, Indicator, Milestone, Risk
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, once, page_lang, requires

# What stands in the address: (table, form, heading of a new row, heading of one that there is, section of the record).
KINDS: dict[str, tuple[Any, Any, Any, Any, str]] = {
    "indicators": (Indicator, IndicatorForm, _l("Measure something"), _l("What is measured"), "measured"),
    "milestones": (Milestone, MilestoneForm, _l("Add a milestone"), _l("Milestone"), "milestones"),
    "risks": (Risk, RiskForm, _l("Add a risk"), _l("Risk"), "risks"),
    "documents": (DocumentLink, DocumentForm, _l("Add a document"), _l("Document"), "documents"),
}


def _kind(name: str) -> tuple[Any, Any, Any, Any, str]:
    if name not in KINDS:
        abort(404)
    return KINDS[name]


def _partnership(id: uuid.UUID) -> Any:
    actor = current_actor()
    partnership = found_or_404(queries.partnership_of(id, actor))
    if not can(actor, "partnership.report", partnership):
        abort(403)
    return partnership


@once
@requires("partnership.report")
def add(id: uuid.UUID, kind: str) -> Any:
    """A new row of one kind."""
    table, form_class, heading, _old, section = _kind(kind)
    partnership, actor, form = _partnership(id), current_actor(), form_class()
    refusal, status = "", 200
    if form.validate_on_submit():
        try:
            plan.add(table, partnership, form.values(), actor=actor)
        except NotPermitted:
            raise
        except Refused as refused:
            refusal, status = words_of(refused.code), 409
        else:
            flash(_("Saved. Both sides keep this together."), "success")
            return redirect(url_for(".detail", id=id, _anchor=section), 303)
    elif request.method == "POST":
        status = 422
    page = render_template(
        "partnerships/row.html",
        form=form,
        kind=kind,
        heading=heading,
        refusal=refusal,
        row=None,
        **sheets.line(partnership, page_lang()),
    )
    return page, status


@requires("partnership.report")
def edit(id: uuid.UUID, kind: str, row_id: uuid.UUID) -> Any:
    """Change a row."""
    table, form_class, _new, heading, section = _kind(kind)
    partnership, actor = _partnership(id), current_actor()
    row = found_or_404(queries.row_of(table, partnership, row_id))
    form = form_class(row=row) if form_class in (IndicatorForm, RiskForm) else form_class(obj=row)
    if request.method == "GET":
        form.version.data = str(row.version)
    refusal, status = "", 200
    if form.validate_on_submit():
        try:
            plan.change(row, form.values(), version=form.seen_version(), actor=actor)
        except NotPermitted:
            raise
        except Refused as refused:
            db.session.rollback()
            form.version.data = str(row.version)
            stale = _("Somebody changed this a moment earlier. Look at it again; what you typed is kept.")
            refusal, status = words_of(refused.code) or stale, 409
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".detail", id=id, _anchor=section), 303)
    elif request.method == "POST":
        status = 422
    page = render_template(
        "partnerships/row.html",
        form=form,
        kind=kind,
        heading=heading,
        refusal=refusal,
        row=row,
        **sheets.line(partnership, page_lang()),
    )
    return page, status


@requires("partnership.report")
def remove(id: uuid.UUID, kind: str, row_id: uuid.UUID) -> Response:
    """Take a row away."""
    table, _form, _new, _old, section = _kind(kind)
    partnership = _partnership(id)
    row = found_or_404(queries.row_of(table, partnership, row_id))
    seen = request.form.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
    plan.remove(row, version=version, actor=current_actor())
    flash(_("Taken away."), "success")
    return redirect(url_for(".detail", id=id, _anchor=section), 303)


def add_plan_pages(bp: Blueprint) -> None:
    """Hang these pages on the blueprint of the room."""
    bp.add_url_rule("/partnerships/<uuid:id>/<string:kind>/new", "add_row", add, methods=["GET", "POST"])
    bp.add_url_rule(
        "/partnerships/<uuid:id>/<string:kind>/<uuid:row_id>/edit", "edit_row", edit, methods=["GET", "POST"]
    )
    bp.add_url_rule(
        "/partnerships/<uuid:id>/<string:kind>/<uuid:row_id>/remove", "remove_row", remove, methods=["POST"]
    )
