"""Kinds of personal data in words: what it is, what for, who sees it, which rule of the schedule ends it.

Every table that holds something personal names one of these as its `group`; the page, the copy and its README are made
from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.personal import ORGANISATION, OTHER_SIDE, PROOF, RECORD


@dataclass(frozen=True)
class Group:
    """`rules` are codes of the retention schedule; where there is none, `until` says how long in words."""

    name: Any
    why: Any
    seen_by: Any
    rules: tuple[str, ...] = ()
    until: Any = ""


WHILE_OPEN = _l("as long as the account is open")
RECORD_STAYS = _l("as a public record is kept; without your name once the account is erased")

GROUPS: dict[str, Group] = {
    "account": Group(
        _l("Name, e-mail address, job title, language and time zone"),
        _l("To sign in, and to write to you in your language."),
        _l("You and the administrators. Your name also those whom you write to after an introduction."),
        ("unconfirmed", "closed_accounts"),
        WHILE_OPEN,
    ),
    "security": Group(
        _l("Password and second factors"),
        _l("To make sure that it is you. Passwords are kept as a hash, secrets encrypted."),
        _l("Nobody. You see which factors there are."),
        (),
        WHILE_OPEN,
    ),
    "sessions": Group(
        _l("Sign-ins, failed tries, marks of sent forms"),
        _l("To protect the account, and so that a form sent twice counts once."),
        _l("You see your own sessions and can end them. Failed tries are kept as a hash only."),
        ("sessions", "failed_tries", "form_keys"),
    ),
    "consents": Group(
        _l("What you agreed to, and when"),
        _l("To prove that you were asked, and to keep to what you said."),
        _l("You and the administrators."),
        (),
        _l("as long as the forum has to prove it; without your name once the account is erased"),
    ),
    "interests": Group(
        _l("Declared interests, recusals, relations you declared"),
        _l("So that nobody decides where they have an interest, and so that this can be inspected."),
        _l(
            "You and the forum's staff; each reading is recorded. Relations between organisations are public."
        ),
        (),
        RECORD_STAYS,
    ),
    "organisation": Group(
        _l("Memberships, invitations, handovers"),
        _l("To know for whom you act, and who looks after what."),
        _l("The members of your organisation and the forum."),
        ("invitations",),
        WHILE_OPEN,
    ),
    "notices": Group(
        _l("Notices and mails to you"),
        _l("To tell you what concerns you, once."),
        _l("You. Administrators see whether a mail could be delivered, not what it says."),
        ("notices", "mails"),
    ),
    "listings": Group(
        _l("Needs, capabilities and addenda that you wrote or look after; what you watch"),
        _l("The texts are your organisation's. Who wrote them is kept to be able to ask."),
        _l(
            "Published texts: everybody, without your name. Drafts and authors: your organisation and the forum."
        ),
        ("drafts",),
        RECORD_STAYS,
    ),
    "files": Group(
        _l("Files that you attached"),
        _l("They belong to the text, the message or the verification that they were attached to."),
        _l(
            "Whoever may read what they are attached to, without your name. Files for a verification: the forum."
        ),
        (),
        RECORD_STAYS,
    ),
    "partnerships": Group(
        _l("What you reported, answered or verified of partnerships"),
        _l("So that both sides and the forum know on whose word a figure stands."),
        _l("The two sides and the forum's staff; in public the organisation alone is named."),
        (),
        RECORD_STAYS,
    ),
    "introductions": Group(
        _l("Answers to offers, interests, messages"),
        _l("The conversation of two sides, and its record."),
        _l("The two sides. The forum sees that they talk, not what they say."),
        (),
        _l("as long as either side needs the conversation; your messages then stand under “former member”"),
    ),
    "questions": Group(
        _l("Questions and answers on needs"),
        _l("What one company learns, every company learns."),
        _l(
            "Everybody reads what was answered. Your name stands nowhere; the city and the forum see your organisation."
        ),
        (),
        RECORD_STAYS,
    ),
    "decisions": Group(
        _l("Decisions and reviews that you made for the forum"),
        _l("Whoever decides has to account for it."),
        _l("The forum's staff. Reasons also the side concerned, without your name."),
        (),
        RECORD_STAYS,
    ),
    "complaints": Group(
        _l("Reports that you made, appeals that you filed"),
        _l("To look at what was reported, and at a decision a second time."),
        _l(
            "The forum's staff. Whom you report never learns your name. Concerns told in confidence name nobody and are "
            "read by administrators alone."
        ),
        ("reports", "concerns"),
    ),
    "audit": Group(
        _l("The audit trail: who did what, and when"),
        _l("So that nobody can change the record unnoticed, not even the forum."),
        _l("Administrators, and that they look is recorded."),
        ("audit_notes",),
        RECORD_STAYS,
    ),
    "requests": Group(
        _l("Requests about your own data, and copies made for you"),
        _l("To answer them, and to show that they were answered."),
        _l("You; requests for correction also the administrators. A copy can be taken by you alone."),
        ("copies", "corrections"),
    ),
}

STAYS: dict[str, Any] = {
    RECORD: _l(
        "Who decided or wrote what stays in the record, since decisions have to be accounted for. The record names a "
        "number; the account that it belonged to is empty."
    ),
    OTHER_SIDE: _l(
        "Messages and answers that you wrote to another organisation stay with it. They stand under “former member”."
    ),
    ORGANISATION: _l("The contact unit and address of your organisation are its own, and stay with it."),
    PROOF: _l("That you consented, or asked for erasure, stays as proof, under a number without a name."),
}

RULE_NAMES: dict[str, Any] = {
    "sessions": _l("Ended sign-in sessions"),
    "failed_tries": _l("Failed tries to sign in"),
    "unconfirmed": _l("Accounts whose address was never confirmed"),
    "mails": _l("Mails that were sent or given up"),
    "notices": _l("Notices in the inbox"),
    "drafts": _l("Drafts that were never sent for review"),
    "audit_notes": _l("Reasons and personal values in the audit trail"),
    "invitations": _l("Addresses of invitations that are over"),
    "form_keys": _l("Marks of forms that were sent"),
    "copies": _l("Copies of personal data"),
    "corrections": _l("Answered requests for correction"),
    "closed_accounts": _l("What is left of closed accounts"),
    "reports": _l("Words and reporters of reports that were answered"),
    "concerns": _l("Concerns in confidence that were closed"),
}
