"""The demonstration's published listings as the matcher reads them, straight from `seeds/demo`, without a database.

Here: `read_demo`. Money is left out, since a pair is judged by what it answers; the rules that remain are those that
the texts name. Ids are the keys of the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ppp_match.listings.documents import BETWEEN, PARTNER_OF_OFFER, TEXTS
from ppp_match.matching import Capability, Need

DEMO = Path(__file__).resolve().parents[1] / "seeds" / "demo"


def read_demo(folder: Path = DEMO) -> tuple[list[Need], list[Capability]]:
    """(published needs, published capabilities) of the files of the demonstration."""
    needs = [Need(**_shared(one, "need"), **_of_need(one)) for one in _records(folder, "needs*.yaml")]
    offers = [
        Capability(**_shared(one, "capability"), **_of_capability(one))
        for one in _records(folder, "capabilities*.yaml")
    ]
    return needs, offers


def _records(folder: Path, pattern: str) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob(pattern)):
        yield from (
            one for one in yaml.safe_load(file.read_text(encoding="utf-8")) if one["state"] == "published"
        )


def _text(record: dict[str, Any], kind: str, lang: str | None) -> tuple[str, str]:
    said = record["texts"].get(lang) or {}
    return said.get("title", ""), BETWEEN.join(said[field] for field in TEXTS[kind] if said.get(field))


def _lines(record: dict[str, Any], field: str) -> tuple[str, ...]:
    said = record["texts"][record["lang"]].get(field) or ""
    return tuple(line.strip() for line in said.splitlines() if line.strip())


def _shared(record: dict[str, Any], kind: str) -> dict[str, Any]:
    other = next((lang for lang in record["texts"] if lang != record["lang"]), None)
    title, text = _text(record, kind, record["lang"])
    alt_title, alt_text = _text(record, kind, other)
    return {
        "id": record["key"],
        "title": title,
        "text": text,
        "lang": record["lang"],
        "alt_title": alt_title,
        "alt_text": alt_text,
        "alt_lang": other,
        "sectors": tuple(record.get("sector") or ()),
        "contract_forms": tuple(code for code in record.get("contract_form") or () if code != "open"),
        "languages": tuple(record.get("language") or ()),
        "sdgs": tuple(map(str, record.get("sdg") or ())),
        "ascf_areas": tuple(record.get("ascf_area") or ()),
        "organisation": record["organisation"],
    }


def _of_need(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "stage": record.get("stage"),
        "partner_kinds": tuple(code for code in record.get("partner_kind") or () if code != "unsure"),
        "requirements": _lines(record, "requirements"),
        "exclusions": _lines(record, "exclusions"),
    }


def _of_capability(record: dict[str, Any]) -> dict[str, Any]:
    kinds = (PARTNER_OF_OFFER.get(code, code) for code in record.get("offer_kind") or ())
    return {
        "offer_kinds": tuple(dict.fromkeys(kinds)),
        "countries_served": tuple(record.get("country") or ()),
        "not_offered": record["texts"][record["lang"]].get("not_offered") or "",
    }
