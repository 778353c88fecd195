"""Two people edit one listing: what each wrote beside what both started from, and the choice between them.

The form that comes too late is not thrown back: `conflict_of` compares, for each of its fields, the text when the
form was opened (from `saves.py`), what others have saved since, and what was typed. The page posts to the same
address with everything that was typed, and one choice a field; `resolved` turns that into an ordinary form, so
that a third save in between leads to the page again with nothing lost. Works for a form of all fields or of a few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, SelectMultipleField

from ppp_match.accounts.models import City
from ppp_match.db import now
from ppp_match.listings import labels, saves
from ppp_match.listings.content import (
    Content,
    budget_in_words,
    cities_of,
    content_of,
    items_in_words,
    same,
    typed,
    value_in,
    value_in_words,
)
from ppp_match.listings.differences import Part, diff_words
from ppp_match.listings.fields import field_of
from ppp_match.listings.merging import merged
from ppp_match.listings.models import Listing
from ppp_match.listings.models_addenda import ListingSave
from ppp_match.listings.steps import ASKED_AS, asked_once

CHOICES = ("theirs", "mine", "edit")
OURS = ("choose-", *(f"{choice}-" for choice in CHOICES))
NOT_CARRIED = ("csrf_token", "version", "then")
Pair = tuple[str, str]


@dataclass(frozen=True)
class Clash:
    """One field that others have saved since the form was opened.

    `was`, `theirs` and `mine` are words for the page (`was` is None where the base is not known any more),
    `theirs_raw` and `mine_raw` what a form would post. `edit` is the text to start from for writing both together,
    None for fields that are chosen, not written. `chosen` is the choice that is made unless the person says else.
    """

    name: str
    label: str
    lang: str | None
    was: str | None
    theirs: str
    mine: str
    theirs_parts: list[Part]
    mine_parts: list[Part]
    theirs_raw: list[Pair]
    mine_raw: list[Pair]
    edit: str | None
    chosen: str
    both: bool
    person: str | None
    at: Any


@dataclass(frozen=True)
class Conflict:
    """What the page shows: fields to choose in, fields that only this person changed, everything else typed."""

    clashes: list[Clash]
    only_mine: list[str]
    carried: list[Pair]
    people: list[tuple[str | None, Any]]


def conflict_of(
    listing: Listing,
    form: Any,
    posted: MultiDict[str, str],
    *,
    seen: str,
    values: Mapping[str, Any],
    current_form: Any,
    lang: str,
) -> Conflict:
    """Compare a late form with what was saved since.

    `form` holds what was typed (validated, so that it has its errors), `posted` the raw form, `seen` the version it
    was opened at, `values` what `form.values()` gives: all fields or some. `current_form` is a form of the listing
    as it stands, `lang` the reader's language.
    """
    current = content_of(listing.kind, listing.edited)
    known = seen.isascii() and seen.isdecimal() and len(seen) < 10
    since = saves.saves_since(listing, int(seen)) if known else []
    base = saves.taken_back(current, since) if known else None
    mine = typed(listing.kind, values, str(form.lang.data or current["lang"]))
    cities = cities_of([content for content in (base, current, mine) if content])
    names = asked_once(["lang", *values] if "lang" in posted else list(values))
    clashes, only_mine, settled = [], [], set()
    for name in names:
        if name not in form:
            continue
        ours = _value(mine, listing.kind, name)
        theirs = _value(current, listing.kind, name)
        was = _value(base, listing.kind, name) if base is not None else None
        unreadable = bool(form[name].errors) and not isinstance(form[name], FieldList)
        changed_here = was is None or unreadable or not same(ours, was)
        if was is not None and same(theirs, was):
            if changed_here:
                only_mine.append(_label(listing.kind, name))
            continue
        if same(ours, theirs) and not unreadable:
            continue
        settled.add(name)
        clashes.append(
            _clash(
                listing.kind,
                name,
                (was, theirs, ours),
                (base, current, mine),
                since,
                _raw_of(current_form[name], name),
                [(key, one) for key in posted if _is_of(key, name) for one in posted.getlist(key)],
                unreadable=unreadable,
                changed_here=changed_here,
                lang=lang,
                cities=cities,
            )
        )
    carried = [
        (key, one)
        for key in posted
        if not key.startswith(OURS)
        and key not in NOT_CARRIED
        and not any(_is_of(key, name) for name in settled)
        for one in posted.getlist(key)
    ]
    people: list[tuple[str | None, Any]] = list(
        dict.fromkeys((save.by.name if save.by else None, save.at) for save in since)
    )
    return Conflict(clashes, only_mine, carried, people or [(None, listing.changed_at or now())])


def _clash(
    kind: str,
    name: str,
    three: tuple[Any, Any, Any],
    contents: tuple[Content | None, Content, Content],
    since: Iterable[ListingSave],
    theirs_raw: list[Pair],
    mine_raw: list[Pair],
    *,
    unreadable: bool,
    changed_here: bool,
    lang: str,
    cities: Mapping[str, City],
) -> Clash:
    was, theirs, ours = three
    is_text = name not in ("lang", "references", "amount") and field_of(kind, name).store == "text"
    words = [
        _words(kind, name, value, content, lang, cities) if value is not None else None
        for value, content in zip(three, contents, strict=True)
    ]
    if unreadable:  # what was typed could not be read: it is shown as it came
        words[2] = "; ".join(value for _key, value in mine_raw)
    edit = None
    chosen = "mine" if changed_here else "theirs"
    if is_text:
        together = merged(was, theirs, ours) if was is not None and not unreadable else None
        edit = together if together is not None else (words[2] or "")
        if changed_here and together is not None:
            chosen = "edit"
    save = next((one for one in since if any(_asked(key) == name for key in one.previous)), None)
    start = words[0] or ""
    return Clash(
        name=name,
        label=_label(kind, name),
        lang=contents[1]["lang"] if is_text else None,
        was=words[0],
        theirs=words[1] or "",
        mine=words[2] or "",
        theirs_parts=_parts(start, words[1] or "", is_text and was is not None),
        mine_parts=_parts(start, words[2] or "", is_text and was is not None),
        theirs_raw=theirs_raw,
        mine_raw=mine_raw,
        edit=edit,
        chosen=chosen,
        both=changed_here,
        person=save.by.name if save is not None and save.by else None,
        at=save.at if save is not None else None,
    )


def _asked(key: str) -> str:
    """The field of the form that asks for what a content holds under a key."""
    name = key.partition("@")[0]
    return ASKED_AS.get(name, name)


def _value(content: Content, kind: str, name: str) -> Any:
    """What a content says to a field of the form; an amount is its ends and currency in one."""
    if name == "amount":
        return " ".join(str(content.get(part) or "-") for part in ASKED_AS)
    return value_in(content, kind, name)


def _parts(start: str, text: str, compared: bool) -> list[Part]:
    if compared:
        return diff_words(start, text)
    return [("same", text)] if text else []


def _words(
    kind: str, name: str, value: Any, content: Content | None, lang: str, cities: Mapping[str, City]
) -> str:
    if name == "amount":
        return budget_in_words({**(content or {}), "budget_status": ""}, known=True)
    if isinstance(value, list):
        return "; ".join(items_in_words(kind, name, value, lang))
    currency = str((content or {}).get("currency") or "")
    return value_in_words(kind, name, value, lang, currency=currency, cities=cities)


def _label(kind: str, name: str) -> str:
    return _("language of the text") if name == "lang" else labels.label(kind, name)


def _is_of(key: str, name: str) -> bool:
    """Whether a posted key belongs to a field: its own name, or an entry of a list of rows."""
    return key == name or (key.startswith(f"{name}-") and key[len(name) + 1 :].split("-")[0].isdigit())


def _raw_of(field: Any, name: str) -> list[Pair]:
    """What a browser would post for a field as it stands."""
    if isinstance(field, FieldList):
        return [pair for at, row in enumerate(field) for pair in _raw_of(row, f"{name}-{at}")]
    if isinstance(field, FormField):
        return [pair for one in field for pair in _raw_of(one, f"{name}-{one.short_name}")]
    if isinstance(field, SelectMultipleField):
        return [(name, str(code)) for code in field.data or []]
    if isinstance(field, BooleanField):
        return [(name, "y")] if field.data else []
    if hasattr(field, "_value"):
        return [(name, str(field._value()))]
    return [(name, str(field.data))] if field.data is not None else []


# --- the answer --------------------------------------------------------------------------------------------------


def resolved(posted: MultiDict[str, str]) -> MultiDict[str, str]:
    """The form that the choices of the page make; a form of any other page as it is."""
    chosen = {
        key.removeprefix("choose-"): choice
        for key, choice in posted.items()
        if key.startswith("choose-") and choice in CHOICES
    }
    if not chosen:
        return posted
    made: MultiDict[str, str] = MultiDict()
    for key in posted:
        if not key.startswith(OURS) and not any(_is_of(key, name) for name in chosen):
            made.setlist(key, posted.getlist(key))
    for name, choice in chosen.items():
        prefix = f"{choice}-"
        for key in posted:
            if key.startswith(prefix) and _is_of(key.removeprefix(prefix), name):
                made.setlist(key.removeprefix(prefix), posted.getlist(key))
    return made
