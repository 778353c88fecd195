"""Questions about relations, interests of persons, and declarations on offers."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from ppp_match.accounts.models import Membership, Organisation, OrganisationRelation, User
from ppp_match.accounts.queries import contains, organisation_visible_to
from ppp_match.db import db
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.introductions.models import Offer, OfferDeclaration
from ppp_match.permissions import VISITOR, Actor
from ppp_match.phrases.finding import folded
from ppp_match.recommendations.queries import with_text

CANDIDATES = 8

# --- relations of organisations ---


def register(find: str = "") -> Select[OrganisationRelation]:
    """The public register: relations whose declarer everybody may know of, the newest first.

    The other side is named as it was declared; one that is not public yet stays out.
    """
    declarer, other = aliased(Organisation), aliased(Organisation)
    query = (
        select(OrganisationRelation)
        .join(declarer, declarer.id == OrganisationRelation.organisation_id)
        .outerjoin(other, other.id == OrganisationRelation.related_id)
        .where(
            declarer.id.in_(_public()),
            or_(OrganisationRelation.related_id.is_(None), OrganisationRelation.related_id.in_(_public())),
        )
        .options(joinedload(OrganisationRelation.organisation), joinedload(OrganisationRelation.related))
        .order_by(OrganisationRelation.declared_at.desc(), OrganisationRelation.id)
    )
    if find:
        names = (declarer.name_vi, declarer.name_en, other.name_vi, other.name_en)
        query = query.where(or_(*contains(find, *names, OrganisationRelation.outside_name)))
    return query


def _public() -> Select[uuid.UUID]:
    return select(Organisation.id).where(organisation_visible_to(VISITOR))


def relations_of(organisation_id: uuid.UUID) -> list[OrganisationRelation]:
    """All that one organisation or another one declared of it, those in force first, the newest first."""
    return list(
        db.session.scalars(
            select(OrganisationRelation)
            .where(_of(organisation_id))
            .options(joinedload(OrganisationRelation.organisation), joinedload(OrganisationRelation.related))
            .order_by(OrganisationRelation.state == "ended", OrganisationRelation.declared_at.desc())
        )
    )


def _of(organisation_id: uuid.UUID) -> ColumnElement[bool]:
    return or_(
        OrganisationRelation.organisation_id == organisation_id,
        OrganisationRelation.related_id == organisation_id,
    )


def relation_between(one: uuid.UUID, other: uuid.UUID) -> list[OrganisationRelation]:
    """What was declared between two organisations, in force or ended."""
    pair = (OrganisationRelation.organisation_id, OrganisationRelation.related_id)
    return list(
        db.session.scalars(
            select(OrganisationRelation)
            .where(tuple_(*pair).in_([(one, other), (other, one)]))
            .order_by(OrganisationRelation.declared_at)
        )
    )


def relations_ending() -> Select[OrganisationRelation]:
    """Relations that are said to have ended, the longest wait first."""
    return (
        select(OrganisationRelation)
        .where(OrganisationRelation.state == "ending")
        .options(joinedload(OrganisationRelation.organisation), joinedload(OrganisationRelation.related))
        .order_by(OrganisationRelation.ending_at, OrganisationRelation.id)
    )


def organisations_named(text: str, actor: Actor) -> list[Organisation]:
    """Organisations that a name may mean, among those that the actor may know of: the very name, or else parts of it."""
    wanted = folded(text)
    if not wanted:
        return []
    found = db.session.scalars(select(Organisation).where(organisation_visible_to(actor))).all()
    named = [(one, {folded(name) for name in (one.name_vi, one.name_en) if name}) for one in found]
    exact = [one for one, names in named if wanted in names]
    parts = [one for one, names in named if any(f" {wanted}" in f" {name}" for name in names)]
    return sorted(exact or parts, key=lambda one: one.name("en"))[: CANDIDATES + 1]


# --- interests of persons ---


def interests_of(user_id: uuid.UUID) -> list[DeclaredInterest]:
    """A person's interests, those in force first, the newest first."""
    return list(
        db.session.scalars(
            select(DeclaredInterest)
            .where(DeclaredInterest.user_id == user_id)
            .order_by(DeclaredInterest.state == "ended", DeclaredInterest.declared_at.desc())
        )
    )


def interests(find: str = "", *, ending: bool = False) -> Select[DeclaredInterest]:
    """The register of persons: said to have ended (the longest wait first), or all (the newest first)."""
    query = select(DeclaredInterest).join(User, User.id == DeclaredInterest.user_id)
    query = query.options(joinedload(DeclaredInterest.user))
    if find:
        names = (User.name, Organisation.name_vi, Organisation.name_en)
        query = query.join(Organisation, Organisation.id == DeclaredInterest.organisation_id).where(
            or_(*contains(find, *names))
        )
    if ending:
        return query.where(DeclaredInterest.state == "ending").order_by(
            DeclaredInterest.ending_at, DeclaredInterest.id
        )
    return query.order_by(
        DeclaredInterest.state == "ended", DeclaredInterest.declared_at.desc(), DeclaredInterest.id
    )


def across(one: uuid.UUID, other: uuid.UUID) -> list[DeclaredInterest]:
    """Interests that stand, of members of either organisation in the other one."""
    query = (
        select(DeclaredInterest)
        .join(Membership, Membership.user_id == DeclaredInterest.user_id)
        .where(
            DeclaredInterest.state != "ended",
            or_(
                (Membership.organisation_id == one) & (DeclaredInterest.organisation_id == other),
                (Membership.organisation_id == other) & (DeclaredInterest.organisation_id == one),
            ),
        )
        .options(joinedload(DeclaredInterest.user))
        .order_by(DeclaredInterest.declared_at)
    )
    return list(db.session.scalars(query).unique())


# --- declarations on offers ---


def declarations(*, waiting: bool) -> Select[OfferDeclaration]:
    """What sides declared: what waits (the longest wait first), or what was decided (the newest first)."""
    query = _with_pair()
    if waiting:
        return query.where(OfferDeclaration.state == "open").order_by(
            OfferDeclaration.at, OfferDeclaration.id
        )
    return query.where(OfferDeclaration.state != "open").order_by(
        OfferDeclaration.at.desc(), OfferDeclaration.id
    )


def declaration(id: uuid.UUID) -> OfferDeclaration | None:
    return db.session.scalar(_with_pair().where(OfferDeclaration.id == id))


def _with_pair() -> Select[OfferDeclaration]:
    sides: list[Any] = [with_text(side) for side in ("need", "capability")]
    pair = joinedload(OfferDeclaration.offer).joinedload(Offer.match)
    return select(OfferDeclaration).options(pair.options(*sides))
