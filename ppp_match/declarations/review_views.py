"""Pages of the forum's staff: what waits, the register of persons, recusals, declarations on offers."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match.accounts.models import Organisation, User
from ppp_match.accounts.queries import staff
from ppp_match.accounts.text_fields import one_line
from ppp_match.accounts.trying import tried
from ppp_match.db import db
from ppp_match.declarations import interests, queries, words
from ppp_match.declarations.forms import AnswerEndForm, DecideForm, ImposeForm, RecuseForm
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.introductions import declaring
from ppp_match.introductions.models import OfferDeclaration
from ppp_match.lifecycle import Refused
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, note_read, once, requires

SHOWN = ("declarations", "relations", "people", "decided", "all")


def add_review_pages(blueprint: Blueprint) -> None:
    """Hang the pages on the blueprint of this room."""
    post = ["GET", "POST"]
    blueprint.add_url_rule("/review/interests", view_func=queue)
    blueprint.add_url_rule("/review/interests/<uuid:id>", view_func=interest, methods=post)
    blueprint.add_url_rule("/review/declarations/<uuid:id>", view_func=decide, methods=post)
    blueprint.add_url_rule("/review/recuse/<uuid:id>", view_func=recuse, methods=post)
    blueprint.add_url_rule("/admin/recusals/new", view_func=impose, methods=post)


@requires("interest.review")
def queue() -> str:
    """What waits: declarations on offers, ends of relations and of interests; and the register of persons."""
    actor = current_actor()
    show = request.args.get("show", "declarations")
    show = show if show in SHOWN else "declarations"
    find = one_line(request.args.get("find", "").replace("\x00", ""))[:100]
    wanted: dict[str, Any] = {"show": show, **({"find": find} if find else {})}
    query: Any = {
        "declarations": lambda: queries.declarations(waiting=True),
        "decided": lambda: queries.declarations(waiting=False),
        "relations": queries.relations_ending,
        "people": lambda: queries.interests(ending=True),
        "all": lambda: queries.interests(find),
    }[show]()
    page = page_of(
        query,
        number_of(request.args.get("page")),
        lambda number: url_for("declarations.queue", page=number, **wanted),
    )
    if show in ("people", "all"):
        for row in page.rows:
            note_read("declared_interest.read", row)
    return render_template(
        "declarations/queue.html",
        page=page,
        show=show,
        find=find,
        names=words,
        may_answer=lambda row: interests.may_answer(row, actor),
        barred=lambda row: bool(row.party_ids & actor.conflicting_ids),
    )


@requires("interest.review")
def interest(id: uuid.UUID) -> Any:
    """One person's interest: confirm that it has ended, or let it stand."""
    row: DeclaredInterest = found_or_404(db.session.get(DeclaredInterest, id))
    actor = current_actor()
    answers = interests.may_answer(row, actor) and row.state != "ended"
    form = AnswerEndForm() if answers else None

    def do() -> None:
        assert form is not None  # noqa: S101  tried() does nothing without a form
        interests.answer_end(
            row,
            ended=form.answer.data == "ended",
            reason=form.reason.data or "",
            version=form.seen_version(),
            actor=actor,
        )

    refusal, status = tried(form, row, do)
    if status == 303:
        flash(_("Saved. The person has been told."), "success")
        return redirect(url_for("declarations.queue", show="people"), status)
    note_read("declared_interest.read", row)
    page = render_template(
        "declarations/interest.html",
        row=row,
        form=form,
        own=row.user_id == actor.user_id,
        answers=answers,
        refusal=refusal,
        names=words,
    )
    return page, status


@requires("declaration.decide")
def decide(id: uuid.UUID) -> Any:
    """What a side declared before its yes, and whether it stands against the introduction."""
    row: OfferDeclaration = found_or_404(queries.declaration(id))
    actor = current_actor()
    barred = not can(actor, "declaration.decide", row)
    form = DecideForm() if row.state == "open" and not barred else None

    def do() -> None:
        assert form is not None  # noqa: S101  tried() does nothing without a form
        declaring.decide(
            row,
            cleared=form.answer.data == "cleared",
            reason=form.reason.data or "",
            version=form.seen_version(),
            actor=actor,
        )

    refusal, status = tried(form, row, do)
    if status == 303:
        flash(_("Decided. Those concerned have been told."), "success")
        return redirect(url_for("declarations.queue"), status)
    if not barred:
        note_read("declaration.read", row)
    match = row.offer.match
    sides = (match.need.organisation_id, match.capability.organisation_id)
    page = render_template(
        "declarations/decide.html",
        row=row,
        offer=row.offer,
        match=match,
        form=form,
        barred=barred,
        refusal=refusal,
        relations=queries.relation_between(*sides),
        people=[] if barred else queries.across(*sides),
        names=words,
    )
    return page, status


@once
@requires("recusal.take")
def recuse(id: uuid.UUID) -> Any:
    """Recuse oneself from an organisation."""
    organisation: Organisation = found_or_404(db.session.get(Organisation, id))
    actor, form, refusal, status = current_actor(), RecuseForm(kind="recusal"), "", 200
    if form.validate_on_submit():
        try:
            interests.declare_interest(
                db.session.get_one(User, actor.user_id),
                organisation,
                kind=form.kind.data,
                note=form.note.data or "",
                since=form.since.data,
                actor=actor,
            )
        except Refused as refused:
            refusal, status = words_of(refused.code), 409
        else:
            flash(
                _("You are recused. What you had in hand of this organisation is free for a colleague."),
                "success",
            )
            return redirect(url_for("declarations.mine"), 303)
    elif request.method == "POST":
        status = 422
    page = render_template(
        "declarations/recuse.html",
        organisation=organisation,
        form=form,
        refusal=refusal,
        recused=organisation.id in actor.recused_from,
    )
    return page, status


@once
@requires("recusal.impose")
def impose() -> Any:
    """Recuse a colleague from an organisation."""
    actor = current_actor()
    form = ImposeForm().offer([one for one in staff() if one.id != actor.user_id])
    refusal, status = "", 200
    if request.method == "POST":
        form.look_up(actor)
        status = 422
        if form.validate() and form.organisation_meant is not None:
            person = form.people.get(form.person.data)
            if person is None:
                abort(400)
            try:
                interests.declare_interest(
                    person, form.organisation_meant, kind="recusal", note=form.reason.data or "", actor=actor
                )
            except Refused as refused:
                refusal, status = words_of(refused.code), 409
            else:
                flash(_("The colleague is recused and has been told."), "success")
                return redirect(url_for("declarations.queue", show="all"), 303)
    return render_template("declarations/impose.html", form=form, refusal=refusal), status
