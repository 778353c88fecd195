"""The coach beside the form: what is missing, why partners want to know it, and what matches would gain.

A need is held against the twelve questions of `readiness.py` (domain reference D6), a capability against what
practitioners look for (D9). What a match would gain is told from the matcher's own rules (`matching/rules.py`): a rule
that cannot be decided because a field is empty stays "unknown", whatever the other side says. The counts are those of
published listings of the other kind, in one query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ppp_match.formats import numberfmt
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.queries_coach import Market, market
from ppp_match.listings.readiness import Check, readiness
from ppp_match.listings.steps import step_of


@dataclass(frozen=True)
class Gain:
    """What the matches would gain by one field: its name, the step that asks it, the words."""

    field: str
    step: str
    words: str


@dataclass(frozen=True)
class Coach:
    """What stands in the panel. `level` is empty for a capability."""

    title: str
    level: Any
    checks: list[Check]
    gains: list[Gain]

    @property
    def score(self) -> int:
        return sum(check.said for check in self.checks)

    @property
    def total(self) -> int:
        return len(self.checks)

    @property
    def open(self) -> list[Check]:
        return [check for check in self.checks if not check.said]


def coach_of(kind: str, listing: Listing | None) -> Coach | None:
    """The panel for a listing that was saved once; a form without a draft has nothing to read yet."""
    if listing is None:
        return None
    revision = listing.edited
    others = market("capability" if kind == "need" else "need", sectors=revision.codes("sector"))
    if kind == "need":
        ready = readiness(revision)
        title = _("Readiness: %(score)s of 12", score=ready.score)
        return Coach(title, ready.level, ready.checks, need_gains(revision, others))
    checks = strength(listing)
    score = sum(check.said for check in checks)
    title = _("What cities look for: %(score)s of %(total)s", score=score, total=len(checks))
    return Coach(title, "", checks, capability_gains(listing, others))


def need_gains(need: Revision, others: Market) -> list[Gain]:
    """What matches with capabilities would gain."""
    gains = []
    if not need.codes("sector"):
        gains.append(("sector", _no_sector(others, "capability")))
    undecided = need.budget_status == "undisclosed" or (need.amount_min is None and need.amount_max is None)
    if undecided and others.with_amount:
        words = ngettext(
            "%(num)d published capability %(where)s names the size of projects it takes. Without a budget range its fit "
            "stays “unknown”; a wide range is enough.",
            "%(num)d published capabilities %(where)s name the size of projects they take. Without a budget range "
            "their fit stays “unknown”; a wide range is enough.",
            others.with_amount,
            where=_where(others),
        )
        gains.append(("amount_max", words))
    forms = [code for code in need.codes("contract_form") if code != "open"]
    if not forms and others.with_contract_form:
        words = ngettext(
            "%(num)d published capability %(where)s names its forms of contract. While yours are open, whether they meet "
            "stays “unknown”.",
            "%(num)d published capabilities %(where)s name their forms of contract. While yours are open, whether they "
            "meet stays “unknown”.",
            others.with_contract_form,
            where=_where(others),
        )
        gains.append(("contract_form", words))
    if not need.codes("language") and others.with_language:
        gains.append(("language", _no_language(others)))
    if not need.text("requirements"):
        words = _(
            "Each requirement is held against what a capability says, line by line. None is written yet."
        )
        gains.append(("requirements", words))
    return [Gain(name, step_of("need", name), words) for name, words in gains]


def capability_gains(listing: Listing, others: Market) -> list[Gain]:
    """What matches with needs would gain."""
    said = listing.edited
    gains = []
    if not said.codes("sector"):
        gains.append(("sector", _no_sector(others, "need")))
    if said.amount_min is None and said.amount_max is None and others.with_amount:
        words = ngettext(
            "%(num)d published need %(where)s names its budget. Without a project size your fit stays “unknown”.",
            "%(num)d published needs %(where)s name their budget. Without a project size your fit stays “unknown”.",
            others.with_amount,
            where=_where(others),
        )
        gains.append(("amount_max", words))
    if not said.codes("contract_form") and others.with_contract_form:
        words = ngettext(
            "%(num)d published need %(where)s names forms of contract. Without yours, whether they meet stays "
            "“unknown”.",
            "%(num)d published needs %(where)s name forms of contract. Without yours, whether they meet stays "
            "“unknown”.",
            others.with_contract_form,
            where=_where(others),
        )
        gains.append(("contract_form", words))
    if not said.codes("language") and others.with_language:
        gains.append(("language", _no_language(others)))
    if not said.codes("country"):
        words = _("Without countries served, only needs of your home country are known to be in reach.")
        gains.append(("country", words))
    confirmed = sum(row.confirmation == "confirmed" for row in listing.references)
    if not confirmed:
        words = _(
            "Each reference that its client confirms lifts all your matches a little; a claimed one does not."
        )
        gains.append(("references", words))
    return [Gain(name, step_of("capability", name), words) for name, words in gains]


def _where(others: Market) -> str:
    return _("in your sectors") if others.by_sector else _("of all sectors")


def _no_sector(others: Market, kind: str) -> str:
    if kind == "capability":
        return ngettext(
            "%(num)d capability is published. Without a sector, what it is about is told by the words alone.",
            "%(num)d capabilities are published. Without a sector, what they are about is told by the words alone.",
            others.total,
        )
    return ngettext(
        "%(num)d need is published. Without a sector, what it is about is told by the words alone.",
        "%(num)d needs are published. Without a sector, what they are about is told by the words alone.",
        others.total,
    )


def _no_language(others: Market) -> str:
    return ngettext(
        "%(num)d published text on the other side %(where)s names its working languages. Without yours, whether you can "
        "talk stays “unknown”.",
        "%(num)d published texts on the other side %(where)s name their working languages. Without yours, whether you "
        "can talk stays “unknown”.",
        others.with_language,
        where=_where(others),
    )


def strength(listing: Listing) -> list[Check]:
    """What practitioners look for in a capability, in their order (domain reference D9)."""
    said = listing.edited
    confirmed = sum(row.confirmation == "confirmed" for row in listing.references)
    named = len(listing.references)
    return [
        Check(
            len(said.text("solves")) >= 100,
            _l("The problem is told in the words of those who have it"),
            _l("A city searches for its problem, not for your product."),
            "solves",
        ),
        Check(
            bool(said.codes("country")),
            _l("Countries where you can deliver today"),
            _l("A hard rule: what is not served is shown as a reason against."),
            "country",
        ),
        Check(
            said.amount_max is not None,
            _l("The size of projects you take"),
            _l("A hard rule: it spares both sides a useless letter."),
            "amount_max",
        ),
        Check(
            len(said.text("not_offered")) >= 5,
            _l("A clear limit"),
            _l("What you do not do makes the rest believable."),
            "not_offered",
        ),
        Check(
            named > 0,
            _l("A reference project"),
            _l("Cities ask first where it runs already, with a figure."),
            "references",
        ),
        Check(
            confirmed > 0,
            _l("A reference that its client has confirmed"),
            _l("Most cities do not trust what a provider says of itself; they trust a colleague.")
            if not named
            else _l("Named, but not confirmed yet: %(n)s.", n=numberfmt(named)),
            "references",
        ),
        Check(
            len(said.text("local_support")) >= 10,
            _l("Support on the spot"),
            _l("Who comes, from where, how soon: the first question after the price."),
            "local_support",
        ),
        Check(
            bool(said.text("integration") or said.text("standards")),
            _l("Interfaces and standards"),
            _l("Most of the cost of a project lies in connecting to what is there."),
            "integration",
        ),
        Check(
            bool(said.codes("data_hosting")),
            _l("Where data can be stored"),
            _l("Many public bodies may store theirs in the country only."),
            "data_hosting",
        ),
        Check(
            said.delivery_months is not None,
            _l("Months from contract to operation"),
            _l("A typical project; cities plan by budget years."),
            "delivery_months",
        ),
    ]
