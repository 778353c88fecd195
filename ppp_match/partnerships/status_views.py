"""The page that a link of the forum's question opens: one answer, without signing in. Reading it changes nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from ppp_match.accounts.trying import tried
from ppp_match.db import today
from ppp_match.lifecycle import Refused
from ppp_match.partnerships import operations, sheets, status, words
from ppp_match.partnerships.forms import StateForm
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
    form: Any = StateForm(on=today(), state=chosen if chosen in operations.REPORTED else None)
    refusal, code = tried(
        form,
        asked.partnership,
        lambda: status.answer_by_link(
            asked,
            form.state.data,
            on=form.on.data,
            reason_code=form.reason_code.data or "",
            note=form.note.data or "",
        ),
    )
    if code == 303:  # what was answered, on this page: there is nowhere to be led without signing in
        return render_template(
            "partnerships/link_over.html",
            code="thanks",
            answer=words.state_said(asked.request.answer),
            when=asked.request.answered_at,
            label=asked.partnership.label,
        )
    page = render_template(
        "partnerships/by_link.html",
        form=form,
        refusal=refusal,
        token=token,
        person=asked.person,
        **sheets.line(asked.partnership, page_lang()),
    )
    return page, code


def add_link_pages(bp: Blueprint) -> None:
    """Hang this page on the blueprint of the room."""
    bp.add_url_rule("/status/<string:token>", "by_link", by_link, methods=["GET", "POST"])
