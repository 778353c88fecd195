"""Pages of one's own draft of the lexicon: put entries in, take them out, see what it would do, save it as a version."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.models import Listing
from ppp_match.matching.bilingual import Change
from ppp_match.matching.lexicon_lint import KINDS
from ppp_match.notifications.paging import Page, number_of
from ppp_match.refusals import words_of
from ppp_match.steering import lexicon_book, lexicon_drafts, lexicon_preview, versions
from ppp_match.steering.blueprint import blueprint
from ppp_match.steering.forms import GRADE_NAMES
from ppp_match.steering.lexicon_files import csv_file, lines_of_changes
from ppp_match.steering.lexicon_forms import ChangeForm, DraftForm, EntryForm, SaveForm
from ppp_match.steering.lexicon_models import LexiconDraft, LexiconPreview
from ppp_match.steering.lexicon_views import own_draft
from ppp_match.steering.lexicon_words import (
    KIND_NAMES,
    SIDE_NAMES,
    finding_words,
    sector_choices,
    sector_words,
)
from ppp_match.steering.models import JudgedPair
from ppp_match.steering.versions_views import row_name
from ppp_match.web import current_actor, once, page_lang, requires

NEEDS_A_PAGE = 10
LATE = timedelta(minutes=10)  # after so long, a preview that is not there means that no worker runs
NO_VERSION = 0


@blueprint.route("/review/lexicon/add", methods=["GET", "POST"])
@requires("lexicon.edit")
@once
def lexicon_add() -> Any:
    """Put an entry into one's draft; what the linter has against it stands beside the field."""
    kind = request.values.get("kind", "")
    kind = kind if kind in KINDS else "pair"
    draft = own_draft()
    form = EntryForm(
        data={"version": _version(draft), "one": request.args.get("one", ""), "sector": "general"}
    )
    form.sector.choices = sector_choices(page_lang())
    form.one.label.text, form.other.label.text = SIDE_NAMES[kind]
    refusal = ""
    if request.method == "POST" and form.validate_on_submit():
        entry = Change("add", kind, form.one.data, form.other.data, form.sector.data)
        try:
            findings = lexicon_drafts.put_in(entry, actor=current_actor(), version=form.draft_version)
        except NotPermitted:
            raise
        except Refused as refused:
            refusal = _told(refused)
            form.version.data = _version(own_draft())  # what is typed can be sent once more
        else:
            if not findings:
                flash(_("In your draft: %(entry)s", entry=entry.label), "success")
                return redirect(url_for("steering.lexicon_draft"), 303)
            for finding in findings:
                field = form[finding.side]
                field.errors = [*field.errors, finding_words(finding)]
    page = render_template(
        "steering/lexicon_add.html", form=form, kind=kind, kind_names=KIND_NAMES, refusal=refusal
    )
    return page if request.method == "GET" else (page, 409 if refusal else 422)


@blueprint.post("/review/lexicon/remove")
@requires("lexicon.edit")
def lexicon_remove() -> Any:
    """Put the removal of an entry into one's draft."""
    form = ChangeForm()
    entry = Change("remove", form.kind.data or "", form.one.data or "", form.other.data or "")
    book = lexicon_book.book_of(lexicon_drafts.lexicon_of(versions.active()))
    line = book.find(entry.kind, entry.one, entry.other)
    if line is not None:  # written as it stands, so that a spreadsheet shows the same words
        entry = line.entry._replace(action="remove")
    try:
        lexicon_drafts.put_in(entry, actor=current_actor(), version=form.draft_version)
    except Refused as refused:
        return _back(refused)
    flash(_("In your draft: %(entry)s is removed", entry=entry.label), "success")
    return redirect(url_for("steering.lexicon_draft"), 303)


@blueprint.post("/review/lexicon/draft/take-out")
@requires("lexicon.edit")
def lexicon_take_out() -> Any:
    """Take a change out of one's draft."""
    form = ChangeForm()
    change = Change(form.action.data or "", form.kind.data or "", form.one.data or "", form.other.data or "")
    try:
        lexicon_drafts.take_out(change, actor=current_actor(), version=form.draft_version)
    except Refused as refused:
        return _back(refused)
    flash(_("Taken out of your draft: %(entry)s", entry=change.label), "success")
    return redirect(url_for("steering.lexicon_draft"), 303)


@blueprint.post("/review/lexicon/draft/discard")
@requires("lexicon.edit")
def lexicon_discard() -> Any:
    """Empty one's draft."""
    try:
        lexicon_drafts.discard(actor=current_actor(), version=DraftForm().draft_version)
    except Refused as refused:
        return _back(refused)
    flash(_("The draft is discarded."), "success")
    return redirect(url_for("steering.lexicon"), 303)


@blueprint.post("/review/lexicon/draft/up-to-date")
@requires("lexicon.edit")
def lexicon_rebase() -> Any:
    """Let one's draft stand on what ranks now; what does not apply any more is named and left out."""
    try:
        left = lexicon_drafts.bring_up_to_date(actor=current_actor(), version=DraftForm().draft_version)
    except Refused as refused:
        return _back(refused)
    if left:
        flash(
            _("The draft is up to date. Left out, since it does not apply any more: %(entries)s")
            % {"entries": "; ".join(one.change.label for one in left)},
            "info",
        )
    else:
        flash(_("The draft is up to date; every change still applies."), "success")
    return redirect(url_for("steering.lexicon_draft"), 303)


@blueprint.route("/review/lexicon/draft", methods=["GET", "POST"])
@requires("lexicon.edit")
@once
def lexicon_draft() -> Any:
    """One's draft: its changes, whether each applies, how its preview stands; sent, it is saved as a version."""
    draft = own_draft()
    if request.args.get("format") == "csv" and request.method == "GET":
        changes = draft.entries if draft is not None else ()
        return csv_file("lexicon-draft", lines_of_changes(changes))
    form = SaveForm(data={"version": _version(draft)})
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                made = lexicon_drafts.save(
                    actor=current_actor(),
                    version=form.draft_version,
                    name=form.name.data,
                    note=form.note.data or "",
                )
            except NotPermitted:
                raise
            except Refused as refused:
                refusal, status = _told(refused), 409
                draft = own_draft()
                form.version.data = _version(draft)
            else:
                flash(_("The version is offered. It is measured on the judged set now."), "success")
                return redirect(url_for("steering.version", id=made.id), 303)
    active = versions.active()
    changes = draft.entries if draft is not None else ()
    page = render_template(
        "steering/lexicon_draft.html",
        draft=draft,
        version=_version(draft),
        checked=lexicon_drafts.checked(changes, lexicon_drafts.lexicon_of(active)) if changes else [],
        behind=draft is not None and lexicon_drafts.is_behind(draft, active),
        active=active,
        preview=draft.preview if draft is not None else None,
        fresh=draft is not None and lexicon_drafts.is_fresh(draft.preview, draft, active),
        form=form,
        refusal=refusal,
        kind_names=KIND_NAMES,
        finding_words=finding_words,
        sector_words=lambda code: sector_words(code, page_lang()),
    )
    return page, status


@blueprint.route("/review/lexicon/draft/preview", methods=["GET", "POST"])
@requires("lexicon.edit")
def lexicon_draft_preview() -> Any:
    """What one's draft would do to the rankings; sent, the worker is asked to find out."""
    if request.method == "POST":
        try:
            lexicon_drafts.ask_preview(actor=current_actor(), version=DraftForm().draft_version)
        except Refused as refused:
            return _back(refused)
        return redirect(url_for("steering.lexicon_draft_preview"), 303)
    draft, active = own_draft(), versions.active()
    preview = draft.preview if draft is not None else None
    results = preview.results if preview is not None else {}
    page = _needs_page(results.get("needs", []), number_of(request.args.get("page")))
    return render_template(
        "steering/lexicon_preview.html",
        draft=draft,
        version=_version(draft),
        preview=preview,
        results=results,
        page=page,
        listings=_listings(page.rows),
        behind=draft is not None and lexicon_drafts.is_behind(draft, active),
        fresh=draft is not None and lexicon_drafts.is_fresh(preview, draft, active),
        judged_since=_judged_since(preview),
        late=preview is not None and preview.state == "asked" and now() - preview.asked_at > LATE,
        few=lexicon_preview.FEW,
        row_name=row_name,
        grade_names=GRADE_NAMES,
    )


def _back(refused: Refused) -> Any:
    """To the draft with what happened; what one may not do at all is told by the page for that."""
    if isinstance(refused, NotPermitted):
        raise refused
    db.session.rollback()
    flash(_told(refused), "error")
    return redirect(url_for("steering.lexicon_draft"), 303)


def _told(refused: Refused) -> str:
    if refused.code == "stale":
        return str(
            _(
                "Your draft was changed in another window since you opened this page. Look at it and send again."
            )
        )
    return words_of(refused.code)


def _version(draft: LexiconDraft | None) -> int:
    return draft.version if draft is not None else NO_VERSION


def _needs_page(rows: list[dict[str, Any]], number: int) -> Page:
    pages = max(1, -(-len(rows) // NEEDS_A_PAGE))
    number = min(number, pages)
    shown = rows[(number - 1) * NEEDS_A_PAGE : number * NEEDS_A_PAGE]
    first = (number - 1) * NEEDS_A_PAGE + 1 if shown else 0
    return Page(
        shown,
        number,
        pages,
        len(rows),
        first,
        first + len(shown) - 1 if shown else 0,
        lambda other: url_for("steering.lexicon_draft_preview", page=other),
    )


def _listings(rows: list[dict[str, Any]]) -> dict[str, Listing]:
    """The needs and capabilities of these rows, by their identifiers."""
    ids = {row["need"] for row in rows} | {one["capability"] for row in rows for one in row["places"]}
    found = db.session.scalars(
        select(Listing)
        .where(Listing.id.in_([uuid.UUID(one) for one in sorted(ids)]))
        .options(joinedload(Listing.live))
    )
    return {str(one.id): one for one in found}


def _judged_since(preview: LexiconPreview | None) -> bool:
    """Whether somebody judged a pair since the preview was worked out."""
    if preview is None or preview.state != "done":
        return False
    newest = db.session.scalar(select(func.max(JudgedPair.changed_at)))
    return newest is not None and preview.done_at is not None and newest > preview.done_at
