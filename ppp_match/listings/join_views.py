"""Pages before a text is sent, of joining a need, and of consenting to a merge.

The listing's own page stands in `views.py`; the moderators' pages of merging in `moderation/merge_review.py`.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match.accounts.models import Organisation
from ppp_match.db import db
from ppp_match.listings import (
    join_operations,
    join_panels,
    join_queries,
    likeness,
    merge_operations,
    presentation,
    queries,
)
from ppp_match.listings.blueprint import PATH, address_of, blueprint, own_listing
from ppp_match.listings.forms import city_of
from ppp_match.listings.join_forms import JoinForm, ReasonForm
from ppp_match.listings.join_models import MergeProposal, NeedJoin
from ppp_match.listings.models import Listing
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, once, page_lang, requires


@blueprint.get(f"{PATH}/<uuid:id>/before-sending")
@requires("listing.edit")
def before_sending(kind: str, id: uuid.UUID) -> Any:
    """What speaks of the same as a draft, before it goes to the forum: one's own texts, other cities' needs."""
    listing = own_listing(kind, id)
    if listing.state != "draft":
        return redirect(address_of(listing), 303)
    found = likeness.like(listing, drafts=True)
    actor, lang = current_actor(), page_lang()
    joined = join_operations.joined_by(actor)
    return render_template(
        "listings/before_sending.html",
        listing=listing,
        title=listing.edited.text("title"),
        own=[(one, _card(one, lang)) for one in found.own],
        others=[(one, _card(one, lang)) for one in found.others],
        joinable={
            one.listing.id
            for one in found.others
            if can(actor, "need.join")
            and not join_operations.refuse_joining(one.listing, actor=actor, joined=one.listing.id in joined)
        },
        shown=presentation,
    )


def _card(one: likeness.Alike, lang: str) -> presentation.Card:
    known = queries.sees_identity(one.listing, current_actor())
    return presentation.card(one.listing, lang, known=known, revision=one.revision)


# --- joining -----------------------------------------------------------------------------------------------------


@blueprint.route("/needs/<uuid:id>/join", methods=["GET", "POST"])
@requires("need.join")
@once
def ask_to_join(id: uuid.UUID) -> Any:
    """Ask to take part in another city's need."""
    actor, lang = current_actor(), page_lang()
    need: Listing = found_or_404(queries.find(actor, "need", id))
    if need.state not in queries.PUBLIC_STATES:
        abort(404)
    own = join_queries.own_needs(actor.organisation_id)
    form = JoinForm(need, own, lang, data=_brought(need, own))
    joined = need.id in join_operations.joined_by(actor)
    code = join_operations.refuse_joining(need, actor=actor, joined=joined)
    if request.method == "POST" and code is None and form.complete():
        chosen = next((one for one in own if str(one.id) == form.own_need.data), None)
        join = join_operations.ask_to_join(
            need,
            actor=actor,
            message=form.message.data,
            lang=lang,
            city=city_of(form.city.data),
            quantity=Decimal(form.quantity.data) if form.quantity.data is not None else None,
            beneficiaries=int(form.beneficiaries.data) if form.beneficiaries.data is not None else None,
            unnamed=form.unnamed.data,
            own_need=chosen,
        )
        flash(_("Your request is with the lead city. It answers here and by mail."), "success")
        return redirect(url_for("listings.join", id=join.id), 303)
    page = render_template(
        "listings/ask_to_join.html",
        need=need,
        card=presentation.card(need, lang, known=queries.sees_identity(need, actor)),
        form=form,
        refused=words_of(code) if code else "",
    )
    return page, 422 if request.method == "POST" else 200


def _brought(need: Listing, own: list[Listing]) -> dict[str, Any]:
    """What the form starts with: the city's own need, where the address names one, and its own place."""
    organisation = current_actor().acting_for
    chosen = next((one for one in own if str(one.id) == request.args.get("own")), None)
    if chosen is None:
        home = db.session.get(Organisation, organisation.id) if organisation else None
        return {"city": home.city.slug if home is not None and home.city else None}
    said = chosen.edited
    same_unit = said.scale_unit.casefold() == need.shown.scale_unit.casefold()
    return {
        "city": said.city.slug if said.city else None,
        "quantity": said.scale_value if same_unit else None,
        "beneficiaries": said.beneficiaries,
        "own_need": str(chosen.id),
        "unnamed": said.anonymous,
    }


@blueprint.route("/joins/<uuid:id>", methods=["GET", "POST"])
@requires("join.read")
def join(id: uuid.UUID) -> Any:
    """One city's part in another's need: what it asks, and the answer of the lead."""
    row: NeedJoin = found_or_404(join_queries.find_join(current_actor(), id))
    form = ReasonForm()
    if request.method == "GET":
        return _join_page(row, ReasonForm(formdata=None))
    actor, do = current_actor(), request.form.get("do", "")
    if do in ("decline", "leave") and not form.complete():
        return _join_page(row, form, do), 422
    if do == "agree":
        join_operations.agree(row, actor=actor)
        flash(_("Agreed. The city takes part from now on."), "success")
    elif do == "decline":
        join_operations.decline(row, reason=form.reason.data, actor=actor)
        flash(_("Declined. The other city has been told why."), "success")
    elif do == "take_back":
        join_operations.take_back(row, actor=actor)
        flash(_("Taken back."), "success")
    elif do == "leave":
        join_operations.leave(row, reason=form.reason.data, actor=actor)
        flash(_("Ended. The other city has been told why."), "success")
    elif do == "fold":
        why = _("Part of %(label)s now.", label=row.need.label)
        join_operations.fold_own_need(row, reason=why, actor=actor)
        flash(_("Your own need has been given up in favour of the joint one."), "success")
    else:
        abort(400)
    return redirect(url_for("listings.join", id=row.id), 303)


def _join_page(row: NeedJoin, form: ReasonForm, do: str = "") -> str:
    actor, lang = current_actor(), page_lang()
    need, own = row.need, row.own_need
    lead = actor.organisation_id == need.organisation_id
    joiner = actor.organisation_id == row.organisation_id
    visible = need.state in queries.PUBLIC_STATES or queries.sees_identity(need, actor)
    foldable = own is not None and own.state in join_operations.OWN_STATES
    return render_template(
        "listings/join.html",
        join=row,
        need=need,
        title=need.shown.text("title", need.shown.reading_lang(lang)),
        title_lang=need.shown.reading_lang(lang),
        share=join_panels.share_of(row),
        lead_name=join_panels.lead_name(row, lang),
        lead=lead,
        joiner=joiner,
        need_visible=visible,
        may_answer=lead and row.state == "asked" and need.state == "published",
        may_take_back=joiner and row.state == "asked",
        may_leave=(lead or joiner) and row.state == "agreed",
        own=own if joiner or lead else None,
        own_visible=joiner or (own is not None and own.state in queries.PUBLIC_STATES),
        may_fold=joiner and row.state == "agreed" and foldable and need.state == "published",
        form=form,
        do=do,
    )


# --- merging -----------------------------------------------------------------------------------------------------


@blueprint.route("/merges/<uuid:id>", methods=["GET", "POST"])
@requires("merge.read")
def merge(id: uuid.UUID) -> Any:
    """A proposed merge: which listing would go into which, who has consented, and one's own answer."""
    row: MergeProposal = found_or_404(join_queries.find_proposal(current_actor(), id))
    form = ReasonForm()
    if request.method == "GET":
        return _merge_page(row, ReasonForm(formdata=None))
    actor, do = current_actor(), request.form.get("do", "")
    if do == "decline" and not form.complete():
        return _merge_page(row, form), 422
    if do == "consent":
        done = merge_operations.consent(row, actor=actor)
        flash(
            _("Merged.") if done else _("Your consent is recorded. The other side is still asked."), "success"
        )
    elif do == "decline":
        merge_operations.decline(row, reason=form.reason.data, actor=actor)
        flash(_("Declined. Both texts stay as they are."), "success")
    elif do == "take_back":
        merge_operations.take_back(row, actor=actor)
        flash(_("Taken back."), "success")
    else:
        abort(400)
    return redirect(url_for("listings.merge", id=row.id), 303)


def _merge_page(row: MergeProposal, form: ReasonForm) -> str:
    actor, lang = current_actor(), page_lang()
    party = actor.organisation_id in row.party_ids and can(actor, "merge.answer", row)
    sides = []
    for listing in (row.source, row.target):
        known = queries.sees_identity(listing, actor)
        said = listing.shown
        sides.append(
            {
                "listing": listing,
                "card": presentation.card(listing, lang, known=known),
                "owner": presentation.owner(listing, said, lang, known=known),
                "visible": known or listing.state in queries.PUBLIC_STATES,
                "own": actor.organisation_id == listing.organisation_id,
            }
        )
    open_ = row.state == "proposed"
    return render_template(
        "listings/merge.html",
        proposal=row,
        sides=sides,
        waits_for=[
            presentation.owner(each, each.shown, lang, known=queries.sees_identity(each, actor))
            for each in (row.source, row.target)
            if any(each.organisation_id == organisation.id for organisation in row.waits_for)
        ],
        may_answer=open_ and party and not row.consented(actor.organisation_id or uuid.UUID(int=0)),
        may_decline=open_ and party,
        may_take_back=open_ and can(actor, "merge.propose", row),
        public=row.source.live is not None,
        joins=row.source.kind == "need" and row.source.live is not None and not row.within_one_organisation,
        form=form,
        shown=presentation,
    )
