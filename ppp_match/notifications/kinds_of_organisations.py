"""Kinds of notices about organisations: verification, references, teams, personal data."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.notifications.kind import Kind, to, to_handover_or_account, to_list, to_listing, to_request

SEE_ORGANISATION = _l("Open the organisation")
SEE_LISTING_REFERENCES = _l("Open the reference projects")
SEE_TEAM = _l("See the team")
SEE_YOUR_DATA = _l("Open your data")
SEE_HANDOVER = _l("See what changed hands")


def _verification(sentence: Any, heading: Any, icon: str = "info") -> Kind:
    return Kind(sentence, heading, _l("Open the verification"), to("verification.page"), icon=icon)


ORGANISATIONS: dict[str, Kind] = {
    "organisation.waiting": Kind(
        _l("%(name)s asks to be verified"),
        _l("An organisation asks to be verified"),
        _l("Look at the request"),
        to_list("moderation.organisations"),
        icon="people",
    ),
    "organisation.verified": Kind(
        _l("%(name)s is verified and may publish"),
        _l("Your organisation is verified and may publish"),
        SEE_ORGANISATION,
        to("organisations.detail"),
        icon="check",
    ),
    "organisation.corrected": Kind(
        _l("The forum corrected the profile of %(name)s. The reason: %(reason)s"),
        _l("The forum corrected your organisation's profile"),
        SEE_ORGANISATION,
        to("organisations.detail"),
        icon="pen",
    ),
    "organisation.rejected": Kind(
        _l("%(name)s could not be verified; the moderator says why"),
        _l("Your organisation could not be verified; the moderator says why"),
        SEE_ORGANISATION,
        to("organisations.detail"),
        icon="warn",
    ),
    "organisation.suspended": _verification(
        _l(
            "The forum has suspended %(name)s. What it published is hidden and its open offers are closed. The reason: "
            "%(reason)s"
        ),
        _l("Your organisation is suspended"),
        "warn",
    ),
    "organisation.unsuspended": _verification(
        _l("%(name)s is no longer suspended. What it published is public again. The reason: %(reason)s"),
        _l("Your organisation is no longer suspended"),
        "check",
    ),
    "verification.waiting": Kind(
        _l("%(name)s sent its request for verification"),
        _l("A request for verification waits"),
        _l("Look at the request"),
        to_request,
        icon="people",
    ),
    "verification.second": Kind(
        _l("The first check of %(name)s is done; a second moderator has to look"),
        _l("A request for verification waits for a second check"),
        _l("Look at the request"),
        to_request,
        icon="people",
    ),
    "verification.returned": _verification(
        _l("The moderator has remarks on the request of %(name)s to be verified"),
        _l("Your request for verification came back with remarks"),
        "pen",
    ),
    "verification.renewed": _verification(
        _l("The verification of %(name)s is renewed"), _l("Your verification is renewed"), "check"
    ),
    "verification.not_renewed": _verification(
        _l("The verification of %(name)s could not be renewed; the moderator says why"),
        _l("Your verification could not be renewed"),
        "warn",
    ),
    "verification.ends_soon": _verification(
        _l("The verification of %(name)s ends in %(days)s days or less. Renew it in time."),
        _l("Your verification ends soon"),
        "clock",
    ),
    "verification.expired": _verification(
        _l(
            "The verification of %(name)s has ended. Nothing new can be published; what is published stays public for "
            "%(days)s days more."
        ),
        _l("Your verification has ended"),
        "clock",
    ),
    "verification.lapsed": _verification(
        _l("What %(name)s published is no longer public, since its verification was not renewed"),
        _l("What you published is no longer public"),
        "warn",
    ),
    "reference.confirmed": Kind(
        _l("%(client)s confirmed the reference project in “%(title)s”"),
        _l("A client confirmed your reference project"),
        SEE_LISTING_REFERENCES,
        to_listing,
        icon="check",
    ),
    "reference.refused": Kind(
        _l("%(client)s did not confirm the reference project in “%(title)s”"),
        _l("A client did not confirm your reference project"),
        SEE_LISTING_REFERENCES,
        to_listing,
        icon="warn",
    ),
    "reference.not_me": Kind(
        _l("The person you asked about the reference project in “%(title)s” is not the right one"),
        _l("Your question about a reference project reached the wrong person"),
        SEE_LISTING_REFERENCES,
        to_listing,
        icon="info",
    ),
    "team.made_owner": Kind(
        _l("%(person)s is now an owner of %(name)s"),
        _l("A colleague has become an owner"),
        SEE_TEAM,
        to("teams.team"),
        icon="people",
    ),
    "team.made_owner.you": Kind(
        _l("You are now an owner of %(name)s: you manage its people and its profile"),
        _l("You are now an owner of your organisation"),
        SEE_TEAM,
        to("teams.team"),
        icon="people",
    ),
    "team.made_member": Kind(
        _l("%(person)s is now a member of %(name)s, no longer an owner"),
        _l("A colleague is no longer an owner"),
        SEE_TEAM,
        to("teams.team"),
        icon="people",
    ),
    "team.made_member.you": Kind(
        _l("You are now a member of %(name)s, no longer an owner"),
        _l("You are no longer an owner of your organisation"),
        SEE_TEAM,
        to("teams.team"),
        icon="people",
    ),
    "team.joined": Kind(
        _l("%(person)s has accepted the invitation and joined %(name)s"),
        _l("A person you invited has joined"),
        SEE_TEAM,
        to("teams.team"),
        icon="people",
    ),
    "team.declined": Kind(
        _l("An invitation to %(name)s was declined"),
        _l("An invitation was declined"),
        SEE_TEAM,
        to("teams.team"),
        icon="people",
    ),
    "team.gone": Kind(
        _l("%(person)s no longer belongs to %(name)s"),
        _l("A colleague no longer belongs to your organisation"),
        SEE_TEAM,
        to("teams.team"),
        icon="people",
    ),
    "team.removed": Kind(
        _l("You no longer belong to %(name)s. An owner gave this reason: %(reason)s"),
        _l("You no longer belong to an organisation"),
        _l("See your account"),
        to_list("accounts.profile"),
        icon="people",
    ),
    "handover.received": Kind(
        _l("%(person)s handed over to you at %(name)s. Needs and capabilities that are yours now: %(num)s"),
        _l("Work was handed over to you"),
        SEE_HANDOVER,
        to("teams.handover"),
        icon="swap",
    ),
    "handover.given": Kind(
        _l("What you held at %(name)s was handed over to %(person)s. Needs and capabilities: %(num)s"),
        _l("Your work was handed over"),
        SEE_HANDOVER,
        to_handover_or_account,
        icon="swap",
    ),
    "copy.ready": Kind(
        _l("The copy of your data is ready. It waits for you for seven days"),
        _l("The copy of your data is ready"),
        SEE_YOUR_DATA,
        to_list("privacy.account"),
        icon="down",
    ),
    "erasure.asked": Kind(
        _l("You asked for the erasure of your account on %(day)s. Until then you can take it back"),
        _l("You asked for the erasure of your account"),
        SEE_YOUR_DATA,
        to_list("privacy.account"),
        icon="clock",
    ),
    "erasure.stopped": Kind(
        _l("The erasure of your account could not be carried out: something has to be settled first"),
        _l("The erasure of your account could not be carried out: something has to be settled first"),
        _l("See what"),
        to_list("privacy.erasure"),
        icon="warn",
    ),
    "correction.asked": Kind(
        _l("Somebody asks for a correction of their data. An answer is due on %(day)s"),
        _l("Somebody asks for a correction of their data"),
        _l("Open the request"),
        to("privacy.answer_correction"),
        icon="pen",
    ),
    "correction.answered": Kind(
        _l("Your request for a correction has been answered"),
        _l("Your request for a correction has been answered"),
        SEE_YOUR_DATA,
        to_list("privacy.account"),
        icon="check",
    ),
}
