"""Pages of a company's interests: what became of each, and taking one back."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.introductions import timeline
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.recommendations import operations
from ppp_match.recommendations.standing import others_by_size
from ppp_match.web import current_actor, found_or_404, requires

INTERESTS_A_PAGE = 10


def add_interest_pages(bp: Blueprint) -> None:
    """Hang the pages on the blueprint of this room."""
    bp.add_url_rule("/interests", view_func=interests)
    bp.add_url_rule("/interests/<uuid:id>/withdraw", view_func=withdraw_interest, methods=["POST"])


@requires("interest.express")
def interests() -> str:
    """What became of the interests of one's organisation, step by step."""
    organisation_id, lang = found_or_404(current_actor().organisation_id), str(get_locale())
    page = page_of(
        timeline.interests(organisation_id),
        number_of(request.args.get("page")),
        lambda n: url_for("introductions.interests", page=n),
        size=INTERESTS_A_PAGE,
    )
    return render_template(
        "introductions/interests.html",
        page=page,
        courses=timeline.courses(page.rows, lang),
        others=others_by_size({row.need_id for row in page.rows}, without=organisation_id, lang=lang),
    )


@requires("interest.express")
def withdraw_interest(id: uuid.UUID) -> Response:
    """Take an interest back."""
    actor = current_actor()
    operations.withdraw_interest(found_or_404(timeline.interest_of(id, actor)), actor=actor)
    flash(_("Your interest is taken back. The forum knows, and nobody else was told."), "success")
    return redirect(url_for("introductions.interests"), 303)
