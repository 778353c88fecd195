"""Who is told what about a partnership: the other side of what one reports, both and the forum of what differs.

Params hold names of organisations and the number; what was reported is read on the page.
"""

from __future__ import annotations

import uuid
from typing import Any

from ppp_match.accounts.models import User
from ppp_match.accounts.queries import members_of, staff_apart_from
from ppp_match.notifications.operations import notify
from ppp_match.partnerships.models import Partnership, Statement
from ppp_match.partnerships.standing import facts_of

OTHER = {"need": "capability", "capability": "need"}


def organisation_of(partnership: Partnership, side: str) -> Any:
    match = partnership.match
    return (match.need if side == "need" else match.capability).organisation


def params_of(partnership: Partnership, side: str | None = None) -> dict[str, Any]:
    """What every notice says: number, title, and the organisation of a side where one acted."""
    need = partnership.match.need.shown
    params = {"label": partnership.label, "title": need.text("title"), "title_lang": need.lang}
    if side is not None:
        organisation = organisation_of(partnership, side)
        params |= organisation.named("organisation")
    return params


def people_of(partnership: Partnership, side: str) -> list[User]:
    return members_of(organisation_of(partnership, side).id)


def differs(statement: Statement) -> bool:
    """Whether the other side says something else of the same fact."""
    return facts_of(statement.partnership.live_statements())[statement.key].standing == "differs"


def tell_reported(statement: Statement) -> None:
    """The other side reads it, and can say the same or otherwise."""
    partnership = statement.partnership
    notify(
        people_of(partnership, OTHER[statement.side]),
        "partnership.reported",
        partnership,
        params=params_of(partnership, statement.side),
        once=str(statement.id),
    )


def tell_differs(statement: Statement) -> None:
    """Both sides and the forum's moderators know that the two say different things."""
    partnership = statement.partnership
    people = [person for side in OTHER for person in people_of(partnership, side)]
    params = params_of(partnership, statement.side)
    notify(people, "partnership.differs", partnership, params=params, once=str(statement.id))
    notify(
        staff_apart_from(partnership.party_ids),
        "partnership.differs",
        partnership,
        params={**params, "side": "forum"},
        once=f"f{statement.id}",
    )


def tell_verified(statement: Statement) -> None:
    """Both sides read what the forum saw."""
    partnership = statement.partnership
    people = [person for side in OTHER for person in people_of(partnership, side)]
    params = params_of(partnership)
    notify(
        people,
        "partnership.verified",
        partnership,
        params=params,
        once=f"v{statement.id}:{statement.verified_at}",
    )


def tell_lapsed(partnership: Partnership) -> None:
    """Nobody answered: both sides learn that the course ended, and how it begins again."""
    people = [person for side in OTHER for person in people_of(partnership, side)]
    params = params_of(partnership)
    notify(people, "partnership.lapsed", partnership, params=params, once=str(partnership.since))


def ask_status(partnership: Partnership, side: str, request_id: uuid.UUID, kind: str) -> None:
    """Ask one side's people how it goes; each gets a link of their own in the mail."""
    params = {**params_of(partnership, OTHER[side]), "request": str(request_id), "state": partnership.state}
    notify(people_of(partnership, side), kind, partnership, params=params, once=str(request_id))
