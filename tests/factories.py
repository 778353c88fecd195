"""Rows for tests, whole and valid unless a test says otherwise. Each is flushed, none is committed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

import factory
from flask import current_app
from flask_security.utils import hash_password
from sqlalchemy import select

from ppp_match.accounts import totp as clock
from ppp_match.accounts.factor_models import Authenticator
from ppp_match.accounts.models import City, Membership, Organisation, User
from ppp_match.db import db, now, today
from ppp_match.listings.models import Listing, ReferenceProject, Revision
from ppp_match.permissions import Actor

PASSWORD = "demo-Passw0rd!"


@lru_cache(maxsize=1)
def _password_hash() -> str:
    return str(hash_password(PASSWORD))


class Rows(factory.alchemy.SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731
        sqlalchemy_session_persistence = "flush"


class UserFactory(Rows):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@demo.example")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.LazyFunction(_password_hash)
    confirmed_at = factory.LazyFunction(now)
    locale = "en"


class OrganisationFactory(Rows):
    class Meta:
        model = Organisation

    kind = "city"
    subtype = factory.LazyAttribute(
        lambda o: {"city": "city", "vendor": "technology"}.get(o.kind, "institute")
    )
    # Five digits, so that no name begins another and a search by name finds no figure of a text.
    name_vi = factory.Sequence(lambda n: f"Đơn vị {n:05} (minh họa)")
    name_en = factory.Sequence(lambda n: f"Unit {n:05} (demo)")
    country = "VN"
    size_band = "small"
    contact_unit = "Partnership desk"
    contact_email = factory.Sequence(lambda n: f"desk{n}@unit.example")
    verification = "verified"
    verified_at = factory.LazyAttribute(
        lambda o: now() if o.verification in ("verified", "rejected") else None
    )


def make_member(
    kind: str = "city", *, role: str = "owner", organisation: Organisation | None = None, **user
) -> User:
    """A person who belongs to an organisation of that kind (a new, verified one unless given)."""
    person = UserFactory(**user)
    home = organisation or OrganisationFactory(kind=kind)
    db.session.add(Membership(user=person, organisation=home, role=role))
    db.session.flush()
    return with_second_factor(person) if person.staff_role else person


def make_staff(role: str = "moderator", *, second_factor: bool = True, **user) -> User:
    """Somebody of the forum, with the second factor without which the tests' application lets no staff in."""
    person = UserFactory(staff_role=role, **user)
    return with_second_factor(person) if second_factor else person


def totp() -> clock.Codes:
    return clock.codes(current_app.extensions["settings"])


@lru_cache(maxsize=1)
def _totp_secret() -> str:
    return totp().generate_totp_secret()


def with_second_factor(person: User) -> User:
    """The person with an app that tells codes; code_of(person) is what it shows."""
    db.session.add(Authenticator(user_id=person.id, name="Phone", secret=_totp_secret()))
    person.second_factor_at = now()
    db.session.flush()
    return person


def code_of(person: User) -> str:
    """The code that the app of that person shows, as if none had been used before."""
    app = db.session.scalar(select(Authenticator).where(Authenticator.user_id == person.id))
    app.last_counter = None
    return totp().generate_totp_password(app.secret)


def actor_of(user: User) -> Actor:
    return user.as_actor()


NEED_TEXT = {
    "title": "Giảm ngập 20 tuyến phố ven sông",
    "problem": (
        "Mỗi trận mưa trên 80 mm cùng triều cường gây ngập 30–60 cm trên 20 tuyến phố ven sông. Năm 2025 có 34 đợt "
        "ngập, tổng cộng 212 giờ. Thành phố biết ngập khi người dân gọi đến; bốn trạm bơm chạy theo kinh nghiệm của "
        "người trực. Ba bệnh viện và 18 trường học nằm trong vùng ngập, xe cứu thương nhiều lần phải đi vòng."
    ),
    "outcome": "Cảnh báo sớm ít nhất 3 giờ trước khi ngập và giảm 30 % số giờ ngập mỗi năm.",
    "local_specifics": "Ven sông, triều cường, nhiều xe máy, hẻm nhỏ.",
    "contact_unit": "Trung tâm Hạ tầng kỹ thuật",
    "conflicts": "Không có.",
}
CAPABILITY_TEXT = {
    "title": "Street-level flood forecasting",
    "solves": (
        "Cities learn of street flooding from phone calls. We forecast flood depth at street level every ten minutes "
        "and send early warning up to four hours ahead, from radar rainfall, tide gauges and level sensors."
    ),
    "how": "Level sensors, a two-dimensional drainage model, an alert service and a dashboard for the pumping stations.",
    "not_offered": "Civil works, pump replacement.",
    "local_support": "Twelve technicians in Can Tho and Ho Chi Minh City.",
    "ownership": "None.",
}
NEED_TERMS = {
    "sector": ["water.flood"],
    "ascf_area": ["safety_security"],
    "outcome_area": ["sustainable_environment"],
    "d950_group": ["management"],
    "partner_kind": ["technology"],
    "contract_form": ["service", "BOT", "pilot"],
    "language": ["vi", "en"],
}
CAPABILITY_TERMS = {
    "sector": ["water.flood"],
    "ascf_area": ["safety_security"],
    "outcome_area": ["sustainable_environment"],
    "offer_kind": ["services"],
    "country": ["VN", "SG"],
    "language": ["vi", "en"],
    "contract_form": ["service", "pilot"],
    "data_hosting": ["in_country"],
}


def _fill(revision: Revision, texts: dict[str, str], terms: dict[str, list[str]], lang: str) -> None:
    for field, text in texts.items():
        revision.set_text(field, lang, text)
    for vocabulary, codes in terms.items():
        revision.set_codes(vocabulary, codes)


_numbers = iter(range(5001, 10**9))  # the forum itself counts from 1


def make_listing(
    kind: str = "need",
    *,
    state: str = "draft",
    organisation: Organisation | None = None,
    lang: str | None = None,
    texts: dict[str, str] | None = None,
    terms: dict[str, list[str]] | None = None,
    **columns,
) -> Listing:
    """A listing whose text is complete, put directly into a state (tests of moves use the operations)."""
    home = organisation or OrganisationFactory(kind="city" if kind == "need" else "vendor")
    language = lang or ("vi" if kind == "need" else "en")
    city = db.session.scalar(select(City).where(City.slug == "ho-chi-minh-city"))
    values = (
        {
            "stage": "screen",
            "budget_status": "planned",
            "amount_min": Decimal(15_000_000_000),
            "amount_max": Decimal(100_000_000_000),
            "currency": "VND",
            "amount_min_usd": Decimal(600_000),
            "amount_max_usd": Decimal(4_000_000),
            "beneficiaries": 400_000,
            "scale_value": Decimal(140),
            "scale_unit": "điểm đo",
            "start_on": today() + timedelta(days=200),
            "response_until": today() + timedelta(days=90),
            "city_id": city.id,
        }
        if kind == "need"
        else {
            "maturity": "deployed",
            "amount_min": Decimal(100_000),
            "amount_max": Decimal(2_500_000),
            "currency": "USD",
            "amount_min_usd": Decimal(100_000),
            "amount_max_usd": Decimal(2_500_000),
        }
    )
    listing = Listing(kind=kind, number=next(_numbers), organisation=home)
    published = state in ("published", "closed")
    revision = Revision(listing=listing, lang=language, state="accepted" if published else "draft")
    for name, value in {**values, **columns}.items():
        setattr(revision, name, value)
    _fill(
        revision,
        {**(NEED_TEXT if kind == "need" else CAPABILITY_TEXT), **(texts or {})},
        {**(NEED_TERMS if kind == "need" else CAPABILITY_TERMS), **(terms or {})},
        language,
    )
    db.session.add(listing)
    db.session.flush()
    listing.working = revision
    if published:
        listing.live, listing.published_at = revision, now()
        db.session.flush()  # the pointer is written apart from the row, and must be there before the state
    if state == "closed":
        listing.close_reason, listing.ended_at = "agreed", now()
    if state in ("submitted", "in_review"):
        listing.submitted_at = now()
    db.session.flush()  # the live revision is set by an update of its own, and the check of the state looks at it
    listing.state = state
    db.session.flush()
    return listing


def add_reference(listing: Listing, **values) -> ReferenceProject:
    row = ReferenceProject(
        listing=listing,
        **{
            "client": "Riverside City Works (demo)",
            "year": 2024,
            "country": "VN",
            "confirmation": "confirmed",
            **values,
        },
    )
    db.session.add(row)
    db.session.flush()
    return row
