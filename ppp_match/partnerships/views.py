"""Pages of partnerships: the list, the record, what a side reports, the forum's queue."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from ppp_match.config import Settings
from ppp_match.db import db, today
from ppp_match.formats import datefmt
from ppp_match.introductions.queries import is_staff
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.partnerships import facts, operations, queries, sheets, status, words
from ppp_match.partnerships.forms import (
    BeneficiariesForm,
    FactsForm,
    MeasuredForm,
    ResultForm,
    StateForm,
    ValueForm,
    VerifyForm,
)
from ppp_match.partnerships.models import STATE, Partnership, Statement
from ppp_match.partnerships.models_plan import Indicator
from ppp_match.partnerships.plan_views import add_plan_pages
from ppp_match.partnerships.reporting import reported, reporting, shown
from ppp_match.partnerships.standing import facts_of
from ppp_match.partnerships.status_views import add_link_pages
from ppp_match.permissions import can
from ppp_match.spreadsheets import csv_file
from ppp_match.web import current_actor, found_or_404, note_read, once, page_lang, requires

bp = Blueprint("partnerships", __name__)
add_plan_pages(bp)
add_link_pages(bp)
JOBS_HERE = (status.status_requests,)  # so the worker knows it


@bp.get("/partnerships")
@requires("partnership.read")
def index() -> str:
    """One's partnerships by state; for everybody else those that both sides show."""
    actor, view = current_actor(), request.args.get("state", "")
    counts = queries.count_by_tab(actor)
    if view not in queries.TABS:
        view = "open" if counts["open"] and not view else "all" if not view else abort(404)
    page = page_of(
        queries.partnerships_in(actor, view),
        number_of(request.args.get("page")),
        lambda n: url_for(".index", state=view, page=n),
        total=counts[view],
    )
    lines = [sheets.line(one, page_lang()) for one in page.rows]
    own = is_staff(actor) or bool(actor.organisation_ids)
    return render_template(
        "partnerships/index.html", lines=lines, page=page, view=view, counts=counts, own=own
    )


@bp.get("/partnerships/<uuid:id>")
@requires("partnership.read")
def detail(id: uuid.UUID) -> str:
    """One partnership: course, stages, contract, money, what is measured, milestones, risks, documents."""
    partnership, actor = shown(id), current_actor()
    if not queries.is_party(actor, partnership) and not partnership.is_shown:
        note_read("partnership.read", partnership)
    return render_template("partnerships/detail.html", **sheets.sheet(partnership, actor, page_lang()))


@bp.get("/introductions/<uuid:id>/partnership")
@requires("partnership.read")
def of_introduction(id: uuid.UUID) -> BaseResponse:
    """What became of an introduction."""
    return redirect(url_for(".detail", id=found_or_404(queries.partnership_from(id, current_actor()))), 303)


@bp.route("/partnerships/<uuid:id>/report", methods=["GET", "POST"])
@once
@requires("partnership.report")
def report(id: uuid.UUID) -> Any:
    """One's side says where the partnership stands."""
    partnership, actor = reported(id), current_actor()
    form: Any = StateForm(on=today(), state=partnership.state if partnership.is_open else None)
    return reporting(
        partnership,
        form,
        "partnerships/report.html",
        lambda: operations.report_state(
            partnership,
            form.state.data,
            actor=actor,
            on=form.on.data,
            reason_code=form.reason_code.data or "",
            note=form.note.data or "",
        ),
    )


@bp.route("/partnerships/<uuid:id>/facts", methods=["GET", "POST"])
@requires("partnership.report")
def report_facts(id: uuid.UUID) -> Any:
    """Stage, contract and days, as one's side knows them."""
    partnership, actor = reported(id), current_actor()
    own = _said_by_own_side(partnership)
    known: dict[str, Any] = {
        key.partition(":")[2]: one.text for key, one in own.items() if key.startswith("fact:")
    }
    for name in ("signed_on", "starts_on", "ends_on"):
        if name in known:
            known[name] = sheets.day_of(known[name])
    form: Any = FactsForm(data=known)
    return reporting(
        partnership,
        form,
        "partnerships/facts.html",
        lambda: facts.report_facts(partnership, form.values(), actor=actor),
        anchor="contract",
    )


def _said_by_own_side(partnership: Partnership) -> dict[str, Statement]:
    side = partnership.side_of(current_actor().organisation_id)
    return {one.key: one for one in partnership.live_statements() if one.side == side}


@bp.route("/partnerships/<uuid:id>/money", methods=["GET", "POST"])
@once
@requires("partnership.report")
def report_value(id: uuid.UUID) -> Any:
    """An amount of money of one status."""
    partnership, actor = reported(id), current_actor()
    form: Any = ValueForm(on=today(), status=request.args.get("status"))
    return reporting(
        partnership,
        form,
        "partnerships/value.html",
        lambda: facts.report_value(
            partnership,
            form.status.data,
            amount=form.amount.data.high,
            currency=form.amount.data.currency,
            on=form.on.data,
            source=form.source.data,
            actor=actor,
        ),
        anchor="money",
    )


@bp.route("/partnerships/<uuid:id>/people", methods=["GET", "POST"])
@once
@requires("partnership.report")
def report_people(id: uuid.UUID) -> Any:
    """How many people of a group it serves."""
    partnership, actor = reported(id), current_actor()
    form: Any = BeneficiariesForm(on=today())
    return reporting(
        partnership,
        form,
        "partnerships/people.html",
        lambda: facts.report_beneficiaries(
            partnership,
            form.group.data,
            count=form.count.data,
            on=form.on.data,
            source=form.source.data,
            actor=actor,
        ),
        anchor="people",
    )


@bp.route("/partnerships/<uuid:id>/indicators/<uuid:row_id>/values", methods=["GET", "POST"])
@once
@requires("partnership.report")
def report_measured(id: uuid.UUID, row_id: uuid.UUID) -> Any:
    """A measured value of an indicator."""
    partnership, actor = reported(id), current_actor()
    row: Indicator = found_or_404(queries.row_of(Indicator, partnership, row_id))
    form: Any = MeasuredForm(on=today(), source=row.method)
    return reporting(
        partnership,
        form,
        "partnerships/measured.html",
        lambda: facts.report_measured(
            row, value=form.value.data, on=form.on.data, source=form.source.data, actor=actor
        ),
        anchor=f"i-{row.id}",
        row=row,
    )


@bp.get("/partnerships/<uuid:id>/indicators/<uuid:row_id>")
@requires("partnership.read")
def values_file(id: uuid.UUID, row_id: uuid.UUID) -> Response:
    """The values of an indicator as a table for a spreadsheet."""
    partnership, lang = shown(id), page_lang()
    row: Indicator = found_or_404(queries.row_of(Indicator, partnership, row_id))
    measured = sheets.one_measured(row, facts_of(partnership.statements).values(), lang)
    heads = [_("Day"), _("Value"), _("Unit"), _("Side"), _("Standing"), _("Source")]
    rows: list[list[Any]] = [[row.baseline_on, row.baseline, measured.unit, None, _("Baseline"), row.method]]
    for fact in measured.values:
        standing = words.STANDINGS[fact.standing]
        rows += [
            [one.on, one.amount, measured.unit, words.SIDES[one.side], standing, one.note]
            for one in fact.statements
        ]
    if row.target is not None:
        rows.append([row.target_on, row.target, measured.unit, None, _("Target"), None])
    return csv_file(f"{partnership.label}-{row.code or 'own'}.csv", [heads, *rows])


@bp.route("/partnerships/<uuid:id>/result", methods=["GET", "POST"])
@requires("partnership.report")
def result(id: uuid.UUID) -> Any:
    """What came of it, in a few sentences."""
    partnership, actor = reported(id), current_actor()
    form: Any = ResultForm(result=partnership.result, lang=partnership.result_lang)
    return reporting(
        partnership,
        form,
        "partnerships/result.html",
        lambda: operations.write_result(
            partnership,
            text=form.result.data or "",
            lang=form.lang.data,
            version=form.seen_version(),
            actor=actor,
        ),
        done=_("Saved."),
        anchor="result",
    )


@bp.post("/partnerships/<uuid:id>/shown")
@requires("partnership.report")
def show(id: uuid.UUID) -> BaseResponse:
    """One's side agrees that everybody may read it, or no longer."""
    partnership = reported(id)
    agree = request.form.get("agree") == "yes"
    operations.show_in_public(partnership, agree=agree, actor=current_actor())
    flash(
        _("Your side agrees. Everybody can read it once the other side agrees too.")
        if agree and not partnership.is_shown
        else _("Everybody can read this partnership now.")
        if agree
        else _("Your side no longer agrees, so the two sides and the forum alone read it."),
        "success",
    )
    return redirect(url_for(".detail", id=id, _anchor="public"), 303)


# --- single statements ---


def _statement(id: uuid.UUID) -> Statement:
    statement: Statement = found_or_404(db.session.get(Statement, id))
    shown(statement.partnership_id)
    return statement


@bp.post("/partnerships/statements/<uuid:id>/confirm")
@requires("partnership.report")
def confirm(id: uuid.UUID) -> BaseResponse:
    """One's side says the same as the other one."""
    statement = _statement(id)
    facts.confirm(statement, actor=current_actor())
    flash(_("Confirmed: both sides say the same."), "success")
    return redirect(url_for(".detail", id=statement.partnership_id), 303)


@bp.post("/partnerships/statements/<uuid:id>/take-back")
@requires("partnership.report")
def take_back(id: uuid.UUID) -> BaseResponse:
    """One's side no longer says it."""
    statement = _statement(id)
    facts.take_back(statement, actor=current_actor())
    flash(_("Taken back. The record keeps that it was said."), "success")
    return redirect(url_for(".detail", id=statement.partnership_id), 303)


@bp.get("/review/partnerships")
@requires("partnership.settle")
def queue() -> str:
    """Where the two sides report different things."""
    actor, lang = current_actor(), page_lang()
    page = page_of(
        queries.queue(actor), number_of(request.args.get("page")), lambda n: url_for(".queue", page=n)
    )
    lines = [
        {
            **sheets.line(one, lang),
            "differing": sheets.differing(one, facts_of(one.statements), {}, lang),
            "barred": not can(actor, "partnership.settle", one),
        }
        for one in page.rows
    ]
    return render_template("partnerships/queue.html", lines=lines, page=page, names=words)


@bp.route("/review/partnerships/statements/<uuid:id>", methods=["GET", "POST"])
@requires("partnership.settle")
def verify(id: uuid.UUID) -> Any:
    """A moderator has seen evidence for what one side says."""
    statement, actor, lang = _statement(id), current_actor(), page_lang()
    partnership = statement.partnership
    if not can(actor, "partnership.settle", partnership):
        abort(403)
    indicators = {str(one.id): one for one in queries.rows_of(Indicator, partnership)}
    fact = facts_of(partnership.statements).get(statement.key)
    form: Any = VerifyForm()

    def do() -> None:
        if statement.key == STATE:
            operations.settle_state(partnership, statement, actor=actor, reason=form.reason.data)
        else:
            operations.verify(statement, actor=actor, words=form.reason.data)

    return reporting(
        partnership,
        form,
        "partnerships/verify.html",
        do,
        done=_("Verified. Both sides are told."),
        statement=statement,
        what=sheets.described(statement.key, lang, indicators),
        said=[(one, sheets.said(one, lang, indicators)) for one in (fact.statements if fact else [])],
        day=datefmt(statement.on),
    )


def register(app: Flask, _settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(bp)
