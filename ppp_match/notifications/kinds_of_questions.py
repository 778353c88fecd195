"""Kinds of notices about public questions on needs. They name the need, never who asked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from ppp_match.db import db
from ppp_match.notifications.kind import Kind, Values

SEE = _l("Read it")


def to_question(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    """The questions of its need, which the notice names, so that a long inbox asks the database nothing more."""
    if "need" in params:
        return "questions.index", {"id": params["need"], "_anchor": f"q-{subject_id}"}
    question = db.metadata.tables["question"]
    need_id = db.session.scalar(select(question.c.need_id).where(question.c.id == subject_id))
    return "questions.index", {"id": need_id or subject_id, "_anchor": f"q-{subject_id}"}


def _kind(sentence: Any, heading: Any, icon: str, button: Any = SEE) -> Kind:
    return Kind(sentence, heading, button, to_question, icon=icon)


QUESTIONS: dict[str, Kind] = {
    "question.asked": _kind(
        _l("A question on %(label)s “%(title)s” waits for your answer until %(until)s"),
        _l("A question on your need waits for an answer"),
        "talk",
        _l("Answer it"),
    ),
    "question.answered": _kind(
        _l("A question on %(label)s “%(title)s” is answered for all"),
        _l("A question on a need is answered"),
        "talk",
    ),
    "question.answered.asker": _kind(
        _l("Your question on %(label)s “%(title)s” is answered"), _l("Your question is answered"), "check"
    ),
    "question.added": _kind(
        _l("An answer on %(label)s “%(title)s” is corrected or added to"),
        _l("An answer on a need is corrected or added to"),
        "pen",
    ),
    "question.added.asker": _kind(
        _l("The answer to your question on %(label)s “%(title)s” is corrected or added to"),
        _l("The answer to your question is corrected or added to"),
        "pen",
    ),
    "question.declined": _kind(
        _l("Your question on %(label)s “%(title)s” is not answered; the city says why"),
        _l("Your question is not answered; the city says why"),
        "cross",
    ),
}
