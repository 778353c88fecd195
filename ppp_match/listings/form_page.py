"""What a page of a listing's form shows: its fields with remarks and notes, its steps, the coach, the review.

No route and no change of data: `form_views.py` decides, this module lays out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from ppp_match.db import today
from ppp_match.formats import moneyfmt
from ppp_match.listings import labels, operations, presentation, public_text, steps
from ppp_match.listings.amounts import Amount
from ppp_match.listings.coach import coach_of
from ppp_match.listings.contact_data import find
from ppp_match.listings.examples import examples_for
from ppp_match.listings.fields import Field, field_of, fields_of, required_now, stored_value
from ppp_match.listings.forms import ListingForm, what_lacks
from ppp_match.listings.models import Listing
from ppp_match.listings.money_entry import AmountField, echo
from ppp_match.listings.revisions import references_of
from ppp_match.listings.steps import ALL, REVIEW, asked_once
from ppp_match.phrases.finding import find as find_phrases
from ppp_match.phrases.finding import phrases
from ppp_match.phrases.words import pointer
from ppp_match.web import page_lang


def form_page(
    form: ListingForm,
    listing: Listing | None = None,
    *,
    preview: bool = False,
    tried: bool = False,
) -> str:
    """One step of the form, or all of it. `tried`: sending was refused."""
    kind, lang = form.kind, page_lang()
    remarks: dict[str, list[dict[str, Any]]] = {}
    for remark in listing.open_remarks if listing else []:
        name = steps.ASKED_AS.get(remark.field, remark.field)
        remarks.setdefault(name, []).append({"text": remark.text, "at": remark.created_at})
    for name, notes in field_notes(form).items():
        form[name].notes = notes
    return render_template(
        "listings/edit.html",
        **_help(kind, listing, form.step),
        form=form,
        sections=sections(kind, form.step),
        words={
            name: labels.words(kind, name)
            for name in asked_once(steps.fields_on(kind, form.step))
            if name != "references"
        },
        needed=needed_names(kind, listing),
        remarks=remarks,
        preview=preview_of(form) if preview else None,
        may_preview=any(field.markdown for field in form.asked),
        by_itself=listing is None or saves_by_itself(listing),
        examples=examples_for(kind, form, listing, lang),
        review=review_of(listing, lang) if listing is not None and form.step == REVIEW else None,
        lacking=lacking_words(listing) if listing is not None and form.step == REVIEW else [],
        tried=tried,
    )


def help_of(listing: Listing, step: str) -> str:
    """Steps and coach beside the form, as the text now stands."""
    return render_template("listings/_help.html", **_help(listing.kind, listing, step))


def _help(kind: str, listing: Listing | None, step: str) -> dict[str, Any]:
    found = public_text.findings(listing.edited) if listing else []
    return {
        "kind": kind,
        "listing": listing,
        "step": step,
        "states": steps.states(kind, listing, findings=tuple(one.field for one in found)),
        "coach": coach_of(kind, listing),
        "anchor": lambda name: steps.anchor(kind, name),
        "step_of": lambda name: steps.step_of(kind, name),
        "findings": found,
    }


def saves_by_itself(listing: Listing) -> bool:
    """Whether the script may save: a draft, or a change of a published text that its owner has begun by hand."""
    begun = listing.state != "published" or listing.amendment is not None
    return operations.is_editable(listing) and begun


def sections(kind: str, step: str) -> list[tuple[str, Any, list[Field]]]:
    """The sections of a step: code, title, fields as they are asked."""
    made = []
    for code in steps.sections_of(kind, step):
        names = asked_once([field.name for field in fields_of(kind) if field.section == code])
        made.append((code, labels.SECTIONS[kind][code], [_asked(kind, code, name) for name in names]))
    return made


def _asked(kind: str, section: str, name: str) -> Field:
    return Field(name, section, "scalar") if name == "amount" else field_of(kind, name)


def needed_names(kind: str, listing: Listing | None) -> set[str]:
    """Fields that publication needs, given what the text says so far."""
    names = set()
    for name in steps.fields_on(kind, ALL):
        if name == "references":
            continue
        field = field_of(kind, name)
        if field.required or (listing is not None and required_now(field, kind, listing.edited)):
            names.add(steps.ASKED_AS.get(name, name))
    return names


def field_notes(form: ListingForm) -> dict[str, list[tuple[str, str]]]:
    """What the software read out of a field, (look, words): amounts in full, and what may be contact data."""
    notes: dict[str, list[tuple[str, str]]] = {}
    known = phrases()
    for name in asked_once([field.name for field in form.asked]):
        field = form[name]
        if isinstance(field, AmountField):
            amount = field.data
            if field.default_currency and amount.currency == field.default_currency:
                continue  # the currency stands at the budget
            found = [("info", words) for words in echo(amount)]
        elif isinstance(field.data, str) and field_of(form.kind, name).store in ("text", "scalar"):
            found = [
                ("warn", f"“{one.words}”: {presentation.finding_words(one.kind)}") for one in find(field.data)
            ]
            found += [("warn", pointer(one)) for one in find_phrases(field.data, known)]
        else:
            continue
        if found:
            notes[name] = found
    return notes


def preview_of(form: ListingForm) -> list[tuple[str, str]]:
    """(label, text) of the step's Markdown fields as typed; nothing is saved by looking."""
    return [
        (labels.label(form.kind, field.name), form[field.name].data or "")
        for field in form.asked
        if field.markdown
    ]


def lacking_words(listing: Listing) -> list[tuple[str, str, str]]:
    """What publication still needs: (field, step, what to do)."""
    revision, kind = listing.edited, listing.kind
    made = []
    for name in asked_once(revision.missing_fields()):
        held = None if name == "amount" else stored_value(field_of(kind, name), revision)
        made.append((name, steps.step_of(kind, _column(name)), what_lacks(kind, name, held)))
    last = revision.response_until
    if listing.published_at is None and last is not None and last < today():
        made.append(
            (
                "response_until",
                steps.step_of(kind, "response_until"),
                _("This day is over. Choose a later one."),
            )
        )
    return made


def _column(name: str) -> str:
    return "amount_max" if name == "amount" else name


@dataclass(frozen=True)
class Said:
    """One answer on the page that shows everything."""

    name: str
    label: str
    words: str
    text: bool
    markdown: bool
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def review_of(listing: Listing, lang: str) -> list[tuple[str, Any, list[Said]]]:
    """Everything that was said, step by step; what was left open is not repeated here."""
    kind = listing.kind
    made = []
    for code in steps.codes(kind)[:-1]:
        said = (_said(listing, name, lang) for name in asked_once(steps.fields_on(kind, code)))
        made.append((code, labels.STEPS[kind][code], [one for one in said if one is not None]))
    return made


def _said(listing: Listing, name: str, lang: str) -> Said | None:
    kind, revision = listing.kind, listing.edited
    if name == "amount":
        amount = Amount(revision.amount_min, revision.amount_max, revision.currency)
        words = presentation.money(revision)
        return (
            Said(name, labels.label(kind, name), words, False, False, notes=tuple(echo(amount)))
            if words
            else None
        )
    if name == "references":
        rows = tuple(
            " · ".join(str(row[key]) for key in ("client", "place", "year", "scope", "result") if row[key])
            for row in references_of(revision)
        )
        return Said(name, labels.label(kind, name), "", True, False, lines=rows) if rows else None
    field = field_of(kind, name)
    if field.store == "text":
        text = revision.text(name)
        lines = tuple(revision.lines(name)) if field.lines else ()
        return Said(name, labels.label(kind, name), text, True, field.markdown, lines=lines) if text else None
    if name in ("anonymous", "can_invest") and not getattr(revision, name):
        return None
    if name in ("financing_gap", "ticket_max"):
        value = getattr(revision, name)
        words = moneyfmt(value, None, revision.currency)
        return Said(name, labels.label(kind, name), words, False, False) if words else None
    words = presentation.value_words(kind, name, revision, lang)
    return Said(name, labels.label(kind, name), words, False, False) if words else None
