"""Sectors that a search names: by their name in either language, or by a synonym that administrators keep."""

from __future__ import annotations

from collections.abc import Iterator

from ppp_match.matching.text import fold, normalise
from ppp_match.vocabularies import Sector, sectors
from ppp_match.web import page_lang

MOST = 5  # more would push what was found out of sight
CLEAR = 5  # letters that a Vietnamese word needs to be known without its marks: "ve" may be vé, về or vẽ


def sectors_named(words: str) -> list[tuple[str, str]]:
    """(code, name) of sectors whose whole name or synonym stands in the words; the longest of these come first.

    Marks count where the words have any; typed without, they are found by the letters alone.
    """
    asked = normalise(words)
    if not asked:
        return []
    bare = asked if asked.isascii() else ""
    found = []
    for sector in sectors():
        longest = max((len(name) for name in _names(sector) if _stands_in(name, asked, bare)), default=0)
        if longest:
            found.append((longest, sector))
    found.sort(key=lambda pair: -pair[0])  # stable: the order of the taxonomy among equals
    lang = page_lang()
    return [(sector.code, sector.name(lang)) for _length, sector in found[:MOST]]


def _stands_in(name: str, asked: str, bare: str) -> bool:
    if f" {name} " in f" {asked} ":
        return True
    plain = fold(name)
    return plain != name and len(plain) >= CLEAR and f" {plain} " in f" {bare} "


def _names(sector: Sector) -> Iterator[str]:
    for text in (sector.name_vi, sector.name_en):
        yield normalise(text)
    for text in (sector.synonyms_vi, sector.synonyms_en):
        yield from filter(None, map(normalise, text.split(",")))
