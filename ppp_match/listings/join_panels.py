"""What other pages show of likeness, joined needs and merges. Templates ask the functions here by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from ppp_match.db import db
from ppp_match.listings import join_queries, likeness, presentation
from ppp_match.listings.beside import beside
from ppp_match.listings.join_models import MergeProposal, NeedJoin
from ppp_match.listings.join_operations import refuse_joining
from ppp_match.listings.join_queries import Demand
from ppp_match.listings.models import Listing
from ppp_match.listings.queries import sees_identity
from ppp_match.permissions import can
from ppp_match.vocabularies import sector_name
from ppp_match.web import current_actor


@dataclass(frozen=True)
class Share:
    """One city's part in a need as this reader may see it."""

    join: NeedJoin
    name: str  # empty where it is withheld
    place: str


@dataclass(frozen=True)
class JoinPanel:
    """The cities of a need, and what the reader's own organisation has to do with them."""

    shares: list[Share]
    demand: Demand
    waiting: list[NeedJoin]  # for the lead
    own: NeedJoin | None  # of a city that asked or joined
    may_ask: bool
    why_not: str  # a refusal's code, for a city that might ask otherwise


def join_panel(need: Listing) -> JoinPanel | None:
    """The panel for who looks at the need; None where there is nothing to show."""
    if need.kind != "need" or need.live is None:
        return None
    actor = current_actor()
    any_join = beside(need, "joins") > 0
    joins = join_queries.agreed_joins(need) if any_join else []
    mine = join_queries.joins_between(need, actor) if any_join and can(actor, "need.join") else []
    lead = actor.organisation_id == need.organisation_id
    asks = can(actor, "need.join") and not lead and need.state == "published" and not mine
    code = refuse_joining(need, actor=actor, joined=False) if asks else None
    panel = JoinPanel(
        shares=[share_of(join) for join in joins],
        demand=join_queries.demand_of(need, joins),
        waiting=[join for join in mine if join.state == "asked"] if lead else [],
        own=mine[0] if mine and not lead else None,
        may_ask=asks and code is None,
        why_not=code or "",
    )
    return panel if panel.shares or panel.waiting or panel.own or asks else None


def share_of(join: NeedJoin) -> Share:
    """A city's part in a need: named, unless it minds and the reader is neither of the two nor staff."""
    lang = str(get_locale())[:2]
    country = presentation.country_name(join.city.country if join.city else join.organisation.country, lang)
    if join.unnamed and not knows(join):
        return Share(join, "", _("A city in %(country)s", country=country))
    place = f"{join.city.name(lang)}, {country}" if join.city else country
    return Share(join, join.organisation.name(lang), place)


def knows(join: NeedJoin) -> bool:
    """Whether the reader knows who joined although it is unnamed: the two cities and the forum."""
    actor = current_actor()
    return bool(actor.staff_role) or bool(join.party_ids & actor.organisation_ids)


def lead_name(join: NeedJoin, lang: str) -> str:
    """The lead's name for who reads a request: open, or opened to the city that it agreed to."""
    need = join.need
    open_ = not need.hides_its_city or sees_identity(need, current_actor()) or join.state == "agreed"
    return presentation.owner(need, need.shown, lang, known=open_)


def joins_of_ours() -> list[NeedJoin]:
    """Requests that the organisation one acts for made or got."""
    actor = current_actor()
    return join_queries.joins_of(actor.organisation_id) if can(actor, "need.join") else []


def merge_proposals(listing: Listing) -> list[MergeProposal]:
    """Open proposals about a listing, for its owners, the other side and the forum."""
    actor = current_actor()
    if actor.staff_role is None and not actor.organisation_ids:
        return []
    found = join_queries.proposals_of(listing) if beside(listing, "proposals") else []
    return [
        one for one in found if actor.staff_role is not None or bool(one.party_ids & actor.organisation_ids)
    ]


def merged_here(listing: Listing) -> list[Listing]:
    """What was merged into a published or closed listing."""
    return join_queries.merged_into(listing) if listing.live is not None and beside(listing, "merged") else []


def merged_where(listing: Listing) -> Listing | None:
    """The listing in whose favour this one ended, for its owners and the forum."""
    return db.session.get(Listing, listing.merged_into_id) if listing.merged_into_id else None


def likely_duplicates(listing: Listing) -> list[likeness.Alike]:
    """For the moderator: what is like a listing in review; drafts stay their owner's."""
    found = likeness.like(listing, drafts=False)
    return sorted([*found.own, *found.others], key=lambda one: -one.likeness.score)


def join_state(state: str) -> str:
    """The state of a request to join, in words."""
    return {
        "asked": _("Waits for the lead city"),
        "agreed": _("Takes part"),
        "declined": _("Declined"),
        "taken_back": _("Taken back"),
        "left": _("No longer takes part"),
    }[state]


def merge_state(state: str) -> str:
    """The state of a proposed merge, in words."""
    return {
        "proposed": _("Waits for consent"),
        "merged": _("Merged"),
        "declined": _("Declined"),
        "taken_back": _("Taken back"),
    }[state]


JOIN_LOOKS = {
    "asked": ("clock", "cham"),
    "agreed": ("check", "la"),
    "declined": ("cross", ""),
    "taken_back": ("out", ""),
    "left": ("out", ""),
}
MERGE_LOOKS = {
    "proposed": ("clock", "cham"),
    "merged": ("check", "la"),
    "declined": ("cross", ""),
    "taken_back": ("out", ""),
}


def verdict_words(one: likeness.Alike) -> str:
    """How likely two texts are about one matter, in words."""
    return _("very likely the same") if one.verdict == "same" else _("similar")


GLOBALS: dict[str, Any] = {
    "join_panel": join_panel,
    "join_share": share_of,
    "joins_of_ours": joins_of_ours,
    "join_state": join_state,
    "JOIN_LOOKS": JOIN_LOOKS,
    "lead_name": lead_name,
    "merge_proposals": merge_proposals,
    "merge_state": merge_state,
    "MERGE_LOOKS": MERGE_LOOKS,
    "merged_here": merged_here,
    "merged_where": merged_where,
    "verdict_words": verdict_words,
    "sector_name": sector_name,
    "demand_of": join_queries.demand_of,
}
