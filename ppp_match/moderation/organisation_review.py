"""Moderators' pages: organisations that asked to be verified, the longest wait first, and the decision."""

from __future__ import annotations

import uuid

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.accounts import operations, queries
from ppp_match.accounts.forms import DecisionForm
from ppp_match.accounts.models import Organisation
from ppp_match.moderation import queue_words, targets
from ppp_match.moderation.blueprint import blueprint
from ppp_match.permissions import can
from ppp_match.web import current_actor, found_or_404, requires


@blueprint.get("/review/organisations")
@requires("organisation.verify")
def organisations() -> str:
    return _queue()


@blueprint.post("/review/organisations/<uuid:id>/decide")
@requires("organisation.verify")
def organisation_decide(id: uuid.UUID) -> Response | tuple[str, int]:
    actor = current_actor()
    organisation: Organisation = found_or_404(queries.visible_organisation(id, actor))
    form = DecisionForm()
    if form.decision.data not in ("verify", "reject"):
        abort(400)
    if form.version.data != str(organisation.version):
        abort(409)  # the profile is not the one that was looked at any more
    if form.decision.data == "reject" and not form.reason.data:
        form.reason.errors = [_("Say why, so that the owners can correct it.")]
        return _queue(refused=(organisation.id, form)), 422
    if not form.validate():
        return _queue(refused=(organisation.id, form)), 422
    if form.decision.data == "verify":
        operations.verify_organisation(organisation, actor=actor, note=form.reason.data)
        flash(_("The organisation is verified. Its owners have been told."), "success")
    else:
        operations.reject_organisation(organisation, actor=actor, reason=form.reason.data)
        flash(_("The organisation is not verified. Its owners have been told why."), "success")
    return redirect(url_for("moderation.organisations"), 303)


def _queue(refused: tuple[uuid.UUID, DecisionForm] | None = None) -> str:
    actor = current_actor()
    rows = []
    waiting = queries.waiting_organisations()
    owners = queries.people_of([one.id for one in waiting], role="owner")
    for organisation in waiting:
        mine = refused is not None and refused[0] == organisation.id
        form = refused[1] if refused is not None and mine else DecisionForm(formdata=None)
        form.reason.id = f"reason-{organisation.id}"  # one form an organisation on the page
        may_decide = can(actor, "organisation.verify", organisation)
        due = targets.due_of("organisations", organisation.verification_requested_at)
        rows.append((organisation, form, may_decide, owners[organisation.id], due))
    return render_template(
        "moderation/organisations.html",
        rows=rows,
        figures=targets.figures("organisations"),
        due_words=queue_words.due_words,
    )
