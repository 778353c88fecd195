"""Pages of offers, introductions and their conversations."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.attachments.queries import files_of
from ppp_match.attachments.views import limit_uploads, note_refused
from ppp_match.config import Settings
from ppp_match.db import now
from ppp_match.introductions import (
    approval,
    deadline_jobs,
    declaring,
    files,
    operations,
    queries,
    record,
    sheets,
)
from ppp_match.introductions.forms import AnswerForm, MessageForm
from ppp_match.introductions.interest_views import add_interest_pages
from ppp_match.introductions.models import Introduction
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.phrases.finding import find, phrases
from ppp_match.web import current_actor, found_or_404, note_read, once, page_lang, requires, takes_files

bp = Blueprint("introductions", __name__)
add_interest_pages(bp)

JOBS_HERE = (
    approval.make_due_offers,
    deadline_jobs.expire_offers,
    deadline_jobs.remind_offers,
)  # so the worker knows them
TABS = ("open", "accepted", "declined", "ended", "all")
MESSAGES_A_PAGE = 50


@bp.get("/offers")
@requires("offer.read")
def offers() -> str:
    """Offers to one's organisations, by state."""
    actor, view = current_actor(), request.args.get("state", "open")
    if view not in TABS:
        abort(404)
    query = queries.offers_in(actor, view)
    page = page_of(
        query, number_of(request.args.get("page")), lambda n: url_for(".offers", state=view, page=n)
    )
    lines = [sheets.offer_line(offer, actor, page_lang()) for offer in page.rows]
    counts = queries.count_by_state(actor)
    return render_template("introductions/offers.html", lines=lines, page=page, view=view, counts=counts)


@bp.route("/offers/<uuid:id>", methods=["GET", "POST"])
@once
@requires("offer.read")
def offer(id: uuid.UUID) -> Any:
    """One offer: what it is about, why, and this side's answer."""
    actor = current_actor()
    shown = found_or_404(queries.offer_of(id, actor))
    form, refusal, status = AnswerForm(), "", 200
    if form.validate_on_submit():
        try:
            if form.declares:
                declaring.declare(shown, words=form.declared.data or "", actor=actor)
                return _declared(id)
            introduction = operations.answer_offer(
                shown,
                actor=actor,
                accepted=form.answer.data == "yes",
                reason_code=form.reason_code.data or "",
                note=form.note.data or "",
                no_conflict=form.no_conflict.data,
            )
        except NotPermitted:
            raise
        except Refused as refused:
            refusal, status = sheets.refusal_text(refused.code), 409
        else:
            return _answered(id, introduction)
    elif request.method == "POST":
        status = 422
    sheet = sheets.offer_sheet(shown, actor, page_lang())
    return render_template("introductions/offer.html", **sheet, form=form, refusal=refusal), status


def _declared(id: uuid.UUID) -> Response:
    flash(
        _("Your declaration is with the forum. You are told what it decides, and can answer then."), "success"
    )
    return redirect(url_for(".offer", id=id), 303)


def _answered(id: uuid.UUID, introduction: Introduction | None) -> Response:
    if introduction is not None:
        flash(_("Both sides said yes. Names and contacts are open, the conversation can begin."), "success")
        return redirect(url_for(".detail", id=introduction.id), 303)
    flash(_("Your answer is saved."), "success")
    return redirect(url_for(".offer", id=id), 303)


@bp.get("/introductions")
@requires("introduction.read")
def index() -> str:
    """Introductions of one's organisations, newest first."""
    actor = current_actor()
    query = queries.introductions_newest(actor)
    page = page_of(query, number_of(request.args.get("page")), lambda n: url_for(".index", page=n))
    talks = {} if queries.is_staff(actor) else queries.talks_of(page.rows, actor)
    lines = [
        sheets.introduction_line(one, talks.get(one.id, queries.Talk()), actor, page_lang())
        for one in page.rows
    ]
    return render_template(
        "introductions/index.html", lines=lines, page=page, facts_only=queries.is_staff(actor)
    )


@bp.route("/introductions/<uuid:id>", methods=["GET", "POST"])
@takes_files
@once
@requires("introduction.read")
def detail(id: uuid.UUID) -> Any:
    """One introduction: both sides' contacts and their conversation; for staff the facts alone."""
    actor = current_actor()
    shown = found_or_404(queries.introduction_of(id, actor))
    form, refusal, status = MessageForm(lang=request.form.get("lang", page_lang())), "", 200
    good = form.validate_on_submit()
    checked = form.looked_at(form.lang.data) if good and form.has_file else None
    if good and form.code:
        note_refused(form, shown)
        status = form.status
    elif good and form.points_out(find(form.body.data, phrases())):
        form.ask_again()
        status = 422
    elif good:
        try:
            message = operations.write_message(shown, actor=actor, body=form.body.data, lang=form.lang.data)
            if checked is not None:
                files.attach(message, checked, actor=actor)
        except NotPermitted:
            raise
        except Refused as refused:
            refusal, status = sheets.refusal_text(refused.code), 409
        else:
            return redirect(url_for(".detail", id=id, _anchor=f"m-{message.id}"), 303)
    elif request.method == "POST":
        form.ask_again()
        status = 422
    if not queries.is_party(actor, shown):
        note_read("introduction.read", shown)
    sheet = sheets.introduction_sheet(shown, actor, page_lang())
    thread = _thread(shown, sheet["message_count"]) if sheet["party"] else None
    attached = files_of(files.SUBJECT, [one.id for one in thread.rows]) if thread else {}
    return render_template(
        "introductions/detail.html", **sheet, thread=thread, attached=attached, form=form, refusal=refusal
    ), status


def _thread(introduction: Introduction, messages: int) -> Any:
    """The page of messages that is asked for, the last one if none is."""
    asked = request.args.get("page")
    wanted = number_of(asked) if asked else 10**6
    return page_of(
        queries.messages_of(introduction),
        wanted,
        lambda n: url_for(".detail", id=introduction.id, page=n),
        size=MESSAGES_A_PAGE,
        total=messages,
    )


@bp.get("/introductions/<uuid:id>/record")
@requires("introduction.read")
def probity_record(id: uuid.UUID) -> Any:
    """The whole conversation to print, or as a file with hashes: for its two sides alone, and that it is taken is
    recorded."""
    actor = current_actor()
    shown = found_or_404(queries.introduction_of(id, actor))
    if not queries.is_party(actor, shown):
        abort(404)
    note_read("introduction.exported", shown)
    found = record.record_of(shown)
    if request.args.get("format") == "json":
        return Response(
            json.dumps(found, ensure_ascii=False, indent=2) + "\n",
            mimetype="application/json",
            headers={"Content-Disposition": f'attachment; filename="{shown.label}.json"'},
        )
    moments = [datetime.fromisoformat(one["at"]) for one in found["entries"]]
    return render_template(
        "introductions/record.html", introduction=shown, record=found, moments=moments, made_at=now()
    )


@bp.post("/introductions/<uuid:id>/read")
@requires("introduction.read")
def read(id: uuid.UUID) -> Response:
    """Mark the conversation as read up to now."""
    actor = current_actor()
    operations.mark_read(found_or_404(queries.introduction_of(id, actor)), actor=actor)
    return redirect(url_for(".detail", id=id), 303)


def register(app: Flask, _settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(bp)
    limit_uploads(app, "introductions.detail")
