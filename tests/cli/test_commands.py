"""The `ppp-match` command: help, exit codes, and what each command does to a forum."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import select

from ppp_match.accounts.models import User
from ppp_match.cli import main
from ppp_match.config import Settings, UnsafeSettings
from ppp_match.db import db
from ppp_match.permissions import markdown
from ppp_match.recommendations.models import Match
from ppp_match.search.store import store
from tests.factories import make_listing

COMMANDS = {
    "run", "demo", "match", "evaluate", "reindex", "recommend", "expire", "worker", "create-admin", "permissions",
    "verify-audit", "judged",
}  # fmt: skip


@pytest.fixture
def invoke(app):
    """invoke(*arguments) -> the command's result, on the test's application."""
    from click.testing import CliRunner
    from flask.cli import ScriptInfo

    db.session.commit()

    def run(*arguments: str):
        result = CliRunner().invoke(main, list(arguments), obj=ScriptInfo(create_app=lambda: app))
        db.session.expire_all()
        return result

    return run


def test_every_command_is_there_and_explains_itself(invoke):
    assert set(main.commands) >= COMMANDS
    for name in COMMANDS:
        result = invoke(name, "--help")
        assert result.exit_code == 0, name
        assert len(result.output.splitlines()) > 4, name


def test_permissions_prints_the_table(invoke):
    assert invoke("permissions", "--markdown").output.strip() == markdown()
    assert "need.create" in invoke("permissions").output


def test_recommend_and_reindex(invoke):
    need, capability = make_listing("need", state="published"), make_listing("capability", state="published")
    db.session.commit()
    assert "capability: 1 in the index" in invoke("reindex").output
    checked = invoke("reindex", "--check")
    assert (checked.exit_code, checked.output) == (0, "need: whole\ncapability: whole\n")
    file = next((store().folder / "capability" / "saved").glob("v-*/documents.jsonl"))
    file.unlink()
    assert invoke("reindex", "--check").exit_code == 1
    result = invoke("recommend")
    assert result.exit_code == 0, result.output
    assert result.output.strip() == "1 needs matched"
    match = db.session.scalar(select(Match).where(Match.need_id == need.id))
    assert match.capability_id == capability.id


def test_create_admin_refuses_bad_input_and_makes_one(invoke):
    weak = invoke("create-admin", "boss@forum.example", "--name", "Boss", "--password", "password")
    assert weak.exit_code == 2
    assert (
        invoke("create-admin", "no-address", "--name", "Boss", "--password", "long enough words").exit_code
        == 2
    )
    made = invoke("create-admin", "Boss@forum.example", "--name", "Boss", "--password", "long enough words")
    assert made.exit_code == 0, made.output
    person = db.session.scalar(select(User).where(User.email == "boss@forum.example"))
    assert person.staff_role == "administrator"


def test_worker_once_expire_and_verify_audit(invoke):
    for command in (("worker", "--once"), ("expire",), ("verify-audit",)):
        result = invoke(*command)
        assert result.exit_code == 0, (command, result.output)


def test_bad_calls_end_with_two(invoke):
    assert invoke("nothing").exit_code == 2
    assert invoke("match", "--needs", "missing.jsonl", "--capabilities", "missing.jsonl").exit_code == 2


def test_the_matcher_works_without_the_web(tmp_path):
    """A process in which Flask cannot be imported still matches files."""
    needs, capabilities = tmp_path / "n.jsonl", tmp_path / "c.jsonl"
    needs.write_text('{"id": "N", "text": "xử lý nước thải sinh hoạt"}\n', encoding="utf-8")
    capabilities.write_text('{"id": "C", "text": "wastewater treatment plants"}\n', encoding="utf-8")
    code = (
        "import sys; sys.modules['flask'] = None; sys.modules['sqlalchemy'] = None\n"
        "from ppp_match.cli import main; main(sys.argv[1:])"
    )
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, "match", "--needs", needs, "--capabilities", capabilities],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert '"capability_id": "C"' in result.stdout


def test_production_names_every_unsafe_setting():
    with pytest.raises(UnsafeSettings) as refused:
        Settings(mode="production").check()
    for name in ("SECRET_KEY", "PASSWORD_SALT", "PUBLIC_URL", "MAIL_SERVER"):
        assert name in str(refused.value)


def test_the_demo_serves_loopback_only():
    with pytest.raises(UnsafeSettings, match="loopback"):
        Settings(mode="demo", host="0.0.0.0").check()  # noqa: S104
    Settings(mode="demo", host="127.0.0.1").check()
