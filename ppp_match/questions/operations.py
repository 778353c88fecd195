"""The verbs of questions: ask, withdraw, answer, add to an answer, decline, publish from a conversation, name askers.

Asking goes on at the stage `procure`, when private contact rests: a public question is the way that remains. It ends
with the need's last day for answers, so that everybody has the answers before it.
"""

from __future__ import annotations

from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.db import db, now, today, wait_for
from ppp_match.introductions.models import Introduction
from ppp_match.lifecycle import QUESTION, NotPermitted, Refused, move
from ppp_match.listings import addenda, contact_data
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor, can
from ppp_match.phrases.operations import watch
from ppp_match.questions import telling
from ppp_match.questions.models import (
    LONGEST,
    LONGEST_ANSWER,
    LONGEST_REASON,
    SHORTEST,
    WORKING_DAYS,
    Answer,
    Question,
    QuestionSetting,
)
from ppp_match.working_days import add_working_days

LANGUAGES = ("vi", "en")
ANSWERABLE = ("published", "closed")


def refuse_question(need: Listing, actor: Actor) -> str | None:
    """Why the actor cannot ask on this need just now, as a refusal code; None if they can."""
    if need.kind != "need" or not need.in_public:
        return "need_ended"
    if need.organisation_id in actor.organisation_ids:
        return "question_of_own_need"
    if actor.acting_for is None or not actor.acting_for.verified:
        return "asker_unverified"
    until = need.shown.response_until
    if until is not None and until < today():
        return "questions_over"
    return None


def ask(need: Listing, *, text: str, lang: str, contact_confirmed: bool = False, actor: Actor) -> Question:
    """Ask the city; it answers to all within five working days of its country.

    Raises NotPermitted; Refused: need_ended, question_of_own_need, asker_unverified, questions_over, question_length,
    unknown_language, contact_data.
    """
    if not can(actor, "question.ask") or actor.organisation_id is None:
        raise NotPermitted("not_permitted", "question.ask")
    code = refuse_question(need, actor)
    if code is not None:
        raise Refused(code)
    words = _checked(text, lang, LONGEST, contact_confirmed)
    question = Question(
        need=need,
        number=_next_number(need),
        text=words,
        lang=lang,
        organisation_id=actor.organisation_id,
        asked_by=actor.user_id,
        asked_at=now(),
        named=names_askers(need),
        due_on=add_working_days(today(), WORKING_DAYS, need.organisation.country),
    )
    db.session.add(question)
    db.session.flush()
    audit.record("question.asked", question, actor=actor, to_state="asked")
    watch(need, [words])
    telling.tell_asked(question)
    return question


def withdraw(question: Question, *, actor: Actor) -> None:
    """Take a question back that nobody has answered."""
    wait_for(question)
    with db.session.no_autoflush:
        question.ended_at, before = now(), question.ended_at
        _moved(question, "withdrawn", before, actor=actor)


def answer(
    question: Question,
    *,
    text: str,
    lang: str,
    changes_need: bool = False,
    contact_confirmed: bool = False,
    actor: Actor,
) -> Answer:
    """Answer to all; a question that has an answer gets another one beside it, dated, and the first one stays.

    `changes_need`: the answer is sent to the moderators as an addendum of the need besides. Raises NotPermitted,
    NotDrawn; Refused: need_ended, question_length, unknown_language, contact_data.
    """
    _must_be_citys(question, actor)
    wait_for(question)
    words = _checked(text, lang, LONGEST_ANSWER, contact_confirmed)
    if question.state != "answered":
        with db.session.no_autoflush:
            question.ended_at, before = now(), question.ended_at
            _moved(question, "answered", before, actor=actor)
    return _add_answer(question, words, lang, changes_need, actor)


def decline(question: Question, *, reason: str, actor: Actor) -> None:
    """Say why the city does not answer. The asker reads it. Raises NotPermitted, NotDrawn, ReasonMissing, Refused."""
    _must_be_citys(question, actor)
    if len(reason) > LONGEST_REASON:
        raise Refused("note_too_long", str(len(reason)))
    wait_for(question)
    with db.session.no_autoflush:
        before = question.ended_at
        question.ended_at, question.reason = now(), reason.strip()
        _moved(question, "declined", before, actor=actor, reason=reason)
    telling.tell_declined(question)


def publish_from(
    introduction: Introduction,
    *,
    question: str,
    answer: str,
    lang: str,
    contact_confirmed: bool = False,
    actor: Actor,
) -> Question:
    """What the city answered in a conversation, for all and in its own words, without the company's name.

    Raises NotPermitted; Refused: need_ended, question_length, unknown_language, contact_data, names_the_company.
    """
    need = introduction.match.need
    if not can(actor, "question.answer", need):
        raise NotPermitted("not_permitted", "question.answer")
    if not need.in_public:
        raise Refused("need_ended")
    asked = _checked(question, lang, LONGEST, contact_confirmed)
    words = _checked(answer, lang, LONGEST_ANSWER, contact_confirmed)
    if names_in(introduction, asked) or names_in(introduction, words):
        raise Refused("names_the_company")
    row = Question(
        need=need,
        number=_next_number(need),
        state="answered",
        text=asked,
        lang=lang,
        asked_at=now(),
        due_on=today(),
        ended_at=now(),
    )
    db.session.add(row)
    db.session.flush()
    audit.record("question.published", row, actor=actor, to_state="answered")
    watch(need, [asked])
    _add_answer(row, words, lang, False, actor)
    return row


def names_in(introduction: Introduction, text: str) -> list[str]:
    """Names of the introduced company that stand in a text."""
    organisation = introduction.match.capability.organisation
    names = (organisation.name_vi, organisation.name_en)
    return [name for name in names if name and name.casefold() in text.casefold()]


def name_askers(need: Listing, *, named: bool, actor: Actor) -> None:
    """Whether everybody reads who asks, for questions from now on; what was asked before stays as it was said then."""
    if need.kind != "need" or not can(actor, "question.answer", need):
        raise NotPermitted("not_permitted", "question.answer")
    db.session.execute(select(Listing.id).where(Listing.id == need.id).with_for_update())
    row = db.session.get(QuestionSetting, need.id)
    if row is None:
        row = QuestionSetting(need_id=need.id)
        db.session.add(row)
    row.names_askers, row.changed_by, row.changed_at = named, actor.user_id, now()
    db.session.flush()
    audit.record("question.naming", need, actor=actor, fields=("names_askers",))


def names_askers(need: Listing) -> bool:
    row = db.session.get(QuestionSetting, need.id)
    return row is not None and row.names_askers


# --- parts -------------------------------------------------------------------------------------------------------


def _must_be_citys(question: Question, actor: Actor) -> None:
    if not can(actor, "question.answer", question):
        raise NotPermitted("not_permitted", "question.answer")
    if question.need.state not in ANSWERABLE:
        raise Refused("need_ended")


def _checked(text: str, lang: str, longest: int, contact_confirmed: bool) -> str:
    words = text.strip()
    if not SHORTEST <= len(words) <= longest:
        raise Refused("question_length", str(len(words)))
    if lang not in LANGUAGES:
        raise Refused("unknown_language", lang)
    if contact_data.find(words) and not contact_confirmed:
        raise Refused("contact_data")
    return words


def _moved(question: Question, to: str, before: object, *, actor: Actor, reason: str = "") -> None:
    """The table wants state and moment in one breath; a move that is refused leaves both as they were."""
    try:
        move(QUESTION, question, to, actor=actor, reason=reason)
    except Refused:
        question.ended_at = before  # type: ignore[assignment]
        question.reason = "" if question.state != "declined" else question.reason
        raise


def _add_answer(question: Question, words: str, lang: str, changes_need: bool, actor: Actor) -> Answer:
    need = question.need
    first = not question.answers
    row = Answer(
        question=question,
        text=words,
        lang=lang,
        anonymous=need.hides_its_city,
        answered_by=actor.user_id,
        answered_at=now(),
    )
    db.session.add(row)
    db.session.flush()
    audit.record("question.answer_added", question, actor=actor)
    watch(need, [words])
    if changes_need:
        addendum = addenda.create_addendum(
            need, kind="answer", texts={lang: words}, origin=("question_answer", row.id), actor=actor
        )
        addenda.submit_addendum(addendum, actor=actor)
        row.addendum_id = addendum.id
        db.session.flush()
    telling.tell_answered(row, first=first)
    return row


def _next_number(need: Listing) -> int:
    """The next number among the need's questions. The lock on the need keeps two from taking the same one."""
    db.session.execute(select(Listing.id).where(Listing.id == need.id).with_for_update())
    last = db.session.scalar(select(func.max(Question.number)).where(Question.need_id == need.id))
    return (last or 0) + 1
