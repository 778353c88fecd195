"""Administration of people: the list, one person, and the steps that an administrator takes."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from ppp_match.accounts import factors, people, people_queries
from ppp_match.accounts.factor_forms import ReasonForm, RoleForm
from ppp_match.accounts.models import User
from ppp_match.accounts.text_fields import one_line
from ppp_match.lifecycle import Refused
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, note_read, requires, sensitive

blueprint = Blueprint("people", __name__)

HAPPENED = {
    "account.registered": _l("registered"),
    "account.confirmed": _l("confirmed the address"),
    "account.edited": _l("changed the profile"),
    "account.password_changed": _l("changed the password"),
    "account.password_reset": _l("set a new password by mail"),
    "account.made_administrator": _l("made administrator on the server"),
    "account.factor_added": _l("added a second factor"),
    "account.factor_removed": _l("removed a second factor"),
    "account.factors_reset": _l("second factors taken away"),
    "account.recovery_codes_made": _l("made new recovery codes"),
    "account.recovery_code_used": _l("used a recovery code"),
    "account.email_change_asked": _l("asked for another e-mail address"),
    "account.email_changed": _l("changed the e-mail address"),
    "account.disabled": _l("disabled"),
    "account.enabled": _l("enabled"),
    "account.role_proposed": _l("role proposed"),
    "account.role_given": _l("role given"),
    "account.role_declined": _l("role not given"),
    "account.role_taken": _l("role taken away"),
    "account.closed": _l("closed the account"),
    "account.erased": _l("erased"),
}


@blueprint.get("/admin/users")
@requires("user.manage")
def index() -> str:
    asked = {
        name: one_line(request.args.get(name, "").replace("\x00", ""))[:100]
        for name in ("find", "state", "role")
    }
    wanted: dict[str, Any] = {name: value for name, value in asked.items() if value}
    page = page_of(
        people_queries.people(**asked),
        number_of(request.args.get("page")),
        lambda number: url_for("people.index", page=number, **wanted),
    )
    return render_template(
        "people/index.html",
        page=page,
        asked=asked,
        seen=people_queries.last_seen([one.id for one in page.rows]),
        proposals=people_queries.proposals(),
        state_of=people_queries.state_of,
    )


@blueprint.get("/admin/users/<uuid:id>")
@requires("user.manage")
def detail(id: uuid.UUID) -> str:
    return _page(found_or_404(people_queries.person(id)))


def _page(person: User, form: ReasonForm | None = None, role_form: RoleForm | None = None) -> str:
    if person.id != current_actor().user_id:
        note_read(
            "account.read", person
        )  # address, last sign-in, reasons of steps: what the trail itself opens one by one
    role_form = role_form or RoleForm(formdata=None)
    role_form.reason.id = "role-reason"  # two forms on one page ask for a reason
    open_ones = people_queries.proposals(person.id)
    return render_template(
        "people/detail.html",
        person=person,
        state=people_queries.state_of(person),
        seen_at=people_queries.last_seen([person.id]).get(person.id),
        form=form or ReasonForm(formdata=None),
        role_form=role_form,
        proposal=open_ones[0] if open_ones else None,
        happened=people_queries.happened_to(person.id),
        words=HAPPENED,
    )


@blueprint.post("/admin/users/<uuid:id>/account")
@requires("user.manage")
@sensitive
def account(id: uuid.UUID) -> Response | tuple[str, int]:
    """One form, one reason, four buttons."""
    person, form = found_or_404(people_queries.person(id)), ReasonForm()
    step = request.form.get("do", "")
    steps = {
        "disable": (people.disable, _("The account is disabled, and its sessions have ended.")),
        "enable": (people.enable, _("The account works again.")),
        "take_role": (people.take_role, _("The role has been taken away.")),
        "reset_factors": (
            factors.reset_factors,
            _("The second factors have been taken away. The person has been told."),
        ),
    }
    if step not in steps:
        abort(400)
    if not form.validate():
        return _page(person, form=form), 422
    verb, said = steps[step]
    try:
        verb(person, reason=form.reason.data or "", actor=current_actor())
    except Refused as refused:
        return _refused(person, refused, form=form)
    flash(said, "success")
    return redirect(url_for("people.detail", id=person.id), 303)


@blueprint.post("/admin/users/<uuid:id>/role")
@requires("user.manage")
@sensitive
def propose(id: uuid.UUID) -> Response | tuple[str, int]:
    person, form = found_or_404(people_queries.person(id)), RoleForm()
    if not form.validate():
        return _page(person, role_form=form), 422
    try:
        people.propose_role(person, form.role.data, reason=form.reason.data or "", actor=current_actor())
    except Refused as refused:
        return _refused(found_or_404(people_queries.person(id)), refused, role_form=form)
    flash(_("Another administrator decides on the role now."), "success")
    return redirect(url_for("people.detail", id=id), 303)


@blueprint.post("/admin/users/roles/<uuid:id>")
@requires("user.manage")
@sensitive
def decide(id: uuid.UUID) -> Response:
    proposal = found_or_404(people_queries.proposal(id))
    answer = request.form.get("do", "")
    if answer not in ("agree", "decline"):
        abort(400)
    people.decide_role(proposal, agree=answer == "agree", actor=current_actor())
    flash(_("The role has been given.") if answer == "agree" else _("The role is not given."), "success")
    return redirect(url_for("people.detail", id=proposal.user_id), 303)


def _refused(
    person: User, refused: Refused, form: ReasonForm | None = None, role_form: RoleForm | None = None
) -> tuple[str, int]:
    """The page again with what was typed and why not."""
    for shown in (form, role_form):
        if shown is not None:
            shown.form_errors.append(words_of(refused.code))
    return _page(person, form=form, role_form=role_form), 409
