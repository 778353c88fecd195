"""Pages of organisations: register one, see it, edit it. How it is verified stands in `verification/`."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from ppp_match.accounts import operations, queries, verification_files
from ppp_match.accounts.forms import OrganisationForm
from ppp_match.accounts.labels import stored_values
from ppp_match.accounts.models import Organisation
from ppp_match.attachments.forms import UploadForm
from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.permissions import can
from ppp_match.web import act_for, current_actor, found_or_404, once, public, requires

blueprint = Blueprint("organisations", __name__, url_prefix="/organisations")


@blueprint.route("/new", methods=["GET", "POST"])
@once
@requires("organisation.create")
def new() -> Response | str | tuple[str, int]:
    form = OrganisationForm()
    if form.validate_on_submit():
        organisation = operations.register_organisation(
            kind=form.kind.data, values=form.values(), actor=current_actor()
        )
        act_for(organisation.id)
        flash(
            _("The organisation has been registered. Ask the forum to verify it when its profile is whole."),
            "success",
        )
        return redirect(url_for("organisations.detail", id=organisation.id), 303)
    page = render_template("organisations/form.html", form=form, organisation=None)
    return (page, 422) if form.errors else page


@blueprint.get("/<uuid:id>")
@public
def detail(id: uuid.UUID) -> str:
    return _page(_visible(id))


def _page(organisation: Organisation, form: UploadForm | None = None) -> str:
    """The page of an organisation; `form`: a file that could not be taken."""
    actor = current_actor()
    inside = organisation.id in actor.organisation_ids or can(actor, "organisation.verify")
    return render_template(
        "organisations/detail.html",
        organisation=organisation,
        inside=inside,
        is_own=organisation.id in actor.organisation_ids,
        members=queries.members_of(organisation.id) if inside else [],
        owner_ids={person.id for person in queries.owners_of(organisation.id)} if inside else set(),
        roles=queries.roles_in(organisation.id),
        files_panel=verification_files.files_panel(organisation, form),
        may_edit=can(actor, "organisation.edit", organisation),
        may_ask=can(actor, "organisation.request_verification", organisation),
        may_suspend=can(actor, "organisation.suspend", organisation),
    )


@blueprint.route("/<uuid:id>/edit", methods=["GET", "POST"])
@requires("organisation.edit")
def edit(id: uuid.UUID) -> Response | str | tuple[str, int]:
    organisation = _visible(id)
    if not can(current_actor(), "organisation.edit", organisation):
        abort(403)
    form = OrganisationForm(organisation=organisation)
    if not form.validate_on_submit():
        page = render_template("organisations/form.html", form=form, organisation=organisation)
        return (page, 422) if form.errors else page
    if (
        form.lacks_what_was_sent()
    ):  # a moderator looked while the form was open: the page says so, nothing is saved
        return render_template("organisations/form.html", form=form, organisation=organisation), 409
    try:
        operations.edit_organisation(
            organisation, form.values(), version=form.seen_version(), actor=current_actor()
        )
    except (Refused, StaleDataError) as refusal:
        if isinstance(refusal, Refused) and refusal.code != "stale":
            raise
        return _stale(id, form)
    flash(_("The profile has been saved."), "success")
    return redirect(url_for("organisations.detail", id=organisation.id), 303)


def _stale(id: uuid.UUID, form: OrganisationForm) -> tuple[str, int]:
    """Somebody saved first: show what was typed and what is stored now; sending again saves on top of that."""
    db.session.rollback()
    organisation = _visible(id)
    form.version.data = str(organisation.version)
    stored = stored_values(organisation, form.values())
    return render_template(
        "organisations/form.html", form=form, organisation=organisation, stored=stored
    ), 409


def _visible(id: uuid.UUID) -> Organisation:
    organisation: Organisation = found_or_404(queries.visible_organisation(id, current_actor()))
    return organisation


verification_files.add_file_pages(blueprint, _page)
