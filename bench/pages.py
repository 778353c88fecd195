"""Pages at size: `python bench/pages.py [--listings 10000] [--rounds 15]`.

Fills a SQLite forum in a temporary folder with published listings (texts of the lexicon's terms from a fixed seed,
two fifths of them needs), signs in as each role and asks for every list and record page. Prints for each page the
statements it took and its median time beside the lightest page of the same role in the same run; the rounds go round
all pages, so that a slow moment of the machine falls on all alike. Ends with 1 when a page takes more than 12
statements, or more than 5 times the lightest of its role.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import sys
import tempfile
import time
import uuid
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from flask_migrate import upgrade
from flask_security.utils import hash_password
from sqlalchemy import event, insert, select, update

from ppp_match.accounts.models import City, Membership, Organisation, User
from ppp_match.app import create_app
from ppp_match.config import ROOT, Settings
from ppp_match.db import db, now, today, writing
from ppp_match.introductions.models import Offer
from ppp_match.introductions.operations import FROZEN_STAGES, make_offer
from ppp_match.listings.models import (
    Listing,
    ListingNumber,
    ReferenceProject,
    Revision,
    RevisionTerm,
    RevisionText,
)
from ppp_match.permissions import SYSTEM
from ppp_match.recommendations import operations as recommendations
from ppp_match.recommendations.models import Match
from ppp_match.search.models import IndexChange
from ppp_match.seeding.reference import load_reference
from ppp_match.vocabularies import sectors, terms

LEXICON = ROOT / "seeds" / "lexicon"
MOST_STATEMENTS = 12
MOST_TIMES = 5.0
PASSWORD = "bench only, never served"  # noqa: S105  of a forum that lives for one run
TEXTS = {
    "need": ("problem", "outcome", "local_specifics", "requirements"),
    "capability": ("solves", "how", "not_offered", "local_support"),
}


class Words:
    """Sentences of the lexicon's terms, drawn like words of a language: the n-th most frequent about 1/n as often.

    A few dozen words in every text would make each listing answer every search, which no forum's do.
    """

    def __init__(self, chance: random.Random) -> None:
        rows = [
            row
            for path in sorted(LEXICON.glob("*.csv"))
            for row in csv.DictReader(path.open(encoding="utf-8"))
        ]
        chance.shuffle(rows)
        self.chance = chance
        self.terms = {lang: [row[lang] for row in rows] for lang in ("vi", "en")}
        self.weights = list(accumulate(1 / rank for rank in range(1, len(rows) + 1)))

    def sentence(self, lang: str, terms: int) -> str:
        drawn = self.chance.choices(self.terms[lang], cum_weights=self.weights, k=terms)
        return " ".join(drawn).capitalize()


def fill(count: int, chance: random.Random) -> None:
    """Write `count` published listings of a hundred organisations straight into the tables."""
    cities = list(db.session.scalars(select(City.id)))
    words = Words(chance)
    codes = {
        name: [term.code for term in terms(name)]
        for name in ("stage", "maturity", "contract_form", "ascf_area")
    }
    subsectors = [sector.code for sector in sectors()]
    owners: dict[str, list[uuid.UUID]] = {"need": [], "capability": []}
    for number in range(100):
        kind = "need" if number % 2 else "capability"
        organisation = Organisation(
            kind="city" if kind == "need" else "vendor",
            subtype="city" if kind == "need" else "technology",
            name_vi=f"Đơn vị {number}",
            name_en=f"Unit {number}",
            country="VN",
            size_band=chance.choice(("micro", "small", "medium", "large")),
            verification="verified",
            verified_at=now(),
        )
        db.session.add(organisation)
        db.session.flush()
        owners[kind].append(organisation.id)
    rows: dict[type[Any], list[dict[str, Any]]] = {
        model: [] for model in (Listing, Revision, RevisionText, RevisionTerm, ReferenceProject, IndexChange)
    }
    live: list[tuple[uuid.UUID, uuid.UUID]] = []
    for number in range(1, count + 1):
        kind = "need" if number % 5 < 2 else "capability"
        lang = chance.choice(("vi", "en"))
        listing_id, revision_id = uuid.uuid4(), uuid.uuid4()
        amount = Decimal(chance.randrange(50_000, 50_000_000))
        rows[Listing].append(
            {
                "id": listing_id,
                "kind": kind,
                "number": number,
                "organisation_id": chance.choice(owners[kind]),
                "state": "draft",
                "version": 1,
            }
        )
        rows[Revision].append(
            {
                "id": revision_id,
                "listing_id": listing_id,
                "state": "accepted",
                "lang": lang,
                "city_id": chance.choice(cities) if kind == "need" else None,
                "stage": chance.choice(codes["stage"]) if kind == "need" else None,
                "maturity": None if kind == "need" else chance.choice(codes["maturity"]),
                "amount_min": amount / 4,
                "amount_max": amount,
                "currency": "USD",
                "amount_min_usd": amount / 4,
                "amount_max_usd": amount,
                "beneficiaries": chance.randrange(1_000, 900_000),
                "response_until": today() + timedelta(days=chance.randrange(5, 300)),
            }
        )
        live.append((listing_id, revision_id))
        texts = {
            "title": words.sentence(lang, 5),
            **{name: words.sentence(lang, 25) for name in TEXTS[kind]},
        }
        rows[RevisionText] += [
            {"revision_id": revision_id, "lang": lang, "field": field, "text": text}
            for field, text in texts.items()
        ]
        chosen = {
            "sector": chance.sample(subsectors, 2),
            "contract_form": chance.sample(codes["contract_form"], 3),
            "ascf_area": chance.sample(codes["ascf_area"], 1),
            "country": ["VN"] if kind == "capability" else [],
            "language": ["vi", "en"],
        }
        rows[RevisionTerm] += [
            {"revision_id": revision_id, "vocabulary": name, "code": code, "position": at}
            for name, values in chosen.items()
            for at, code in enumerate(values)
        ]
        if kind == "capability":
            rows[ReferenceProject].append(
                {"listing_id": listing_id, "client": f"Client {number}", "year": 2024}
            )
        rows[IndexChange].append({"listing_id": listing_id, "listing_kind": kind})
    for model, values in rows.items():
        db.session.execute(insert(model), values)
    db.session.execute(
        update(Listing.__table__).values(
            state="published",
            published_at=now(),
            live_revision_id=select(Revision.id).where(Revision.listing_id == Listing.id).scalar_subquery(),
            working_revision_id=select(Revision.id)
            .where(Revision.listing_id == Listing.id)
            .scalar_subquery(),
        )
    )
    db.session.add_all(ListingNumber(kind=kind, last=count) for kind in ("need", "capability"))
    for role, kind in (("city", "need"), ("vendor", "capability"), ("moderator", "")):
        person = User(
            email=f"{role}@bench.example",
            name=role,
            password=hash_password(PASSWORD),
            confirmed_at=now(),
            locale="en",
            staff_role="moderator" if role == "moderator" else None,
        )
        db.session.add(person)
        db.session.flush()
        if kind:
            db.session.add(Membership(user_id=person.id, organisation_id=owners[kind][0], role="owner"))
    db.session.commit()


def make_pairs() -> None:
    """Matches of twenty needs, some of them offered, so that benches and offers have something to show."""
    needs = list(
        db.session.scalars(select(Listing).where(Listing.kind == "need").order_by(Listing.number).limit(20))
    )
    for need in needs:
        recommendations.refresh_need(need)
    may_be_offered = select(Match).where(
        Match.blocked.is_(False),
        Match.need_revision_id.in_(select(Revision.id).where(Revision.stage.not_in(FROZEN_STAGES))),
    )
    for match in db.session.scalars(may_be_offered.limit(12)).all():
        recommendations.approve_match(match, actor=SYSTEM)
        make_offer(match, actor=SYSTEM)
    db.session.commit()


def pages_of(role: str) -> list[str]:
    """Addresses of the list and record pages that the role may open."""
    need, capability = (
        db.session.scalars(select(Listing.id).where(Listing.kind == kind).order_by(Listing.number)).first()
        for kind in ("need", "capability")
    )
    found = [
        "/needs",
        "/needs?page=100",
        "/needs?stage=screen&sector=water",
        "/needs?q=drainage",
        "/capabilities",
    ]
    found += [
        "/capabilities?q=cảnh+báo",
        f"/needs/{need}",
        f"/capabilities/{capability}",
        "/search?q=flooding",
    ]
    if role == "moderator":
        bench = db.session.scalars(select(Match.need_id).where(Match.state == "suggested")).first()
        offer = db.session.scalars(select(Offer.id)).first()
        found += [
            "/review/listings",
            "/review/matches",
            f"/review/matches/need/{bench}",
            "/offers",
            f"/offers/{offer}",
        ]
    elif role != "visitor":
        found += ["/mine", "/mine?page=3", "/offers", "/introductions", "/notices"]
    return found


def measure(
    client: FlaskClient, pages: list[str], rounds: int, statements: list[str]
) -> dict[str, tuple[int, float]]:
    """{page: (statements, median seconds)}; the first round warms up and is not counted."""
    taken: dict[str, list[float]] = {page: [] for page in pages}
    asked: dict[str, int] = {}
    for turn in range(rounds + 1):
        for page in pages:
            statements.clear()
            start = time.perf_counter()
            answer = client.get(page)
            seconds = time.perf_counter() - start
            if answer.status_code != 200:
                raise SystemExit(f"{page} answered {answer.status_code}")
            asked[page] = len(statements)
            if turn:
                taken[page].append(seconds)
    return {page: (asked[page], statistics.median(times)) for page, times in taken.items()}


def main() -> None:
    """Fill, measure, print, judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    writing.set(True)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(mode="testing", instance=Path(folder), staff_second_factor=False))
        with app.app_context():
            upgrade()
            load_reference()
            fill(options.listings, random.Random(20261122))  # noqa: S311  no secret is drawn
            make_pairs()
            pages = {role: pages_of(role) for role in ("visitor", "city", "vendor", "moderator")}
            statements: list[str] = []
            event.listen(
                db.engine,
                "before_cursor_execute",
                lambda _c, _cursor, statement, *_rest: (
                    statement.startswith("BEGIN") or statements.append(statement)
                ),
            )
        good = True
        print(f"{options.listings} published listings, {options.rounds} rounds, SQLite")
        for role, addresses in pages.items():
            client = app.test_client()
            if role != "visitor":
                client.post("/login", data={"email": f"{role}@bench.example", "password": PASSWORD})
            found = measure(client, addresses, options.rounds, statements)
            lightest = min(seconds for _asked, seconds in found.values())
            for page, (asked, seconds) in found.items():
                fits = asked <= MOST_STATEMENTS and seconds <= MOST_TIMES * lightest
                good &= fits
                shown = page if len(page) < 40 else f"{page[:30]}…"
                verdict = "" if fits else "TOO MUCH"
                print(f"{role:<10} {shown:<40} {asked:>3} statements {seconds / lightest:>6.2f} × {verdict}")
        sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
