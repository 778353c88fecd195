"""The page on which an owner writes the second language of a listing, and what other pages show of languages."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.config import Settings
from ppp_match.listings import labels, operations, queries
from ppp_match.listings.blueprint import PATH, address_of, own_listing
from ppp_match.listings.fields import SECTIONS
from ppp_match.listings.language_forms import LanguageForm, language_form
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.reading import Reading
from ppp_match.listings.second_language import (
    LANGUAGES,
    addable,
    check_words,
    field_states,
    language_name,
    progress,
    proposals,
)
from ppp_match.web import address_with, current_actor, glosses_wanted, page_lang, requires

blueprint = Blueprint("languages", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Hang the page on the application, and what other rooms' templates ask about languages."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        reading_of=reading_of,
        addable_languages=addable,
        language_name=language_name,
        glosses_wanted=glosses_wanted,
        gloss_url=lambda on: address_with(gloss="1" if on else "0"),
        alternates_of=alternates_of,
    )


def reading_of(revision: Revision, text_lang: str) -> Reading:
    """The revision as the reader of this request gets it."""
    return Reading(revision, text_lang, page_lang(), glossed=glosses_wanted())


def alternates_of(listing: Listing) -> list[tuple[str, str]]:
    """(language, address) of the page in each language that its text is offered in, for search engines."""
    offered = [code for code in listing.shown.langs if code in LANGUAGES]
    if len(offered) < 2:
        return []
    found = [(code, address_of(listing, lang=code, _external=True)) for code in sorted(offered)]
    return [*found, ("x-default", address_of(listing, _external=True))]


@blueprint.route(f"{PATH}/<uuid:id>/languages/<code>", methods=["GET", "POST"])
@requires("listing.edit")
def edit(kind: str, id: uuid.UUID, code: str) -> Any:
    """The original beside its second language, with the lexicon's terms. Nothing is translated by the software."""
    listing = own_listing(kind, id)
    if code not in LANGUAGES:
        abort(404)
    if not operations.is_editable(listing):
        flash(_("This text cannot be edited now. Recall it first if it waits for review."), "error")
        return redirect(address_of(listing), 303)
    if code == listing.edited.lang:
        flash(_("The text was first written in this language: change it in the form."), "info")
        return redirect(address_of(listing, "listings.edit"), 303)
    form = language_form(listing.kind, field_states(listing.edited, code, listing.live))
    token = f"{listing.version}.{queries.last_event(listing)}"
    if request.method == "GET":
        form.version.data = token
        return language_page(listing, code, form)
    typed_version, _dot, seen = (form.version.data or "").partition(".")
    if typed_version != str(listing.version):
        form.validate()
        form.version.data = token
        since = queries.changes_since(listing, int(seen) if seen.isdecimal() and len(seen) < 16 else 0)
        return language_page(listing, code, form, others=since), 409
    if not form.validate():
        return language_page(listing, code, form), 422
    return _save(listing, code, form)


def _save(listing: Listing, code: str, form: LanguageForm) -> Response:
    actor = current_actor()
    operations.save_listing(listing, form.values(), lang=code, actor=actor, confirmed=form.confirmed())
    here = url_for("languages.edit", kind=listing.path_kind, id=listing.id, code=code)
    if request.form.get("then") != "submit":
        flash(_("Saved."), "success")
        return redirect(here, 303)
    if operations.under_review(listing).refuse_incomplete():
        flash(
            _("Saved. The original still lacks some things; send it from the form, which names them."),
            "error",
        )
        return redirect(address_of(listing, "listings.edit"), 303)
    if not operations.has_news(listing):
        flash(_("Nothing has changed, so nothing was sent."), "info")
        return redirect(here, 303)
    operations.submit_listing(listing, actor=actor)
    flash(_("Sent to the forum. A moderator reads it and answers here."), "success")
    return redirect(address_of(listing), 303)


def language_page(listing: Listing, code: str, form: LanguageForm, *, others: Any = None) -> str:
    """The page with what was typed. `others`: what somebody else saved meanwhile."""
    revision, sectors = listing.edited, listing.edited.codes("sector")
    remarks: dict[str, list[dict[str, Any]]] = {}
    for remark in listing.open_remarks:
        remarks.setdefault(remark.field, []).append({"text": remark.text, "at": remark.created_at})
    sections = {name: [s for s in form.states if s.field.section == name] for name in SECTIONS[listing.kind]}
    return render_template(
        "listings/language.html",
        form=form,
        kind=listing.kind,
        listing=listing,
        code=code,
        revision=revision,
        sections=[
            (name, labels.SECTIONS[listing.kind][name], states) for name, states in sections.items() if states
        ],
        terms={
            state.name: proposals(state.original, revision.lang, state.text, code, sectors)
            for state in form.states
        },
        checks={
            state.name: [check_words(check) for check in state.checks(revision.lang, code)]
            for state in form.states
        },
        missing=[(state.name, form.entries(state.name)[0].id) for state in form.states if state.missing],
        lacking=[labels.label(listing.kind, name) for name in revision.lacking_in(code)],
        progress=progress(revision, code),
        remarks=remarks,
        others=others,
    )
