"""How many published listings of the other kind state what a hard rule compares: one query for the coach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, exists, func, or_, select

from ppp_match.db import db
from ppp_match.listings.models import Listing, Revision, RevisionTerm


@dataclass(frozen=True)
class Market:
    """Published listings: all of them, and of those in the sectors (or of all) how many state an answer."""

    total: int
    by_sector: bool
    with_amount: int
    with_contract_form: int
    with_language: int


def market(kind: str, *, sectors: Sequence[str] = ()) -> Market:
    """Counts over the published listings of a kind, in the sectors of those codes where any are given."""
    parents = sorted({code.split(".")[0] for code in sectors})
    inside: list[ColumnElement[bool]] = [
        or_(*(_states("sector", RevisionTerm.code.like(f"{parent}.%")) for parent in parents),
            *(_states("sector", RevisionTerm.code == parent) for parent in parents))
    ] if parents else []  # fmt: skip
    amount = or_(Revision.amount_min_usd.is_not(None), Revision.amount_max_usd.is_not(None))
    if kind == "need":
        amount = amount & func.coalesce(Revision.budget_status, "").is_distinct_from("undisclosed")
    row = db.session.execute(
        select(
            func.count(Listing.id),
            _number(amount, *inside),
            _number(_states("contract_form", RevisionTerm.code != "open"), *inside),
            _number(_states("language"), *inside),
        )
        .join(Revision, Revision.id == Listing.live_revision_id)
        .where(Listing.kind == kind, Listing.state == "published", Listing.not_suspended())
    ).one()
    total, with_amount, with_form, with_language = (int(number or 0) for number in row)
    return Market(total, bool(parents), with_amount, with_form, with_language)


def _states(vocabulary: str, *tests: ColumnElement[bool]) -> ColumnElement[bool]:
    rows = exists().where(
        RevisionTerm.revision_id == Revision.id, RevisionTerm.vocabulary == vocabulary, *tests
    )
    return rows.correlate(Revision)


def _number(*tests: ColumnElement[bool]) -> ColumnElement[int]:
    whole: ColumnElement[bool] = tests[0]
    for test in tests[1:]:
        whole = whole & test
    return func.sum(case((whole, 1), else_=0))
