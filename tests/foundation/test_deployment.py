"""`ppp-match check-deployment` names every unsafe setting, and is silent on a safe installation."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from ppp_match.app import create_app
from ppp_match.cli import main
from ppp_match.config import Settings
from ppp_match.deployment import findings
from tests.factories import make_member, make_staff

SAFE = {
    "mode": "production",
    "secret_key": "q7Zr2Vw9LkXc4Bn8Tg5Yh1Jm6Pd3Sf0A",
    "password_salt": "another-random-value-of-its-own",
    "public_url": "https://forum.city.example.org",
    "trusted_hosts": ("forum.city.example.org",),
    "trusted_proxies": 1,
    "mail_server": "smtp.city.example.org",
    "mail_use_tls": True,
    "mail_sender": "PPP Match <forum@city.example.org>",
    "forum_contact": "forum@city.example.org",
    "redis_url": "redis://127.0.0.1/1",
}


@pytest.fixture
def safe(app, tmp_path, monkeypatch) -> Settings:
    """Settings that nothing is to be said about, on a migrated database with an administrator."""
    from ppp_match.db import db

    make_staff("administrator", email="chief@city.example.org")
    db.session.commit()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o750)
    url = db.engine.url.render_as_string(hide_password=False)
    settings = Settings(**SAFE, instance=instance, database_url=url)
    for file in file_of(settings):
        os.chmod(file, 0o640)
    return settings


def file_of(settings: Settings) -> list[str]:
    """The database's file, if it is one."""
    return [settings.database.removeprefix("sqlite:///")] if settings.database.startswith("sqlite") else []


def unsafe_names(settings: Settings) -> list[str]:
    return [one.name for one in findings(settings) if one.unsafe]


@pytest.mark.both_databases
def test_nothing_is_said_about_a_safe_installation(safe):
    assert unsafe_names(safe) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"mode": "demo"}, "PPP_MATCH_MODE"),
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"secret_key": "a" * 40}, "SECRET_KEY"),
        ({"password_salt": "ppp-match"}, "PASSWORD_SALT"),
        ({"password_salt": SAFE["secret_key"]}, "PASSWORD_SALT"),
        ({"public_url": "http://forum.city.example.org"}, "PUBLIC_URL"),
        ({"database_url": "nonsense"}, "DATABASE_URL"),
        ({"database_url": "mysql://u:p@127.0.0.1/forum"}, "DATABASE_URL"),
        ({"database_url": "postgresql+nodriver://u:p@127.0.0.1/forum"}, "database"),
        ({"trusted_hosts": ("other.example.org",)}, "TRUSTED_HOSTS"),
        ({"trusted_proxies": 0}, "TRUSTED_PROXIES"),
        ({"trusted_proxies": 0, "host": "203.0.113.5"}, "HOST"),
        ({"mail_server": ""}, "MAIL_SERVER"),
        ({"mail_use_tls": False}, "MAIL_USE_TLS"),
        ({"forum_contact": "forum@ppp-match.example"}, "FORUM_CONTACT"),
        ({"mail_sender": "PPP Match <forum@ppp-match.example>"}, "MAIL_SENDER"),
        ({"rate_limits": False}, "RATE_LIMITS"),
        ({"allow_public_demo": True}, "PPP_MATCH_ALLOW_PUBLIC_DEMO"),
        ({"session_idle": 3 * 86400}, "SESSION_IDLE_SECONDS"),
        ({"session_absolute": 365 * 86400}, "SESSION_ABSOLUTE_SECONDS"),
    ],
)
def test_an_unsafe_setting_is_named(safe, change, name):
    assert unsafe_names(safe.with_(**change)) == [name]


def test_a_debugger_and_what_is_lacking_before_the_first_person_comes_are_named(safe, monkeypatch):
    os.chmod(safe.database.removeprefix("sqlite:///"), 0o640)
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert unsafe_names(safe) == ["FLASK_DEBUG"]
    says = {one.name: one.says for one in findings(safe) if not one.unsafe}
    assert "SECOND_FACTOR_KEY" in says
    assert "no published terms" in says["database"]
    assert not create_app(safe).debug


def test_a_secret_that_cannot_be_read_is_named_without_a_trace(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    answer = CliRunner().invoke(main, ["check-deployment"])
    assert answer.exit_code == 1
    assert f"SECRET_KEY_FILE is {tmp_path / 'nowhere'}, which cannot be read" in answer.output


def test_files_that_others_can_read_are_named(safe, tmp_path, monkeypatch):
    for database in file_of(safe):
        os.chmod(database, 0o644)
    safe.instance.chmod(0o755)
    secret = tmp_path / "secret"
    secret.write_text(SAFE["secret_key"])
    secret.chmod(0o644)
    monkeypatch.setenv("SECRET_KEY_FILE", str(secret))
    assert set(unsafe_names(safe)) == {str(safe.instance), str(secret), *file_of(safe)}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "user" in unsafe_names(safe)


def test_demonstration_accounts_and_a_database_that_is_behind_are_named(safe):
    from sqlalchemy import text

    from ppp_match.db import db

    make_member(email="city@demo.example")
    newest = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    move = text("UPDATE alembic_version SET version_num = :at")
    db.session.execute(move, {"at": "0001"})
    db.session.commit()
    try:
        says = [one.says for one in findings(safe) if one.unsafe]
    finally:  # the tests that follow use the same database
        db.session.execute(move, {"at": newest})
        db.session.commit()
    assert len(says) == 2
    assert any("at migration 0001" in one for one in says)
    assert any("1 accounts of the demonstration" in one for one in says)


def test_a_database_that_does_not_answer_is_a_finding_and_no_trace(safe):
    away = safe.with_(database_url="postgresql+psycopg://nobody@127.0.0.1:9/none")
    assert unsafe_names(away) == ["database"]


def test_the_command_ends_with_one_where_something_is_unsafe(tmp_path, monkeypatch):
    for name in ("SECRET_KEY", "DATABASE_URL", "PPP_MATCH_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PPP_MATCH_INSTANCE", str(tmp_path / "none"))
    answer = CliRunner().invoke(main, ["check-deployment"])
    assert answer.exit_code == 1
    assert "UNSAFE  PPP_MATCH_MODE: is 'development'" in answer.output
    assert not (tmp_path / "none").exists()  # nothing is made by looking
    monkeypatch.setenv("PORT", "many")
    assert CliRunner().invoke(main, ["check-deployment"]).exit_code == 2
