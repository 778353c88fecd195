"""The whole from × to grid of the lifecycles: what is drawn here is what may be done, nothing else is.

The expected lines stand here a second time, in words of the product page, so that a change of the table must be
meant. Subjects are stand-ins whose guards are open, so that the grid alone is judged; guards have tests of their own.
"""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import func, select

from ppp_match import lifecycle
from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.lifecycle import (
    ADDENDUM,
    AMENDMENT,
    ATTACHMENT,
    JOIN,
    LISTING,
    MATCH,
    MATCH_UNDO,
    MERGE,
    NotDrawn,
    NotPermitted,
    ReasonMissing,
    move,
)
from ppp_match.permissions import PERMISSIONS, SYSTEM, VISITOR, Actor, OrganisationRef

OWNER, REVIEWER, CITY = "owner", "reviewer", "city"
ADMINISTRATOR, ANYBODY, ASKER = "administrator", "anybody", "asker"

# {(from, to): (who, needs a reason)}
DRAWN = {
    "listing": {
        ("draft", "submitted"): (OWNER, False),
        ("submitted", "draft"): (OWNER, False),
        ("submitted", "in_review"): (REVIEWER, False),
        ("in_review", "returned"): (REVIEWER, False),
        ("returned", "submitted"): (OWNER, False),
        ("in_review", "rejected"): (REVIEWER, True),
        ("in_review", "published"): (REVIEWER, False),
        ("published", "closed"): (OWNER, True),
        **{
            (s, "withdrawn"): (OWNER, True)
            for s in ("draft", "submitted", "in_review", "returned", "published")
        },
    },
    "amendment": {
        ("draft", "submitted"): (OWNER, False),
        ("submitted", "draft"): (OWNER, False),
        ("submitted", "in_review"): (REVIEWER, False),
        ("in_review", "returned"): (REVIEWER, False),
        ("returned", "submitted"): (OWNER, False),
        ("in_review", "accepted"): (REVIEWER, False),
        ("in_review", "discarded"): (REVIEWER, True),
        **{(s, "discarded"): (OWNER, False) for s in ("draft", "submitted", "returned")},
    },
    "addendum": {
        ("draft", "submitted"): (OWNER, False),
        ("submitted", "draft"): (OWNER, False),
        ("submitted", "returned"): (REVIEWER, True),
        ("submitted", "rejected"): (REVIEWER, True),
        ("submitted", "published"): (REVIEWER, False),
        ("returned", "submitted"): (OWNER, False),
        **{(s, "discarded"): (OWNER, False) for s in ("draft", "submitted", "returned")},
    },
    "attachment": {
        ("waiting", "shown"): (REVIEWER, False),
        ("waiting", "removed"): (OWNER, False),
        ("waiting", "refused"): (REVIEWER, True),
        ("shown", "refused"): (REVIEWER, True),
    },
    "match": {
        ("suggested", "shortlisted"): (REVIEWER, False),
        ("suggested", "approved"): (REVIEWER, False),
        ("shortlisted", "approved"): (REVIEWER, False),
        ("suggested", "on_hold"): (REVIEWER, True),
        ("shortlisted", "on_hold"): (REVIEWER, True),
        ("on_hold", "shortlisted"): (REVIEWER, False),
        ("suggested", "rejected"): (REVIEWER, True),
        ("shortlisted", "rejected"): (REVIEWER, True),
        ("rejected", "suggested"): (REVIEWER, True),
        **{(s, "conflict_blocked"): (REVIEWER, True) for s in ("suggested", "shortlisted", "approved")},
        ("offered", "conflict_blocked"): (REVIEWER, True),
        ("approved", "offered"): (REVIEWER, False),
        ("approved", "on_hold"): (REVIEWER, True),
        ("offered", "introduced"): (OWNER, False),
        ("offered", "declined"): (OWNER, True),
        ("offered", "expired"): (REVIEWER, False),
        ("declined", "offered"): (REVIEWER, True),
        ("expired", "offered"): (REVIEWER, True),
        **{
            (s, "withdrawn"): (OWNER, True)
            for s in (
                "suggested",
                "shortlisted",
                "on_hold",
                "rejected",
                "approved",
                "offered",
                "declined",
                "expired",
                "conflict_blocked",
            )
        },
    },
    "join": {
        ("asked", "agreed"): (CITY, False),
        ("asked", "declined"): (CITY, True),
        ("asked", "taken_back"): (CITY, False),
        ("agreed", "left"): (CITY, True),
    },
    "merge": {
        ("proposed", "merged"): (OWNER, False),
        ("proposed", "declined"): (OWNER, True),
        ("proposed", "taken_back"): (REVIEWER, False),
    },
    "match.undo": {
        ("shortlisted", "suggested"): (REVIEWER, False),
        ("approved", "suggested"): (REVIEWER, False),
        ("approved", "shortlisted"): (REVIEWER, False),
        ("shortlisted", "on_hold"): (REVIEWER, False),
        ("on_hold", "suggested"): (REVIEWER, False),
        ("on_hold", "shortlisted"): (REVIEWER, False),
        ("on_hold", "approved"): (REVIEWER, False),
        ("rejected", "suggested"): (REVIEWER, False),
        ("rejected", "shortlisted"): (REVIEWER, False),
        ("suggested", "rejected"): (REVIEWER, False),
    },
}
DRAWN |= {
    "terms": {("draft", "published"): (ADMINISTRATOR, False)},
    "erasure": {("waiting", "taken_back"): (ANYBODY, False), ("waiting", "done"): (ADMINISTRATOR, False)},
    "relation": {
        ("declared", "ending"): (OWNER, True),
        ("ending", "declared"): (REVIEWER, True),
        ("declared", "ended"): (REVIEWER, True),
        ("ending", "ended"): (REVIEWER, True),
    },
    "declared_interest": {
        ("declared", "ending"): (ANYBODY, True),
        ("ending", "declared"): (REVIEWER, True),
        ("declared", "ended"): (REVIEWER, True),
        ("ending", "ended"): (REVIEWER, True),
    },
    "declaration": {
        ("open", "cleared"): (REVIEWER, True),
        ("open", "barred"): (REVIEWER, True),
        ("open", "lapsed"): (OWNER, False),
    },
    "question": {
        ("asked", "answered"): (CITY, False),
        ("asked", "declined"): (CITY, True),
        ("asked", "withdrawn"): (ASKER, False),
    },
    "partnership": {
        ("introduced", "meeting"): (OWNER, False),
        ("meeting", "in_talks"): (OWNER, False),
        ("in_talks", "pilot"): (OWNER, False),
        ("in_talks", "agreed"): (OWNER, False),
        ("pilot", "agreed"): (OWNER, False),
        ("pilot", "delivered"): (OWNER, False),
        ("agreed", "delivered"): (OWNER, False),
        ("lapsed", "in_talks"): (OWNER, False),
        **{
            (state, end): (who, True)
            for state in ("introduced", "meeting", "in_talks", "pilot", "agreed")
            for end, who in (("no_agreement", OWNER), ("lapsed", REVIEWER))
        },
    },
    "partnership.settled": {
        (from_, to): (REVIEWER, True)
        for from_ in lifecycle.PARTNERSHIP.states
        for to in lifecycle.PARTNERSHIP.states
        if from_ != to
    },
    "correction": {("open", "done"): (ADMINISTRATOR, True), ("open", "declined"): (ADMINISTRATOR, True)},
}
LIFECYCLES = {
    line.name: line
    for line in (
        LISTING,
        AMENDMENT,
        ADDENDUM,
        ATTACHMENT,
        MATCH,
        MATCH_UNDO,
        JOIN,
        MERGE,
        lifecycle.TERMS,
        lifecycle.ERASURE,
        lifecycle.CORRECTION,
        lifecycle.RELATION,
        lifecycle.INTEREST,
        lifecycle.DECLARATION,
        lifecycle.QUESTION,
        lifecycle.PARTNERSHIP,
        lifecycle.PARTNERSHIP_SETTLED,
    )
}
HOME = uuid.UUID(int=1)


class Subject:
    """A thing with a state that belongs to HOME and whose guards all say yes."""

    __tablename__ = "listing"

    def __init__(self, state: str) -> None:
        self.id = uuid.uuid4()
        self.state = state
        self.party_ids = frozenset({HOME})

    def __getattr__(self, name):
        if name.startswith("refuse_"):
            return lambda: None
        raise AttributeError(name)


def person(kind: str, organisation: uuid.UUID, *, staff: str | None = None) -> Actor:
    ref = OrganisationRef(organisation, kind, "Đơn vị", "Unit", True, "owner")
    refs = (ref,) if kind else ()
    return Actor(uuid.uuid4(), "A person", staff, ref if kind else None, refs)


ACTORS = {
    "visitor": VISITOR,
    "owner": person("city", HOME),
    "partner at home": person("partner", HOME),
    "vendor at home": person("vendor", HOME),
    "other city": person("city", uuid.UUID(int=2)),
    "vendor": person("vendor", uuid.UUID(int=3)),
    "moderator": person("", HOME, staff="moderator"),
    "administrator": person("", HOME, staff="administrator"),
    "moderator of that organisation": person("city", HOME, staff="moderator"),
    "software": SYSTEM,
}
MAY = {
    OWNER: {"owner", "partner at home", "vendor at home", "moderator of that organisation", "software"},
    REVIEWER: {"moderator", "administrator", "software"},
    ADMINISTRATOR: {"administrator", "software"},
    ANYBODY: set(ACTORS) - {"visitor"},  # whose request it is, the operation asks
    ASKER: {"vendor at home", "software"},
    CITY: {"owner", "moderator of that organisation", "software"},
}


def cells():
    for name, line in LIFECYCLES.items():
        for from_ in line.states:
            for to in line.states:
                yield pytest.param(name, from_, to, id=f"{name}-{from_}-{to}")


@pytest.mark.parametrize(("name", "from_", "to"), list(cells()))
def test_grid(app, name, from_, to):
    line = LIFECYCLES[name]
    expected = DRAWN[name].get((from_, to))
    for who, actor in ACTORS.items():
        subject = Subject(from_)
        if expected is None:
            with pytest.raises(NotDrawn):
                move(line, subject, to, actor=actor, reason="a reason")
        elif who not in MAY[expected[0]]:
            with pytest.raises(NotPermitted):
                move(line, subject, to, actor=actor, reason="a reason")
        else:
            if expected[1]:
                with pytest.raises(ReasonMissing):
                    move(line, subject, to, actor=actor, reason="  ")
                assert subject.state == from_
            move(line, subject, to, actor=actor, reason="a reason" if expected[1] else "")
            assert subject.state == to
            continue
        assert subject.state == from_
    moved = len(MAY[expected[0]]) if expected else 0
    assert db.session.scalar(select(func.count(AuditEvent.seq))) == moved


def test_every_line_names_a_permission_and_a_guard_that_exist():
    from ppp_match.accounts.models import Organisation, OrganisationRelation
    from ppp_match.attachments.models import Attachment
    from ppp_match.complaints.models import Appeal, Report
    from ppp_match.consents.models import ConsentVersion
    from ppp_match.declarations.models import DeclaredInterest
    from ppp_match.introductions.models import OfferDeclaration
    from ppp_match.listings.join_models import MergeProposal, NeedJoin
    from ppp_match.listings.models import Listing, Revision
    from ppp_match.listings.models_addenda import Addendum
    from ppp_match.partnerships.models import Partnership
    from ppp_match.privacy.models import CorrectionRequest, ErasureRequest
    from ppp_match.questions.models import Question
    from ppp_match.recommendations.models import Match
    from ppp_match.verification.models import Suspension, VerificationRequest

    drawn = (
        (lifecycle.TERMS, ConsentVersion),
        (lifecycle.ERASURE, ErasureRequest),
        (lifecycle.CORRECTION, CorrectionRequest),
        (lifecycle.RELATION, OrganisationRelation),
        (lifecycle.INTEREST, DeclaredInterest),
        (lifecycle.DECLARATION, OfferDeclaration),
        (lifecycle.QUESTION, Question),
        (lifecycle.PARTNERSHIP, Partnership),
        (lifecycle.PARTNERSHIP_SETTLED, Partnership),
        (LISTING, Listing),
        (AMENDMENT, Revision),
        (ADDENDUM, Addendum),
        (MATCH, Match),
        (JOIN, NeedJoin),
        (ATTACHMENT, Attachment),
        (MERGE, MergeProposal),
        (MATCH_UNDO, Match),
        (lifecycle.VERIFICATION, Organisation),
        (lifecycle.VERIFICATION_REQUEST, VerificationRequest),
        (lifecycle.SUSPENSION, Suspension),
        (lifecycle.REPORT, Report),
        (lifecycle.APPEAL, Appeal),
        (lifecycle.LISTING_APPEAL, Listing),
        (lifecycle.VERIFICATION_APPEAL, VerificationRequest),
        (lifecycle.MATCH_APPEAL, Match),
        (lifecycle.ATTACHMENT_APPEAL, Attachment),
    )
    for line, model in drawn:
        for transition in line.lines.values():
            assert transition.permission in PERMISSIONS
            assert transition.guard is None or hasattr(model, transition.guard)
    assert set(map(id, lifecycle.LIFECYCLES)) == {id(line) for line, _model in drawn}
