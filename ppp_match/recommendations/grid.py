"""Requirement by requirement: what the need asks beside the best passage of the capability, ready for a page.

What lives here: which fields of the two listings go into the grid, and the words around what comes out. The comparing
itself stands in `matching/evidence.py`. The grid is made when a page is asked for: one takes about as long as loading
the pair does, it always speaks of the texts that the page shows, and pairs of older matcher versions have one too.

An anonymous need is read as the matcher reads it: without the name of its place and owner.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from ppp_match.formats import moneyfmt, numberfmt
from ppp_match.listings.documents import to_capability, to_need, without_names
from ppp_match.listings.models import ReferenceProject, Revision
from ppp_match.matching import Capability, Need, files
from ppp_match.matching.evidence import Asked, Passage, Row, sentences, standards_in
from ppp_match.matching.language import detect
from ppp_match.matching.rules import check
from ppp_match.matching.text import tokenise
from ppp_match.recommendations.marks import Mark, marked
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.queries import revision_of
from ppp_match.recommendations.sentences import rule_sentence
from ppp_match.search.store import index_of
from ppp_match.vocabularies import term_name

SAID = ("title", "solves", "how", "local_support", "team", "integration", "standards", "price_model")
WHERE_STANDARDS_STAND = ("problem", "existing_systems", "local_specifics", "data_available", "tried")
_SUP = re.compile(r"<sup>[^<]*</sup>")
STATED = (
    "language",
    "contract_form",
    "budget",
)  # requirements that a rule answers from what both sides state


@dataclass(frozen=True)
class Line:
    """One row of the grid in the reader's language."""

    kind: str
    kind_name: str
    status: str  # found, counter, none
    asked: Markup | str
    asked_lang: str | None
    passage: Markup | str = ""
    passage_lang: str | None = None
    source: str = ""
    confirmed: bool = False
    against: Markup | str = ""
    against_lang: str | None = None
    against_source: str = ""

    @property
    def result(self) -> str:
        """The result in words: what a rule compared is met or not, the rest is evidence or none."""
        if self.kind in STATED:
            return {"found": _("Met"), "counter": _("Not met")}.get(self.status, _("Unknown"))
        if self.kind == "exclusion":
            return _("Nothing against it") if self.status == "found" else _("Counter-evidence")
        return {"found": _("Evidence found"), "counter": _("Counter-evidence")}.get(
            self.status, _("No evidence found")
        )


@dataclass(frozen=True)
class Grid:
    """All rows of one pair."""

    lines: list[Line]

    def count(self, status: str) -> int:
        return sum(line.status == status for line in self.lines)

    @property
    def summary(self) -> str:
        """How many requirements were met with what, in words."""
        found, counter, none = map(self.count, ("found", "counter", "none"))
        parts = [_("%(num)s met or with evidence", num=found)]
        if counter:
            parts.append(_("%(num)s with counter-evidence", num=counter))
        parts.append(_("%(num)s without evidence", num=none))
        return " · ".join(parts)


def grid_of(match: Match, lang: str) -> Grid:
    """The grid of a match, over the texts that its explanation speaks of."""
    return grid_between(
        revision_of(match.need_revision_id, match.need),
        revision_of(match.capability_revision_id, match.capability),
        lang,
    )


def grid_between(need: Revision, capability: Revision, lang: str) -> Grid:
    """The grid of any need and capability."""
    said = passages_of(capability, lang)
    rules = rules_between(need, capability)
    rows = index_of("capability").evidence(asked_of(need, rules, lang), said)
    return Grid([_line(row, rules, capability.listing.references, lang) for row in rows])


def gaps_between(need: Revision, capability: Revision, lang: str) -> dict[str, list[tuple[str, str | None]]]:
    """What a need asks and a capability shows no evidence of ("none") or denies ("counter"): (words, language)."""
    rules = rules_between(need, capability)
    rows = index_of("capability").evidence(asked_of(need, rules, lang), passages_of(capability, lang))
    return {
        status: [
            (row.asked.text, row.asked.lang) for row in rows if row.status == status and not row.asked.stated
        ]
        for status in ("none", "counter")
    }


def as_csv(grid: Grid) -> str:
    """The grid as a table for a spreadsheet; a cell that a program would read as a formula gets an apostrophe."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    heads = (
        _("Kind"),
        _("The need asks"),
        _("Result"),
        _("The capability says"),
        _("Source"),
        _("But it also says:"),
    )
    table.writerow([safe_cell(cell) for cell in heads])
    for line in grid.lines:
        cells = (
            line.kind_name,
            line.asked,
            line.result,
            line.passage,
            " · ".join(
                part for part in (line.source, _("confirmed by its client") if line.confirmed else "") if part
            ),
            line.against,
        )
        table.writerow([safe_cell(cell) for cell in cells])
    return "\ufeff" + out.getvalue()


def safe_cell(cell: Markup | str) -> str:
    """Plain words of a cell, harmless to a spreadsheet (full-width signs too)."""
    text = _SUP.sub("", str(cell))
    plain = Markup(text).striptags() if isinstance(cell, Markup) else text  # noqa: S704  only to take marks out  # nosec B704
    return files.safe_cell(plain)


def asked_of(need: Revision, rules: dict[str, dict[str, Any]], lang: str) -> list[Asked]:
    """The requirements of a need, each once, in the order of the page: must-haves first, what is ruled out last."""
    hidden = without_names(need.listing, need)
    reading = need.reading_lang(lang)

    def text(name: str) -> tuple[str, str]:
        own = need.text(name, reading)
        return (hidden(own), reading) if own else (hidden(need.text(name)), need.lang)

    found: list[Asked] = []
    requirements, written = text("requirements")
    found += [Asked("requirement", line, written) for line in _lines(requirements)]
    outcome, written = text("outcome")
    found += [Asked("outcome", sentence, written) for sentence in sentences(outcome)]
    named = {code for one in found for code in standards_in(one.text)}
    for name in WHERE_STANDARDS_STAND:
        for code in standards_in(text(name)[0]):
            if code not in named:
                named.add(code)
                found.append(Asked("standard", code))
    if need.scale_value is not None and need.scale_unit:
        found.append(Asked("scale", f"{numberfmt(need.scale_value)} {need.scale_unit}", need.lang))
    for kind in STATED:
        words = _stated_words(kind, need, lang)
        if words:
            found.append(Asked(kind, words, stated=rules[kind]["state"]))
    exclusions, written = text("exclusions")
    found += [Asked("exclusion", line, written) for line in _lines(exclusions)]
    return list(dict.fromkeys(found))


def passages_of(capability: Revision, lang: str) -> list[Passage]:
    """The sentences of a capability and of its reference projects; projects that a client denied are left out."""
    reading = capability.reading_lang(lang)
    found: list[Passage] = []
    for name in (*SAID, "not_offered"):
        own = capability.text(name, reading)
        written = reading if own else capability.lang
        found += [
            Passage(name, sentence, written, denied=name == "not_offered")
            for sentence in sentences(own or capability.text(name))
        ]
    for code in capability.codes("data_hosting"):
        words = f"{_('Where data are kept')}: {term_name('data_hosting', code, lang)}"
        found.append(Passage("data_hosting", words, lang))
    for number, project in enumerate(capability.listing.references):
        if project.confirmation == "denied":
            continue
        confirmed = project.confirmation == "confirmed"
        place = ", ".join(str(part) for part in (project.client, project.place, project.year) if part)
        for text in (*sentences(project.scope), *sentences(project.result), place):
            found.append(Passage("reference", text, _written_in(text), number, confirmed))
    return found


def _written_in(text: str) -> str | None:
    """The language of a text that is stored without one."""
    lang = detect(tokenise(text))
    return lang if lang in ("vi", "en") else None


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip(" -•\t") for line in text.splitlines() if line.strip(" -•\t")))


def rules_between(need: Revision, capability: Revision) -> dict[str, dict[str, Any]]:
    asked: Need = to_need(need.listing, revision=need)
    offered: Capability = to_capability(capability.listing, revision=capability)
    return {result.rule: result.as_json() for result in check(asked, offered)}


def _stated_words(kind: str, need: Revision, lang: str) -> str:
    if kind == "budget":
        disclosed = need.budget_status != "undisclosed" and need.amount_max is not None
        return moneyfmt(need.amount_min, need.amount_max, need.currency) if disclosed else ""
    return ", ".join(term_name(kind, code, lang) for code in need.codes(kind) if code != "open")


def _line(
    row: Row, rules: dict[str, dict[str, Any]], references: Sequence[ReferenceProject], lang: str
) -> Line:
    asked = row.asked
    name = kind_name(asked.kind)
    if asked.stated:
        return Line(asked.kind, name, row.status, asked.text, None, rule_sentence(rules[asked.kind], lang))
    shown = marked(asked.text, 0, _page_marks(row.asked_marks))
    if row.passage is None:
        words = nothing_against() if row.status == "found" else ""
        return Line(asked.kind, name, row.status, shown, asked.lang, words)
    against = row.against
    return Line(
        asked.kind,
        name,
        row.status,
        shown,
        asked.lang,
        marked(row.passage.text, 0, _page_marks(row.passage_marks)),
        row.passage.lang,
        source_name(row.passage, references),
        row.passage.confirmed,
        marked(against.text, 0, _page_marks(row.against_marks)) if against else "",
        against.lang if against else None,
        source_name(against, references) if against else "",
    )


def _page_marks(marks: Sequence[Any]) -> list[Mark]:
    return [Mark(mark.start, mark.end, mark.kind, mark.number) for mark in marks]


def nothing_against() -> str:
    """What stands beside an exclusion that the capability does not speak of."""
    return _("The capability does not speak of it, so nothing stands against it.")


def kind_name(kind: str) -> str:
    """What sort of requirement a row holds."""
    names = {
        "requirement": _("Must have"),
        "outcome": _("Desired outcome"),
        "standard": _("Standard"),
        "scale": _("Scale"),
        "language": _("Working language"),
        "contract_form": _("Contract form"),
        "budget": _("Budget"),
        "exclusion": _("Ruled out"),
    }
    return names[kind]


def source_name(passage: Passage, references: Sequence[ReferenceProject]) -> str:
    """Where in the capability a passage stands."""
    if passage.reference is not None:
        project = references[passage.reference]
        of = ", ".join(str(part) for part in (project.client, project.year) if part)
        return _("Reference project %(number)s (%(of)s)", number=passage.reference + 1, of=of)
    names = {
        "title": _("Title"),
        "solves": _("What it solves"),
        "how": _("How it works"),
        "local_support": _("Local support"),
        "team": _("Team"),
        "integration": _("Integration"),
        "standards": _("Standards and certificates"),
        "price_model": _("Price model"),
        "data_hosting": _("Where data are kept"),
        "not_offered": _("Not offered"),
    }
    return names[passage.field]
