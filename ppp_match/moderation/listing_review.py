"""Moderators' pages: the queue of listings, and one listing in review."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from ppp_match.db import db
from ppp_match.lifecycle import AMENDMENT, LISTING, may_move
from ppp_match.listings import operations, presentation, queries, versions
from ppp_match.listings.beside import beside
from ppp_match.listings.filters import read_page
from ppp_match.listings.join_panels import likely_duplicates
from ppp_match.listings.models import Listing
from ppp_match.listings.views import detail_of
from ppp_match.moderation import assignment, listing_queue, notes, queue_filters, queue_words, targets
from ppp_match.moderation.blueprint import blueprint
from ppp_match.moderation.colleagues import colleagues, without_conflict
from ppp_match.moderation.language_review import language_pairs
from ppp_match.moderation.listing_forms import RejectForm, ReturnForm
from ppp_match.permissions import can
from ppp_match.web import current_actor, found_or_404, page_lang, requires


@blueprint.get("/review/listings")
@requires("listing.review")
def listings() -> str:
    """What waits for review, oldest first."""
    actor, lang = current_actor(), page_lang()
    filters = listing_filters()
    queue = listing_queue.queue(
        filters,
        actor,
        page=read_page(request.args.get("page", "")),
        url=lambda n: url_for("moderation.listings", **filters.arguments, page=n),
    )
    page = queue.page
    rows = [
        {
            "listing": row,
            "card": presentation.card(row, lang, known=True, revision=row.edited),
            "flags": listing_queue.flags(row, listing_queue.answered_remarks(row)),
            "days": listing_queue.days_waiting(row),
            "due": targets.due_of("listings", row.submitted_at),
            "assigned": queue.assigned.get(row.id),
            "mine": row.holder_id == actor.user_id,
            "own": not can(actor, "listing.review", row),
        }
        for row in page.items
    ]
    return render_template(
        "moderation/listings.html",
        rows=rows,
        page=page,
        counts=queue.counts,
        filters=filters,
        f=filters.arguments,
        choices=queue_words.choices(filters, listing_queue.facet_counts(filters, actor), actor, lang),
        flags=queue_words.flags(filters),
        sorts=queue_words.sorts(filters),
        chips=queue_words.chips(filters, actor, lang),
        figures=targets.figures("listings"),
        due_words=queue_words.due_words,
        people=colleagues(),
    )


def listing_filters() -> queue_filters.QueueFilters:
    """The filters of the queue of listings that this request came with."""
    if "listing_filters" not in g:
        g.listing_filters = queue_filters.read_filters("listings", request.args)
    found: queue_filters.QueueFilters = g.listing_filters
    return found


@blueprint.post("/review/listings/next")
@requires("listing.review")
def next_listing() -> Response:
    """Take the oldest free one in hand."""
    actor = current_actor()
    listing = listing_queue.oldest_free(actor)
    if listing is None:
        flash(_("Nothing free is waiting."), "info")
        return redirect(url_for("moderation.listings", **listing_filters().arguments), 303)
    operations.take_in_hand(listing, actor=actor)
    return redirect(url_for("moderation.listing", id=listing.id, **listing_filters().arguments), 303)


@blueprint.route("/review/listings/<uuid:id>", methods=["GET", "POST"])
@requires("listing.review")
def listing(id: uuid.UUID) -> Any:
    """One listing in review: as it will appear, what changes, and the decision."""
    row = found_or_404(waiting_listing(id))
    back, reject = ReturnForm(row.kind, prefix="return"), RejectForm(prefix="reject")
    if request.method == "GET":
        return review_page(
            row, ReturnForm(row.kind, prefix="return", formdata=None), RejectForm(prefix="reject")
        )
    actor, do = current_actor(), request.form.get("do", "")
    filters = listing_filters()
    if do == "take":
        operations.take_in_hand(row, actor=actor)
        return redirect(url_for("moderation.listing", id=row.id, **filters.arguments), 303)
    following = listing_queue.next_after(row.id, filters, actor)
    if do == "return":
        if not back.validate():
            return review_page(row, back, RejectForm(prefix="reject", formdata=None)), 422
        operations.return_listing(row, remarks=back.filled(), actor=actor)
        flash(_("Returned with remarks."), "success")
    elif do == "reject":
        if not reject.validate():
            return review_page(row, ReturnForm(row.kind, prefix="return", formdata=None), reject), 422
        operations.reject_listing(row, reason=reject.reason.data or "", actor=actor)
        assignment.review_ended(row)
        flash(_("Rejected. The owners have been told why."), "success")
    elif do == "publish":
        operations.publish_listing(row, actor=actor)
        assignment.review_ended(row)
        flash(_("Published."), "success")
    else:
        operations.release(row, actor=actor)
        flash(_("Laid back into the queue."), "success")
        following = None
    if following is not None:
        return redirect(url_for("moderation.listing", id=following, **filters.arguments), 303)
    return redirect(url_for("moderation.listings", **filters.arguments), 303)


def waiting_listing(listing_id: uuid.UUID) -> Listing | None:
    """The listing, if it waits for review."""
    row = db.session.get(Listing, listing_id, options=[*queries.with_rows()])
    return row if row is not None and operations.under_review(row).state in listing_queue.WAITING else None


def review_page(
    row: Listing,
    back: FlaskForm,
    reject: FlaskForm,
    *,
    error: str = "",
    typed: Mapping[str, str] | None = None,
) -> str:
    """The page of one listing in review. `error` is a refused note's code, `typed` what came with it."""
    actor, lang = current_actor(), page_lang()
    filters = listing_filters()
    subject = operations.under_review(row)
    lifecycle, last = (LISTING, "published") if subject is row else (AMENDMENT, "accepted")
    mine = row.holder_id == actor.user_id
    duplicates = likely_duplicates(row)  # first of all, so that the words of all are read together
    return render_template(
        "moderation/listing.html",
        duplicates=duplicates,
        **detail_of(row, reviewed=True),
        flags=listing_queue.flags(row, beside(row, "answered")),
        changes=[] if subject is row else versions.amendment_changes(row, lang),
        pairs=language_pairs(row),
        first=subject is row,
        in_review=subject.state == "in_review",
        mine=mine,
        may_review=can(actor, "listing.review", row),
        may_publish=mine and may_move(lifecycle, subject, last, actor=actor),
        may_decide=mine and subject.state == "in_review" and can(actor, "listing.review", row),
        history=queries.changes_since(row, 0),
        back=back,
        reject=reject,
        days=listing_queue.days_waiting(row),
        filters=filters,
        f=filters.arguments,
        following=listing_queue.next_after(row.id, filters, actor),
        due=targets.due_of("listings", row.submitted_at),
        due_words=queue_words.due_words,
        assigned=assignment.assignment_of(row.id, "listings") if beside(row, "assigned") else None,
        assignable=without_conflict(row),
        notes=notes.notes_on(row, "listings", None, actor=actor) if beside(row, "notes") else [],
        tellable=without_conflict(row, "moderation.note"),
        error=error,
        typed=typed or {},
    )
