"""Moderators' pages: the queue of needs whose candidates wait, the bench, decisions, pairs added by hand."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from ppp_match.accounts.text_fields import paragraphs
from ppp_match.db import db
from ppp_match.lifecycle import ReasonMissing
from ppp_match.listings.beside import beside
from ppp_match.listings.models import Listing
from ppp_match.moderation import (
    deciding,
    need_queue,
    notes,
    queue_filters,
    queue_words,
    targets,
)
from ppp_match.moderation.bench import bench_of, next_pair
from ppp_match.moderation.blueprint import blueprint
from ppp_match.moderation.colleagues import without_conflict
from ppp_match.moderation.keys import keys_on
from ppp_match.recommendations import operations, queries, sentences
from ppp_match.recommendations.models import REJECTION_REASONS, Match
from ppp_match.search import store
from ppp_match.vocabularies import term_name
from ppp_match.web import current_actor, found_or_404, once, requires

PAGE = 20
SEARCHED = 12


@blueprint.get("/review/matches")
@requires("match.review")
def matches() -> str:
    """Needs whose candidates wait, as filtered; the longest wait first."""
    actor, lang = current_actor(), str(get_locale())
    filters, page = filters_here(), _page_number()
    rows, total = need_queue.rows_of(filters, actor, page, PAGE)
    pages = max(1, -(-total // PAGE))
    return render_template(
        "moderation/matches.html",
        rows=rows,
        filters=filters,
        f=filters.arguments,
        choices=queue_words.choices(filters, need_queue.counts(filters, actor), actor, lang),
        flags=queue_words.flags(filters),
        sorts=queue_words.sorts(filters),
        chips=queue_words.chips(filters, actor, lang),
        figures=targets.figures("matches"),
        due_words=queue_words.due_words,
        page={
            "page": page,
            "pages": pages,
            "total": total,
            "first": (page - 1) * PAGE + 1 if rows else 0,
            "last": (page - 1) * PAGE + len(rows),
            "url": lambda number: url_for("moderation.matches", **filters.arguments, page=number),
        },
    )


@blueprint.get("/review/matches/need/<uuid:id>")
@requires("match.review")
def need_bench(id: uuid.UUID) -> str:
    """One need, its candidates, one pair open."""
    need, *hands = next(iter(need_queue.hands_of([id])), (None, None, None))
    known = need is not None and need.kind == "need" and need.live_revision_id is not None
    return bench_page(found_or_404(need if known else None), _chosen(), hands=hands)


@blueprint.get("/review/matches/capability/<uuid:id>")
@requires("match.review")
def capability_bench(id: uuid.UUID) -> str:
    """One capability, the needs it is paired with, one pair open."""
    return bench_page(listing_or_404("capability", id), _chosen())


@blueprint.post("/review/matches/need/<uuid:id>/hand")
@requires("match.review")
def claim(id: uuid.UUID) -> Response:
    """Take a need's candidates in hand, or put them back."""
    need = listing_or_404("need", id)
    if request.form.get("d") == "release":
        operations.release_need(need, actor=current_actor())
    else:
        operations.take_need(need, actor=current_actor())
    return redirect(url_for("moderation.need_bench", id=need.id, **filters_here().arguments), 303)


@blueprint.post("/review/matches/<uuid:id>/decide")
@requires("match.review")
def decide(id: uuid.UUID) -> Any:
    """One decision on one pair; whoever comes second is told who decided what."""
    side = "capability" if request.form.get("side") == "capability" else "need"
    try:
        match: Match = found_or_404(operations.lock_match(id, seen=request.form.get("seen", "")))
        deciding.decide(match, _asked_for(request.form), actor=current_actor(), batch_id=uuid.uuid4())
    except (operations.AlreadyDecided, StaleDataError):
        return _decided_by_another(id, side), 409
    except ReasonMissing as missing:
        match = found_or_404(db.session.get(Match, id))
        listing = match.need if side == "need" else match.capability
        return bench_page(listing, match.id, error=missing.code, typed=request.form), 422
    flash(told(match), "success")
    return redirect(_next_address(match, side), 303)


@blueprint.route("/review/matches/need/<uuid:id>/pair", methods=["GET", "POST"])
@requires("match.review")
@once
def add_pair(id: uuid.UUID) -> Any:
    """Look for a capability and put the pair on the bench by hand."""
    need = listing_or_404("need", id)
    if request.method == "POST":
        capability = listing_or_404("capability", read_uuid(request.form.get("capability")))
        match = operations.live_match(need, capability) or operations.add_pair(
            need, capability, actor=current_actor(), note=paragraphs(request.form.get("note"))
        )
        return redirect(bench_address(need, pair=match.id), 303)
    query = request.args.get("q", "").strip()[:200]
    found = store.search("capability", query, SEARCHED) if query else None
    return render_template(
        "moderation/add_pair.html",
        need=need,
        f=filters_here().arguments,
        q=query,
        found=found,
        rows=queries.in_order([listing_id for listing_id, _score in found.hits]) if found else [],
        paired={match.capability_id: match for match in queries.pairs_of(need)},
    )


def bench_page(
    listing: Listing,
    chosen: uuid.UUID | None,
    *,
    error: str = "",
    typed: Mapping[str, str] | None = None,
    ticked: Collection[uuid.UUID] = (),
    hands: Sequence[Any] = (),
) -> str:
    """The bench of a listing. `error` is a refusal's code, `typed` what came with the form that it concerns.

    `hands`: who has a need in hand and who looks after it, where the caller has read them with the need.
    """
    any_note = beside(listing, "notes") > 0  # first, so that the counts of the menu come with it
    actor, lang = current_actor(), str(get_locale())
    filters = filters_here()
    bench = bench_of(listing, chosen, actor=actor, lang=lang)
    is_need = listing.kind == "need"
    pair = bench.pair.match if bench.pair else None
    if is_need and not hands:
        hands = need_queue.hands_of([listing.id])[0][1:]
    claim, held = hands or (None, None)
    return render_template(
        "moderation/bench.html" if is_need else "moderation/capability_bench.html",
        bench=bench,
        filters=filters,
        f=filters.arguments,
        claim=claim,
        stage=term_name("stage", listing.shown.stage, lang),
        place=need_queue.place_of(listing.id, filters, actor) if is_need else None,
        error=error,
        typed=typed or {},
        ticked=ticked,
        reasons=[(code, sentences.reason_name(code)) for code in REJECTION_REASONS],
        sentences=sentences,
        keys_on=keys_on(),
        assigned=held,
        assignable=without_conflict(listing) if is_need else [],
        notes=notes.notes_on(listing, "matches", pair, actor=actor) if any_note else [],
        tellable=without_conflict(pair or listing, "moderation.note"),
    )


def _asked_for(form: Mapping[str, str]) -> deciding.Decision:
    """The verb of the button that was pressed, with the reason beside that button."""
    verb = form.get("d", "")
    field = {"hold": "hold_note", "reopen": "again_note", "ask_again": "again_note"}.get(verb, "note")
    return deciding.Decision(verb, form.get("reason", ""), paragraphs(form.get(field)))


def _decided_by_another(match_id: uuid.UUID, side: str) -> str:
    db.session.rollback()
    match: Match = found_or_404(db.session.get(Match, match_id))
    decisions = queries.decisions_of(match)
    return render_template(
        "moderation/decided.html",
        match=match,
        decision=decisions[-1] if decisions else None,
        back=_address(match, side),
        forward=_next_address(match, side),
        sentences=sentences,
    )


def told(match: Match) -> str:
    """What became of the pair, for the line on top of the next page."""
    return {
        "approved": _("Approved. Both sides are asked in a minute, unless you take it back."),
        "offered": _("Both sides are asked. They have until the date in the offer to answer."),
        "shortlisted": _("The pair is on the short list."),
        "on_hold": _("The pair is on hold."),
        "rejected": _("The pair is rejected. It returns only if one side changes its text."),
        "suggested": _("The pair waits for review again."),
    }.get(match.state, _("Done."))


def bench_address(listing: Listing, **more: Any) -> str:
    """The address of a listing's bench under the filters of this request."""
    return url_for(f"moderation.{listing.kind}_bench", id=listing.id, **filters_here().arguments, **more)


def filters_here() -> queue_filters.QueueFilters:
    """The filters of the queue of needs that this request came with."""
    if "match_filters" not in g:
        g.match_filters = queue_filters.read_filters("matches", request.args)
    found: queue_filters.QueueFilters = g.match_filters
    return found


def _address(match: Match, side: str) -> str:
    return bench_address(match.need if side == "need" else match.capability, pair=match.id)


def _next_address(match: Match, side: str) -> str:
    """The next pair of the list that waits; after the last one, this pair with its new state."""
    following = next_pair(match, side)
    return _address(following or match, side)


def listing_or_404(kind: str, listing_id: uuid.UUID | None) -> Listing:
    """A listing of that kind that is or was published."""
    with_text = [joinedload(Listing.live)]
    listing = db.session.get(Listing, listing_id, options=with_text) if listing_id else None
    known = listing is not None and listing.kind == kind and listing.live_revision_id is not None
    found: Listing = found_or_404(listing if known else None)
    return found


def _chosen() -> uuid.UUID | None:
    return read_uuid(request.args.get("pair"))


def read_uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _page_number() -> int:
    asked = request.args.get("page", "")
    return min(max(int(asked), 1), 10_000) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
