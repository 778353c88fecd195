"""Pages of questions: asking, answering with an addendum, who reads what, what is refused beside its field."""

from __future__ import annotations

from sqlalchemy import select

from ppp_match.db import db
from ppp_match.questions import operations
from ppp_match.questions.models import Question
from tests.conftest import new_key
from tests.factories import actor_of, make_member, make_staff
from tests.introductions.pairs import introduce, make_pair
from tests.questions.test_questions import ANSWER, TEXT, Asked


def form(**fields):
    return {"lang": "en", "idempotency_key": new_key(), **fields}


def test_from_a_question_to_its_answer(app, client_of):
    case = Asked()
    vendor, city, other = client_of(case.vendor), client_of(case.city), client_of(make_member("vendor"))
    page = f"/needs/{case.need.id}/questions"
    assert "Ask a question" in vendor.get(f"/needs/{case.need.id}").text
    assert vendor.post(f"{page}/new", data=form(text=TEXT)).status_code == 303
    question = db.session.scalars(select(Question)).one()
    assert TEXT in vendor.get(page).text
    assert TEXT not in other.get(page).text
    asks = city.get(page).text
    assert TEXT in asks
    assert case.vendor.memberships[0].organisation.name_en in asks
    assert "Answer due by" in city.get("/questions").text
    answer = form(text=ANSWER, changes_need="y")
    assert city.post(f"/questions/{question.id}/answer", data=answer).status_code == 303
    for client in (other, app.test_client()):
        public = client.get(page, query_string={"lang": "en"}).text
        assert ANSWER in public
        assert "sent to the forum as an addendum" in public
        assert case.vendor.memberships[0].organisation.name_en not in public
    assert "Questions and answers (1)" in other.get(f"/needs/{case.need.id}").text


def test_what_is_wrong_is_said_beside_the_field_and_kept(app, client_of):
    case = Asked()
    vendor = client_of(case.vendor)
    where = f"/needs/{case.need.id}/questions/new"
    short = vendor.post(where, data=form(text="Too short."))
    assert (short.status_code, "Write between 20 and 1000 characters." in short.text) == (422, True)
    assert "Too short." in short.text
    private = "May I call 0912 345 678 about the measuring points?"
    pointed = vendor.post(where, data=form(text=private))
    assert (pointed.status_code, "looks like a telephone number" in pointed.text) == (422, True)
    assert private in pointed.text
    assert vendor.post(where, data=form(text=private, no_contact_data="y")).status_code == 303


def test_the_same_form_sent_twice_asks_once(app, client_of):
    case = Asked()
    sent = form(text=TEXT)
    for _time in range(2):
        assert client_of(case.vendor).post(f"/needs/{case.need.id}/questions/new", data=sent).status_code in (
            302,
            303,
        )
    assert len(db.session.scalars(select(Question)).all()) == 1


def test_declining_naming_and_taking_back(app, client_of):
    case = Asked()
    city, vendor = client_of(case.city), client_of(case.vendor)
    declined, taken = case.ask(), case.ask(text="Is remote work on the pumps possible at all?")
    assert city.post(f"/questions/{declined.id}/decline", data={}).status_code == 422
    reason = {"reason": "It is answered in the text."}
    assert city.post(f"/questions/{declined.id}/decline", data=reason).status_code == 303
    assert reason["reason"] in vendor.get(f"/needs/{case.need.id}/questions").text
    assert vendor.post(f"/questions/{taken.id}/withdraw").status_code == 303
    assert db.session.get(Question, taken.id).state == "withdrawn"
    named = {"named": "yes"}
    assert vendor.post(f"/needs/{case.need.id}/questions/naming", data=named).status_code == 403
    assert city.post(f"/needs/{case.need.id}/questions/naming", data=named).status_code == 303
    assert operations.names_askers(case.need)


def test_a_conversation_gives_a_public_answer(app, client_of):
    pair = make_pair()
    introduction = introduce(pair)
    city = client_of(pair.city)
    where = f"/introductions/{introduction.id}/publish-answer"
    assert where in city.get(f"/introductions/{introduction.id}").text
    assert where not in client_of(pair.vendor).get(f"/introductions/{introduction.id}").text
    name = pair.vendor.memberships[0].organisation.name_en
    refused = city.post(where, data=form(question=f"{name} asked about the points.", answer=ANSWER))
    assert (refused.status_code, "Write it without the name." in refused.text) == (422, True)
    assert city.post(where, data=form(question=TEXT, answer=ANSWER)).status_code == 303
    assert "From a conversation" in city.get(f"/needs/{pair.match.need_id}/questions").text


def test_the_forum_sees_what_is_overdue(app, client_of):
    case = Asked()
    question = case.ask()
    moderator = client_of(make_staff())
    assert "No question is overdue" in moderator.get("/review/questions").text
    question.due_on = question.due_on.replace(year=question.due_on.year - 1)
    assert "Overdue since" in moderator.get("/review/questions").text
    assert "Overdue since" in client_of(case.city).get("/questions").text
    assert operations.refuse_question(case.need, actor_of(case.vendor)) is None
