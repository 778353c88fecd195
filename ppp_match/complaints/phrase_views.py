"""The administrators' pages of phrases; a phrase can be tried on what is published before it is kept."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from ppp_match.complaints import queries
from ppp_match.complaints.blueprint import blueprint
from ppp_match.complaints.forms import PhraseForm
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.phrases.finding import folded
from ppp_match.phrases.models import Phrase
from ppp_match.phrases.operations import keep_phrase
from ppp_match.phrases.words import KIND_NAMES, SEVERITY_NAMES
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, requires


@blueprint.get("/admin/phrases")
@requires("phrase.manage")
def phrases() -> str:
    """The list, by language and kind. What each touches is counted when somebody tries it: it reads every text."""
    rows = db.session.scalars(select(Phrase).order_by(Phrase.lang.desc(), Phrase.kind, Phrase.folded)).all()
    return render_template(
        "complaints/phrases.html",
        rows=rows,
        kinds=KIND_NAMES,
        severities=SEVERITY_NAMES,
    )


@blueprint.route("/admin/phrases/new", methods=["GET", "POST"])
@requires("phrase.manage")
def new_phrase() -> Any:
    """Add a phrase."""
    return _form(None)


@blueprint.route("/admin/phrases/<uuid:id>", methods=["GET", "POST"])
@requires("phrase.manage")
def phrase(id: uuid.UUID) -> Any:
    """Change a phrase."""
    return _form(found_or_404(db.session.get(Phrase, id)))


def _form(row: Phrase | None) -> Any:
    form, count, status = PhraseForm(obj=row), None, 200
    if request.method == "GET":
        form.version.data = str(row.version) if row is not None else ""
        if row is None:
            form.active.data = True
    elif not form.validate():
        status = 422
    elif request.form.get("then") == "try":
        plain = folded(form.words.data or "")
        count = queries.touched([Phrase(id=uuid.uuid4(), folded=plain)]).total() if plain else 0
        status = 422  # nothing is kept of a try
    else:
        try:
            keep_phrase(form.values(), actor=current_actor(), row=row, version=form.seen_version())
        except NotPermitted:
            raise
        except Refused as refused:
            db.session.rollback()
            form.words.errors = [
                words_of(refused.code) or _("Somebody changed this phrase a moment earlier. Open it again.")
            ]
            status = 409 if refused.code == "stale" else 422
        else:
            flash(_("The phrase is saved."), "success")
            return redirect(url_for("complaints.phrases"), 303)
    address = url_for("complaints.phrase", id=row.id) if row is not None else url_for("complaints.new_phrase")
    return render_template(
        "complaints/phrase.html",
        form=form,
        address=address,
        new=row is None,
        count=count,
        tried=queries.TRIED,
    ), status
