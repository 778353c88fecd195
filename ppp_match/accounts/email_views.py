"""Pages to change one's e-mail address."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ppp_match import sessions
from ppp_match.accounts import email_change
from ppp_match.accounts.factor_forms import EmailForm
from ppp_match.accounts.views import blueprint
from ppp_match.web import current_actor, public, requires, sensitive


@blueprint.route("/account/email", methods=["GET", "POST"])
@requires("account.manage")
@sensitive
def email() -> Response | str | tuple[str, int]:
    form = EmailForm()
    if form.validate_on_submit():
        address = (form.email.data or "").lower()
        settings = current_app.extensions["settings"]
        email_change.ask(current_user, address, settings=settings, actor=current_actor())
        flash(
            _(
                "We have written to %(email)s. The address changes when you open the link in that mail.",
                email=address,
            ),
            "success",
        )
        return redirect(url_for("accounts.profile"), 303)
    page = render_template("accounts/email.html", form=form, email=current_user.email)
    return (page, 422) if form.errors else page


@blueprint.route("/account/email/<token>", methods=["GET", "POST"])
@public
def confirm_email(token: str) -> Response | str:
    """Opening the link changes nothing, since programs open links too: a button does."""
    found = email_change.read(token, settings=current_app.extensions["settings"])
    if found is None:
        flash(
            _("This link is not valid, has expired or was used before. Ask for a new one in your account."),
            "error",
        )
        return redirect(url_for("accounts.profile"), 303)
    user, address = found
    if request.method == "POST":
        own = current_user.is_authenticated and current_user.id == user.id
        email_change.change(user, address, keep_session=sessions.session_key() if own else "")
        flash(
            _("Your e-mail address is now %(email)s. Sign in with it from now on.", email=address), "success"
        )
        return redirect(url_for("accounts.profile"), 303)
    return render_template("accounts/confirm_email.html", token=token, email=address)
