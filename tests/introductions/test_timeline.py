"""What became of an interest: dated steps, who acts next, taking it back, and the news that a need is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from ppp_match.db import db, now
from ppp_match.introductions import operations as introductions
from ppp_match.introductions import timeline
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.operations import close_listing, withdraw_listing
from ppp_match.notifications.models import Notification
from ppp_match.permissions import SYSTEM
from ppp_match.recommendations import operations, refresh
from ppp_match.recommendations.models import Interest
from tests.conftest import new_key
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff


class Case:
    """A company's interest in a need, and the people around it."""

    def __init__(self, **need) -> None:
        self.city = make_member("city")
        self.vendor = make_member("vendor")
        self.moderator = make_staff()
        self.need = make_listing(
            "need", state="published", organisation=self.city.memberships[0].organisation, **need
        )
        self.capability = make_listing(
            "capability", state="published", organisation=self.vendor.memberships[0].organisation
        )
        self.interest = self.express()

    def express(self) -> Interest:
        return operations.express_interest(
            self.need, self.capability, message="Two cities.", actor=actor_of(self.vendor), no_conflict=True
        )

    @property
    def match(self):
        return self.interest.match

    def offer(self):
        operations.approve_match(self.match, actor=actor_of(self.moderator))
        return introductions.make_offer(self.match, actor=actor_of(self.moderator))

    def course(self, app) -> timeline.Course:
        db.session.expire_all()
        with app.test_request_context(), force_locale("en"):
            rows = db.session.scalars(timeline.interests(self.capability.organisation_id)).unique().all()
            (course,) = timeline.courses(rows, "en")
        return course

    def words(self, app) -> list[str]:
        return [step.words for step in self.course(app).steps]

    def told(self, person, kind: str) -> list[Notification]:
        return list(
            db.session.scalars(
                select(Notification).where(Notification.user_id == person.id, Notification.kind == kind)
            )
        )


@pytest.fixture
def case(app) -> Case:
    return Case()


def test_from_received_to_introduced(app, case):
    assert case.words(app) == ["Received by the forum"]
    course = case.course(app)
    assert (course.next.who, course.next.by) == ("A moderator", case.need.shown.response_until)
    operations.take_need(case.need, actor=actor_of(case.moderator))
    assert case.words(app)[-1] == "A moderator took the need in hand"
    operations.shortlist_match(case.match, actor=actor_of(case.moderator), note="Secret note.")
    assert case.words(app)[-1] == "In review by a moderator"
    offer = case.offer()
    course = case.course(app)
    assert course.steps[-1].words.startswith("The city was asked, to answer by ")
    assert (course.next.who, course.next.by) == ("The city", offer.expires_at)
    introductions.answer_offer(offer, actor=actor_of(case.city), accepted=True, no_conflict=True)
    assert case.words(app)[-2:] == ["The city said yes", "Introduced: names and contacts are open"]
    assert case.course(app).state == "Introduced"
    steps = case.course(app).steps
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert "Secret" not in "".join(case.words(app))


def test_a_no_of_the_city_tells_its_category_and_not_its_words(app, case):
    offer = case.offer()
    introductions.answer_offer(
        offer, actor=actor_of(case.city), accepted=False, reason_code="wrong_size", note="They are clumsy."
    )
    assert case.words(app)[-1] == "The city said no: Too small or too large"
    assert "clumsy" not in "".join(case.words(app))


def test_a_rejection_is_told_in_neutral_words(app, case):
    operations.reject_match(
        case.match, actor=actor_of(case.moderator), reason_code="no_evidence", note="They boast."
    )
    course = case.course(app)
    assert course.steps[-1].words == (
        "Not taken further: the text does not show evidence for what the need asks"
    )
    assert course.next.who == "Nobody"


def test_an_expired_offer_is_a_step(app, case):
    offer = case.offer()
    offer.expires_at = now() - timedelta(minutes=1)
    db.session.flush()
    assert introductions.expire(offer)
    assert case.words(app)[-1] == "The offer expired without an answer of both sides"


def test_a_rule_that_bars_it_says_what_would_change(app):
    course = Case(terms={"language": ["lo"]}).course(app)
    assert course.state == "A rule stands against it"
    assert course.next.who == "You"
    assert course.barred[0][2] == "Add one of these working languages, if your team works in it: Lao."


def test_taking_it_back_before_anybody_is_asked(app, case):
    match = case.match
    operations.withdraw_interest(case.interest, actor=actor_of(case.vendor))
    assert match.state == "withdrawn"  # the pair was there only for the interest
    db.session.expire(match)
    assert match.interest is None
    course = case.course(app)
    assert course.state == "Taken back"
    assert not course.may_withdraw
    assert course.steps[-1].words == "You took your interest back"
    assert len(case.told(case.moderator, "match.interest_withdrawn")) == 1
    with pytest.raises(Refused, match="interest_withdrawn"):
        operations.withdraw_interest(case.interest, actor=actor_of(case.vendor))
    case.interest = case.express()  # and anew
    assert (case.interest.withdrawn_at, case.match.state) == (None, "suggested")
    assert db.session.scalars(select(Interest)).all() == [case.interest]


def test_a_pair_that_the_matcher_holds_goes_back_to_it(app, case):
    refresh.refresh_need(case.need)
    assert (case.match.origin, case.match.rank) == ("interest", 1)
    operations.withdraw_interest(case.interest, actor=actor_of(case.vendor))
    assert (case.match.origin, case.match.state) == ("matcher", "suggested")
    assert case.course(app).state == "Taken back"


def test_what_was_decided_stays_but_the_yes_is_gone(app, case):
    operations.shortlist_match(case.match, actor=actor_of(case.moderator))
    operations.withdraw_interest(case.interest, actor=actor_of(case.vendor))
    assert case.match.state == "shortlisted"
    assert case.offer().answer_of("capability") is None


def test_it_is_too_late_once_the_city_is_asked(app, case):
    case.offer()
    with pytest.raises(Refused, match="already_offered"):
        operations.withdraw_interest(case.interest, actor=actor_of(case.vendor))
    assert not case.course(app).may_withdraw


def test_nobody_else_takes_it_back(app, case, client_of):
    with pytest.raises(NotPermitted):
        operations.withdraw_interest(case.interest, actor=actor_of(make_member("vendor")))
    stranger = client_of(make_member("vendor"))
    assert stranger.post(f"/interests/{case.interest.id}/withdraw").status_code == 404
    assert client_of(case.city).post(f"/interests/{case.interest.id}/withdraw").status_code == 403


def test_a_yes_without_the_declaration_is_none(app, case, client_of):
    case.interest.no_conflict_declared = False  # from before it was asked for
    assert case.offer().answer_of("capability") is None
    other = make_listing("need", state="published")
    data = {"capability": str(case.capability.id), "message": "", "idempotency_key": new_key()}
    answer = client_of(case.vendor).post(f"/needs/{other.id}/interest?lang=en", data=data)
    assert answer.status_code == 422
    assert "Confirm this, or write below what there is to declare." in answer.get_data(as_text=True)
    with pytest.raises(Refused, match="declaration_missing"):
        operations.express_interest(other, case.capability, message="", actor=actor_of(case.vendor))


def test_the_declaration_goes_into_the_offer(app, case):
    answer = case.offer().answer_of("capability")
    assert answer is not None
    assert answer.no_conflict_declared


@pytest.mark.parametrize("way", ["closed", "withdrawn"])
def test_all_who_are_interested_learn_how_a_need_ended(app, case, way):
    other = Case()
    other.need = case.need
    other.interest = other.express()
    gone = Case()
    gone.need = case.need
    gone.interest = gone.express()
    operations.withdraw_interest(gone.interest, actor=actor_of(gone.vendor))
    if way == "closed":
        close_listing(case.need, close_reason="no_suitable", reason="Nobody fits.", actor=SYSTEM)
    else:
        withdraw_listing(case.need, reason="The plan changed.", actor=actor_of(case.city))
    for _again in range(2):
        refresh.refresh_need(case.need)
    kind = f"interest.need_{way}"
    assert [len(case.told(person, kind)) for person in (case.vendor, other.vendor, gone.vendor)] == [1, 1, 0]
    course = case.course(app)
    assert course.steps[-1].words == (
        "The need was closed: No suitable partner found"
        if way == "closed"
        else "The need was withdrawn by its city"
    )
    assert course.state == "The need is closed"


def test_the_page_shows_each_course_and_no_other_company(app, case, client_of):
    rival = OrganisationFactory(kind="vendor", name_en="Rival Works")
    operations.express_interest(
        case.need,
        make_listing("capability", state="published", organisation=rival),
        message="Rival words",
        actor=actor_of(make_member("vendor", organisation=rival)),
        no_conflict=True,
    )
    page = client_of(case.vendor).get("/interests?lang=en").get_data(as_text=True)
    assert "Received by the forum" in page
    assert "Take it back" in page
    assert "fewer than 3" in page
    assert "Rival" not in page
    answer = client_of(case.vendor).post(f"/interests/{case.interest.id}/withdraw")
    assert answer.status_code == 303
    assert "Taken back" in client_of(case.vendor).get("/interests?lang=en").get_data(as_text=True)
    assert "You have not expressed interest" in client_of(make_member("vendor")).get(
        "/interests?lang=en"
    ).get_data(as_text=True)
