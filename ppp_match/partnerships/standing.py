"""What counts of what two sides say: one fact, its value and how sure it is. Nothing here asks the database.

A value that one side states is declared; the same from both sides is confirmed; where a moderator has seen evidence it is
verified; where the two differ, both are shown and a moderator looks at it (domain reference, E3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ppp_match.partnerships.models import Statement


@dataclass(frozen=True)
class Fact:
    """One fact: the statement that counts, how sure it is, and what each side says."""

    key: str
    statement: Statement
    standing: str
    by_side: dict[str, Statement]

    @property
    def amount(self) -> Decimal | None:
        return self.statement.amount

    @property
    def currency(self) -> str | None:
        return self.statement.currency

    @property
    def text(self) -> str:
        return self.statement.text

    @property
    def on(self) -> date:
        return self.statement.on

    @property
    def statements(self) -> list[Statement]:
        """What the sides say, the public side first."""
        return [self.by_side[side] for side in ("need", "capability") if side in self.by_side]


def facts_of(statements: Iterable[Statement]) -> dict[str, Fact]:
    """{key: fact} of the statements that are not replaced, in the order in which they were first said."""
    said: dict[str, dict[str, Statement]] = defaultdict(dict)
    for statement in statements:
        if statement.replaced_at is None:
            said[statement.key][statement.side] = statement
    return {key: fact_of(key, by_side) for key, by_side in said.items()}


def fact_of(key: str, by_side: dict[str, Statement]) -> Fact:
    """The fact that up to one statement a side makes. Raises ValueError without any."""
    if not by_side:
        raise ValueError(f"nobody says anything of {key}")
    newest = max(by_side.values(), key=lambda statement: statement.at)
    verified = [statement for statement in by_side.values() if statement.verified_at is not None]
    if verified:
        return Fact(key, max(verified, key=lambda statement: statement.at), "verified", by_side)
    if len(by_side) == 1:
        return Fact(key, newest, "declared", by_side)
    values = {statement.value for statement in by_side.values()}
    return Fact(key, newest, "confirmed" if len(values) == 1 else "differs", by_side)
