"""Kinds of notices about reports, appeals, concerns and suspensions."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.notifications.kind import Kind, to, to_list

SEE_COMPLAINTS = _l("Open reports and appeals")


def _measure(sentence: Any, heading: Any) -> Kind:
    """What the forum did after a report, for the organisation concerned: with the reason and the way to appeal."""
    return Kind(sentence, heading, SEE_COMPLAINTS, to_list("complaints.mine"), icon="warn")


CONDUCT: dict[str, Kind] = {
    "report.waiting": Kind(
        _l("Somebody reported something: %(title)s"),
        _l("A report waits"),
        _l("Look at the report"),
        to("complaints.decide"),
        icon="flag",
    ),
    "report.acted": Kind(
        _l("Thank you. The forum has looked at what you reported and has acted: %(title)s"),
        _l("The forum has acted on your report"),
        SEE_COMPLAINTS,
        to_list("complaints.mine"),
        icon="check",
    ),
    "report.dismissed": Kind(
        _l("Thank you. The forum has looked at what you reported and leaves it as it is: %(title)s"),
        _l("The forum has looked at your report"),
        SEE_COMPLAINTS,
        to_list("complaints.mine"),
        icon="info",
    ),
    "report.measure": _measure(
        _l("The forum has decided about %(title)s. The reason: %(reason)s"),
        _l("The forum has decided about something of yours"),
    ),
    "report.measure.amend": _measure(
        _l("The forum asks you to amend %(title)s. The reason: %(reason)s"),
        _l("The forum asks you to amend something"),
    ),
    "report.measure.hide": _measure(
        _l(
            "The forum has hidden something of yours: %(title)s. The reason: %(reason)s. You can appeal against it."
        ),
        _l("The forum has hidden a message of yours"),
    ),
    "report.measure.take_down": _measure(
        _l(
            "The forum has taken down your file %(title)s. The reason: %(reason)s. You can appeal against it."
        ),
        _l("The forum has taken down a file of yours"),
    ),
    "report.measure.withdraw": _measure(
        _l("The forum has withdrawn %(title)s. The reason: %(reason)s. You can appeal against it."),
        _l("The forum has withdrawn a text of yours"),
    ),
    "appeal.waiting": Kind(
        _l("An organisation appeals against a decision: %(title)s"),
        _l("An appeal waits"),
        _l("Look at the appeal"),
        to("complaints.answer_appeal"),
        icon="flag",
    ),
    "appeal.upheld": Kind(
        _l("The decision stands after your appeal: %(title)s. The reason: %(reason)s"),
        _l("The decision stands after your appeal"),
        SEE_COMPLAINTS,
        to_list("complaints.mine"),
        icon="info",
    ),
    "appeal.overturned": Kind(
        _l("Your appeal was granted: %(title)s. The reason: %(reason)s"),
        _l("Your appeal was granted"),
        SEE_COMPLAINTS,
        to_list("complaints.mine"),
        icon="check",
    ),
    "concern.waiting": Kind(
        _l("Somebody told a concern in confidence, or added to one"),
        _l("A concern in confidence waits"),
        _l("Open it"),
        to("complaints.concern"),
        icon="lock",
    ),
    "suspension.proposed": Kind(
        _l("A colleague proposes to suspend %(name)s; a second word is needed"),
        _l("A colleague proposes to suspend an organisation"),
        _l("Look at the proposal"),
        to("moderation.suspension_page"),
        icon="warn",
    ),
    "suspension.lift_proposed": Kind(
        _l("A colleague proposes to lift the suspension of %(name)s; a second word is needed"),
        _l("A colleague proposes to lift a suspension"),
        _l("Look at the proposal"),
        to("moderation.suspension_page"),
        icon="people",
    ),
}
