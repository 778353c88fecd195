"""A person's copy: everything that the forum holds of them, as a ZIP of JSON and files, made by a job.

What goes in is read from the declarations of the tables (`ppp_match/personal.py`). Secrets stay out, and so does what
belongs to others: who else a row names is said as "another person".
"""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_babel import force_locale
from sqlalchemy import or_, select

from ppp_match import audit
from ppp_match.accounts.models import User
from ppp_match.config import Settings
from ppp_match.db import db, now
from ppp_match.extensions import settings_now
from ppp_match.jobs import job, let_others_write, wake
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.operations import ADDRESS, notify
from ppp_match.permissions import Actor, can
from ppp_match.personal import ANONYMISED, ERASED, FILES, TABLES, Table
from ppp_match.privacy.groups import GROUPS
from ppp_match.privacy.models import DataCopy

HOLDS = timedelta(days=7)
AT_ONCE = 500
YOU, ANOTHER, ANOTHER_ADDRESS = "you", "another person", "another person's address"


def copies_of(user_id: uuid.UUID) -> list[DataCopy]:
    wanted = select(DataCopy).where(DataCopy.user_id == user_id).order_by(DataCopy.asked_at.desc())
    return list(db.session.scalars(wanted.limit(10)))


def path_of(copy: DataCopy, settings: Settings) -> Path:
    return settings.instance / "copies" / f"{copy.id.hex}.zip"


def ask_for_copy(user: User, *, actor: Actor) -> DataCopy:
    """Ask for a copy. Raises Refused("copy_asked") while one is being made or waits to be taken."""
    if actor.user_id != user.id or not can(actor, "account.manage"):
        raise NotPermitted("not_permitted", "account.manage")
    if any(one.state != "gone" for one in copies_of(user.id)):
        raise Refused("copy_asked")
    copy = DataCopy(user_id=user.id)
    db.session.add(copy)
    db.session.flush()
    audit.record("copy.asked", copy, actor=actor)
    wake("make_copies")
    return copy


def note_taken(copy: DataCopy, *, actor: Actor) -> None:
    """Note that the person takes their copy. Raises Refused("copy_gone") where it is past its time."""
    if actor.user_id != copy.user_id:
        raise NotPermitted("not_permitted", "account.manage")
    if copy.state != "ready" or (copy.expires_at is not None and copy.expires_at <= now()):
        raise Refused("copy_gone")
    copy.taken_at = copy.taken_at or now()
    db.session.flush()
    audit.record("copy.taken", copy, actor=actor)


def throw_away(copy: DataCopy) -> None:
    """Delete the file; that there was one stays."""
    path_of(copy, settings_now()).unlink(missing_ok=True)
    if copy.state == "waiting":
        copy.ready_at = now()
    copy.state = "gone"


@job("make_copies", minutes=5)
def make_copies() -> int:
    """Make the copies that were asked for, and delete those past their seven days."""
    gone = select(DataCopy).where(DataCopy.state == "ready", DataCopy.expires_at <= now())
    for copy in db.session.scalars(gone):
        throw_away(copy)
    made = 0
    for copy_id in list(db.session.scalars(select(DataCopy.id).where(DataCopy.state == "waiting"))):
        copy = db.session.get_one(DataCopy, copy_id)
        copy.size = write_copy(copy.user, path_of(copy, settings_now()))
        copy.state, copy.ready_at, copy.expires_at = "ready", now(), now() + HOLDS
        db.session.flush()
        notify([copy.user], "copy.ready", copy)
        made += 1
        let_others_write()
    return made


def write_copy(user: User, path: Path) -> int:
    """Write the ZIP and return its size. It appears under its name only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        counts: dict[str, int] = {}
        for group in GROUPS:
            content = {
                table.name: list(rows_of(table, user)) for table in TABLES.values() if table.group == group
            }
            held = {name: rows for name, rows in content.items() if rows}
            counts[group] = sum(len(rows) for rows in held.values())
            if held:
                archive.writestr(f"{group}.json", json.dumps(held, ensure_ascii=False, indent=2, default=str))
        files = 0
        for group, source in FILES.items():
            for name, data in source(user.id):
                files += 1
                archive.writestr(f"files/{group}/{files:04d}-{Path(name).name}", data)
        for lang, name in (("vi", "DOC-TRUOC.md"), ("en", "README.md")):
            archive.writestr(name, readme(user, counts, files, lang))
    part.chmod(0o600)
    part.replace(path)
    return path.stat().st_size


def rows_of(table: Table, user: User) -> Iterator[dict[str, Any]]:
    """A person's rows of one table, without secrets and without what belongs to others."""
    rows = db.metadata.tables[table.name]
    query = _theirs(table, rows, user)
    if query is None:
        return
    for row in db.session.execute(query.limit(100_000)).mappings():
        own = (
            not table.who
            or any(row[name] == user.id for name in table.who if name in row)
            or _is_mine(table, row, user)
        )
        yield {
            name: _told(table, name, row[name], user)
            for name in rows.columns.keys()  # noqa: SIM118  a collection of columns, not a dict
            if name not in table.withheld
            and (own or table.columns[name].fate not in (ANONYMISED, ERASED))
            and row[name] is not None
        }


def _is_mine(table: Table, row: Any, user: User) -> bool:
    return any(str(row[name]).lower() == user.email.lower() for name in table.addresses)


def _theirs(table: Table, rows: Any, user: User) -> Any:
    if table.name == "audit_note":
        event = db.metadata.tables["audit_event"]
        return select(rows).join(event, event.c.seq == rows.c.event_seq).where(event.c.actor_id == user.id)
    if table.name == "revision_text":
        revision = db.metadata.tables["listing_revision"]
        own = revision.c.created_by == user.id
        return select(rows).join(revision, revision.c.id == rows.c.revision_id).where(own)
    if not table.is_personal:
        return None
    conditions = [rows.c[name] == user.id for name in (*table.who, *table.also)]
    conditions += [rows.c[name] == user.email for name in table.addresses]
    if table.name == "audit_event":
        conditions.append((rows.c.subject_type == "user") & (rows.c.subject_id == user.id))
    return select(rows).where(or_(*conditions)).order_by(*rows.primary_key.columns)


def _told(table: Table, name: str, value: Any, user: User) -> Any:
    if name in (*table.who, *table.also):
        return YOU if value == user.id else ANOTHER
    if table.name == "audit_note":  # what the person noted about an invitation or a change of address
        return _without_others(value, user)
    if name in table.addresses and str(value).lower() != user.email.lower():
        return ANOTHER_ADDRESS
    return value


def _without_others(value: Any, user: User) -> Any:
    """The same with every address of somebody else blotted out."""
    if isinstance(value, dict):
        return {key: _without_others(one, user) for key, one in value.items()}
    if isinstance(value, str):
        return ADDRESS.sub(
            lambda hit: hit[0] if hit[0].lower() == user.email.lower() else ANOTHER_ADDRESS, value
        )
    return value


def readme(user: User, counts: dict[str, int], files: int, lang: str) -> str:
    """What lies in the copy, in one language."""
    with force_locale(lang):
        lines = [f"# {HEADING[lang]}", "", INTRO[lang].format(day=f"{now():%Y-%m-%d %H:%M} UTC"), ""]
        for code, group in GROUPS.items():
            if counts.get(code):
                lines.append(f"- `{code}.json` ({counts[code]}): {group.name}. {group.why}")
        if files:
            lines.append(f"- `files/` ({files})")
        lines += ["", LEFT_OUT[lang], ""]
    return "\n".join(lines)


HEADING = {"vi": "Bản sao dữ liệu cá nhân của bạn", "en": "A copy of your personal data"}
INTRO = {
    "vi": "Lập lúc {day}. Mỗi tệp JSON chứa một loại dữ liệu; trong đó, mỗi bảng của cơ sở dữ liệu là một danh sách. "
    "Thời điểm ghi theo giờ UTC.",
    "en": "Made at {day}. Each JSON file holds one kind of data; in it, each table of the database is a list. "
    "Moments are in UTC.",
}
LEFT_OUT = {
    "vi": "Không có ở đây: mật khẩu và mã bí mật (chỉ lưu giá trị băm hoặc đã mã hóa), và dữ liệu của người khác: "
    "người khác được ghi là “another person”, chính bạn là “you”.",
    "en": "Not in here: passwords and secrets (kept as hashes or encrypted), and what belongs to others: they "
    "are written as “another person”, you yourself as “you”.",
}
