"""Two people edit one listing: nothing is lost, each field can be chosen, a third save in between leads back."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import html5lib
import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from ppp_match.db import db, now
from ppp_match.listings import conflicts, operations, saves
from ppp_match.listings.content import content_of
from ppp_match.listings.forms import FORMS, initial
from ppp_match.listings.models import Listing
from ppp_match.listings.models_addenda import ListingSave
from tests.factories import actor_of, make_listing, make_member
from tests.listings.test_pages import NEED_FORM, token
from tests.walk.test_at_once import together

HTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
def owner(app):
    return make_member("city", locale="en", name="An Owner")


@pytest.fixture
def colleague(owner):
    return make_member("city", organisation=home(owner), locale="en", name="Lê Thị Hoa")


def home(person):
    return person.memberships[0].organisation


def answered(page: str, **choices: str) -> MultiDict:
    """The form of the page as a browser posts it, with other choices or texts where they are given."""
    tree = html5lib.parse(page)
    form = next(f for f in tree.iter(f"{HTML}form") if "/edit?step=" in (f.get("action") or ""))
    data: MultiDict = MultiDict()
    for field in form.iter():
        name, tag = field.get("name"), field.tag.removeprefix(HTML)
        if not name or (field.get("type") == "radio" and field.get("checked") is None):
            continue
        if tag == "textarea":
            data.add(name, (field.text or "").removeprefix("\n"))
        elif tag in ("input", "button"):
            data.add(name, field.get("value") or "")
    for name, value in choices.items():
        data.setlist(name, [value])
    return data


def opened(client_of, owner, colleague, **hers):
    """A need that I opened and my colleague then saved: my client, the address, my version."""
    need = make_listing("need", organisation=home(owner))
    address = f"/needs/{need.id}/edit?step=all"
    mine, other = client_of(owner), client_of(colleague)
    seen = token(mine, address)
    base = _form(mine, address)
    sent = other.post(address, data={**base, **hers, "version": token(other, address)})
    assert sent.status_code == 303
    return need, mine, address, {**base, "version": seen}


def _form(client, address):
    """What the form holds, as it would be posted unchanged."""
    tree = html5lib.parse(client.get(address).get_data(as_text=True))
    form = next(f for f in tree.iter(f"{HTML}form") if "/edit?step=" in (f.get("action") or ""))
    data: dict = {}
    for field in form.iter():
        name, tag, kind = field.get("name"), field.tag.removeprefix(HTML), field.get("type")
        if not name or (kind in ("radio", "checkbox") and field.get("checked") is None) or tag == "button":
            continue
        if tag == "select":
            value = next(
                (o.get("value") for o in field.iter(f"{HTML}option") if o.get("selected") is not None), ""
            )
        else:
            value = (field.text or "").removeprefix("\n") if tag == "textarea" else field.get("value") or ""
        data.setdefault(name, []).append(value)
    return data


def saved(need):
    db.session.expire_all()
    return db.session.get(Listing, need.id).edited


def test_what_only_they_changed_is_theirs_and_what_only_i_changed_is_mine(client_of, owner, colleague):
    need, mine, address, form = opened(client_of, owner, colleague, conflicts="Có quan hệ thử nghiệm.")
    late = mine.post(address, data={**form, "title": "Giảm ngập 33 tuyến phố ven sông"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "Lê Thị Hoa" in page
    assert re.search(r'value="theirs" id="choose-conflicts-theirs" checked', page)
    assert "Only you changed" in page
    assert "choose-title" not in page
    assert mine.post(address, data=answered(page)).status_code == 303
    said = saved(need)
    assert said.text("conflicts") == "Có quan hệ thử nghiệm."
    assert said.text("title") == "Giảm ngập 33 tuyến phố ven sông"


def test_both_changed_other_words_of_one_text_and_get_both(client_of, owner, colleague):
    need, mine, address, form = opened(client_of, owner, colleague, title="Giảm ngập 40 tuyến phố ven sông")
    page = mine.post(address, data={**form, "title": "Giảm ngập 20 tuyến phố ven kênh"}).get_data(
        as_text=True
    )
    assert re.search(r'id="choose-title-edit" checked', page)
    assert mine.post(address, data=answered(page)).status_code == 303
    assert saved(need).text("title") == "Giảm ngập 40 tuyến phố ven kênh"


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [("theirs", "Tên của chị Hoa ở đây"), ("mine", "Tên của tôi ở đây"), ("edit", "Tên của cả hai <người>")],
)
def test_the_choice_stands(client_of, owner, colleague, choice, wanted):
    need, mine, address, form = opened(client_of, owner, colleague, title="Tên của chị Hoa ở đây")
    page = mine.post(address, data={**form, "title": "Tên của tôi ở đây"}).get_data(as_text=True)
    assert re.search(r'id="choose-title-mine" checked', page)
    assert need.shown.text("title") in html.unescape(page) or "ven sông" in page
    data = answered(page, **{"choose-title": choice, "edit-title": "Tên của cả hai <người>"})
    assert mine.post(address, data=data).status_code == 303
    assert saved(need).text("title") == wanted


def test_choices_numbers_days_and_boxes(client_of, owner, colleague):
    hers = {
        "sector": ["water.flood", "transport.traffic"],
        "amount": "15–120 tỷ",
        "anonymous": "y",
        "stage": "appraise",
    }
    need, mine, address, form = opened(client_of, owner, colleague, **hers)
    later = (now() + timedelta(days=300)).date().isoformat()
    own = {"amount": "15–200 tỷ", "stage": "build", "end_on": later, "beneficiaries": "5"}
    page = mine.post(address, data={**form, **own}).get_data(as_text=True)
    assert "choose-beneficiaries" not in page
    data = answered(page, **{"choose-stage": "mine", "choose-amount": "theirs"})
    assert data["choose-sector"] == "theirs", (form.get("sector"), data.getlist("mine-sector"))
    assert mine.post(address, data=data).status_code == 303
    said = saved(need)
    assert set(said.codes("sector")) == set(hers["sector"])
    amounts = (int(said.amount_min), int(said.amount_max), said.currency)
    assert (amounts, said.stage, said.anonymous) == ((15 * 10**9, 120 * 10**9, "VND"), "build", True)
    assert (said.beneficiaries, said.end_on.isoformat()) == (5, later)


def test_a_third_save_in_between_leads_back_and_loses_nothing(client_of, owner, colleague):
    need, mine, address, form = opened(client_of, owner, colleague, title="Tên thứ hai của nhu cầu")
    typed = {**form, "title": "Tên của tôi cho nhu cầu", "conflicts": "Tôi khai: không có."}
    page = mine.post(address, data=typed).get_data(as_text=True)
    third = client_of(make_member("city", organisation=home(owner), name="Trần Ba"))
    again = {**_form(third, address), "title": "Tên thứ ba của nhu cầu", "version": token(third, address)}
    assert third.post(address, data=again).status_code == 303
    second = mine.post(address, data=answered(page, **{"choose-title": "mine"}))
    page = second.get_data(as_text=True)
    assert second.status_code == 409
    for words in ("Tên thứ ba của nhu cầu", "Tên của tôi cho nhu cầu", "Tên thứ hai của nhu cầu", "Trần Ba"):
        assert words in html.unescape(page), words
    assert mine.post(address, data=answered(page, **{"choose-title": "mine"})).status_code == 303
    said = saved(need)
    assert (said.text("title"), said.text("conflicts")) == ("Tên của tôi cho nhu cầu", "Tôi khai: không có.")


def test_what_cannot_be_read_is_kept_as_it_was_typed(client_of, owner, colleague):
    _need, mine, address, form = opened(client_of, owner, colleague, beneficiaries="7")
    page = mine.post(address, data={**form, "beneficiaries": "rất <nhiều>"}).get_data(as_text=True)
    assert "rất &lt;nhiều&gt;" in page
    answer = mine.post(address, data=answered(page, **{"choose-beneficiaries": "mine"}))
    assert answer.status_code == 422
    assert 'value="rất &lt;nhiều&gt;"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "１.2"])
def test_an_unknown_version_never_overwrites_in_silence(client_of, owner, colleague, version):
    need, mine, address, form = opened(client_of, owner, colleague, title="Tên của chị Hoa ở đây")
    late = mine.post(address, data={**form, "title": "Tên của tôi ở đây", "version": version})
    assert late.status_code == 409
    assert "choose-title" in late.get_data(as_text=True)
    assert saved(need).text("title") == "Tên của chị Hoa ở đây"


def test_references_are_chosen_as_a_whole(client_of):
    vendor = make_member("vendor", locale="en")
    offer = make_listing("capability", organisation=home(vendor))
    address, mine = f"/capabilities/{offer.id}/edit?step=all", client_of(vendor)
    seen, form = token(mine, address), _form(mine, address)
    operations.save_listing(
        offer, {"references": [{"client": "Hers", "year": 2024}]}, lang="en", actor=actor_of(vendor)
    )
    typed = {**form, "references-0-client": "Mine", "references-0-year": "2020", "version": seen}
    page = mine.post(address, data=typed).get_data(as_text=True)
    data = answered(page, **{"choose-references": "theirs"})
    assert mine.post(address, data=data).status_code == 303
    db.session.expire_all()
    assert [row.client for row in db.session.get(Listing, offer.id).references] == ["Hers"]


def test_a_form_of_a_few_fields_is_compared_in_those_alone(app, owner):
    need = make_listing("need", organisation=home(owner))
    before = need.version
    changed = {"title": "Tên của chị Hoa ở đây", "conflicts": "Chị Hoa khai."}
    operations.save_listing(need, changed, lang="vi", actor=actor_of(owner))
    with app.test_request_context("/?lang=vi"):
        posted = MultiDict({"title": "Tên của tôi ở đây", "step": "problem"})
        form = FORMS["need"]("vi", formdata=posted, data=initial(need))
        form.validate()
        found = conflicts.conflict_of(
            need,
            form,
            posted,
            seen=str(before),
            values={"title": "Tên của tôi ở đây"},
            current_form=FORMS["need"]("vi", formdata=None, data=initial(need)),
            lang="vi",
        )
    assert [clash.name for clash in found.clashes] == ["title"]
    assert found.carried == [("step", "problem")]


@pytest.mark.both_databases
def test_two_at_the_same_moment(client_of, owner, colleague):
    need = make_listing("need", state="published", organisation=home(owner))
    path = f"/needs/{need.id}/edit?step=all"
    sendings = []
    for number, person in enumerate((owner, colleague)):
        client = client_of(person)
        form = {**NEED_FORM, "version": token(client, path), "title": f"Tên số {number} của nhu cầu"}
        sendings.append((client, path, form))
    assert together(*sendings) == [303, 409]


# --- saves -------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_saves_taken_back_give_every_earlier_text(app, owner):
    need = make_listing("need", organisation=home(owner))
    texts = [(need.version, content_of("need", need.edited))]
    for values in (
        {"title": "Một tên khác hẳn", "sector": ["water.flood"]},
        {"title": "", "beneficiaries": 7, "anonymous": True},
        {"community": "Đã họp", "stage": None, "contract_form": []},
    ):
        operations.save_listing(need, values, lang="vi", actor=actor_of(owner))
        texts.append((need.version, content_of("need", need.edited)))
    operations.change_language(need, "en", actor=actor_of(owner))
    now_said = content_of("need", need.edited)
    for version, said in texts:
        back = saves.taken_back(now_said, saves.saves_since(need, version))
        assert {key: value for key, value in back.items() if value} == {k: v for k, v in said.items() if v}


@pytest.mark.both_databases
def test_old_saves_are_forgotten(app, owner):
    need = make_listing("need", organisation=home(owner))
    for title in ("Tên cũ của nhu cầu", "Tên mới của nhu cầu"):
        operations.save_listing(need, {"title": title}, lang="vi", actor=actor_of(owner))
    saves.newest_saves(need)[-1].at = now() - timedelta(days=saves.KEPT_DAYS + 1)
    db.session.flush()
    assert saves.prune_saves() == 1
    assert db.session.scalar(select(func.count(ListingSave.id))) == 1


def test_owners_read_who_edited_what(client_of, owner, colleague):
    need = make_listing("need", organisation=home(owner))
    operations.save_listing(
        need, {"title": "Giảm ngập 21 tuyến phố ven sông"}, lang="vi", actor=actor_of(colleague)
    )
    page = client_of(owner).get(f"/needs/{need.id}/edits?lang=en").get_data(as_text=True)
    assert "Lê Thị Hoa" in page
    assert re.search(r"<del>.*?20.*?</del><ins>.*?21.*?</ins>", page)
    assert client_of(make_member("city")).get(f"/needs/{need.id}/edits").status_code == 404
