"""Reference data that every forum needs: cities, taxonomy, vocabularies, dated exchange rates.

Loading is an upsert by code: a second run changes nothing, a changed file changes its rows, and a row that left a
file stays in the database, since records may point to it. What an administrator set by hand (`kept` of a sector or term)
stands above the file, field by field: docs/decisions/0021.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from ppp_match.accounts.models import City, ExchangeRate
from ppp_match.config import ROOT
from ppp_match.db import db
from ppp_match.partnerships.models_plan import DIRECTIONS, IndicatorKind
from ppp_match.seeding.files import SeedError, read_csv, read_yaml
from ppp_match.vocabularies import Sector, Term, changed

REFERENCE = ROOT / "seeds" / "reference"
Row = TypeVar("Row")


def _put(model: type[Row], key: Any, values: dict[str, Any], found: dict[Any, Row]) -> bool:
    """Bring a row to the file's values but for the fields that are kept. Returns whether anything changed."""
    row = found.get(key)
    if row is None:
        db.session.add(model(**values))
        return True
    kept = getattr(row, "kept", ())
    differing = {n: v for n, v in values.items() if n not in kept and getattr(row, n) != v}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)


def load_reference(folder: Path = REFERENCE) -> None:
    """Load every reference file of the folder. Raises SeedError naming file and line; flushes, never commits."""
    load_cities(folder / "cities.csv")
    differing = load_taxonomy(folder / "taxonomy.csv")
    differing |= load_vocabularies(folder / "vocabularies.yaml")
    load_exchange_rates(folder / "exchange_rates.csv")
    load_indicators(folder / "indicators.csv")
    db.session.flush()
    if differing:
        changed()


def _number(path: Path, line: int, text: str, column: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise SeedError(path, line, f"{column} is not a number: {text!r}") from None


def load_cities(path: Path) -> None:
    found = {city.slug: city for city in db.session.query(City)}
    for line, row in read_csv(
        path, ("slug", "name_en", "name_local", "iso2", "lat", "lon", "ascn_member_since")
    ):
        values = {
            "slug": row["slug"],
            "name_en": row["name_en"],
            "name_local": row["name_local"],
            "country": row["iso2"],
            "latitude": _number(path, line, row["lat"], "lat"),
            "longitude": _number(path, line, row["lon"], "lon"),
            "population_order": row.get("population_order", ""),
            "ascn_member_since": row["ascn_member_since"],
            "priority_projects": [p for p in (row["priority_project_1"], row["priority_project_2"]) if p],
            "certainty": row.get("certainty_of_projects", ""),
        }
        _put(City, row["slug"], values, found)


def load_taxonomy(path: Path) -> bool:
    """Load the sectors. Returns whether anything changed."""
    found = {sector.code: sector for sector in db.session.query(Sector)}
    known: set[str] = set()
    differing = False
    for position, (line, row) in enumerate(
        read_csv(path, ("code", "vi", "en", "ascf_focus_area", "d950_group"))
    ):
        code = row["code"]
        parent = code.rpartition(".")[0] or None
        if parent and parent not in known:
            raise SeedError(path, line, f"{code} stands before its sector {parent}")
        known.add(code)
        values = {
            "code": code,
            "parent": parent,
            "position": position,
            "name_vi": row["vi"],
            "name_en": row["en"],
            "ascf_area": row["ascf_focus_area"],
            "d950_group": row["d950_group"],
            "synonyms_vi": row.get("synonyms_vi", ""),
            "synonyms_en": row.get("synonyms_en", ""),
        }
        differing |= _put(Sector, code, values, found)
        db.session.flush()
    return differing


def load_vocabularies(path: Path) -> bool:
    """Load the vocabularies. Returns whether anything changed."""
    found = {(term.vocabulary, term.code): term for term in db.session.query(Term)}
    content = read_yaml(path)
    differing = False
    for vocabulary, terms in content.items():
        if vocabulary == "__line__":
            continue
        for position, term in enumerate(terms):
            line = term["__line__"]
            lacking = [key for key in ("code", "vi", "en") if not term.get(key)]
            if lacking:
                raise SeedError(path, line, f"{vocabulary}: {', '.join(lacking)} missing")
            values = {
                "vocabulary": vocabulary,
                "code": str(term["code"]),
                "position": position,
                "name_vi": term["vi"],
                "name_en": term["en"],
                "help_vi": term.get("help_vi", ""),
                "help_en": term.get("help_en", ""),
            }
            differing |= _put(Term, (vocabulary, str(term["code"])), values, found)
    return differing


def load_exchange_rates(path: Path) -> None:
    found = {(rate.currency, rate.as_of): rate for rate in db.session.query(ExchangeRate)}
    for line, row in read_csv(path, ("currency", "units_per_usd", "as_of", "source")):
        try:
            as_of = date.fromisoformat(row["as_of"])
        except ValueError:
            raise SeedError(path, line, f"as_of is not a date: {row['as_of']!r}") from None
        units = _number(path, line, row["units_per_usd"], "units_per_usd")
        if not units or units <= 0:
            raise SeedError(path, line, "units_per_usd must be above zero")
        values = {
            "currency": row["currency"],
            "as_of": as_of,
            "units_per_usd": units,
            "source": row["source"],
        }
        _put(ExchangeRate, (row["currency"], as_of), values, found)


def load_indicators(path: Path) -> None:
    """What partnerships may choose to measure."""
    found = {kind.code: kind for kind in db.session.query(IndicatorKind)}
    columns = ("code", "vi", "en", "unit_vi", "unit_en", "direction")
    for position, (line, row) in enumerate(read_csv(path, columns)):
        if row["direction"] not in DIRECTIONS:
            raise SeedError(path, line, f"direction: up or down, not {row['direction']!r}")
        values = {
            "code": row["code"],
            "position": position,
            "name_vi": row["vi"],
            "name_en": row["en"],
            "unit_vi": row["unit_vi"],
            "unit_en": row["unit_en"],
            "direction": row["direction"],
            "near": row.get("near", ""),
        }
        _put(IndicatorKind, row["code"], values, found)
