"""The pages of a listing's form: a new draft, its steps, looking through and sending, saving by itself.

Every save carries the version it started from; a stale one answers 409 with everything typed. What a page of the
form shows is put together in `form_page.py`.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.accounts.models import Organisation
from ppp_match.db import db, now
from ppp_match.formats import timefmt
from ppp_match.listings import conflicts, likeness, operations, public_text, queries, steps
from ppp_match.listings.blueprint import KIND, PATH, address_of, blueprint, own_listing
from ppp_match.listings.form_page import field_notes, form_page, help_of, lacking_words, saves_by_itself
from ppp_match.listings.forms import FORMS, ListingForm, initial
from ppp_match.listings.models import Listing
from ppp_match.listings.steps import ALL, REVIEW
from ppp_match.permissions import can
from ppp_match.web import current_actor, found_or_404, once, page_lang, requires


def asked_step(kind: str, listing: Listing | None = None) -> str:
    """The step that the address names. Without one a page opens where work waits, and a form sent is the whole one."""
    asked = request.args.get("step", "")
    if steps.known(kind, asked):
        return asked
    return ALL if request.method == "POST" else steps.first_step(kind, listing)


@blueprint.route(f"{PATH}/new", methods=["GET", "POST"])
@once
@requires("listing.mine")
def new(kind: str) -> Any:
    """A new draft for the organisation one acts for. The first save makes it."""
    actor = current_actor()
    if not can(actor, f"{KIND[kind]}.create"):
        abort(403)
    start, step = page_lang(), asked_step(KIND[kind])
    step = steps.codes(KIND[kind])[0] if step == REVIEW else step
    form = FORMS[KIND[kind]](start, step=step, data={"lang": start})
    then = request.form.get("then", "save")
    if request.method == "GET" or then == "preview":
        return form_page(form, preview=then == "preview")
    form.prefill()
    if not _accepted(form, then, first=True):
        return form_page(form), 422
    organisation = found_or_404(db.session.get(Organisation, actor.organisation_id))
    listing = operations.create_listing(
        KIND[kind], organisation=organisation, lang=form.lang.data, actor=actor
    )
    return _save(listing, form, then)


@blueprint.route(f"{PATH}/<uuid:id>/edit", methods=["GET", "POST"])
@requires("listing.edit")
def edit(kind: str, id: uuid.UUID) -> Any:
    """The form of an existing listing. A stale one leads to the page of conflicts, which loses nothing."""
    if request.method == "POST":
        queries.lock(id)
    listing = own_listing(kind, id)
    if not operations.is_editable(listing):
        flash(_("This text cannot be edited now. Recall it first if it waits for review."), "error")
        return redirect(address_of(listing), 303)
    posted = conflicts.resolved(request.form)
    typed = posted if request.method == "POST" else None  # an empty form would be read as "nothing is chosen"
    form = form_of(listing, asked_step(listing.kind, listing), typed)
    if request.method == "GET":
        form.version.data = token_of(listing)
        return form_page(form, listing)
    then = request.form.get("then", "save")
    if then == "preview":
        return form_page(form, listing, preview=True)
    if _is_stale(form, listing):
        form.validate()
        return conflict_page(form, listing, posted), 409
    if form.step == REVIEW:
        return _send(listing, form) if then == "submit" else redirect(_onwards(listing, form, then), 303)
    form.prefill()
    if not _accepted(form, then, first=listing.published_at is None):
        return form_page(form, listing), 422
    return _save(listing, form, then)


@blueprint.post(f"{PATH}/<uuid:id>/autosave")
@requires("listing.edit")
def autosave(kind: str, id: uuid.UUID) -> Any:
    """What the form's script sends after a pause: keeps what can be kept, answers what became of it.

    A published text is left alone until its owner has saved a change by hand.
    """
    queries.lock(id)
    listing = own_listing(kind, id)
    if not saves_by_itself(listing):
        message = _("This text is not saved by itself. Press Save when you are done.")
        return _answer(200, state="off", message=message)
    form = form_of(listing, asked_step(listing.kind, listing), request.form)
    if _is_stale(form, listing):
        message = _(
            "Somebody else has saved this text. Press Save to see both versions; nothing you typed is lost."
        )
        return _answer(409, state="conflict", message=message)
    actor = current_actor()
    form.validate()
    if not form.lang.errors:
        operations.change_language(listing, form.lang.data, actor=actor)
    operations.save_listing(listing, form.storable(), lang=listing.edited.lang, actor=actor)
    db.session.flush()
    message = _("Saved %(time)s", time=timefmt(now()))
    if form.errors:
        message = _("Saved %(time)s, without what needs correcting", time=timefmt(now()))
    return _answer(
        200,
        state="saved",
        message=message,
        version=token_of(listing),
        errors={steps.anchor(listing.kind, name): _flat(found) for name, found in form.errors.items()},
        notes={name: [text for _look, text in found] for name, found in field_notes(form).items()},
        help=help_of(listing, form.step),
    )


def _answer(status: int, **content: Any) -> Response:
    answer = jsonify(content)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _flat(errors: Any) -> list[str]:
    """The words of errors, however deep a list of rows holds them."""
    if isinstance(errors, dict):
        return [word for inner in errors.values() for word in _flat(inner)]
    if isinstance(errors, (list, tuple)):
        return [word for inner in errors for word in _flat(inner)]
    return [str(errors)]


def token_of(listing: Listing) -> str:
    """The version of a listing and its newest event, as a form carries them."""
    return f"{listing.version}.{queries.last_event(listing)}"


def form_of(listing: Listing, step: str, typed: Any = None) -> ListingForm:
    """The form of a listing, or of one step of it, filled with what was typed or else with what it says."""
    form = FORMS[listing.kind](page_lang(), step=step, formdata=typed, data=initial(listing))
    form.lang.choices = [one for one in form.lang.choices if one[0] not in listing.edited.begun_langs]
    return form


def _is_stale(form: ListingForm, listing: Listing) -> bool:
    return _version_seen(form) != str(listing.version)


def _version_seen(form: ListingForm) -> str:
    return (form.version.data or "").partition(".")[0]


def conflict_page(form: ListingForm, listing: Listing, posted: Any) -> str:
    """What others saved since a form was opened, beside what was typed, to choose from."""
    lang = page_lang()
    conflict = conflicts.conflict_of(
        listing,
        form,
        posted,
        seen=_version_seen(form),
        values=form.values(),
        current_form=form_of(listing, form.step),
        lang=lang,
    )
    return render_template(
        "listings/conflict.html",
        listing=listing,
        kind=listing.kind,
        conflict=conflict,
        version=token_of(listing),
        step=form.step,
    )


def _accepted(form: ListingForm, then: str, *, first: bool) -> bool:
    sending = then == "submit" and form.step == ALL
    if not form.validate():
        if sending:
            form.check_complete(first=first)
        return False
    return not sending or form.check_complete(first=first)


def _save(listing: Listing, form: ListingForm, then: str) -> Response:
    actor = current_actor()
    operations.change_language(listing, form.lang.data, actor=actor)
    operations.save_listing(listing, form.values(), lang=form.lang.data, actor=actor)
    if form.prefilled:
        flash(
            _(
                "Focus area and group were filled in from the sectors you chose. Change them if they do not fit."
            ),
            "info",
        )
    if then == "submit" and form.step == ALL:
        return _send(listing, form)
    flash(_("Saved."), "success")
    return redirect(_onwards(listing, form, then), 303)


def _onwards(listing: Listing, form: ListingForm, then: str) -> str:
    """Where the button leads: the next step, the one before, a named one, or here again."""
    kind, step = listing.kind, form.step
    if then == "back":
        step = steps.neighbour(kind, step, -1)
    elif then == "next":
        step = steps.neighbour(kind, step, 1)
    elif then == "submit":
        step = REVIEW
    elif then.startswith("go-") and steps.known(kind, then[3:]):
        step = then[3:]
    return address_of(listing, "listings.edit", step=step)


def something_alike(listing: Listing) -> bool:
    """Whether a draft should be looked at beside what is like it first; not again once that was done."""
    if listing.state != "draft" or request.form.get("considered") == "y":
        return False
    return bool(likeness.like(listing, drafts=True))


def _send(listing: Listing, form: ListingForm) -> Any:
    """Send it to the moderators, unless something is missing or may be contact data that nobody has looked at."""
    if not operations.has_news(listing):
        flash(_("Nothing has changed, so nothing was sent."), "info")
        return redirect(address_of(listing), 303)
    confirmed = request.form.get("no_contact_data") == "y"
    if form.step == ALL and public_text.findings(listing.edited) and not confirmed:
        flash(_("Saved, but not sent yet: look at the places that may hold contact data."), "error")
        return redirect(address_of(listing, "listings.edit", step=REVIEW), 303)
    lacking = lacking_words(listing)
    if lacking or (public_text.findings(listing.edited) and not confirmed):
        form.version.data = token_of(listing)
        return form_page(form, listing, tried=True), 422
    if something_alike(listing):
        seen = {"no_contact_data": "y"} if confirmed else {}
        return redirect(address_of(listing, "listings.before_sending", **seen), 303)
    operations.submit_listing(listing, actor=current_actor(), contact_confirmed=confirmed)
    flash(_("Sent to the forum. A moderator reads it and answers here."), "success")
    return redirect(address_of(listing), 303)
