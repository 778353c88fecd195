"""Every kind of notice and mail: its sentence, its heading, what its button says and where that leads.

One entry a kind. `params` of notify() fill the sentence: a placeholder %(name)s takes params["name_vi"] or
params["name_en"] in the reader's language where those are given, else params["name"]. A sentence whose
values are lacking gives way to the heading, so that an old notice stays readable.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from ppp_match.db import db

Values = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind. `target` gives the endpoint and its values for the subject, `family` the mail's template."""

    sentence: Any
    heading: Any
    button: Any = None
    target: Callable[[uuid.UUID, Mapping[str, Any]], tuple[str, Values]] | None = None
    family: str = "notice"
    icon: str = "info"
    not_an_award: bool = False


def _to(endpoint: str) -> Callable[[uuid.UUID, Mapping[str, Any]], tuple[str, Values]]:
    return lambda subject_id, _params: (endpoint, {"id": subject_id})


def _to_list(endpoint: str) -> Callable[[uuid.UUID, Mapping[str, Any]], tuple[str, Values]]:
    return lambda _subject_id, _params: (endpoint, {})


def _to_listing(subject_id: uuid.UUID, _params: Mapping[str, Any]) -> tuple[str, Values]:
    listing = db.metadata.tables["listing"]  # by name: the room of listings stands above this one
    kind = db.session.scalar(select(listing.c.kind).where(listing.c.id == subject_id))
    return "listings.detail", {"kind": "capabilities" if kind == "capability" else "needs", "id": subject_id}


def _to_changes(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    return "changes.index", _to_listing(subject_id, params)[1]


def _to_addendum(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    addendum = db.metadata.tables["listing_addendum"]
    listing_id = db.session.scalar(select(addendum.c.listing_id).where(addendum.c.id == subject_id))
    return _to_listing(listing_id or subject_id, params)


def _to_bench(subject_id: uuid.UUID, _params: Mapping[str, Any]) -> tuple[str, Values]:
    match = db.metadata.tables["match"]
    need_id = db.session.scalar(select(match.c.need_id).where(match.c.id == subject_id))
    if need_id is None:
        return "moderation.matches", {}
    return "moderation.need_bench", {"id": need_id, "pair": subject_id}


def _to_handover_or_account(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    """Who has left with the handover can't open its page any more."""
    return ("accounts.profile", {}) if params.get("left") else ("teams.handover", {"id": subject_id})


def _to_queue(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    """A listing in review, or the bench of a need's or capability's candidates."""
    if params.get("queue") == "listings":
        return "moderation.listing", {"id": subject_id}
    kind = "capability" if params.get("kind") == "capability" else "need"
    pair = {"pair": params["pair"]} if params.get("pair") else {}
    return f"moderation.{kind}_bench", {"id": subject_id, **pair}


def _offer(sentence: Any, heading: Any, button: Any, icon: str = "pair") -> Kind:
    return Kind(sentence, heading, button, _to("introductions.offer"), "offer", icon, not_an_award=True)


def _introduction(sentence: Any, heading: Any, button: Any, icon: str) -> Kind:
    target = _to("introductions.detail")
    return Kind(sentence, heading, button, target, "offer", icon, not_an_award=True)


def _join(sentence: Any, heading: Any, button: Any = None, icon: str = "people") -> Kind:
    return Kind(sentence, heading, button or _l("Open it"), _to("listings.join"), icon=icon)


def _merge(sentence: Any, heading: Any, icon: str = "info") -> Kind:
    return Kind(sentence, heading, _l("Open the proposal"), _to("listings.merge"), icon=icon)


SEE_ORGANISATION = _l("Open the organisation")
SEE_LISTING = _l("Open the text")
SEE_OFFER = _l("Open the offer")
SEE_TEAM = _l("See the team")
SEE_HANDOVER = _l("See what changed hands")

KINDS: dict[str, Kind] = {
    "organisation.waiting": Kind(
        _l("%(name)s asks to be verified"),
        _l("An organisation asks to be verified"),
        _l("Look at the request"),
        _to_list("moderation.organisations"),
        icon="people",
    ),
    "organisation.verified": Kind(
        _l("%(name)s is verified and may publish"),
        _l("Your organisation is verified and may publish"),
        SEE_ORGANISATION,
        _to("organisations.detail"),
        icon="check",
    ),
    "organisation.rejected": Kind(
        _l("%(name)s could not be verified; the moderator says why"),
        _l("Your organisation could not be verified; the moderator says why"),
        SEE_ORGANISATION,
        _to("organisations.detail"),
        icon="warn",
    ),
    "listing.submitted": Kind(
        _l("Waiting for review: “%(title)s”"),
        _l("A text waits for review"),
        _l("Review it"),
        _to("moderation.listing"),
        icon="clock",
    ),
    "listing.published": Kind(
        _l("Published: “%(title)s”"), _l("Your text is published"), SEE_LISTING, _to_listing, icon="check"
    ),
    "listing.returned": Kind(
        _l("The moderator has remarks on “%(title)s”"),
        _l("The moderator has remarks on your text"),
        _l("Read the remarks"),
        _to_listing,
        icon="pen",
    ),
    "listing.rejected": Kind(
        _l("Not accepted: “%(title)s”; the moderator says why"),
        _l("Your text was not accepted; the moderator says why"),
        SEE_LISTING,
        _to_listing,
        icon="cross",
    ),
    "team.made_owner": Kind(
        _l("%(person)s is now an owner of %(name)s"),
        _l("A colleague has become an owner"),
        SEE_TEAM,
        _to("teams.team"),
        icon="people",
    ),
    "team.made_owner.you": Kind(
        _l("You are now an owner of %(name)s: you manage its people and its profile"),
        _l("You are now an owner of your organisation"),
        SEE_TEAM,
        _to("teams.team"),
        icon="people",
    ),
    "team.made_member": Kind(
        _l("%(person)s is now a member of %(name)s, no longer an owner"),
        _l("A colleague is no longer an owner"),
        SEE_TEAM,
        _to("teams.team"),
        icon="people",
    ),
    "team.made_member.you": Kind(
        _l("You are now a member of %(name)s, no longer an owner"),
        _l("You are no longer an owner of your organisation"),
        SEE_TEAM,
        _to("teams.team"),
        icon="people",
    ),
    "team.joined": Kind(
        _l("%(person)s has accepted the invitation and joined %(name)s"),
        _l("A person you invited has joined"),
        SEE_TEAM,
        _to("teams.team"),
        icon="people",
    ),
    "team.declined": Kind(
        _l("An invitation to %(name)s was declined"),
        _l("An invitation was declined"),
        SEE_TEAM,
        _to("teams.team"),
        icon="people",
    ),
    "team.gone": Kind(
        _l("%(person)s no longer belongs to %(name)s"),
        _l("A colleague no longer belongs to your organisation"),
        SEE_TEAM,
        _to("teams.team"),
        icon="people",
    ),
    "team.removed": Kind(
        _l("You no longer belong to %(name)s. An owner gave this reason: %(reason)s"),
        _l("You no longer belong to an organisation"),
        _l("See your account"),
        _to_list("accounts.profile"),
        icon="people",
    ),
    "handover.received": Kind(
        _l("%(person)s handed over to you at %(name)s. Needs and capabilities that are yours now: %(num)s"),
        _l("Work was handed over to you"),
        SEE_HANDOVER,
        _to("teams.handover"),
        icon="swap",
    ),
    "handover.given": Kind(
        _l("What you held at %(name)s was handed over to %(person)s. Needs and capabilities: %(num)s"),
        _l("Your work was handed over"),
        SEE_HANDOVER,
        _to_handover_or_account,
        icon="swap",
    ),
    "addendum.submitted": Kind(
        _l("An addendum to %(label)s, “%(title)s”, waits for review"),
        _l("An addendum waits for review"),
        _l("Review it"),
        _to("moderation.addendum"),
        icon="clock",
    ),
    "addendum.published": Kind(
        _l("Addendum %(number)s to “%(title)s” is published"),
        _l("Your addendum is published"),
        SEE_LISTING,
        _to_addendum,
        icon="check",
    ),
    "addendum.returned": Kind(
        _l("The moderator has a remark on your addendum to “%(title)s”"),
        _l("The moderator has a remark on your addendum"),
        _l("Read the remark"),
        _to_addendum,
        icon="pen",
    ),
    "addendum.rejected": Kind(
        _l("Your addendum to “%(title)s” was not accepted; the moderator says why"),
        _l("Your addendum was not accepted; the moderator says why"),
        SEE_LISTING,
        _to_addendum,
        icon="cross",
    ),
    "watch.changed": Kind(
        _l("“%(title)s”, which you watch, has changed: %(fields)s"),
        _l("A text that you watch has changed"),
        _l("See what changed"),
        _to_changes,
        icon="eye",
    ),
    "watch.changed.date": Kind(
        _l("“%(title)s”, which you watch, has changed: %(fields)s. Answers are welcome until %(until)s"),
        _l("A text that you watch has another last day for answers"),
        _l("See what changed"),
        _to_changes,
        icon="clock",
    ),
    "watch.addendum": Kind(
        _l("Addendum %(number)s was added to “%(title)s”, which you watch"),
        _l("A text that you watch has an addendum"),
        _l("Read the addendum"),
        _to_addendum,
        icon="eye",
    ),
    "watch.addendum.date": Kind(
        _l("Addendum %(number)s to “%(title)s”, which you watch: answers are welcome until %(until)s"),
        _l("A text that you watch has a later last day for answers"),
        _l("Read the addendum"),
        _to_addendum,
        icon="clock",
    ),
    "watch.closed": Kind(
        _l("“%(title)s”, which you watch, is closed"),
        _l("A text that you watch is closed"),
        _l("See how it ended"),
        _to_listing,
        icon="lock",
    ),
    "watch.withdrawn": Kind(
        _l("“%(title)s”, which you watch, was withdrawn"),
        _l("A text that you watch was withdrawn"),
        _l("See what you watch"),
        _to_list("changes.watching"),
        icon="out",
    ),
    "join.asked": _join(
        _l("%(organisation)s asks to join your need “%(title)s”"),
        _l("A city asks to join your need"),
        _l("Read and answer"),
    ),
    "join.agreed": _join(
        _l("Your city takes part in “%(title)s” now"), _l("Your city takes part in a need now"), icon="check"
    ),
    "join.declined": _join(
        _l("Your request to join “%(title)s” was declined; the lead city says why"),
        _l("Your request to join a need was declined; the lead city says why"),
        icon="info",
    ),
    "join.taken_back": _join(
        _l("%(organisation)s does not ask to join “%(title)s” any more"),
        _l("A city does not ask to join your need any more"),
        icon="info",
    ),
    "join.left": _join(
        _l("%(organisation)s no longer takes part in “%(title)s”; it says why"),
        _l("A city no longer takes part in your need; it says why"),
        icon="info",
    ),
    "join.ended": _join(
        _l("Your city no longer takes part in “%(title)s”; the lead city says why"),
        _l("Your city no longer takes part in a need; the lead city says why"),
        icon="info",
    ),
    "join.need_ended": _join(
        _l("“%(title)s”, which your city joined or asked to join, has ended"),
        _l("A need that your city joined or asked to join has ended"),
        icon="lock",
    ),
    "join.need_introduced": _join(
        _l("“%(title)s”, which your city joined, has been introduced to a company"),
        _l("A need that your city joined has been introduced to a company"),
        icon="pair",
    ),
    "join.moved": _join(
        _l("What your city joined is now part of “%(title)s” (%(label)s)"),
        _l("What your city joined is now part of another need"),
        icon="info",
    ),
    "merge.proposed": _merge(
        _l("The forum proposes to merge “%(title)s” into “%(into)s” and asks for your consent"),
        _l("The forum proposes a merge and asks for your consent"),
        "clock",
    ),
    "merge.merged": _merge(
        _l("“%(title)s” was merged into “%(into)s”"), _l("A text was merged into another"), "check"
    ),
    "merge.declined": _merge(
        _l("“%(title)s” is not merged into “%(into)s”: one side said no"), _l("A merge was declined")
    ),
    "merge.taken_back": _merge(
        _l("The forum no longer proposes to merge “%(title)s” into “%(into)s”"),
        _l("A merge is no longer proposed"),
    ),
    "match.interest": Kind(
        _l("%(organisation)s is interested in “%(title)s”"),
        _l("A company is interested in a need"),
        _l("Look at the pair"),
        _to_bench,
        "offer",
        "star",
        not_an_award=True,
    ),
    "match.interest_withdrawn": Kind(
        _l("%(organisation)s took back its interest in “%(title)s”"),
        _l("A company took back its interest in a need"),
        _l("Look at the pair"),
        _to_bench,
        icon="out",
    ),
    "interest.need_closed": Kind(
        _l("The need “%(title)s” that you were interested in is closed: %(reason)s"),
        _l("A need that you were interested in is closed"),
        _l("See what became of your interests"),
        _to_list("introductions.interests"),
        icon="lock",
    ),
    "interest.need_withdrawn": Kind(
        _l("The need “%(title)s” that you were interested in was withdrawn by its city"),
        _l("A need that you were interested in was withdrawn"),
        _l("See what became of your interests"),
        _to_list("introductions.interests"),
        icon="lock",
    ),
    "offer.not_made": Kind(
        _l("The sides could not be asked: “%(need_title)s” and “%(capability_title)s”"),
        _l("The sides of a pair that you approved could not be asked"),
        _l("Look at the pair"),
        _to_bench,
        icon="warn",
    ),
    "moderation.assigned": Kind(
        _l("%(who)s assigned to you: “%(title)s”"),
        _l("A colleague assigned something to you"),
        _l("Open it"),
        _to_queue,
        icon="user",
    ),
    "moderation.note": Kind(
        _l("%(who)s wrote a note for you on “%(title)s”"),
        _l("A colleague wrote a note for you"),
        _l("Read the note"),
        _to_queue,
        icon="pen",
    ),
    "offer.asked": _offer(
        _l("An offer waits for your answer: “%(need_title)s” and “%(capability_title)s”"),
        _l("The forum would like to introduce you"),
        _l("Read and answer"),
    ),
    "offer.asked.need": _offer(
        _l("A company may be able to help with “%(need_title)s”. Do you want to be introduced?"),
        _l("A company may be able to help with your need"),
        _l("Read and answer"),
    ),
    "offer.asked.capability": _offer(
        _l("A city would like to know whether you can help: “%(need_title)s”"),
        _l("A city would like to know whether you can help"),
        _l("Read and answer"),
    ),
    "offer.reminder": _offer(
        _l("Your answer is still open: “%(need_title)s” and “%(capability_title)s”"),
        _l("An offer waits for your answer and soon expires"),
        _l("Read and answer"),
        "clock",
    ),
    "offer.declined": _offer(
        _l("There will be no introduction this time: “%(need_title)s” and “%(capability_title)s”"),
        _l("There will be no introduction this time"),
        SEE_OFFER,
        "info",
    ),
    "offer.declined.forum": _offer(
        _l("One side said no: “%(need_title)s” and “%(capability_title)s”"),
        _l("One side of an offer said no"),
        SEE_OFFER,
        "info",
    ),
    "offer.expired": _offer(
        _l(
            "The offer has expired without an answer of both sides: “%(need_title)s” and "
            "“%(capability_title)s”"
        ),
        _l("An offer has expired"),
        SEE_OFFER,
        "clock",
    ),
    "offer.withdrawn": _offer(
        _l("The offer no longer stands: “%(need_title)s” and “%(capability_title)s”"),
        _l("An offer no longer stands"),
        SEE_OFFER,
        "info",
    ),
    "introduction.made": _introduction(
        _l("Both sides said yes: “%(need_title)s” and “%(capability_title)s”"),
        _l("Both sides said yes: you are introduced"),
        _l("Open the conversation"),
        "check",
    ),
    "introduction.made.forum": _introduction(
        _l("A pair is introduced: “%(need_title)s” and “%(capability_title)s”"),
        _l("A pair is introduced"),
        _l("Open the introduction"),
        "check",
    ),
    "message.new": _introduction(
        _l("New message from %(organisation)s in %(label)s"),
        _l("You have a new message"),
        _l("Read the message"),
        "talk",
    ),
}

# Mail about one's own account: never in the inbox. The link stands in the context until the mail is sent.
ACCOUNT_KINDS: dict[str, Kind] = {
    "account.confirm": Kind(
        _l("Confirm your e-mail address to finish signing up."),
        _l("Confirm your e-mail address"),
        _l("Confirm the address"),
        family="account",
    ),
    "account.reset": Kind(
        _l(
            "Somebody, probably you, asked for a new password. The link works once and for a short time. "
            "If it was not you, do nothing: your password stays as it is."
        ),
        _l("Choose a new password"),
        _l("Choose a new password"),
        family="account",
    ),
    "account.password_changed": Kind(
        _l(
            "The password of your account was changed. If it was not you, choose a new one at once "
            "and write to us."
        ),
        _l("Your password was changed"),
        _l("Choose a new password"),
        family="account",
    ),
    "account.exists": Kind(
        _l(
            "Somebody, probably you, tried to sign up with this address. You already have an account: "
            "sign in, or choose a new password if you have forgotten it."
        ),
        _l("You already have an account"),
        _l("Sign in"),
        family="account",
    ),
    "account.invitation": Kind(
        _l(
            "%(inviter)s invites you to work with %(organisation)s at PPP Match, the forum where cities and companies "
            "find each other. Opening the link changes nothing: you decide on the page."
        ),
        _l("You are invited to join an organisation"),
        _l("See the invitation"),
        family="invitation",
    ),
}


def kind_of(name: str, params: Mapping[str, Any]) -> Kind:
    """The kind, in the words for one side where params name a side. Raises KeyError for an unknown kind."""
    if name in ACCOUNT_KINDS:
        return ACCOUNT_KINDS[name]
    side = params.get("side")
    return KINDS.get(f"{name}.{side}", KINDS[name]) if side else KINDS[name]


def current_lang() -> str:
    return str(get_locale() or "vi")[:2]


class _InLanguage(dict[str, Any]):
    """Params by the reader's language: name → name_vi or name_en where there are such."""

    def __missing__(self, key: str) -> Any:
        for lang in (current_lang(), "en", "vi"):
            value = self.get(f"{key}_{lang}")
            if value:
                return value
        raise KeyError(key)


def sentence(name: str, params: Mapping[str, Any]) -> str:
    """The sentence of a notice in the language of the moment."""
    kind = kind_of(name, params)
    try:
        return str(kind.sentence) % _InLanguage(params) if params else str(kind.heading)
    except (KeyError, TypeError, ValueError):
        return str(kind.heading)


def target(name: str, subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    """Endpoint and values of the page that a notice leads to; the inbox where a kind leads nowhere."""
    where = kind_of(name, params).target
    return where(subject_id, params) if where else ("notifications.inbox", {})
