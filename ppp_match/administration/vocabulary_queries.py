"""Sectors and terms as administrators see them: from the database itself, with how many listings use each."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from ppp_match.db import db
from ppp_match.listings.models import Listing, Revision, RevisionTerm
from ppp_match.vocabularies import Sector, Term, in_order

# Vocabularies of which a revision holds one value in a column of its own.
COLUMNS = {
    "stage": Revision.stage,
    "budget_status": Revision.budget_status,
    "maturity": Revision.maturity,
    "currency": Revision.currency,
}


def all_sectors() -> list[Sector]:
    return in_order(db.session.scalars(select(Sector)).all())


def vocabularies() -> dict[str, int]:
    """How many values each vocabulary has."""
    rows = db.session.execute(
        select(Term.vocabulary, func.count()).group_by(Term.vocabulary).order_by(Term.vocabulary)
    )
    return {row[0]: row[1] for row in rows}


def terms_of(vocabulary: str) -> list[Term]:
    return list(
        db.session.scalars(
            select(Term).where(Term.vocabulary == vocabulary).order_by(Term.position, Term.code)
        )
    )


def sector(code: str) -> Sector | None:
    return db.session.get(Sector, code)


def term(vocabulary: str, code: str) -> Term | None:
    return db.session.get(Term, (vocabulary, code))


def siblings(entry: Sector | Term) -> list[Sector] | list[Term]:
    """Those among which an entry has its place, itself too, in their order."""
    if isinstance(entry, Term):
        return terms_of(entry.vocabulary)
    return [one for one in all_sectors() if one.parent == entry.parent]


def offered_beside(entry: Sector | Term) -> int:
    """How many other values forms offer in the same list; sub-sectors of all sectors stand in one."""
    if isinstance(entry, Sector):
        others = (Sector.parent.is_not(None), Sector.code != entry.code, Sector.retired_at.is_(None))
        return db.session.scalar(select(func.count()).select_from(Sector).where(*others)) or 0
    beside = (Term.vocabulary == entry.vocabulary, Term.code != entry.code, Term.retired_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(Term).where(*beside)) or 0


def uses(vocabulary: str) -> dict[str | None, int]:
    """How many listings use each value, in the text that is public or in the one that is worked on."""
    here = or_(Listing.live_revision_id == Revision.id, Listing.working_revision_id == Revision.id)
    many = func.count(Listing.id.distinct())
    if vocabulary in COLUMNS:
        column = COLUMNS[vocabulary]
        query = select(column, many).join(Listing, here).where(column.is_not(None)).group_by(column)
    else:
        query = (
            select(RevisionTerm.code, many)
            .join(Revision, Revision.id == RevisionTerm.revision_id)
            .join(Listing, here)
            .where(RevisionTerm.vocabulary == vocabulary)
            .group_by(RevisionTerm.code)
        )
    return {row[0]: row[1] for row in db.session.execute(query)}
