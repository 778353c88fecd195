"""The story of verification: requests in every state, renewals, an expired one, a suspension by two moderators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from ppp_match.accounts.models import Organisation
from ppp_match.accounts.queries import owners_of
from ppp_match.db import db, now
from ppp_match.permissions import SYSTEM, Actor
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.timeline import Act, Day, Record, organisation_of, person_of
from ppp_match.verification import checklists, operations, queries, suspension
from ppp_match.verification.clock_jobs import verification_terms
from ppp_match.verification.models import VerificationRequest


def acts_of_verification(path: Path, record: Record) -> list[Act]:
    """All that a record of story-verification.yaml tells of one organisation."""
    line, day = record["__line__"], Day(path, record)
    home = organisation_of(path, line, record["organisation"])
    acts: list[Act] = []

    def add(days_ago: Any, do: Callable[[], Any], at_line: int = line) -> None:
        acts.append(Act(day.moment(days_ago), do, path, at_line))

    if "days_left" in record:
        home.verified_until = now() + timedelta(days=record["days_left"])
        if record["days_left"] < 0:
            add(-record["days_left"], verification_terms)
    if "statement" in record:
        add(record["days_ago"], partial(_ask, home, record))
    for check in record.get("checks") or []:
        add(check["days_ago"], partial(_check, path, home, check), check["__line__"])
    if "again" in record:
        add(record["again"]["days_ago"], partial(_again, home, record["again"]["answer"]))
    if "suspended" in record:
        add(record["suspended"]["days_ago"], partial(_suspend, path, home, record["suspended"]))
    return acts


def _owner(home: Organisation) -> Actor:
    """An owner acting for the organisation; the software where the demo knows nobody of it."""
    people = owners_of(home.id)
    return people[0].as_actor(home.id) if people else SYSTEM


def _ask(home: Organisation, record: Record) -> None:
    request = operations.begin_request(home, actor=_owner(home))
    values = {
        "registration_number": home.registration_number,
        "number_as_written": True,
        "statement": record["statement"],
        "no_domain": bool(record.get("no_domain")),
    }
    operations.save_request(request, values, version=request.version, actor=_owner(home))
    if record.get("domain"):
        request.domain, request.domain_confirmed_at = record["domain"], now()
        db.session.flush()
    if not record.get("draft"):
        operations.submit_request(request, version=request.version, actor=_owner(home))


def _check(path: Path, home: Organisation, check: Record) -> None:
    moderator = person_of(path, check["__line__"], check["by"])
    request = _open(path, check["__line__"], home)
    operations.check(
        request,
        check["outcome"],
        ticks=dict.fromkeys(checklists.items_for(home), (True, "")),
        note=check.get("note") or "",
        words=check.get("words") or "",
        remarks=[
            (field, text) for field, text in (check.get("remarks") or {}).items() if field != "__line__"
        ],
        version=request.version,
        profile_version=home.version,
        actor=moderator.as_actor(),
    )


def _again(home: Organisation, answer: str) -> None:
    request = queries.open_request(home.id)
    assert request is not None  # noqa: S101  it was returned an act before
    operations.save_request(request, {"answer": answer}, version=request.version, actor=_owner(home))
    operations.submit_request(request, version=request.version, actor=_owner(home))


def _open(path: Path, line: int, home: Organisation) -> VerificationRequest:
    request = queries.open_request(home.id)
    if request is None:
        raise SeedError(path, line, "this organisation has no open request")
    return request


def _suspend(path: Path, home: Organisation, told: Record) -> None:
    first, second = (person_of(path, told["__line__"], told[name]) for name in ("by", "agreed"))
    row = suspension.suspend(home, reason=told["reason"], actor=first.as_actor())
    suspension.agree(row, version=row.version, actor=second.as_actor())
