"""The audit trail: proof that it is whole, its pages, its files, and that reading what is confidential is recorded."""

from __future__ import annotations

import ast
import csv
import io
import itertools
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from ppp_match import audit, lifecycle
from ppp_match.accounts.models import User
from ppp_match.audit import AuditEvent, AuditNote, check_chain
from ppp_match.db import db
from ppp_match.inspection.words import DONE, DONE_EXACTLY, SUBJECTS, done_words
from ppp_match.permissions import SYSTEM
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.verification.asking import owner_of_unverified, sent

ROOT = Path(audit.__file__).parent


@pytest.fixture
def listing(app):
    """A listing with three events: two by the software, one by a person with a reason."""
    listing = make_listing("need", state="published")
    person = make_member(organisation=listing.organisation)
    audit.record("listing.watch", listing, actor=SYSTEM)
    audit.record(
        "listing.rejected", listing, actor=actor_of(person), reason="Số máy của bà Hoa: 0900 000 000"
    )
    audit.record("listing.save", listing, actor=SYSTEM, fields=("title",))
    db.session.commit()
    return listing


def last(action: str) -> AuditEvent:
    return db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.seq.desc())
    ).first()


def text_of(client, address: str) -> str:
    with client.get(address) as answer:
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        return answer.get_data(as_text=True)


def without_triggers() -> None:
    """What somebody with the whole database in hand could do."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
    else:
        for name in ("audit_event_no_update", "audit_event_no_delete", "audit_event_no_replace"):
            db.session.execute(text(f"DROP TRIGGER {name}"))


@pytest.mark.both_databases
@pytest.mark.parametrize("change", [update(AuditEvent).values(action="x"), delete(AuditEvent)])
def test_the_database_refuses_to_change_or_remove_an_event(listing, change):
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(change)
    db.session.rollback()
    assert check_chain().broken is None


@pytest.mark.of_sqlite  # PostgreSQL has no REPLACE
@pytest.mark.parametrize("key", ["seq", "hash"])
def test_an_event_is_not_replaced_either(listing, key):
    event = last("listing.rejected")
    columns = [column.name for column in AuditEvent.__table__.columns]
    values = ", ".join(
        {"action": "'x'", ("hash" if key == "seq" else "seq"): "NULL"}.get(one, one) for one in columns
    )
    if key == "seq":
        values = values.replace("NULL", "'another'")
    replace = f"REPLACE INTO audit_event ({', '.join(columns)}) SELECT {values} FROM audit_event WHERE seq = {event.seq}"  # noqa: S608
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(replace))
    db.session.rollback()
    assert check_chain().broken is None


@pytest.mark.both_databases
def test_a_changed_event_is_found_although_the_triggers_were_away(listing):
    event = last("listing.rejected")
    without_triggers()
    db.session.execute(update(AuditEvent).where(AuditEvent.seq == event.seq).values(to_state="published"))
    found = check_chain()
    assert (found.broken, found.why) == (event.seq, "it does not follow from the event before it")


@pytest.mark.both_databases
def test_a_removed_event_is_found_at_the_one_after_it(listing):
    gone, after = last("listing.watch"), last("listing.rejected")
    without_triggers()
    db.session.execute(delete(AuditEvent).where(AuditEvent.seq == gone.seq))
    assert check_chain().broken == after.seq


@pytest.mark.both_databases
def test_an_end_that_was_cut_off_is_found_by_an_anchor_alone(listing):
    whole = check_chain()
    without_triggers()
    db.session.execute(delete(AuditEvent).where(AuditEvent.seq == whole.last))
    assert check_chain().broken is None
    cut = check_chain((whole.last, whole.head))
    assert cut.broken == whole.last
    assert "cut off" in cut.why


@pytest.mark.both_databases
def test_a_changed_reason_is_found_and_an_erased_one_is_none(listing):
    event = last("listing.rejected")
    before = check_chain()
    db.session.delete(event.note)
    db.session.flush()
    assert (check_chain().broken, check_chain().erased) == (None, before.erased + 1)
    db.session.add(AuditNote(event_seq=event.seq, reason="Lý do khác", personal={}))
    db.session.flush()
    db.session.expire_all()
    assert (check_chain().broken, check_chain().why) == (event.seq, "its note was changed")


def test_the_command_prints_the_head_and_takes_it_as_an_anchor(app, listing):
    run = app.test_cli_runner().invoke
    from ppp_match.cli import main

    first = run(main, ["verify-audit"])
    assert first.exit_code == 0, first.output
    head = re.search(r"Head: (\d+:[0-9a-f]{64})", first.output)[1]
    assert run(main, ["verify-audit", "--anchor", head]).exit_code == 0
    for anchor in ("7", "7:xyz", f"x:{'0' * 64}"):
        assert run(main, ["verify-audit", "--anchor", anchor]).exit_code == 2
    other = run(main, ["verify-audit", "--anchor", head[:-1] + ("0" if head[-1] != "0" else "1")])
    assert other.exit_code == 1
    assert "not the event that was noted" in other.output


def recorded_actions() -> set[str]:
    """Every action that the code records, read from the calls themselves, and every move of a lifecycle."""
    found = {
        f"{one.name}.{to}"
        for one in vars(lifecycle).values()
        if isinstance(one, lifecycle.Lifecycle)
        for _from, to in one.lines
    }
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
                "record",
                "note_read",
            ):
                found |= {
                    one.value
                    for argument in node.args[:1]
                    for one in ast.walk(argument)
                    if isinstance(one, ast.Constant)
                    and isinstance(one.value, str)
                    and re.fullmatch(r"\w+\.\w+", one.value)
                }
    return found


def test_every_action_that_the_code_records_has_words(app):
    actions = recorded_actions()
    assert {"listing.published", "offer.made", "audit.note_read"} <= actions
    with app.test_request_context():
        nameless = sorted(one for one in actions if done_words(one) == one)
    assert not nameless


def test_every_word_is_used_by_a_kind_of_thing_that_exists(app):
    tables = set(db.metadata.tables)
    assert set(SUBJECTS) <= tables
    assert not set(DONE_EXACTLY) & set(DONE)


def test_an_inspector_finds_what_was_done_to_a_need_by_its_number(client_of, listing):
    admin = client_of(make_staff("administrator"))
    page = admin.get(f"/admin/audit?subject={listing.label.lower()}&lang=en").get_data(as_text=True)
    assert page.count('<tr><th scope="row"') == 3
    assert "0900" not in page  # reasons are opened one by one
    assert listing.label in page


def test_filters_by_person_action_and_day(client_of, listing):
    admin = client_of(make_staff("administrator"))
    person = db.session.get(User, last("listing.rejected").actor_id)
    one = admin.get(f"/admin/audit?who={person.email.upper()}&lang=en").get_data(as_text=True)
    assert "listing.rejected" in one
    assert one.count('scope="row"') == 1
    none = admin.get("/admin/audit?until=2020-01-01&lang=en").get_data(as_text=True)
    assert "No event like that" in none
    saved = admin.get("/admin/audit?action=listing.save&lang=en").get_data(as_text=True)
    assert saved.count('scope="row"') == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("since", "2026-13-40", "This is no date."),
        ("who", "nobody@nowhere.example", "Nobody here has that address or identifier."),
        ("subject", "N-99999999", "No need, capability or identifier is written so."),
        ("subject", "<b>x</b>\0", "No need, capability or identifier is written so."),
    ],
)
def test_a_filter_that_means_nothing_is_named_and_kept(client_of, field, value, words):
    admin = client_of(make_staff("administrator"))
    page = admin.get("/admin/audit", query_string={field: value, "lang": "en"}).get_data(as_text=True)
    assert words in page
    assert "<b>x" not in page
    if field == "who":
        assert f'value="{value}"' in page


def test_opening_a_reason_is_recorded_and_asked_for_first(client_of, listing):
    event = last("listing.rejected")
    admin_person = make_staff("administrator")
    admin = client_of(admin_person)
    closed = admin.get(f"/admin/audit/{event.seq}?lang=en").get_data(as_text=True)
    assert "0900 000 000" not in closed
    assert last("audit.note_read") is None
    opened = admin.get(f"/admin/audit/{event.seq}?note=open&lang=en").get_data(as_text=True)
    assert "0900 000 000" in opened
    read = last("audit.note_read")
    assert (read.actor_id, read.subject_id, read.fields) == (admin_person.id, listing.id, [str(event.seq)])
    assert check_chain().broken is None


def test_what_cannot_be_recorded_is_not_shown(app, client_of, listing, monkeypatch):
    event = last("listing.rejected")
    admin = client_of(make_staff("administrator"))

    def fails(*_args, **_values):
        raise DBAPIError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr("ppp_match.web.audit.record", fails)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        page = admin.get(f"/admin/audit/{event.seq}?note=open")
    except DBAPIError:
        return
    assert page.status_code >= 500
    assert "0900" not in page.get_data(as_text=True)


def test_the_file_holds_all_that_the_hash_covers(client_of, listing):
    admin = client_of(make_staff("administrator"))
    lines = [json.loads(line) for line in text_of(admin, "/admin/audit?format=jsonl").splitlines()]
    lines.reverse()  # newest first on the page and in the file
    for one, other in itertools.pairwise(lines):
        assert other["previous"] == one["hash"]
    columns = (
        "previous",
        "at",
        "action",
        "actor_id",
        "organisation_id",
        "subject_type",
        "subject_id",
        "from_state",
        "to_state",
        "fields",
        "digest",
    )
    for line in lines:
        values = [line[name] for name in columns]
        values[3], values[4] = str(values[3]), str(values[4])  # nobody is hashed as "None"
        assert line["hash"] == audit._digest(values)
    exported = last("audit.exported")
    assert exported is not None
    assert exported.fields == []


def test_a_table_for_a_spreadsheet_runs_no_formula(client_of, listing):
    audit.record("listing.save", listing, actor=SYSTEM, fields=('=HYPERLINK("x")', "＝1"))
    db.session.commit()
    table = text_of(client_of(make_staff("administrator")), "/admin/audit?format=csv&action=listing.save")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert rows[0]["fields"].startswith("'=")
    assert last("audit.exported").fields == ["action"]


def test_staff_who_look_into_an_introduction_of_others_are_recorded(world_of_two, client_of):
    introduction, city_person, moderator = world_of_two
    assert client_of(city_person).get(f"/introductions/{introduction.id}").status_code == 200
    assert last("introduction.read") is None
    assert client_of(moderator).get(f"/introductions/{introduction.id}").status_code == 200
    read = last("introduction.read")
    assert (read.actor_id, read.subject_id) == (moderator.id, introduction.id)


def test_who_looks_at_an_account_or_at_evidence_of_others_is_recorded(client_of):
    boss, person, moderator = make_staff("administrator"), make_member("city"), make_staff()
    request = sent(owner_of_unverified())
    client = client_of(boss)
    assert client.get(f"/admin/users/{boss.id}").status_code == 200
    assert last("account.read") is None, "one's own"
    page = f"/admin/users/{person.id}"
    assert client.get(page).status_code == 200
    read = last("account.read")
    assert (read.actor_id, read.subject_id) == (boss.id, person.id)
    assert "account.read" not in client.get(page).text, (
        "the account's story tells what was done, not who looked"
    )
    assert client_of(moderator).get(f"/review/organisations/{request.id}").status_code == 200
    read = last("verification.read")
    assert (read.actor_id, read.subject_id) == (moderator.id, request.id)


@pytest.fixture
def world_of_two(app):
    from tests.world import build_world

    world = build_world()
    db.session.commit()
    return world.introduction, world.people["city"], world.people["moderator"]
