"""Pages of a team: who belongs, roles, removal, leaving, handover. Invitations stand in `invitation_views.py`."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from ppp_match.accounts.models import Organisation, User
from ppp_match.accounts.queries import members_of
from ppp_match.config import Settings
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.beside import COUNTED
from ppp_match.listings.models import Listing
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.teams import operations, queries
from ppp_match.teams.forms import HandoverForm, InviteForm, LeaveForm, RemoveForm
from ppp_match.teams.models import HandoverItem
from ppp_match.teams.queries import Item
from ppp_match.web import current_actor, found_or_404, once, page_lang, requires, sensitive

blueprint = Blueprint("teams", __name__)
TEAM = "/organisations/<uuid:id>/team"


COUNTED["handovers"] = lambda listing, _actor: select(HandoverItem.handover_id).where(
    HandoverItem.listing_id == listing.id
)


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application, with what its parts of other rooms' pages ask."""
    from ppp_match.teams import closing_views, invitation_views  # noqa: F401  their routes are on the blueprint

    app.register_blueprint(blueprint)
    invitation_views.limit(app)
    app.jinja_env.globals.update(handovers_of_listing=queries.handovers_of_listing, item_title=item_title)


def item_title(listing: Listing) -> tuple[str, str]:
    """(title, its language) of a listing as its own people see it."""
    revision = listing.edited
    reading = revision.reading_lang(page_lang())
    return revision.text("title", reading), reading


def visible_team(id: uuid.UUID) -> Organisation:
    """The organisation whose team the actor may see, else 404."""
    organisation: Organisation = found_or_404(queries.team_of(id, current_actor()))
    return organisation


def own_team(id: uuid.UUID, permission: str) -> Organisation:
    """The same, if the actor may do something there for it; else 403."""
    organisation = visible_team(id)
    if not can(current_actor(), permission, organisation):
        abort(403)
    return organisation


def member_or_404(organisation: Organisation, person_id: uuid.UUID) -> User:
    person: User = found_or_404(queries.member_of(organisation.id, person_id))
    return person


def successors(organisation: Organisation, but: uuid.UUID | None) -> list[User]:
    """Those who can take over: active people of the organisation, without the one who gives."""
    return [person for person in members_of(organisation.id) if person.id != but]


# --- the page ----------------------------------------------------------------------------------------------------


@blueprint.get(TEAM)
@requires("team.read")
def team(id: uuid.UUID) -> str:
    """Who belongs to the organisation, what each holds, who has been invited."""
    return team_page(visible_team(id))


def team_page(organisation: Organisation, form: InviteForm | None = None) -> str:
    actor = current_actor()
    manages = can(actor, "team.manage", organisation)
    held: dict[uuid.UUID | None, list[Item]] = {}
    for item in queries.readable(queries.items_of(organisation.id), actor):
        if item.is_open:
            held.setdefault(item.listing.responsible_id, []).append(item)
    colleagues = queries.colleagues(organisation.id)
    owners = [one for one in colleagues if one.role == "owner" and one.person.active]
    return render_template(
        "teams/team.html",
        organisation=organisation,
        colleagues=colleagues,
        only_owner=owners[0].person.id if len(owners) == 1 else None,
        held=held,
        manages=manages,
        inside=organisation.id in actor.organisation_ids,
        acting=organisation.id == actor.organisation_id,
        form=(form or InviteForm()) if manages else None,
        invitations=queries.shown_invitations(organisation.id) if manages else [],
        handovers=queries.recent_handovers(organisation.id),
    )


@blueprint.post(f"{TEAM}/<uuid:person_id>/role")
@requires("team.manage")
@sensitive
def role(id: uuid.UUID, person_id: uuid.UUID) -> Response:
    """Make a member an owner, or an owner a member."""
    organisation = own_team(id, "team.manage")
    person = member_or_404(organisation, person_id)
    operations.change_role(organisation, person, request.form.get("role", ""), actor=current_actor())
    flash(_("The role has been changed. %(name)s and the others are told.", name=person.name), "success")
    return redirect(url_for("teams.team", id=id), 303)


@blueprint.route(f"{TEAM}/<uuid:person_id>/remove", methods=["GET", "POST"])
@requires("team.manage")
def remove(id: uuid.UUID, person_id: uuid.UUID) -> Any:
    """Remove somebody, with a reason and a successor for what they hold."""
    organisation = own_team(id, "team.manage")
    person = member_or_404(organisation, person_id)
    if person.id == current_actor().user_id:
        return redirect(url_for("teams.leave", id=id), 303)
    items = queries.open_items(organisation.id, person.id)
    people = successors(organisation, person.id)
    form = RemoveForm().among(people, needed=bool(items))
    refusal, status = "", 200
    if form.validate_on_submit():
        try:
            operations.remove_member(
                organisation,
                person,
                reason=form.reason.data,
                successor=_among(people, form.successor_id()),
                actor=current_actor(),
            )
        except NotPermitted:
            raise
        except Refused as refused:
            refusal, status = words_of(refused.code), 409
        else:
            flash(_("%(name)s no longer belongs to the organisation.", name=person.name), "success")
            return redirect(url_for("teams.team", id=id), 303)
    elif form.is_submitted():
        status = 422
    page = render_template(
        "teams/remove.html",
        organisation=organisation,
        person=person,
        items=items,
        form=form,
        refusal=refusal,
        people=people,
    )
    return page, status


@blueprint.route("/organisations/<uuid:id>/leave", methods=["GET", "POST"])
@requires("team.leave")
def leave(id: uuid.UUID) -> Any:
    """Leave, naming who takes over, and for the last owner who becomes one."""
    organisation = own_team(id, "team.leave")
    actor = current_actor()
    owners = {one.person.id for one in queries.colleagues(id) if one.role == "owner" and one.person.active}
    items = queries.open_items(organisation.id, actor.user_id) if actor.user_id else []
    people = successors(organisation, actor.user_id)
    form = LeaveForm().among(people, needed=bool(items)).ask_for_owner(people, last=owners == {actor.user_id})
    refusal, status = "", 200
    if form.validate_on_submit():
        try:
            operations.leave(
                organisation,
                successor=_among(people, form.successor_id()),
                new_owner=_among(people, form.new_owner_id()),
                actor=actor,
            )
        except NotPermitted:
            raise
        except Refused as refused:
            refusal, status = words_of(refused.code), 409
        else:
            flash(
                _("You have left %(name)s.", name=organisation.name(page_lang())),
                "success",
            )
            return redirect(url_for("accounts.profile"), 303)
    elif form.is_submitted():
        status = 422
    page = render_template(
        "teams/leave.html",
        organisation=organisation,
        items=items,
        people=people,
        form=form,
        refusal=refusal,
    )
    return page, status


def _among(people: list[User], person_id: uuid.UUID | None) -> User | None:
    return next((one for one in people if one.id == person_id), None)


# --- handover ----------------------------------------------------------------------------------------------------


@blueprint.route(f"{TEAM}/<uuid:person_id>/handover", methods=["GET", "POST"])
@requires("team.handover")
@once
def hand_over(id: uuid.UUID, person_id: uuid.UUID) -> Any:
    """Hand over what a person holds, all of it or some: chosen first, shown once more, then done."""
    organisation = own_team(id, "team.handover")
    actor = current_actor()
    person = member_or_404(organisation, person_id)
    if person.id != actor.user_id and not can(actor, "team.manage", organisation):
        abort(403)
    items = queries.open_items(organisation.id, person.id)
    people = successors(organisation, person.id)
    form = HandoverForm().among(people, needed=True)
    form.items.choices = [(str(item.listing.id), item.listing.label) for item in items]
    if request.method == "GET":
        asked = set(request.args.getlist("item"))
        every = [str(item.listing.id) for item in items]
        form.items.data = [one for one in every if one in asked] or every
    refusal, status, preview = "", 200, False
    if form.validate_on_submit():
        preview = request.form.get("do") == "preview"
        if not preview:
            chosen = _among(people, form.successor_id())
            try:
                handover = operations.hand_over(
                    organisation,
                    person,
                    successor=found_or_404(chosen),
                    listings=form.item_ids(),
                    note=form.note.data or "",
                    actor=actor,
                )
            except NotPermitted:
                raise
            except Refused as refused:
                refusal, status = words_of(refused.code), 409
            else:
                flash(_("Handed over. The successor has been told."), "success")
                return redirect(url_for("teams.handover", id=handover.id), 303)
    elif form.is_submitted():
        status = 422
    chosen_ids = set(form.items.data or [])
    page = render_template(
        "teams/hand_over.html",
        organisation=organisation,
        person=person,
        items=items,
        moving=[item for item in items if str(item.listing.id) in chosen_ids],
        people=people,
        successor=_among(people, form.successor_id()) if preview else None,
        form=form,
        preview=preview,
        refusal=refusal,
    )
    return page, status


@blueprint.get("/handovers/<uuid:id>")
@requires("team.read")
def handover(id: uuid.UUID) -> str:
    """What changed hands, from whom to whom, with the note."""
    shown = found_or_404(queries.handover_of(id, current_actor()))
    return render_template(
        "teams/handover.html",
        handover=shown,
        organisation=shown.organisation,
        items=queries.readable(queries.items_in(shown), current_actor()),
        may_edit=can(current_actor(), "organisation.edit", shown.organisation),
    )
