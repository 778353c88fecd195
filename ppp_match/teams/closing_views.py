"""The page on which one closes one's own account."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from sqlalchemy import select

from ppp_match.accounts.models import User
from ppp_match.db import db
from ppp_match.teams import closing
from ppp_match.teams.forms import CloseForm
from ppp_match.teams.views import blueprint
from ppp_match.web import current_actor, requires, sensitive


@blueprint.route("/account/close", methods=["GET", "POST"])
@requires("account.manage")
@sensitive
def close_account() -> Any:
    """What stays, what goes, what has to be settled first; then the end."""
    user = db.session.scalars(select(User).where(User.id == current_user.id)).one()
    duties, form = closing.duties_of(user), CloseForm()
    if form.validate_on_submit() and not duties:
        closing.close_account(user, actor=current_actor())
        logout_user()
        session.clear()
        flash(_("Your account is closed. Thank you for having been here."), "success")
        return redirect(url_for("home.portal"), 303)
    page = render_template(
        "teams/close_account.html", form=form, duties=duties, alone=closing.left_alone(user)
    )
    return page, 422 if request.method == "POST" else 200
