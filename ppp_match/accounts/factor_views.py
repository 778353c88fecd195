"""Pages of one's second factors and recovery codes, and the page that asks again who one is."""

from __future__ import annotations

import time
import uuid

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ppp_match.accounts import factors, passkeys
from ppp_match.accounts.factor_forms import ConfirmForm, NewAppForm, NewPasskeyForm
from ppp_match.accounts.reauthentication import page_that_asks, proved
from ppp_match.accounts.sign_in_forms import is_local_path
from ppp_match.accounts.totp import codes, drawing
from ppp_match.accounts.views import blueprint
from ppp_match.lifecycle import Refused
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, requires, sensitive

SECRET_HOLDS = 3600  # seconds from the page with the picture to the first code


@blueprint.get("/account/second-factor")
@requires("account.manage")
def second_factor() -> str:
    return render_template(
        "accounts/second_factor.html",
        apps=factors.authenticators_of(current_user),
        keys=factors.passkeys_of(current_user),
        codes_left=factors.codes_left(current_user),
        demanded=_demanded(),
        passkeys_possible=passkeys.possible(),
    )


def _demanded() -> bool:
    demands: bool = current_app.extensions["settings"].demands_second_factor
    return demands and current_actor().staff_role is not None


@blueprint.route("/account/second-factor/app", methods=["GET", "POST"])
@requires("account.manage")
@sensitive
def new_app() -> Response | str | tuple[str, int]:
    """The secret waits, encrypted, in the session until the first code proves that the app has it."""
    form, factory = NewAppForm(), codes(current_app.extensions["settings"])
    kept, at = session.get("new_authenticator", ("", 0.0))
    if not kept or time.time() - at > SECRET_HOLDS:
        kept = factory.generate_totp_secret()
        session["new_authenticator"] = (kept, time.time())
    if form.validate_on_submit():
        try:
            shown_once = factors.add_authenticator(
                current_user,
                name=form.name.data or "",
                secret=kept,
                code=form.code.data or "",
                codes=factory,
                actor=current_actor(),
            )
        except Refused as refused:
            form.code.errors = [words_of(refused.code)]
        else:
            session.pop("new_authenticator", None)
            return _added(shown_once)
    page = render_template(
        "accounts/new_app.html",
        form=form,
        picture=drawing(factory, current_user.email, kept),
        key=factory.get_totp_pretty_key(kept),
    )
    return (page, 422) if form.errors else page


@blueprint.route("/account/second-factor/passkey", methods=["GET", "POST"])
@requires("account.manage")
@sensitive
def new_passkey() -> Response | str | tuple[str, int]:
    form = NewPasskeyForm()
    if form.validate_on_submit():
        made = passkeys.made(form.credential.data or "")
        try:
            if made is None:
                raise Refused("passkey_not_made")
            shown_once = factors.add_passkey(
                current_user, name=form.name.data or "", actor=current_actor(), **made
            )
        except Refused as refused:
            form.form_errors.append(words_of(refused.code))
        else:
            return _added(shown_once)
    page = render_template(
        "accounts/new_passkey.html",
        form=form,
        options=passkeys.options_to_make(current_user) if passkeys.possible() else "",
    )
    return (page, 422) if form.errors else page


def _added(shown_once: list[str]) -> Response | str:
    """After the first factor the recovery codes are shown, this once; after a further one the list."""
    flash(_("The second factor has been added."), "success")
    if shown_once:
        return render_template("accounts/recovery_codes.html", codes=shown_once)
    return redirect(url_for("accounts.second_factor"), 303)


@blueprint.post("/account/second-factor/<uuid:id>/remove")
@requires("account.manage")
@sensitive
def remove_factor(id: uuid.UUID) -> Response:
    factor = found_or_404(factors.factor_of(current_user, id))
    if _demanded():
        held = factors.authenticators_of(current_user) + factors.passkeys_of(current_user)
        if len(held) == 1:
            raise Refused("factor_demanded")
    factors.remove_factor(current_user, factor, actor=current_actor())
    flash(_("The second factor has been removed."), "success")
    return redirect(url_for("accounts.second_factor"), 303)


@blueprint.post("/account/second-factor/codes")
@requires("account.manage")
@sensitive
def recovery_codes() -> str:
    """Shown in the answer itself, so that they are kept nowhere but on the reader's side."""
    made = factors.renew_codes(current_user, actor=current_actor())
    return render_template("accounts/recovery_codes.html", codes=made)


@blueprint.route("/account/confirm", methods=["GET", "POST"])
@requires("account.manage")
def confirm() -> Response:
    form = ConfirmForm()
    wanted = request.args.get("next") or ""
    onwards = wanted if is_local_path(wanted) else url_for("accounts.profile")
    if form.validate_on_submit() and proved(form):
        return redirect(onwards, 303)
    return page_that_asks(form, action=url_for("accounts.confirm", next=onwards), carried=[])
