"""Migrations: one head, up, down and up again, and models equal to the schema, on both databases."""

from __future__ import annotations

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect

from ppp_match.config import ROOT
from ppp_match.db import db
from tests.factories import make_listing, make_member


def test_there_is_one_head():
    assert len(ScriptDirectory(str(ROOT / "migrations")).get_heads()) == 1


@pytest.mark.both_databases
def test_up_down_up_on_data(app):
    make_listing("need", state="published", organisation=make_member("city").memberships[0].organisation)
    db.session.commit()
    db.session.remove()
    check()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade()
    check()
    from ppp_match.seeding.reference import load_reference

    load_reference()
    db.session.commit()
