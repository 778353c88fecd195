"""Purposes of consent and the retention schedule: what a new forum begins with, and what the demo publishes of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from ppp_match.accounts.models import Organisation, User
from ppp_match.config import ROOT
from ppp_match.consents.models import ConsentVersion, Decision, Purpose
from ppp_match.consents.operations import draft_version, publish_version, write_version
from ppp_match.db import as_if_at, db, now
from ppp_match.listings.models import Revision
from ppp_match.permissions import SYSTEM
from ppp_match.privacy.corrections import answer_correction, ask_for_correction
from ppp_match.privacy.holds import place_hold
from ppp_match.privacy.models import CorrectionRequest, RetentionRule, RetentionRun
from ppp_match.privacy.retention import rules
from ppp_match.privacy.retention_rules import RULES
from ppp_match.seeding.files import SeedError, read_yaml
from ppp_match.seeding.people import key_id
from ppp_match.seeding.timeline import Act, Day, Record, person_of

FOLDER = ROOT / "seeds" / "privacy"
FIRST_DAY = timedelta(days=600)  # before anybody of the demo did anything
AGREED = ("terms", "privacy", "name_shown")


def load_privacy(folder: Path = FOLDER) -> None:
    """Add purposes with a draft of their first text, and rules, that are not there yet. Flushes, never commits."""
    _load_purposes(folder / "consents.yaml")
    _load_rules(folder / "retention.yaml")
    db.session.flush()


def _both(path: Path, record: dict[str, Any], name: str) -> tuple[str, str]:
    value = record.get(name) or {}
    if not value.get("vi") or not value.get("en"):
        raise SeedError(path, record["__line__"], f"{name} is needed in vi and en")
    return str(value["vi"]).strip(), str(value["en"]).strip()


def _load_purposes(path: Path) -> None:
    found = set(db.session.scalars(select(Purpose.code)))
    for position, record in enumerate(read_yaml(path)):
        if record["code"] in found:
            continue
        name_vi, name_en = _both(path, record, "name")
        text_vi, text_en = _both(path, record, "text")
        db.session.add(
            Purpose(
                code=record["code"],
                position=position,
                needed=bool(record.get("needed")),
                name_vi=name_vi,
                name_en=name_en,
            )
        )
        db.session.flush()
        db.session.add(
            ConsentVersion(purpose_code=record["code"], number=1, text_vi=text_vi, text_en=text_en)
        )


def _load_rules(path: Path) -> None:
    found = set(db.session.scalars(select(RetentionRule.code)))
    for position, record in enumerate(read_yaml(path)):
        if record["code"] not in RULES:
            raise SeedError(path, record["__line__"], f"code: nothing carries out {record['code']!r}")
        if record["code"] in found:
            continue
        why_vi, why_en = _both(path, record, "why")
        basis_vi, basis_en = _both(path, record, "basis")
        db.session.add(
            RetentionRule(
                code=record["code"],
                position=position,
                days=int(record["days"]),
                why_vi=why_vi,
                why_en=why_en,
                basis_vi=basis_vi,
                basis_en=basis_en,
            )
        )


def publish_first_versions(at: datetime | None = None) -> None:
    """Put the first text of every purpose in force. For the demo and for tests: in a real forum a person does that."""
    with as_if_at(at or now() - FIRST_DAY):
        for draft in db.session.scalars(select(ConsentVersion).where(ConsentVersion.state == "draft")):
            publish_version(draft, effective_at=now(), version=draft.version, actor=SYSTEM)


def put_terms_in_force() -> None:
    """The demo's terms: in force since before its people came, and agreed to by all of them."""
    load_privacy()
    publish_first_versions()
    everybody_agrees()


def tell_of_privacy(folder: Path) -> None:
    """What moved in the demo: the next version of the terms as a draft, a hold, past runs."""
    path = folder / "story-privacy.yaml"
    story = read_yaml(path)
    everybody_agrees()  # who joined while the story was told
    actor = _administrator(path).as_actor()
    purpose = db.session.get_one(Purpose, "terms")
    draft = draft_version(purpose, actor=actor)
    next_one = story["next_terms"]
    text_vi, text_en = _both(path, next_one, "added")
    change_vi, change_en = _both(path, next_one, "change")
    values = {
        "text_vi": f"{draft.text_vi}\n\n{text_vi}",
        "text_en": f"{draft.text_en}\n\n{text_en}",
        "change_vi": change_vi,
        "change_en": change_en,
    }
    write_version(draft, values, version=draft.version, actor=actor)
    hold = story["hold"]
    held = db.session.get(Organisation, key_id(hold["organisation"]))
    if held is None:
        raise SeedError(path, hold["__line__"], f"no organisation {hold['organisation']}")
    place_hold("organisation", held.id, reason=hold["reason"], actor=actor)
    for run in story["runs"]:
        at = now() - timedelta(days=int(run["days_ago"]))
        gone = {code: int(number) for code, number in run["gone"].items() if code != "__line__"}
        db.session.add(
            RetentionRun(
                started_at=at,
                finished=True,
                finished_at=at + timedelta(seconds=4),
                gone=gone,
                days={rule.code: rule.days for rule in rules()},
            )
        )
    db.session.flush()


def acts_of_correction(path: Path, record: Record) -> list[Act]:
    """Somebody asks for a correction; with `answer`, an administrator answers on the day of `answered_days_ago`."""
    line, days = record["__line__"], Day(path, record)
    person = person_of(path, line, record["person"])
    asked: list[CorrectionRequest] = []

    def ask() -> None:
        asked.append(ask_for_correction(person, record["what"], actor=person.as_actor()))

    def answer() -> None:
        answer_correction(
            asked[0],
            state=record["state"],
            answer=record["answer"],
            version=asked[0].version,
            actor=_administrator(path).as_actor(),
        )

    acts = [Act(days.moment(record["days_ago"]), ask, path, line)]
    if record.get("answer"):
        acts.append(Act(days.moment(record["answered_days_ago"]), answer, path, line))
    return acts


def _administrator(path: Path) -> User:
    found = db.session.scalar(select(User).where(User.staff_role == "administrator").order_by(User.email))
    if found is None:
        raise SeedError(path, 1, "an administrator is needed")
    return found


def everybody_agrees(codes: tuple[str, ...] = AGREED) -> None:
    """Note of everybody who has no decision yet that they agree, and under which terms published texts stand."""
    versions = {
        one.purpose_code: one.id
        for one in db.session.scalars(
            select(ConsentVersion).where(
                ConsentVersion.state == "published", ConsentVersion.purpose_code.in_(codes)
            )
        )
    }
    decided = select(Decision.user_id)
    rows = [
        {"user_id": user_id, "version_id": version_id, "given": True, "how": "demo", "at": since}
        for user_id, since in db.session.execute(
            select(User.id, User.create_datetime).where(User.id.not_in(decided), User.closed_at.is_(None))
        ).all()
        for version_id in versions.values()
    ]
    if rows:
        db.session.execute(insert(Decision), rows)
    if "terms" in versions:
        db.session.execute(
            update(Revision)
            .where(Revision.accepted_at.is_not(None), Revision.terms_version_id.is_(None))
            .values(terms_version_id=versions["terms"])
            .execution_options(synchronize_session=False)
        )
    db.session.flush()
