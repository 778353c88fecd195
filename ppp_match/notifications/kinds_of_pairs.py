"""Kinds of notices about pairs: suggestions, interest, offers, introductions."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.notifications.kind import Kind, to, to_bench, to_list

SEE_OFFER = _l("Open the offer")


def _offer(sentence: Any, heading: Any, button: Any, icon: str = "pair") -> Kind:
    return Kind(sentence, heading, button, to("introductions.offer"), "offer", icon, not_an_award=True)


def _introduction(sentence: Any, heading: Any, button: Any, icon: str) -> Kind:
    target = to("introductions.detail")
    return Kind(sentence, heading, button, target, "offer", icon, not_an_award=True)


PAIRS: dict[str, Kind] = {
    "match.interest": Kind(
        _l("%(organisation)s is interested in “%(title)s”"),
        _l("A company is interested in a need"),
        _l("Look at the pair"),
        to_bench,
        "offer",
        "star",
        not_an_award=True,
    ),
    "match.interest_withdrawn": Kind(
        _l("%(organisation)s took back its interest in “%(title)s”"),
        _l("A company took back its interest in a need"),
        _l("Look at the pair"),
        to_bench,
        icon="out",
    ),
    "interest.need_closed": Kind(
        _l("The need “%(title)s” that you were interested in is closed: %(reason)s"),
        _l("A need that you were interested in is closed"),
        _l("See what became of your interests"),
        to_list("introductions.interests"),
        icon="lock",
    ),
    "interest.need_withdrawn": Kind(
        _l("The need “%(title)s” that you were interested in was withdrawn by its city"),
        _l("A need that you were interested in was withdrawn"),
        _l("See what became of your interests"),
        to_list("introductions.interests"),
        icon="lock",
    ),
    "offer.not_made": Kind(
        _l("The sides could not be asked: “%(need_title)s” and “%(capability_title)s”"),
        _l("The sides of a pair that you approved could not be asked"),
        _l("Look at the pair"),
        to_bench,
        icon="warn",
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
