"""A page of a long list: what the macro ui.pagination shows and the rows of one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from ppp_match.db import db


@dataclass(frozen=True)
class Page:
    """One page of a list; pages count from 1. `url(n)` is the address of another page."""

    rows: list[Any]
    page: int
    pages: int
    total: int
    first: int
    last: int
    url: Callable[[int], str]


def number_of(text: str | None) -> int:
    """The page that an address asks for; 1 for anything that is no sensible number."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0 else 1


def page_of(
    query: Select[Any], page: int, url: Callable[[int], str], *, size: int = 25, total: int | None = None
) -> Page:
    """That page of a query; a number past the end gives the last page. `total`: how many there are, if known."""
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    page = min(page, pages)
    rows = list(db.session.scalars(query.limit(size).offset((page - 1) * size)).unique())
    first = (page - 1) * size + 1 if rows else 0
    return Page(rows, page, pages, total, first, first + len(rows) - 1 if rows else 0, url)
