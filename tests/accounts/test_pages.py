"""Pages of accounts and organisations, as people of every role meet them."""

from __future__ import annotations

import re
import uuid

import flask_babel
import pytest
from sqlalchemy import select

from ppp_match.accounts.models import City, Organisation, User
from ppp_match.db import db
from tests.conftest import new_key
from tests.factories import OrganisationFactory, UserFactory, make_member, make_staff

TYPED = {
    "kind": "vendor",
    "subtype": "technology",
    "name_vi": "Công ty Sông Xanh (minh họa)",
    "country": "VN",
    "size_band": "small",
    "website": "green.example",
    "about_vi": "Đo mực nước.",
    "contact_unit": "Phòng Đối tác",
    "contact_email": "desk@green.example",
    "registration_number": "DEMO-1",
}


def text_of(response) -> str:
    return response.get_data(as_text=True)


def unverified(kind: str = "vendor", **values) -> Organisation:
    return OrganisationFactory(kind=kind, verification="unverified", **values)


def test_a_new_person_registers_an_organisation(client_of):
    client = client_of(UserFactory())
    assert client.get("/organisations/new").status_code == 200
    typed = {**TYPED, "idempotency_key": new_key()}
    first = client.post("/organisations/new", data=typed)
    assert first.status_code == 303
    assert client.post("/organisations/new", data=typed).headers["Location"] == first.headers["Location"]
    made = db.session.scalar(select(Organisation))
    assert (made.website, made.kind, made.contact_email) == (
        "https://green.example",
        "vendor",
        "desk@green.example",
    )
    shown = text_of(client.get(first.headers["Location"]))
    assert TYPED["name_vi"] in shown
    assert f"/organisations/{made.id}/verification" in shown


def test_invisible_is_404_and_contact_is_private(client, client_of):
    public = OrganisationFactory(kind="vendor")
    hidden = unverified()
    stranger = client_of(make_member("city"))
    for one in (client, stranger):
        assert one.get(f"/organisations/{hidden.id}").status_code == 404
        shown = one.get(f"/organisations/{public.id}")
        assert shown.status_code == 200
        assert public.contact_email not in text_of(shown)
        assert one.get(f"/organisations/{uuid.uuid4()}").status_code == 404
    assert stranger.get(f"/organisations/{hidden.id}/edit").status_code == 404
    assert stranger.get(f"/organisations/{public.id}/edit").status_code == 403
    assert stranger.post(f"/organisations/{public.id}/edit", data=TYPED).status_code == 403
    assert stranger.post(f"/organisations/{hidden.id}/request-verification").status_code == 404
    staff = client_of(make_staff())
    assert staff.get(f"/organisations/{hidden.id}").status_code == 200
    assert public.contact_email in text_of(staff.get(f"/organisations/{public.id}"))


def test_two_editors_lose_nothing(client_of):
    home = unverified()
    owner, other = make_member(organisation=home), make_member(organisation=home)
    client = client_of(owner)
    version = re.search(
        r'name="version" value="(\d+)"', text_of(client.get(f"/organisations/{home.id}/edit"))
    ).group(1)
    theirs = {**TYPED, "about_vi": "Của đồng nghiệp.", "version": version}
    assert client_of(other).post(f"/organisations/{home.id}/edit", data=theirs).status_code == 303
    mine = {**TYPED, "about_vi": "Của tôi.", "version": version}
    answer = client.post(f"/organisations/{home.id}/edit", data=mine)
    assert answer.status_code == 409
    shown = text_of(answer)
    assert "Của tôi." in shown
    assert "Của đồng nghiệp." in shown
    db.session.refresh(home)
    assert home.about_vi == "Của đồng nghiệp."
    again = re.search(r'name="version" value="(\d+)"', shown).group(1)
    assert client.post(f"/organisations/{home.id}/edit", data={**mine, "version": again}).status_code == 303
    db.session.refresh(home)
    assert home.about_vi == "Của tôi."
    for bad in ("", "x", "99999999999999999999", "-1"):
        assert client.post(f"/organisations/{home.id}/edit", data={**mine, "version": bad}).status_code == 409


def test_a_verified_organisation_keeps_its_name(client_of):
    owner = make_member("vendor")
    home = owner.memberships[0].organisation
    client = client_of(owner)
    shown = text_of(client.get(f"/organisations/{home.id}/edit"))
    assert 'name="name_en"' not in shown
    sneaky = {**TYPED, "name_en": "Ministry of Everything", "version": home.version}
    assert client.post(f"/organisations/{home.id}/edit", data=sneaky).status_code == 303
    db.session.refresh(home)
    assert home.name_en != "Ministry of Everything"
    assert home.verification == "verified"
    assert home.about_vi == TYPED["about_vi"]


def test_forms_bind_only_what_one_may_change(client_of):
    user = UserFactory()
    client = client_of(user)
    sneaky = {"verification": "verified", "verified_by": str(user.id), "kind": "city", "subtype": "city"}
    client.post("/organisations/new", data={**TYPED, **sneaky, "idempotency_key": new_key()})
    assert db.session.scalar(select(Organisation)).verification == "unverified"
    profile = {"name": "New Name", "locale": "vi", "timezone": "Asia/Tokyo", "staff_role": "administrator"}
    assert client.post("/account", data={**profile, "email": "other@city.example"}).status_code == 303
    db.session.refresh(user)
    assert (user.name, user.locale, user.timezone, user.staff_role) == ("New Name", "vi", "Asia/Tokyo", None)
    assert user.email.endswith("@demo.example")


WRONG = [
    ("/login", {}),
    ("/login", {"email": "x", "password": "y"}),
    ("/register", {}),
    ("/register", {"email": "x", "name": "n" * 200, "password": "short"}),
    ("/register", {"email": "a@city.example", "name": "A B", "password": "password"}),
    ("/reset", {}),
    ("/confirm", {}),
    ("/change", {}),
    ("/change", {"password": "not the one", "new_password": "a long one here"}),
    ("/account", {}),
    ("/account", {"name": "n" * 200, "locale": "xx", "timezone": "Mars", "job_title": "j" * 200}),
    ("/organisations/new", {}),
    (
        "/organisations/new",
        {
            "kind": "x",
            "subtype": "y",
            "country": "??",
            "city": "z",
            "size_band": "w",
            "website": "::",
            "contact_email": "@",
        }
        | {"name_vi": "x" * 300, "about_en": "y" * 4000},
    ),
    ("/organisations/new", {"kind": "vendor", "subtype": "city", "country": "VN", "name_en": "N"}),
]


@pytest.mark.parametrize(("address", "typed"), WRONG)
def test_every_error_is_in_our_own_words(app, client, client_of, monkeypatch, address, typed):
    """Our words pass through our catalogue, which marks them here; a library's own words would come unmarked."""

    class Marking(flask_babel.support.NullTranslations):
        def gettext(self, message):
            return f"⟦{message}⟧"

        ugettext = gettext

    signed_in = (
        client_of(UserFactory()) if address in ("/change", "/account", "/organisations/new") else client
    )
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda _self: Marking())
    response = signed_in.post(address, data={**typed, "idempotency_key": new_key()})
    assert response.status_code in (200, 422)
    shown = text_of(response)
    errors = re.findall(r'<div class="pm-err"[^>]*>.*?<span>(.*?)</span></div>', shown, re.S)
    errors += re.findall(
        r"<li>(?:<a [^>]*>)?(.*?)(?:</a>)?</li>",
        "".join(re.findall(r'class="pm-errors".*?</div>', shown, re.S)),
        re.S,
    )
    errors += re.findall(r'class="pm-errors py-3"[^>]*><p class="mb-0"><b>(.*?)</b>', shown, re.S)
    if address not in ("/reset", "/confirm"):
        assert errors, shown
    for error in errors:
        assert re.fullmatch(r"(⟦[^⟦⟧]+⟧\s*)+", error.strip()), error


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_stand_in_both_languages(client, client_of, lang):
    city = db.session.scalar(select(City).where(City.slug == "can-tho"))
    owner = make_member("vendor", organisation=unverified(city_id=city.id, about_en="Measures *water*."))
    home = owner.memberships[0].organisation
    mine = client_of(owner)
    for one, address in (
        (client, "/login"),
        (client, "/register"),
        (client, "/reset"),
        (client, "/confirm"),
        (mine, "/change"),
        (mine, "/account"),
        (mine, "/account/sessions"),
        (mine, "/organisations/new"),
        (mine, f"/organisations/{home.id}"),
        (mine, f"/organisations/{home.id}/edit"),
        (client_of(make_staff()), "/review/organisations"),
    ):
        answer = one.get(f"{address}?lang={lang}")
        assert answer.status_code == 200, address
        shown = text_of(answer)
        assert f'<html lang="{lang}"' in shown
        assert len(re.findall(r"<h1[ >]", shown)) == 1, address
        assert " style=" not in shown
        assert len(set(re.findall(r' id="([^"]+)"', shown))) == len(re.findall(r' id="([^"]+)"', shown)), (
            address
        )


def test_email_fields_say_so_to_browsers(client):
    for address in ("/login", "/register", "/reset", "/confirm"):
        assert (
            'autocomplete="email"'
            in re.search(r'<input[^>]*type="email"[^>]*>', text_of(client.get(address))).group()
        )


def test_saving_the_account_changes_the_language_of_pages(client_of):
    user = UserFactory(locale="en")
    client = client_of(user)
    answer = client.post("/account", data={"name": "Ana", "locale": "vi", "timezone": "UTC"})
    assert answer.headers["Location"] == "/account?lang=vi"
    client.get(answer.headers["Location"])
    assert '<html lang="vi"' in text_of(client.get("/account"))
    assert db.session.get(User, user.id).locale == "vi"
