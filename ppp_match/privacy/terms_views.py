"""The terms in public with their history, and the pages on which administrators write and publish versions."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.consents import operations, queries
from ppp_match.consents.models import ConsentVersion, Purpose
from ppp_match.db import db, now
from ppp_match.lifecycle import Refused
from ppp_match.listings.differences import diff_words
from ppp_match.privacy.blueprint import blueprint
from ppp_match.privacy.forms import PublishForm, TermsForm
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, public, requires

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")  # a day of the forum begins at its seat


def _written() -> str:
    return "en" if str(get_locale()) == "en" else "vi"


@blueprint.get("/terms")
@public
def terms() -> str:
    """The terms in force, what comes next, and every version before."""
    return _terms_page(queries.terms_in_force())


@blueprint.get("/terms/<int:number>")
@public
def terms_version(number: int) -> str:
    """One published version, in force or not; with ?changes=1 what it changed."""
    versions = {one.number: one for one in queries.versions_of("terms")}
    return _terms_page(found_or_404(versions.get(number)))


def _terms_page(shown: ConsentVersion | None) -> str:
    before = queries.version_before(shown) if shown is not None else None
    written = _written()
    changes = None
    if shown is not None and before is not None and request.args.get("changes") == "1":
        changes = diff_words(before.text(written), shown.text(written))
    return render_template(
        "privacy/terms.html",
        shown=shown,
        before=before,
        changes=changes,
        versions=queries.versions_of("terms"),
        current=queries.terms_in_force(),
        written=written,
    )


@blueprint.get("/admin/terms")
@requires("terms.manage")
def manage_terms() -> str:
    """Every purpose with its versions."""
    purposes = queries.purposes()
    holding, versions = queries.in_force(), queries.all_versions()
    return render_template(
        "privacy/admin_terms.html",
        rows=[(one, versions.get(one.code, []), holding.get(one.code)) for one in purposes],
        agreeing={code: len(queries.agreeing(version)) for code, version in holding.items()},
    )


@blueprint.post("/admin/terms/<code>/draft")
@requires("terms.manage")
def draft_terms(code: str) -> Response:
    """Open the draft of the next version; there is one at most, so a second press leads to the same."""
    purpose = found_or_404(db.session.get(Purpose, code))
    draft = operations.draft_version(purpose, actor=current_actor())
    return redirect(url_for("privacy.edit_terms", id=draft.id), 303)


@blueprint.route("/admin/terms/version/<uuid:id>", methods=["GET", "POST"])
@requires("terms.manage")
def edit_terms(id: uuid.UUID) -> Any:
    """Write a draft, or read a published version."""
    version = found_or_404(db.session.get(ConsentVersion, id))
    form = TermsForm(obj=version)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                operations.write_version(
                    version, form.values(), version=form.seen_version(), actor=current_actor()
                )
            except Refused as refused:
                refusal, status = _told(refused), 409
            else:
                flash(_("The draft is saved."), "success")
                return redirect(url_for("privacy.edit_terms", id=id), 303)
    else:
        form.version.data = str(version.version)
    return _edit_page(version, form, _publish_form(version), refusal), status


def _publish_form(version: ConsentVersion) -> PublishForm:
    form = PublishForm(formdata=None)
    form.version.data = str(version.version)
    form.effective_on.data = now().astimezone(ZONE).date()
    return form


def _edit_page(version: ConsentVersion, form: TermsForm, publish: PublishForm, refusal: str) -> str:
    before = queries.version_before(version)
    return render_template(
        "privacy/admin_terms_version.html",
        version=version,
        form=form,
        publish=publish,
        refusal=refusal,
        before=before,
        changes={lang: diff_words(before.text(lang), version.text(lang)) for lang in ("vi", "en")}
        if before is not None
        else {},
    )


@blueprint.post("/admin/terms/version/<uuid:id>/publish")
@requires("terms.manage")
def publish_terms(id: uuid.UUID) -> Any:
    version = found_or_404(db.session.get(ConsentVersion, id))
    form = PublishForm()
    refusal, status = "", 422
    if form.validate():
        day = form.effective_on.data
        today = now().astimezone(ZONE).date()
        moment = now() if day == today else datetime.combine(day, time(), ZONE).astimezone(UTC)
        try:
            operations.publish_version(
                version, effective_at=moment, version=form.seen_version(), actor=current_actor()
            )
        except Refused as refused:
            refusal, status = _told(refused), 409
        else:
            flash(_("The version is published. It can no longer be changed."), "success")
            return redirect(url_for("privacy.edit_terms", id=id), 303)
    text_form = TermsForm(formdata=None, obj=version)
    text_form.version.data = str(version.version)
    return _edit_page(version, text_form, form, refusal), status


def _told(refused: Refused) -> str:
    if refused.code == "not_permitted":
        raise refused
    return str(words_of(refused.code))
