"""What the pages of needs and capabilities show of matches: a vendor's interest, and counts for an owner.

Rooms below this one draw those pages, so they include our templates, which ask the functions here by name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask_babel import get_locale
from sqlalchemy import select

from ppp_match.listings.beside import COUNTED, beside
from ppp_match.listings.models import Listing
from ppp_match.permissions import can
from ppp_match.recommendations import queries
from ppp_match.recommendations.chances import nothing_good_for
from ppp_match.recommendations.forms import InterestForm
from ppp_match.recommendations.models import Interest
from ppp_match.recommendations.operations import FROZEN_STAGES
from ppp_match.recommendations.standing import others_by_size
from ppp_match.web import current_actor

COUNTED["interests"] = lambda listing, _actor: select(Interest.id).where(Interest.need_id == listing.id)


@dataclass(frozen=True)
class InterestPanel:
    """What a company sees at a need: what it said before, and the form or why there is none."""

    interests: list[Interest]
    form: InterestForm | None
    why_not: str  # "", unverified, no_capability, need_at_procurement


def interest_panel(need: Listing) -> InterestPanel | None:
    """The panel for who looks at the need, or None for people who cannot express interest in it."""
    actor = current_actor()
    organisation = actor.acting_for
    concerned = organisation is not None and can(actor, "interest.express") and need.kind == "need"
    if (
        not concerned
        or need.state != "published"
        or organisation is None
        or organisation.id in need.party_ids
    ):
        return None
    interests = queries.interests_of(organisation.id, need.id) if beside(need, "interests") else []
    used = {interest.capability_id for interest in interests}
    left = [one for one in queries.published_capabilities(organisation.id) if one.id not in used]
    if need.shown.stage in FROZEN_STAGES:
        return InterestPanel(interests, None, "need_at_procurement")
    if not organisation.verified:
        return InterestPanel(interests, None, "unverified")
    if not left:
        return InterestPanel(interests, None, "" if interests else "no_capability")
    return InterestPanel(interests, InterestForm(formdata=None).offer(left, str(get_locale())), "")


def others_at(need: Listing) -> list[tuple[str, str]]:
    """How many other companies of each size stand to a need: [(size, how many in words)]."""
    organisation_id = current_actor().organisation_id
    return others_by_size([need.id], without=organisation_id, lang=str(get_locale()))[need.id]


def match_counts(listing: Listing) -> queries.Counts | None:
    """Counts for the owner of a listing or the forum's staff; None for everybody else."""
    actor = current_actor()
    if actor.staff_role is None and actor.organisation_id not in listing.party_ids:
        return None
    counts = queries.counts_of(listing)
    return replace(counts, nothing_good=True) if nothing_good_for(listing) else counts
