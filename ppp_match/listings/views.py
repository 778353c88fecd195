"""Pages of listings: the two lists, a listing, one's own, and the owner's moves. Their form: `form_views.py`."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.config import Settings
from ppp_match.lifecycle import AMENDMENT, LISTING, may_move
from ppp_match.listings import (
    deadline_jobs,  # noqa: F401  its job
    form_views,
    labels,
    operations,
    presentation,
    public_text,
    queries,
)
from ppp_match.listings.beside import beside
from ppp_match.listings.blueprint import KIND, PATH, address_of, blueprint, own_listing
from ppp_match.listings.closing_forms import CloseForm, WithdrawForm
from ppp_match.listings.filters import read_filters
from ppp_match.listings.models import Listing
from ppp_match.listings.readiness import readiness
from ppp_match.listings.steps import REVIEW
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.permissions import can
from ppp_match.vocabularies import term_name
from ppp_match.web import current_actor, found_or_404, page_lang, public, requires

__all__ = ["address_of", "detail_of", "own_listing", "owner_side", "page_lang", "register"]


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    from ppp_match.listings import (  # noqa: F401  their pages hang on this blueprint
        join_panels,
        join_views,
        reference_views,
    )

    app.register_blueprint(blueprint)
    reference_views.limit(app)
    app.jinja_env.globals.update(join_panels.GLOBALS)
    app.jinja_env.globals.update(
        listing_state=presentation.state_name,
        field_label=labels.label,
        action_name=presentation.action_name,
        beside=beside,
        contact_findings=public_text.findings,
        finding_words=presentation.finding_words,
    )


@blueprint.get(PATH)
@public
def index(kind: str) -> str:
    """The list of published needs or capabilities, filtered by the address."""
    filters = read_filters(KIND[kind], request.args)
    lang = page_lang()
    found = queries.search_listings(
        filters, lambda n: url_for("listings.index", kind=kind) + filters.query(page=n)
    )
    return render_template(
        "listings/index.html",
        kind=KIND[kind],
        path_kind=kind,
        filters=filters,
        page=found.page,
        hits=found.hits,
        cards=[presentation.card(row, lang) for row in found.page.items],
        facets=presentation.facets(filters, found, lang),
        chips=presentation.chips(filters, lang),
        sorts=presentation.sort_options(filters),
        figures=(found.counted.open_now, found.counted.holders),
    )


@blueprint.get(f"{PATH}/<uuid:id>")
@public
def detail(kind: str, id: uuid.UUID) -> Any:
    """One listing, with what its owner and staff may see besides."""
    listing = found_or_404(queries.find(current_actor(), KIND[kind], id))
    elsewhere = merged_redirect(listing)
    if elsewhere is not None:
        return elsewhere
    return render_template("listings/detail.html", **detail_of(listing), **owner_side(listing))


def merged_redirect(listing: Listing) -> Response | None:
    """The way to the listing that this one was merged into: for good to the public, for now to its own people.

    With `?merged=0` its own record is shown, which "Our listings" leads to. None where there is nowhere to go.
    """
    if listing.merged_into_id is None or request.args.get("merged") == "0":
        return None
    actor = current_actor()
    target = queries.find(actor, listing.kind, listing.merged_into_id)
    if target is None:
        return None
    if not queries.sees_identity(listing, actor):
        return redirect(address_of(target), 301)
    if listing.organisation_id == actor.organisation_id:
        words = _(
            "%(label)s was merged into this one. Its record is under “Our listings”.", label=listing.label
        )
    else:
        words = _("%(label)s was merged into this one.", label=listing.label)
    flash(words, "info")
    return redirect(address_of(target), 302)


def detail_of(listing: Listing, *, reviewed: bool = False) -> dict[str, Any]:
    """What the parts of a detail page need. `reviewed`: the text that waits for review instead of the live one."""
    actor, lang = current_actor(), page_lang()
    known = queries.sees_identity(listing, actor)
    revision = listing.edited if reviewed else listing.shown
    text_lang = revision.reading_lang(lang)
    asked = request.args.get("text", "")
    return {
        "listing": listing,
        "kind": listing.kind,
        "revision": revision,
        "text_lang": asked if asked in revision.langs else text_lang,
        "known": known,
        "place": presentation.place(listing, revision, lang, known=known),
        "owner_name": presentation.owner(listing, revision, lang, known=known),
        "stages": presentation.stages(revision, lang) if listing.kind == "need" else [],
        "tags": presentation.tags(listing, revision, lang),
        "shown": presentation,
        "readiness": readiness(revision) if known and listing.kind == "need" else None,
    }


def owner_side(listing: Listing, *, withdraw: Any = None, close: Any = None) -> dict[str, Any]:
    """The owner's moves on a listing, each only where it may be made."""
    actor = current_actor()
    amendment = listing.amendment if listing.state == "published" else None
    subject, lifecycle = (amendment, AMENDMENT) if amendment is not None else (listing, LISTING)
    editable = operations.is_editable(listing) and can(actor, "listing.edit", listing)
    return {
        "own": can(actor, "listing.edit", listing),
        "amendment": amendment,
        "may_edit": editable,
        "may_recall": may_move(lifecycle, subject, "draft", actor=actor),
        "may_submit": subject.state in ("draft", "returned") and can(actor, "listing.submit", listing),
        "may_discard": amendment is not None and may_move(AMENDMENT, amendment, "discarded", actor=actor),
        "may_withdraw": may_move(LISTING, listing, "withdrawn", actor=actor),
        "may_close": may_move(LISTING, listing, "closed", actor=actor),
        "may_review": can(actor, "listing.review", listing)
        and operations.under_review(listing).state in WAITING,
        "withdraw_form": withdraw or WithdrawForm(prefix="withdraw"),
        "close_form": close or CloseForm(page_lang(), prefix="close"),
    }


WAITING = ("submitted", "in_review")


# --- one's own ---------------------------------------------------------------------------------------------------


@blueprint.get("/mine")
@requires("listing.mine")
def mine() -> str:
    """Every listing of the organisation one acts for."""
    page = page_of(
        queries.of_organisation(current_actor().organisation_id),
        number_of(request.args.get("page")),
        lambda n: url_for("listings.mine", page=n),
        size=queries.PAGE_SIZE,
    )
    lang = page_lang()
    return render_template(
        "listings/mine.html",
        page=page,
        rows=[(row, presentation.card(row, lang, known=True, revision=row.edited)) for row in page.rows],
        shown=presentation,
    )


@blueprint.get("/country/needs")
@requires("need.oversee")
def of_country() -> str:
    """The needs of the country that one represents, from when they were sent."""
    country = current_actor().country_overseen
    if country is None:
        abort(403)
    counts = queries.states_of_country(country)
    state = request.args.get("state", "")
    state = state if state in counts else ""
    page = page_of(
        queries.of_country(country, state),
        number_of(request.args.get("page")),
        lambda n: url_for("listings.of_country", page=n, state=state or None),
        size=queries.PAGE_SIZE,
    )
    lang = page_lang()
    return render_template(
        "listings/country.html",
        page=page,
        rows=[(row, presentation.card(row, lang, known=True)) for row in page.rows],
        country=term_name("country", country, lang),
        tabs=[("", _("All"), sum(counts.values()))]
        + [
            (code, presentation.state_name(code), counts[code])
            for code in presentation.STATE_LOOKS
            if code in counts
        ],
        state=state,
        shown=presentation,
    )


@blueprint.post(f"{PATH}/<uuid:id>/<any(submit,recall,discard,withdraw,close):verb>")
@requires("listing.edit")
def move(kind: str, id: uuid.UUID, verb: str) -> Any:
    """The owner's moves: submit, recall, discard a change, withdraw with a reason, close with a reason."""
    listing, actor = own_listing(kind, id), current_actor()
    withdraw, close = WithdrawForm(prefix="withdraw"), CloseForm(page_lang(), prefix="close")
    if verb == "withdraw":
        if not (withdraw.validate() and needs_words(withdraw.reason)):
            page = render_template(
                "listings/detail.html", **detail_of(listing), **owner_side(listing, withdraw=withdraw)
            )
            return page, 422
        operations.withdraw_listing(listing, reason=withdraw.reason.data or "", actor=actor)
        flash(_("Withdrawn."), "success")
    elif verb == "close":
        good = close.validate() and needs_choice(close.close_reason)
        if not (needs_words(close.reason) and good):
            page = render_template(
                "listings/detail.html", **detail_of(listing), **owner_side(listing, close=close)
            )
            return page, 422
        code, reason = close.close_reason.data, close.reason.data or ""
        operations.close_listing(listing, close_reason=code, reason=reason, actor=actor)
        flash(_("Closed. It stays readable."), "success")
    elif verb == "submit":
        if operations.under_review(listing).refuse_incomplete():
            flash(_("Some things are still missing. Send it from the form, which names them."), "error")
            return redirect(address_of(listing, "listings.edit", step=REVIEW), 303)
        confirmed = request.form.get("no_contact_data") == "y"
        if public_text.findings(listing.edited) and not confirmed:
            flash(_("Look at the places that may hold contact data, then send it."), "error")
            return redirect(address_of(listing, "listings.edit", step=REVIEW), 303)
        if form_views.something_alike(listing):
            return redirect(address_of(listing, "listings.before_sending"), 303)
        operations.submit_listing(listing, actor=actor, contact_confirmed=confirmed)
        flash(_("Sent to the forum. A moderator reads it and answers here."), "success")
    elif verb == "recall":
        operations.recall_listing(listing, actor=actor)
        flash(_("Taken back. You can edit it now."), "success")
    else:
        operations.discard_amendment(listing, actor=actor)
        flash(_("The changes were given up. The published text stays as it is."), "success")
    return redirect(address_of(listing), 303)


def needs_words(field: Any) -> bool:
    """Whether a reason was written; says so at the field if not."""
    if (field.data or "").strip():
        return True
    field.errors = [*field.errors, _("Give a reason in a few words.")]
    return False


def needs_choice(field: Any) -> bool:
    if field.data:
        return True
    field.errors = [*field.errors, _("Choose one.")]
    return False
