"""Why a pair was suggested, as a reader of one language sees it: out of the stored explanation of the match.

The explanation holds {total, terms: [{term, source_term, bridge, share}], rules: [{rule, state, sentence,
code, params}], unanswered: [...]}. What a rule says comes from `recommendations/sentences.py`, as on the
moderators' workbench; the stored sentence is English and only a last resort.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from ppp_match.recommendations.models import Match
from ppp_match.recommendations.sentences import rule_of

MOST_TERMS = 6


@dataclass(frozen=True)
class Reasons:
    """What a page says about a pair: words that meet, rules as (state, name, sentence), requirements that
    nothing in the capability answers."""

    total: float | None = None
    terms: list[dict[str, Any]] = field(default_factory=list)
    rules: list[tuple[str, str, str]] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    @property
    def bridges(self) -> list[list[str]]:
        """Pairs (the need's word, the capability's word), strongest first."""
        return [[term["left"], term["right"]] for term in self.terms]


def reasons(match: Match, lang: str, *, hide_place: bool = False) -> Reasons:
    """The stored reasons of a match; `hide_place` leaves out what would name an anonymous need's city."""
    stored = match.explanation or {}
    hidden = _names_of_place(match) if hide_place else ()
    terms = [term for term in _terms(stored.get("terms") or []) if not _names(term, hidden)]
    rules = [rule_of(rule, lang) for rule in stored.get("rules") or []]
    asked = {
        line.casefold()
        for one in match.need.shown.langs
        for line in match.need.shown.lines("requirements", one)
    }
    return Reasons(
        total=stored.get("total"),
        terms=terms[:MOST_TERMS],
        rules=[(rule.state, rule.name, rule.sentence) for rule in rules if not _says(rule.sentence, hidden)],
        unanswered=[
            text
            for text in stored.get("unanswered") or []
            if text.casefold() in asked and not _says(text, hidden)
        ],
    )


def _terms(entries: list[Any]) -> list[dict[str, Any]]:
    """Words that speak for the pair, heaviest first, one for each entry of the lexicon."""
    found: dict[Any, dict[str, Any]] = {}
    for entry in sorted((e for e in entries if _speaks_for(e)), key=lambda e: -float(e.get("share") or 0)):
        shown = _term(entry)
        found.setdefault(entry.get("bridge") or (shown["left"].casefold(), shown["right"].casefold()), shown)
    return list(found.values())


def _speaks_for(entry: Any) -> bool:
    """Neither the sum of the small rest, nor a word that one side says it does not want."""
    if not isinstance(entry, dict) or not entry.get("term") or entry.get("other"):
        return False
    return entry.get("negated") not in ("need", "capability") and float(entry.get("share") or 0) > 0


def _term(entry: dict[str, Any]) -> dict[str, Any]:
    left = str(entry.get("source_term") or entry["term"])
    right = str(entry["term"])
    return {"left": left, "right": right, "bridged": bool(entry.get("bridge")) or left != right}


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _names_of_place(match: Match) -> tuple[str, ...]:
    """Names that would tell whose anonymous need it is."""
    names = [match.need.organisation.name_vi, match.need.organisation.name_en]
    city = match.need.shown.city or match.need.organisation.city
    if city is not None:
        names += [city.name_en, city.name_local, city.name_en.removesuffix(" City")]
    return tuple(folded for name in names if (folded := _fold(name)))


def _names(term: dict[str, Any], hidden: tuple[str, ...]) -> bool:
    words = {_fold(term["left"]), _fold(term["right"])} - {""}
    return any(word in name for word in words for name in hidden if len(word) > 2) or any(
        name in word for word in words for name in hidden
    )


def _says(text: str, hidden: tuple[str, ...]) -> bool:
    folded = _fold(text)
    return any(name in folded for name in hidden)
