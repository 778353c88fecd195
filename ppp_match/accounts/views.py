"""Pages of one's own account: profile, sessions, the organisation one acts for. Registers the room."""

from __future__ import annotations

import uuid

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ppp_match import sessions
from ppp_match.accounts import operations, organisation_views, passkeys, queries
from ppp_match.accounts.devices import device_name
from ppp_match.accounts.forms import ProfileForm
from ppp_match.accounts.labels import term_in_page_language
from ppp_match.accounts.sign_in import register_sign_in
from ppp_match.accounts.switching import landing
from ppp_match.attachments.views import limit_uploads
from ppp_match.config import Settings
from ppp_match.web import act_for as choose_organisation
from ppp_match.web import current_actor, found_or_404, requires, sensitive

blueprint = Blueprint("accounts", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    from ppp_match.accounts import email_views, factor_views, people_views, second_step  # noqa: F401

    register_sign_in(app, settings)
    app.register_blueprint(blueprint)
    app.register_blueprint(second_step.blueprint)
    app.register_blueprint(people_views.blueprint)
    app.register_blueprint(organisation_views.blueprint)
    limit_uploads(app, "organisations.add_file")
    app.jinja_env.filters["device_name"] = device_name
    app.jinja_env.globals["passkey_options"] = passkeys.options_for_anybody
    app.jinja_env.globals["organisation_term"] = term_in_page_language


@blueprint.route("/account", methods=["GET", "POST"])
@requires("account.manage")
def profile() -> Response | str | tuple[str, int]:
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        operations.edit_profile(current_user, **form.values(), actor=current_actor())
        with force_locale(form.locale.data):
            flash(_("Your account has been saved."), "success")
        return redirect(url_for("accounts.profile", lang=form.locale.data), 303)
    memberships = queries.organisations_of(current_user.id)
    page = render_template(
        "accounts/profile.html",
        form=form,
        memberships=memberships,
        email=current_user.email,
        refused_at=current_user.mail_refused_at,
        second_factor_at=current_user.second_factor_at,
    )
    return (page, 422) if form.errors else page


@blueprint.get("/account/sessions", endpoint="sessions")
@requires("account.manage")
def list_sessions() -> str:
    settings = current_app.extensions["settings"]
    rows = queries.open_sessions(
        current_user.id, idle=settings.session_idle, absolute=settings.session_absolute
    )
    return render_template("accounts/sessions.html", rows=rows, own_key=sessions.session_key())


@blueprint.post("/account/sessions/<uuid:id>/end")
@requires("account.manage")
@sensitive
def end_session(id: uuid.UUID) -> Response:
    row = found_or_404(queries.session_of(current_user.id, id))
    operations.end_session(row)
    flash(_("The session has been ended."), "success")
    return redirect(url_for("accounts.sessions"), 303)


@blueprint.post("/account/sessions/end-others")
@requires("account.manage")
@sensitive
def end_other_sessions() -> Response:
    operations.end_other_sessions(current_user, key=sessions.session_key())
    flash(_("All your other sessions have been ended."), "success")
    return redirect(url_for("accounts.sessions"), 303)


@blueprint.post("/account/act-for")
@requires("account.manage")
def act_for() -> Response:
    own = {str(ref.id) for ref in current_actor().memberships}
    chosen = request.form.get("organisation", "")
    if chosen not in own:
        abort(404)
    organisation_id = uuid.UUID(chosen)
    choose_organisation(organisation_id)
    page = request.form.get("page") or request.form.get("next") or ""
    return redirect(landing(page, current_user.as_actor(organisation_id)), 303)
