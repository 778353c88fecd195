"""The `ppp-match` command: help, exit codes, and what each command does to a forum."""

from __future__ import annotations

import os
import socket
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
    "verify-audit", "judged", "check-deployment",
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


def test_a_database_without_tables_is_said_in_one_line(tmp_path):
    """No trace, one way out, exit code 1: for each command that reads the database, and once for all jobs."""
    environment = {**os.environ, "PPP_MATCH_MODE": "development", "PPP_MATCH_INSTANCE": str(tmp_path)}
    environment.pop("DATABASE_URL", None)
    for command in (["expire"], ["worker", "--once"], ["verify-audit"], ["reindex"]):
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "ppp_match.cli", *command], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 1, command
        assert done.stderr.count("\n") == 1, done.stderr
        assert "ppp-match db upgrade" in done.stderr


def test_a_refused_password_is_told_in_the_language_of_the_command(invoke):
    told = invoke("create-admin", "boss@forum.example", "--name", "Boss", "--password", "short").output
    assert "at least 8 characters" in told


def test_run_says_which_part_ended_by_itself(tmp_path):
    """With the port taken the web server can't stay; the job worker is stopped with it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {
            **os.environ,
            "PPP_MATCH_MODE": "development",
            "PPP_MATCH_INSTANCE": str(tmp_path / "instance"),
            "HOST": "127.0.0.1",
            "PORT": str(taken.getsockname()[1]),
        }
        for name in ("DATABASE_URL", "REDIS_URL"):
            environment.pop(name, None)
        result = subprocess.run(
            [sys.executable, "-m", "ppp_match.cli", "run"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    assert result.returncode == 1
    assert "The web server ended by itself (exit code" in result.stderr
    assert "The job worker ended" not in result.stderr
    assert "is ready at" not in result.stdout
