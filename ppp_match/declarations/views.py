"""Pages of declarations: the public register, an organisation's relations, a person's interests."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match.accounts.models import Organisation, OrganisationRelation, User
from ppp_match.accounts.queries import visible_organisation
from ppp_match.accounts.text_fields import one_line
from ppp_match.accounts.trying import tried
from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.declarations import clock_jobs, interests, queries, relations, words
from ppp_match.declarations.forms import OUTSIDE, AnswerEndForm, EndForm, InterestForm, RelationForm
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.declarations.review_views import add_review_pages
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.spreadsheets import csv_file
from ppp_match.web import current_actor, found_or_404, once, page_lang, requires

blueprint = Blueprint("declarations", __name__)
JOBS_HERE = (clock_jobs.relation_lists,)  # so the worker knows it
add_review_pages(blueprint)


@blueprint.get("/relations")
@requires("register.read")
def register_page() -> str | Response:
    """Relations between organisations, for everybody."""
    find = one_line(request.args.get("find", "").replace("\x00", ""))[:100]
    if request.args.get("format") == "csv":
        return _register_file(find)
    wanted: dict[str, Any] = {"find": find} if find else {}
    page = page_of(
        queries.register(find),
        number_of(request.args.get("page")),
        lambda number: url_for(".register_page", page=number, **wanted),
    )
    return render_template("declarations/register.html", page=page, find=find, names=words)


def _register_file(find: str) -> Response:
    """What the page lists, as a table for a spreadsheet."""
    lang = page_lang()
    heads = (
        _("Organisation"),
        _("What the other one is to it"),
        _("The other one"),
        _("Since"),
        _("More about it"),
        _("Declared"),
        _("State"),
        _("Ended"),
        _("List complete as of"),
    )
    rows = (
        (
            row.organisation.name(lang),
            words.RELATION_NAMES[row.kind],
            row.other_name(lang),
            row.since,
            row.note,
            row.declared_at.date(),
            words.STATE_NAMES[row.state],
            row.ended_at.date() if row.ended_at else None,
            row.organisation.relations_confirmed_at.date()
            if row.organisation.relations_confirmed_at
            else None,
        )
        for row in db.session.scalars(queries.register(find))
    )
    return csv_file("relations.csv", (heads, *rows))


# --- an organisation's relations ---


@blueprint.route("/organisations/<uuid:id>/relations", methods=["GET", "POST"])
@once
@requires("relation.read")
def of_organisation(id: uuid.UUID) -> Any:
    """What an organisation declared and what was declared of it; its owners and moderators add to it."""
    organisation, actor = _organisation(id), current_actor()
    may_declare = can(actor, "relation.declare", organisation) or can(actor, "relation.review", organisation)
    form, status = RelationForm(), 200
    if request.method == "POST":
        if not may_declare:
            abort(403)
        form.look_up(actor)
        if form.validate() and form.is_another_than({organisation.id}, words_of("relation_to_itself")):
            relations.declare_relation(
                organisation,
                kind=form.kind.data,
                related=form.organisation_meant,
                outside_name=form.organisation.data if form.meant == OUTSIDE else "",
                since=form.since.data,
                note=form.note.data or "",
                actor=actor,
            )
            flash(_("Declared. It stands in the register, and pairs of the two are not offered."), "success")
            return redirect(url_for(".of_organisation", id=id), 303)
        status = 422
    page = render_template(
        "declarations/organisation.html",
        organisation=organisation,
        rows=queries.relations_of(organisation.id),
        form=form if may_declare else None,
        may_confirm=can(actor, "relation.declare", organisation),
        names=words,
    )
    return page, status


def _organisation(id: uuid.UUID) -> Organisation:
    """The organisation, for its own people and for the forum's staff."""
    actor = current_actor()
    if id not in actor.organisation_ids and actor.staff_role is None:
        abort(404)
    return found_or_404(visible_organisation(id, actor))  # type: ignore[no-any-return]


@blueprint.post("/organisations/<uuid:id>/relations/confirm")
@requires("relation.declare")
def confirm(id: uuid.UUID) -> Any:
    """An owner says that the list is complete."""
    relations.confirm_list(_organisation(id), actor=current_actor())
    flash(_("Thank you. The register shows from when the list is."), "success")
    return redirect(url_for(".of_organisation", id=id), 303)


@blueprint.route("/relations/<uuid:id>", methods=["GET", "POST"])
@requires("relation.read")
def relation(id: uuid.UUID) -> Any:
    """One relation: owners of the two say that it has ended, moderators answer that."""
    row: OrganisationRelation = found_or_404(db.session.get(OrganisationRelation, id))
    actor = current_actor()
    if not (row.party_ids & actor.organisation_ids or actor.staff_role):
        abort(404)
    reviews = can(actor, "relation.review", row) and row.state != "ended"
    says = can(actor, "relation.declare", row) and row.state == "declared"
    form: Any = AnswerEndForm() if reviews else EndForm() if says else None

    def do() -> None:
        seen = {"reason": form.reason.data or "", "version": form.seen_version(), "actor": actor}
        if reviews:
            relations.answer_end(row, ended=form.answer.data == "ended", **seen)
        else:
            relations.say_ended(row, **seen)

    refusal, status = tried(form, row, do)
    if status == 303:
        flash(_("Saved. Those concerned have been told."), "success")
        home = row.organisation_id if actor.staff_role else actor.organisation_id
        return redirect(url_for(".of_organisation", id=home), status)
    page = render_template(
        "declarations/relation.html", row=row, form=form, reviews=reviews, refusal=refusal, names=words
    )
    return page, status


# --- a person's interests ---


@blueprint.route("/account/interests", methods=["GET", "POST"])
@once
@requires("interest.declare")
def mine() -> Any:
    """One's own declared interests."""
    actor, form, status = current_actor(), InterestForm(), 200
    if request.method == "POST":
        form.look_up(actor)
        good = form.validate() and form.is_another_than(actor.organisation_ids, words_of("interest_in_own"))
        meant = form.organisation_meant
        if good and meant is not None:
            interests.declare_interest(
                db.session.get_one(User, actor.user_id),
                meant,
                kind=form.kind.data,
                note=form.note.data or "",
                since=form.since.data,
                actor=actor,
            )
            flash(_("Declared. You are not asked about this organisation any more."), "success")
            return redirect(url_for(".mine"), 303)
        status = 422
    assert actor.user_id is not None  # noqa: S101  the permission is for those who signed in
    page = render_template(
        "declarations/mine.html", rows=queries.interests_of(actor.user_id), form=form, names=words
    )
    return page, status


@blueprint.route("/account/interests/<uuid:id>", methods=["GET", "POST"])
@requires("interest.declare")
def my_interest(id: uuid.UUID) -> Any:
    """One of one's own interests: say that it has ended."""
    actor = current_actor()
    row: DeclaredInterest = found_or_404(db.session.get(DeclaredInterest, id))
    if row.user_id != actor.user_id:
        abort(404)
    form: Any = EndForm() if row.state == "declared" else None
    refusal, status = tried(
        form,
        row,
        lambda: interests.say_ended(
            row, reason=form.reason.data or "", version=form.seen_version(), actor=actor
        ),
    )
    if status == 303:
        flash(_("Saved. Somebody of the forum checks it; until then it counts."), "success")
        return redirect(url_for(".mine"), status)
    page = render_template(
        "declarations/interest.html",
        row=row,
        form=form,
        own=True,
        answers=False,
        refusal=refusal,
        names=words,
    )
    return page, status


def register(app: Flask, _settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(blueprint)
