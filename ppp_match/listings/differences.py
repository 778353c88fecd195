"""What differs between two texts and between two states of a listing, ready for a page.

A text is cut at words (a Vietnamese syllable is a word) into parts (mark, text) with the marks same, gone and new:
same and new joined are the second text, same and gone joined the first. Choices and reference projects are entries
that went or came. Which changes are material is said here too: they can alter who would answer.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from ppp_match.accounts.models import City
from ppp_match.listings import labels
from ppp_match.listings.content import (
    Content,
    budget_in_words,
    items_in_words,
    reference_in_words,
    same,
    value_in_words,
)
from ppp_match.listings.fields import fields_of

Part = tuple[str, str]
WORDS = re.compile(r"\s+|\w+(?:[.,]\w+)*|[^\w\s]")
BUDGET = ("amount_min", "amount_max", "currency")
CONTEXT = 120  # characters of unchanged text kept on either side of a change

# Title, problem, outcome, what is asked and excluded, money, place, stage, contracts, dates; of a capability what
# is offered, where, for how much, and the projects that prove it.
MONEY = ("budget", *BUDGET)
MATERIAL = {
    "need": frozenset(
        {"title", "problem", "outcome", "requirements", "exclusions", "city", "anonymous", "stage"}
        | {"contract_form", "start_on", "end_on", "response_until", "budget_status", "financing_gap"}
        | {"funding_source", *MONEY}
    ),
    "capability": frozenset(
        {"title", "solves", "how", "not_offered", "offer_kind", "maturity", "country", "contract_form"}
        | {"can_invest", "ticket_max", "references", *MONEY}
    ),
}


def tokens(text: str) -> list[str]:
    """Words, numbers with their separators, signs and blanks; joined they are the text."""
    return WORDS.findall(text)


def diff_words(before: str, after: str) -> list[Part]:
    """Two texts cut at words into (same | gone | new, text)."""
    old, new = tokens(before), tokens(after)
    parts: list[Part] = []
    for action, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if action == "equal":
            _add(parts, "same", "".join(old[a:b]))
            continue
        _add(parts, "gone", "".join(old[a:b]))
        _add(parts, "new", "".join(new[c:d]))
    return _without_crumbs(parts)


def _add(parts: list[Part], mark: str, text: str) -> None:
    if text:
        parts.append((mark, text))


def _without_crumbs(parts: list[Part]) -> list[Part]:
    """Changes that only a blank keeps apart read better as one change."""
    made: list[Part] = []
    gone = new = ""
    for place, (mark, text) in enumerate(parts):
        crumb = mark == "same" and not text.strip() and "\n" not in text
        if mark == "gone":
            gone += text
        elif mark == "new":
            new += text
        elif crumb and (gone or new) and place + 1 < len(parts):
            gone, new = gone + text, new + text
        else:
            _add(made, "gone", gone)
            _add(made, "new", new)
            gone = new = ""
            made.append((mark, text))
    _add(made, "gone", gone)
    _add(made, "new", new)
    return made


def shortened(parts: list[Part]) -> list[Part]:
    """The parts with long unchanged stretches cut down to what surrounds a change, at words."""
    made: list[Part] = []
    for place, (mark, text) in enumerate(parts):
        if mark != "same" or len(text) <= 3 * CONTEXT:
            made.append((mark, text))
            continue
        head = text[:CONTEXT].rsplit(" ", 1)[0] if place else ""
        tail = text[-CONTEXT:].split(" ", 1)[-1] if place + 1 < len(parts) else ""
        made.append(("same", f"{head} … {tail}"))
    return made


@dataclass(frozen=True)
class FieldChange:
    """One field that differs. `items` are its entries: the one text or value, or each choice that went or came."""

    name: str
    label: str
    lang: str | None
    material: bool
    items: list[list[Part]]


def changes_between(
    kind: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    lang: str,
    *,
    known: bool,
    cities: Mapping[str, City] | None = None,
) -> list[FieldChange]:
    """What differs between two contents, field by field in the order of the form, in words of `lang`.

    `known`: the reader may know what is not disclosed (the owner's people and the forum).
    """
    found: list[FieldChange] = []

    def add(name: str, label: Any, items: list[list[Part]], text_lang: str | None = None) -> None:
        if any(items):
            found.append(FieldChange(name, str(label), text_lang, name in MATERIAL[kind], items))

    if before["lang"] != after["lang"]:
        add(
            "lang",
            _("language of the text"),
            [_pair(*(_words(kind, "lang", c, lang) for c in (before, after)))],
        )
    for field in fields_of(kind):
        label = labels.label(kind, field.name)
        if field.store == "text":
            for code in _langs(field.name, before, after):
                old, new = (content.get(f"{field.name}@{code}", "") for content in (before, after))
                if old != new:
                    add(field.name, label, [diff_words(old, new)], code)
        elif field.name == "amount_min":
            old, new = (budget_in_words(content, known=known) for content in (before, after))
            if old != new:
                add("budget", _("Budget") if kind == "need" else _("Project size"), [_pair(old, new)])
        elif field.name in BUDGET or same(before.get(field.name, ""), after.get(field.name, "")):
            continue
        elif field.store == "terms":
            add(field.name, label, _entries(kind, field.name, before, after, lang))
        else:
            old, new = (_words(kind, field.name, content, lang, cities) for content in (before, after))
            add(field.name, label, [_pair(old, new)])
    if before.get("references", []) != after.get("references", []):
        references = _references(before.get("references") or [], after.get("references") or [], lang)
        add("references", labels.label(kind, "references"), references)
    return found


def _words(
    kind: str, name: str, content: Mapping[str, Any], lang: str, cities: Mapping[str, City] | None = None
) -> str:
    if name == "city" and "place" in content:  # masked: the city of a need that withheld it
        return str(content["place"])
    currency = str(content.get("currency") or "")
    return value_in_words(kind, name, content.get(name, ""), lang, currency=currency, cities=cities)


def _pair(old: str, new: str) -> list[Part]:
    return [part for part in (("gone", old), ("new", new)) if part[1]] if old != new else []


def _langs(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    held = {key.partition("@")[2] for key in (*before, *after) if key.startswith(f"{name}@")}
    return sorted(held, key=lambda code: (code != after["lang"], code))


def _entries(
    kind: str, name: str, before: Content | Mapping[str, Any], after: Any, lang: str
) -> list[list[Part]]:
    old, new = before.get(name) or [], after.get(name) or []
    gone = items_in_words(kind, name, [code for code in old if code not in new], lang)
    come = items_in_words(kind, name, [code for code in new if code not in old], lang)
    return [[("gone", text)] for text in gone] + [[("new", text)] for text in come]


def _references(old: list[Any], new: list[Any], lang: str) -> list[list[Part]]:
    """Reference projects: one of the same client is compared word by word, others went or came."""
    left = [row for row in old if row not in new]
    made: list[list[Part]] = []
    for row in (row for row in new if row not in old):
        twin = next((one for one in left if one["client"] == row["client"]), None)
        if twin is None:
            made.append([("new", reference_in_words(row, lang))])
        else:
            left.remove(twin)
            made.append(diff_words(reference_in_words(twin, lang), reference_in_words(row, lang)))
    return [[("gone", reference_in_words(row, lang))] for row in left] + made


def is_material(changes: list[FieldChange]) -> bool:
    """Whether any of the changes could alter who would answer."""
    return any(change.material for change in changes)
