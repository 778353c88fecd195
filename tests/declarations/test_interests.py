"""Interests of persons and recusals: they bind everywhere at once, and nobody ends their own."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.db import db
from ppp_match.declarations import interests
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.introductions import operations as introductions
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings import operations as listings
from ppp_match.moderation import assignment
from ppp_match.moderation.models import Assignment
from ppp_match.notifications.models import Notification
from ppp_match.permissions import PERMISSIONS, can
from ppp_match.recommendations import operations as recommendations
from ppp_match.recommendations import refresh
from ppp_match.recommendations.models import Claim, Match
from ppp_match.verification.queries import conflict_of
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases


def declare(person, organisation, **values):
    return interests.declare_interest(
        person, organisation, **{"kind": "recusal", "actor": actor_of(person), **values}
    )


def test_a_recused_moderator_decides_nothing_about_the_organisation(app):
    moderator, listing = make_staff(), make_listing("need", state="in_review")
    others = [name for name, rule in PERMISSIONS.items() if rule.relation == "other"]
    held = {name: can(actor_of(moderator), name, listing) for name in others}
    assert held["listing.review"], "before, it is theirs to review"
    declare(moderator, listing.organisation)
    actor = actor_of(moderator)
    assert not any(can(actor, name, listing) for name in others)
    with pytest.raises(NotPermitted):
        listings.reject_listing(listing, reason="Không.", actor=actor)
    assert conflict_of(listing.organisation_id, actor) == "interest"
    assert can(actor, "listing.review", make_listing("need", state="in_review")), "others stay theirs"


def test_what_was_in_hand_is_free_at_once(app):
    moderator, administrator = make_staff(), make_staff("administrator")
    need = make_listing("need", state="published")
    text = make_listing("need", state="submitted", organisation=need.organisation)
    other = make_listing("need", state="submitted")
    actor = actor_of(moderator)
    for one in (text, other):
        listings.take_in_hand(one, actor=actor)
        assignment.assign(one, "listings", moderator, actor=actor)
    recommendations.take_need(need, actor=actor)
    declare(moderator, need.organisation)
    assert (text.holder_id, text.held_since, other.holder_id) == (None, None, moderator.id)
    assert list(db.session.scalars(select(Claim.need_id))) == []
    assert list(db.session.scalars(select(Assignment.listing_id))) == [other.id]
    with pytest.raises(Refused) as refused:
        assignment.assign(text, "listings", moderator, actor=actor_of(administrator))
    assert refused.value.code == "assignee_conflict"


def test_an_official_with_an_interest_leaves_the_answer_to_a_colleague(app):
    official, company = make_member("city"), make_member("vendor")
    city = official.memberships[0].organisation
    colleague = make_member("city", organisation=city)
    need = make_listing("need", state="published", organisation=city)
    make_listing("capability", state="published", organisation=company.memberships[0].organisation)
    refresh.refresh_need(need)
    match = db.session.scalar(select(Match).where(Match.need_id == need.id))
    moderator = actor_of(make_staff())
    recommendations.approve_match(match, actor=moderator)
    offer = introductions.make_offer(match, actor=moderator)
    declare(official, company.memberships[0].organisation, kind="family", note="Vợ tôi làm ở đó.")
    for accepted in (True, False):
        with pytest.raises(Refused) as refused:
            introductions.answer_offer(
                offer, actor=actor_of(official), accepted=accepted, no_conflict=True, reason_code="wrong_size"
            )
        assert refused.value.code == "personal_interest"
    introductions.answer_offer(offer, actor=actor_of(colleague), accepted=False, reason_code="wrong_size")
    assert offer.state == "declined"


def test_nobody_ends_their_own(app):
    moderator, colleague, administrator = make_staff(), make_staff(), make_staff("administrator")
    row = declare(moderator, OrganisationFactory())
    with pytest.raises(NotPermitted):
        interests.say_ended(row, reason="Hết.", version=row.version, actor=actor_of(administrator))
    interests.say_ended(row, reason="Hết.", version=row.version, actor=actor_of(moderator))
    told = select(Notification.user_id).where(Notification.kind == "declared_interest.ending")
    assert set(db.session.scalars(told)) == {administrator.id}, "of the staff only administrators may answer"
    for person in (moderator, colleague):
        with pytest.raises(NotPermitted):
            interests.answer_end(row, ended=True, reason="Vâng.", version=row.version, actor=actor_of(person))
    assert moderator.recused_from == [str(row.organisation_id)], "what is only said to have ended counts"
    interests.answer_end(row, ended=True, reason="Vâng.", version=row.version, actor=actor_of(administrator))
    assert (row.state, moderator.recused_from) == ("ended", [])


def test_one_interest_ends_and_another_in_the_same_organisation_stands(app):
    official, moderator, home = make_member("city"), make_staff(), OrganisationFactory(kind="vendor")
    first = declare(official, home, kind="former_employment")
    declare(official, home, kind="ownership")
    interests.answer_end(
        first, ended=True, reason="Lâu rồi.", version=first.version, actor=actor_of(moderator)
    )
    assert official.recused_from == [str(home.id)]


def test_an_administrator_recuses_a_colleague_and_nobody_else_does(app):
    moderator, administrator, home = make_staff(), make_staff("administrator"), OrganisationFactory()
    official = make_member("city")
    for who, whom in ((moderator, administrator), (administrator, official)):
        with pytest.raises(NotPermitted):
            interests.declare_interest(whom, home, kind="recusal", note="Vì…", actor=actor_of(who))
    row = interests.declare_interest(
        moderator, home, kind="recusal", note="Từng làm ở đó.", actor=actor_of(administrator)
    )
    assert row.is_imposed
    assert moderator.recused_from == [str(home.id)]
    assert db.session.scalar(select(Notification.kind).where(Notification.user_id == moderator.id)) == (
        "recusal.imposed"
    )


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": "friendship"}, "unknown_interest"),
        ({"kind": "gift"}, "note_missing"),
        ({"kind": "other", "note": "x" * 501}, "note_too_long"),
    ],
)
def test_what_is_refused(app, values, code):
    with pytest.raises(Refused) as refused:
        declare(make_member("city"), OrganisationFactory(), **values)
    assert refused.value.code == code
    assert db.session.scalar(select(DeclaredInterest.id)) is None


def test_ones_own_organisation_needs_no_declaration_and_twice_is_once(app):
    person, home = make_member("city"), OrganisationFactory()
    with pytest.raises(Refused) as refused:
        declare(person, person.memberships[0].organisation)
    assert refused.value.code == "interest_in_own"
    assert declare(person, home) is declare(person, home)
