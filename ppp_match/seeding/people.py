"""Organisations and people of the demo, from seeds/demo/organisations.yaml, vendors.yaml and *people.yaml."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_security.utils import hash_password
from sqlalchemy import select

from ppp_match.accounts.models import (
    ORGANISATION_KINDS,
    RELATION_KINDS,
    SIZE_BANDS,
    VERIFICATION_STATES,
    City,
    Membership,
    Organisation,
    OrganisationRelation,
    User,
)
from ppp_match.db import db, now
from ppp_match.seeding.files import SeedError, read_yaml

NAMESPACE = uuid.UUID("5f1d1a5e-7f5b-4d2b-9d35-1c0f0a3a6c11")


def key_id(key: str) -> uuid.UUID:
    """The identifier of a seed record: the same at every loading, so that addresses stay."""
    return uuid.uuid5(NAMESPACE, key)


def records(path: Path, required: tuple[str, ...]) -> list[dict[str, Any]]:
    """The list of records of a file, each with all required keys and a key of its own.

    Raises SeedError naming file and line.
    """
    content = read_yaml(path)
    if not isinstance(content, list):
        raise SeedError(path, 1, "a list of records is expected")
    seen: set[str] = set()
    for record in content:
        if not isinstance(record, dict):
            raise SeedError(path, None, f"not a record: {record!r}")
        lacking = [name for name in required if record.get(name) in (None, "")]
        if lacking:
            raise SeedError(path, record["__line__"], f"missing: {', '.join(lacking)}")
        if record["key"] in seen:
            raise SeedError(path, record["__line__"], f"key {record['key']} stands twice")
        seen.add(record["key"])
    return content


def one_of(path: Path, record: dict[str, Any], name: str, allowed: Any) -> str:
    value = record.get(name)
    if value not in allowed:
        raise SeedError(
            path, record["__line__"], f"{name}: {value!r} is not one of {', '.join(map(str, allowed))}"
        )
    return str(value)


def load_organisations(path: Path) -> None:
    """Add the organisations that are not there yet."""
    cities = {city.slug: city.id for city in db.session.scalars(select(City))}
    for record in records(path, ("key", "kind", "subtype", "name", "country", "verification")):
        kind = one_of(path, record, "kind", ORGANISATION_KINDS)
        verification = one_of(path, record, "verification", VERIFICATION_STATES)
        decided = verification in ("verified", "rejected")
        about = record.get("about") or {}
        city = record.get("city")
        # Looked through within the year, each on another day: owners are asked again once the year is over.
        looked_through = timedelta(days=150 + key_id(record["key"]).int % 210)
        if city and city not in cities:
            raise SeedError(path, record["__line__"], f"city: {city!r} is not in cities.csv")
        db.session.add(
            Organisation(
                id=key_id(record["key"]),
                kind=kind,
                subtype=one_of(path, record, "subtype", ORGANISATION_KINDS[kind]),
                name_vi=record["name"].get("vi", ""),
                name_en=record["name"].get("en", ""),
                about_vi=about.get("vi", ""),
                about_en=about.get("en", ""),
                country=record["country"],
                city_id=cities[city] if city else None,
                size_band=one_of(path, record, "size_band", SIZE_BANDS) if record.get("size_band") else None,
                registration_number=str(record.get("registration_number") or ""),
                website=record.get("website") or "",
                contact_unit=record.get("contact_unit") or "",
                contact_email=record.get("contact_email") or "",
                verification=verification,
                verification_requested_at=now() - timedelta(days=3) if verification == "pending" else None,
                verified_at=now() - timedelta(days=480) if decided else None,
                verified_until=now() + timedelta(days=250) if verification == "verified" else None,
                relations_confirmed_at=now() - looked_through if verification == "verified" else None,
                created_at=now() - timedelta(days=500),
            )
        )
    db.session.flush()


def load_relations(path: Path) -> None:
    """Declared relations; after all organisations are there, since they name each other."""
    for record in records(path, ("key",)):
        for relation in record.get("relations") or []:
            other = db.session.get(Organisation, key_id(relation["to"]))
            if other is None:
                raise SeedError(path, relation["__line__"], f"no organisation {relation['to']}")
            db.session.add(
                OrganisationRelation(
                    organisation_id=key_id(record["key"]),
                    related_id=other.id,
                    kind=one_of(path, relation, "kind", RELATION_KINDS),
                    note=relation.get("note") or "",
                )
            )
    db.session.flush()


def load_people(path: Path, password: str) -> None:
    """People with one password, all confirmed; owners and members as the file says."""
    hashed = hash_password(password)
    for record in records(path, ("key", "email", "name")):
        person = User(
            id=key_id(record["key"]),
            email=record["email"].lower(),
            name=record["name"],
            password=hashed,
            locale=record.get("locale") or "vi",
            job_title=record.get("job_title") or "",
            staff_role=record.get("staff_role"),
            confirmed_at=now() - timedelta(days=495),
        )
        db.session.add(person)
        for number, membership in enumerate(record.get("memberships") or []):
            organisation = db.session.get(Organisation, key_id(membership["organisation"]))
            if organisation is None:
                raise SeedError(path, membership["__line__"], f"no organisation {membership['organisation']}")
            person.memberships.append(
                Membership(
                    organisation=organisation,
                    role=one_of(path, membership, "role", ("owner", "member")),
                    joined_at=now() - timedelta(days=490) + timedelta(seconds=number),
                )
            )
    db.session.flush()
