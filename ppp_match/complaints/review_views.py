"""Pages of the moderators: the queue of reports and appeals, and one of each."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match.accounts.trying import tried
from ppp_match.complaints import appeals, operations, queries, subjects, words
from ppp_match.complaints.blueprint import blueprint
from ppp_match.complaints.contesting import forum_today
from ppp_match.complaints.forms import AnswerAppealForm, DecideForm
from ppp_match.complaints.models import Appeal, Report
from ppp_match.db import db
from ppp_match.introductions.models import Message
from ppp_match.moderation import queue_words, targets
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.refusals import words_of
from ppp_match.verification.queries import conflicts
from ppp_match.web import current_actor, found_or_404, note_read, page_lang, requires

SHOWN = ("reports", "appeals", "answered", "answered-appeals")


@blueprint.get("/review/reports")
@requires("report.decide")
def queue() -> str:
    """Reports and appeals that wait, and those that were answered."""
    show = request.args.get("show", "reports")
    show = show if show in SHOWN else "reports"
    state = "done" if show.startswith("answered") else "open"
    about_appeals = show.endswith("appeals")
    query = queries.appeals(state) if about_appeals else queries.reports(state)
    page = page_of(
        query,
        number_of(request.args.get("page")),
        lambda number: url_for("complaints.queue", show=show, page=number),
    )
    return render_template(
        "complaints/queue.html",
        page=page,
        show=show,
        about_appeals=about_appeals,
        barred=conflicts([row.organisation_id for row in page.rows], current_actor()),
        titles=subjects.titles(page.rows, page_lang()),
        due_of=lambda row: targets.due_of("reports", row.created_at),
        due_words=queue_words.due_words,
        today=forum_today(),
        names=words,
    )


@blueprint.route("/review/reports/<uuid:id>", methods=["GET", "POST"])
@requires("report.decide")
def decide(id: uuid.UUID) -> Any:
    """One report: what was reported, what is known already, and what is done about it."""
    row: Report = found_or_404(db.session.get(Report, id))
    actor = current_actor()
    form = DecideForm(subject_type=row.subject_type)
    refusal, status = tried(
        form,
        row,
        lambda: operations.decide(
            row,
            measure=form.measure.data,
            reason=form.reason.data or "",
            version=form.seen_version(),
            actor=actor,
        ),
    )
    if status == 303:
        flash(_("Decided. Those concerned have been told."), "success")
        return redirect(url_for("complaints.queue"), status)
    subject = subjects.load(row.subject_type, row.subject_id)
    barred = bool(conflicts([row.organisation_id], actor))
    if isinstance(subject, Message) and not barred:
        note_read("message.read", subject)
    name = subjects.named(subject)
    others = queries.others_about(row)
    page = render_template(
        "complaints/decide.html",
        row=row,
        form=form,
        refusal=refusal,
        barred=barred,
        subject=subject,
        body=subject.body if isinstance(subject, Message) and not barred else "",
        title=name.in_lang(page_lang()) or _("no longer there"),
        back=_seen_by_staff(row, name),
        others=others,
        titles=subjects.titles(others, page_lang()),
        names=words,
    )
    return page, status


def _seen_by_staff(row: Report, name: subjects.Named) -> str:
    return (
        url_for(name.endpoint, **(name.values or {}))
        if name.endpoint and row.subject_type != "message"
        else ""
    )


@blueprint.route("/review/appeals/<uuid:id>", methods=["GET", "POST"])
@requires("appeal.decide")
def answer_appeal(id: uuid.UUID) -> Any:
    """One appeal: the decision, what the organisation says, and the answer."""
    row: Appeal = found_or_404(db.session.get(Appeal, id))
    actor = current_actor()
    form = AnswerAppealForm()
    refusal, status = tried(
        form,
        row,
        lambda: appeals.answer_appeal(
            row,
            outcome=form.outcome.data,
            answer=form.answer.data or "",
            version=form.seen_version(),
            actor=actor,
        ),
    )
    if status == 303:
        flash(_("Answered. The organisation has been told."), "success")
        return redirect(url_for("complaints.queue", show="appeals"), status)
    barred = appeals.refuse_own_decision(row, actor)
    subject = subjects.load(row.subject_type, row.subject_id)
    if isinstance(subject, Message) and not barred:
        note_read("message.read", subject)
    name = subjects.named(subject)
    page = render_template(
        "complaints/answer.html",
        row=row,
        form=form,
        refusal=refusal,
        barred=words_of(barred) if barred else "",
        body=subject.body if isinstance(subject, Message) and not barred else "",
        title=name.in_lang(page_lang()) or _("no longer there"),
        names=words,
        today=forum_today(),
    )
    return page, status
