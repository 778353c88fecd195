"""Pages of those who report and appeal: report something, what became of it, appeal against a decision."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match.accounts.models import Organisation
from ppp_match.complaints import (
    appeals,
    concern_views,  # noqa: F401  its routes
    contesting,
    operations,
    phrase_views,  # noqa: F401
    queries,
    review_views,  # noqa: F401
    subjects,
    words,
)
from ppp_match.complaints.blueprint import blueprint
from ppp_match.complaints.forms import AppealForm, ReportForm
from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.extensions import limiter, settings_now
from ppp_match.formats import datefmt
from ppp_match.lifecycle import Refused
from ppp_match.limits import who
from ppp_match.permissions import can
from ppp_match.web import current_actor, found_or_404, once, page_lang, requires


@blueprint.route(
    "/report/<any(listing,organisation,message,attachment):subject_type>/<uuid:id>", methods=["GET", "POST"]
)
@requires("report.file")
@once
def report(subject_type: str, id: uuid.UUID) -> Any:
    """Report one thing that one sees."""
    actor = current_actor()
    subject = found_or_404(subjects.reportable(subject_type, id, actor))
    form, name = ReportForm(), subjects.named(subject)
    before = operations.open_of_one(subject, actor)
    if form.validate_on_submit():
        operations.report(
            subject,
            kind=form.kind.data,
            words=form.words.data or "",
            part=(form.part.data or "") if subject_type == "listing" else "",
            actor=actor,
        )
        if before is not None:
            flash(_("You had reported this already. Your report waits for a moderator."), "info")
        elif actor.is_authenticated:
            flash(_("Thank you. A moderator looks at it, and you will be told the result."), "success")
        else:
            flash(_("Thank you. A moderator looks at it."), "success")
        if actor.is_authenticated:
            return redirect(url_for("complaints.mine"), 303)
        return redirect(address(name) or url_for("home.portal"), 303)
    page = render_template(
        "complaints/report.html",
        form=form,
        subject_type=subject_type,
        id=id,
        title=name.in_lang(page_lang()),
        back=address(name),
        before=before,
        names=words,
    )
    return page, 422 if request.method == "POST" else 200


def address(name: subjects.Named) -> str:
    return url_for(name.endpoint, **(name.values or {})) if name.endpoint else ""


@blueprint.get("/complaints")
@requires("account.manage")
def mine() -> str:
    """What I reported; what was decided about my organisation, and its appeals."""
    actor = current_actor()
    home = db.session.get(Organisation, actor.organisation_id) if actor.organisation_id else None
    reports = queries.reports_of(actor)
    measures = queries.measures_about(home.id) if home is not None else []
    filed = queries.appeals_of(home.id) if home is not None else []
    return render_template(
        "complaints/mine.html",
        reports=reports,
        measures=measures,
        appeals=filed,
        titles=subjects.titles([*reports, *measures, *filed], page_lang()),
        open_decisions=contesting.contestable(home) if home is not None else [],
        name=lambda subject: subjects.named(subject).in_lang(page_lang()),
        names=words,
        days=settings_now().appeal_days,
    )


@blueprint.route("/appeals/new/<subject_type>/<uuid:id>", methods=["GET", "POST"])
@requires("appeal.file")
@once
def appeal(subject_type: str, id: uuid.UUID) -> Any:
    """Appeal against one decision about the organisation one acts for."""
    actor = current_actor()
    home = found_or_404(db.session.get(Organisation, actor.organisation_id))
    if not can(actor, "appeal.file", home):
        abort(403)
    decision = appeals.one_of(home, subject_type, id)
    if decision is None:
        if request.method == "POST":
            raise Refused("appeal_closed")
        abort(404)
    form = AppealForm()
    if form.validate_on_submit():
        row = appeals.appeal(home, subject_type, id, words=form.words.data or "", actor=actor)
        flash(
            _("Your appeal waits for another moderator, who answers by %(day)s.", day=datefmt(row.due_on)),
            "success",
        )
        return redirect(url_for("complaints.mine"), 303)
    page = render_template(
        "complaints/appeal.html",
        form=form,
        decision=decision,
        title=subjects.named(decision.subject).in_lang(page_lang()),
        names=words,
        days=settings_now().appeal_answer_days,
    )
    return page, 422 if request.method == "POST" else 200


def register(app: Flask, _settings: Settings) -> None:
    """Hang this room on the application. Whoever is not signed in reports within limits of their own."""
    app.register_blueprint(blueprint)
    views: dict[str, Any] = app.view_functions
    for endpoint, often in (
        ("complaints.report", "10 per hour; 30 per day"),
        ("complaints.tell_concern", "10 per hour"),
        ("complaints.concern_again", "20 per hour"),
    ):
        views[endpoint] = limiter.limit(often, key_func=who, methods=["POST"])(views[endpoint])
