"""Pages of invitations: send, send again, revoke; what the link of the mail opens."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ppp_match.db import db
from ppp_match.extensions import limiter
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.refusals import words_of
from ppp_match.teams import invitations, queries
from ppp_match.teams.forms import AccountForm, InviteForm
from ppp_match.teams.models import Invitation
from ppp_match.teams.views import blueprint, own_team, team_page
from ppp_match.web import act_for, current_actor, found_or_404, once, page_lang, public, requires

BESIDE_THE_ADDRESS = ("member_already", "invited_already")


@blueprint.post("/organisations/<uuid:id>/invitations")
@requires("team.manage")
@once
def invite(id: uuid.UUID) -> Any:
    """Send an invitation; what is wrong with it stands at the form on the team page."""
    organisation = own_team(id, "team.manage")
    form = InviteForm()
    if not form.validate():
        return team_page(organisation, form), 422
    try:
        invitations.invite(
            organisation,
            email=form.email.data,
            role=form.role.data,
            message=form.message.data or "",
            lang=form.lang.data,
            actor=current_actor(),
        )
    except NotPermitted:
        raise
    except Refused as refused:
        if refused.code not in BESIDE_THE_ADDRESS:
            raise
        db.session.rollback()
        form.email.errors = [*form.email.errors, words_of(refused.code)]
        return team_page(own_team(id, "team.manage"), form), 422
    flash(_("The invitation is on its way to %(email)s.", email=form.email.data), "success")
    return redirect(url_for("teams.team", id=id, _anchor="invitations"), 303)


@blueprint.post("/organisations/<uuid:id>/invitations/<uuid:invitation_id>/resend")
@requires("team.manage")
def resend(id: uuid.UUID, invitation_id: uuid.UUID) -> Response:
    """Send the mail again with a new link."""
    own_team(id, "team.manage")
    invitation = found_or_404(queries.invitation_in(id, invitation_id))
    invitations.resend(invitation, actor=current_actor())
    flash(_("A new link is on its way. The old one no longer works."), "success")
    return redirect(url_for("teams.team", id=id, _anchor="invitations"), 303)


@blueprint.post("/organisations/<uuid:id>/invitations/<uuid:invitation_id>/revoke")
@requires("team.manage")
def revoke(id: uuid.UUID, invitation_id: uuid.UUID) -> Response:
    """Take an invitation back."""
    own_team(id, "team.manage")
    invitation = found_or_404(queries.invitation_in(id, invitation_id))
    invitations.revoke(invitation, actor=current_actor())
    flash(_("The invitation has been taken back. Its link no longer works."), "success")
    return redirect(url_for("teams.team", id=id, _anchor="invitations"), 303)


# --- the link of the mail ----------------------------------------------------------------------------------------


@blueprint.get("/invitations/<token>")
@public
def invitation(token: str) -> Any:
    """What the link shows. Opening it changes nothing, since programs open links too."""
    return _page(token, _found(token))


@blueprint.post("/invitations/<token>/accept")
@requires("invitation.answer")
def accept(token: str) -> Any:
    """Join the organisation and act for it."""
    found = _found(token)
    if found is None or not found.is_open:
        return _page(token, found)
    try:
        invitations.accept(found, actor=current_actor())
    except NotPermitted:
        return _page(token, found, status=403)
    organisation = found.organisation
    act_for(organisation.id)
    flash(_("You now belong to %(name)s and act for it.", name=organisation.name(page_lang())), "success")
    return redirect(url_for("teams.team", id=organisation.id), 303)


@blueprint.post("/invitations/<token>/decline")
@public
def decline(token: str) -> Any:
    """Say no."""
    found = _found(token)
    if found is None or not found.is_open:
        return _page(token, found)
    invitations.decline(found)
    flash(_("You have declined the invitation. Nothing else happens."), "success")
    return redirect(url_for("home.portal"), 303)


@blueprint.post("/invitations/<token>/register")
@public
def register(token: str) -> Any:
    """Open an account for the invited address. The answer is the same if there is one already."""
    found = _found(token)
    if found is None or not found.is_open:
        return _page(token, found)
    if current_user.is_authenticated:
        return redirect(url_for("teams.invitation", token=token), 303)
    form = AccountForm(email=found.email)
    if not form.validate():
        return _page(token, found, form=form, status=422)
    invitations.open_account(
        found,
        name=form.name.data or "",
        password=form.password.data or "",
        locale=page_lang(),
        agreed=form.versions,
    )
    flash(
        _(
            "Sign in with that address to join. If it had an account before, its password is still the one it had."
        ),
        "success",
    )
    return redirect(url_for("security.login", next=url_for("teams.invitation", token=token)), 303)


def _found(token: str) -> Invitation | None:
    return queries.invitation_by(token) if len(token) <= 100 else None


def _page(token: str, found: Invitation | None, *, form: AccountForm | None = None, status: int = 200) -> Any:
    """The invitation, or the page that says why its link opens nothing any more."""
    if found is None or not found.is_open:
        state = "unknown" if found is None else "expired" if found.state == "pending" else found.state
        mine = found is not None and found.organisation_id in current_actor().organisation_ids
        page = render_template("teams/invitation_over.html", state=state, invitation=found if mine else None)
        return page, 404 if found is None else 410
    organisation = found.organisation
    person = current_user if current_user.is_authenticated else None
    page = render_template(
        "teams/invitation.html",
        invitation=found,
        organisation=organisation,
        token=token,
        person=person,
        fits=person is not None and person.email == found.email,
        belongs=organisation.id in current_actor().organisation_ids,
        form=form or AccountForm(email=found.email),
    )
    return page, status


def _sender() -> str:
    return f"invitations:{current_actor().user_id}"


def limit(app: Flask) -> None:
    """Invitations are mail to strangers, and a token must not be guessed: both are limited."""
    views: dict[str, Any] = app.view_functions
    for endpoint in ("teams.invite", "teams.resend"):
        view = limiter.limit("60 per hour", key_func=_sender, methods=["POST"])(views[endpoint])
        views[endpoint] = limiter.limit("10 per minute", key_func=_sender, methods=["POST"])(view)
    for endpoint in ("teams.invitation", "teams.accept", "teams.decline", "teams.register"):
        views[endpoint] = limiter.limit("30 per minute")(views[endpoint])
