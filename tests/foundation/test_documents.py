"""Documents that claim something about the code are held to it."""

from __future__ import annotations

import re

from ppp_match.config import ROOT
from ppp_match.permissions import PERMISSIONS, ROLES, markdown


def test_readme_has_the_permission_table_of_the_code():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("<!-- permissions -->\n")[1].split("\n<!-- /permissions -->")[0]
    assert table == markdown()


def test_every_permission_names_known_roles_and_a_relation():
    for name, permission in PERMISSIONS.items():
        assert set(permission.roles) <= set(ROLES), name
        assert permission.relation in ("any", "own", "owner", "other"), name


def test_the_map_of_the_house_names_every_room():
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [
        p.name for p in sorted((ROOT / "ppp_match").iterdir()) if p.name[0] != "_" and p.suffix in ("", ".py")
    ]
    missing = [room for room in rooms if not re.search(rf"^  {re.escape(room)}/? ", plan, re.MULTILINE)]
    assert not missing
