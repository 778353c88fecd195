"""Pages of public questions: those of a need, one's own, the forum's list of those that wait too long."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.accounts.trying import tried
from ppp_match.config import Settings
from ppp_match.formats import datefmt
from ppp_match.introductions.queries import introduction_of
from ppp_match.lifecycle import QUESTION, Refused, may_move
from ppp_match.listings import queries as listings
from ppp_match.listings.beside import COUNTED, beside
from ppp_match.listings.models import Listing
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.permissions import can
from ppp_match.questions import operations, queries, words
from ppp_match.questions.forms import AnswerForm, AskForm, DeclineForm, PublishForm
from ppp_match.questions.models import Question
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, once, page_lang, public, requires

bp = Blueprint("questions", __name__)
COUNTED["questions"] = queries.answered_of
COUNTED["open_questions"] = queries.open_of


def _need(id: uuid.UUID) -> Listing:
    """A need whose questions have a page: one that is public, or ended, and that the actor may see."""
    need: Listing = found_or_404(listings.find(current_actor(), "need", id))
    return found_or_404(need if need.state in operations.ANSWERABLE else None)  # type: ignore[no-any-return]


def _line(question: Question, need: Listing) -> dict[str, Any]:
    """What a page shows of a question."""
    actor = current_actor()
    known = listings.sees_identity(need, actor)
    asker = question.organisation if queries.sees_asker(question, actor) else None
    citys = can(actor, "question.answer", question) and need.state in operations.ANSWERABLE
    return {
        "question": question,
        "answers": queries.answers_for(question, need, known=known),
        "asker": asker.name(page_lang()) if asker else "",
        "state": words.STATES[question.state],
        "look": words.LOOKS[question.state],
        "ours": question.organisation_id is not None and question.organisation_id in actor.organisation_ids,
        "may_answer": citys and question.state == "asked",
        "may_add": citys and question.state == "answered",
        "may_withdraw": may_move(QUESTION, question, "withdrawn", actor=actor)
        and question.organisation_id == actor.organisation_id,
    }


def _about(need: Listing) -> dict[str, Any]:
    lang = need.shown.reading_lang(page_lang())
    return {"need": need, "title": need.shown.text("title", lang), "title_lang": lang}


@bp.get("/needs/<uuid:id>/questions")
@public
def index(id: uuid.UUID) -> str:
    """Every question on a need that its reader may see, and what they can do about it."""
    need, actor = _need(id), current_actor()
    own = can(actor, "question.answer", need)
    view = request.args.get("state", "all")
    if view not in queries.TABS:
        abort(404)
    rows = queries.shown_to(need, actor, view)
    return render_template(
        "questions/index.html",
        lines=[_line(one, need) for one in rows],
        view=view,
        own=own,
        names_askers=operations.names_askers(need),
        asks=can(actor, "question.ask"),
        why_not=operations.refuse_question(need, actor),
        words_of=words_of,
        **_about(need),
    )


def _form_page(
    form: Any, template: str, do: Callable[[], Any], need: Listing, *, done: str, **more: Any
) -> Any:
    """A page with one form: done, refused beside the form, or shown."""
    refusal, status = tried(form, need, do)
    if status == 303:
        flash(done, "success")
        return redirect(url_for(".index", id=need.id), status)
    return render_template(template, form=form, refusal=refusal, **_about(need), **more), status


@bp.route("/needs/<uuid:id>/questions/new", methods=["GET", "POST"])
@once
@requires("question.ask")
def ask(id: uuid.UUID) -> Any:
    """Ask on a need."""
    need, actor = _need(id), current_actor()
    why_not = operations.refuse_question(need, actor)
    if why_not and request.method == "GET":
        flash(words_of(why_not), "error")
        return redirect(url_for(".index", id=id), 303)
    form: Any = AskForm(lang=page_lang())
    return _form_page(
        form,
        "questions/ask.html",
        lambda: operations.ask(
            need,
            text=form.text.data,
            lang=form.lang.data,
            contact_confirmed=form.no_contact_data.data,
            actor=actor,
        ),
        need,
        done=_("Asked. The city answers to all; you are told when it has."),
        named=operations.names_askers(need),
    )


def _question(id: uuid.UUID, permission: str) -> Question:
    """The question, for whoever of its two sides holds the permission."""
    question: Question = found_or_404(queries.question_of(id, current_actor()))
    if not can(current_actor(), permission, question):
        abort(403)
    return question


@bp.route("/questions/<uuid:id>/answer", methods=["GET", "POST"])
@once
@requires("question.answer")
def answer(id: uuid.UUID) -> Any:
    """Answer to all, or add to what was answered."""
    question, actor = _question(id, "question.answer"), current_actor()
    need = _need(question.need_id)
    if question.state not in ("asked", "answered"):
        raise Refused("not_drawn")
    form: Any = AnswerForm(lang=page_lang())
    if need.state != "published":
        del form.changes_need
    return _form_page(
        form,
        "questions/answer.html",
        lambda: operations.answer(
            question,
            text=form.text.data,
            lang=form.lang.data,
            changes_need="changes_need" in form and bool(form.changes_need.data),
            contact_confirmed=form.no_contact_data.data,
            actor=actor,
        ),
        need,
        done=_("Published. Everybody who is near this need is told."),
        line=_line(question, need),
    )


@bp.route("/questions/<uuid:id>/decline", methods=["GET", "POST"])
@requires("question.answer")
def decline(id: uuid.UUID) -> Any:
    """Say why there is no answer."""
    question, actor = _question(id, "question.answer"), current_actor()
    need = _need(question.need_id)
    if question.state != "asked":
        raise Refused("not_drawn")
    form: Any = DeclineForm()
    return _form_page(
        form,
        "questions/decline.html",
        lambda: operations.decline(question, reason=form.reason.data, actor=actor),
        need,
        done=_("Declined. Whoever asked reads why."),
        line=_line(question, need),
    )


@bp.post("/questions/<uuid:id>/withdraw")
@requires("question.ask")
def withdraw(id: uuid.UUID) -> Response:
    """Take one's own question back."""
    question = _question(id, "question.ask")
    operations.withdraw(question, actor=current_actor())
    flash(_("Taken back. Nobody else reads it."), "success")
    return redirect(url_for(".mine"), 303)


@bp.post("/needs/<uuid:id>/questions/naming")
@requires("question.answer")
def naming(id: uuid.UUID) -> Response:
    """Whether everybody reads who asks."""
    named = request.form.get("named") == "yes"
    operations.name_askers(_need(id), named=named, actor=current_actor())
    flash(
        _("From now on everybody reads which organisation asks.")
        if named
        else _("From now on only you and the forum see which organisation asks."),
        "success",
    )
    return redirect(url_for(".index", id=id), 303)


@bp.route("/introductions/<uuid:id>/publish-answer", methods=["GET", "POST"])
@once
@requires("question.answer")
def publish(id: uuid.UUID) -> Any:
    """What the city answered in a conversation, for all."""
    actor = current_actor()
    introduction = found_or_404(introduction_of(id, actor))
    if not can(actor, "question.answer", introduction.match.need):
        abort(403)
    need = _need(introduction.match.need_id)
    form: Any = PublishForm(introduction, lang=page_lang())
    return _form_page(
        form,
        "questions/publish.html",
        lambda: operations.publish_from(
            introduction,
            question=form.question.data,
            answer=form.answer.data,
            lang=form.lang.data,
            contact_confirmed=form.no_contact_data.data,
            actor=actor,
        ),
        need,
        done=_("Published. Everybody who is near this need is told."),
        introduction=introduction,
    )


@bp.get("/questions")
@requires("question.read")
def mine() -> str:
    """Questions that one's organisation asked or has to answer."""
    actor, view = current_actor(), request.args.get("state", "open")
    if view not in queries.TABS:
        abort(404)
    counts = queries.count_own(actor)
    page = page_of(
        queries.own_in(actor, view),
        number_of(request.args.get("page")),
        lambda n: url_for(".mine", state=view, page=n),
        total=counts[view],
    )
    return render_template("questions/mine.html", rows=_rows(page.rows), page=page, view=view, counts=counts)


@bp.get("/review/questions")
@requires("question.oversee")
def queue() -> str:
    """Questions that wait longer than they should."""
    page = page_of(
        queries.overdue(), number_of(request.args.get("page")), lambda n: url_for(".queue", page=n)
    )
    return render_template("questions/queue.html", rows=_rows(page.rows), page=page)


def _rows(questions: list[Question]) -> list[dict[str, Any]]:
    return [
        {
            **_about(one.need),
            "question": one,
            "state": words.STATES[one.state],
            "look": words.LOOKS[one.state],
            "to_answer": one.state == "asked" and can(current_actor(), "question.answer", one),
        }
        for one in questions
    ]


def questions_panel(listing: Listing) -> dict[str, Any] | None:
    """What the page of a need shows of its questions: how many are answered, how many wait for its own people."""
    if listing.kind != "need" or listing.state not in operations.ANSWERABLE:
        return None
    actor = current_actor()
    own = can(actor, "question.answer", listing)
    return {
        "answered": beside(listing, "questions"),
        "open": beside(listing, "open_questions") if own else 0,
        "may_ask": can(actor, "question.ask") and operations.refuse_question(listing, actor) is None,
        "until": datefmt(listing.shown.response_until) if listing.shown.response_until else "",
    }


def register(app: Flask, _settings: Settings) -> None:
    """Hang this room on the application, and what the page of a need asks of it."""
    app.register_blueprint(bp)
    app.jinja_env.globals.update(questions_panel=questions_panel)
