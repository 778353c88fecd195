"""Pages of every organisation, for administrators: the list, the record of one, the correction of its facts."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from ppp_match.accounts.labels import stored_values
from ppp_match.accounts.models import VERIFICATION_STATES, Organisation
from ppp_match.administration import organisation_queries as queries
from ppp_match.administration.blueprint import blueprint
from ppp_match.administration.forms import CorrectionForm
from ppp_match.administration.organisation_operations import correct_organisation
from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.listings.presentation import state_name
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.permissions import can
from ppp_match.vocabularies import terms
from ppp_match.web import current_actor, found_or_404, page_lang, requires


@blueprint.get("/admin/organisations")
@requires("organisation.correct")
def organisations() -> str:
    countries = {term.code: term.name(page_lang()) for term in terms("country")}
    filters = queries.read_filters(request.args, countries)
    wanted: dict[str, Any] = dict(filters.arguments)
    page = page_of(
        queries.organisations(filters, page_lang()),
        number_of(request.args.get("page")),
        lambda number: url_for(".organisations", page=number, **wanted),
    )
    return render_template(
        "administration/organisations.html",
        page=page,
        filters=filters,
        counts=queries.counts([one.id for one in page.rows]),
        countries=countries,
        kinds={term.code: term.name(page_lang()) for term in terms("organisation_kind")},
        verifications={
            term.code: term.name(page_lang())
            for term in terms("verification")
            if term.code in VERIFICATION_STATES
        },
    )


@blueprint.get("/admin/organisations/<uuid:id>")
@requires("organisation.correct")
def organisation(id: uuid.UUID) -> str:
    home = found_or_404(queries.organisation(id))
    return render_template(
        "administration/organisation.html",
        organisation=home,
        members=queries.members(id),
        listings=[(kind, state_name(state), many) for kind, state, many in queries.listings_by_state(id)],
        requests=queries.requests(id),
        suspensions=queries.suspensions(id),
        reports=queries.reports(id),
        may_correct=can(current_actor(), "organisation.correct", home),
    )


@blueprint.route("/admin/organisations/<uuid:id>/correct", methods=["GET", "POST"])
@requires("organisation.correct")
def correct(id: uuid.UUID) -> Any:
    home = found_or_404(queries.organisation(id))
    if not can(current_actor(), "organisation.correct", home):
        abort(403)
    form = CorrectionForm(organisation=home)
    if not form.validate_on_submit():
        return _form(home, form), 422 if form.errors else 200
    try:
        changed = correct_organisation(
            home,
            form.values(),
            reason=form.reason.data or "",
            version=form.seen_version(),
            actor=current_actor(),
        )
    except (Refused, StaleDataError) as refused:
        if isinstance(refused, Refused) and refused.code != "stale":
            raise
        return _stale(id, form)
    flash(
        _("Corrected. The owners have been told.") if changed else _("Nothing was changed."),
        "success" if changed else "info",
    )
    return redirect(url_for(".organisation", id=id), 303)


def _stale(id: uuid.UUID, form: CorrectionForm) -> tuple[str, int]:
    """Somebody saved first: what was typed, what is stored now; sending again saves on top of that."""
    db.session.rollback()
    home = found_or_404(queries.organisation(id))
    form.version.data = str(home.version)
    return _form(home, form, stored_values(home, form.values())), 409


def _form(home: Organisation, form: CorrectionForm, stored: list[tuple[str, str, str]] | None = None) -> str:
    return render_template(
        "administration/correct.html",
        organisation=home,
        form=form,
        stored=stored,
        kind_is_open=queries.is_blank(home),
    )
