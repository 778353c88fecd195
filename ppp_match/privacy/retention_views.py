"""Administration of retention: the schedule with what it would take now, legal holds, and the reports of what went."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match.accounts.models import Organisation, User
from ppp_match.db import db, now
from ppp_match.introductions.models import Introduction
from ppp_match.lifecycle import Refused
from ppp_match.listings.models import Listing
from ppp_match.privacy import holds, retention
from ppp_match.privacy.blueprint import blueprint
from ppp_match.privacy.forms import HoldForm, LiftForm, RuleForm
from ppp_match.privacy.groups import RULE_NAMES
from ppp_match.privacy.models import LegalHold, RetentionRule
from ppp_match.privacy.retention_rules import RULES, count_due
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, once, requires, sensitive


@blueprint.get("/admin/retention")
@requires("retention.manage")
def manage_retention() -> str:
    return _page(HoldForm(formdata=None))


def _page(form: HoldForm, refusal: str = "") -> str:
    return render_template(
        "privacy/retention.html",
        previews={one.rule.code: one.due for one in retention.preview()}
        if request.args.get("preview") == "1"
        else {},
        rules=retention.rules(),
        facts=RULES,
        names=RULE_NAMES,
        holds=[(hold, *_subject(hold)) for hold in holds.open_holds()],
        runs=retention.runs(),
        form=form,
        refusal=refusal,
    )


def _subject(hold: LegalHold) -> tuple[str, str]:
    """(what it is called, the address of its page) of what is held."""
    row: Any = db.session.get(holds.MODELS[hold.subject_type], hold.subject_id)
    if isinstance(row, User):
        return row.name, url_for("people.detail", id=row.id)
    if isinstance(row, Organisation):
        return row.name("en"), url_for("organisations.detail", id=row.id)
    if isinstance(row, Listing):
        return row.label, url_for("listings.detail", kind=row.path_kind, id=row.id)
    if isinstance(row, Introduction):
        return row.label, url_for("introductions.detail", id=row.id)
    return str(hold.subject_id)[:8], ""


@blueprint.route("/admin/retention/<code>", methods=["GET", "POST"])
@requires("retention.manage")
@sensitive
def edit_rule(code: str) -> Any:
    """One rule: its days and words, and what it would take with the days that were typed."""
    rule = found_or_404(db.session.get(RetentionRule, code) if code in RULES else None)
    form = RuleForm(obj=rule, least=RULES[code].least)
    refusal, status = "", 200
    if request.method == "GET":
        form.version.data = str(rule.version)
        form.reason.data = ""
    else:
        status = 422
        if form.validate() and request.form.get("do") != "preview":
            try:
                retention.change_rule(
                    rule,
                    days=form.days.data or 0,
                    active=bool(form.active.data),
                    words=form.words(),
                    reason=form.reason.data or "",
                    version=form.seen_version(),
                    actor=current_actor(),
                )
            except Refused as refused:
                if refused.code == "not_permitted":
                    raise
                refusal, status = words_of(refused.code), 409
            else:
                flash(_("The rule is saved. It counts from the next run on."), "success")
                return redirect(url_for("privacy.manage_retention"), 303)
    days = rule.days if form.days.errors or form.days.data is None else form.days.data
    page = render_template(
        "privacy/rule.html",
        rule=rule,
        name=RULE_NAMES[code],
        fact=RULES[code],
        form=form,
        refusal=refusal,
        previewed=days,
        due=count_due(code, now() - timedelta(days=days), holds.held_now()),
    )
    return page, status


@blueprint.post("/admin/retention/holds")
@requires("retention.manage")
@once
def place_hold() -> Any:
    form, refusal = HoldForm(), ""
    if form.validate():
        subject_id = form.subject_id()
        if subject_id is None:
            form.subject.errors = [_("This is no identifier. It looks like 3f2b1c9e-….")]
        else:
            try:
                holds.place_hold(
                    form.subject_type.data, subject_id, reason=form.reason.data or "", actor=current_actor()
                )
            except Refused as refused:
                if refused.code == "not_permitted":
                    raise
                refusal = words_of(refused.code)
            else:
                flash(_("Held. Nothing of it goes until the hold is lifted."), "success")
                return redirect(url_for("privacy.manage_retention", _anchor="holds"), 303)
    return _page(form, refusal), 422


@blueprint.route("/admin/retention/holds/<uuid:id>", methods=["GET", "POST"])
@requires("retention.manage")
def lift_hold(id: uuid.UUID) -> Any:
    """One hold, and the form that lifts it."""
    hold = found_or_404(db.session.get(LegalHold, id))
    form = LiftForm()
    if form.validate_on_submit():
        holds.lift_hold(hold, reason=form.reason.data or "", actor=current_actor())
        flash(_("The hold is lifted."), "success")
        return redirect(url_for("privacy.manage_retention", _anchor="holds"), 303)
    name, address = _subject(hold)
    page = render_template("privacy/hold.html", hold=hold, name=name, address=address, form=form)
    return page, 422 if request.method == "POST" else 200
