"""The keys of the workbench: on unless a moderator switched them off, which a cookie keeps for a year.

A page with the keys on loads `static/js/workbench.js`; with the keys off it has no script at all.
"""

from __future__ import annotations

import re

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.moderation.blueprint import blueprint
from ppp_match.web import requires

COOKIE = "workbench_keys"
A_YEAR = 365 * 86400
OWN_PAGE = re.compile(r"/review/[\w/-]*(\?[\w=&%.+-]*)?")


def keys_on() -> bool:
    """Whether the reader has the keys of the workbench switched on."""
    return request.cookies.get(COOKIE) != "off"


@blueprint.post("/review/keys")
@requires("match.review")
def switch_keys() -> Response:
    """Switch the keys on or off and go back to the page one came from."""
    off = request.form.get("d") == "off"
    back = request.form.get("back", "")
    answer = redirect(back if OWN_PAGE.fullmatch(back) else url_for("moderation.matches"), 303)
    answer.set_cookie(
        COOKIE,
        "off" if off else "on",
        max_age=A_YEAR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/review",
    )
    flash(_("The keys are off.") if off else _("The keys are on."), "success")
    return answer
