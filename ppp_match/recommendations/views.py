"""Pages of recommendations for companies: interest in a need, and what became of one's pairs."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from ppp_match.config import Settings
from ppp_match.db import db, now
from ppp_match.lifecycle import Refused
from ppp_match.listings.documents import without_names
from ppp_match.listings.filters import read_page
from ppp_match.listings.models import Listing
from ppp_match.listings.presentation import owner, place
from ppp_match.listings.queries import sees_identity
from ppp_match.permissions import can
from ppp_match.recommendations import (
    grid,
    operations,
    panels,
    queries,
    sentences,
    worker,  # noqa: F401  its job
)
from ppp_match.recommendations import standing as standings
from ppp_match.recommendations.forms import InterestForm
from ppp_match.recommendations.models import Match
from ppp_match.search.store import index_of
from ppp_match.web import current_actor, found_or_404, once, requires

blueprint = Blueprint("recommendations", __name__)


@blueprint.route("/needs/<uuid:id>/interest", methods=["GET", "POST"])
@requires("interest.express")
@once
def express_interest(id: uuid.UUID) -> Any:
    """Say that one's capability answers a need."""
    need = _need(id)
    actor = current_actor()
    own = queries.published_capabilities(actor.organisation_id) if actor.organisation_id else []
    form = InterestForm().offer(own, str(get_locale()))
    if not form.validate_on_submit():
        page = render_template("recommendations/interest.html", need=need, form=form, refused="")
        return page, 422 if form.is_submitted() else 200
    capability = next(one for one in own if str(one.id) == form.capability.data)
    try:
        operations.express_interest(
            need,
            capability,
            message=form.message.data or "",
            actor=actor,
            no_conflict=bool(form.no_conflict.data),
            declared=form.declared.data or "",
        )
    except Refused as refused:
        return render_template(
            "recommendations/interest.html", need=need, form=form, refused=refused.code
        ), 422
    flash(
        _("Your interest is recorded. A moderator looks at it, and this page tells you what becomes of it."),
        "success",
    )
    return redirect(url_for("introductions.interests"), 303)


@blueprint.get("/suggestions")
@requires("listing.mine")
def mine() -> str:
    """The pairs about which one's organisation was asked, and the interests it expressed."""
    organisation_id = current_actor().organisation_id
    return render_template(
        "recommendations/mine.html",
        pairs=queries.asked_pairs(organisation_id) if organisation_id else [],
        interests=queries.interests_of(organisation_id) if organisation_id else [],
        organisation_id=organisation_id,
        sentences=sentences,
    )


@blueprint.get("/capabilities/<uuid:id>/needs")
@requires("interest.express")
def standing(id: uuid.UUID) -> str:
    """Why us, why not: how one's own published capability stands to the needs near it."""
    actor, lang = current_actor(), str(get_locale())
    own = queries.published_capabilities(actor.organisation_id) if actor.organisation_id else []
    shown: Listing = found_or_404(next((one for one in own if one.id == id), None))
    result = request.args.get("result", "")
    result = result if result in standings.RESULTS else ""
    found = standings.standings_of(
        shown, result=result, page=read_page(request.args.get("page", "")), lang=lang
    )
    first = (found.page - 1) * standings.PAGE
    return render_template(
        "recommendations/standing.html",
        capability=shown,
        found=found,
        result=result,
        tabs=[(name, standings.result_name(name), found.counts[name]) for name in standings.RESULTS],
        page={
            "page": found.page,
            "pages": found.pages,
            "total": found.total,
            "first": first + 1 if found.rows else 0,
            "last": first + len(found.rows),
            "url": lambda number: url_for(".standing", id=id, result=result or None, page=number),
        },
        result_name=standings.result_name,
        places={row.need.id: place(row.need, row.need.shown, lang, known=False) for row in found.rows},
        others_of=[sibling for sibling in own if sibling.id != id],
    )


@blueprint.get("/matches/<uuid:id>/evidence")
@requires("match.read")
def evidence(id: uuid.UUID) -> Any:
    """The requirements of a need beside the evidence of a capability, on a page that prints; as CSV if asked."""
    actor, lang = current_actor(), str(get_locale())
    match: Match = found_or_404(queries.match_seen_by(actor, id))
    made = grid.grid_of(match, lang)
    if request.args.get("format") == "csv":
        return Response(
            grid.as_csv(made),
            mimetype="text/csv",
            headers={
                "Content-Disposition": f'attachment; filename="evidence-{match.need.label}-{match.capability.label}.csv"'
            },
        )
    need = queries.revision_of(match.need_revision_id, match.need)
    capability = queries.revision_of(match.capability_revision_id, match.capability)
    known = match.state == "introduced" or sees_identity(match.need, actor)
    return render_template(
        "recommendations/evidence.html",
        match=match,
        grid=made,
        need=need,
        capability=capability,
        need_title=without_names(match.need, need)(need.text("title", need.reading_lang(lang))),
        owner=owner(match.need, need, lang, known=known),
        back=_way_back(match),
        made_at=now(),
        version=index_of("capability").version.split("+")[0],
    )


def _way_back(match: Match) -> tuple[str, str]:
    """Where this reader came from: the bench, or their own listing's page."""
    actor = current_actor()
    if can(actor, "match.review"):
        return url_for("moderation.need_bench", id=match.need_id, pair=match.id), match.need.label
    listing = match.capability if match.capability.organisation_id in actor.organisation_ids else match.need
    return url_for("listings.detail", kind=listing.path_kind, id=listing.id), listing.label


def _need(listing_id: uuid.UUID) -> Listing:
    need = db.session.get(Listing, listing_id)
    open_ = need is not None and need.kind == "need" and need.state == "published"
    found: Listing = found_or_404(need if open_ else None)
    return found


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application, with the functions that its parts of other rooms' pages ask."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        interest_panel=panels.interest_panel,
        others_at=panels.others_at,
        match_counts=panels.match_counts,
        evidence_grid=lambda match: grid.grid_of(match, str(get_locale())),
        match_state_name=sentences.state_name,
        interest_state=sentences.interest_state,
    )
