"""What each table holds of persons: one declaration a table, made by the room that owns the table.

Three things are worked out from it, so that they cannot disagree: the copy that a person asks for, what an erasure
does, and the page that tells everybody what is kept and why. A test walks the schema and fails for a column that
nobody declared. What lives here: the register. Who reads it: the room `privacy`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NONE, KEPT, ANONYMISED, ERASED = "none", "kept", "anonymised", "erased"
FATES = (NONE, KEPT, ANONYMISED, ERASED)
# Why something stays although its person is erased; the room `privacy` says it in words.
RECORD = "record"  # who decided or wrote what: it names the account's row, which is empty by then
OTHER_SIDE = "other_side"  # the other side of a conversation keeps what was written to it
ORGANISATION = "organisation"  # it says something of the organisation, not of the person
PROOF = "proof"  # that the person consented, or asked for something
REASONS = (RECORD, OTHER_SIDE, ORGANISATION, PROOF)


@dataclass(frozen=True)
class Column:
    """What becomes of a column's value when its person is erased, and why it stays where it does."""

    fate: str
    why: str = ""


@dataclass(frozen=True)
class Table:
    """One table. `who` are the columns that say whose row it is, `addresses` those that hold a person's address.

    `also` are columns that name another account, who answered or agreed: that person's copy holds nothing of the row
    that would go with its owner.

    `group` is the heading (a key of `privacy.groups.GROUPS`) under which copy and page show it. `rows` says whether an
    erasure takes the whole rows away. `withheld` columns (hashes, keys) never enter a copy.
    """

    name: str
    columns: Mapping[str, Column]
    group: str = ""
    who: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    rows_go: bool = False
    withheld: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_personal(self) -> bool:
        return bool(self.who or self.also or self.addresses)


Files = Callable[[Any], Iterable[tuple[str, bytes]]]
TABLES: dict[str, Table] = {}
FILES: dict[str, Files] = {}  # group -> the files of a person's account: (name, content)


def file_source(group: str) -> Callable[[Files], Files]:
    """Register a function that gives the files of a person for their copy; it takes the account's identifier."""

    def register(function: Files) -> Files:
        FILES[group] = function
        return function

    return register


def declare(
    name: str,
    *,
    none: str = "",
    kept: Mapping[str, str] | None = None,
    anonymised: str = "",
    erased: str = "",
    group: str = "",
    who: str = "",
    also: str = "",
    addresses: str = "",
    rows_go: bool = False,
    withheld: str = "",
) -> None:
    """Declare a table. Columns are named in words separated by blanks; `kept` maps {why they stay: columns}.

    Raises ValueError for a column that is named twice, an unknown reason, or a table that was declared before.
    """
    columns: dict[str, Column] = {}
    parts = [(NONE, none, ""), (ANONYMISED, anonymised, ""), (ERASED, erased, "")]
    parts += [(KEPT, names, why) for why, names in (kept or {}).items()]
    if set(kept or ()) - set(REASONS):
        raise ValueError(f"{name} stays for a reason that nobody knows: {kept}")
    for fate, names, why in parts:
        for column in names.split():
            if column in columns:
                raise ValueError(f"{name}.{column} is declared twice")
            columns[column] = Column(fate, why)
    if name in TABLES:
        raise ValueError(f"{name} is declared twice")
    TABLES[name] = Table(
        name,
        columns,
        group,
        tuple(who.split()),
        tuple(also.split()),
        tuple(addresses.split()),
        rows_go,
        frozenset(withheld.split()),
    )
