"""A small forum with one of everything, for the tests that walk all routes and pages."""

from __future__ import annotations

import functools
import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import func, select
from sqlalchemy.orm.util import identity_key

from ppp_match.accounts.models import Organisation, User
from ppp_match.attachments import limits, previews
from ppp_match.attachments import operations as attachments
from ppp_match.complaints import appeals, concerns
from ppp_match.complaints import operations as complaints
from ppp_match.consents import operations as consents
from ppp_match.consents import queries
from ppp_match.db import db, now, today
from ppp_match.declarations import relations
from ppp_match.declarations.interests import declare_interest
from ppp_match.declarations.interests import say_ended as end_interest
from ppp_match.introductions import declaring
from ppp_match.introductions import files as talk_files
from ppp_match.introductions import operations as introductions
from ppp_match.introductions.models import Introduction, Offer
from ppp_match.listings import addenda, operations, references, watching
from ppp_match.listings import files as listing_files
from ppp_match.listings import join_operations as joins
from ppp_match.listings import merge_operations as merging
from ppp_match.listings.models import Listing
from ppp_match.matching.bilingual import Change
from ppp_match.matching.score import DEFAULT_WEIGHTS
from ppp_match.notifications.choices import unsubscribe_token
from ppp_match.notifications.models import OutboxMessage
from ppp_match.partnerships import facts, plan, telling
from ppp_match.partnerships import operations as partnership_operations
from ppp_match.partnerships.models import Partnership, StatusRequest
from ppp_match.partnerships.models_plan import DocumentLink, Indicator, Milestone, Risk
from ppp_match.partnerships.status import link_token
from ppp_match.permissions import SYSTEM
from ppp_match.phrases.operations import keep_phrase
from ppp_match.privacy import corrections, holds, retention
from ppp_match.questions import operations as questions
from ppp_match.recommendations import operations as recommendations
from ppp_match.recommendations.models import Match
from ppp_match.seeding.privacy import everybody_agrees, load_privacy, publish_first_versions
from ppp_match.steering import lexicon_drafts, lexicon_preview, quality, versions
from ppp_match.steering import operations as steering
from ppp_match.steering.models import QualityRun
from ppp_match.teams import invitations
from ppp_match.teams import operations as teams
from ppp_match.verification import domain_proof
from ppp_match.verification import operations as verification
from tests.attachments import samples
from tests.factories import (
    OrganisationFactory,
    actor_of,
    add_reference,
    make_listing,
    make_member,
    make_staff,
)

_rendered = functools.cache(
    previews.render
)  # a process of its own for each file; every world has the same files
ROLES = ("visitor", "city", "vendor", "expert", "partner", "moderator", "administrator")


@dataclass
class World:
    """One person a role, and rows that belong to the city and the vendor."""

    people: dict[str, User | None] = field(default_factory=dict)
    city: Organisation | None = None
    vendor: Organisation | None = None
    need: Any = None
    capability: Any = None
    draft: Any = None
    submitted: Any = None
    other_need: Any = None
    match: Any = None
    offer: Any = None
    introduction: Any = None
    pending: Any = None
    colleague: Any = None
    handover: Any = None
    invitation_token: str = ""
    changed: Any = None
    waiting_addendum: Any = None
    returned_addendum: Any = None
    neighbour: Any = None  # another city
    neighbour_need: Any = None
    join: Any = None  # the city asks to join it
    judged: Any = None  # a pair of the judged set
    version: Any = None  # a version of the matcher that waits for a decision, measured
    # attached to the need, drafts, the talk, who is to be verified
    files: dict[str, Any] = field(default_factory=dict)
    renewing: Any = None  # an organisation whose renewal is being written
    asked: Any = None  # a request for verification that waits
    domain_token: str = ""
    reference_token: str = ""
    terms: Any = None  # the draft of the next version; the first one is in force and agreed to by all
    hold: Any = None
    correction: Any = None  # asked for by the city's person
    report: Any = None  # of the vendor's capability, by the city
    appeal: Any = None  # of the vendor, against a rejection
    relation: Any = None  # of the vendor to an organisation outside the forum
    declared: Any = None  # the official's interest
    declaration: Any = None  # what the city declared on the open offer
    phrase: Any = None
    concern: Any = None
    question: Any = None  # of the vendor on the city's need, which waits; another one is answered
    answered: Any = None
    partnership: Any = None  # of the introduction, with something of everything
    indicator: Any = None
    milestone: Any = None
    statement: Any = None  # of the vendor, on money, which the city contradicts
    status_token: str = ""  # the official's link
    fewer_token: str = ""  # of a mail to the official: no more of these
    proposal: Any = None  # to merge the neighbour's second need into the city's


@dataclass(frozen=True)
class _Copy:
    """The file of a world that was built, the bytes of its attachments, and which rows its names stand for."""

    file: Path
    bytes: Path
    rows: dict[str, Any]


_copies: dict[str, _Copy] = {}  # by the application's database


def build_world() -> World:
    """Two organisations, an introduced pair, an open offer, a suggested pair, listings in the main states.

    Building it takes two seconds, so on SQLite what was built once is copied from then on, where the forum is empty.
    """
    file = db.engine.url.database or ""
    if db.engine.dialect.name != "sqlite" or db.session.scalar(select(func.count(User.id))):
        return _build()
    if file not in _copies:
        rows = {name: _named(value) for name, value in vars(_build()).items()}
        _close()
        kept = Path(file).with_name("world.sqlite3")
        with closing(sqlite3.connect(file)) as built, closing(sqlite3.connect(kept)) as copy:
            built.backup(copy)
        shutil.copytree(limits.store().folder, kept.with_name("world-attachments"), dirs_exist_ok=True)
        _copies[file] = _Copy(kept, kept.with_name("world-attachments"), rows)
        return _found(_copies[file])
    _close()
    for ending in ("-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    shutil.copy(_copies[file].file, file)
    # A test may have swept away what no row named then.
    shutil.copytree(_copies[file].bytes, limits.store().folder, dirs_exist_ok=True)
    return _found(_copies[file])


def _close() -> None:
    db.session.commit()
    db.session.remove()
    db.engine.dispose()


def _named(value: Any) -> Any:
    """A row as (table, identity); what holds rows, by its keys; anything else as it is."""
    if isinstance(value, dict):
        return {key: _named(one) for key, one in value.items()}
    return identity_key(instance=value)[:2] if isinstance(value, db.Model) else value


def _found(copy: _Copy) -> World:
    def row(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: row(one) for key, one in value.items()}
        return db.session.get_one(*value) if isinstance(value, tuple) else value

    return World(**{name: row(value) for name, value in copy.rows.items()})


def _build() -> World:
    world = World()
    for kind in ("city", "vendor", "expert", "partner"):
        world.people[kind] = make_member(kind, email=f"{kind}@walk.example", name=f"{kind.title()} Person")
    world.people["visitor"] = None
    for staff in ("moderator", "administrator"):
        world.people[staff] = make_staff(staff, email=f"{staff}@walk.example", name=f"{staff.title()} Person")
    world.city = world.people["city"].memberships[0].organisation
    world.vendor = world.people["vendor"].memberships[0].organisation
    world.need = make_listing("need", state="published", organisation=world.city)
    world.other_need = make_listing(
        "need", state="published", organisation=world.city, texts={"title": "Biết trước hầm chui nào sẽ ngập"}
    )
    third = make_listing(
        "need",
        state="published",
        organisation=world.city,
        texts={"title": "Cảnh báo ngập cho ba xã ven biển"},
    )
    world.capability = make_listing("capability", state="published", organisation=world.vendor)
    add_reference(world.capability)
    world.draft = make_listing("need", state="draft", organisation=world.city)
    world.submitted = make_listing("need", state="submitted", organisation=world.city)
    world.pending = OrganisationFactory(kind="vendor", verification="pending")
    _fill_team(world)
    db.session.commit()
    moderator = actor_of(world.people["moderator"])
    world.introduction = _introduced(world, _pair(world.need, world.capability, moderator), moderator)
    second = _pair(world.other_need, world.capability, moderator)
    recommendations.approve_match(second, actor=moderator)
    world.offer = introductions.make_offer(second, actor=moderator)
    world.match = _pair(third, world.capability, moderator)
    _change_and_add_to(world, moderator)
    _verify(world)
    _neighbour(world, moderator)
    _attach(world, moderator)
    world.judged = steering.add_pair(world.need, world.capability, actor=moderator)
    steering.judge(world.judged, 3, actor=moderator, note="Đúng việc cần làm.")
    versions.ensure_shipped()
    shipped = versions.active()
    scale = {**shipped.weights["scale"], "sector": 0.9}
    world.version = versions.offer(
        actor=moderator,
        name="Lĩnh vực nặng hơn",
        note="Thử vì nhiều cặp sai lĩnh vực.",
        weights=replace(DEFAULT_WEIGHTS, scale=scale),
    )
    judged = quality.judged_set()
    results = quality.measure(judged, versions.tuning_of(world.version), versions.tuning_of(shipped))
    db.session.add(QualityRun(version=world.version, judged=judged.fingerprint, results=results))
    _draft_a_lexicon(actor_of(world.people["administrator"]))
    _personal_data(world)
    _complain(world, moderator)
    _declare(world)
    _report(world)
    _ask(world)
    db.session.commit()
    return world


def _ask(world: World) -> None:
    """Questions on the need: one that waits, one answered twice and once as an addendum, one from the conversation."""
    city, vendor = actor_of(world.people["city"]), actor_of(world.people["vendor"])
    asked = {"lang": "vi", "actor": vendor}
    world.answered = questions.ask(
        world.need, text="Số liệu **triều cường** các năm trước có được cung cấp không?", **asked
    )
    questions.answer(world.answered, text="Có, số liệu từ năm 2015 ở dạng bảng.", lang="vi", actor=city)
    questions.answer(
        world.answered,
        text="Corrected: readings since 2012 are provided.",
        lang="en",
        changes_need=True,
        actor=city,
    )
    declined = questions.ask(world.need, text="Ai là người quyết định chọn đối tác?", **asked)
    questions.decline(declined, reason="Việc này theo **luật**.", actor=city)
    world.question = questions.ask(
        world.need, text="31 điểm đo hiện có được tính vào 140 điểm không?", **asked
    )
    questions.publish_from(
        world.introduction,
        question="Trạm bơm có được điều khiển từ xa không?",
        answer="Chưa, hai trong bốn trạm sẽ được lắp năm sau.",
        lang="vi",
        actor=city,
    )


def _report(world: World) -> None:
    """The introduced pair as a partnership: a course, money on which the two differ, an indicator, a plan, a question."""
    city, vendor = actor_of(world.people["city"]), actor_of(world.people["vendor"])
    world.partnership = db.session.scalars(
        select(Partnership).where(Partnership.introduction_id == world.introduction.id)
    ).one()
    partnership_operations.report_state(
        world.partnership, "pilot", actor=vendor, note="Chạy thử **hai** tuyến."
    )
    money = {"status": "committed", "currency": "VND", "on": today(), "source": "Hợp **đồng**"}
    world.statement = facts.report_value(world.partnership, amount=Decimal(5 * 10**9), actor=vendor, **money)
    facts.report_value(world.partnership, amount=Decimal(4 * 10**9), actor=city, **money)
    facts.report_facts(world.partnership, {"stage": "build", "contract_form": "BOT"}, actor=vendor)
    facts.report_beneficiaries(
        world.partnership, "women", count=61000, on=today(), source="Điều tra", actor=city
    )
    world.indicator = plan.add(
        Indicator,
        world.partnership,
        {
            "code": "WAT-03",
            "direction": "down",
            "baseline": Decimal(120),
            "baseline_on": today() - timedelta(days=200),
            "target": Decimal(40),
            "target_on": today() + timedelta(days=200),
            "method": "Trạm đo",
        },
        actor=city,
    )
    for days, value, who in ((100, 90, city), (10, 71, city), (10, 66, vendor)):
        facts.report_measured(
            world.indicator, value=Decimal(value), on=today() - timedelta(days=days), source="Trạm", actor=who
        )
    world.milestone = plan.add(
        Milestone,
        world.partnership,
        {"title": "Đo đủ 140 điểm", "due_on": today(), "state": "at_risk", "note": "Chờ **giấy phép**."},
        actor=city,
    )
    risk = {"kind": "permits", "holder": "public", "note": "Giấy phép **đào đường** chậm."}
    plan.add(Risk, world.partnership, risk, actor=vendor)
    link = {"title": "Thông báo **trao thầu**", "url": "https://notice.example/1", "on": today()}
    plan.add(DocumentLink, world.partnership, link, actor=city)
    partnership_operations.write_result(
        world.partnership,
        text="Ngập giảm **một nửa**.",
        lang="vi",
        version=world.partnership.version,
        actor=city,
    )
    question = StatusRequest(
        partnership=world.partnership, side="need", days=30, due_on=today() + timedelta(days=9)
    )
    db.session.add(question)
    db.session.flush()
    telling.ask_status(world.partnership, "need", question.id, "partnership.status")
    world.status_token = link_token(question.id, world.people["city"].id)
    world.fewer_token = unsubscribe_token(world.people["city"].id, ["pairs", "watching"])


def _declare(world: World) -> None:
    """A relation that is said to have ended, an official's interest likewise, and what the city declared on its offer."""
    vendor, city = actor_of(world.people["vendor"]), actor_of(world.people["city"])
    world.relation = relations.declare_relation(
        world.vendor, kind="owner", outside_name="Tập đoàn **Pubco**", note="51 %", actor=vendor
    )
    relations.say_ended(
        world.relation, reason="Đã bán **hết** cổ phần.", version=world.relation.version, actor=vendor
    )
    world.declared = declare_interest(
        world.people["city"], world.pending, kind="other", note="Từng **tư vấn** cho họ.", actor=city
    )
    end_interest(world.declared, reason="Hết việc.", version=world.declared.version, actor=city)
    world.declaration = declaring.declare(world.offer, words="Em trai tôi **làm** ở đó.", actor=city)


def _complain(world: World, moderator) -> None:
    """An open report, an appeal, a phrase and a concern with an answer."""
    city, administrator = actor_of(world.people["city"]), actor_of(world.people["administrator"])
    vendor = actor_of(world.people["vendor"])
    world.report = complaints.report(
        world.capability, kind="misleading", words="Con số này **không** đúng.", actor=city
    )
    refused = make_listing("capability", state="in_review", organisation=world.vendor)
    operations.reject_listing(refused, reason="Không phải năng lực.", actor=moderator)
    world.appeal = appeals.appeal(
        world.vendor, "listing", refused.id, words="Đây là **năng lực** thật.", actor=vendor
    )
    values = {"words": "lót tay", "lang": "vi", "kind": "gift", "severity": "moderator", "active": True}
    world.phrase = keep_phrase(values, actor=administrator)
    world.concern = concerns.tell(kind="corruption", text="Có người nhận quà.", secret=concerns.new_secret())
    concerns.answer(world.concern, text="Đã nhận.", close=False, seen=1, actor=administrator)


def _draft_a_lexicon(administrator) -> None:
    """An administrator's draft, compared: it breaks the bridge that the judged pair stands on."""
    removed = Change("remove", "pair", "ngập", "flooding", "water")
    added = Change("add", "pair", "mưa lạ", "zorblax", "water")
    lexicon_drafts.put_in(added, actor=administrator, version=0)
    draft = lexicon_drafts.draft_of(administrator)
    lexicon_drafts.put_in(removed, actor=administrator, version=draft.version)
    lexicon_drafts.ask_preview(actor=administrator, version=draft.version)
    task = lexicon_preview.next_task(())
    found = lexicon_preview.read(task)
    lexicon_preview.keep(task, found, lexicon_preview.work_out(found))


def _personal_data(world: World) -> None:
    """Terms in force that everybody agrees to, the next ones as a draft, a hold, a request, a report of what went."""
    load_privacy()
    publish_first_versions()
    everybody_agrees()
    administrator, city = actor_of(world.people["administrator"]), world.people["city"]
    world.terms = consents.draft_version(queries.terms_in_force().purpose, actor=administrator)
    world.hold = holds.place_hold(
        "listing", world.neighbour_need.id, reason="Tranh chấp.", actor=administrator
    )
    world.correction = corrections.ask_for_correction(city, "Tên phòng ghi sai.", actor=actor_of(city))
    retention.carry_out()


def _fill_team(world: World) -> None:
    """A colleague in the city who took a draft over, and an invitation that waits for an answer."""
    official = world.people["city"]
    world.colleague = make_member(
        "city",
        organisation=world.city,
        role="member",
        email="colleague@walk.example",
        name="Colleague Person",
    )
    for listing in (world.need, world.other_need, world.submitted, world.draft):
        listing.responsible_id = official.id
    db.session.flush()
    world.handover = teams.hand_over(
        world.city,
        official,
        successor=world.colleague,
        listings=[world.draft.id],
        note="Bản thảo còn **thiếu** số liệu.",
        actor=actor_of(official),
    )
    invitations.invite(
        world.city,
        email="invited@walk.example",
        role="member",
        message="Mời anh/chị tham gia.",
        lang="vi",
        actor=actor_of(official),
    )
    link = db.session.scalar(select(OutboxMessage.context).where(OutboxMessage.kind == "account.invitation"))
    world.invitation_token = link["link"].rpartition("/")[2]


def _change_and_add_to(world: World, moderator) -> None:
    """A need with a second version, one published addendum, one that waits and one that was returned."""
    city, vendor = actor_of(world.people["city"]), actor_of(world.people["vendor"])
    need = world.changed = make_listing(
        "need",
        state="published",
        organisation=world.city,
        texts={"title": "Theo dõi sạt lở bờ sông ở bốn phường"},
    )
    watching.watch(need, actor=vendor)
    operations.save_listing(need, {"title": "Theo dõi sạt lở bờ sông ở năm phường"}, lang="vi", actor=city)
    need.amendment.state = "in_review"
    operations.publish_listing(need, actor=moderator)
    made = [
        addenda.create_addendum(need, kind="clarification", texts={"vi": text}, actor=city)
        for text in ("Phường thứ năm nằm ở bờ bắc.", "Bản đồ có **tỷ lệ** 1:2000.", "Chờ số liệu 2026.")
    ]
    for addendum in made:
        addenda.submit_addendum(addendum, actor=city)
    addenda.publish_addendum(made[0], actor=moderator)
    addenda.return_addendum(made[2], remark="Số liệu nào?", actor=moderator)
    world.waiting_addendum, world.returned_addendum = made[1], made[2]


def _attach(world: World, moderator) -> None:
    """A published file, one that waits with a draft, one of the conversation, one for a verification."""
    city = actor_of(world.people["city"])
    sketch = attachments.check(
        "Sơ đồ trạm bơm.png", samples.picture(), description="Bốn trạm bơm dọc bờ sông", lang="vi"
    )
    paper = attachments.check(
        "Quyết định.pdf", samples.pdf(), description="Trang đầu của quyết định", lang="vi"
    )
    world.files["need"] = attachments.add(
        "listing", world.need, sketch, organisation_id=world.city.id, actor=city
    )
    attachments.show_waiting("listing", world.need.id, anonymous=False, actor=moderator)
    world.files["draft"] = listing_files.attach(world.draft, paper, actor=city)
    world.files["submitted"] = attachments.add(
        "listing", world.submitted, paper, organisation_id=world.city.id, actor=city
    )
    message = world.introduction.messages[0]
    world.files["message"] = talk_files.attach(message, paper, actor=city)
    world.files["pending"] = attachments.add(
        "organisation", world.pending, paper, organisation_id=world.pending.id, actor=SYSTEM
    )
    with mock.patch.object(previews, "render", _rendered):
        previews.make_previews()


def _neighbour(world: World, moderator) -> None:
    """Another city whose need the world's city asks to join, and a merge that waits for consent."""
    lead = make_member("city", email="neighbour@walk.example", name="Neighbour Person")
    world.neighbour = lead.memberships[0].organisation
    world.neighbour_need = make_listing(
        "need",
        state="published",
        organisation=world.neighbour,
        texts={"title": "Thu gom rác trên kênh và chợ nổi", "problem": "Rác trôi theo con nước. " * 20},
        terms={"sector": ["environment.waste"]},
    )
    second = make_listing("need", state="published", organisation=world.neighbour)
    world.join = joins.ask_to_join(
        world.neighbour_need,
        actor=actor_of(world.people["city"]),
        message="Chúng tôi cũng cần việc này.",
        lang="vi",
        city=second.shown.city,
        quantity=Decimal(12),
        beneficiaries=90_000,
    )
    world.proposal = merging.propose(second, world.other_need, reason="Cùng một việc.", actor=moderator)


def _verify(world: World) -> None:
    """A renewal that is being written, a request that waits, a client who is asked about a reference."""
    partner = world.people["partner"]
    world.renewing = partner.memberships[0].organisation
    world.renewing.verified_until = now() + timedelta(days=20)
    renewal = verification.begin_request(world.renewing, actor=actor_of(partner))
    domain_proof.send(renewal, "office@walk-partner.example", lang="vi", actor=actor_of(partner))
    link = db.session.scalar(select(OutboxMessage.context).where(OutboxMessage.kind == domain_proof.MAIL))
    world.domain_token = link["link"].rpartition("/")[2]
    home = OrganisationFactory(kind="vendor", verification="unverified", about_en="Sensors.")
    owner = make_member("vendor", organisation=home, email="asking@walk.example")
    world.asked = verification.begin_request(home, actor=actor_of(owner))
    values = {"registration_number": "0300588569", "no_domain": True, "statement": "Director."}
    verification.save_request(world.asked, values, version=world.asked.version, actor=actor_of(owner))
    verification.submit_request(world.asked, version=world.asked.version, actor=actor_of(owner))
    project = add_reference(
        world.capability,
        confirmation="claimed",
        scope="40 cảm biến mực nước.",
        client="Sở Xây dựng (minh họa)",
    )
    references.ask(
        project, email="client@walk-client.example", lang="vi", actor=actor_of(world.people["vendor"])
    )
    link = db.session.scalar(select(OutboxMessage.context).where(OutboxMessage.kind == references.MAIL))
    world.reference_token = link["link"].rpartition("/")[2]


def _pair(need: Listing, capability: Listing, moderator) -> Match:
    found = recommendations.live_match(need, capability)
    return found or recommendations.add_pair(need, capability, actor=moderator)


def _introduced(world: World, match: Match, moderator) -> Introduction:
    recommendations.approve_match(match, actor=moderator)
    offer: Offer = introductions.make_offer(match, actor=moderator)
    for side in ("city", "vendor"):
        introductions.answer_offer(
            offer,
            actor=actor_of(world.people[side]),
            accepted=True,
            reason_code=None,
            note="",
            no_conflict=True,
        )
    introduction = db.session.query(Introduction).filter_by(match_id=match.id).one()
    introductions.write_message(
        introduction, actor=actor_of(world.people["city"]), body="Xin chào, **mời** bạn."
    )
    return introduction


def nobody_knows() -> uuid.UUID:
    """An identifier that belongs to nothing."""
    return uuid.UUID("00000000-0000-4000-8000-000000000000")
