"""Kinds of notices about needs and capabilities: review, changes, addenda, joint needs, mergers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.notifications.kind import Kind, to, to_addendum, to_changes, to_list, to_listing, to_queue

SEE_LISTING = _l("Open the text")


def _join(sentence: Any, heading: Any, button: Any = None, icon: str = "people") -> Kind:
    return Kind(sentence, heading, button or _l("Open it"), to("listings.join"), icon=icon)


def _merge(sentence: Any, heading: Any, icon: str = "info") -> Kind:
    return Kind(sentence, heading, _l("Open the proposal"), to("listings.merge"), icon=icon)


TEXTS: dict[str, Kind] = {
    "listing.submitted": Kind(
        _l("Waiting for review: “%(title)s”"),
        _l("A text waits for review"),
        _l("Review it"),
        to("moderation.listing"),
        icon="clock",
    ),
    "listing.published": Kind(
        _l("Published: “%(title)s”"), _l("Your text is published"), SEE_LISTING, to_listing, icon="check"
    ),
    "listing.returned": Kind(
        _l("The moderator has remarks on “%(title)s”"),
        _l("The moderator has remarks on your text"),
        _l("Read the remarks"),
        to_listing,
        icon="pen",
    ),
    "listing.rejected": Kind(
        _l("Not accepted: “%(title)s”; the moderator says why"),
        _l("Your text was not accepted; the moderator says why"),
        SEE_LISTING,
        to_listing,
        icon="cross",
    ),
    "addendum.submitted": Kind(
        _l("An addendum to %(label)s, “%(title)s”, waits for review"),
        _l("An addendum waits for review"),
        _l("Review it"),
        to("moderation.addendum"),
        icon="clock",
    ),
    "addendum.published": Kind(
        _l("Addendum %(number)s to “%(title)s” is published"),
        _l("Your addendum is published"),
        SEE_LISTING,
        to_addendum,
        icon="check",
    ),
    "addendum.returned": Kind(
        _l("The moderator has a remark on your addendum to “%(title)s”"),
        _l("The moderator has a remark on your addendum"),
        _l("Read the remark"),
        to_addendum,
        icon="pen",
    ),
    "addendum.rejected": Kind(
        _l("Your addendum to “%(title)s” was not accepted; the moderator says why"),
        _l("Your addendum was not accepted; the moderator says why"),
        SEE_LISTING,
        to_addendum,
        icon="cross",
    ),
    "watch.changed": Kind(
        _l("“%(title)s”, which you watch, has changed: %(fields)s"),
        _l("A text that you watch has changed"),
        _l("See what changed"),
        to_changes,
        icon="eye",
    ),
    "watch.changed.date": Kind(
        _l("“%(title)s”, which you watch, has changed: %(fields)s. Answers are welcome until %(until)s"),
        _l("A text that you watch has another last day for answers"),
        _l("See what changed"),
        to_changes,
        icon="clock",
    ),
    "watch.addendum": Kind(
        _l("Addendum %(number)s was added to “%(title)s”, which you watch"),
        _l("A text that you watch has an addendum"),
        _l("Read the addendum"),
        to_addendum,
        icon="eye",
    ),
    "watch.addendum.date": Kind(
        _l("Addendum %(number)s to “%(title)s”, which you watch: answers are welcome until %(until)s"),
        _l("A text that you watch has a later last day for answers"),
        _l("Read the addendum"),
        to_addendum,
        icon="clock",
    ),
    "watch.closed": Kind(
        _l("“%(title)s”, which you watch, is closed"),
        _l("A text that you watch is closed"),
        _l("See how it ended"),
        to_listing,
        icon="lock",
    ),
    "watch.withdrawn": Kind(
        _l("“%(title)s”, which you watch, was withdrawn"),
        _l("A text that you watch was withdrawn"),
        _l("See what you watch"),
        to_list("changes.watching"),
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
    "moderation.assigned": Kind(
        _l("%(who)s assigned to you: “%(title)s”"),
        _l("A colleague assigned something to you"),
        _l("Open it"),
        to_queue,
        icon="user",
    ),
    "moderation.note": Kind(
        _l("%(who)s wrote a note for you on “%(title)s”"),
        _l("A colleague wrote a note for you"),
        _l("Read the note"),
        to_queue,
        icon="pen",
    ),
    "draft.gone": Kind(
        _l("The draft “%(name)s” was deleted: it was never sent and nobody changed it for long"),
        _l("An old draft was deleted"),
        _l("See your texts"),
        to_list("listings.mine"),
    ),
}
