"""The lifecycles, drawn once as tables, and the one way to move along them.

What lives here: `Transition` tables {(from, to): Transition} of listings, amendments, addenda, matches, joined
needs, merges, the verification of organisations and their suspension, terms, erasures, corrections, reports,
appeals, declared relations and interests, public questions, the course of partnerships, and `move()`.
Who holds a permission stands in `permissions.py`; what happens besides the move stands in the operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ppp_match import audit
from ppp_match.db import db
from ppp_match.permissions import Actor, can


class Refused(Exception):
    """A move that is not made; `code` names why for the page, `detail` what it concerns."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class NotDrawn(Refused):
    """The lifecycle has no line between the two states."""


class NotPermitted(Refused):
    """The actor may not make this move on this thing."""


class ReasonMissing(Refused):
    """The move needs a reason and none was given."""


@dataclass(frozen=True)
class Transition:
    """One line of a lifecycle. `guard` names a method of the subject that returns a refusal code or None."""

    permission: str
    needs_reason: bool = False
    guard: str | None = None


@dataclass(frozen=True)
class Lifecycle:
    """A drawn lifecycle: the states and the lines between them, over one attribute of the subject."""

    name: str
    states: tuple[str, ...]
    lines: Mapping[tuple[str, str], Transition]
    attribute: str = "state"


def _fan_in(sources: tuple[str, ...], to: str, line: Transition) -> dict[tuple[str, str], Transition]:
    return {(source, to): line for source in sources}


def _fan_out(source: str, ends: tuple[str, ...], line: Transition) -> dict[tuple[str, str], Transition]:
    return {(source, to): line for to in ends}


LISTING = Lifecycle(
    name="listing",
    states=("draft", "submitted", "in_review", "returned", "published", "rejected", "withdrawn", "closed"),
    lines={
        ("draft", "submitted"): Transition("listing.submit", guard="refuse_incomplete"),
        ("submitted", "draft"): Transition("listing.submit"),
        ("submitted", "in_review"): Transition("listing.review"),
        ("in_review", "returned"): Transition("listing.review", guard="refuse_without_remarks"),
        ("returned", "submitted"): Transition("listing.submit", guard="refuse_incomplete"),
        ("in_review", "rejected"): Transition("listing.review", needs_reason=True),
        ("in_review", "published"): Transition("listing.review", guard="refuse_unverified"),
        ("published", "closed"): Transition("listing.close", needs_reason=True),
        **_fan_in(
            ("draft", "submitted", "in_review", "returned", "published"),
            "withdrawn",
            Transition("listing.withdraw", needs_reason=True),
        ),
    },
)

# A revision of a listing that is already published; the published text stays live until this one is accepted.
AMENDMENT = Lifecycle(
    name="amendment",
    states=("draft", "submitted", "in_review", "returned", "accepted", "discarded"),
    lines={
        ("draft", "submitted"): Transition("listing.submit", guard="refuse_incomplete"),
        ("submitted", "draft"): Transition("listing.submit"),
        ("submitted", "in_review"): Transition("listing.review"),
        ("in_review", "returned"): Transition("listing.review", guard="refuse_without_remarks"),
        ("returned", "submitted"): Transition("listing.submit", guard="refuse_incomplete"),
        ("in_review", "accepted"): Transition("listing.review", guard="refuse_unverified"),
        ("in_review", "discarded"): Transition("listing.review", needs_reason=True),
        **_fan_in(("draft", "submitted", "returned"), "discarded", Transition("listing.submit")),
    },
)

# A note added to a published listing. Every public text is reviewed; once published it stays as it is.
ADDENDUM = Lifecycle(
    name="addendum",
    states=("draft", "submitted", "returned", "published", "rejected", "discarded"),
    lines={
        **_fan_in(
            ("draft", "returned"),
            "submitted",
            Transition("listing.submit", guard="refuse_without_published_listing"),
        ),
        ("submitted", "draft"): Transition("listing.submit"),
        ("submitted", "returned"): Transition("listing.review", needs_reason=True),
        ("submitted", "rejected"): Transition("listing.review", needs_reason=True),
        ("submitted", "published"): Transition("listing.review", guard="refuse_unpublishable"),
        **_fan_in(("draft", "submitted", "returned"), "discarded", Transition("listing.submit")),
    },
)

# A file beside a listing waits until a moderator has read it with the text; beside a message it is shown at once.
ATTACHMENT = Lifecycle(
    name="attachment",
    states=("waiting", "shown", "removed", "refused"),
    lines={
        ("waiting", "shown"): Transition("listing.review"),
        ("waiting", "removed"): Transition("attachment.add"),
        **_fan_in(("waiting", "shown"), "refused", Transition("attachment.refuse", needs_reason=True)),
    },
)

BEFORE_INTRODUCED = (
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

MATCH = Lifecycle(
    name="match",
    states=(*BEFORE_INTRODUCED, "introduced", "withdrawn"),
    lines={
        ("suggested", "shortlisted"): Transition("match.review", guard="refuse_blocked"),
        ("suggested", "approved"): Transition("match.review", guard="refuse_blocked"),
        ("shortlisted", "approved"): Transition("match.review", guard="refuse_blocked"),
        ("on_hold", "shortlisted"): Transition("match.review", guard="refuse_blocked"),
        **_fan_in(("suggested", "shortlisted"), "on_hold", Transition("match.review", needs_reason=True)),
        **_fan_in(("suggested", "shortlisted"), "rejected", Transition("match.review", needs_reason=True)),
        ("rejected", "suggested"): Transition("match.review", needs_reason=True, guard="refuse_unchanged"),
        **_fan_in(
            ("suggested", "shortlisted", "approved"),
            "conflict_blocked",
            Transition("match.review", needs_reason=True),
        ),
        ("offered", "conflict_blocked"): Transition("declaration.decide", needs_reason=True),
        ("approved", "offered"): Transition("match.review", guard="refuse_blocked"),
        ("approved", "on_hold"): Transition("match.review", needs_reason=True),
        ("offered", "introduced"): Transition("offer.answer", guard="refuse_without_both_answers"),
        ("offered", "declined"): Transition("offer.answer", needs_reason=True),
        ("offered", "expired"): Transition("match.review", guard="refuse_before_expiry"),
        **_fan_in(
            ("declined", "expired"),
            "offered",
            Transition("match.review", needs_reason=True, guard="refuse_blocked"),
        ),
        **_fan_in(BEFORE_INTRODUCED, "withdrawn", Transition("listing.withdraw", needs_reason=True)),
    },
)

# A decision taken back within a minute by who took it. These lines stand apart, since a line there and a line back
# may join the same two states on other terms: a rejected pair returns only changed, a slip of the hand at once.
UNDO = Transition("match.undo", guard="refuse_undo_too_late")
MATCH_UNDO = Lifecycle(
    name="match.undo",
    states=MATCH.states,
    lines={
        (to, from_): UNDO
        for from_, to in MATCH.lines
        if from_ in ("suggested", "shortlisted", "on_hold", "rejected", "approved")
        and to in ("suggested", "shortlisted", "on_hold", "rejected", "approved")
    },
)

VERIFICATION = Lifecycle(
    name="organisation",
    states=("unverified", "pending", "verified", "rejected"),
    lines={
        **_fan_in(
            ("unverified", "rejected"),
            "pending",
            Transition("organisation.request_verification", guard="refuse_incomplete"),
        ),
        ("pending", "unverified"): Transition("organisation.request_verification"),
        ("pending", "verified"): Transition("organisation.verify"),
        ("pending", "rejected"): Transition("organisation.verify", needs_reason=True),
    },
    attribute="verification",
)

# What an organisation brings to be verified. One moderator decides, about public bodies two; a check that finds
# nothing wrong waits at `first_check` for the second pair of eyes.
VERIFICATION_REQUEST = Lifecycle(
    name="verification",
    states=(
        "draft",
        "submitted",
        "first_check",
        "returned",
        "verified",
        "rejected",
        "taken_back",
        "expired",
        "renewed",
    ),
    lines={
        **_fan_in(
            ("draft", "returned"),
            "submitted",
            Transition("organisation.request_verification", guard="refuse_incomplete"),
        ),
        **_fan_in(
            ("draft", "submitted", "returned"),
            "taken_back",
            Transition("organisation.request_verification"),
        ),
        ("submitted", "first_check"): Transition("organisation.verify", guard="refuse_for_one"),
        ("submitted", "verified"): Transition("organisation.verify", guard="refuse_for_two"),
        ("first_check", "verified"): Transition("organisation.verify"),
        **_fan_in(
            ("submitted", "first_check"),
            "returned",
            Transition("organisation.verify", guard="refuse_without_remarks"),
        ),
        **_fan_in(
            ("submitted", "first_check"), "rejected", Transition("organisation.verify", needs_reason=True)
        ),
        ("verified", "expired"): Transition("organisation.verify", guard="refuse_before_end"),
        **_fan_in(("verified", "expired"), "renewed", Transition("organisation.verify")),
    },
)

# An organisation out of the forum. An administrator needs nobody else; two moderators have to agree.
SUSPENSION = Lifecycle(
    name="suspension",
    states=("proposed", "active", "lift_proposed", "lifted", "dropped"),
    lines={
        ("proposed", "active"): Transition("organisation.suspend", needs_reason=True),
        ("proposed", "dropped"): Transition("organisation.suspend"),
        ("active", "lift_proposed"): Transition("organisation.suspend", needs_reason=True),
        ("lift_proposed", "active"): Transition("organisation.suspend"),
        **_fan_in(
            ("active", "lift_proposed"), "lifted", Transition("organisation.suspend", needs_reason=True)
        ),
    },
)

# A city that asks to take part in another city's need. Which of the two sides may do what, the operations check.
JOIN = Lifecycle(
    name="join",
    states=("asked", "agreed", "declined", "taken_back", "left"),
    lines={
        ("asked", "agreed"): Transition("join.answer", guard="refuse_ended"),
        ("asked", "declined"): Transition("join.answer", needs_reason=True),
        ("asked", "taken_back"): Transition("need.join"),
        ("agreed", "left"): Transition("need.join", needs_reason=True),
    },
)

# A moderator's proposal to merge a listing into another; it is carried out once everybody who is asked consents.
MERGE = Lifecycle(
    name="merge",
    states=("proposed", "merged", "declined", "taken_back"),
    lines={
        ("proposed", "merged"): Transition("merge.answer", guard="refuse_without_consent"),
        ("proposed", "declined"): Transition("merge.answer", needs_reason=True),
        ("proposed", "taken_back"): Transition("merge.propose"),
    },
)

# A version of the terms, or of another text that people consent to. A published one stays as it is.
TERMS = Lifecycle(
    name="terms",
    states=("draft", "published"),
    lines={("draft", "published"): Transition("terms.manage", guard="refuse_half_written")},
)

# A person's request for erasure: it waits, can be taken back, and is carried out by a job when it is due.
ERASURE = Lifecycle(
    name="erasure",
    states=("waiting", "taken_back", "done"),
    lines={
        ("waiting", "taken_back"): Transition("account.manage"),
        ("waiting", "done"): Transition("retention.manage", guard="refuse_early"),
    },
)

# A person's request for a correction that they cannot make themselves.
CORRECTION = Lifecycle(
    name="correction",
    states=("open", "done", "declined"),
    lines=_fan_out("open", ("done", "declined"), Transition("correction.answer", needs_reason=True)),
)

# A report about a text, a profile, a file or a message; and an appeal against a decision.
REPORT = Lifecycle(
    name="report",
    states=("open", "acted", "dismissed"),
    lines=_fan_out("open", ("acted", "dismissed"), Transition("report.decide", needs_reason=True)),
)
APPEAL = Lifecycle(
    name="appeal",
    states=("open", "upheld", "overturned"),
    lines=_fan_out("open", ("upheld", "overturned"), Transition("appeal.decide", needs_reason=True)),
)

# A relation of two organisations, and an interest of a person in one. Who declared it cannot end it alone: it counts
# until somebody else has looked at what is said about its end.
RELATION = Lifecycle(
    name="relation",
    states=("declared", "ending", "ended"),
    lines={
        ("declared", "ending"): Transition("relation.declare", needs_reason=True),
        ("ending", "declared"): Transition("relation.review", needs_reason=True),
        **_fan_in(("declared", "ending"), "ended", Transition("relation.review", needs_reason=True)),
    },
)
INTEREST = Lifecycle(
    name="declared_interest",
    states=RELATION.states,
    lines={
        ("declared", "ending"): Transition("interest.declare", needs_reason=True),
        ("ending", "declared"): Transition("interest.review", needs_reason=True),
        **_fan_in(("declared", "ending"), "ended", Transition("interest.review", needs_reason=True)),
    },
)

# What a side declares when it is asked to be introduced. It can say yes once the forum saw no obstacle.
DECLARATION = Lifecycle(
    name="declaration",
    states=("open", "cleared", "barred", "lapsed"),
    lines={
        **_fan_out("open", ("cleared", "barred"), Transition("declaration.decide", needs_reason=True)),
        ("open", "lapsed"): Transition("offer.answer"),
    },
)

# A public question on a need. Its asker takes it back while nobody has answered.
QUESTION = Lifecycle(
    name="question",
    states=("asked", "answered", "declined", "withdrawn"),
    lines={
        ("asked", "answered"): Transition("question.answer"),
        ("asked", "declined"): Transition("question.answer", needs_reason=True),
        ("asked", "withdrawn"): Transition("question.ask"),
    },
)

# The course of a partnership, from the introduction to a known outcome. A side that reports a later state than the next
# one walks the lines between (`partnerships/operations.py`). The forum alone lets one lapse, when nobody answers.
PARTNERSHIP_OPEN = ("introduced", "meeting", "in_talks", "pilot", "agreed")
_REPORTED = Transition("partnership.report")
PARTNERSHIP = Lifecycle(
    name="partnership",
    states=(*PARTNERSHIP_OPEN, "delivered", "no_agreement", "lapsed"),
    lines={
        ("introduced", "meeting"): _REPORTED,
        ("meeting", "in_talks"): _REPORTED,
        ("in_talks", "pilot"): _REPORTED,
        ("in_talks", "agreed"): _REPORTED,
        ("pilot", "agreed"): _REPORTED,
        ("pilot", "delivered"): _REPORTED,
        ("agreed", "delivered"): _REPORTED,
        **_fan_in(PARTNERSHIP_OPEN, "no_agreement", Transition("partnership.report", needs_reason=True)),
        **_fan_in(PARTNERSHIP_OPEN, "lapsed", Transition("partnership.settle", needs_reason=True)),
        ("lapsed", "in_talks"): _REPORTED,
    },
)
# Where the two sides report states that do not follow from each other, a moderator says which one it is.
_SETTLED = Transition("partnership.settle", needs_reason=True)
PARTNERSHIP_SETTLED = Lifecycle(
    name="partnership.settled",
    states=PARTNERSHIP.states,
    lines={(from_, to): _SETTLED for from_ in PARTNERSHIP.states for to in PARTNERSHIP.states if from_ != to},
)

# What an appeal that was granted turns back. These lines stand apart, since nobody else walks them. A text is reviewed
# anew, and so is what an organisation brought to be verified; a pair waits for a moderator again.
_GRANTED = Transition("appeal.decide", needs_reason=True)
LISTING_APPEAL = Lifecycle(
    name="listing.appeal",
    states=LISTING.states,
    lines=_fan_in(("rejected", "withdrawn"), "in_review", _GRANTED),
)
VERIFICATION_APPEAL = Lifecycle(
    name="verification.appeal",
    states=VERIFICATION_REQUEST.states,
    lines={("rejected", "submitted"): _GRANTED},
)
MATCH_APPEAL = Lifecycle(
    name="match.appeal", states=MATCH.states, lines={("rejected", "suggested"): _GRANTED}
)
ATTACHMENT_APPEAL = Lifecycle(
    name="attachment.appeal", states=ATTACHMENT.states, lines={("refused", "shown"): _GRANTED}
)

LIFECYCLES = (
    LISTING,
    AMENDMENT,
    ADDENDUM,
    ATTACHMENT,
    MATCH,
    MATCH_UNDO,
    VERIFICATION,
    VERIFICATION_REQUEST,
    SUSPENSION,
    JOIN,
    MERGE,
    TERMS,
    ERASURE,
    CORRECTION,
    REPORT,
    APPEAL,
    RELATION,
    INTEREST,
    DECLARATION,
    QUESTION,
    PARTNERSHIP,
    PARTNERSHIP_SETTLED,
    LISTING_APPEAL,
    VERIFICATION_APPEAL,
    MATCH_APPEAL,
    ATTACHMENT_APPEAL,
)


def may_move(lifecycle: Lifecycle, subject: Any, to: str, *, actor: Actor) -> bool:
    """Whether a page may show this move to the actor: drawn, permitted and not guarded against just now."""
    line = lifecycle.lines.get((getattr(subject, lifecycle.attribute), to))
    if line is None or not can(actor, line.permission, subject):
        return False
    return line.guard is None or getattr(subject, line.guard)() is None


def move(
    lifecycle: Lifecycle,
    subject: Any,
    to: str,
    *,
    actor: Actor,
    reason: str = "",
    fields: tuple[str, ...] = (),
) -> audit.AuditEvent:
    """Change the subject's state along a drawn line and leave an audit event, in the running transaction.

    Raises NotDrawn, NotPermitted, ReasonMissing, or Refused with the guard's code; then nothing has changed.
    """
    from_ = getattr(subject, lifecycle.attribute)
    line = lifecycle.lines.get((from_, to))
    if line is None:
        raise NotDrawn("not_drawn", f"{lifecycle.name}: {from_} → {to}")
    if not can(actor, line.permission, subject):
        raise NotPermitted("not_permitted", line.permission)
    if line.needs_reason and not reason.strip():
        raise ReasonMissing("reason_missing", to)
    if line.guard is not None:
        code = getattr(subject, line.guard)()
        if code is not None:
            raise Refused(code)
    setattr(subject, lifecycle.attribute, to)
    db.session.flush()
    return audit.record(
        f"{lifecycle.name}.{to}",
        subject,
        actor=actor,
        from_state=from_,
        to_state=to,
        fields=fields,
        reason=reason.strip(),
    )
