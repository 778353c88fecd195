"""The queue of requests for correction, and the page on which an administrator answers one."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppp_match.db import db, today
from ppp_match.lifecycle import Refused
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.privacy import corrections
from ppp_match.privacy.blueprint import blueprint
from ppp_match.privacy.forms import AnswerForm
from ppp_match.privacy.models import CorrectionRequest
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, note_read, requires


@blueprint.get("/admin/corrections")
@requires("correction.answer")
def manage_corrections() -> str:
    """What waits, by its due date; then what was answered."""
    query = (
        select(CorrectionRequest)
        .options(joinedload(CorrectionRequest.user))
        .order_by(CorrectionRequest.state != "open", CorrectionRequest.due_on, CorrectionRequest.asked_at)
    )
    page = page_of(
        query,
        number_of(request.args.get("page")),
        lambda number: url_for("privacy.manage_corrections", page=number),
    )
    return render_template("privacy/corrections.html", page=page, today=today())


@blueprint.route("/admin/corrections/<uuid:id>", methods=["GET", "POST"])
@requires("correction.answer")
def answer_correction(id: uuid.UUID) -> Any:
    wanted = found_or_404(db.session.get(CorrectionRequest, id))
    form, refusal = AnswerForm(), ""
    own = wanted.user_id == current_actor().user_id
    if request.method == "GET":
        form.version.data = str(wanted.version)
        note_read("correction.read", wanted)
    elif form.validate():
        try:
            corrections.answer_correction(
                wanted,
                state=form.state.data,
                answer=form.answer.data or "",
                version=form.seen_version(),
                actor=current_actor(),
            )
        except Refused as refused:
            if refused.code == "not_permitted":
                raise
            refusal = words_of(refused.code)
        else:
            flash(_("Answered. The person has been told."), "success")
            return redirect(url_for("privacy.manage_corrections"), 303)
    page = render_template("privacy/answer.html", wanted=wanted, form=form, refusal=refusal, own=own)
    return page, 422 if request.method == "POST" else 200
