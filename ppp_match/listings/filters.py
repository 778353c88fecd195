"""The filters of a list as they stand in its address: parsed, checked against the vocabularies, written back.

What lives here: the shape of a search. The query it becomes stands in `queries.py`. Unknown values are dropped,
so that an old or mistyped address still shows a list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from ppp_match.vocabularies import sectors, terms

LONGEST_QUERY = 300
LARGEST_PAGE = 100_000
BUDGET_BANDS: dict[str, tuple[int | None, int | None]] = {  # US dollars: from, below
    "under-100k": (None, 100_000),
    "100k-1m": (100_000, 1_000_000),
    "1m-10m": (1_000_000, 10_000_000),
    "over-10m": (10_000_000, None),
    "undisclosed": (None, None),
}
FACETS = {
    "need": (
        "sector",
        "country",
        "stage",
        "budget",
        "contract_form",
        "ascf_area",
        "partner_kind",
        "language",
    ),
    "capability": (
        "sector",
        "country",
        "maturity",
        "budget",
        "contract_form",
        "offer_kind",
        "ascf_area",
        "language",
    ),
}
SORTS = {"need": ("newest", "closing", "budget"), "capability": ("newest", "budget")}
TEXT_LANGUAGES = ("vi", "en")


def known_values(facet: str) -> tuple[str, ...]:
    """The values that a facet may have in an address."""
    if facet == "sector":
        return tuple(sector.code for sector in sectors())
    if facet == "budget":
        return tuple(BUDGET_BANDS)
    if facet == "language":
        return TEXT_LANGUAGES
    return tuple(term.code for term in terms(facet))


@dataclass(frozen=True)
class Filters:
    """What a reader asked of a list. `chosen` holds {facet: values}; `sort` is "best" only with a `q`."""

    kind: str
    q: str = ""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sme: bool = False
    closed: bool = False
    sort: str = "newest"
    page: int = 1

    @property
    def active(self) -> int:
        return sum(len(values) for values in self.chosen.values()) + self.sme + self.closed

    def pairs(self, *, page: int | None = None) -> list[tuple[str, str]]:
        """The address's arguments, defaults left out."""
        found = [("q", self.q)] if self.q else []
        found += [(facet, value) for facet, values in self.chosen.items() for value in values]
        found += [("sme", "1")] if self.sme else []
        found += [("closed", "1")] if self.closed else []
        if self.sort != default_sort(self.q):
            found.append(("sort", self.sort))
        if page and page > 1:
            found.append(("page", str(page)))
        return found

    def query(self, *, page: int | None = None) -> str:
        return f"?{urlencode(self.pairs(page=page))}"

    def without(self, facet: str, value: str = "") -> Filters:
        """These filters less one value; on the first page."""
        if facet in ("sme", "closed"):
            return replace(self, **{facet: False, "page": 1})  # type: ignore[arg-type]
        rest = {k: tuple(v for v in vs if k != facet or v != value) for k, vs in self.chosen.items()}
        return replace(self, chosen={k: vs for k, vs in rest.items() if vs}, page=1)

    def cleared(self) -> Filters:
        """The words alone, without any filter."""
        return replace(self, chosen={}, sme=False, closed=False, page=1)


def default_sort(q: str) -> str:
    return "best" if q else "newest"


def sorts(kind: str, q: str) -> tuple[str, ...]:
    return (("best",) if q else ()) + SORTS[kind]


def read_filters(kind: str, args: Any) -> Filters:
    """Filters from the address's arguments (a MultiDict)."""
    q = " ".join(args.get("q", "").replace("\x00", " ").split())[:LONGEST_QUERY]
    chosen = {}
    for facet in FACETS[kind]:
        values = _kept(args.getlist(facet), known_values(facet))
        if values:
            chosen[facet] = values
    sort = args.get("sort", "")
    return Filters(
        kind=kind,
        q=q,
        chosen=chosen,
        sme=kind == "capability" and args.get("sme") == "1",
        closed=args.get("closed") == "1",
        sort=sort if sort in sorts(kind, q) else default_sort(q),
        page=read_page(args.get("page", "")),
    )


def _kept(asked: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    allowed = set(known)
    return tuple(dict.fromkeys(value for value in asked if value in allowed))


def read_page(text: str) -> int:
    """A page number from an address: 1 for anything that is not one, never beyond LARGEST_PAGE."""
    digits = text[:12]
    return min(max(int(digits), 1), LARGEST_PAGE) if digits.isascii() and digits.isdigit() else 1
