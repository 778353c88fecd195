"""At sign-in whoever has not agreed to the terms in force is asked, before anything else opens.

A page that was opened waits behind the question. A form that was sent comes back as hidden fields of the page that
asks, so that nothing typed is lost: the answer sends it on its way. Who refuses still reaches the pages of the account,
takes a copy and may leave.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, make_response, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_login import current_user, user_logged_in
from werkzeug.wrappers import Response

from ppp_match.consents import operations, queries
from ppp_match.consents.models import ConsentVersion
from ppp_match.db import db
from ppp_match.resend import typed_again
from ppp_match.web import SAFE_METHODS, current_actor

ASK, REFUSED = "ask", "refused"
FIELD = "agree_to"  # the versions that the page showed, by their identifiers
NOT_CARRIED = frozenset({FIELD, "csrf_token", "acting_for"})
# Reached without having agreed: one's own account and data, the texts themselves, the way out.
OPEN_BLUEPRINTS = frozenset({"accounts", "second_step", "security", "health", "about"})
OPEN_ENDPOINTS = frozenset(
    {
        "privacy.agree",
        "privacy.account",
        "privacy.consent",
        "privacy.ask_copy",
        "privacy.take_copy",
        "privacy.erasure",
        "privacy.take_back",
        "privacy.correction",
        "privacy.terms",
        "privacy.terms_version",
        "privacy.notice",
        "teams.close_account",
    }
)


def _at_sign_in(_app: Flask, user: Any, **_more: Any) -> None:
    session.pop("consent", None)
    if queries.undecided(user.id):
        session["consent"] = ASK


def _guard() -> Response | None:
    if "consent" not in session or not current_actor().is_authenticated:
        return None
    endpoint = request.endpoint or ""
    if not endpoint or endpoint in OPEN_ENDPOINTS or endpoint.partition(".")[0] in OPEN_BLUEPRINTS:
        return None
    versions = queries.undecided(current_user.id)
    if not versions:
        session.pop("consent")
        return None
    if request.method in SAFE_METHODS:
        return redirect(url_for("privacy.agree", next=request.full_path.rstrip("?")), 303)
    if agreed(versions):
        return None
    carried = [(name, value) for name, value in typed_again() if name not in NOT_CARRIED]
    return page_that_asks(versions, action=request.full_path.rstrip("?"), carried=carried)


def agreed(versions: list[ConsentVersion]) -> bool:
    """Whether the form agrees to all of these versions as it showed them; that is kept, whatever the form does next."""
    named = set(request.form.getlist(FIELD))
    if {str(one.id) for one in versions} - named:
        return False
    operations.decide(versions, user_id=current_user.id, given=True, how="sign_in", actor=current_actor())
    db.session.commit()
    session.pop("consent", None)
    return True


def page_that_asks(
    versions: list[ConsentVersion], *, action: str, carried: list[tuple[str, str]], next_page: str = ""
) -> Response:
    before = {one.id: queries.version_before(one) for one in versions}
    page = render_template(
        "privacy/agree.html",
        versions=versions,
        before=before,
        action=action,
        carried=carried,
        next_page=next_page,
        written="en" if str(get_locale()) == "en" else "vi",
        field=FIELD,
    )
    return make_response(page, 422 if request.method == "POST" else 200)


def named_versions(text: list[str]) -> set[uuid.UUID]:
    """Identifiers among what a form named."""
    found = set()
    for one in text:
        try:
            found.add(uuid.UUID(one))
        except ValueError:
            continue
    return found


def register_asking(app: Flask) -> None:
    user_logged_in.connect(_at_sign_in, app)
    app.before_request(_guard)
