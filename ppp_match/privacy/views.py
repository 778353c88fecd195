"""Pages of one's own data: what one agreed to, a copy, corrections, erasure. Registers the room."""

from __future__ import annotations

import uuid
from typing import Any

from flask import (
    Flask,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from ppp_match.accounts.models import User
from ppp_match.accounts.sign_in_forms import is_local_path
from ppp_match.config import Settings
from ppp_match.consents import operations as consents
from ppp_match.consents import queries
from ppp_match.consents.models import ConsentVersion
from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.privacy import asking, copies, corrections, erasure, holds, notice
from ppp_match.privacy.blueprint import blueprint
from ppp_match.privacy.forms import CorrectionForm, SureForm
from ppp_match.privacy.models import DataCopy
from ppp_match.refusals import words_of
from ppp_match.teams import closing
from ppp_match.web import current_actor, found_or_404, once, public, requires, sensitive


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    from ppp_match.privacy import correction_views, retention_views, terms_views  # noqa: F401

    app.register_blueprint(blueprint)
    asking.register_asking(app)


def _me() -> User:
    return db.session.scalars(select(User).where(User.id == current_user.id)).one()


# --- what one agrees to ------------------------------------------------------------------------------------------


@blueprint.route("/account/agree", methods=["GET", "POST"])
@requires("account.manage")
def agree() -> Any:
    """The terms and notices in force that one has not agreed to; agreeing leads on to where one was going."""
    wanted = request.values.get("next", "")
    target = wanted if is_local_path(wanted) else url_for("home.index")
    versions = queries.undecided(current_user.id)
    if not versions:
        session.pop("consent", None)
        return redirect(target, 303)
    if request.method == "POST":
        if request.form.get("answer") == "refuse":
            consents.decide(
                versions, user_id=current_user.id, given=False, how="sign_in", actor=current_actor()
            )
            session["consent"] = asking.REFUSED
            flash(_("You have not agreed. The pages of your account stay open to you."), "info")
            return redirect(url_for("privacy.account"), 303)
        if asking.agreed(versions):
            return redirect(target, 303)
    return asking.page_that_asks(versions, action=url_for("privacy.agree"), carried=[], next_page=target)


@blueprint.get("/account/privacy")
@requires("account.manage")
def account() -> str:
    """What one agreed to, one's copies and requests, and the ways to each right."""
    versions = list(queries.in_force().values())
    return render_template(
        "privacy/account.html",
        versions=versions,
        said=queries.newest_decisions(current_user.id, versions),
        history=queries.history(current_user.id),
        copies=copies.copies_of(current_user.id),
        corrections=corrections.requests_of(current_user.id),
        erasure=erasure.open_request(current_user.id),
    )


@blueprint.post("/account/privacy/consent")
@requires("account.manage")
def consent() -> Response:
    """Agree to a version in force, or withdraw."""
    named = asking.named_versions(request.form.getlist("version"))
    versions = list(
        db.session.scalars(
            select(ConsentVersion).where(ConsentVersion.id.in_(named), ConsentVersion.state == "published")
        )
    )
    given = request.form.get("given") == "yes"
    found_or_404(versions or None)
    consents.decide(versions, user_id=current_user.id, given=given, how="account_page", actor=current_actor())
    if queries.undecided(current_user.id):
        session["consent"] = asking.REFUSED
    flash(_("Noted: you agree.") if given else _("Noted: you no longer agree."), "success")
    return redirect(url_for("privacy.account", _anchor="consents"), 303)


# --- a copy ------------------------------------------------------------------------------------------------------


@blueprint.post("/account/privacy/copy")
@requires("account.manage")
@sensitive
@once
def ask_copy() -> Response:
    copies.ask_for_copy(_me(), actor=current_actor())
    flash(_("Your copy is being made. You get a notice when it is ready."), "success")
    return redirect(url_for("privacy.account", _anchor="copy"), 303)


@blueprint.post("/account/privacy/copy/<uuid:id>/take")
@requires("account.manage")
@sensitive
def take_copy(id: uuid.UUID) -> Any:
    """The file itself. It is kept for nobody else, neither by the browser nor on the way."""
    wanted = select(DataCopy).where(DataCopy.id == id, DataCopy.user_id == current_user.id)
    copy = found_or_404(db.session.scalar(wanted))
    copies.note_taken(copy, actor=current_actor())
    path = copies.path_of(copy, current_app.extensions["settings"])
    if not path.is_file():
        raise Refused("copy_gone")
    response = send_file(
        path, mimetype="application/zip", as_attachment=True, download_name="ppp-match-my-data.zip"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


# --- erasure -----------------------------------------------------------------------------------------------------


@blueprint.route("/account/erasure", methods=["GET", "POST"], endpoint="erasure")
@requires("account.manage")
@sensitive
def erasure_page() -> Any:
    """What goes, what stays and why, what has to be settled first; then the waiting time begins."""
    user, form = _me(), SureForm()
    waiting = erasure.open_request(user.id)
    duties, held = closing.duties_of(user), holds.is_held(user.id)
    refusal = ""
    if form.validate_on_submit():
        try:
            erasure.ask_for_erasure(user, actor=current_actor())
        except Refused as refused:
            if refused.code == "not_permitted":
                raise
            refusal = words_of(refused.code)
        else:
            flash(_("Noted. Until the day that is named you can take it back."), "success")
            return redirect(url_for("privacy.erasure"), 303)
    page = render_template(
        "privacy/erasure.html",
        form=form,
        waiting=waiting,
        duties=duties,
        held=held,
        alone=closing.left_alone(user),
        days=erasure.WAIT.days,
        refusal=refusal,
        **notice.erasure_words(),
    )
    return page, 422 if request.method == "POST" else 200


@blueprint.post("/account/erasure/take-back")
@requires("account.manage")
def take_back() -> Response:
    request_ = found_or_404(erasure.open_request(current_user.id))
    erasure.take_back(request_, actor=current_actor())
    flash(_("Your account stays as it is."), "success")
    return redirect(url_for("privacy.account"), 303)


# --- correction --------------------------------------------------------------------------------------------------


@blueprint.route("/account/correction", methods=["GET", "POST"])
@requires("account.manage")
@once
def correction() -> Any:
    """Ask the forum to correct what one cannot change oneself."""
    form, refusal = CorrectionForm(), ""
    if form.validate_on_submit():
        try:
            corrections.ask_for_correction(_me(), form.what.data or "", actor=current_actor())
        except Refused as refused:
            if refused.code == "not_permitted":
                raise
            refusal = words_of(refused.code)
        else:
            flash(_("Your request has been sent. You get a notice with the answer."), "success")
            return redirect(url_for("privacy.account", _anchor="corrections"), 303)
    page = render_template("privacy/correction.html", form=form, refusal=refusal, days=corrections.DUE_IN)
    return page, 422 if request.method == "POST" else 200


# --- the public page ---------------------------------------------------------------------------------------------


@blueprint.get("/privacy", endpoint="notice")
@public
def privacy_notice() -> str:
    """What is kept, why, how long and for whom: made from the declarations and the schedule that carry it out."""
    return render_template("privacy/notice.html", **notice.page())
