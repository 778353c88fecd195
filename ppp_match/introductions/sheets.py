"""What the pages of offers and introductions show, put together for one reader.

Here stands who sees which name and which answer; templates only lay it out. The city of an anonymous need
is left out for the other side until the introduction.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ppp_match.accounts.models import User
from ppp_match.accounts.queries import people_of
from ppp_match.consents.queries import agreeing, in_force
from ppp_match.db import now
from ppp_match.introductions import queries
from ppp_match.introductions.models import SIDES, Introduction, Offer
from ppp_match.introductions.operations import is_frozen, refuse_while_resting
from ppp_match.introductions.reasons import reasons
from ppp_match.listings.models import Listing
from ppp_match.listings.reading import Reading
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Match
from ppp_match.refusals import words_of
from ppp_match.vocabularies import term_name
from ppp_match.web import glosses_wanted

REFUSALS: dict[str, Any] = {
    "offer_closed": _l(
        "This offer is no longer open. Your answer was not needed any more and was not saved."
    ),
    "already_answered": _l("A colleague has answered for your organisation. Each side answers once."),
    "offer_expired": _l(
        "The offer expired before your answer arrived. A moderator may ask both sides again."
    ),
    "listing_not_published": _l(
        "One of the two texts is no longer published, so there is nothing to say yes to."
    ),
    "need_at_procurement": _l(
        "The need has reached the selection of partners. Private contact rests from here on."
    ),
}


def refusal_text(code: str) -> str:
    """What happened, in words for the page of the thing that was refused."""
    return str(REFUSALS.get(code) or words_of(code) or REFUSALS["offer_closed"])


def hides_city(match: Match, actor: Actor) -> bool:
    """Whether this reader must not learn whose need it is: anonymous, not introduced, of another
    organisation."""
    if not match.need.hides_its_city or match.state == "introduced" or queries.is_staff(actor):
        return False
    return match.need.organisation_id not in actor.organisation_ids


def need_owner(match: Match, actor: Actor, lang: str) -> str:
    """Who asks, as this reader may know it."""
    if not hides_city(match, actor):
        return match.need.organisation.name(lang)
    city = match.need.shown.city
    country = term_name("country", city.country if city else match.need.organisation.country, lang)
    return str(_("A city in %(country)s", country=country))


def text_of(listing: Listing, lang: str) -> dict[str, Any]:
    """Title and long texts of a listing in the language this reader gets, with that language's code."""
    revision = listing.shown
    reading = revision.reading_lang(lang)
    reads = Reading(revision, reading, lang, glossed=glosses_wanted())
    return {
        "lang": reading,
        "listing": listing,
        "revision": revision,
        "path_kind": listing.path_kind,
        "reads": reads,
        "requirements": reads.items("requirements"),
        "forms": [term_name("contract_form", code, lang) for code in revision.codes("contract_form")],
        "countries": [term_name("country", code, lang) for code in revision.codes("country")],
        "stage": term_name("stage", revision.stage, lang),
        "maturity": term_name("maturity", revision.maturity, lang),
        "budget_status": term_name("budget_status", revision.budget_status, lang),
        "references": sum(reference.confirmation == "confirmed" for reference in listing.references),
        "references_asked": sum(reference.confirmation == "asked" for reference in listing.references),
        "references_denied": sum(reference.confirmation == "denied" for reference in listing.references),
        "title": revision.text("title", reading),
    }


def offer_sheet(offer: Offer, actor: Actor, lang: str) -> dict[str, Any]:
    """Everything the page of an offer shows to this reader."""
    match = offer.match
    side = offer.side_of(actor.organisation_id)
    other = next((s for s in SIDES if s != side), None) if side else None
    hidden = hides_city(match, actor)
    interested = bool(side and (offer.party_ids - {actor.organisation_id}) & actor.recused_from)
    return {
        "offer": offer,
        "side": side,
        "may_answer": queries.asked_side(offer, actor) is not None and not interested,
        "interested": interested,
        "declaration": offer.declaration_of(side) if side else None,
        "declarations": offer.declarations,
        "acts_for_neither": side is None and queries.is_party(actor, offer),
        "own": offer.answer_of(side) if side else None,
        "other": offer.answer_of(other) if other else None,
        "answers": queries.answers(offer),
        "days_left": max(0, (offer.expires_at - now()).days),
        "need": text_of(match.need, lang),
        "capability": text_of(match.capability, lang),
        "owner": need_owner(match, actor, lang),
        "hidden": hidden,
        "vendor": match.capability.organisation.name(lang),
        "why": reasons(match, lang, hide_place=hidden),
        "introduction": queries.introduction_from(offer),
        "staff": queries.is_staff(actor) and not queries.is_party(actor, offer),
    }


def offer_line(offer: Offer, actor: Actor, lang: str) -> dict[str, Any]:
    """One row of the list of offers."""
    match = offer.match
    return {
        "offer": offer,
        "side": offer.side_of(actor.organisation_id),
        "asked": queries.asked_side(offer, actor) is not None,
        "own": offer.answer_of(offer.side_of(actor.organisation_id) or ""),
        "need_title": title_of(match.need, lang),
        "capability_title": title_of(match.capability, lang),
        "owner": need_owner(match, actor, lang),
        "vendor": match.capability.organisation.name(lang),
    }


def title_of(listing: Listing, lang: str) -> tuple[str, str]:
    """A listing's title in the language that this reader gets, with that language's code."""
    reading = listing.shown.reading_lang(lang)
    return listing.shown.text("title", reading), reading


def introduction_line(
    introduction: Introduction, talk: queries.Talk, actor: Actor, lang: str
) -> dict[str, Any]:
    """One row of the list of introductions."""
    match = introduction.match
    party = queries.is_party(actor, introduction)
    return {
        "introduction": introduction,
        "need_title": title_of(match.need, lang),
        "capability_title": title_of(match.capability, lang),
        "owner": match.need.organisation.name(lang),
        "vendor": match.capability.organisation.name(lang),
        "unread": talk.unread if party else 0,
    }


def introduction_sheet(introduction: Introduction, actor: Actor, lang: str) -> dict[str, Any]:
    """Everything the page of an introduction shows, the messages apart; for staff the facts alone."""
    match = introduction.match
    party = queries.is_party(actor, introduction)
    organisations = [("need", match.need.organisation), ("cap", match.capability.organisation)]
    people = _people_shown(introduction, actor) if party else {}
    talk = queries.talks_of([introduction], actor)[introduction.id]
    return {
        "introduction": introduction,
        "party": party,
        "writes": party and actor.organisation_id in introduction.party_ids and not is_frozen(introduction),
        "frozen": is_frozen(introduction),
        "rests": refuse_while_resting(introduction),
        "need_title": title_of(match.need, lang),
        "capability_title": title_of(match.capability, lang),
        "match": match,
        "names": [organisation.name(lang) for _side, organisation in organisations],
        "contacts": [
            (side, organisation, people[organisation.id]) for side, organisation in organisations if party
        ],
        "unread": talk.unread if party else 0,
        "readings": _readings(introduction, actor, lang) if party else [],
        "message_count": talk.messages,
        "last_message_at": talk.last_at,
    }


def _people_shown(introduction: Introduction, actor: Actor) -> dict[Any, list[User]]:
    """People of both sides; of the other side those alone who agree to have their name shown, where that is asked."""
    people = people_of(introduction.party_ids)
    asked = in_force().get("name_shown")
    if asked is None:
        return people
    agree = agreeing(asked, [one.id for team in people.values() for one in team])
    return {
        organisation_id: team
        if organisation_id == actor.organisation_id
        else [one for one in team if one.id in agree]
        for organisation_id, team in people.items()
    }


def _readings(introduction: Introduction, actor: Actor, lang: str) -> list[tuple[str, Any]]:
    read = queries.last_readings(introduction)
    match = introduction.match
    return [
        (organisation.name(lang), read[organisation.id])
        for organisation in (match.need.organisation, match.capability.organisation)
        if organisation.id in read and organisation.id != actor.organisation_id
    ]
