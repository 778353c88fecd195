"""Moderators' page: the capabilities below the cut of a need's list, ranked and explained like its candidates."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import current_app, render_template, request
from flask_babel import get_locale

from ppp_match.config import Settings
from ppp_match.listings.models import Listing
from ppp_match.moderation.bench import NEVER
from ppp_match.moderation.blueprint import blueprint
from ppp_match.moderation.workbench import filters_here, listing_or_404
from ppp_match.recommendations import below, queries, sentences
from ppp_match.web import found_or_404, requires


@blueprint.get("/review/matches/need/<uuid:id>/below")
@requires("match.review")
def below_the_cut(id: uuid.UUID) -> str:
    """The next of the ranking; `steps` in the address says how far, one step being below.STEP places."""
    need: Listing = listing_or_404("need", id)
    found_or_404(need if need.in_public else None)
    steps = below_steps(request.args.get("steps", ""))
    known = {match.capability_id for match in queries.pairs_of(need)}
    return render_template(
        "moderation/below.html",
        need=need,
        f=filters_here().arguments,
        rows=below_rows(need, known, steps, str(get_locale())),
        steps=steps,
        step=below.STEP,
        more=steps < below.MOST // below.STEP,
    )


@dataclass(frozen=True)
class BelowRow:
    """A capability below the cut, explained like a candidate."""

    place: int
    listing: Listing
    title: str
    lang: str
    owner: str
    languages: str
    explained: sentences.Explained
    signs: tuple[int, int, int]
    why_blocked: list[str]
    fresh: bool  # its company was never asked


@dataclass(frozen=True)
class BelowRows:
    """The next of the ranking, and what a rule blocks among them."""

    open: list[BelowRow]
    blocked: list[BelowRow]


def below_steps(asked: str) -> int:
    """How many steps below the cut an address asks for; anything else is one."""
    return int(asked) if asked in {str(n) for n in range(1, below.MOST // below.STEP + 1)} else 1


def below_rows(need: Listing, known: set[uuid.UUID], steps: int, lang: str) -> BelowRows:
    """The candidates below the cut of a need, `steps` times below.STEP of them."""
    settings: Settings = current_app.extensions["settings"]
    open_, blocked = below.below_cut(need, known, cut=settings.matches_per_need, count=steps * below.STEP)
    owners = {row.capability.organisation_id for row in (*open_, *blocked)}
    known_owners = queries.exposures_of(owners)

    def shown(row: below.Below) -> BelowRow:
        revision = row.capability.shown
        text_lang = revision.reading_lang(lang)
        explanation = row.found.explanation
        return BelowRow(
            place=row.place,
            listing=row.capability,
            title=revision.text("title", text_lang),
            lang=text_lang,
            owner=row.capability.organisation.name(lang),
            languages=f"{need.shown.lang} → {revision.lang}",
            explained=sentences.explained(explanation, lang),
            signs=sentences.rule_signs(explanation),
            why_blocked=[
                sentences.rule_sentence(rule, lang) for rule in explanation["rules"] if rule["state"] == "no"
            ],
            fresh=not known_owners.get(row.capability.organisation_id, NEVER).ever,
        )

    return BelowRows([shown(row) for row in open_], [shown(row) for row in blocked])
