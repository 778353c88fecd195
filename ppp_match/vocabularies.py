"""Controlled vocabularies and the sector taxonomy: codes with their names in both languages.

What lives here: the two tables and their lookups by name, for every room above the database. The values come from
`seeds/reference/` through `seeding/reference.py`. What does not live here: which field uses which vocabulary
(`listings/fields.py`).

Lookups are kept in memory, since the values change only when reference data are loaded; whoever loads them calls
`forget()`. An answer is never kept while a vocabulary is still empty.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, make_transient, mapped_column

from ppp_match.db import Model, db


class Sector(Model):
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

    def name(self, lang: str) -> str:
        return self.name_vi if lang == "vi" else self.name_en


class Term(Model):
    """One value of a controlled vocabulary (stage, contract form, country, …) with its names."""

    __tablename__ = "term"

    vocabulary: Mapped[str] = mapped_column(String(30), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    name_vi: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    help_vi: Mapped[str] = mapped_column(Text, default="")
    help_en: Mapped[str] = mapped_column(Text, default="")

    def name(self, lang: str) -> str:
        return self.name_vi if lang == "vi" else self.name_en

    def help(self, lang: str) -> str:
        return self.help_vi if lang == "vi" else self.help_en


_terms: dict[str, dict[str, Term]] = {}
_sectors: dict[str, Sector] = {}


def forget() -> None:
    """Drop what is kept in memory: reference data have changed."""
    _terms.clear()
    _sectors.clear()


def _reading() -> Session:
    """A session of its own over the running connection, so that what is kept belongs to no request."""
    return Session(bind=db.session.connection(), autoflush=False)


def _terms_of(vocabulary: str) -> dict[str, Term]:
    if vocabulary not in _terms:
        with _reading() as session:
            rows = session.scalars(
                select(Term).where(Term.vocabulary == vocabulary).order_by(Term.position, Term.code)
            ).all()
            session.expunge_all()
        for row in rows:
            make_transient(row)
        if not rows:
            return {}
        _terms[vocabulary] = {row.code: row for row in rows}
    return _terms[vocabulary]


def terms(vocabulary: str) -> list[Term]:
    """The values of a vocabulary in the order of forms; empty if there is no such vocabulary. Read only."""
    return list(_terms_of(vocabulary).values())


def term_name(vocabulary: str, code: str | None, lang: str) -> str:
    """The name of a code in a language; a code that the vocabulary does not hold is shown literally."""
    term = _terms_of(vocabulary).get(code or "")
    return term.name(lang) if term else (code or "")


def _all_sectors() -> dict[str, Sector]:
    if not _sectors:
        with _reading() as session:
            rows = session.scalars(select(Sector).order_by(Sector.position, Sector.code)).all()
            session.expunge_all()
        for row in rows:
            make_transient(row)
        _sectors.update((row.code, row) for row in rows)
    return _sectors


def sectors() -> list[Sector]:
    """All sectors and sub-sectors in the order of the taxonomy, each sector before its own. Read only."""
    return list(_all_sectors().values())


def sector_name(code: str | None, lang: str) -> str:
    """The name of a sector or sub-sector in a language; an unknown code is shown literally."""
    sector = _all_sectors().get(code or "")
    return sector.name(lang) if sector else (code or "")
