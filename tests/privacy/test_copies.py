"""A person's copy: whole, theirs alone, without secrets or what belongs to others, and gone after seven days."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.models import Notification
from ppp_match.personal import FILES, TABLES, file_source
from ppp_match.privacy import copies
from ppp_match.seeding.privacy import everybody_agrees
from tests.conftest import new_key
from tests.factories import actor_of, make_member
from tests.world import build_world


def made_for(person) -> copies.DataCopy:
    copy = copies.ask_for_copy(person, actor=actor_of(person))
    db.session.commit()
    assert copies.make_copies() == 1
    db.session.commit()
    return copy


def content_of(app, copy) -> dict[str, str]:
    with zipfile.ZipFile(copies.path_of(copy, app.extensions["settings"])) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


@pytest.mark.both_databases
def test_the_copy_holds_what_is_theirs_and_nothing_of_others(app, terms):
    world = build_world()
    everybody_agrees()
    person = world.people["city"]
    files = content_of(app, made_for(person))
    whole = "\n".join(files.values())
    account = json.loads(files["account.json"])["user"][0]
    assert (account["email"], account["name"]) == (person.email, person.name)
    assert any(name.startswith("files/files/") for name in files)  # what they attached
    assert "mời" in files["introductions.json"]  # the message that they wrote
    assert json.loads(files["consents.json"])["consent_decision"]
    assert json.loads(files["audit.json"])["audit_event"]
    assert "invitation" in json.loads(files["organisation.json"])
    assert "invited@walk.example" not in whole
    assert "another person's address" in whole
    for other in ("vendor", "moderator", "administrator"):
        assert world.people[other].email not in whole
        assert world.people[other].name not in whole
        assert str(world.people[other].id) not in files["introductions.json"] + files["listings.json"]
    for secret in (person.password, person.fs_uniquifier, world.invitation_token):
        assert secret not in whole
    for lang, name in (("vi", "DOC-TRUOC.md"), ("en", "README.md")):
        assert "account.json" in files[name]
        assert copies.HEADING[lang] in files[name]
    assert copies.HEADING["vi"] not in files["README.md"]


@pytest.mark.both_databases
def test_every_declared_table_with_rows_of_theirs_is_in_the_copy(app, terms):
    """Counted apart from the copy: whatever the database holds of the person under `who` comes along."""
    world = build_world()
    person = world.people["vendor"]
    files = content_of(app, made_for(person))
    held = {name for text in files.values() if text.startswith("{") for name in json.loads(text)}
    for table in TABLES.values():
        rows = db.metadata.tables[table.name]
        mine = sum(
            len(db.session.execute(select(rows.c[name]).where(rows.c[name] == person.id)).all())
            for name in table.who
        )
        assert not mine or table.name in held or table.name == "data_copy", table.name


def test_files_of_other_rooms_come_along(app, purposes):
    person = make_member("city")

    @file_source("listings")
    def two(user_id):
        return [("plan.pdf", b"one"), ("../../evil.sh", b"two")] if user_id == person.id else []

    try:
        files = content_of(app, made_for(person))
    finally:
        FILES.pop("listings")
    assert files["files/listings/0001-plan.pdf"] == "one"
    assert files["files/listings/0002-evil.sh"] == "two"


def test_asking_taking_and_the_end(app, client_of, terms):
    person, stranger = make_member("city"), make_member("vendor")
    everybody_agrees()
    client, other = client_of(person), client_of(stranger)
    key = new_key()
    for _ in range(2):  # a second press of the button makes no second one
        assert client.post("/account/privacy/copy", data={"idempotency_key": key}).status_code in (302, 303)
    assert client.post("/account/privacy/copy", data={"idempotency_key": new_key()}).status_code == 409
    assert copies.make_copies() == 1
    copy = copies.copies_of(person.id)[0]
    notices = db.session.scalars(select(Notification.kind).where(Notification.user_id == person.id))
    assert "copy.ready" in set(notices)
    take = f"/account/privacy/copy/{copy.id}/take"
    assert other.post(take).status_code == 404
    assert client.get(take).status_code == 405
    taken = client.post(take)
    assert taken.status_code == 200
    assert taken.mimetype == "application/zip"
    assert taken.headers["Cache-Control"] == "no-store"
    assert "attachment" in taken.headers["Content-Disposition"]
    assert zipfile.ZipFile(io.BytesIO(taken.data)).testzip() is None
    assert copy.taken_at is not None
    path = copies.path_of(copy, app.extensions["settings"])
    assert path.stat().st_mode & 0o077 == 0
    copy.expires_at = now() - timedelta(seconds=1)
    assert client.post(take).status_code == 409
    copies.make_copies()
    db.session.commit()
    assert copy.state == "gone"
    assert not path.exists()
    assert client.post("/account/privacy/copy", data={"idempotency_key": new_key()}).status_code == 303


def test_both_steps_ask_again_who_one_is(app, client_of, terms):
    person = make_member("city")
    everybody_agrees()
    copy = made_for(person)
    client = client_of(person)
    with time_machine.travel(now() + timedelta(hours=1)):
        asked = client.post(f"/account/privacy/copy/{copy.id}/take")
        assert asked.status_code == 422
        assert "confirm_password" in asked.get_data(as_text=True)
        assert copy.taken_at is None
        told = client.post(
            f"/account/privacy/copy/{copy.id}/take", data={"confirm_password": "demo-Passw0rd!"}
        )
        assert told.status_code == 200
        assert told.mimetype == "application/zip"


@pytest.mark.both_databases
def test_nobody_asks_for_another(app, purposes):
    person, other = make_member("city"), make_member("city")
    with pytest.raises(NotPermitted):
        copies.ask_for_copy(person, actor=actor_of(other))
    copy = made_for(person)
    with pytest.raises(NotPermitted):
        copies.note_taken(copy, actor=actor_of(other))
    copies.throw_away(copy)
    with pytest.raises(Refused, match="copy_gone"):
        copies.note_taken(copy, actor=actor_of(person))
