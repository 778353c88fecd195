"""Who may do what: one table, printed by `ppp-match permissions` and in the README.

What lives here: the actor, the table, `can`. Guards on the state of a thing live in `lifecycle.py`; what an
actor may *see* is a query (`visible_to`) in the feature that owns the rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

ROLES = ("visitor", "city", "vendor", "expert", "partner", "moderator", "administrator")
MEMBER_KINDS = ("city", "vendor", "expert", "partner")


@dataclass(frozen=True)
class OrganisationRef:
    """What a decision needs to know of an organisation that somebody belongs to."""

    id: uuid.UUID
    kind: str
    name_vi: str
    name_en: str
    verified: bool
    membership: str  # owner or member
    country: str = "VN"  # whose weekends and holidays count in its deadlines
    subtype: str = ""

    def name(self, lang: str) -> str:
        return (self.name_vi if lang == "vi" else self.name_en) or self.name_en or self.name_vi


@dataclass(frozen=True)
class Actor:
    """Who acts: a visitor, a person acting for one of their organisations, forum staff, or the software."""

    user_id: uuid.UUID | None = None
    name: str = ""
    staff_role: str | None = None
    acting_for: OrganisationRef | None = None
    memberships: tuple[OrganisationRef, ...] = ()
    recused_from: frozenset[uuid.UUID] = (
        frozenset()
    )  # organisations in which this person has a declared interest
    is_system: bool = False

    @property
    def is_authenticated(self) -> bool:
        return self.user_id is not None

    @property
    def organisation_id(self) -> uuid.UUID | None:
        return self.acting_for.id if self.acting_for else None

    @property
    def organisation_kind(self) -> str | None:
        return self.acting_for.kind if self.acting_for else None

    @property
    def organisation_ids(self) -> frozenset[uuid.UUID]:
        """Every organisation this person belongs to."""
        return frozenset(ref.id for ref in self.memberships)

    @property
    def conflicting_ids(self) -> frozenset[uuid.UUID]:
        """The organisations about which this person decides nothing for the forum: their own and those of a declared
        interest."""
        return self.organisation_ids | self.recused_from

    @property
    def country_overseen(self) -> str | None:
        """The country whose needs this person follows: that of a verified national representative they act for."""
        ref = self.acting_for
        if ref is None or ref.subtype != "national_representative" or not ref.verified:
            return None
        return ref.country

    @property
    def roles(self) -> frozenset[str]:
        held = set()
        if self.staff_role:
            held.add(self.staff_role)
        if self.organisation_kind in MEMBER_KINDS:
            held.add(str(self.organisation_kind))
        return frozenset(held or {"visitor"})

    def organisation_name(self, lang: str) -> str:
        return self.acting_for.name(lang) if self.acting_for else ""


VISITOR = Actor()
SYSTEM = Actor(name="PPP Match", is_system=True)


class HasParties(Protocol):
    """Anything that belongs to organisations: a listing, a match, an offer, an organisation."""

    @property
    def party_ids(self) -> frozenset[uuid.UUID]: ...


@dataclass(frozen=True)
class Permission:
    """Who holds a permission: roles, and how they must stand to the thing.

    relation: "any" (no matter whose), "own" (the organisation one acts for is a party), "owner" (the same, and
    one is an owner there), "other" (neither one's organisations nor those of a declared interest are a party: nobody
    reviews their own).
    """

    roles: tuple[str, ...]
    relation: str = "any"
    does: str = ""


EVERYONE = ROLES
SIGNED_IN = ROLES[1:]
MEMBERS = MEMBER_KINDS
STAFF = ("moderator", "administrator")

PERMISSIONS: dict[str, Permission] = {
    "portal.read": Permission(EVERYONE, does="read published needs, capabilities and pages about the forum"),
    "account.manage": Permission(("visitor", *SIGNED_IN), does="manage one's own account and sessions"),
    "organisation.create": Permission(("visitor", *SIGNED_IN), does="register an organisation"),
    "organisation.edit": Permission(MEMBERS, "owner", "change the organisation's profile"),
    "organisation.request_verification": Permission(
        MEMBERS, "owner", "ask the forum to verify the organisation"
    ),
    "organisation.verify": Permission(STAFF, "other", "verify or reject an organisation"),
    "organisation.suspend": Permission(
        STAFF, "other", "suspend an organisation and lift that (administrators alone, moderators by two)"
    ),
    "reference.ask": Permission(
        ("vendor", "expert"), "own", "ask a client to confirm a reference project of the own organisation"
    ),
    "team.read": Permission(
        (*MEMBERS, *STAFF), does="see who belongs to an organisation (members: their own)"
    ),
    "team.manage": Permission(MEMBERS, "owner", "invite people, change their roles, remove them"),
    "team.handover": Permission(
        MEMBERS, "own", "hand over to a colleague what one holds (owners: what anybody holds)"
    ),
    "team.leave": Permission(MEMBERS, "own", "leave the organisation"),
    "invitation.answer": Permission(
        ("visitor", *SIGNED_IN), does="join an organisation that has invited one's address"
    ),
    "need.create": Permission(("city",), does="draft a need"),
    "capability.create": Permission(("vendor", "expert"), does="draft a capability"),
    "listing.edit": Permission(MEMBERS, "own", "edit the organisation's needs and capabilities"),
    "listing.submit": Permission(MEMBERS, "own", "submit for review, recall"),
    "listing.withdraw": Permission(MEMBERS, "own", "withdraw a listing"),
    "listing.close": Permission(MEMBERS, "own", "close a published listing"),
    "listing.mine": Permission(MEMBERS, does="see the organisation's own listings in every state"),
    "listing.watch": Permission(("visitor", *SIGNED_IN), does="watch published needs and capabilities"),
    "attachment.add": Permission(MEMBERS, "own", "attach files, remove those that nobody has published"),
    "attachment.refuse": Permission(
        STAFF, "other", "refuse an attached file, or take one down, with a reason"
    ),
    "listing.review": Permission(STAFF, "other", "review listings: publish, return, reject"),
    "need.oversee": Permission(
        ("city",), does="read the needs of the own country from when they are sent (national representatives)"
    ),
    "need.join": Permission(("city",), "own", "ask to join another city's need, take that back, leave"),
    "join.answer": Permission(("city",), "own", "agree to a city that asks to join, or decline"),
    "join.read": Permission(("city", *STAFF), does="read requests to join a need (cities: their own)"),
    "merge.propose": Permission(STAFF, "other", "propose to merge a listing into another, take that back"),
    "merge.answer": Permission(MEMBERS, "own", "consent to a merge of one's own listing, or decline"),
    "merge.read": Permission((*MEMBERS, *STAFF), does="read proposals to merge (members: their own)"),
    "match.review": Permission(
        STAFF, "other", "review matches: shortlist, hold, reject, approve, offer, add a pair"
    ),
    "match.read": Permission(
        (*MEMBERS, *STAFF),
        does="read the evidence of a pair (members: of their own, before an offer the vendor's)",
    ),
    "match.undo": Permission(STAFF, "other", "take back one's own decision on a match within a minute"),
    "moderation.note": Permission(STAFF, "other", "write and read notes among moderators"),
    "moderation.assign": Permission(
        STAFF, "other", "assign a listing in review or a need's candidates to a colleague"
    ),
    "register.read": Permission(EVERYONE, does="read the public register of relations between organisations"),
    "relation.declare": Permission(
        MEMBERS, "owner", "declare relations of the organisation, say that one has ended"
    ),
    "relation.read": Permission(
        (*MEMBERS, *STAFF), does="read an organisation's declarations (members: their own)"
    ),
    "relation.review": Permission(
        STAFF, "other", "declare a relation for an organisation, confirm that one has ended"
    ),
    "interest.declare": Permission(SIGNED_IN, does="declare one's own interests, say that one has ended"),
    "interest.review": Permission(
        STAFF, "other", "read declared interests of persons (which is recorded), confirm that one has ended"
    ),
    "recusal.take": Permission(STAFF, does="recuse oneself from an organisation"),
    "recusal.impose": Permission(
        ("administrator",), does="recuse a colleague from an organisation, lift a recusal (nobody one's own)"
    ),
    "declaration.decide": Permission(
        STAFF, "other", "decide on what a side declared when it was asked to be introduced"
    ),
    "report.file": Permission(
        EVERYONE, does="report a published text, a profile, a file or (the two sides) a message"
    ),
    "report.decide": Permission(STAFF, "other", "decide on reports, hide a message, withdraw a listing"),
    "appeal.file": Permission(MEMBERS, "own", "appeal against a decision about the own organisation"),
    "appeal.decide": Permission(STAFF, "other", "decide on appeals against a colleague's decision"),
    "phrase.manage": Permission(("administrator",), does="keep the forum's list of phrases"),
    "concern.tell": Permission(
        EVERYONE, does="tell the administrators of misconduct, without a name if wanted"
    ),
    "concern.read": Permission(
        ("administrator",), does="read and answer what was told in confidence (which is recorded)"
    ),
    "judged.judge": Permission(
        STAFF, "other", "judge how well capabilities answer needs, import and export judged pairs"
    ),
    "version.read": Permission(STAFF, does="read versions of the matcher and how good each is"),
    "version.offer": Permission(STAFF, does="offer a version of the matcher with other weights"),
    "version.activate": Permission(
        ("administrator",), does="let a version of the matcher rank, and go back to another"
    ),
    "lexicon.read": Permission(STAFF, does="look things up in the forum's lexicon, export it"),
    "lexicon.edit": Permission(
        ("administrator",),
        does="draft changes of the lexicon, see what they would do, offer them as a version",
    ),
    "lots.set": Permission(("administrator",), does="set how many pairs are drawn by lot for each need"),
    "interest.express": Permission(("vendor", "expert"), "own", "express interest in a published need"),
    "offer.read": Permission(
        (*MEMBERS, *STAFF), does="read offers (members: those made to their organisation)"
    ),
    "offer.answer": Permission(MEMBERS, "own", "accept or decline an offer for one's side"),
    "introduction.read": Permission((*MEMBERS, *STAFF), does="read introductions (members: their own)"),
    "message.write": Permission(MEMBERS, "own", "write in the conversation of an introduction"),
    "question.ask": Permission(
        ("vendor", "expert"), "own", "ask on another organisation's published need, take that back"
    ),
    "question.answer": Permission(
        ("city",),
        "own",
        "answer questions on one's needs to all, decline, publish what was answered in private",
    ),
    "question.read": Permission(
        ("city", "vendor", "expert"), does="list the questions that one's organisation asked or has to answer"
    ),
    "question.oversee": Permission(STAFF, does="see which questions wait longer than they should"),
    "partnership.read": Permission(
        EVERYONE,
        does="read partnerships (members: their own, staff: all, others: those that both sides show)",
    ),
    "partnership.report": Permission(
        MEMBERS, "own", "report how a partnership goes, its figures, milestones and risks"
    ),
    "partnership.settle": Permission(
        STAFF, "other", "verify what a side reports, settle what the two sides report differently"
    ),
    "notice.read": Permission(("visitor", *SIGNED_IN), does="read one's own notices"),
    "audit.read": Permission(
        ("administrator",), does="read the audit trail, open its reasons (which is recorded), export it"
    ),
    "user.manage": Permission(
        ("administrator",),
        does="see accounts, disable and enable them, give and take staff roles, reset second factors",
    ),
    "organisation.correct": Permission(
        ("administrator",), "other", "see every organisation's record and correct what the forum verified"
    ),
    "taxonomy.manage": Permission(
        ("administrator",), does="edit, add and retire sectors and the values of vocabularies"
    ),
    "terms.manage": Permission(
        ("administrator",), does="write and publish versions of the terms and of what people consent to"
    ),
    "retention.manage": Permission(
        ("administrator",), does="set how long data are kept, hold data back, read what went"
    ),
    "correction.answer": Permission(
        ("administrator",), does="answer requests to correct personal data (nobody their own)"
    ),
    "mail.manage": Permission(
        ("administrator",), does="see what became of the forum's mail, try again what failed"
    ),
    "mailbox.read": Permission(("administrator",), does="read the demo's outgoing mail"),
}


def can(actor: Actor, permission: str, subject: HasParties | None = None) -> bool:
    """Whether the actor holds the permission, for the subject if one is given.

    Raises KeyError for a permission that is not in the table: a typing error must not open or close a door.
    """
    rule = PERMISSIONS[permission]
    if actor.is_system:
        return True
    if not actor.roles & set(rule.roles):
        return False
    if permission in SIGNED_IN_ONLY and not actor.is_authenticated:
        return False
    if subject is None or rule.relation == "any":
        return True
    parties = subject.party_ids
    if rule.relation == "other":
        return not (parties & actor.conflicting_ids)
    if actor.organisation_id not in parties:
        return False
    return rule.relation != "owner" or (
        actor.acting_for is not None and actor.acting_for.membership == "owner"
    )


# Held by people without an organisation too (their only role is "visitor"), but only when signed in.
SIGNED_IN_ONLY = frozenset(
    {"account.manage", "organisation.create", "notice.read", "invitation.answer", "listing.watch"}
)


def table() -> list[tuple[str, str, str, dict[str, bool]]]:
    """Rows (permission, what it does, relation, {role: held}) in the order of the table."""
    return [
        (name, rule.does, rule.relation, {role: role in rule.roles for role in ROLES})
        for name, rule in PERMISSIONS.items()
    ]


def markdown(rows: Iterable[tuple[str, str, str, dict[str, bool]]] | None = None) -> str:
    """The table as Markdown; `*` marks what needs a signed-in person, relations stand in words."""
    words = {"any": "", "own": "own organisation", "owner": "own, as owner", "other": "not own organisation"}
    lines = [
        "| permission | may | on | " + " | ".join(ROLES) + " |",
        "|---|---|---|" + "---|" * len(ROLES),
    ]
    for name, does, relation, held in rows or table():
        cells = " | ".join(_mark(name, role, held[role]) for role in ROLES)
        lines.append(f"| `{name}` | {does} | {words[relation]} | {cells} |")
    return "\n".join(lines)


def _mark(permission: str, role: str, held: bool) -> str:
    if not held:
        return ""
    return "signed in" if role == "visitor" and permission in SIGNED_IN_ONLY else "yes"
