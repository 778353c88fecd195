"""Moderators' pages: organisations that asked to be verified, the check of one, suspensions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from ppp_match.accounts import queries as accounts
from ppp_match.accounts.forms import seen
from ppp_match.accounts.models import Organisation
from ppp_match.accounts.verification_files import waiting_files
from ppp_match.db import db
from ppp_match.formats import numberfmt
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.moderation import queue_words, targets
from ppp_match.moderation.blueprint import blueprint
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.verification import checklists, numbers, operations, queries, suspension
from ppp_match.verification.forms import FindingForm, ReasonForm
from ppp_match.verification.models import VerificationRequest
from ppp_match.vocabularies import terms
from ppp_match.web import current_actor, found_or_404, note_read, page_lang, requires

ON_THE_PAGE = ("checklist_open", "remarks_missing", "reason_missing", "note_too_long")


@dataclass(frozen=True)
class QueueState:
    """What the form of filters asks of the filters it shows."""

    find: str
    chosen: dict[str, str]
    sort: str = "wait"

    def get(self, name: str) -> str:
        return self.chosen.get(name, "")

    @property
    def active(self) -> bool:
        return bool(self.find or any(self.chosen.values()))


@blueprint.get("/review/organisations")
@requires("organisation.verify")
def organisations() -> str:
    """Requests that wait, with filters and the day by which each should be answered."""
    actor = current_actor()
    kinds = {term.code: term.name(page_lang()) for term in terms("organisation_kind")}
    steps = {"first": _("First or only check"), "second": _("Second check")}
    kind, step = request.args.get("kind", ""), request.args.get("step", "")
    find = request.args.get("find", "").strip()[:100].replace("\x00", "")
    filters = queries.Filters(kind if kind in kinds else "", step if step in steps else "", find)
    page = page_of(
        queries.waiting(filters),
        number_of(request.args.get("page")),
        lambda n: url_for(
            "moderation.organisations",
            page=n,
            kind=filters.kind or None,
            step=filters.step or None,
            find=find or None,
        ),
        size=20,
    )
    barred = queries.conflicts([row.organisation_id for row in page.rows], actor)
    return render_template(
        "moderation/organisations.html",
        rows=[
            (row, targets.due_of("organisations", row.submitted_at), why_not(row, barred))
            for row in page.rows
        ],
        page=page,
        filters=QueueState(find, {"kind": filters.kind, "step": filters.step}),
        choices=[
            queue_words.Choice("kind", _("Kind"), _("every kind"), list(kinds.items())),
            queue_words.Choice("step", _("Check"), _("every check"), list(steps.items())),
        ],
        sorts=[("wait", _("Longest wait first"))],
        suspensions=queries.suspensions_waiting(),
        figures=targets.figures("organisations"),
        due_words=queue_words.due_words,
    )


def why_not(row: VerificationRequest, barred: Any) -> str:
    """Why the actor does not check this one, in words; empty where they do."""
    code = barred.get(row.organisation_id, "")
    if code == "member":
        return _("This is your own organisation; another moderator decides.")
    if code == "left":
        return _("You belonged to this organisation until recently; another moderator decides.")
    if code == "related":
        return _("Your organisation has declared a relation with this one; another moderator decides.")
    if code == "interest":
        return _("You have a declared interest in this organisation; another moderator decides.")
    first = row.first_check
    if row.state == "first_check" and first is not None and first.by_id == current_actor().user_id:
        return _("You did the first check; a colleague does the second.")
    return ""


@blueprint.get("/review/organisations/<uuid:id>")
@requires("organisation.verify")
def organisation(id: uuid.UUID) -> str:
    """One request: evidence, checklist, finding."""
    return _page(_request(id))


@blueprint.post("/review/organisations/<uuid:id>")
@requires("organisation.verify")
def organisation_decide(id: uuid.UUID) -> Any:
    """Keep a finding."""
    row = _request(id)
    form = _form(row)
    if not form.validate():
        return _page(row, form=form), 422
    try:
        state = operations.check(
            row,
            form.outcome.data,
            ticks=form.ticks(),
            note=form.note.data or "",
            words=form.words.data or "",
            remarks=form.remarks(),
            version=form.seen_version(),
            profile_version=seen(form.profile_version),
            actor=current_actor(),
        )
    except StaleDataError:
        abort(409)
    except NotPermitted:
        raise
    except Refused as refused:
        if refused.code not in ON_THE_PAGE:
            raise
        db.session.rollback()
        row = _request(id)
        _say(form, refused.code)
        return _page(row, form=form), 422
    said = {
        "first_check": _(
            "Your check is kept. A colleague looks next; only after that the organisation is verified."
        ),
        "verified": _("The organisation is verified. Its people have been told."),
        "returned": _("The request went back with your remarks."),
        "rejected": _("The organisation is not verified. Its owners have been told why."),
    }
    flash(said[state], "success")
    return redirect(url_for("moderation.organisations"), 303)


def _say(form: FindingForm, code: str) -> None:
    if code == "reason_missing":
        form.words.errors = [_("Say why, so that the owners can correct it.")]
    else:
        form.outcome.errors = [words_of(code)]


def _request(id: uuid.UUID) -> VerificationRequest:
    row: VerificationRequest = found_or_404(queries.request_for_staff(id, current_actor()))
    return row


def _form(row: VerificationRequest) -> FindingForm:
    form = FindingForm(
        items=checklists.items_for(row.organisation), two=row.needs_two, second=row.state == "first_check"
    )
    if not form.is_submitted():
        form.version.data = str(row.version)
        form.profile_version.data = str(row.organisation.version)
    return form


def _page(row: VerificationRequest, *, form: FindingForm | None = None) -> str:
    actor = current_actor()
    home = row.organisation
    if home.id not in actor.organisation_ids:
        note_read("verification.read", row)
    barred = why_not(row, queries.conflicts([home.id], actor))
    return render_template(
        "moderation/organisation.html",
        row=row,
        organisation=home,
        owners=accounts.owners_of(home.id),
        form=(form or _form(row)) if row.is_waiting and not barred else None,
        ticks=form.ticks() if form is not None else {},
        typed_remarks=dict(form.remarks()) if form is not None else {},
        barred=barred if row.is_waiting else "",
        items=checklists.ITEMS,
        names=checklists.items_for(home),
        fields=checklists.FIELDS,
        due=targets.due_of("organisations", row.submitted_at) if row.is_waiting else None,
        due_words=queue_words.due_words,
        attached=waiting_files([home]).get(home.id, []),
        plausible=numbers.is_plausible(row.registration_number, home.country),
        history=[one for one in queries.requests_of(home.id) if one.id != row.id and one.submitted_at],
    )


# --- suspension --------------------------------------------------------------------------------------------------


@blueprint.route("/review/suspension/<uuid:id>", methods=["GET", "POST"])
@requires("organisation.suspend")
def suspension_page(id: uuid.UUID) -> Any:
    """Suspend the organisation of that id, or let it in again; by the button that was pressed."""
    home: Organisation = found_or_404(accounts.visible_organisation(id, current_actor()))
    row = queries.live_suspension(home.id)
    if not can(current_actor(), "organisation.suspend", home):
        abort(403)
    form = ReasonForm()
    if request.method == "GET":
        form.version.data = str(row.version) if row is not None else ""
        return _suspension(home, form)
    if not form.validate():
        return _suspension(home, form), 422
    if row is None:
        suspension.suspend(home, reason=form.reason.data or "", actor=current_actor())
    else:
        suspension.lift(
            row, reason=form.reason.data or "", version=form.seen_version(), actor=current_actor()
        )
    flash(_said(queries.live_suspension(home.id)), "success")
    return redirect(url_for("organisations.detail", id=home.id), 303)


@blueprint.post("/review/suspension/<uuid:id>/answer")
@requires("organisation.suspend")
def suspension_answer(id: uuid.UUID) -> Response:
    """Agree to a colleague's proposal or drop it."""
    home: Organisation = found_or_404(accounts.visible_organisation(id, current_actor()))
    row = found_or_404(queries.live_suspension(home.id))
    version = request.form.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        abort(400)
    answer = request.form.get("answer")
    if answer not in ("agree", "drop"):
        abort(400)
    verb = suspension.agree if answer == "agree" else suspension.disagree
    verb(row, version=int(version), actor=current_actor())
    flash(_said(queries.live_suspension(home.id)), "success")
    return redirect(url_for("organisations.detail", id=home.id), 303)


def _said(row: Any) -> str:
    if row is None:
        return _("The organisation is not suspended.")
    if row.state == "active":
        return _("The organisation is suspended. Its people have been told.")
    return _("Your proposal is kept. It takes effect once another moderator or an administrator agrees.")


def _suspension(home: Organisation, form: ReasonForm) -> str:
    row = queries.live_suspension(home.id)
    actor = current_actor()
    proposer = None
    if row is not None:
        proposer = row.proposed_by if row.state == "proposed" else row.lift_proposed_by
    return render_template(
        "moderation/suspension.html",
        organisation=home,
        row=row,
        form=form,
        alone=actor.staff_role == "administrator",
        own_proposal=proposer == actor.user_id,
        published=numberfmt(queries.published_of(home.id)),
    )
