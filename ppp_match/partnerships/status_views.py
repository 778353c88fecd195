"""The page that a link of the forum's question opens: one answer, without signing in. Reading it changes nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from ppp_match.db import db, today
from ppp_match.lifecycle import Refused
from ppp_match.partnerships import operations, sheets, status, words
from ppp_match.partnerships.forms import LinkAnswerForm
from ppp_match.refusals import words_of
from ppp_match.web import page_lang, public


@public
def by_link(token: str) -> Any:
    """What is asked, with the answer of the link chosen already; sent, it counts."""
    try:
        asked = status.asked_by(token)
    except Refused as refused:
        page = render_template("partnerships/link_over.html", code=refused.code)
        return page, 404 if refused.code == "link_unknown" else 410
    if asked.request.answered_at is not None:
        return render_template(
            "partnerships/link_over.html",
            code="already_answered",
            answer=words.state_said(asked.request.answer),
            when=asked.request.answered_at,
        )
    chosen = request.args.get("answer", "")
    form = LinkAnswerForm(on=today(), state=chosen if chosen in operations.REPORTED else None)
    refusal, code = "", 200
    if form.validate_on_submit():
        try:
            status.answer_by_link(
                asked,
                form.state.data,
                on=form.on.data,
                reason_code=form.reason_code.data or "",
                note=form.note.data or "",
            )
        except Refused as refused:
            db.session.rollback()
            refusal, code = (
                words_of(refused.code) or _("This could not be saved. Sign in and report it there."),
                409,
            )
        else:
            return render_template(
                "partnerships/link_over.html",
                code="thanks",
                answer=words.state_said(asked.request.answer),
                when=asked.request.answered_at,
                label=asked.partnership.label,
            )
    elif request.method == "POST":
        code = 422
    page = render_template(
        "partnerships/by_link.html",
        form=form,
        refusal=refusal,
        token=token,
        person=asked.person,
        **sheets.asked_sheet(asked.request, page_lang()),
    )
    return page, code


def add_link_pages(bp: Blueprint) -> None:
    """Hang this page on the blueprint of the room."""
    bp.add_url_rule("/status/<string:token>", "by_link", by_link, methods=["GET", "POST"])
