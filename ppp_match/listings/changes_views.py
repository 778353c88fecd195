"""Pages of what changed in a listing, and of watching it.

Public: the published versions with their differences. For its owners: who saved what. For a person: what they watch.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.config import Settings
from ppp_match.listings import presentation, queries, saves, versions, watching
from ppp_match.listings.beside import beside
from ppp_match.listings.blueprint import KIND, PATH, address_of, own_listing
from ppp_match.listings.content import cities_of, content_of
from ppp_match.listings.differences import FieldChange, changes_between, shortened
from ppp_match.listings.models import Listing
from ppp_match.permissions import can
from ppp_match.web import current_actor, found_or_404, page_lang, public, requires

blueprint = Blueprint("changes", __name__)
SHOWN = 20  # versions with their differences on one page; older ones are compared by choice


def register(app: Flask, settings: Settings) -> None:
    """Hang the pages on the application, and what other pages ask of changes and watching."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        following=following, shortened=shortened, kind_of_change=versions.kind_of_change
    )


def following(listing: Listing) -> dict[str, Any]:
    """What the page of a listing shows beside its title: when it last changed, and whether one watches it."""
    actor = current_actor()
    if listing.state not in queries.PUBLIC_STATES:
        return {"changed": None, "may_watch": False, "watching": False}
    known = queries.sees_identity(listing, actor)
    outsider = listing.organisation_id not in actor.organisation_ids
    is_watching = outsider and beside(listing, "watching") > 0
    open_to_watch = outsider and can(actor, "listing.watch") and listing.state == "published"
    return {
        "changed": versions.last_change(listing, known=known) if beside(listing, "versions") > 1 else None,
        "may_watch": open_to_watch or is_watching,
        "watching": is_watching,
    }


@blueprint.get(f"{PATH}/<uuid:id>/changes")
@public
def index(kind: str, id: uuid.UUID) -> str:
    """The published versions, each with what it changed; any two of them compared if the address says which."""
    actor, lang = current_actor(), page_lang()
    listing = found_or_404(queries.find(actor, KIND[kind], id))
    found_or_404(listing.live)  # before publication there is no version that others read
    known = queries.sees_identity(listing, actor)
    rows = versions.versions_of(listing, lang, known=known)
    chosen = _chosen(rows)
    return render_template(
        "listings/changes.html",
        listing=listing,
        kind=listing.kind,
        title_lang=listing.shown.reading_lang(lang),
        place=presentation.place(listing, listing.shown, lang, known=known),
        versions=rows[::-1],
        steps=versions.steps(listing, rows[-SHOWN:], lang, known=known),
        older=max(len(rows) - SHOWN, 0),
        chosen=chosen,
        compared=versions.compare(listing, *chosen, lang, known=known) if chosen else [],
    )


def _chosen(rows: list[versions.Version]) -> tuple[versions.Version, versions.Version] | None:
    """The two versions that the address asks to compare, the older first; None if it names none."""
    by_number = {str(row.number): row for row in rows}
    old, new = (by_number.get(request.args.get(name, "")) for name in ("from", "to"))
    if old is None or new is None:
        return None
    return (old, new) if old.number <= new.number else (new, old)


# --- for its owners ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Saved:
    """One save: who, when, what it did to each field."""

    person: str | None
    at: datetime
    action: str
    changes: list[FieldChange]


@blueprint.get(f"{PATH}/<uuid:id>/edits")
@requires("listing.edit")
def edits(kind: str, id: uuid.UUID) -> str:
    """Who saved what in the text that is being worked on, the newest first."""
    listing, lang = own_listing(kind, id), page_lang()
    rows = saves.newest_saves(listing)
    after = content_of(listing.kind, listing.edited)
    states = [after]
    for row in rows:
        states.append(saves.taken_back(states[-1], [row]))
    cities = cities_of(states)
    made = [
        Saved(
            row.by.name if row.by else None,
            row.at,
            row.action,
            changes_between(listing.kind, before, after, lang, known=True, cities=cities),
        )
        for row, after, before in zip(rows, states, states[1:], strict=False)
    ]
    return render_template(
        "listings/edits.html", listing=listing, title_lang=listing.edited.reading_lang(lang), rows=made
    )


# --- watching ----------------------------------------------------------------------------------------------------


@blueprint.post(f"{PATH}/<uuid:id>/watch")
@requires("listing.watch")
def watch(kind: str, id: uuid.UUID) -> Response:
    """Watch a listing, or watch it no more. One may stop watching what cannot be seen any more."""
    actor = current_actor()
    if request.form.get("on") != "1":
        if watching.unwatch(id, actor=actor):
            flash(_("You do not watch it any more."), "success")
        listing = queries.find(actor, KIND[kind], id)
    else:
        listing = found_or_404(queries.find(actor, KIND[kind], id))
        watching.watch(listing, actor=actor)
        flash(
            _("You watch it now: changes, addenda and its end reach you as a notice and by mail."), "success"
        )
    if listing is None or request.form.get("back") == "list":
        return redirect(url_for("changes.watching"), 303)
    return redirect(address_of(listing), 303)


@blueprint.get("/watching", endpoint="watching")
@requires("listing.watch")
def watching_page() -> str:
    """What one watches; what is no longer shown says so."""
    actor, lang = current_actor(), page_lang()
    shown, gone = [], []
    for row in watching.watched_by(actor):
        listing = row.listing
        if queries.is_visible_to(listing, actor):
            known = queries.sees_identity(listing, actor)
            shown.append((row, presentation.card(listing, lang, known=known)))
        else:
            gone.append(row)
    return render_template("listings/watching.html", shown=shown, gone=gone)
