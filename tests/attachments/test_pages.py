"""Who opens which file, how it is sent, what its owners do with it, and what a moderator decides."""

from __future__ import annotations

import html
from urllib.parse import quote

import pytest
from sqlalchemy import select

from ppp_match.attachments import operations as attachments
from ppp_match.attachments import previews
from ppp_match.attachments.models import Attachment
from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.introductions import files as talk_files
from ppp_match.introductions import operations as talks
from ppp_match.introductions.models import Message
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings import files, operations
from tests.attachments import samples
from tests.attachments.sending import file_form, send
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.introductions.pairs import introduce, make_pair
from tests.verification import asking

MOST = 10 * 1024 * 1024


def _checked(name: str = "Sơ đồ.pdf", data: bytes | None = None) -> attachments.Checked:
    return attachments.check(name, data or samples.pdf(), description="Bốn trạm bơm", lang="vi")


@pytest.fixture
def people():
    """Who may come to a city's file."""
    city = make_member("city")
    home = city.memberships[0].organisation
    return {
        "visitor": None,
        "owner": city,
        "colleague": make_member("city", organisation=home, role="member"),
        "another city": make_member("city"),
        "vendor": make_member("vendor"),
        "moderator": make_staff(),
        "administrator": make_staff("administrator"),
    }


def _who_opens(client, client_of, people, attachment) -> set[str]:
    found = set()
    for name, person in people.items():
        browser = client_of(person) if person else client
        statuses = {browser.get(f"/files/{attachment.id}{end}").status_code for end in ("", "/preview")}
        assert len(statuses) == 1, (name, statuses)
        assert statuses <= {200, 404}, (name, statuses)
        if statuses == {200}:
            found.add(name)
    return found


EVERYBODY = {"visitor", "owner", "colleague", "another city", "vendor", "moderator", "administrator"}
HOME, STAFF = {"owner", "colleague"}, {"moderator", "administrator"}


@pytest.mark.parametrize(
    ("state", "shown", "who"),
    [
        ("draft", False, HOME),
        ("submitted", False, HOME | STAFF),
        ("in_review", False, HOME | STAFF),
        ("returned", False, HOME | STAFF),
        ("published", True, EVERYBODY),
        ("published", False, HOME),  # an amendment that was not sent yet
        ("closed", True, EVERYBODY),
        ("withdrawn", True, HOME | STAFF),
    ],
)
def test_a_file_is_seen_as_its_listing_is(app, client, client_of, people, state, shown, who):
    owner = people["owner"]
    home, closed = owner.memberships[0].organisation, state == "closed"
    need = make_listing("need", state="published" if closed else state, organisation=home)
    attachment = attachments.add(
        "listing", need, _checked(), organisation_id=need.organisation_id, actor=actor_of(owner)
    )
    if shown:
        attachments.show_waiting("listing", need.id, anonymous=False, actor=actor_of(people["moderator"]))
    if closed:
        operations.close_listing(need, close_reason="agreed", reason="Đã chọn.", actor=actor_of(owner))
    previews.make_previews()
    db.session.commit()
    assert _who_opens(client, client_of, people, attachment) == who
    attachment.state = "removed"
    assert _who_opens(client, client_of, people, attachment) == set()


def test_a_file_of_the_time_before_a_need_withheld_its_city_is_withheld_too(client, client_of, people):
    owner = people["owner"]
    need = make_listing(
        "need", state="published", organisation=owner.memberships[0].organisation, anonymous=True
    )
    attachment = attachments.add(
        "listing", need, _checked(), organisation_id=need.organisation_id, actor=actor_of(owner)
    )
    attachments.show_waiting("listing", need.id, anonymous=False, actor=actor_of(people["moderator"]))
    previews.make_previews()
    db.session.commit()
    assert _who_opens(client, client_of, people, attachment) == HOME | STAFF
    page = client.get(f"/needs/{need.id}").get_data(as_text=True)
    assert str(attachment.id) not in page
    attachment.anonymous = True
    assert _who_opens(client, client_of, people, attachment) == EVERYBODY
    page = client.get(f"/needs/{need.id}").get_data(as_text=True)
    assert str(attachment.id) in page
    assert owner.name not in page


def test_a_file_of_a_conversation_is_the_two_sides_alone(client, client_of, people):
    pair = make_pair()
    introduction = introduce(pair)
    message = db.session.scalar(select(Message)) or talks.write_message(
        introduction, actor=actor_of(pair.city), body="Xin chào."
    )
    attachment = talk_files.attach(message, _checked(), actor=actor_of(pair.city))
    previews.make_previews()
    db.session.commit()
    people |= {"city side": pair.city, "vendor side": pair.vendor}
    assert _who_opens(client, client_of, people, attachment) == {"city side", "vendor side"}
    assert "Sơ đồ.pdf" in client_of(pair.vendor).get(f"/introductions/{introduction.id}").get_data(
        as_text=True
    )


def test_a_file_for_the_verification_is_the_organisation_and_the_forum(client, client_of, people):
    home = people["owner"].memberships[0].organisation
    home.verification, home.verified_at = "pending", None
    attachment = attachments.add(
        "organisation", home, _checked(), organisation_id=home.id, actor=actor_of(people["owner"])
    )
    previews.make_previews()
    db.session.commit()
    assert _who_opens(client, client_of, people, attachment) == HOME | STAFF
    reads = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "attachment.read")).all()
    staff = {people["moderator"].id, people["administrator"].id}
    assert {event.actor_id for event in reads} == staff
    assert {event.subject_id for event in reads} == {attachment.id}


def test_how_a_file_is_sent(client, people):
    owner = people["owner"]
    need = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    name = 'Bản đồ "ngập" 2026.pdf'
    attachment = attachments.add(
        "listing", need, _checked(name), organisation_id=need.organisation_id, actor=actor_of(owner)
    )
    attachments.show_waiting("listing", need.id, anonymous=False, actor=actor_of(people["moderator"]))
    previews.make_previews()
    db.session.commit()
    sent = client.get(f"/files/{attachment.id}")
    assert sent.data == samples.pdf()
    assert sent.headers["Content-Type"] == "application/pdf"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    disposition = sent.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert f"filename*=UTF-8''{quote('Bản đồ _ngập_ 2026.pdf')}" in disposition
    assert disposition.isascii()
    picture = client.get(f"/files/{attachment.id}/preview")
    assert picture.headers["Content-Type"] == "image/webp"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/files/{attachment.id}", headers={"If-None-Match": sent.headers["ETag"]})
    assert again.status_code == 304
    page = html.unescape(client.get(f"/needs/{need.id}?lang=vi").get_data(as_text=True))
    assert "Bản đồ _ngập_ 2026.pdf" in page
    assert "Bốn trạm bơm" in page
    assert f'src="/files/{attachment.id}/preview"' in page
    assert 'alt="Trang đầu của' in page


def test_adding_and_removing_while_it_is_a_draft(client_of):
    owner = make_member("city")
    need = make_listing("need", organisation=owner.memberships[0].organisation)
    client, page = client_of(owner), f"/needs/{need.id}/files?lang=en"
    form = file_form(name="../Sơ đồ\u202e.pdf")
    assert send(client, page, form).status_code == 303
    again = file_form(name="x.pdf", idempotency_key=form["idempotency_key"])
    assert send(client, page, again).status_code == 302  # the second click
    attachment = db.session.scalars(select(Attachment)).one()
    assert (attachment.name, attachment.description, attachment.state) == (
        "Sơ đồ.pdf",
        "What it shows",
        "waiting",
    )
    listed = client.get(page).get_data(as_text=True)
    for part in (
        "Sơ đồ.pdf",
        "What it shows",
        "PDF, 1 kB",
        owner.name,
        "Not scanned for viruses",
        "Waits for review",
    ):
        assert part in listed, part
    gone = client.post(f"/needs/{need.id}/files/{attachment.id}/remove")
    assert gone.status_code == 303
    assert client.get(f"/files/{attachment.id}").status_code == 404
    actions = [event.action for event in db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq))]
    assert [one for one in actions if one.startswith("attachment.")] == [
        "attachment.added",
        "attachment.removed",
    ]


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"name": "a.exe"}, 422, "Files of this kind are not taken."),
        ({"data": b"no pdf"}, 422, "is not what its name says"),
        ({"data": b"", "name": ""}, 422, "Choose a file."),
        ({"file_description": "  "}, 422, "Say in a sentence"),
        ({"data": b"x" * (MOST + 1), "name": "a.txt"}, 413, "The file is too large."),
    ],
)
def test_what_is_refused_is_said_beside_its_field_with_all_that_was_typed(client_of, form, status, said):
    owner = make_member("city")
    need = make_listing("need", organisation=owner.memberships[0].organisation)
    typed = {"file_description": "Bốn trạm bơm"} | form
    response = send(client_of(owner), f"/needs/{need.id}/files?lang=en", file_form(**typed))
    text = html.unescape(response.get_data(as_text=True))
    assert response.status_code == status
    assert said in text
    assert "<title>Error:" in text
    assert f'value="{" ".join(typed["file_description"].split())}"' in text
    assert db.session.scalar(select(Attachment.id)) is None


def test_far_too_much_is_413_with_a_page_of_ours_and_other_forms_take_no_more_than_before(client_of):
    owner = make_member("city")
    need = make_listing("need", organisation=owner.memberships[0].organisation)
    client = client_of(owner)
    huge = send(client, f"/needs/{need.id}/files?lang=en", file_form(data=b"x" * (3 * MOST + 3 * 2**20)))
    assert huge.status_code == 413
    assert "This is too large to send" in huge.get_data(as_text=True)
    assert client.post(f"/needs/{need.id}/edit", data={"title": "x" * 3 * 2**20}).status_code == 413


def test_ten_files_and_no_more(app, client_of):
    owner = make_member("city")
    need = make_listing("need", organisation=owner.memberships[0].organisation)
    for number in range(10):
        files.attach(need, _checked(f"{number}.pdf"), actor=actor_of(owner))
    with pytest.raises(Refused, match="too_many_files"):
        files.attach(need, _checked(), actor=actor_of(owner))
    db.session.commit()
    page = f"/needs/{need.id}/files?lang=en"
    assert "There are 10 files already" in client_of(owner).get(page).get_data(as_text=True)
    refused = send(client_of(owner), page, file_form())
    assert refused.status_code == 409
    files.detach(need, db.session.scalars(select(Attachment)).first(), actor=actor_of(owner))
    files.attach(need, _checked(), actor=actor_of(owner))


def test_a_file_for_a_published_text_waits_for_its_amendment(client, client_of):
    owner, moderator = make_member("city"), make_staff()
    need = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    assert send(client_of(owner), f"/needs/{need.id}/files", file_form()).status_code == 303
    attachment = db.session.scalars(select(Attachment)).one()
    assert need.amendment.state == "draft"
    address = f"/files/{attachment.id}"
    assert (client.get(address).status_code, client_of(moderator).get(address).status_code) == (404, 404)
    operations.submit_listing(need, actor=actor_of(owner), contact_confirmed=True)
    with pytest.raises(Refused, match="under_review"):
        files.attach(need, _checked(), actor=actor_of(owner))
    with pytest.raises(Refused, match="under_review"):
        files.detach(need, attachment, actor=actor_of(owner))
    operations.take_in_hand(need, actor=actor_of(moderator))
    review = client_of(moderator).get(f"/review/listings/{need.id}?lang=en").get_data(as_text=True)
    assert address in review
    assert "Not scanned for viruses" in review
    assert client_of(moderator).get(address).status_code == 200
    assert client.get(address).status_code == 404
    operations.publish_listing(need, actor=actor_of(moderator))
    assert client.get(address).status_code == 200
    with pytest.raises(Refused, match="file_fixed"):
        files.detach(need, attachment, actor=actor_of(owner))


@pytest.mark.parametrize("end", ["given up", "rejected"])
def test_a_file_goes_with_the_amendment_that_it_came_with(app, end):
    owner, moderator = make_member("city"), make_staff()
    need = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    attachment = files.attach(need, _checked(), actor=actor_of(owner))
    if end == "given up":
        operations.discard_amendment(need, actor=actor_of(owner))
        assert attachment.state == "removed"
    else:
        operations.submit_listing(need, actor=actor_of(owner), contact_confirmed=True)
        operations.take_in_hand(need, actor=actor_of(moderator))
        operations.reject_listing(need, reason="Số nhà riêng trong tệp.", actor=actor_of(moderator))
        assert (attachment.state, attachment.reason) == ("refused", "Số nhà riêng trong tệp.")
    assert need.state == "published"


def test_a_moderator_refuses_one_file_and_its_owners_read_why(client, client_of):
    owner, moderator = make_member("city"), make_staff()
    need = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    attachment = attachments.add(
        "listing", need, _checked(), organisation_id=need.organisation_id, actor=actor_of(owner)
    )
    attachments.show_waiting("listing", need.id, anonymous=False, actor=actor_of(moderator))
    db.session.commit()
    page, refuse = f"/needs/{need.id}?lang=en", f"/review/files/{attachment.id}/refuse"
    assert client_of(owner).post(refuse, data={"reason": "x"}).status_code == 403
    assert client_of(moderator).post(refuse, data={"reason": " "}).status_code == 303
    assert attachment.state == "shown"
    assert client_of(moderator).post(refuse, data={"reason": "Có số điện thoại riêng."}).status_code == 303
    assert client.get(f"/files/{attachment.id}").status_code == 404
    assert "Sơ đồ.pdf" not in client.get(page).get_data(as_text=True)
    assert "Có số điện thoại riêng." in client_of(owner).get(page).get_data(as_text=True)


def test_nobody_adds_to_what_is_anothers(app, client_of):
    owner, stranger = make_member("city"), make_member("city")
    need = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    with pytest.raises(NotPermitted):
        files.attach(need, _checked(), actor=actor_of(stranger))
    with pytest.raises(NotPermitted):
        attachments.add(
            "listing", need, _checked(), organisation_id=need.organisation_id, actor=actor_of(stranger)
        )
    attachment = files.attach(need, _checked(), actor=actor_of(owner))
    db.session.commit()
    theirs = make_listing("need", organisation=stranger.memberships[0].organisation)
    db.session.commit()
    client = client_of(stranger)
    assert client.post(f"/needs/{theirs.id}/files/{attachment.id}/remove").status_code == 404
    assert send(client, f"/needs/{need.id}/files", file_form()).status_code == 403


def test_a_message_brings_a_file_and_loses_nothing_when_it_is_refused(client_of):
    pair = make_pair()
    introduction = introduce(pair)
    db.session.commit()
    client, page = client_of(pair.city), f"/introductions/{introduction.id}?lang=en"
    form = {"body": "Xin gửi sơ đồ.", "lang": "vi", "idempotency_key": new_key()}
    refused = send(client, page, file_form(data=b"no pdf", **form))
    assert refused.status_code == 422
    assert "Xin gửi sơ đồ." in refused.get_data(as_text=True)
    assert db.session.scalar(select(Message.id).where(Message.body == "Xin gửi sơ đồ.")) is None
    sent = send(client, page, file_form(**form | {"idempotency_key": new_key()}))
    assert sent.status_code == 303
    attachment = db.session.scalars(select(Attachment)).one()
    message = db.session.get(Message, attachment.subject_id)
    assert (message.body, attachment.state, attachment.lang) == ("Xin gửi sơ đồ.", "shown", "vi")
    plain = {"body": "Không có tệp.", "lang": "vi", "idempotency_key": new_key()}
    assert client.post(page, data=plain).status_code == 303
    assert db.session.query(Attachment).count() == 1


def test_files_for_the_verification(client_of):
    owner = asking.owner_of_unverified()
    organisation = owner.memberships[0].organisation
    member = make_member("vendor", organisation=organisation, role="member")
    page = f"/organisations/{organisation.id}"
    assert send(client_of(member), f"{page}/files", file_form()).status_code == 403
    refused = send(client_of(owner), f"{page}/files?lang=en", file_form(data=b"no pdf"))
    assert refused.status_code == 422
    assert "is not what its name says" in refused.get_data(as_text=True)
    assert send(client_of(owner), f"{page}/files", file_form()).status_code == 303
    attachment = db.session.scalars(select(Attachment)).one()
    assert "Sơ đồ.pdf" in client_of(owner).get(page).get_data(as_text=True)
    request = asking.sent(owner)
    assert client_of(owner).post(f"{page}/files/{attachment.id}/remove").status_code == 409
    check = client_of(make_staff()).get(f"/review/organisations/{request.id}").get_data(as_text=True)
    assert f"/files/{attachment.id}" in check


@pytest.mark.both_databases
def test_a_file_whose_bytes_are_gone_is_told_as_gone(app, client):
    owner, moderator = make_member("city"), make_staff()
    need = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    checked = _checked("a.txt", b"soon gone")
    attachment = attachments.add(
        "listing", need, checked, organisation_id=need.organisation_id, actor=actor_of(owner)
    )
    attachments.show_waiting("listing", need.id, anonymous=False, actor=actor_of(moderator))
    from ppp_match.attachments import limits

    limits.store().path(attachment.digest).unlink()
    assert client.get(f"/files/{attachment.id}").status_code == 410
