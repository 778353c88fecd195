"""Two cities, a need of the one and people of both: what the tests of joining and merging start from."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from ppp_match.accounts.models import City
from ppp_match.db import db
from ppp_match.listings import join_operations as joins
from ppp_match.listings.join_models import NeedJoin
from ppp_match.notifications.models import Notification
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff

WASTE = {
    "title": "Thu gom rác trên kênh rạch và chợ nổi",
    "problem": (
        "Mỗi ngày 18 tấn rác trôi theo con nước qua bảy kênh và hai chợ nổi. Thuyền gom rác chạy theo giờ cố định, "
        "không theo con nước, nên một phần ba lượng rác ra tới sông lớn. Tiểu thương trên thuyền không có chỗ đổ rác."
    )
    * 2,
    "outcome": "Rác ra sông lớn giảm một nửa trong hai năm, đo bằng lượng gom được ở các cửa kênh.",
}


def slug(name: str) -> City:
    return db.session.query(City).filter_by(slug=name).one()


def two_cities(*, anonymous: bool = False, **columns) -> SimpleNamespace:
    """A lead city with a published need, another city, and a moderator."""
    lead_home = OrganisationFactory(
        kind="city", name_vi="Thành phố Dẫn Đầu", name_en="Lead Town", contact_unit="Lead desk"
    )
    other_home = OrganisationFactory(kind="city", name_vi="Thành phố Theo Sau", name_en="Second Town")
    lead = make_member("city", organisation=lead_home)
    other = make_member("city", organisation=other_home)
    need = make_listing(
        "need",
        state="published",
        organisation=lead_home,
        anonymous=anonymous,
        **{"city_id": slug("can-tho").id, **columns},
    )
    return SimpleNamespace(
        lead=lead,
        other=other,
        need=need,
        lead_home=lead_home,
        other_home=other_home,
        moderator=make_staff(),
        lead_actor=actor_of(lead),
        other_actor=actor_of(other),
    )


def asked(world: SimpleNamespace, **more) -> NeedJoin:
    """The other city has asked to join."""
    values = {
        "message": "Our harbour floods as well.",
        "lang": "en",
        "city": slug("hai-phong"),
        "quantity": Decimal(60),
        "beneficiaries": 120_000,
    }
    return joins.ask_to_join(world.need, actor=world.other_actor, **{**values, **more})


def agreed(world: SimpleNamespace, **more) -> NeedJoin:
    join = asked(world, **more)
    joins.agree(join, actor=world.lead_actor)
    return join


def told(person) -> list[str]:
    """Kinds of notices that a person got, in their order."""
    rows = db.session.query(Notification).filter_by(user_id=person.id).order_by(Notification.created_at)
    return [row.kind for row in rows]
