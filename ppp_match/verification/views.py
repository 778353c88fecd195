"""Pages of verification, the organisation's side: gather evidence, prove the domain, send, take back, renew."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from ppp_match.accounts import queries as accounts
from ppp_match.accounts.labels import field_label
from ppp_match.accounts.models import Organisation
from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.extensions import limiter
from ppp_match.lifecycle import VERIFICATION_REQUEST, NotPermitted, Refused, may_move
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.verification import checklists, clock_jobs, domain_proof, numbers, operations, queries, terms
from ppp_match.verification.forms import DomainForm, EvidenceForm
from ppp_match.verification.models import VerificationRequest
from ppp_match.web import current_actor, found_or_404, once, page_lang, public, requires

blueprint = Blueprint("verification", __name__)
PLACE = "/organisations/<uuid:id>/verification"
JOBS_HERE = (clock_jobs.verification_terms,)  # so the worker knows it
BESIDE_THE_ADDRESS = ("domain_open_to_all", "sent_just_now", "too_many_sends")


def own_organisation(id: uuid.UUID) -> Organisation:
    """An organisation of the actor's, else 404: what was asked and answered is between it and the forum."""
    organisation: Organisation = found_or_404(accounts.visible_organisation(id, current_actor()))
    if organisation.id not in current_actor().organisation_ids:
        abort(404)
    return organisation


def _for_owner(id: uuid.UUID) -> tuple[Organisation, VerificationRequest]:
    organisation = own_organisation(id)
    if not can(current_actor(), "organisation.request_verification", organisation):
        abort(403)
    return organisation, found_or_404(queries.open_request(organisation.id))


@blueprint.get(PLACE)
@requires("account.manage")
def page(id: uuid.UUID) -> Any:
    """Where the verification stands, the evidence, remarks, and what was asked before."""
    return _page(own_organisation(id))


@blueprint.post(f"{PLACE}/begin")
@requires("organisation.request_verification")
@once
def begin(id: uuid.UUID) -> Response:
    """Begin a request or a renewal."""
    organisation = own_organisation(id)
    operations.begin_request(organisation, actor=current_actor())
    return redirect(url_for("verification.page", id=id), 303)


@blueprint.post(f"{PLACE}/save")
@requires("organisation.request_verification")
def save(id: uuid.UUID) -> Any:
    """Keep the evidence, and send it if that was asked for."""
    organisation, found = _for_owner(id)
    form = _evidence_form(found)
    if not form.validate():
        return _page(organisation, form=form), 422
    actor = current_actor()
    try:
        operations.save_request(found, form.values(), version=form.seen_version(), actor=actor)
        if request.form.get("then") != "send":
            flash(_("The evidence has been saved."), "success")
            return redirect(url_for("verification.page", id=id), 303)
        operations.submit_request(found, version=found.version, actor=actor)
    except StaleDataError:
        return _again(id, form, _stale())
    except NotPermitted:
        raise
    except Refused as refused:
        if refused.code == "stale":
            return _again(id, form, _stale())
        if refused.code != "incomplete":
            raise
        return _incomplete(id, form)
    flash(_("The forum has been asked. You will be told of the decision by notice and mail."), "success")
    return redirect(url_for("verification.page", id=id), 303)


@blueprint.post(f"{PLACE}/domain")
@requires("organisation.request_verification")
def domain(id: uuid.UUID) -> Any:
    """Send the link that proves the domain."""
    organisation, found = _for_owner(id)
    form = DomainForm()
    if not form.validate():
        return _page(organisation, domain_form=form), 422
    try:
        domain_proof.send(found, form.address.data or "", lang=page_lang(), actor=current_actor())
    except NotPermitted:
        raise
    except Refused as refused:
        if refused.code not in BESIDE_THE_ADDRESS:
            raise
        db.session.rollback()
        form.address.errors = [words_of(refused.code)]
        return _page(own_organisation(id), domain_form=form), 422
    flash(
        _("A link is on its way to that address. Whoever reads mail there opens it and confirms."), "success"
    )
    return redirect(url_for("verification.page", id=id, _anchor="domain"), 303)


@blueprint.post(f"{PLACE}/take-back")
@requires("organisation.request_verification")
def take_back(id: uuid.UUID) -> Response:
    """Give the request up."""
    _organisation, found = _for_owner(id)
    operations.take_back(found, actor=current_actor())
    flash(_("The request has been taken back."), "success")
    return redirect(url_for("organisations.detail", id=id), 303)


# --- the link of the mail ----------------------------------------------------------------------------------------


@blueprint.get("/verification/domain/<token>")
@public
def domain_link(token: str) -> Any:
    """What the link shows. Opening it changes nothing."""
    found = domain_proof.found(token)
    return render_template("verification/domain.html", found=found, token=token), 200 if found else 404


@blueprint.post("/verification/domain/<token>")
@public
def domain_confirm(token: str) -> Any:
    """The proof."""
    found = domain_proof.found(token)
    if found is None:
        return render_template("verification/domain.html", found=None, token=token), 404
    domain_proof.confirm(found)
    flash(_("Thank you. The domain %(domain)s is confirmed.", domain=found.domain), "success")
    return redirect(url_for("home.portal"), 303)


# --- parts -------------------------------------------------------------------------------------------------------


def _evidence_form(found: VerificationRequest) -> EvidenceForm:
    form = EvidenceForm(obj=found, organisation=found.organisation, public_body=found.needs_two)
    if not form.is_submitted():
        form.version.data = str(found.version)
    return form


def _stale() -> str:
    return _(
        "A colleague saved this a moment earlier. What you typed is kept here; send it again to put it in place."
    )


def _again(id: uuid.UUID, form: EvidenceForm, words: str) -> Any:
    db.session.rollback()
    organisation = own_organisation(id)
    found = found_or_404(queries.open_request(organisation.id))
    form.version.data = str(found.version)
    return _page(organisation, form=form, refusal=words), 409


def _incomplete(id: uuid.UUID, form: EvidenceForm) -> Any:
    """What was typed is kept as typed; what lacks is named."""
    db.session.rollback()
    organisation = own_organisation(id)
    found = found_or_404(queries.open_request(organisation.id))
    operations.save_request(found, form.values(), version=found.version, actor=current_actor())
    lacking = [lacking_label(name) for name in found.missing()]
    db.session.commit()
    form.version.data = str(found.version)
    words = _("Saved, but not sent yet. Still lacking: %(what)s.", what=", ".join(lacking))
    return _page(organisation, form=form, refusal=words), 422


def lacking_label(name: str) -> str:
    """What a missing piece is called."""
    return str(checklists.FIELDS[name]) if name in checklists.FIELDS else str(field_label(name))


def _page(
    organisation: Organisation,
    *,
    form: EvidenceForm | None = None,
    domain_form: DomainForm | None = None,
    refusal: str = "",
) -> str:
    actor = current_actor()
    history = queries.requests_of(organisation.id)
    found = next(
        (one for one in history if one.state in ("draft", "submitted", "first_check", "returned")), None
    )
    asks = can(actor, "organisation.request_verification", organisation)
    editable = found is not None and found.is_editable and asks
    remarks: dict[str, list[Any]] = {}
    for remark in found.open_remarks if found is not None else []:
        remarks.setdefault(remark.field, []).append(remark)
    return render_template(
        "verification/page.html",
        organisation=organisation,
        request_row=found,
        history=[one for one in history if one is not found],
        form=(form or _evidence_form(found)) if editable and found is not None else None,
        domain_form=(domain_form or DomainForm(formdata=None)) if editable else None,
        lacking=[lacking_label(name) for name in found.missing()] if found is not None else [],
        remarks=remarks,
        fields=checklists.FIELDS,
        asks=asks,
        may_begin=asks and found is None and operations.may_begin(organisation),
        may_take_back=found is not None and may_move(VERIFICATION_REQUEST, found, "taken_back", actor=actor),
        two=checklists.is_public_body(organisation),
        suspension=queries.live_suspension(organisation.id) if organisation.suspended_at else None,
        months=terms.months(),
        grace_days=terms.grace_days(),
        refusal=refusal,
        plausible=numbers.is_plausible,
    )


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application; links and mails to strangers are limited."""
    app.register_blueprint(blueprint)
    views: dict[str, Any] = app.view_functions
    for endpoint in ("verification.domain_link", "verification.domain_confirm"):
        views[endpoint] = limiter.limit("30 per minute")(views[endpoint])
    views["verification.domain"] = limiter.limit("20 per hour", methods=["POST"])(
        views["verification.domain"]
    )
    app.jinja_env.globals.update(
        open_verification=queries.open_request,
        grace_of_verification=terms.grace,
        may_begin_verification=operations.may_begin,
        live_suspension=queries.live_suspension,
    )
