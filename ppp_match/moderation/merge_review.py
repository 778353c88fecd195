"""Moderators' pages of merging: the list and a new proposal. A proposal's own page stands in the room of listings."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings import join_queries, merge_operations, presentation, queries
from ppp_match.listings.join_forms import MergeForm
from ppp_match.listings.join_panels import likely_duplicates
from ppp_match.listings.models import Listing
from ppp_match.moderation.blueprint import blueprint
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, once, page_lang, requires

LABEL = re.compile(r"(?:[NC]\s*(?:-\s*)?)?0*(\d{1,9})", re.IGNORECASE)


@blueprint.get("/review/merges")
@requires("merge.propose")
def merges() -> str:
    """What was proposed to be merged, what waits first."""
    return render_template("moderation/merges.html", proposals=join_queries.all_proposals())


@blueprint.route("/review/listings/<uuid:id>/merge", methods=["GET", "POST"])
@requires("merge.propose")
@once
def propose_merge(id: uuid.UUID) -> Any:
    """Ask the owners to let a listing be merged into another."""
    actor = current_actor()
    listing: Listing = found_or_404(queries.find(actor, "need", id) or queries.find(actor, "capability", id))
    form = MergeForm(data={"target": request.args.get("into", "")[:12]})
    if request.method == "GET":
        return _page(listing, form)
    if not form.complete():
        return _page(listing, form), 422
    typed = LABEL.fullmatch(form.target.data)
    target = join_queries.by_number(listing.kind, int(typed[1])) if typed else None
    if target is None or target.id == listing.id:
        form.target.errors = [_("No other published listing of this kind has that number.")]
        return _page(listing, form), 422
    try:
        proposal = merge_operations.propose(listing, target, reason=form.reason.data, actor=actor)
    except NotPermitted:
        raise
    except Refused as refused:
        if refused.code == "merge_exists":
            raise
        return _page(listing, form, words_of(refused.code)), 422
    flash(_("The owners are asked. You are told what they answer."), "success")
    return redirect(url_for("listings.merge", id=proposal.id), 303)


def _page(listing: Listing, form: MergeForm, refused: str = "") -> str:
    lang = page_lang()
    return render_template(
        "moderation/propose_merge.html",
        duplicates=likely_duplicates(listing),
        listing=listing,
        card=presentation.card(listing, lang, known=True, revision=listing.edited),
        waiting=next(
            (one for one in join_queries.proposals_of(listing) if one.source_id == listing.id), None
        ),
        form=form,
        refused=refused,
        shown=presentation,
    )
