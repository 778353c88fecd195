"""Judged pairs as a file: tab-separated `need_id cap_id grade` under a header, the form that `ppp-match evaluate` reads.

What lives here: reading and checking such a file, finding its listings, writing it. A listing is named by its public
number (N-0412, C-0188) or by the identifier in its address. What is wrong is told with its line, before anything is
written.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import aliased

from ppp_match.db import db
from ppp_match.listings.documents import published_documents
from ppp_match.listings.models import Listing
from ppp_match.matching.documents import Document, InputError, numbered_lines
from ppp_match.permissions import Actor
from ppp_match.steering.importing import Graded
from ppp_match.steering.models import GRADES, JudgedPair
from ppp_match.steering.operations import may_judge

HEADER = ("need_id", "cap_id", "grade")
LINES_AT_MOST = 5000
AT_ONCE = 500
LABEL = re.compile(r"([NC])-?0*(\d{1,9})", re.IGNORECASE)
LETTER = {"need": "N", "capability": "C"}

WORDS: dict[str, Any] = {
    "unreadable": _l("The file is not UTF-8 text."),
    "empty": _l("The file holds no judged pair."),
    "header": _l("The first line must be: need_id, cap_id, grade, separated by tabs."),
    "columns": _l("A line needs three columns separated by tabs: need_id, cap_id, grade."),
    "grade": _l("The grade must be 0, 1, 2 or 3."),
    "twice": _l("This pair comes twice."),
    "need": _l("No need that is or was published has this number."),
    "capability": _l("No capability that is or was published has this number."),
    "own": _l(
        "You belong to one of the two organisations or declared an interest in one, so others judge this pair."
    ),
    "too_long": _l("The file holds more than 5,000 lines. Cut it into several."),
}


class QrelsError(Exception):
    """A file that is not taken over. `line` counts from 1 (0: the file as a whole); `value` is what stands there."""

    def __init__(self, code: str, line: int = 0, value: str = "") -> None:
        super().__init__(f"line {line}: {code} {value}" if line else code)
        self.code, self.line, self.value = code, line, value[:80]

    @property
    def words(self) -> str:
        """What is wrong, in the reader's language."""
        return str(WORDS[self.code])


@dataclass(frozen=True)
class Line:
    """One judged pair as it stands in a file."""

    number: int
    need: str
    capability: str
    grade: int


def read_lines(source: str | Path | IO[bytes]) -> list[Line]:
    """The pairs of a file, in its order. Raises QrelsError; InputError where the path cannot be read."""
    _name, lines = numbered_lines(source)
    found: list[Line] = []
    seen: set[tuple[str, str]] = set()
    header = True
    for number, line in _decoded(lines):
        if not line.strip():
            continue
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if header:
            if cells != HEADER:
                raise QrelsError("header", number, line)
            header = False
            continue
        if len(cells) != 3 or not all(cells):
            raise QrelsError("columns", number, line)
        need, capability, grade = cells
        if grade not in map(str, GRADES):
            raise QrelsError("grade", number, grade)
        if len(found) == LINES_AT_MOST:
            raise QrelsError("too_long", number)
        pair = (_normal(need), _normal(capability))
        if pair in seen:
            raise QrelsError("twice", number, f"{need} {capability}")
        seen.add(pair)
        found.append(Line(number, *pair, int(grade)))
    if not found:
        raise QrelsError("empty")
    return found


def find_listings(lines: Sequence[Line], actor: Actor) -> list[Graded]:
    """The listings that the lines name. Raises QrelsError at the first line that names none, or one's own."""
    needs = _by_reference("need", {line.need for line in lines})
    capabilities = _by_reference("capability", {line.capability for line in lines})
    found = []
    seen: set[tuple[uuid.UUID, uuid.UUID]] = set()
    for line in lines:
        need, capability = needs.get(line.need), capabilities.get(line.capability)
        if need is None:
            raise QrelsError("need", line.number, line.need)
        if capability is None:
            raise QrelsError("capability", line.number, line.capability)
        if not may_judge(need, capability, actor):
            raise QrelsError("own", line.number, f"{line.need} {line.capability}")
        if (need.id, capability.id) in seen:  # once by its number and once by its identifier
            raise QrelsError("twice", line.number, f"{line.need} {line.capability}")
        seen.add((need.id, capability.id))
        found.append(Graded(need, capability, line.grade))
    return found


def listing_by(kind: str, reference: str) -> Listing | None:
    """The listing of that kind that is or was published, by its number or identifier as somebody typed it."""
    wanted = _normal(reference.strip())
    if wanted.isascii() and wanted.isdigit():
        wanted = f"{LETTER[kind]}-{int(wanted)}" if len(wanted) < 10 else wanted
    return _by_reference(kind, {wanted}).get(wanted)


def lines_of_settled() -> Iterator[str]:
    """The settled pairs as lines of a file, header first, by need and capability."""
    need, capability = aliased(Listing), aliased(Listing)
    rows = db.session.execute(
        select(need.number, capability.number, JudgedPair.grade)
        .join(need, need.id == JudgedPair.need_id)
        .join(capability, capability.id == JudgedPair.capability_id)
        .where(JudgedPair.state == "settled")
        .order_by(need.number, capability.number)
    )
    yield "\t".join(HEADER) + "\n"
    for need_number, capability_number, grade in rows:
        yield f"N-{need_number:04d}\tC-{capability_number:04d}\t{grade}\n"


def public_documents(kind: str) -> Iterator[Document]:
    """The published listings of a kind under the numbers that an export names, without their owners' identifiers."""
    labels = {
        str(listing_id): f"{LETTER[kind]}-{number:04d}"
        for listing_id, number in db.session.execute(
            select(Listing.id, Listing.number).where(Listing.kind == kind)
        )
    }
    for document in published_documents(kind, None):
        yield replace(document, id=labels[document.id], organisation=None, affiliated=())


def _decoded(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    try:
        yield from lines
    except InputError as error:
        raise QrelsError("unreadable", error.line) from error


def _normal(reference: str) -> str:
    """A reference in one spelling: N-412 for n-0412, small letters for an identifier."""
    label = LABEL.fullmatch(reference)
    return f"{label[1].upper()}-{label[2]}" if label else reference.lower()


def _by_reference(kind: str, references: Iterable[str]) -> dict[str, Listing]:
    by_number: dict[int, str] = {}
    by_id: dict[uuid.UUID, str] = {}
    for one in references:
        label = LABEL.fullmatch(one)
        if label:
            if label[1].upper() == LETTER[kind]:
                by_number[int(label[2])] = one
        elif identifier := _uuid(one):
            by_id[identifier] = one
    found: dict[str, Listing] = {}
    asked: tuple[tuple[Any, dict[Any, str]], ...] = ((Listing.number, by_number), (Listing.id, by_id))
    for column, wanted in asked:
        keys = sorted(wanted)
        for start in range(0, len(keys), AT_ONCE):
            rows = db.session.scalars(
                select(Listing).where(
                    Listing.kind == kind,
                    Listing.live_revision_id.is_not(None),
                    column.in_(keys[start : start + AT_ONCE]),
                )
            )
            for row in rows:
                found[wanted[row.number if column is Listing.number else row.id]] = row
    return found


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
