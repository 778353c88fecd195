"""Pages to look things up in the lexicon that ranks: the search, one entry, the lexicon as a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for

from ppp_match.matching.bilingual import Change
from ppp_match.notifications.paging import Page, number_of
from ppp_match.permissions import can
from ppp_match.steering import lexicon_book, lexicon_drafts, versions
from ppp_match.steering.blueprint import blueprint
from ppp_match.steering.lexicon_files import csv_file, lines_of, lines_of_changes
from ppp_match.steering.lexicon_forms import ChangeForm
from ppp_match.steering.lexicon_models import LexiconDraft
from ppp_match.steering.lexicon_words import KIND_NAMES, SIDE_NAMES, sector_choices, sector_words
from ppp_match.web import current_actor, found_or_404, page_lang, requires

PAGE = 50


@blueprint.get("/review/lexicon")
@requires("lexicon.read")
def lexicon() -> Any:
    """Entries of the lexicon that ranks, found by a word of either language; or all of it as a file."""
    active = versions.active()
    form = request.args.get("format")
    book = lexicon_book.book_of(lexicon_drafts.lexicon_of(active))
    if form == "csv":
        return csv_file("lexicon", lines_of(book.lines))
    if form == "changes":
        return csv_file("lexicon-changes", lines_of_changes(versions.changes_of(active)))
    asked = lexicon_book.read_asked(request.args)
    draft = own_draft()
    return render_template(
        "steering/lexicon.html",
        page=_page(book.search(asked), asked),
        asked=asked,
        total=len(book.lines),
        changes=len(versions.changes_of(active)),
        active=active,
        draft=draft,
        drafted=_drafted(draft),
        kind_names=KIND_NAMES,
        sector_choices=sector_choices(page_lang()),
        sector_words=lambda code: sector_words(code, page_lang()),
    )


@blueprint.get("/review/lexicon/entry")
@requires("lexicon.read")
def lexicon_entry() -> str:
    """One entry, and in how many published needs and capabilities its terms stand."""
    book = lexicon_book.book_of(lexicon_drafts.lexicon_of(versions.active()))
    kind, one, other = (request.args.get(name, "") for name in ("kind", "one", "other"))
    line: lexicon_book.Line = found_or_404(book.find(kind, one, other))
    draft = own_draft()
    entry = line.entry
    return render_template(
        "steering/lexicon_entry.html",
        line=line,
        entry=entry,
        held=lexicon_book.held_by([entry.one, entry.other]),
        others=_with_the_same_words(book, entry),
        draft=draft,
        removed=_drafted(draft)(entry) == "remove",
        form=ChangeForm(),
        kind_names=KIND_NAMES,
        side_names=SIDE_NAMES[entry.kind],
        sector_words=lambda code: sector_words(code, page_lang()),
    )


def own_draft() -> LexiconDraft | None:
    """The reader's draft, if they may have one."""
    actor = current_actor()
    return lexicon_drafts.draft_of(actor) if can(actor, "lexicon.edit") else None


def _with_the_same_words(book: lexicon_book.EntryBook, entry: Change) -> list[lexicon_book.Line]:
    """Other entries that share a side with this one: what else the matcher reads these words as."""
    found: dict[int, lexicon_book.Line] = {}
    forms = {lexicon_book.form_of(entry.one), lexicon_book.form_of(entry.other)}
    for line in book.lines:
        if line.entry != entry and forms & set(line.forms):
            found[id(line)] = line
    return list(found.values())


def _drafted(draft: LexiconDraft | None) -> Callable[[Change], str | None]:
    """Tells of an entry what the draft does to it."""
    found = {lexicon_drafts.identity(one): one.action for one in draft.entries} if draft is not None else {}
    return lambda entry: found.get(lexicon_drafts.identity(entry))


def _page(lines: list[lexicon_book.Line], asked: lexicon_book.Asked) -> Page:
    total = len(lines)
    pages = max(1, -(-total // PAGE))
    page = min(number_of(request.args.get("page")), pages)
    rows = lines[(page - 1) * PAGE : page * PAGE]
    first = (page - 1) * PAGE + 1 if rows else 0
    return Page(
        rows,
        page,
        pages,
        total,
        first,
        first + len(rows) - 1 if rows else 0,
        lambda number: url_for("steering.lexicon", **asked.arguments, page=number),
    )
