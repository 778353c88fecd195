"""Needs and capabilities of the demo, checked against the fields and vocabularies they are made of."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import City, Membership, Organisation, User
from ppp_match.db import db, now, today
from ppp_match.lifecycle import LISTING
from ppp_match.listings import revisions
from ppp_match.listings.fields import Field, fields_of, missing
from ppp_match.listings.models import (
    CLOSE_REASONS,
    Listing,
    ListingNumber,
    ReferenceProject,
    Remark,
    Revision,
)
from ppp_match.listings.models_references import ReferenceRequest
from ppp_match.listings.references import CONSENT, HOLDS, claim_of, digest_of
from ppp_match.money import to_usd
from ppp_match.search import store
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.people import key_id, one_of, records
from ppp_match.vocabularies import sectors, terms

WRITTEN_ON = date(2026, 11, 22)  # dates in the files are meant from this day on and move with the loading
DATES = ("start_on", "end_on", "response_until")
DECIMALS = ("amount_min", "amount_max", "financing_gap", "ticket_max", "scale_value")
PLAIN = ("beneficiaries", "scale_unit", "stage", "maturity", "budget_status", "currency", "delivery_months")
FLAGS = ("anonymous", "can_invest")
REQUIRED = ("key", "organisation", "state", "lang", "texts")
OPEN_AMENDMENTS = ("draft", "submitted", "in_review", "returned")
CONFIRMATIONS = ("claimed", "asked", "confirmed", "denied", "expired")


def load_listings(path: Path, kind: str) -> None:
    """Add the listings of a file in the states it names. Raises SeedError naming file and line."""
    cities = {city.slug: city for city in db.session.scalars(select(City))}
    number = db.session.get(ListingNumber, kind) or ListingNumber(kind=kind, last=0)
    db.session.add(number)
    for record in records(path, REQUIRED):
        if db.session.get(Listing, key_id(record["key"])) is not None:
            raise SeedError(path, record["__line__"], f"key {record['key']} stands in an earlier file too")
        number.last += 1
        _load(path, kind, record, number.last, cities)
    db.session.flush()


def join_merged(paths: tuple[Path, ...]) -> None:
    """Point every listing that was closed as merged at the one it went into; after all listings are there."""
    for path in paths:
        for record in records(path, REQUIRED):
            target = record.get("merged_into")
            if (record.get("close_reason") == "merged") != (target is not None):
                raise SeedError(
                    path,
                    record["__line__"],
                    f"{record['key']}: close_reason merged and merged_into go together",
                )
            if target is None:
                continue
            listing, other = (db.session.get(Listing, key_id(key)) for key in (record["key"], target))
            if other is None or other.kind != listing.kind or other is listing:  # type: ignore[union-attr]
                raise SeedError(
                    path, record["__line__"], f"merged_into: no other listing {target} of that kind"
                )
            listing.merged_into_id = other.id  # type: ignore[union-attr]
    db.session.flush()


def _load(path: Path, kind: str, record: dict[str, Any], number: int, cities: dict[str, City]) -> None:
    line = record["__line__"]
    organisation = db.session.get(Organisation, key_id(record["organisation"]))
    if organisation is None:
        raise SeedError(path, line, f"no organisation {record['organisation']}")
    state = one_of(path, record, "state", LISTING.states)
    posted = now() - timedelta(days=float(record.get("posted_days_ago") or 0), hours=number % 9)
    author = db.session.scalar(
        select(User)
        .join(Membership)
        .where(Membership.organisation_id == organisation.id)
        .order_by(User.email)
    )
    listing = Listing(
        id=key_id(record["key"]),
        kind=kind,
        number=number,
        organisation=organisation,
        author=author,
        responsible=author,
        created_at=posted - timedelta(days=4),
        changed_at=posted,
    )
    revision = Revision(listing=listing, lang=record["lang"], created_at=posted - timedelta(days=4))
    db.session.add(listing)
    _fill(path, kind, record, revision, cities)
    db.session.flush()
    listing.working = revision
    if state != "draft":
        lacking = missing(kind, revision)
        if lacking:
            raise SeedError(path, line, f"{record['key']} is {state} but lacks: {', '.join(lacking)}")
    _put_into_state(path, record, listing, revision, state, posted)
    for position, reference in enumerate(record.get("references") or []):
        _add_reference(path, listing, reference, position)
    if record.get("amendment"):
        _amend(path, kind, record, listing, cities)
    db.session.flush()


def _fill(path: Path, kind: str, record: dict[str, Any], revision: Revision, cities: dict[str, City]) -> None:
    line = record["__line__"]
    for name in PLAIN:
        if record.get(name) is not None:
            setattr(revision, name, record[name])
    for name in FLAGS:
        setattr(revision, name, bool(record.get(name, False)))
    for name in DATES:
        if record.get(name) is not None:
            setattr(revision, name, moved(path, line, record[name]))
    for name in DECIMALS:
        if record.get(name) is not None:
            setattr(revision, name, _decimal(path, line, record[name], name))
    if record.get("city"):
        if record["city"] not in cities:
            raise SeedError(path, line, f"city: {record['city']!r} is not in cities.csv")
        revision.city = cities[record["city"]]
    if revision.currency:
        for end in ("min", "max"):
            amount = getattr(revision, f"amount_{end}")
            if amount is not None:
                usd, as_of = to_usd(amount, revision.currency)
                setattr(revision, f"amount_{end}_usd", usd)
                revision.rate_as_of = as_of
    for field in fields_of(kind):
        if field.store == "text":
            _fill_text(path, line, record, revision, field)
        elif field.store == "terms":
            _fill_terms(path, line, record, revision, field)
        elif field.store == "term" and getattr(revision, field.name):
            _check_code(path, line, field, getattr(revision, field.name))


def _fill_text(path: Path, line: int, record: dict[str, Any], revision: Revision, field: Field) -> None:
    original_first = sorted(record["texts"].items(), key=lambda item: item[0] != record["lang"])
    for lang, texts in original_first:
        if lang == "__line__" or field.name not in texts:
            continue
        text = str(texts[field.name]).strip()
        if len(text) > field.at_most:
            raise SeedError(
                path, line, f"{field.name} ({lang}) has {len(text)} characters, at most {field.at_most}"
            )
        revision.set_text(field.name, lang, text)


def _fill_terms(path: Path, line: int, record: dict[str, Any], revision: Revision, field: Field) -> None:
    codes = [str(code) for code in record.get(field.name) or []]
    for code in codes:
        _check_code(path, line, field, code)
    revision.set_codes(field.vocabulary, codes)


def _check_code(path: Path, line: int, field: Field, code: str) -> None:
    known = (
        {sector.code for sector in sectors()}
        if field.vocabulary == "sector"
        else {term.code for term in terms(field.vocabulary)}
    )
    if field.name == "contract_form":
        known = known | {"open"}
    if code not in known:
        raise SeedError(path, line, f"{field.name}: {code!r} is not in the vocabulary {field.vocabulary}")


def moved(path: Path, line: int, value: Any) -> date:
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        raise SeedError(path, line, f"not a date: {value!r}")
    return value + max(today() - WRITTEN_ON, timedelta(0))


def _decimal(path: Path, line: int, value: Any, name: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise SeedError(path, line, f"{name} is not a number: {value!r}") from None


def _put_into_state(
    path: Path, record: dict[str, Any], listing: Listing, revision: Revision, state: str, posted: datetime
) -> None:
    if state in ("submitted", "in_review", "returned", "rejected", "published", "closed"):
        listing.submitted_at = revision.submitted_at = posted
    if state in ("published", "closed"):
        listing.live, listing.published_at, revision.state = (
            revision,
            posted + timedelta(hours=20),
            "accepted",
        )
        listing.published_at = min(listing.published_at, now())
        db.session.flush()  # the pointer is written apart from the row, and must be there before the state
    if state == "in_review":
        listing.holder, listing.held_since = _moderator(), now() - timedelta(hours=2)
    if state in ("rejected", "withdrawn", "closed"):
        listing.decision_reason = str(record.get("reason") or "")
        listing.ended_at = _ended(path, record, posted)
    if state == "closed":
        listing.close_reason = one_of(path, record, "close_reason", CLOSE_REASONS)
    for remark in record.get("remarks") or []:
        _add_remark(path, listing, remark)
    listing.state = state
    if state in ("published", "closed"):
        store.note_change(listing.id, listing.kind)


def _ended(path: Path, record: dict[str, Any], posted: datetime) -> datetime:
    """The day the file names, or two days after posting; never before the posting."""
    days = record.get("ended_days_ago")
    if days is None:
        return min(posted + timedelta(days=2), now())
    ended = now() - timedelta(days=float(days))
    if ended < posted:
        raise SeedError(path, record["__line__"], f"ended_days_ago {days} lies before posted_days_ago")
    return ended


def _amend(path: Path, kind: str, record: dict[str, Any], listing: Listing, cities: dict[str, City]) -> None:
    """A change of a published listing that waits beside its live text: what the file names differs, the rest stays."""
    change = record["amendment"]
    line = change["__line__"]
    if listing.state != "published":
        raise SeedError(
            path, line, f"{record['key']} is {listing.state}: only a published listing is amended"
        )
    state = one_of(path, change, "state", OPEN_AMENDMENTS)
    texts = {
        lang: {**fields, **(change.get("texts") or {}).get(lang, {})}
        for lang, fields in record["texts"].items()
        if lang != "__line__"
    }
    made = now() - timedelta(days=float(change.get("days_ago") or 0), hours=3)
    revision = Revision(
        listing=listing, number=2, lang=record["lang"], created_at=made, created_by=listing.created_by
    )
    db.session.add(revision)
    _fill(path, kind, {**record, **change, "texts": texts, "__line__": line}, revision, cities)
    db.session.flush()
    if not revisions.differences(kind, listing.shown, revision):
        raise SeedError(path, line, f"{record['key']}: the amendment changes nothing")
    if state != "draft":
        lacking = missing(kind, revision)
        if lacking:
            raise SeedError(path, line, f"amendment is {state} but lacks: {', '.join(lacking)}")
        listing.submitted_at = revision.submitted_at = made
    if state == "in_review":
        listing.holder, listing.held_since = _moderator(), now() - timedelta(hours=1)
    for remark in change.get("remarks") or []:
        _add_remark(path, listing, remark)
    listing.working, listing.changed_at = revision, made
    revision.state = state


def _add_remark(path: Path, listing: Listing, remark: dict[str, Any]) -> None:
    one_of(path, remark, "field", tuple(field.name for field in fields_of(listing.kind)))
    db.session.add(
        Remark(listing=listing, field=remark["field"], text=remark["text"], created_by=_moderator().id)
    )


def _moderator() -> User:
    return db.session.scalars(select(User).where(User.staff_role == "moderator").order_by(User.email)).first()  # type: ignore[return-value]


def _add_reference(path: Path, listing: Listing, reference: dict[str, Any], position: int) -> None:
    line = reference["__line__"]
    value = reference.get("value")
    row = ReferenceProject(
        listing=listing,
        position=position,
        client=reference["client"],
        place=reference.get("place") or "",
        country=reference.get("country") or "",
        year=reference.get("year"),
        value=_decimal(path, line, value, "value") if value is not None else None,
        currency=reference.get("currency"),
        scope=reference.get("scope") or "",
        result=reference.get("result") or "",
        confirmation=one_of(path, reference, "confirmation", CONFIRMATIONS),
    )
    db.session.add(row)
    if row.confirmation != "claimed":
        _add_question(row)


ANSWERED = {"asked": "pending", "confirmed": "confirmed", "denied": "refused", "expired": "expired"}


def _add_question(reference: ReferenceProject) -> None:
    """What its client was asked, and answered. The address is invented, and forgotten where that is due."""
    state = ANSWERED[reference.confirmation]
    pending = state == "pending"
    sent = now() - timedelta(days=5 if pending else 90)
    seed = f"{reference.listing_id}.{reference.position}"
    db.session.add(
        ReferenceRequest(
            listing=reference.listing,
            reference=reference,
            state=state,
            lang="vi" if reference.country == "VN" else "en",
            email="client@reference.example" if pending else "",
            token_hash=digest_of(f"{seed}.{uuid.uuid4().hex}") if pending else None,
            claim=claim_of(reference),
            created_at=sent,
            sent_at=sent,
            expires_at=sent + HOLDS,
            ended_at=None if pending else sent + timedelta(days=4),
            consent=CONSENT if state in ("confirmed", "refused") else "",
            forgotten_at=None if pending else sent + timedelta(days=40),
        )
    )
