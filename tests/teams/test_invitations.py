"""Invitations: one link, one mailbox, one answer; what the mail says; what nobody learns."""

from __future__ import annotations

import hashlib
import html
from datetime import timedelta

import html5lib
import pytest
import time_machine
from sqlalchemy import func, select

from ppp_match.accounts.models import Organisation, User
from ppp_match.app import create_app
from ppp_match.audit import AuditEvent
from ppp_match.config import Settings
from ppp_match.consents import operations as consents
from ppp_match.consents.models import Purpose
from ppp_match.consents.queries import history, needed_in_force
from ppp_match.db import db, now
from ppp_match.extensions import limiter
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications import delivery, letters
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.permissions import SYSTEM
from ppp_match.seeding.privacy import load_privacy, publish_first_versions
from ppp_match.teams import invitations, queries
from ppp_match.teams.models import Invitation
from tests.conftest import new_key, sign_in
from tests.factories import PASSWORD, UserFactory, actor_of, make_member, make_staff
from tests.introductions.test_at_once import at_once
from tests.teams.crews import actions_on, make_crew, role_of, text_of, told
from tests.walk.test_at_once import together

ADDRESS = "newcomer@city.example"


def invite(crew, email=ADDRESS, **more):
    values = {"role": "member", "message": "", "lang": "en", **more}
    return invitations.invite(crew.home, email=email, actor=actor_of(crew.owner), **values)


def mails() -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.kind == "account.invitation")
    return list(db.session.scalars(query.order_by(OutboxMessage.created_at)))


def link(which: int = -1) -> str:
    return str(mails()[which].context["link"])


@pytest.mark.parametrize("who", ["member", "outsider", "moderator"])
def test_only_owners_invite(app, who):
    crew = make_crew()
    person = {"member": crew.member, "outsider": make_member("city"), "moderator": make_staff()}[who]
    invitation = invite(crew)
    actor = actor_of(person)
    with pytest.raises(NotPermitted):
        invitations.invite(crew.home, email="x@y.example", role="member", message="", lang="vi", actor=actor)
    with pytest.raises(NotPermitted):
        invitations.resend(invitation, actor=actor)
    with pytest.raises(NotPermitted):
        invitations.revoke(invitation, actor=actor)


def test_the_token_is_kept_as_a_digest_and_leaves_the_outbox_with_the_mail(app):
    invitation = invite(make_crew())
    token = link().rpartition("/")[2]
    assert len(token) >= 43
    assert invitation.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert timedelta(days=13, hours=23) < invitation.expires_at - now() <= timedelta(days=14)
    db.session.commit()
    assert delivery.deliver_mail() == 1
    assert [mail.context["link"] for mail in mails()] == [""]
    everything = [str(event.fields) + str(event.note and event.note.personal) for event in _events()]
    assert not [text for text in everything if token in text]


def _events():
    return db.session.scalars(select(AuditEvent)).all()


@pytest.mark.parametrize(
    ("lang", "subject", "words"),
    [
        (
            "vi",
            "Bạn được mời tham gia một tổ chức",
            [
                "Owner One mời bạn tham gia",
                "làm thành viên",
                "Xem thư mời",
                "Owner One viết:",
                "dùng được một lần",
            ],
        ),
        (
            "en",
            "You are invited to join an organisation",
            [
                "Owner One invites you",
                "invited as a member",
                "See the invitation",
                "Owner One writes:",
                "works once",
            ],
        ),
    ],
)
def test_what_the_mail_says(app, lang, subject, words):
    crew = make_crew()
    invite(crew, lang=lang, message="Mời <b>anh</b> tham gia.")
    letter = letters.write(mails()[0])
    assert letter.subject == subject
    for word in [*words, crew.home.name(lang), link()]:
        assert word in html.unescape(letter.html)
        assert word in letter.text
    assert "<b>anh</b>" not in letter.html
    assert f'lang="{lang}"' in letter.html


def test_the_mail_is_the_same_with_and_without_an_account(app, client_of):
    crew = make_crew()
    UserFactory(email="known@city.example", name="Known Person")
    db.session.flush()
    owner, path = client_of(crew.owner), f"/organisations/{crew.home.id}/invitations?lang=en"
    answers = []
    for email in ("known@city.example", "strange@city.example"):
        form = {"email": email, "role": "member", "lang": "en", "idempotency_key": new_key()}
        answer = owner.post(path, data=form)
        page = text_of(owner.get(answer.location.partition("#")[0] + "?lang=en"))
        answers.append((answer.status_code, answer.location, page.count(email)))
    assert answers[0] == answers[1]
    one, other = (letters.write(mail) for mail in mails())
    assert "Known Person" not in one.text
    assert one.text.replace(link(0), "") == other.text.replace(link(1), "")
    assert [mail.user_id for mail in mails()] == [None, None]


def test_what_cannot_be_invited_is_said_beside_the_address(client_of):
    crew = make_crew()
    invite(crew)
    owner, path = client_of(crew.owner), f"/organisations/{crew.home.id}/invitations?lang=en"
    for email, words in (
        ("", "Enter the e-mail address of the person."),
        ("nobody", "Enter a whole e-mail address"),
        (crew.member.email.upper(), "This person belongs to the organisation already."),
        (ADDRESS.upper(), "This address has been invited already"),
    ):
        form = {
            "email": email,
            "role": "member",
            "lang": "en",
            "message": "Kept words",
            "idempotency_key": new_key(),
        }
        answer = owner.post(path, data=form)
        assert answer.status_code == 422, email
        assert words in text_of(answer)
        assert "Kept words" in text_of(answer)
    assert len(mails()) == 1


@pytest.mark.both_databases
def test_two_clicks_are_one_invitation(client_of):
    crew = make_crew()
    form = {"email": ADDRESS, "role": "member", "lang": "vi", "message": "", "idempotency_key": new_key()}
    path = f"/organisations/{crew.home.id}/invitations"
    clients = [client_of(crew.owner) for _ in range(3)]
    assert set(together(*((client, path, form) for client in clients))) <= {302, 303}
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 1
    assert len(mails()) == 1


@pytest.mark.both_databases
def test_two_owners_invite_the_same_address_at_once(app):
    crew = make_crew()
    home, owners = crew.home.id, (crew.owner.id, crew.second.id)

    def deed(by):
        def run():
            invitations.invite(
                db.session.get_one(Organisation, home),
                email=ADDRESS,
                role="member",
                message="",
                lang="vi",
                actor=actor_of(db.session.get_one(User, by)),
            )

        return run

    assert at_once(app, *(deed(by) for by in owners)) == ["done", "invited_already"]


def test_sending_again_makes_the_old_link_void(client, client_of):
    crew = make_crew()
    invitation = invite(crew)
    old = link()
    with pytest.raises(Refused, match="sent_just_now"):
        invitations.resend(invitation, actor=actor_of(crew.owner))
    with time_machine.travel(now() + timedelta(minutes=6)):
        invitations.resend(invitation, actor=actor_of(crew.owner))
        db.session.commit()
        assert link() != old
        assert client.get(old).status_code == 404
        assert client.get(link()).status_code == 200


@pytest.mark.parametrize(
    ("ending", "words", "status"),
    [
        ("expired", "This invitation has run out", 410),
        ("revoked", "This invitation was taken back", 410),
        ("declined", "This invitation was declined", 410),
        ("accepted", "This invitation was used already", 410),
    ],
)
def test_a_link_that_is_over_says_so(client, client_of, ending, words, status):
    crew = make_crew()
    invitation = invite(crew)
    person = UserFactory(email=ADDRESS)
    if ending == "expired":
        invitation.expires_at = now() - timedelta(seconds=1)
    elif ending == "revoked":
        invitations.revoke(invitation, actor=actor_of(crew.owner))
    elif ending == "declined":
        invitations.decline(invitation)
    else:
        invitations.accept(invitation, actor=actor_of(person))
    db.session.commit()
    stranger = client_of(person) if ending != "accepted" else client_of(make_member("city"))
    for one in (client, stranger):
        page = one.get(f"{link()}?lang=en")
        assert page.status_code == status
        assert words in text_of(page)
    assert stranger.post(f"{link()}/accept").status_code == 410
    assert client.post(f"{link()}/decline").status_code == 410
    assert client.post(f"{link()}/register", data={"name": "X", "password": PASSWORD}).status_code == 410


def test_opening_changes_nothing_and_a_button_joins(client_of):
    crew = make_crew()
    invite(crew, role="owner")
    person = UserFactory(email=ADDRESS)
    client = client_of(person)
    before = len(_events())
    for _ in range(3):
        page = text_of(client.get(f"{link()}?lang=en"))
    assert "Join " in page
    assert role_of(person, crew.home) is None
    assert len(_events()) == before
    done = client.post(f"{link()}/accept")
    assert done.location == f"/organisations/{crew.home.id}/team"
    assert role_of(person, crew.home) == "owner"
    assert client.get(done.location).status_code == 200
    assert told(crew.owner) == told(crew.second) == ["team.joined"]
    assert told(crew.member) == []
    assert actions_on(crew.home) == ["team.joined"]
    assert client.post(f"{link()}/accept").status_code == 410


def test_another_address_gets_a_clear_page_and_cannot_join(client_of):
    crew = make_crew()
    invite(crew)
    other = UserFactory(email="other@city.example")
    client = client_of(other)
    page = client.get(f"{link()}?lang=en")
    assert "This invitation is for another address" in text_of(page)
    assert "/accept" not in text_of(page)
    assert client.post(f"{link()}/accept").status_code == 403
    assert role_of(other, crew.home) is None


def test_without_an_account_the_link_opens_one_and_leads_back(app, client):
    crew = make_crew()
    invite(crew)
    db.session.commit()
    page = text_of(client.get(f"{link()}?lang=en"))
    assert f'value="{ADDRESS}" readonly' in page
    weak = client.post(f"{link()}/register?lang=en", data={"name": "", "password": "12345678"})
    assert weak.status_code == 422
    assert "Enter your name." in text_of(weak)
    assert "Choose another one" in text_of(weak)
    done = client.post(f"{link()}/register?lang=en", data={"name": "New Comer", "password": PASSWORD})
    assert done.status_code == 303
    assert done.location.startswith("/login?next=")
    person = db.session.scalars(select(User).where(User.email == ADDRESS)).one()
    assert person.confirmed_at is not None
    assert role_of(person, crew.home) is None
    signed = client.post(done.location, data={"email": ADDRESS, "password": PASSWORD})
    assert signed.location == link()
    assert client.post(f"{link()}/accept").status_code == 303
    assert role_of(person, crew.home) == "member"


@pytest.fixture
def terms(app):
    load_privacy()
    publish_first_versions()


def test_an_account_by_invitation_agrees_to_what_is_in_force(app, client, terms):
    crew = make_crew()
    invite(crew)
    db.session.commit()
    page = text_of(client.get(f"{link()}?lang=en"))
    assert "I have read and agree to:" in page
    assert "/terms" in page
    typed = {"name": "New Comer", "password": PASSWORD}
    shown = " ".join(str(one.id) for one in needed_in_force())
    for lacking in ({}, {"agree_to": shown}, {"agree": "y"}, {"agree": "y", "agree_to": "of an older page"}):
        refused = client.post(f"{link()}/register?lang=en", data={**typed, **lacking})
        assert refused.status_code == 422
        box = html5lib.parse(text_of(refused), namespaceHTMLElements=False).find(".//input[@name='agree']")
        assert box.get("aria-describedby") == "agree-e"
        assert box.get("checked") is None
        assert "Without your agreement no account can be opened." in text_of(refused)
        assert 'value="New Comer"' in text_of(refused)
        assert db.session.scalar(select(User).where(User.email == ADDRESS)) is None
    done = client.post(f"{link()}/register", data={**typed, "agree": "y", "agree_to": shown})
    assert done.status_code == 303
    person = db.session.scalars(select(User).where(User.email == ADDRESS)).one()
    said = {(row.version.purpose_code, row.version.number, row.given, row.how) for row in history(person.id)}
    assert said == {("terms", 1, True, "registration"), ("privacy", 1, True, "registration")}
    given = select(AuditEvent.actor_id).where(AuditEvent.action == "consent.given")
    assert set(db.session.scalars(given)) == {person.id}
    assert sign_in(client, person).get(link()).status_code == 200, "nothing is asked a second time"
    # a version that comes into force later is asked about at the next sign-in, before the invitation opens
    draft = consents.draft_version(db.session.get_one(Purpose, "terms"), actor=SYSTEM)
    consents.publish_version(draft, effective_at=now(), version=draft.version, actor=SYSTEM)
    db.session.commit()
    later = sign_in(app.test_client(), person).get(link())
    assert later.location == f"/account/agree?next={link()}"


def test_whoever_has_the_link_does_not_agree_for_an_account_that_exists(app, client, terms):
    crew = make_crew()
    invite(crew)
    known = UserFactory(email=ADDRESS, name="Known Person")
    db.session.commit()
    shown = " ".join(str(one.id) for one in needed_in_force())
    form = {"name": "Somebody", "password": "quite-Another-9", "agree": "y", "agree_to": shown}
    assert client.post(f"{link()}/register", data=form).status_code == 303
    assert history(known.id) == []


def test_registering_tells_nobody_whether_there_is_an_account(app, client):
    crew = make_crew()
    invite(crew)
    known = UserFactory(email=ADDRESS, name="Known Person")
    kept = known.password
    db.session.commit()
    there = client.post(
        f"{link()}/register?lang=en", data={"name": "Somebody", "password": "quite-Another-9"}
    )
    invite(crew, email="second@city.example")
    db.session.commit()
    not_there = client.post(
        f"{link()}/register?lang=en", data={"name": "Somebody", "password": "quite-Another-9"}
    )
    assert there.status_code == not_there.status_code == 303
    assert there.location.partition("?")[0] == not_there.location.partition("?")[0]
    db.session.refresh(known)
    assert (known.name, known.password) == ("Known Person", kept)
    sign_in(client, known)


def test_an_account_that_was_never_confirmed_is_taken_over_from_whoever_opened_it(app, client):
    crew = make_crew()
    invite(crew)
    squatter = UserFactory(email=ADDRESS, name="Squatter", confirmed_at=None)
    db.session.commit()
    client.post(f"{link()}/register", data={"name": "New Comer", "password": "quite-Another-9"})
    db.session.refresh(squatter)
    assert squatter.name == "New Comer"
    assert squatter.confirmed_at is not None
    assert client.post("/login", data={"email": ADDRESS, "password": PASSWORD}).status_code == 422
    sign_in(client, squatter, "quite-Another-9")


def test_declining_needs_no_account(client):
    crew = make_crew()
    invitation = invite(crew)
    assert client.post(f"{link()}/decline").status_code == 303
    db.session.refresh(invitation)
    assert invitation.state == "declined"
    assert told(crew.owner) == ["team.declined"]
    again = invite(crew)
    assert again.id != invitation.id
    notices = db.session.scalars(select(Notification)).all()
    assert not [notice for notice in notices if ADDRESS in str(notice.params)]


@pytest.mark.both_databases
def test_accepting_and_revoking_at_once(app):
    crew = make_crew()
    invitation = invite(crew).id
    person, owner, home = UserFactory(email=ADDRESS).id, crew.owner.id, crew.home.id

    def accept():
        row = db.session.get_one(Invitation, invitation)
        invitations.accept(row, actor=actor_of(db.session.get_one(User, person)))

    def revoke():
        row = db.session.get_one(Invitation, invitation)
        invitations.revoke(row, actor=actor_of(db.session.get_one(User, owner)))

    assert at_once(app, accept, revoke) == ["done", "invitation_closed"]
    state = db.session.get_one(Invitation, invitation).state
    joined = role_of(db.session.get_one(User, person), db.session.get_one(Organisation, home))
    assert (state, joined) in (("accepted", "member"), ("revoked", None))


def test_an_expired_one_is_renewed_and_too_many_are_refused(app, monkeypatch):
    crew = make_crew()
    first = invite(crew)
    first.expires_at = now() - timedelta(days=1)
    db.session.flush()
    assert invite(crew, role="owner").id == first.id
    assert first.is_open
    monkeypatch.setattr(invitations, "MOST_PENDING", 1)
    with pytest.raises(Refused, match="too_many_invitations"):
        invite(crew, email="third@city.example")
    with pytest.raises(Refused, match="message_too_long"):
        invite(crew, email="third@city.example", message="x" * 601)


def test_the_list_and_its_buttons(client_of):
    crew = make_crew()
    invitation = invite(crew)
    owner = client_of(crew.owner)
    path = f"/organisations/{crew.home.id}"
    assert ADDRESS in text_of(owner.get(f"{path}/team"))
    assert ADDRESS not in text_of(client_of(crew.member).get(f"{path}/team"))
    assert owner.post(f"{path}/invitations/{invitation.id}/resend").status_code == 409
    other = make_crew()
    assert (
        client_of(other.owner)
        .post(f"/organisations/{other.home.id}/invitations/{invitation.id}/revoke")
        .status_code
        == 404
    )
    assert owner.post(f"{path}/invitations/{invitation.id}/revoke").status_code == 303
    assert queries.shown_invitations(crew.home.id) == []


def test_links_and_invitations_are_limited(app, tmp_path):
    """As for sign-in: an application of its own that has limits, since those of the tests have none."""
    crew = make_crew()
    email, home = crew.owner.email, crew.home.id
    db.session.commit()
    db.session.remove()  # nothing of the test holds the database while the other application writes
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    app = create_app(Settings(mode="development", instance=tmp_path, database_url=url))
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        visitor = app.test_client()
        assert [visitor.get("/invitations/guessed").status_code for _ in range(32)] == [404] * 30 + [429] * 2
        owner = app.test_client()
        owner.post("/login", data={"email": email, "password": PASSWORD})
        path = f"/organisations/{home}/invitations"
        codes = [owner.post(path, data={"idempotency_key": new_key()}).status_code for _ in range(12)]
        assert codes == [422] * 10 + [429] * 2
    finally:
        limiter.reset()
        with app.app_context():
            db.engine.dispose()
