"""Moderators' pages: who looks after a listing in review or a need's candidates, and notes among moderators."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from ppp_match.accounts.models import User
from ppp_match.accounts.text_fields import paragraphs
from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.listings.models import Listing
from ppp_match.moderation import assignment, notes
from ppp_match.moderation.blueprint import blueprint
from ppp_match.moderation.colleagues import colleague
from ppp_match.moderation.listing_forms import RejectForm, ReturnForm
from ppp_match.moderation.listing_review import listing_filters, review_page, waiting_listing
from ppp_match.moderation.workbench import bench_address, bench_page, listing_or_404, read_uuid
from ppp_match.recommendations.models import Match
from ppp_match.web import current_actor, found_or_404, once, requires

EMPTY = ("note_empty", "note_too_long")


@blueprint.post("/review/matches/need/<uuid:id>/assign")
@requires("moderation.assign")
def assign_need(id: uuid.UUID) -> Response:
    """Say who looks after a need's candidates."""
    need = listing_or_404("need", id)
    _assign(need, "matches")
    return redirect(bench_address(need, **_open_pair()), 303)


@blueprint.post("/review/listings/<uuid:id>/assign")
@requires("moderation.assign")
def assign_listing(id: uuid.UUID) -> Response:
    """Say who looks after the review of a listing."""
    listing: Listing = found_or_404(waiting_listing(id))
    _assign(listing, "listings")
    return redirect(url_for("moderation.listing", id=id, **listing_filters().arguments), 303)


@blueprint.post("/review/matches/<uuid:id>/note")
@requires("moderation.note")
@once
def bench_note(id: uuid.UUID) -> Any:
    """Write a note on a bench, or on the pair that is open there."""
    row = db.session.get(Listing, id)
    listing: Listing = found_or_404(row if row is not None and row.live_revision_id else None)
    match = _pair_of(listing, read_uuid(request.form.get("pair")))
    about_pair = request.form.get("about") == "pair"
    try:
        _write(listing, "matches", match if about_pair else None)
    except Refused as refused:
        if refused.code not in EMPTY:
            raise
        page = bench_page(
            listing, match.id if match else None, error=f"note.{refused.code}", typed=request.form
        )
        return page, 422
    flash(_("The note is kept. Only moderators read it."), "success")
    pair = {"pair": match.id} if match else {}
    return redirect(f"{bench_address(listing, **pair)}#notes", 303)


@blueprint.post("/review/listings/<uuid:id>/note")
@requires("moderation.note")
@once
def listing_note(id: uuid.UUID) -> Any:
    """Write a note on a listing in review."""
    listing: Listing = found_or_404(waiting_listing(id))
    try:
        _write(listing, "listings", None)
    except Refused as refused:
        if refused.code not in EMPTY:
            raise
        blank: list[FlaskForm] = [
            ReturnForm(listing.kind, prefix="return", formdata=None),
            RejectForm(prefix="reject", formdata=None),
        ]
        return review_page(listing, *blank, error=f"note.{refused.code}", typed=request.form), 422
    flash(_("The note is kept. Only moderators read it."), "success")
    here = url_for("moderation.listing", id=id, **listing_filters().arguments)
    return redirect(f"{here}#notes", 303)


def _assign(listing: Listing, queue: str) -> None:
    actor, asked = current_actor(), request.form.get("who", "")
    if asked == "nobody":
        assignment.unassign(listing, queue, actor=actor)
        flash(_("Nobody in particular looks after it now."), "success")
        return
    row = assignment.assign(listing, queue, colleague(read_uuid(asked)), actor=actor)
    if row.assignee_id == actor.user_id:
        flash(_("You look after it."), "success")
    else:
        flash(_("%(name)s looks after it and has been told.", name=row.assignee.name), "success")


def _write(listing: Listing, queue: str, match: Match | None) -> None:
    asked = request.form.get("tell", "")
    tell: User | None = None
    if asked:
        tell = colleague(read_uuid(asked))
        if tell is None:
            raise Refused("assignee_unknown")
    text = paragraphs(request.form.get("text"))
    notes.add_note(listing, queue, text=text, actor=current_actor(), match=match, tell=tell)


def _pair_of(listing: Listing, match_id: uuid.UUID | None) -> Match | None:
    match = db.session.get(Match, match_id) if match_id else None
    sides = (match.need_id, match.capability_id) if match else ()
    return match if listing.id in sides else None


def _open_pair() -> dict[str, uuid.UUID]:
    pair = read_uuid(request.form.get("pair"))
    return {"pair": pair} if pair else {}
