"""Numbers that a page shows, counted in one statement: whoever asks first asks for all that every page needs.

What lives here: `counted` and the register of what every page of somebody signed in counts (the menu). What is counted
beside a listing stands in `listings/beside.py`, the menu's in `home/queries.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from flask import g
from sqlalchemy import ScalarSelect, select

from ppp_match.db import db
from ppp_match.permissions import Actor
from ppp_match.web import current_actor

Numbers = Callable[[Actor], Mapping[str, ScalarSelect[Any]]]

ON_EVERY_PAGE: dict[str, Numbers] = {}


def counted(group: Hashable, wanted: Numbers) -> dict[str, int]:
    """The numbers of a group by name, counted once a request."""
    kept: dict[Hashable, dict[str, int]] = g.setdefault("counted", {})
    if group not in kept:
        actor = current_actor()
        asked = {group: wanted(actor)}
        if actor.is_authenticated:
            for name, numbers in ON_EVERY_PAGE.items():
                if name != group and name not in kept:
                    asked[name] = numbers(actor)
        places = [(one, name) for one, numbers in asked.items() for name in numbers]
        columns = [numbers[name] for numbers in asked.values() for name in numbers]
        row = db.session.execute(select(*(c.label(f"n{at}") for at, c in enumerate(columns)))).one()
        kept.update({one: {} for one in asked})
        for (one, name), number in zip(places, row, strict=True):
            kept[one][name] = int(number or 0)
    return kept[group]
