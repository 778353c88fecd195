"""Moderators' pages: one decision on several pairs, taking decisions back, and listings taken or assigned together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.accounts.text_fields import paragraphs
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings import operations as listing_operations
from ppp_match.listings.models import Listing
from ppp_match.moderation import assignment, deciding
from ppp_match.moderation.blueprint import blueprint
from ppp_match.moderation.colleagues import colleague
from ppp_match.moderation.listing_review import listing_filters, waiting_listing
from ppp_match.moderation.workbench import bench_address, bench_page, read_uuid, told
from ppp_match.recommendations import sentences, undo
from ppp_match.recommendations.models import Match
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, requires


@blueprint.post("/review/matches/together/<uuid:id>")
@requires("match.review")
def decide_together(id: uuid.UUID) -> Any:
    """One decision with one reason on the pairs that are ticked on a listing's bench; each is told what became of it."""
    row = db.session.get(Listing, id)
    listing: Listing = found_or_404(row if row is not None and row.live_revision_id else None)
    seen = _ticked(listing)
    form = request.form
    decision = deciding.Decision(
        form.get("t-d", ""), form.get("t-reason", ""), paragraphs(form.get("t-note"))
    )
    error = "nothing_ticked" if not seen else ""
    if not error and decision.verb not in deciding.TOGETHER:
        error = "no_verb"
    if not error:
        try:
            outcomes = deciding.decide_together(seen, decision, actor=current_actor(), batch_id=uuid.uuid4())
        except ReasonMissing as missing:
            error = missing.code
    if error:
        chosen = read_uuid(form.get("open"))
        return bench_page(listing, chosen, error=f"together.{error}", typed=form, ticked=set(seen)), 422
    _tell_done(outcomes)
    _tell_refused(outcomes, listing.kind)
    return redirect(bench_address(listing), 303)


@blueprint.post("/review/matches/undo/<uuid:id>")
@requires("match.undo")
def undo_decisions(id: uuid.UUID) -> Response:
    """Take back what one decided in one go a moment ago."""
    side = "capability" if request.form.get("side") == "capability" else "need"
    outcomes = deciding.undo_together(id, actor=current_actor())
    done = [one for one in outcomes if not one.refused]
    if done:
        flash(
            ngettext(
                "Taken back: the pair is where it was.",
                "Taken back: %(num)d pairs are where they were.",
                len(done),
            ),
            "success",
        )
    _tell_refused(outcomes, side)
    pair = next(one.match for one in (*done, *outcomes) if one.match is not None)
    return redirect(bench_address(pair.need if side == "need" else pair.capability, pair=pair.id), 303)


@blueprint.post("/review/listings/together")
@requires("listing.review")
def listings_together() -> Response:
    """Take the ticked listings in hand, or assign them to a colleague; each by itself."""
    actor, assigns = current_actor(), request.form.get("do") == "assign"
    ids = dict.fromkeys(filter(None, map(read_uuid, request.form.getlist("listing"))))
    person = colleague(read_uuid(request.form.get("who"))) if assigns else None
    done, refused = 0, []
    for listing_id in sorted(ids)[: deciding.AT_MOST]:
        row = waiting_listing(listing_id)
        if row is None:
            refused.append((_("A text that does not wait any more"), ""))
            continue
        try:
            with db.session.begin_nested():
                if assigns:
                    assignment.assign(row, "listings", person, actor=actor)
                else:
                    listing_operations.take_in_hand(row, actor=actor)
        except NotPermitted:
            refused.append((row.label, _("It is of your own organisation.")))
        except Refused as no:
            refused.append((row.label, words_of(no.code)))
        else:
            done += 1
    if done:
        said = (
            ngettext("%(num)d text is assigned.", "%(num)d texts are assigned.", done)
            if assigns
            else ngettext("%(num)d text is in your hands.", "%(num)d texts are in your hands.", done)
        )
        flash(said, "success")
    for label, why in refused:
        flash(f"{label}: {why}" if why else label, "error")
    if not ids:
        flash(_("Tick at least one text first."), "error")
    return redirect(url_for("moderation.listings", **listing_filters().arguments), 303)


def _ticked(listing: Listing) -> dict[uuid.UUID, str]:
    """{pair of this listing: the state in which the page showed it}, as ticked."""
    asked: dict[uuid.UUID, str] = {}
    for value in request.form.getlist("t-pair")[: deciding.AT_MOST]:
        match_id, _colon, state = value.partition(":")
        if (found := read_uuid(match_id)) is not None:
            asked[found] = state
    side = Match.need_id if listing.kind == "need" else Match.capability_id
    of_this = set(db.session.scalars(db.select(Match.id).where(Match.id.in_(asked), side == listing.id)))
    return {match_id: state for match_id, state in asked.items() if match_id in of_this}


def _tell_done(outcomes: Iterable[deciding.Outcome]) -> None:
    done = [one.match for one in outcomes if not one.refused and one.match is not None]
    if len(done) == 1:
        flash(told(done[0]), "success")
    elif done:
        state = sentences.state_name(done[0].state)
        flash(_("%(n)s pairs are decided: %(state)s.", n=len(done), state=state), "success")


def _tell_refused(outcomes: Iterable[deciding.Outcome], side: str) -> None:
    """One line for each pair that was left as it was, with why."""
    lang, reader = str(get_locale()), current_actor().user_id
    again = [one for one in outcomes if _done_by(one, reader)]
    if again:
        flash(
            ngettext(
                "You have decided on this pair already; it stays as it is.",
                "You have decided on these %(num)d pairs already; they stay as they are.",
                len(again),
            ),
            "info",
        )
    for one in outcomes:
        if not one.refused or one.match is None or one in again:
            continue
        other = (one.match.capability if side == "need" else one.match.need).shown
        title = other.text("title", other.reading_lang(lang))
        why = {
            "own_pair": _("It concerns your own organisation."),
            "decided_already": _("Somebody else decided on it first: %(state)s.", state=_state(one.match)),
        }.get(one.refused) or words_of(one.refused)
        flash(_("Left as it was: “%(title)s”. %(why)s", title=title, why=why), "error")


def _done_by(one: deciding.Outcome, reader: uuid.UUID | None) -> bool:
    """Whether a pair was left as it was because the same person had decided on it: a second click, or an old page."""
    return one.refused == "decided_already" and one.match is not None and one.match.decided_by == reader


def _state(match: Match) -> str:
    return sentences.state_name(match.state)


def undo_offer() -> undo.Undoable | None:
    """What the reader may take back just now; pages of the workbench ask for it by name."""
    return undo.undoable_by(current_actor())
