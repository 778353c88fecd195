"""Every column of the schema is declared: what it holds of persons, and what becomes of it."""

from __future__ import annotations

import pytest

from ppp_match.db import db
from ppp_match.personal import ANONYMISED, ERASED, FATES, KEPT, REASONS, TABLES, declare
from ppp_match.privacy import erasure, notice, retention
from ppp_match.privacy.groups import GROUPS, RULE_NAMES, STAYS
from ppp_match.privacy.retention_rules import RULES

MAY_NAME_A_PERSON = ("user_id", "actor_id", "author_id", "by_id", "created_by")


def test_every_column_of_every_table_is_declared(app):
    wrong = []
    for name, table in db.metadata.tables.items():
        declared = TABLES.get(name)
        if declared is None:
            wrong.append(f"{name}: no room declares this table (its personal.py does)")
            continue
        columns = {column.name for column in table.columns}
        wrong += [f"{name}.{one}: not declared" for one in sorted(columns - set(declared.columns))]
        wrong += [f"{name}.{one}: declared, but not there" for one in sorted(set(declared.columns) - columns)]
    assert not wrong, "\n".join(wrong)
    assert set(TABLES) == set(db.metadata.tables)


def test_whatever_points_at_an_account_says_what_becomes_of_it(app):
    wrong = []
    for name, table in db.metadata.tables.items():
        declared = TABLES[name]
        naming = {
            column.name
            for column in table.columns
            if any(key.column.table.name == "user" for key in column.foreign_keys)
            or column.name in MAY_NAME_A_PERSON
        }
        unknown = naming - set(declared.who) - set(declared.also)
        wrong += [f"{name}.{one}: names a person, so it belongs to who or also" for one in sorted(unknown)]
        wrong += [
            f"{name}.{one}: names a person, so it cannot be declared as none"
            for one in sorted(naming)
            if declared.columns[one].fate not in (KEPT, ANONYMISED, ERASED)
        ]
    assert not wrong, "\n".join(wrong)


def test_declarations_can_be_carried_out(app):
    for table in TABLES.values():
        assert all(column.fate in FATES for column in table.columns.values())
        assert all(column.why in REASONS for column in table.columns.values() if column.fate == KEPT)
        personal = [one for one in table.columns.values() if one.fate != "none"]
        assert bool(personal) <= bool(table.group), f"{table.name} holds personal data and has no group"
        assert not table.group or table.group in GROUPS, table.name
        if table.rows_go or table.name in erasure.BY_HAND or not table.is_personal:
            continue
        for name, column in table.columns.items():
            if column.fate in (ANONYMISED, ERASED) and name not in table.addresses:
                erasure.blank_of(db.metadata.tables[table.name].c[name])


def test_a_declaration_that_cannot_be_right_is_refused(app):
    with pytest.raises(ValueError, match="twice"):
        declare("nowhere", none="id", erased="id")
    with pytest.raises(ValueError, match="twice"):
        declare("user", none="id")
    with pytest.raises(ValueError, match="reason"):
        declare("nowhere", kept={"because": "id"})
    assert "nowhere" not in TABLES


def test_every_rule_has_a_name_and_every_kind_says_how_long(app, purposes):
    assert {rule.code for rule in retention.rules()} == set(RULES) == set(RULE_NAMES)
    assert {code for group in GROUPS.values() for code in group.rules} == set(RULES)
    for code, group in GROUPS.items():
        assert group.rules or group.until, code
        assert any(table.group == code for table in TABLES.values()), f"{code}: nothing belongs to it"
    assert set(notice.reasons_to_stay()) == set(STAYS)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_page_says_what_the_schedule_and_the_declarations_do(app, client, terms, lang):
    """A number that is changed on /admin/retention stands on the page at once; a rule that rests does not."""
    from flask_babel import force_locale

    rules = {rule.code: rule for rule in retention.rules()}
    rules["sessions"].days, rules["notices"].active = 77, False
    page = client.get(f"/privacy?lang={lang}").get_data(as_text=True)
    assert "77 ngày" in page or "77 days" in page
    with app.test_request_context(), force_locale(lang):
        from markupsafe import escape

        for code, group in GROUPS.items():
            assert str(escape(group.name)) in page, code
        for reason in notice.reasons_to_stay():
            assert str(escape(STAYS[reason])) in page, reason
        for code, rule in rules.items():
            assert (str(escape(rule.why(lang))) in page) == rule.active, code
    assert app.config["FORUM_CONTACT"] in page


def test_the_old_address_of_the_page_leads_to_the_new_one(client):
    response = client.get("/about/privacy")
    assert (response.status_code, response.location) == (303, "/privacy")
