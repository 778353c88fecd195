"""The filters of the queues in words: what can be chosen, with how many wait there, and the chips of what is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from ppp_match.accounts.models import City
from ppp_match.db import db
from ppp_match.formats import numberfmt
from ppp_match.moderation.colleagues import colleagues
from ppp_match.moderation.queue_filters import CHOICES, FLAGS, SORTS, QueueFilters
from ppp_match.moderation.targets import Due
from ppp_match.permissions import Actor
from ppp_match.recommendations.sentences import state_name
from ppp_match.vocabularies import sectors, term_name


@dataclass(frozen=True)
class Choice:
    """One select of the filter form: (value, words) after the empty one."""

    name: str
    label: str
    nothing: str
    options: list[tuple[str, str]]


def choices(
    filters: QueueFilters, counts: Mapping[str, Mapping[str, int]], actor: Actor, lang: str
) -> list[Choice]:
    """The selects of a queue's form. A sector, country or city that nothing waits in is left out."""
    names = {
        name: _names(name, set(counts.get(name, ())) | {filters.get(name)} - {""}, filters, actor, lang)
        for name in CHOICES[filters.queue]
    }
    found = []
    for name, words in names.items():
        label, nothing = _label(name, filters.queue)
        many = counts.get(name)
        options = [
            (value, f"{text} ({numberfmt(many.get(value, 0))})" if many is not None else text)
            for value, text in words.items()
        ]
        if options:
            found.append(Choice(name, label, nothing, options))
    return found


def flags(filters: QueueFilters) -> list[tuple[str, str, bool]]:
    """(name, words, ticked) of the boxes of a queue's form."""
    return [(name, _flag(name), name in filters.flags) for name in FLAGS[filters.queue]]


def sorts(filters: QueueFilters) -> list[tuple[str, str]]:
    words = {
        "wait": _("Longest wait first"),
        "score": _("Best score first"),
        "newest": _("Shortest wait first"),
    }
    return [(sort, words[sort]) for sort in SORTS[filters.queue]]


def chips(filters: QueueFilters, actor: Actor, lang: str) -> list[tuple[str, str]]:
    """(words, address without it) of every filter in use."""
    found = []
    for name, value in filters.chosen.items():
        names = _names(name, {value}, filters, actor, lang)
        label = _label(name, filters.queue)[0]
        found.append((f"{label}: {names.get(value, value)}", filters.without(name).query()))
    found += [(_flag(name), filters.without(name).query()) for name in filters.flags]
    if filters.find:
        found.append((f"“{filters.find}”", filters.without("find").query()))
    return found


def due_words(due: Due) -> tuple[str, str, str]:
    """(words, icon, look) of the chip that says whether something is in time."""
    return {
        "late": (_("Late"), "warn", "son"),
        "soon": (_("Due soon"), "clock", "nghe"),
        "in_time": (_("In time"), "check", ""),
    }[due.state]


def _label(name: str, queue: str) -> tuple[str, str]:
    return {
        "kind": (_("Kind"), _("Needs and capabilities")),
        "sector": (_("Sector"), _("Every sector")),
        "country": (_("Country"), _("Every country")),
        "city": (_("City"), _("Every city")),
        "bridge": (_("Languages"), _("Every pair of languages")),
        "state": (
            (_("State"), _("Every state")) if queue == "listings" else (_("Pairs"), _("Wait for review"))
        ),
        "hand": (_("In hand"), _("Anyone or nobody")),
        "who": (_("Assigned to"), _("Anyone or nobody")),
    }[name]


def _flag(name: str) -> str:
    return {
        "late": _("Waits longer than the target"),
        "interest": _("A company expressed interest"),
        "fresh": _("A company never asked before"),
        "lot": _("Pairs chosen by lot wait"),
    }[name]


def _names(name: str, values: set[str], filters: QueueFilters, actor: Actor, lang: str) -> dict[str, str]:
    """{value: words} of one filter, in the order of the select."""
    if name == "kind":
        return {"need": _("Needs"), "capability": _("Capabilities")}
    if name == "sector":
        return {one.code: one.name(lang) for one in sectors() if one.code in values}
    if name == "country":
        named = {code: term_name("country", code, lang) for code in values}
        return dict(sorted(named.items(), key=lambda pair: pair[1]))
    if name == "city":
        rows = db.session.scalars(select(City).where(City.slug.in_(values))) if values else ()
        return dict(sorted(((city.slug, city.name(lang)) for city in rows), key=lambda pair: pair[1]))
    if name == "bridge":
        speech = {"vi": _("Vietnamese"), "en": _("English")}
        pairs = (("vi", "en"), ("en", "vi"), ("vi", "vi"), ("en", "en"))
        return {f"{one}-{two}": f"{speech[one]} → {speech[two]}" for one, two in pairs}
    if name == "state" and filters.queue == "listings":
        return {
            "submitted": _("Nobody has begun"),
            "in_review": _("In review"),
            "change": _("Change of a published text"),
        }
    if name == "state":
        return {state: state_name(state) for state in ("shortlisted", "on_hold", "approved")}
    people = {"me": _("Me"), "nobody": _("Nobody")}
    if name == "who":
        people |= {str(one.id): one.name for one in colleagues() if one.id != actor.user_id}
    return people
