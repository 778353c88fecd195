"""Moderators' page of one addendum, and the addenda that wait, for the queue of listings.

An addendum is short, so nobody takes it in hand: whoever decides first has decided, the second is told so.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from ppp_match.db import now
from ppp_match.lifecycle import ADDENDUM, may_move
from ppp_match.listings import addenda, presentation, queries
from ppp_match.listings.blueprint import address_of
from ppp_match.listings.entry import TextField
from ppp_match.listings.models_addenda import Addendum
from ppp_match.moderation import listing_queue
from ppp_match.moderation.blueprint import blueprint
from ppp_match.moderation.queue_filters import QueueFilters
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, page_lang, requires


class WordsForm(FlaskForm):
    """Why an addendum is returned or rejected."""

    words = TextField(_l("What should change?"), at_most=1000)

    def filled(self) -> bool:
        """Whether something was written; says so at the field if not."""
        if self.validate() and self.words.data:
            return True
        if not self.words.errors:
            self.words.errors = [_("Give a reason in a few words.")]
        return False


def waiting_addenda(filters: QueueFilters) -> list[dict[str, Any]]:
    """The addenda of the queue as rows. Nobody takes one in hand, so any filter but the kind leaves none."""
    if filters.find or filters.flags or set(filters.chosen) - {"kind"}:
        return []
    actor, lang = current_actor(), page_lang()
    rows = []
    for one in addenda.waiting_for_review(filters.get("kind")):
        said = one.listing.shown
        rows.append(
            {
                "addendum": one,
                "title": said.text("title", said.reading_lang(lang)),
                "lang": said.reading_lang(lang),
                "days": _days(one),
                "own": not can(actor, "listing.review", one),
                "flags": _flags(one),
            }
        )
    return rows


def _days(addendum: Addendum) -> int:
    return (now() - addendum.submitted_at).days if addendum.submitted_at else 0


def _flags(addendum: Addendum) -> list[listing_queue.Flag]:
    text = f"{addendum.text_vi}\n{addendum.text_en}"
    return listing_queue.flags_of_text(addendum.listing, text, anonymous=addendum.listing.hides_its_city)


@blueprint.record_once
def _offer_to_templates(state: Any) -> None:
    app: Flask = state.app
    app.jinja_env.globals.update(waiting_addenda=waiting_addenda, refusal_words=words_of)


@blueprint.route("/review/addenda/<uuid:id>", methods=["GET", "POST"])
@requires("listing.review")
def addendum(id: uuid.UUID) -> Any:
    """One addendum that waits: its text, what it stands beside, and the decision."""
    row: Addendum = found_or_404(addenda.find_addendum(id, to_change=request.method == "POST"))
    if row.state != "submitted":  # a notice may lead here long after; what it became stands with the listing
        if queries.find(current_actor(), row.listing.kind, row.listing_id) is None:
            abort(404)
        flash(_("This addendum does not wait for review any more."), "info")
        return redirect(address_of(row.listing, _anchor="addenda"), 303)
    back, reject = WordsForm(prefix="return"), WordsForm(prefix="reject")
    if request.method == "GET":
        return _page(row, back, reject)
    actor, do = current_actor(), request.form.get("do", "")
    if do == "return":
        if not back.filled():
            return _page(row, back, WordsForm(prefix="reject", formdata=None)), 422
        addenda.return_addendum(row, remark=back.words.data or "", actor=actor)
        flash(_("Returned with a remark."), "success")
    elif do == "reject":
        if not reject.filled():
            return _page(row, WordsForm(prefix="return", formdata=None), reject), 422
        addenda.reject_addendum(row, reason=reject.words.data or "", actor=actor)
        flash(_("Rejected. The owners have been told why."), "success")
    elif do == "publish":
        addenda.publish_addendum(row, actor=actor)
        flash(_("Published as addendum %(n)s.", n=row.number), "success")
    else:
        return _page(row, back, reject), 422
    return redirect(url_for("moderation.listings"), 303)


def _page(row: Addendum, back: WordsForm, reject: WordsForm) -> str:
    actor, lang = current_actor(), page_lang()
    said = row.listing.shown
    return render_template(
        "moderation/addendum.html",
        row=row,
        listing=row.listing,
        said=said,
        title_lang=said.reading_lang(lang),
        place=presentation.place(row.listing, said, lang, known=True),
        before=addenda.addenda_of(row.listing, known=True, own=False),
        flags=_flags(row),
        days=_days(row),
        may_review=can(actor, "listing.review", row),
        may_publish=may_move(ADDENDUM, row, "published", actor=actor),
        why_not=row.refuse_unpublishable(),
        back=back,
        reject=reject,
    )
