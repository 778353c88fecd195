"""Telling a concern in confidence, coming back to it; and the administrators' pages of concerns."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match.complaints import concerns as verbs
from ppp_match.complaints import queries, words
from ppp_match.complaints.blueprint import blueprint
from ppp_match.complaints.forms import AgainForm, ConcernAnswerForm, ConcernForm, MoreForm
from ppp_match.complaints.models import ConcernCase
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, note_read, requires


@blueprint.route("/report-concern", methods=["GET", "POST"])
@requires("concern.tell")
def tell_concern() -> Any:
    """Tell a concern. What comes back holds code and secret, shown this once."""
    form = ConcernForm()
    status = 200
    if request.method == "GET" or not verbs.SECRET.fullmatch(form.secret.data or ""):
        form.secret.data = verbs.new_secret()
    if request.method == "POST":
        if form.validate():
            secret = form.secret.data or ""
            case = verbs.tell(kind=form.kind.data, text=form.text.data or "", secret=secret)
            return render_template("complaints/concern_told.html", case=case, secret=secret)
        status = 422
    return render_template("complaints/concern.html", form=form, again=AgainForm(formdata=None)), status


@blueprint.route("/report-concern/case", methods=["GET", "POST"])
@requires("concern.tell")
def concern_again() -> Any:
    """Come back with code and secret, read the answer, add words."""
    form = AgainForm()
    if request.method == "GET":
        return render_template("complaints/concern_again.html", form=form, refusal="")
    if not form.validate():
        return render_template("complaints/concern_again.html", form=form, refusal=""), 422
    case = verbs.find(form.code.data or "", form.secret.data or "")
    if case is None:
        refusal = _("No case has this code and this secret phrase together.")
        return render_template("complaints/concern_again.html", form=form, refusal=refusal), 422
    more, status = MoreForm(), 200
    if request.form.get("then") == "add":
        if more.validate():
            try:
                verbs.add_words(case, more.text.data or "")
            except Refused as refused:
                db.session.rollback()
                case = found_or_404(verbs.find(form.code.data or "", form.secret.data or ""))
                more.text.errors, status = [words_of(refused.code)], 409
            else:
                more = MoreForm(formdata=None)
        else:
            status = 422
    else:
        more = MoreForm(formdata=None)
    more.code.data, more.secret.data = form.code.data, form.secret.data
    return render_template("complaints/concern_case.html", case=case, form=more, names=words), status


@blueprint.get("/admin/concerns")
@requires("concern.read")
def concerns() -> str:
    """The cases, without what they say."""
    page = page_of(
        queries.concerns(),
        number_of(request.args.get("page")),
        lambda number: url_for("complaints.concerns", page=number),
    )
    return render_template("complaints/concerns.html", page=page, names=words)


@blueprint.route("/admin/concerns/<uuid:id>", methods=["GET", "POST"])
@requires("concern.read")
def concern(id: uuid.UUID) -> Any:
    """One case. That it was read is recorded."""
    case = found_or_404(db.session.get(ConcernCase, id))
    form, refusal, status = ConcernAnswerForm(), "", 200
    if request.method == "GET":
        form.version.data = str(len(case.entries))
    elif form.validate():
        try:
            verbs.answer(
                case,
                text=form.text.data or "",
                close=form.close.data,
                seen=form.seen_version(),
                actor=current_actor(),
            )
        except NotPermitted:
            raise
        except Refused as refused:
            db.session.rollback()
            case = found_or_404(db.session.get(ConcernCase, id))
            refusal = words_of(refused.code) or _(
                "Something was added a moment earlier. Read it; what you typed is kept."
            )
            form.version.data, status = str(len(case.entries)), 409
        else:
            flash(_("The answer is kept for the person."), "success")
            return redirect(url_for("complaints.concerns"), 303)
    else:
        status = 422
    note_read("concern.read", case)
    return render_template(
        "complaints/admin_concern.html", case=case, form=form, refusal=refusal, names=words
    ), status
