"""Asking and answering: who may, until when, what is told to whom, what becomes an addendum."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ppp_match import audit
from ppp_match.db import as_if_at, db, now, today
from ppp_match.lifecycle import NotDrawn, NotPermitted, ReasonMissing, Refused
from ppp_match.listings import watching
from ppp_match.listings.models_addenda import Addendum
from ppp_match.notifications.models import Notification
from ppp_match.questions import operations, queries
from ppp_match.working_days import add_working_days
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff
from tests.introductions.pairs import add_interest, introduce, kinds_told, make_pair

pytestmark = pytest.mark.both_databases

TEXT = "Are the 31 existing measuring points part of the 140?"
ANSWER = "Yes, the 31 points that exist are counted among the 140."


class Asked:
    """A question with the people around it."""

    def __init__(self, **need):
        self.city, self.vendor = make_member("city"), make_member("vendor")
        self.need = make_listing(
            "need", state="published", organisation=self.city.memberships[0].organisation, **need
        )
        self.of_city, self.of_vendor = actor_of(self.city), actor_of(self.vendor)

    def ask(self, **more):
        return operations.ask(self.need, **{"text": TEXT, "lang": "en", "actor": self.of_vendor, **more})

    def answer(self, question, **more):
        return operations.answer(question, **{"text": ANSWER, "lang": "en", "actor": self.of_city, **more})


def test_a_question_is_asked_and_answered_for_all(app):
    case = Asked()
    watcher = make_member("expert")
    watching.watch(case.need, actor=actor_of(watcher))
    question = case.ask()
    assert (question.number, question.state, question.named) == (1, "asked", False)
    assert question.due_on == add_working_days(today(), 5, "VN")
    assert kinds_told(case.city) == ["question.asked"]
    assert queries.shown_to(case.need, actor_of(watcher)) == []
    case.answer(question)
    assert question.state == "answered"
    assert queries.shown_to(case.need, actor_of(watcher)) == [question]
    assert kinds_told(case.vendor) == kinds_told(watcher) == ["question.answered"]
    assert kinds_told(case.city) == ["question.asked"]
    assert audit.first_broken_event() is None


def test_a_correction_stands_beside_the_first_answer(app):
    case = Asked()
    question = case.ask()
    first = case.answer(question)
    case.answer(question, text="Correction: 28 of the 31 points are counted.")
    assert question.answers[0].text == first.text == ANSWER
    assert len(question.answers) == 2
    assert kinds_told(case.vendor) == ["question.answered", "question.added"]


@pytest.mark.parametrize("stage", ["screen", "procure"])
def test_questions_stay_possible_when_private_contact_rests(app, stage):
    assert Asked(stage=stage).ask().state == "asked"


def test_questions_end_with_the_last_day_for_answers(app):
    assert Asked(response_until=today()).ask().state == "asked"
    with pytest.raises(Refused, match="questions_over"):
        Asked(response_until=today() - timedelta(days=1)).ask()


def test_who_may_not_ask(app):
    case = Asked()
    for actor in (case.of_city, actor_of(make_staff()), actor_of(make_member("partner"))):
        with pytest.raises(NotPermitted):
            case.ask(actor=actor)
    unverified = make_member(
        "vendor", organisation=OrganisationFactory(kind="vendor", verification="pending")
    )
    with pytest.raises(Refused, match="asker_unverified"):
        case.ask(actor=actor_of(unverified))
    draft = make_listing("need", organisation=case.city.memberships[0].organisation)
    with pytest.raises(Refused, match="need_ended"):
        operations.ask(draft, text=TEXT, lang="en", actor=case.of_vendor)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"text": "Too short, sorry."}, "question_length"),
        ({"text": "x" * 1001}, "question_length"),
        ({"lang": "fr"}, "unknown_language"),
        ({"text": "Please write to minh.tran@company.vn about the points."}, "contact_data"),
    ],
)
def test_words_that_are_not_taken(app, more, code):
    case = Asked()
    with pytest.raises(Refused, match=code):
        case.ask(**more)
    assert case.ask(text="x" * 1000).number == 1


def test_the_asker_withdraws_while_nobody_has_answered(app):
    case = Asked()
    question = case.ask()
    with pytest.raises(NotPermitted):
        operations.withdraw(question, actor=actor_of(make_member("vendor")))
    operations.withdraw(question, actor=case.of_vendor)
    assert (question.state, question.ended_at is None) == ("withdrawn", False)
    with pytest.raises(NotDrawn):
        case.answer(question)
    answered = case.ask()
    case.answer(answered)
    with pytest.raises(NotDrawn):
        operations.withdraw(answered, actor=case.of_vendor)
    assert answered.state == "answered"


def test_the_city_alone_answers_and_declines_with_a_reason(app):
    case = Asked()
    question = case.ask()
    for actor in (case.of_vendor, actor_of(make_member("city")), actor_of(make_staff())):
        with pytest.raises(NotPermitted):
            case.answer(question, actor=actor)
        with pytest.raises(NotPermitted):
            operations.decline(question, reason="No.", actor=actor)
    with pytest.raises(ReasonMissing):
        operations.decline(question, reason=" ", actor=case.of_city)
    assert (question.state, question.ended_at) == ("asked", None)
    operations.decline(question, reason="It is answered in the text.", actor=case.of_city)
    assert question.state == "declined"
    assert kinds_told(case.vendor) == ["question.declined"]
    assert queries.shown_to(case.need, actor_of(make_member("vendor"))) == []
    assert queries.shown_to(case.need, case.of_vendor) == [question]


def test_an_answer_that_changes_the_need_becomes_an_addendum(app):
    case = Asked()
    moderator = make_staff()
    answer = case.answer(case.ask(), changes_need=True)
    addendum = db.session.scalars(select(Addendum)).one()
    assert answer.addendum_id == addendum.id
    assert (addendum.state, addendum.kind, addendum.text_en) == ("submitted", "answer", ANSWER)
    assert kinds_told(moderator) == ["addendum.submitted"]


def test_whoever_is_near_the_need_is_told_the_same(app):
    pair, other = make_pair(), make_pair()
    interested = add_interest(other)
    interested.need, interested.capability = pair.match.need, other.match.capability
    introduce(pair)
    asker = make_member("vendor")
    question = operations.ask(pair.match.need, text=TEXT, lang="en", actor=actor_of(asker))
    operations.answer(question, text=ANSWER, lang="en", actor=actor_of(pair.city))
    assert kinds_told(pair.vendor)[-1] == kinds_told(other.vendor)[-1] == "question.answered"
    named = asker.memberships[0].organisation.name_en
    notices = db.session.scalars(select(Notification).where(Notification.kind.like("question.%")))
    assert all(named not in str(notice.params) for notice in notices)


def test_who_asks_is_named_only_if_the_need_said_so_before(app):
    case = Asked()
    first = case.ask()
    with pytest.raises(NotPermitted):
        operations.name_askers(case.need, named=True, actor=case.of_vendor)
    operations.name_askers(case.need, named=True, actor=case.of_city)
    second = case.ask()
    stranger, staff = actor_of(make_member("vendor")), actor_of(make_staff())
    seen = {
        name: [queries.sees_asker(one, actor) for one in (first, second)]
        for name, actor in {
            "stranger": stranger,
            "staff": staff,
            "city": case.of_city,
            "asker": case.of_vendor,
        }.items()
    }
    assert seen == {
        "stranger": [False, True],
        "staff": [True, True],
        "city": [True, True],
        "asker": [True, True],
    }


def test_what_was_answered_in_private_is_published_without_the_company(app):
    pair = make_pair()
    introduction = introduce(pair)
    said = {"question": TEXT, "lang": "en"}
    name = pair.vendor.memberships[0].organisation.name_en
    with pytest.raises(NotPermitted):
        operations.publish_from(introduction, answer=ANSWER, actor=actor_of(pair.vendor), **said)
    with pytest.raises(Refused, match="names_the_company"):
        operations.publish_from(
            introduction, answer=f"{name.upper()} is right: they are.", actor=actor_of(pair.city), **said
        )
    row = operations.publish_from(introduction, answer=ANSWER, actor=actor_of(pair.city), **said)
    assert (row.state, row.organisation_id, row.answers[0].text) == ("answered", None, ANSWER)
    assert kinds_told(pair.vendor)[-1] == "question.answered"


def test_what_waits_too_long_is_overdue(app):
    case = Asked()
    with as_if_at(now() - timedelta(days=20)):
        late = case.ask()
    fresh = case.ask()
    assert (late.is_overdue, fresh.is_overdue) == (True, False)
    assert list(db.session.scalars(queries.overdue()).unique()) == [late]
    case.answer(late)
    assert list(db.session.scalars(queries.overdue()).unique()) == []


def test_answers_of_before_a_city_hid_itself_are_hidden_with_it(app):
    case = Asked()
    question = case.ask()
    case.answer(question)
    case.need.shown.anonymous = True
    db.session.flush()
    assert queries.shown_to(case.need, actor_of(make_member("vendor"))) == []
    assert queries.shown_to(case.need, case.of_city) == [question]
