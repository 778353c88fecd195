"""The probity record of a conversation: whole, in order, and a change of it shows."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppp_match.db import db
from ppp_match.introductions import operations, record
from ppp_match.introductions.models import HiddenMessage
from tests.factories import actor_of, make_member
from tests.introductions.pairs import introduce, make_pair

VALUES = st.text() | st.integers() | st.none() | st.lists(st.text(), max_size=3)
ENTRIES = st.lists(
    st.dictionaries(st.text().filter(lambda name: name != "hash"), VALUES, max_size=4), min_size=1
)


@given(ENTRIES)
def test_a_chain_is_whole_until_something_changes(entries):
    chained = record.chained(entries)
    assert record.first_broken(chained) is None
    assert record.first_broken(json.loads(json.dumps(chained))) is None
    for at in range(len(chained)):
        changed = [dict(one) for one in chained]
        changed[at]["added"] = "later"
        assert record.first_broken(changed) == at + 1
    assert record.first_broken(chained[1:]) in (1, None if len(chained) == 1 else 1)


@pytest.mark.both_databases
def test_it_holds_all_that_both_sides_see(app):
    pair = make_pair()
    introduction = introduce(pair)
    first = operations.write_message(introduction, actor=actor_of(pair.city), body="Xin **chào**.", lang="vi")
    operations.write_message(introduction, actor=actor_of(pair.vendor), body="Hello.", lang="en")
    db.session.add(HiddenMessage(message=first, reason="An address stood in it."))
    db.session.flush()
    found = record.record_of(introduction)
    assert [one["what"] for one in found["entries"]] == ["introduced", "hidden message", "message"]
    assert "chào" not in json.dumps(found, ensure_ascii=False)
    assert found["entries"][2]["text"] == "Hello."
    assert found["hash"] == found["entries"][-1]["hash"]
    assert record.first_broken(found["entries"]) is None
    assert record.record_of(introduction) == found


def test_it_is_for_the_two_sides_alone(app, client_of):
    pair = make_pair()
    introduction = introduce(pair)
    operations.write_message(introduction, actor=actor_of(pair.city), body="<b>Chào</b> các bạn", lang="vi")
    stranger = make_member("vendor")
    db.session.commit()
    place = f"/introductions/{introduction.id}/record"
    for person, status in ((pair.city, 200), (pair.vendor, 200), (pair.moderator, 404), (stranger, 404)):
        assert client_of(person).get(place).status_code == status
    file = client_of(pair.vendor).get(f"{place}?format=json")
    assert record.first_broken(file.get_json()["entries"]) is None
    assert "attachment" in file.headers["Content-Disposition"]
