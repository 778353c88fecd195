"""Verbs of sectors and vocabularies: edit, add, retire, offer again. Codes never change, and nothing is deleted.

What an administrator sets is named in the row's `kept`, so that loading reference data does not undo it; what they did
not touch still follows the file (docs/decisions/0021).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from ppp_match import audit, vocabularies
from ppp_match.administration import vocabulary_queries as queries
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.permissions import Actor, can
from ppp_match.vocabularies import Sector, Term

Entry = TypeVar("Entry", Sector, Term)

# A value more changes nothing but what one can choose: neither the matcher nor a page gives it a meaning of its own.
GROWING = (
    "contract_form",
    "funding_source",
    "beneficiary_group",
    "price_basis",
    "enterprise_trait",
    "data_hosting",
)
# A value less is only a choice less. In the others the program or a standard counts on every value.
RETIRING = (*GROWING, "partner_kind", "offer_kind", "sdg")
ALWAYS_OFFERED = {
    ("contract_form", "open"),  # what is chosen when nothing else fits
    ("partner_kind", "unsure"),
}
CODE = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
SECTOR_TEXTS = ("name_vi", "name_en", "synonyms_vi", "synonyms_en")
TERM_TEXTS = ("name_vi", "name_en", "help_vi", "help_en")


def texts_of(entry: Sector | Term) -> tuple[str, ...]:
    return SECTOR_TEXTS if isinstance(entry, Sector) else TERM_TEXTS


def may_retire(entry: Sector | Term) -> bool:
    """Sub-sectors, and terms of which the program does not need every one."""
    if isinstance(entry, Sector):
        return entry.parent is not None
    return entry.vocabulary in RETIRING and (entry.vocabulary, entry.code) not in ALWAYS_OFFERED


def edit_entry(
    entry: Sector | Term, values: Mapping[str, str], *, place: int, reason: str, version: int, actor: Actor
) -> tuple[str, ...]:
    """Set names, words and the place (from 1) among its siblings. Returns the names of the fields that changed.

    Raises Refused("stale"), ReasonMissing.
    """
    _check(entry, version, actor)
    changed = tuple(name for name in texts_of(entry) if getattr(entry, name) != values[name])
    moves = _places(entry, place)
    if not changed and not moves:
        return ()
    _reason(reason)
    for name in changed:
        setattr(entry, name, values[name])
    _keep(entry, changed)
    for row, position in moves:
        row.position = position
        _keep(row, ("position",))
    db.session.flush()
    fields = (*changed, "position") if moves else changed
    audit.record(
        f"{_kind(entry)}.edited", entry, actor=actor, fields=(_name(entry), *fields), reason=reason.strip()
    )
    vocabularies.changed()
    return fields


def add_sub_sector(
    parent: Sector, code: str, values: Mapping[str, str], *, reason: str, actor: Actor
) -> Sector:
    """Add a sub-sector at the end of a sector; `code` is the part after the sector's own.

    Raises Refused("code_unfit"), Refused("code_taken"), ReasonMissing.
    """
    _may(actor)
    _reason(reason)
    whole = f"{parent.code}.{code}"
    if parent.parent is not None or not CODE.fullmatch(code) or len(whole) > 60:
        raise Refused("code_unfit", code)
    if queries.sector(whole) is not None:
        raise Refused("code_taken", whole)
    last = [one.position for one in queries.all_sectors() if parent.code in (one.code, one.parent)]
    row = Sector(
        code=whole,
        parent=parent.code,
        position=max(last) + 1,
        ascf_area=parent.ascf_area,
        d950_group=parent.d950_group,
    )
    return _added(row, values, reason, actor)


def add_term(vocabulary: str, code: str, values: Mapping[str, str], *, reason: str, actor: Actor) -> Term:
    """Add a value at the end of a vocabulary that may grow.

    Raises Refused("vocabulary_fixed"), Refused("code_unfit"), Refused("code_taken"), ReasonMissing.
    """
    _may(actor)
    _reason(reason)
    if vocabulary not in GROWING:
        raise Refused("vocabulary_fixed", vocabulary)
    if not CODE.fullmatch(code) or len(code) > 40:
        raise Refused("code_unfit", code)
    rows = queries.terms_of(vocabulary)
    if code in {one.code.lower() for one in rows}:
        raise Refused("code_taken", code)
    row = Term(vocabulary=vocabulary, code=code, position=max((one.position for one in rows), default=-1) + 1)
    return _added(row, values, reason, actor)


def retire(entry: Sector | Term, *, reason: str, version: int, actor: Actor) -> None:
    """Offer it no longer. What uses it keeps it, and filters find it.

    Raises ReasonMissing; Refused: stale, always_offered, last_offered (a form that asks for one could not be sent).
    """
    vocabularies.hold()  # of two that retire the last two, one comes second
    db.session.refresh(entry)
    _check(entry, version, actor)
    if not may_retire(entry):
        raise Refused("always_offered", _name(entry))
    if not entry.is_offered:
        raise Refused("stale")
    if queries.offered_beside(entry) == 0:
        raise Refused("last_offered", _name(entry))
    _offer(entry, False, reason, actor)


def restore(entry: Sector | Term, *, reason: str, version: int, actor: Actor) -> None:
    """Offer it again."""
    _check(entry, version, actor)
    if entry.is_offered:
        raise Refused("stale")
    _offer(entry, True, reason, actor)


def _offer(entry: Sector | Term, offered: bool, reason: str, actor: Actor) -> None:
    _reason(reason)
    entry.retired_at = None if offered else now()
    db.session.flush()
    done = "restored" if offered else "retired"
    audit.record(f"{_kind(entry)}.{done}", entry, actor=actor, fields=(_name(entry),), reason=reason.strip())
    vocabularies.changed()


def _added(row: Entry, values: Mapping[str, str], reason: str, actor: Actor) -> Entry:
    for name in texts_of(row):
        setattr(row, name, values[name])
    row.kept = [*texts_of(row), "position"]
    db.session.add(row)
    db.session.flush()
    audit.record(f"{_kind(row)}.added", row, actor=actor, fields=(_name(row),), reason=reason.strip())
    vocabularies.changed()
    return row


def _places(entry: Sector | Term, place: int) -> list[tuple[Sector | Term, int]]:
    """The rows whose position changes, with the new one, when the entry moves to that place among its siblings."""
    rows: list[Sector | Term] = list(queries.siblings(entry))
    wanted = [one for one in rows if one is not entry]
    wanted.insert(max(0, min(place - 1, len(wanted))), entry)
    if wanted == rows:
        return []
    positions: list[int] = []
    for row in rows:  # the positions there are, made to rise where two are alike
        positions.append(max(row.position, positions[-1] + 1) if positions else row.position)
    return [
        (row, position) for row, position in zip(wanted, positions, strict=True) if row.position != position
    ]


def _keep(entry: Sector | Term, names: tuple[str, ...]) -> None:
    entry.kept = sorted({*entry.kept, *names})


def _may(actor: Actor) -> None:
    if not can(actor, "taxonomy.manage"):
        raise NotPermitted("not_permitted", "taxonomy.manage")


def _check(entry: Sector | Term, version: int, actor: Actor) -> None:
    _may(actor)
    if entry.version != version:
        raise Refused("stale")


def _reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing("reason_missing", "taxonomy")


def _kind(entry: Sector | Term) -> str:
    return entry.__tablename__


def _name(entry: Sector | Term) -> str:
    return entry.code if isinstance(entry, Sector) else f"{entry.vocabulary}:{entry.code}"
