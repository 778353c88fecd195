"""Partnerships ready to be reported on, and the people of both sides."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ppp_match.accounts.models import User
from ppp_match.db import db
from ppp_match.partnerships.models import Partnership
from ppp_match.permissions import Actor
from tests.factories import actor_of
from tests.introductions.pairs import introduce, make_pair


@dataclass
class Talk:
    """A partnership with one person on each side and a moderator of neither."""

    partnership: Partnership
    city: User
    vendor: User
    moderator: User

    @property
    def of_city(self) -> Actor:
        return actor_of(self.city)

    @property
    def of_vendor(self) -> Actor:
        return actor_of(self.vendor)

    @property
    def of_forum(self) -> Actor:
        return actor_of(self.moderator)


def make_partnership(**need) -> Talk:
    pair = make_pair(need=need)
    introduction = introduce(pair)
    partnership = db.session.scalars(
        select(Partnership).where(Partnership.introduction_id == introduction.id)
    ).one()
    return Talk(partnership, pair.city, pair.vendor, pair.moderator)
