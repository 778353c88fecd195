"""An explanation in the reader's language: contributions that add up on the page, rules as sentences, reasons.

What lives here: words and roundings. The explanation itself is made by `ppp_match.matching` and stored with the
match; where its words stand in the texts is drawn by `marks.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from ppp_match.formats import aboutfmt, numberfmt
from ppp_match.listings.amounts import Amount, in_full
from ppp_match.listings.glosses import term_book
from ppp_match.refusals import words_of
from ppp_match.vocabularies import term_name

LINES_SHOWN = 14  # words with a row of their own; the smaller ones share one row
DIGITS = 3
UNIT = 10**DIGITS


@dataclass(frozen=True)
class Term:
    """Words that both texts share or that the lexicon bridges, with their places and, if bridged, a number."""

    need_words: str
    capability_words: str
    share: float
    kind: str  # same, bridge or against
    said_by: str = (
        ""  # of words that count against: the side that says it does not do or want it, need or capability
    )
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    number: int | None = None


@dataclass(frozen=True)
class Line:
    """One row of the table of contributions. `units` are thousandths; all rows add up to the shown score."""

    text: str
    units: int
    number: int | None = None
    colour: str = "f-la"
    other: str = ""  # the capability's words of a bridge, to be shown in their own language

    @property
    def points(self) -> str:
        return numberfmt(self.units / UNIT, DIGITS)


@dataclass(frozen=True)
class Rule:
    """One rule: its name, its state (yes, no, unknown), and why."""

    name: str
    state: str
    sentence: str


@dataclass(frozen=True)
class Explained:
    """An explanation ready to be shown."""

    score: str
    lines: list[Line]
    words: str  # what the words carry, rounded from the rows
    profile: str  # what everything else carries
    bar: list[tuple[int, int, str]]  # (start, width, colour class) of a bar of 1000
    bar_label: str
    rules: list[Rule]
    rule_counts: tuple[int, int, int]  # met, unknown, not met
    unanswered: list[str]
    terms: list[Term]


def explained(explanation: dict[str, Any], lang: str) -> Explained:
    """All parts of a stored explanation in the running locale; `lang` names codes of vocabularies."""
    terms, rest, rest_count = terms_of(explanation)
    entries: list[tuple[Line, float]] = []
    for term in terms:
        colour = "f-son" if term.share < 0 else "f-la"
        entries.append((Line(_term_text(term), 0, term.number, colour, _other_words(term)), term.share))
    if rest_count:
        text = ngettext("%(num)d more word", "%(num)d more words", rest_count)
        entries.append((Line(text, 0), rest))
    of_words = len(entries)
    entries += [
        (Line(feature_text(feature), 0, None, _feature_colour(feature)), feature["share"])
        for feature in explanation["features"]
        if feature["share"]
    ]
    units = rounded([share for _line, share in entries], explanation["total"])
    lines = [
        Line(line.text, value, line.number, line.colour, line.other)
        for (line, _share), value in zip(entries, units, strict=True)
    ]
    words = sum(units[:of_words])
    shown = [line for line in lines[:of_words] if line.units or line.number]
    shown += [line for line in lines[of_words:] if line.units]
    rules = [rule_of(rule, lang) for rule in explanation["rules"]]
    counts = tuple(sum(rule.state == state for rule in rules) for state in ("yes", "unknown", "no"))
    total = sum(units)
    return Explained(
        score=numberfmt(total / UNIT, DIGITS),
        lines=shown,
        words=numberfmt(words / UNIT, DIGITS),
        profile=numberfmt((total - words) / UNIT, DIGITS),
        bar=_bar(words, lines[of_words:]),
        bar_label=_bar_label(words, total),
        rules=rules,
        rule_counts=(counts[0], counts[1], counts[2]),
        unanswered=still_unanswered(explanation["unanswered"], terms),
        terms=terms,
    )


def still_unanswered(phrases: Sequence[str], terms: Sequence[Term]) -> list[str]:
    """What is asked without evidence, less what nobody asks for: words that stand inside a longer term that was found,
    a lone number, everyday words ("know")."""
    found = [f" {term.need_words.casefold()} " for term in terms if term.kind != "against"]
    book = term_book()
    return [
        phrase
        for phrase in phrases
        if not phrase.isdigit()
        and not any(book.is_everyday(phrase, lang) for lang in ("vi", "en"))
        and not any(f" {phrase.casefold()} " in words for words in found)
    ]


def score_text(score: float) -> str:
    """A score as every page writes it: three digits."""
    return numberfmt(math.floor(score * UNIT + 0.5) / UNIT, DIGITS)


def rule_signs(explanation: dict[str, Any]) -> tuple[int, int, int]:
    """How many rules are met, unknown, not met."""
    states = [rule["state"] for rule in explanation["rules"]]
    return states.count("yes"), states.count("unknown"), states.count("no")


def terms_of(explanation: dict[str, Any]) -> tuple[list[Term], float, int]:
    """The words with a row of their own, heaviest first and numbered where bridged; the share and count of the rest.

    Parts of one lexicon entry ("early warning", "warning") are one row: they are one reason.
    """
    merged: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    rest, count = 0.0, 0
    for entry in explanation["terms"]:
        if entry.get("other"):
            rest, count = rest + entry["share"], count + entry["count"]
            continue
        key = (
            (entry["bridge"], "", entry.get("negated") or "")
            if entry["bridge"]
            else (entry["source_term"].casefold(), entry["term"].casefold(), entry.get("negated") or "")
        )
        merged.setdefault(key, []).append(entry)
    found = sorted((_term(entries) for entries in merged.values()), key=lambda term: -abs(term.share))
    for term in [term for term in found[LINES_SHOWN:] if term.kind != "against"]:
        found.remove(term)
        rest, count = rest + term.share, count + 1
    numbers = iter(range(1, len(found) + 1))
    numbered = [
        Term(
            t.need_words,
            t.capability_words,
            t.share,
            t.kind,
            t.said_by,
            t.spans,
            next(numbers) if t.kind == "bridge" else None,
        )
        for t in found
    ]
    return numbered, rest, count


def _term(entries: Sequence[dict[str, Any]]) -> Term:
    chief = max(entries, key=lambda entry: (len(entry["source_term"]), entry["share"]))
    spans: dict[str, list[tuple[int, int]]] = {}
    for side in ("need_spans", "need_alt_spans", "capability_spans", "capability_alt_spans"):
        places = {(start, end) for entry in entries for start, end in entry.get(side, ())}
        spans[side] = sorted(places)
    negated = chief.get("negated")
    said_by = negated if negated in ("need", "capability") else ""
    kind = "against" if said_by else "bridge" if chief["bridge"] else "same"
    share = sum(entry["share"] for entry in entries)
    return Term(chief["source_term"], chief["term"], share, kind, said_by, spans)


def _term_text(term: Term) -> str:
    if term.said_by == "need":
        return _("“%(words)s”: the need says that it does not want this", words=term.need_words)
    if term.said_by == "capability":
        return _("“%(words)s”: the company says that it does not do this", words=term.capability_words)
    return term.need_words


def _other_words(term: Term) -> str:
    return term.capability_words if term.kind == "bridge" else ""


def rounded(shares: Sequence[float], total: float) -> list[int]:
    """Shares in thousandths that add up to the rounded total, by the largest remainder."""
    floors = [math.floor(share * UNIT) for share in shares]
    missing = math.floor(total * UNIT + 0.5) - sum(floors)
    order = sorted(range(len(shares)), key=lambda at: (floors[at] - shares[at] * UNIT, at))
    for step in range(missing):
        floors[order[step % len(order)]] += 1
    for step in range(-missing):
        floors[order[-1 - step % len(order)]] -= 1
    return floors


def _bar(words: int, features: Sequence[Line]) -> list[tuple[int, int, str]]:
    parts, at = [], 0
    for width, colour in ((words, "f-la"), *((line.units, line.colour) for line in features)):
        if width > 0:
            parts.append((at, max(width - 2, 1), colour))
            at += width
    return parts


def _bar_label(words: int, total: int) -> str:
    return _(
        "Words %(words)s, profile %(profile)s, together %(total)s of at most 1",
        words=numberfmt(words / UNIT, DIGITS),
        profile=numberfmt((total - words) / UNIT, DIGITS),
        total=numberfmt(total / UNIT, DIGITS),
    )


def _feature_colour(feature: dict[str, Any]) -> str:
    if feature["share"] < 0:
        return "f-son"
    return {
        "references": "f-nghe",
        "recency": "f-nghe",
        "spelling": "f-ink",
        "syllables": "f-ink",
        "meaning": "f-ink",
        "floor": "f-ink",
    }.get(feature["name"], "f-cham")


def feature_text(feature: dict[str, Any]) -> str:
    """A feature as a phrase that says which way it counts."""
    more = feature["share"] > 0
    phrases = {
        "sector": (_("Same sector"), _("Other sectors")),
        "subsector": (_("Same sub-sector"), _("Other sub-sectors")),
        "ascf_area": (_("Same focus area of ASCN"), _("Other focus areas of ASCN")),
        "sdg": (_("Same development goals"), _("Other development goals")),
        "delivery": (
            _("The kind of partner that is looked for"),
            _("Another kind of partner than is looked for"),
        ),
        "references": (_("Confirmed reference projects"), _("Few or no confirmed reference projects")),
        "recency": (_("Published recently"), _("Published a while ago")),
        "spelling": (_("Similar spelling of words"), _("Similar spelling of words")),
        "syllables": (_("Single syllables of longer words"), _("Single syllables of longer words")),
        "meaning": (_("Close in meaning as a whole"), _("Close in meaning as a whole")),
        "excluded": (_("Rests on what the need rules out"), _("Rests on what the need rules out")),
        "refused": (
            _("Says that it does not do what is asked"),
            _("Says that it does not do what is asked"),
        ),
        "repetition": (_("The same words over and over"), _("The same words over and over")),
        "floor": (
            _("Least score of a pair that shares anything"),
            _("Least score of a pair that shares anything"),
        ),
    }
    named = phrases.get(feature["name"])
    return named[0 if more else 1] if named else feature["name"]


def rule_name(rule: str) -> str:
    """The name of a rule."""
    names = {
        "country": _("Country served"),
        "budget": _("Budget"),
        "contract_form": _("Contract form"),
        "language": _("Working language"),
        "affiliation": _("Conflict of interest"),
        "capacity": _("Capacity"),
    }
    return names.get(rule, rule)


def rule_of(rule: dict[str, Any], lang: str) -> Rule:
    """A rule with its sentence, from its code and parameters."""
    return Rule(rule_name(rule["rule"]), rule["state"], rule_sentence(rule, lang))


def rule_sentence(rule: dict[str, Any], lang: str) -> str:
    """Why a rule is met, not met or unknown, in the running locale."""
    params = rule["params"]
    code = rule["code"]
    if rule["rule"] == "country":
        return _country(code, params, lang)
    if rule["rule"] == "budget":
        return _budget(code, params)
    if rule["rule"] == "contract_form":
        return _contract(code, params, lang)
    if rule["rule"] == "language":
        return _language(code, params, lang)
    sentences = {
        "affiliation_not_stated": _("The organisations are not known."),
        "affiliation_same": _("Both belong to the same organisation."),
        "affiliation_related": _("A relation between the two organisations is declared."),
        "affiliation_none": _("No declared relation of ownership or staff between the two organisations."),
        "capacity_not_stated": _("The company does not say whether it can take on more work."),
        "capacity_full": _("The company takes on no further project now."),
        "capacity_free": _("The company can take on more work."),
    }
    return sentences.get(code) or str(rule["sentence"])


def _country(code: str, params: dict[str, Any], lang: str) -> str:
    country = term_name("country", params.get("country"), lang)
    if code == "country_served":
        return _("Serves %(country)s.", country=country)
    if code == "country_home":
        return _("Is at home in %(country)s.", country=country)
    if code == "country_not_served":
        served = _names("country", params["served"], lang)
        return _("Serves %(served)s, not %(country)s.", served=served, country=country)
    if code == "countries_not_stated":
        return _("The capability does not say which countries it serves.")
    return _("The need does not say its country.")


def _budget(code: str, params: dict[str, Any]) -> str:
    values = dollars(params)
    if code == "budget_below_minimum":
        return _(
            "The smallest project is about %(minimum)s, more than the highest budget (about %(budget)s).",
            minimum=values["minimum"],
            budget=values["budget_maximum"],
        )
    if code == "budget_above_maximum":
        return _(
            "The largest project is about %(maximum)s, less than the lowest budget (about %(budget)s).",
            maximum=values["maximum"],
            budget=values["budget_minimum"],
        )
    if code == "budget_fits":
        return _(
            "Budget (%(budget)s) and project size (%(size)s) overlap.",
            budget=_range(params, values, "budget_minimum", "budget_maximum"),
            size=_range(params, values, "minimum", "maximum"),
        )
    return _("Budget or project size is not stated.")


def dollars(params: dict[str, Any]) -> dict[str, str]:
    """{name: amount in US dollars}, rounded as a rate allows; to the dollar where that would hide a difference."""
    known = {name: round(value) for name, value in params.items() if value is not None}
    written = {name: aboutfmt(value, None, "USD") for name, value in known.items()}
    if len(set(written.values())) < len(set(known.values())):
        lang = str(get_locale() or "vi")[:2]
        written = {
            name: in_full(Amount(Decimal(value), Decimal(value), "USD"), lang)
            for name, value in known.items()
        }
    return {name: written.get(name, "") for name in params}


def _range(params: dict[str, Any], values: dict[str, str], low: str, high: str) -> str:
    if values[low] and values[high]:
        return aboutfmt(params[low], params[high], "USD")
    return _("from %(low)s", low=values[low]) if values[low] else _("up to %(high)s", high=values[high])


def _contract(code: str, params: dict[str, Any], lang: str) -> str:
    if code == "contract_form_shared":
        return _("Both accept: %(forms)s.", forms=_names("contract_form", params["shared"], lang))
    if code == "contract_form_differs":
        return _(
            "The need considers %(wanted)s; the company offers %(offered)s.",
            wanted=_names("contract_form", params["wanted"], lang),
            offered=_names("contract_form", params["offered"], lang),
        )
    if params.get("offered"):
        return _("The need is open as to the form of contract.")
    return _("One side does not state its forms of contract.")


def _language(code: str, params: dict[str, Any], lang: str) -> str:
    if code == "language_shared":
        return _("Both work in: %(languages)s.", languages=_names("language", params["shared"], lang))
    if code == "language_differs":
        return _(
            "The need works in %(wanted)s, the company in %(spoken)s.",
            wanted=_names("language", params["wanted"], lang),
            spoken=_names("language", params["spoken"], lang),
        )
    return _("Working languages are not stated.")


def _names(vocabulary: str, codes: Sequence[str], lang: str) -> str:
    return ", ".join(term_name(vocabulary, code, lang) for code in codes)


def reason_name(code: str | None) -> str:
    """A reason for which moderators reject a pair."""
    names = {
        "wrong_sector": _("Wrong sector"),
        "wrong_scale": _("Wrong scale"),
        "wrong_place": _("Wrong place"),
        "no_evidence": _("Claim without evidence"),
        "no_capacity": _("Not enough capacity"),
        "conflict": _("Conflict of interest"),
        "duplicate": _("Duplicate"),
        "not_now": _("Not now"),
        "other": _("Other"),
    }
    return names.get(code or "", code or "")


def neutral_reason(code: str | None) -> str:
    """A moderator's reason category as the company reads it: about the pair, not about the company."""
    names = {
        "wrong_sector": _("the need lies in another sector"),
        "wrong_scale": _("the scale of the two does not fit"),
        "wrong_place": _("the place does not fit"),
        "no_evidence": _("the text does not show evidence for what the need asks"),
        "no_capacity": _("the free capacity is not enough for this need"),
        "conflict": _("a conflict of interest"),
        "duplicate": _("the same pair is looked at elsewhere"),
        "not_now": _("not at this time"),
    }
    return names.get(code or "") or _("another reason")


def state_name(state: str) -> str:
    """The state of a match in words."""
    names = {
        "suggested": _("Waits for a moderator"),
        "shortlisted": _("Short list"),
        "on_hold": _("On hold"),
        "rejected": _("Rejected"),
        "approved": _("Approved"),
        "offered": _("Both sides asked"),
        "declined": _("Declined"),
        "expired": _("Offer expired"),
        "conflict_blocked": _("Barred: conflict of interest"),
        "introduced": _("Introduced"),
        "withdrawn": _("Withdrawn"),
    }
    return names.get(state, state)


def note_text(note: str) -> str:
    """A note beside a decision; those of the software are codes."""
    if note.startswith("rule_blocks: "):
        rules = ", ".join(rule_name(name) for name in note.removeprefix("rule_blocks: ").split(", "))
        return _("A rule came to block it: %(rules)s", rules=rules)
    if note.startswith("offer_not_made: "):
        why = words_of(note.removeprefix("offer_not_made: "))
        return _("The sides could not be asked. %(why)s", why=why)
    names = {
        "undone": _("Taken back"),
        "declared_relation": _("A relation between the two organisations is declared."),
        "relation_ended": _("The declared relation has ended."),
        "listing_changed": _("One side changed its published text."),
    }
    return names.get(note, note)


def interest_state(interest: Any) -> str:
    """What became of an expression of interest, in the company's words: every state has an answer.

    A moderator's short list and hold are steps among moderators, so both are "in review".
    """
    match = interest.match
    if interest.withdrawn_at is not None:
        return _("You took it back")
    if interest.need.state == "closed" and match.state != "introduced":
        return _("The need is closed")
    if match.blocked or match.state == "conflict_blocked":
        return _("A rule stands against it")
    names = {
        "suggested": _("Waits for a moderator"),
        "shortlisted": _("In review by a moderator"),
        "on_hold": _("In review by a moderator"),
        "rejected": _("Not taken further: %(reason)s", reason=neutral_reason(match.reason_code)),
        "approved": _("Approved"),
        "offered": _("The city is asked"),
        "declined": _("Declined by one of the two sides"),
        "expired": _("The offer expired without an answer"),
        "introduced": _("Introduced"),
        "withdrawn": _("The need or the capability was withdrawn"),
    }
    return names.get(match.state, match.state)


def why_blocked(match: Any, lang: str) -> list[str]:
    """The sentences of the rules that stand against a pair."""
    return [rule_sentence(rule, lang) for rule in match.explanation["rules"] if rule["state"] == "no"]
