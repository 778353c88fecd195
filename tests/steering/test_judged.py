"""The judged set: whose grade counts, disputes, moderators' decisions, files in and out, and the pages."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event, func, select

from ppp_match.accounts.models import User
from ppp_match.audit import AuditEvent, first_broken_event
from ppp_match.db import db, now
from ppp_match.jobs import perform
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.matching.files import evaluate_files
from ppp_match.moderation import deciding
from ppp_match.recommendations import operations as recommendations
from ppp_match.recommendations.models import REJECTION_REASONS
from ppp_match.steering import importing, operations, qrels, quality
from ppp_match.steering.models import JudgedPair, Judgement
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff


def make_sides(**need):
    return make_listing("need", state="published", **need), make_listing("capability", state="published")


def make_judged(*grades: int) -> JudgedPair:
    pair = operations.add_pair(*make_sides(), actor=actor_of(make_staff()))
    for grade in grades:
        operations.judge(pair, grade, actor=actor_of(make_staff()))
    return pair


def count(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize(
    ("grades", "state", "grade"),
    [
        ((), "open", None),
        ((2,), "settled", 2),
        ((2, 2), "settled", 2),
        ((2, 3), "disputed", None),
        ((2, 3, 3), "settled", 3),
        ((2, 3, 1), "disputed", None),
        ((2, 2, 3, 3), "disputed", None),
        ((0, 0, 3, 1), "settled", 0),
    ],
)
@pytest.mark.both_databases
def test_the_grade_that_most_people_gave_stands(app, grades, state, grade):
    pair = make_judged(*grades)
    assert (pair.state, pair.grade) == (state, grade)


@pytest.mark.both_databases
def test_a_dispute_ends_when_one_of_the_two_changes(app):
    pair, first, second = make_judged(), actor_of(make_staff()), actor_of(make_staff())
    operations.judge(pair, 1, actor=first)
    operations.judge(pair, 3, actor=second)
    assert pair.state == "disputed"
    operations.judge(pair, 3, actor=first, note="Read again.")
    assert (pair.state, pair.grade, len(pair.judgements)) == ("settled", 3, 2)
    assert operations.judge(pair, 3, actor=first, note="Read again.") is None
    moves = db.session.execute(
        select(AuditEvent.from_state, AuditEvent.to_state)
        .where(AuditEvent.action == "judged.judged")
        .order_by(AuditEvent.seq)
    ).all()
    assert [tuple(one) for one in moves] == [
        ("open", "settled"),
        ("settled", "disputed"),
        ("disputed", "settled"),
    ]


def test_nobody_judges_a_pair_of_their_own_organisation_and_no_member_judges(app):
    official = make_member("city")
    need, capability = make_sides(organisation=official.memberships[0].organisation)
    pair = operations.add_pair(need, capability, actor=actor_of(make_staff()))
    official.staff_role = "moderator"
    for actor in (actor_of(official), actor_of(make_member("vendor"))):
        with pytest.raises(NotPermitted):
            operations.judge(pair, 2, actor=actor)
        with pytest.raises(NotPermitted):
            operations.add_pair(need, capability, actor=actor)


def test_what_cannot_be_judged_is_refused(app):
    pair, actor = make_judged(), actor_of(make_staff())
    with pytest.raises(Refused, match="unknown_grade"):
        operations.judge(pair, 4, actor=actor)
    with pytest.raises(Refused, match="note_too_long"):
        operations.judge(pair, 1, actor=actor, note="x" * 1001)
    with pytest.raises(Refused, match="not_published"):
        operations.add_pair(make_listing("need"), pair.capability, actor=actor)
    assert operations.add_pair(pair.need, pair.capability, actor=actor) is pair


# Decisions


def decide(match, verb, actor, reason="", note="A note."):
    batch = uuid.uuid4()
    deciding.decide(match, deciding.Decision(verb, reason, note), actor=actor, batch_id=batch)
    return batch


@pytest.mark.both_databases
def test_decisions_become_judgements_once(app):
    moderator = actor_of(make_staff())
    approved = recommendations.add_pair(*make_sides(), actor=moderator)
    rejected = recommendations.add_pair(*make_sides(), actor=moderator)
    held = recommendations.add_pair(*make_sides(), actor=moderator)
    decide(approved, "approve", moderator)
    decide(rejected, "reject", moderator, "wrong_sector")
    decide(held, "hold", moderator)
    db.session.commit()
    assert perform(app, "judge_by_decisions") == 2
    assert perform(app, "judge_by_decisions") == 0
    grades = {(p.need_id, p.capability_id): p.grade for p in db.session.scalars(select(JudgedPair))}
    assert grades == {
        (approved.need_id, approved.capability_id): 2,
        (rejected.need_id, rejected.capability_id): 0,
    }
    with time_machine.travel(now() + timedelta(hours=1)):
        db.session.commit()
        assert perform(app, "judge_by_decisions") == 0


@pytest.mark.both_databases
def test_a_decision_on_a_pair_by_lot_keeps_the_mark_in_the_judged_set(app, client_of):
    moderator = actor_of(make_staff())
    match = recommendations.add_pair(*make_sides(), actor=moderator)
    match.origin, match.propensity, match.drawn_place = "lot", 0.0125, 57
    by_hand = make_judged(2)
    decide(match, "reject", moderator, "no_evidence")
    assert operations.follow_decisions() == 1
    pair = operations.find_pair(match.need_id, match.capability_id)
    assert pair.judgements[0].propensity == pytest.approx(0.0125)
    assert (pair.by_lot, by_hand.by_lot) == (True, False)
    chances = {(str(match.need_id), str(match.capability_id)): pytest.approx(0.0125)}
    assert quality.judged_set().chances == chances
    client = client_of(db.session.get(User, moderator.user_id))
    assert "by lot" in client.get("/review/judged").get_data(as_text=True)
    assert "chosen by lot" in client.get(f"/review/judged/{pair.id}").get_data(as_text=True)
    operations.judge(pair, 3, actor=moderator)  # by hand it is a judgement like any other
    assert pair.by_lot is False
    assert quality.judged_set().chances == {}


def test_each_reason_of_a_rejection_has_its_grade_or_none(app):
    grades = {reason: operations.GRADE_OF_DECISION.get(("rejected", reason)) for reason in REJECTION_REASONS}
    assert grades == {
        "wrong_sector": 0, "wrong_scale": 1, "wrong_place": 1, "no_evidence": 1, "no_capacity": 1,
        "conflict": None, "duplicate": None, "not_now": None, "other": None,
    }  # fmt: skip


@pytest.mark.both_databases
def test_a_decision_that_is_taken_back_says_nothing(app):
    moderator = actor_of(make_staff())
    match = recommendations.add_pair(*make_sides(), actor=moderator)
    batch = decide(match, "approve", moderator)
    assert operations.follow_decisions() == 1
    deciding.undo_together(batch, actor=moderator)
    assert operations.follow_decisions() == 1
    assert operations.follow_decisions() == 0
    assert (count(JudgedPair), count(Judgement)) == (0, 0)


def test_a_judgement_by_hand_stands_above_the_decision_of_the_same_person(app):
    moderator = actor_of(make_staff())
    need, capability = make_sides()
    pair = operations.add_pair(need, capability, actor=moderator)
    operations.judge(pair, 3, actor=moderator)
    decide(recommendations.add_pair(need, capability, actor=moderator), "approve", moderator)
    assert operations.follow_decisions() == 0
    assert (pair.grade, len(pair.judgements)) == (3, 1)


def test_a_later_decision_of_the_same_person_replaces_the_earlier(app):
    moderator = actor_of(make_staff())
    match = recommendations.add_pair(*make_sides(), actor=moderator)
    decide(match, "approve", moderator)
    operations.follow_decisions()
    pair = db.session.scalars(select(JudgedPair)).one()
    assert pair.grade == 2
    recommendations.hold_match(match, actor=moderator, note="Wait.")
    recommendations.shortlist_match(match, actor=moderator)
    decide(match, "reject", moderator, "no_evidence")
    assert operations.follow_decisions() == 1
    assert (pair.grade, len(pair.judgements)) == (1, 1)


# Files


def file_of(*lines: str, header: str = "need_id\tcap_id\tgrade") -> io.BytesIO:
    return io.BytesIO("\n".join((header, *lines, "")).encode())


@pytest.mark.both_databases
def test_a_file_is_taken_over_and_comes_out_again(app, tmp_path):
    actor = actor_of(make_staff())
    need, first = make_sides()
    second = make_listing("capability", state="published", texts={"title": "Parking guidance"})
    lines = qrels.read_lines(file_of(f"{need.label}\t{first.label}\t3", f"{need.id}\t{second.id}\t0"))
    graded = qrels.find_listings(lines, actor)
    assert importing.import_grades(graded, actor=actor) == importing.Imported(2, 2, 0)
    assert importing.import_grades(graded, actor=actor) == importing.Imported(0, 0, 2)
    assert {one.source for one in db.session.scalars(select(Judgement))} == {"import"}
    out = tmp_path / "qrels.tsv"
    out.write_text("".join(qrels.lines_of_settled()), encoding="utf-8")
    assert out.read_text(encoding="utf-8").splitlines() == [
        "need_id\tcap_id\tgrade", f"{need.label}\t{first.label}\t3", f"{need.label}\t{second.label}\t0",
    ]  # fmt: skip


@pytest.fixture
def statements(app):
    """What the database was asked since `clear()`."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.both_databases
def test_a_long_file_asks_the_database_no_more_often_than_a_short_one(app, statements):
    needs = [make_listing("need", state="published") for _ in range(8)]
    offers = [make_listing("capability", state="published") for _ in range(8)]
    actor, other = actor_of(make_staff()), actor_of(make_staff())

    def taken(rows, actor) -> int:
        db.session.expire_all()
        statements.clear()
        lines = qrels.read_lines(file_of(*rows))
        done = importing.import_grades(qrels.find_listings(lines, actor), actor=actor)
        assert done.grades == len(rows)
        return len(statements)

    def rows_of(needs, shift):
        return [
            f"{need.label}\t{offer.label}\t{(at + place + shift) % 4}"
            for at, need in enumerate(needs)
            for place, offer in enumerate(offers)
        ]

    short, long = needs[:1], needs[1:]
    new = [taken(rows_of(one, 0), actor) for one in (short, long)]
    # Some of these agree, some dispute; then some disputes end.
    others = [taken(rows_of(one, 0)[:4] + rows_of(one, 1)[4:], other) for one in (short, long)]
    changed = [taken(rows_of(one, 1), actor) for one in (short, long)]
    assert new[1] <= new[0] + 2, new
    assert others[1] <= others[0] + 2, others
    assert changed[1] <= changed[0] + 2, changed
    assert max(*new, *others, *changed) <= 20
    assert count(JudgedPair) == 64
    assert count(Judgement) == 128
    assert first_broken_event() is None
    assert count(AuditEvent) == 64 + 3 * 64
    for pair in db.session.scalars(select(JudgedPair)):
        stored = pair.state, pair.grade
        operations.settle(pair)
        assert stored == (pair.state, pair.grade)


@pytest.mark.both_databases
def test_a_pair_that_somebody_adds_at_the_same_moment_is_taken_as_it_is(app, monkeypatch):
    need, capability = make_sides()
    colleague, actor = actor_of(make_staff()), actor_of(make_staff())
    pair = operations.add_pair(need, capability, actor=colleague)
    read = importing._locked
    answers = [lambda _keys: {}, read]
    monkeypatch.setattr(importing, "_locked", lambda keys: answers.pop(0)(keys))
    done = importing.import_grades([importing.Graded(need, capability, 3)], actor=actor)
    assert done == importing.Imported(0, 1, 0)
    assert (pair.grade, pair.added_by, count(JudgedPair)) == (3, colleague.user_id, 1)


def test_nothing_of_a_file_is_taken_over_where_one_pair_is_refused(app):
    official = make_member("city")
    own = make_listing("need", state="published", organisation=official.memberships[0].organisation)
    need, capability = make_sides()
    official.staff_role = "moderator"
    rows = [importing.Graded(need, capability, 3), importing.Graded(own, capability, 3)]
    with pytest.raises(NotPermitted):
        importing.import_grades(rows, actor=actor_of(official))
    assert count(JudgedPair) == 0


def test_a_disputed_pair_is_not_exported(app):
    make_judged(1, 3)
    assert list(qrels.lines_of_settled()) == ["need_id\tcap_id\tgrade\n"]


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        ([], "empty", 0),
        (["{need}\t{cap}"], "columns", 2),
        (["{need}\t{cap}\t1\t0"], "columns", 2),
        (["{need}\t{cap}\t4"], "grade", 2),
        (["{need}\t{cap}\t-1"], "grade", 2),
        (["{need}\t{cap}\t٣"], "grade", 2),
        (["{need}\t{cap}\t1", "", "{need}\t{cap}\t2"], "twice", 4),
        (["{need}\t{cap}\t1", "{id}\t{cap}\t2"], "twice", 3),
        (["{need}\t{cap}\t1", "N-999999999\t{cap}\t2"], "need", 3),
        (["{cap}\t{need}\t1"], "need", 2),
        (["{need}\tnonsense\t1"], "capability", 2),
        (["{need}\t{draft}\t1"], "capability", 2),
    ],
)
def test_a_mistake_is_named_with_its_line_and_nothing_is_taken_over(app, lines, code, line):
    need, capability = make_sides()
    draft = make_listing("capability")
    names = {"need": need.label, "cap": capability.label, "id": need.id, "draft": draft.label}
    file, actor = file_of(*(one.format(**names) for one in lines)), actor_of(make_staff())
    with pytest.raises(qrels.QrelsError) as caught:
        qrels.find_listings(qrels.read_lines(file), actor)
    assert (caught.value.code, caught.value.line) == (code, line)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "empty", 0),
        (b"N-0001\tC-0001\t3\n", "header", 1),
        (b"need_id,cap_id,grade\n", "header", 1),
        (b"\xff\xfe\x00", "unreadable", 1),
        (b"need_id\tcap_id\tgrade\nN-1\tC-1\t\xff\n", "unreadable", 2),
        (
            b"need_id\tcap_id\tgrade\n" + b"".join(b"N-1\tC-%d\t1\n" % at for at in range(5001)),
            "too_long",
            5002,
        ),
    ],
)
def test_a_file_that_is_no_qrels_is_refused(content, code, line):
    with pytest.raises(qrels.QrelsError) as caught:
        qrels.read_lines(io.BytesIO(content))
    assert (caught.value.code, caught.value.line) == (code, line)


def test_a_pair_of_ones_own_organisation_is_refused_by_its_line(app):
    official = make_member("city")
    official.staff_role = "moderator"
    need, capability = make_sides(organisation=official.memberships[0].organisation)
    lines = qrels.read_lines(file_of(f"{need.label}\t{capability.label}\t3"))
    with pytest.raises(qrels.QrelsError, match="line 2: own"):
        qrels.find_listings(lines, actor_of(official))


# Pages


def test_a_pair_is_added_and_judged_on_the_pages(app, client_of):
    need, capability = make_sides()
    client = client_of(make_staff(name="Mai"))
    form = {"need": need.label.lower(), "capability": str(capability.number), "idempotency_key": new_key()}
    answer = client.post("/review/judged/new", data=form)
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    assert need.shown.text("title") in page
    assert capability.shown.text("title") in page
    assert client.post(answer.location, data={"grade": ""}).status_code == 422
    assert client.post(answer.location, data={"grade": "7"}).status_code == 422
    assert client.post(answer.location, data={"grade": "3", "note": "Đúng việc."}).status_code == 303
    assert "The pair counts with grade 3" in client.get(answer.location).get_data(as_text=True)
    assert db.session.scalars(select(JudgedPair)).one().grade == 3


def test_others_judgements_are_read_after_ones_own(app, client_of):
    pair = make_judged()
    operations.judge(pair, 1, actor=actor_of(make_staff(name="Colleague Lan")), note="Only sensors.")
    client = client_of(make_staff())
    before = client.get(f"/review/judged/{pair.id}").get_data(as_text=True)
    assert "Colleague Lan" not in before
    assert "Only sensors." not in before
    client.post(f"/review/judged/{pair.id}", data={"grade": "3"})
    after = client.get(f"/review/judged/{pair.id}").get_data(as_text=True)
    assert "Colleague Lan" in after
    assert "disputed" in after


def test_numbers_of_nothing_are_named_in_the_form(app, client_of):
    need, _capability = make_sides()
    form = {"need": need.label, "capability": "C-999999999", "idempotency_key": new_key()}
    answer = client_of(make_staff()).post("/review/judged/new", data=form)
    assert answer.status_code == 422
    assert "No capability that is or was published has this number." in answer.get_data(as_text=True)


def test_the_list_is_filtered_by_state_and_languages(app, client_of):
    settled, disputed = make_judged(2), make_judged(1, 3)
    client = client_of(make_staff())
    for query, shown in (
        ("", {settled, disputed}),
        ("?state=settled", {settled}),
        ("?state=disputed&languages=vi-en", {disputed}),
        ("?languages=en-vi", set()),
        ("?state=nonsense&languages=x&page=0", {settled, disputed}),
    ):
        page = client.get(f"/review/judged{query}").get_data(as_text=True)
        rows = page[page.find("<tbody") :] if "<tbody" in page else ""
        assert {one for one in (settled, disputed) if f"/review/judged/{one.id}" in rows} == shown, query


def test_a_file_is_imported_on_the_page_whole_or_not_at_all(app, client_of):
    need, capability = make_sides()
    client = client_of(make_staff())

    def send(*lines: str):
        data = {"file": (file_of(*lines), "qrels.tsv"), "idempotency_key": new_key()}
        return client.post("/review/judged/import", data=data, content_type="multipart/form-data")

    broken = send(f"{need.label}\t{capability.label}\t2", f"{need.label}\tC-999999999\t2")
    assert broken.status_code == 422
    assert "Line 3: No capability" in broken.get_data(as_text=True)
    assert count(JudgedPair) == 0
    assert send(f"{need.label}\t{capability.label}\t2").status_code == 303
    assert db.session.scalars(select(JudgedPair)).one().grade == 2
    assert client.post("/review/judged/import", data={"idempotency_key": new_key()}).status_code == 422
    exported = client.get("/review/judged?format=qrels")
    assert exported.headers["Content-Disposition"] == 'attachment; filename="qrels.tsv"'
    assert exported.get_data(as_text=True).endswith(f"{need.label}\t{capability.label}\t2\n")


# The command


@pytest.fixture
def invoke(app):
    from click.testing import CliRunner
    from flask.cli import ScriptInfo

    from ppp_match.cli import main

    db.session.commit()

    def run(*arguments: str):
        result = CliRunner().invoke(main, ["judged", *arguments], obj=ScriptInfo(create_app=lambda: app))
        db.session.expire_all()
        return result

    return run


def test_the_command_imports_and_exports_what_evaluate_reads(app, invoke, tmp_path):
    make_staff(email="grader@demo.example")
    need, capability = make_sides()
    anonymous = make_listing("need", state="published", anonymous=True)
    file = tmp_path / "in.tsv"
    file.write_bytes(file_of(f"{need.label}\t{capability.label}\t3").getvalue())
    db.session.commit()
    done = invoke("import", str(file), "--as", "grader@demo.example")
    assert done.exit_code == 0, done.output
    assert "1 grades taken over" in done.output
    needs, offers, out = (str(tmp_path / name) for name in ("needs.jsonl", "capabilities.jsonl", "qrels.tsv"))
    written = invoke("export", "-o", out, "--needs", needs, "--capabilities", offers)
    assert written.exit_code == 0, written.output
    measures, unknown = evaluate_files(needs, offers, out)
    assert (measures["overall"].needs, measures["overall"].mrr, unknown) == (1, 1.0, 0)
    text = (tmp_path / "needs.jsonl").read_text(encoding="utf-8")
    assert anonymous.label in text
    assert str(anonymous.organisation_id) not in text


def test_the_command_names_file_and_line_and_leaves_nothing(app, invoke, tmp_path):
    make_staff(email="grader@demo.example")
    make_member("city", email="member@demo.example")
    need, capability = make_sides()
    file = tmp_path / "in.tsv"
    file.write_bytes(file_of(f"{need.label}\t{capability.label}\t3", "N-1\tC-2\t9").getvalue())
    db.session.commit()
    broken = invoke("import", str(file), "--as", "grader@demo.example")
    assert broken.exit_code == 2
    assert "line 3: The grade must be 0, 1, 2 or 3." in broken.output
    assert count(JudgedPair) == 0
    assert invoke("import", str(file), "--as", "member@demo.example").exit_code == 2
    assert invoke("import", str(tmp_path / "missing.tsv"), "--as", "grader@demo.example").exit_code == 2
