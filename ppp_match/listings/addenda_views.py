"""Pages of addenda for the owner of a listing: write one, change it, send it, take it back, give it up.

Readers meet addenda on the page of the listing (`templates/listings/_addenda.html`); moderators review them in
`moderation/addenda_review.py`.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.config import Settings
from ppp_match.lifecycle import Refused
from ppp_match.listings import addenda
from ppp_match.listings.addenda_forms import AddendumForm, initial, kind_name
from ppp_match.listings.beside import beside
from ppp_match.listings.blueprint import PATH, address_of, own_listing
from ppp_match.listings.models import Listing
from ppp_match.listings.models_addenda import Addendum
from ppp_match.listings.queries import sees_identity
from ppp_match.permissions import can
from ppp_match.web import current_actor, found_or_404, once, requires

blueprint = Blueprint("addenda", __name__)
ADDENDUM_LOOKS = {
    "draft": ("pen", "wait"),
    "submitted": ("clock", "cham"),
    "returned": ("pen", "nghe"),
    "published": ("check", "la"),
    "rejected": ("cross", "son"),
}


def register(app: Flask, settings: Settings) -> None:
    """Hang the pages on the application, and what other pages ask of addenda."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        addenda_panel=addenda_panel,
        addendum_kind=kind_name,
        addendum_state=state_name,
        ADDENDUM_LOOKS=ADDENDUM_LOOKS,
    )


def state_name(state: str) -> str:
    """The state of an addendum in words, as its owner reads it."""
    return {
        "draft": _("Draft"),
        "submitted": _("Waits for review"),
        "returned": _("Returned with a remark"),
        "published": _("Published"),
        "rejected": _("Rejected"),
    }[state]


def addenda_panel(listing: Listing) -> dict[str, Any]:
    """What the page of a listing shows of addenda: the rows, and whether the reader may add one."""
    actor = current_actor()
    own = can(actor, "listing.edit", listing)
    if listing.state not in ("published", "closed"):
        return {"rows": [], "may_add": False, "own": own}
    rows = []
    if beside(listing, "addenda"):
        rows = addenda.addenda_of(listing, known=sees_identity(listing, actor), own=own)
    return {"rows": rows, "may_add": own and listing.state == "published", "own": own}


@blueprint.route(f"{PATH}/<uuid:id>/addenda/new", methods=["GET", "POST"])
@once
@requires("listing.edit")
def new(kind: str, id: uuid.UUID) -> Any:
    """A new addendum to a published listing. The first save makes it."""
    listing = own_listing(kind, id)
    if listing.state != "published":
        raise Refused("addendum_needs_published")
    form = AddendumForm(listing)
    if request.method == "GET":
        return _page(form, listing)
    if not form.validate():
        return _page(form, listing), 422
    addendum = addenda.create_addendum(
        listing,
        kind=form.kind.data,
        texts=form.texts(),
        response_until=form.day,
        actor=current_actor(),
    )
    return _saved(addendum)


@blueprint.route(f"{PATH}/<uuid:id>/addenda/<uuid:addendum_id>", methods=["GET", "POST"])
@requires("listing.edit")
def edit(kind: str, id: uuid.UUID, addendum_id: uuid.UUID) -> Any:
    """Change an addendum that is a draft or was returned."""
    listing, addendum = _own_addendum(kind, id, addendum_id)
    if not addenda.is_editable(addendum):
        flash(_("This addendum cannot be edited now. Take it back first if it waits for review."), "error")
        return redirect(_on_page(listing), 303)
    form = AddendumForm(listing, data=initial(addendum))
    if request.method == "GET":
        return _page(form, listing, addendum)
    if form.version.data != str(addendum.version):
        form.validate()
        form.version.data = str(addendum.version)
        return _page(form, listing, addendum, stale=True), 409
    if not form.validate():
        return _page(form, listing, addendum), 422
    addenda.save_addendum(
        addendum,
        kind=form.kind.data,
        texts=form.texts(),
        response_until=form.day,
        actor=current_actor(),
    )
    return _saved(addendum)


@blueprint.post(f"{PATH}/<uuid:id>/addenda/<uuid:addendum_id>/<any(submit,recall,discard):verb>")
@requires("listing.edit")
def move(kind: str, id: uuid.UUID, addendum_id: uuid.UUID, verb: str) -> Response:
    """The owner's moves: send it, take it back, give it up."""
    listing, addendum = _own_addendum(kind, id, addendum_id)
    actor = current_actor()
    if verb == "submit":
        addenda.submit_addendum(addendum, actor=actor)
        flash(_("Sent to the forum. A moderator reads it and answers here."), "success")
    elif verb == "recall":
        addenda.recall_addendum(addendum, actor=actor)
        flash(_("Taken back. You can edit it now."), "success")
    else:
        addenda.discard_addendum(addendum, actor=actor)
        flash(_("The addendum was given up."), "success")
    return redirect(_on_page(listing), 303)


def _own_addendum(kind: str, listing_id: uuid.UUID, addendum_id: uuid.UUID) -> tuple[Listing, Addendum]:
    listing = own_listing(kind, listing_id)
    row = addenda.find_addendum(addendum_id, to_change=request.method == "POST")
    return listing, found_or_404(row if row is not None and row.listing_id == listing.id else None)


def _saved(addendum: Addendum) -> Response:
    listing = addendum.listing
    if request.form.get("then") == "submit":
        addenda.submit_addendum(addendum, actor=current_actor())
        flash(_("Sent to the forum. A moderator reads it and answers here."), "success")
        return redirect(_on_page(listing), 303)
    flash(_("Saved."), "success")
    where = url_for("addenda.edit", kind=listing.path_kind, id=listing.id, addendum_id=addendum.id)
    return redirect(where, 303)


def _on_page(listing: Listing) -> str:
    return address_of(listing, _anchor="addenda")


def _page(
    form: AddendumForm, listing: Listing, addendum: Addendum | None = None, *, stale: bool = False
) -> str:
    return render_template(
        "listings/addendum.html", form=form, listing=listing, addendum=addendum, stale=stale
    )
