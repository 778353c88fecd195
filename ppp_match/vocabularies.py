"""Controlled vocabularies and the sector taxonomy: codes with their names in both languages.

What lives here: the two tables and their lookups by name, for every room above the database. The values come from
`seeds/reference/` through `seeding/reference.py` and from administrators (`administration/vocabulary_operations.py`).
What does not live here: which field uses which vocabulary (`listings/fields.py`).

Lookups are kept in memory, since the values change seldom. Whoever changes them calls `changed()`, which writes another
mark into `reference_mark`; each process compares it every FRESH_FOR seconds and reads anew when it differs, so that an
edit made in one worker is seen by all of them within that time. An answer is never kept while a vocabulary is empty.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, Text, select
from sqlalchemy.orm import Mapped, Session, make_transient, mapped_column

from ppp_match.db import Model, db

FRESH_FOR = 2.0  # seconds for which a process answers without asking whether something was edited


class Editable:
    """What sectors and terms share: they are edited, retired and never deleted. `kept` names the fields that an
    administrator set, which loading the reference files leaves alone."""

    kept: Mapped[list[Any]] = mapped_column(default=list)
    retired_at: Mapped[datetime | None]  # not offered any more, still shown on what uses it
    version: Mapped[int] = mapped_column()

    @property
    def is_offered(self) -> bool:
        return self.retired_at is None


class ReferenceMark(Model):
    """One row: another value after every change of sectors or terms, compared by each process."""

    __tablename__ = "reference_mark"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(32))


class Sector(Editable, Model):
    """A sector or sub-sector of the taxonomy; `parent` is None for the eleven sectors."""

    __tablename__ = "sector"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    parent: Mapped[str | None] = mapped_column(String(60), ForeignKey("sector.code"))
    position: Mapped[int]
    name_vi: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    ascf_area: Mapped[str] = mapped_column(String(40))
    d950_group: Mapped[str] = mapped_column(String(20))
    synonyms_vi: Mapped[str] = mapped_column(Text, default="")
    synonyms_en: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"version_id_col": Editable.version}

    @property
    def id(self) -> uuid.UUID:
        """By which the audit trail knows it."""
        return uuid.uuid5(uuid.NAMESPACE_OID, f"sector:{self.code}")

    def name(self, lang: str) -> str:
        return self.name_vi if lang == "vi" else self.name_en


class Term(Editable, Model):
    """One value of a controlled vocabulary (stage, contract form, country, …) with its names."""

    __tablename__ = "term"

    vocabulary: Mapped[str] = mapped_column(String(30), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    name_vi: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    help_vi: Mapped[str] = mapped_column(Text, default="")
    help_en: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"version_id_col": Editable.version}

    @property
    def id(self) -> uuid.UUID:
        """By which the audit trail knows it."""
        return uuid.uuid5(uuid.NAMESPACE_OID, f"term:{self.vocabulary}:{self.code}")

    def name(self, lang: str) -> str:
        return self.name_vi if lang == "vi" else self.name_en

    def help(self, lang: str) -> str:
        return self.help_vi if lang == "vi" else self.help_en


@dataclass
class _Kept:
    """What this process read while sectors and terms bore one mark. Exchanged as a whole, never emptied: a thread that
    still fills an older one then spoils nothing."""

    mark: str | None = None
    looked_at: float | None = None
    terms: dict[str, dict[str, Term]] = field(default_factory=dict)
    sectors: dict[str, Sector] = field(default_factory=dict)


_memory = {"now": _Kept()}


def forget() -> None:
    """Drop what this process keeps in memory."""
    _memory["now"] = _Kept()


def changed() -> None:
    """Note in the running transaction that sectors or terms have changed: every process reads them anew."""
    row = db.session.get(ReferenceMark, 1)
    if row is None:
        row = ReferenceMark(id=1)
        db.session.add(row)
    # Drawn, not counted: a number that was rolled back would be given again, to another change.
    row.mark = uuid.uuid4().hex
    db.session.flush()
    forget()


def hold() -> None:
    """Keep others from editing sectors and terms until the running transaction ends."""
    db.session.execute(select(ReferenceMark.id).with_for_update())


def _kept() -> _Kept:
    """What is kept, another one if somebody has changed something; asks at most once in FRESH_FOR seconds."""
    kept, moment = _memory["now"], time.monotonic()
    if kept.looked_at is None or moment - kept.looked_at >= FRESH_FOR:
        with _reading() as session:
            mark = session.scalar(select(ReferenceMark.mark))
        if mark != kept.mark:
            kept = _Kept(mark)
        kept.looked_at = moment
        _memory["now"] = kept
    return kept


def _reading() -> Session:
    """A session of its own over the running connection, so that what is kept belongs to no request."""
    return Session(bind=db.session.connection(), autoflush=False)


def _read(query: Select[Any]) -> tuple[list[Any], str | None]:
    """The rows, and the mark that they bore. In one statement: a request that began before an edit still sees what
    was, and must not have it kept as what is."""
    with _reading() as session:
        found = session.execute(query.add_columns(select(ReferenceMark.mark).scalar_subquery())).all()
        session.expunge_all()
    rows = [row[0] for row in found]
    for row in rows:
        make_transient(row)
    return rows, found[0][1] if found else None


def _terms_of(vocabulary: str) -> dict[str, Term]:
    kept = _kept()
    found = kept.terms.get(vocabulary)
    if found is None:
        rows, mark = _read(
            select(Term).where(Term.vocabulary == vocabulary).order_by(Term.position, Term.code)
        )
        found = {row.code: row for row in rows}
        if rows and mark == kept.mark:
            kept.terms[vocabulary] = found
    return found


def terms(vocabulary: str) -> list[Term]:
    """The values of a vocabulary in the order of forms; empty if there is no such vocabulary. Read only."""
    return list(_terms_of(vocabulary).values())


def term_name(vocabulary: str, code: str | None, lang: str) -> str:
    """The name of a code in a language; a code that the vocabulary does not hold is shown literally."""
    term = _terms_of(vocabulary).get(code or "")
    return term.name(lang) if term else (code or "")


def in_order(rows: Iterable[Sector]) -> list[Sector]:
    """Each sector before its own; among those of one sector their position decides."""
    place = {row.code: (row.position, row.code) for row in rows}
    return sorted(
        rows, key=lambda row: (place[row.parent or row.code], row.parent is not None, place[row.code])
    )


def _all_sectors() -> dict[str, Sector]:
    kept = _kept()
    if kept.sectors:
        return kept.sectors
    rows, mark = _read(select(Sector))
    found = {row.code: row for row in in_order(rows)}
    if mark == kept.mark:
        kept.sectors = found
    return found


def sectors() -> list[Sector]:
    """All sectors and sub-sectors in the order of the taxonomy, each sector before its own. Read only."""
    return list(_all_sectors().values())


def sector_name(code: str | None, lang: str) -> str:
    """The name of a sector or sub-sector in a language; an unknown code is shown literally."""
    sector = _all_sectors().get(code or "")
    return sector.name(lang) if sector else (code or "")
