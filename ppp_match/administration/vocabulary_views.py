"""Pages of the sectors and the vocabularies, for administrators: lists, edit, add, retire and offer again."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from ppp_match.administration import vocabulary_operations as operations
from ppp_match.administration import vocabulary_queries as queries
from ppp_match.administration.blueprint import blueprint
from ppp_match.administration.forms import NewSectorForm, NewTermForm, OfferForm, SectorForm, TermForm
from ppp_match.administration.words import vocabulary_name
from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.refusals import words_of
from ppp_match.vocabularies import Sector, Term
from ppp_match.web import current_actor, found_or_404, once, requires


@blueprint.get("/admin/taxonomy")
@requires("taxonomy.manage")
def taxonomy() -> str:
    rows = queries.all_sectors()
    return render_template(
        "administration/taxonomy.html",
        sectors=[(row, [one for one in rows if one.parent == row.code]) for row in rows if not row.parent],
        uses=queries.uses("sector"),
        vocabularies=sorted(
            (str(vocabulary_name(code)), code, many) for code, many in queries.vocabularies().items()
        ),
    )


@blueprint.get("/admin/taxonomy/<vocabulary>")
@requires("taxonomy.manage")
def vocabulary(vocabulary: str) -> str:
    rows = found_or_404(queries.terms_of(vocabulary) or None)
    return render_template(
        "administration/vocabulary.html",
        vocabulary=vocabulary,
        name=vocabulary_name(vocabulary),
        terms=rows,
        uses=queries.uses(vocabulary),
        may_add=vocabulary in operations.GROWING,
    )


@blueprint.route("/admin/taxonomy/sectors/<code>", methods=["GET", "POST"])
@requires("taxonomy.manage")
def sector(code: str) -> Any:
    return _edit(found_or_404(queries.sector(code)), SectorForm)


@blueprint.route("/admin/taxonomy/<vocabulary>/<path:code>", methods=["GET", "POST"])
@requires("taxonomy.manage")
def term(vocabulary: str, code: str) -> Any:
    return _edit(found_or_404(queries.term(vocabulary, code)), TermForm)


@blueprint.post("/admin/taxonomy/offer/sectors/<code>")
@requires("taxonomy.manage")
def offer_sector(code: str) -> Any:
    return _offer(found_or_404(queries.sector(code)), SectorForm)


@blueprint.post("/admin/taxonomy/offer/<vocabulary>/<path:code>")
@requires("taxonomy.manage")
def offer_term(vocabulary: str, code: str) -> Any:
    return _offer(found_or_404(queries.term(vocabulary, code)), TermForm)


@blueprint.route("/admin/taxonomy/add/sectors/<code>", methods=["GET", "POST"])
@once
@requires("taxonomy.manage")
def new_sector(code: str) -> Any:
    parent: Sector = found_or_404(queries.sector(code))
    if parent.parent is not None:
        abort(404)
    form = NewSectorForm()
    if form.validate_on_submit():
        try:
            operations.add_sub_sector(
                parent,
                form.code.data or "",
                form.texts(),
                reason=form.reason.data or "",
                actor=current_actor(),
            )
        except Refused as refused:
            return _not_added(refused, form, parent=parent)
        flash(_("Added. Forms offer it from now on."), "success")
        return redirect(url_for(".taxonomy", _anchor=parent.code), 303)
    return _new(form, parent=parent), 422 if form.errors else 200


@blueprint.route("/admin/taxonomy/add/<vocabulary>", methods=["GET", "POST"])
@once
@requires("taxonomy.manage")
def new_term(vocabulary: str) -> Any:
    if vocabulary not in operations.GROWING:
        abort(404)
    form = NewTermForm()
    if form.validate_on_submit():
        try:
            operations.add_term(
                vocabulary,
                form.code.data or "",
                form.texts(),
                reason=form.reason.data or "",
                actor=current_actor(),
            )
        except Refused as refused:
            return _not_added(refused, form, vocabulary=vocabulary)
        flash(_("Added. Forms offer it from now on."), "success")
        return redirect(url_for(".vocabulary", vocabulary=vocabulary), 303)
    return _new(form, vocabulary=vocabulary), 422 if form.errors else 200


def _new(form: Any, *, parent: Sector | None = None, vocabulary: str = "") -> str:
    return render_template(
        "administration/new_entry.html",
        form=form,
        parent=parent,
        vocabulary=vocabulary,
        name=vocabulary_name(vocabulary) if vocabulary else "",
    )


def _not_added(refused: Refused, form: Any, **where: Any) -> tuple[str, int]:
    """A code that cannot be had: the word stands beside its field."""
    if refused.code not in ("code_taken", "code_unfit"):
        raise refused
    form.code.errors = [words_of(refused.code)]
    return _new(form, **where), 422


def _edit(entry: Sector | Term, kind: type[SectorForm] | type[TermForm]) -> Any:
    places = [one.code for one in queries.siblings(entry)]
    form = kind(obj=entry, places=len(places))
    if request.method == "GET":
        form.version.data, form.reason.data = str(entry.version), ""
        form.place.data = places.index(entry.code) + 1
        return _page(entry, form, OfferForm(formdata=None))
    if not form.validate():
        return _page(entry, form, OfferForm(formdata=None)), 422
    try:
        changed = operations.edit_entry(
            entry,
            form.texts(),
            place=form.place.data or 1,
            reason=form.reason.data or "",
            version=form.seen_version(),
            actor=current_actor(),
        )
    except (Refused, StaleDataError) as refused:
        return _stale(refused, entry, form, OfferForm(formdata=None))
    flash(
        _("Saved. Every page shows it within seconds.") if changed else _("Nothing was changed."), "success"
    )
    return redirect(_list_of(entry), 303)


def _offer(entry: Sector | Term, kind: type[SectorForm] | type[TermForm]) -> Any:
    """Two buttons: retire, or offer again."""
    step, form = request.form.get("do", ""), OfferForm()
    verbs = {"retire": operations.retire, "restore": operations.restore}
    if step not in verbs:
        abort(400)
    places = [one.code for one in queries.siblings(entry)]
    above = kind(formdata=None, obj=entry, places=len(places))
    above.version.data, above.place.data = str(entry.version), places.index(entry.code) + 1
    if not form.validate():
        return _page(entry, above, form), 422
    try:
        verbs[step](entry, reason=form.reason.data or "", version=form.seen_version(), actor=current_actor())
    except (Refused, StaleDataError) as refused:
        if isinstance(refused, Refused) and refused.code == "last_offered":
            form.reason.errors = [words_of(refused.code)]
            return _page(entry, above, form), 409
        return _stale(refused, entry, above, form)
    flash(
        _("Forms do not offer it any more. What uses it keeps it.")
        if step == "retire"
        else _("Forms offer it again."),
        "success",
    )
    return redirect(_list_of(entry), 303)


def _used(entry: Sector | Term) -> int | None:
    """How many listings use it; of a sector nothing is said, since listings name sub-sectors."""
    if isinstance(entry, Term):
        return queries.uses(entry.vocabulary).get(entry.code, 0)
    return queries.uses("sector").get(entry.code, 0) if entry.parent else None


def _list_of(entry: Sector | Term) -> str:
    if isinstance(entry, Sector):
        return url_for(".taxonomy", _anchor=entry.parent or entry.code)
    return url_for(".vocabulary", vocabulary=entry.vocabulary)


def _stale(refused: Exception, entry: Sector | Term, form: Any, offer: OfferForm) -> tuple[str, int]:
    """Somebody saved first: what was typed, what is stored now; sending again saves on top of that."""
    if isinstance(refused, Refused) and refused.code != "stale":
        raise refused
    sub = isinstance(entry, Sector)
    key = entry.code if isinstance(entry, Sector) else (entry.vocabulary, entry.code)
    db.session.rollback()
    now: Sector | Term = found_or_404(db.session.get(Sector if sub else Term, key))
    for shown in (form, offer):
        shown.version.data = str(now.version)
    place = [one.code for one in queries.siblings(now)].index(now.code) + 1
    stored = [
        (form[name].label.text, getattr(now, name), typed)
        for name, typed in form.texts().items()
        if getattr(now, name) != typed
    ]
    if form.place.data != place:
        stored.append((form.place.label.text, str(place), str(form.place.data or "")))
    return _page(now, form, offer, stored), 409


def _page(
    entry: Sector | Term,
    form: Any,
    offer: OfferForm,
    stored: list[tuple[str, str, str]] | None = None,
) -> str:
    offer.reason.id = "offer-reason"  # two forms on one page ask for a reason
    if not offer.is_submitted() or offer.version.data is None:
        offer.version.data = str(entry.version)
    sub = isinstance(entry, Sector)
    return render_template(
        "administration/entry.html",
        entry=entry,
        form=form,
        offer=offer,
        stored=stored,
        used=_used(entry),
        may_retire=operations.may_retire(entry),
        list_url=_list_of(entry),
        list_name=_("Sectors and vocabularies")
        if isinstance(entry, Sector)
        else vocabulary_name(entry.vocabulary),
        save_url=url_for(".sector", code=entry.code)
        if isinstance(entry, Sector)
        else url_for(".term", vocabulary=entry.vocabulary, code=entry.code),
        offer_url=url_for(".offer_sector", code=entry.code)
        if isinstance(entry, Sector)
        else url_for(".offer_term", vocabulary=entry.vocabulary, code=entry.code),
        is_sector=sub,
    )
