"""Settings from the environment, checked once at start.

What lives here: every setting, its default and its check. What does not: how a setting is used.
Secrets may come from a file: for SECRET_KEY set SECRET_KEY_FILE to a path instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env

ROOT = Path(__file__).resolve().parents[1]
DEVELOPMENT_SECRET = "development-only-secret-never-in-production"  # noqa: S105  refused in production below
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MODES = ("development", "demo", "testing", "production")


class UnsafeSettings(RuntimeError):
    """The settings cannot be run with; the message names each one and what to do."""


@dataclass(frozen=True)
class Settings:
    """What one process runs with. Times are in seconds unless the name says otherwise."""

    mode: str = "development"
    secret_key: str = DEVELOPMENT_SECRET
    password_salt: str = "ppp-match"  # noqa: S105  keys the HMAC before argon2; production sets its own
    instance: Path = ROOT / "instance"
    database_url: str = ""
    redis_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    allow_public_demo: bool = False
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    public_url: str = ""
    forum_contact: str = "forum@ppp-match.example"
    mail_server: str = ""
    mail_port: int = 25
    mail_use_tls: bool = False
    mail_username: str = ""
    mail_password: str = ""
    mail_sender: str = "PPP Match <forum@ppp-match.example>"
    session_idle: int = 60 * 60 * 4
    session_absolute: int = 60 * 60 * 24 * 14
    confirm_again_seconds: int = 60 * 15
    second_factor_key: str = ""
    staff_second_factor: bool | None = None
    offer_days: int = 14
    reminder_days: int = 3
    matches_per_need: int = 20
    semantic: bool = False
    undo_seconds: int = 60
    review_listing_days: int = 3
    review_match_days: int = 5
    review_organisation_days: int = 5
    appeal_days: int = 10
    appeal_answer_days: int = 10
    review_report_days: int = 3
    verification_months: int = 24
    verification_grace_days: int = 30
    rate_limits: bool = True
    log_level: str = ""
    attachments_folder: Path | None = None
    attachment_files: int = 10
    attachment_megabytes: int = 10
    clamav_socket: str = ""

    @property
    def attachments(self) -> Path:
        """Where files that people attach lie: a folder of the instance unless ATTACHMENTS_FOLDER names another."""
        return self.attachments_folder or self.instance / "attachments"

    @property
    def attachment_bytes(self) -> int:
        """The largest file that is taken."""
        return self.attachment_megabytes * 1024 * 1024

    @property
    def database(self) -> str:
        """Address of the database: SQLite in the instance folder unless DATABASE_URL names another."""
        return self.database_url or f"sqlite:///{self.instance / 'ppp_match.sqlite3'}"

    @property
    def address(self) -> str:
        """Address that links in mail start with; never taken from a request's Host header."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The Host headers that are answered; empty: all. Named by TRUSTED_HOSTS, else what the forum is known as:
        production by PUBLIC_URL, a demonstration on loopback by loopback's names, which no other site can take on.
        (Werkzeug compares no IPv6 addresses.)"""
        public = urlsplit(self.public_url).hostname
        named = ("127.0.0.1", "localhost") if self.is_demo and self.host in LOOPBACK[:2] else ()
        if self.trusted_hosts or not (self.is_production or named):
            return self.trusted_hosts
        return tuple(filter(None, (public, *named)))

    @property
    def is_demo(self) -> bool:
        return self.mode == "demo"

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def level_of_logs(self) -> str:
        """From which level on lines are written: each answer in production, elsewhere what went wrong."""
        return self.log_level.upper() or ("INFO" if self.is_production else "WARNING")

    @property
    def demands_second_factor(self) -> bool:
        """Whether moderators and administrators must have one: unless a setting says otherwise, all but the demo."""
        return not self.is_demo if self.staff_second_factor is None else self.staff_second_factor

    def check(self) -> Settings:
        """Return self, or raise UnsafeSettings that names all that must change."""
        problems = []
        if self.mode not in MODES:
            problems.append(f"PPP_MATCH_MODE is {self.mode!r}; it must be one of {', '.join(MODES)}.")
        if self.is_production:
            if self.secret_key == DEVELOPMENT_SECRET or len(self.secret_key) < 32:
                problems.append("SECRET_KEY must be set to at least 32 random characters in production.")
            if self.password_salt == "ppp-match":  # noqa: S105
                problems.append("PASSWORD_SALT must be set to a random value in production.")
            if not self.public_url.startswith("https://"):
                problems.append("PUBLIC_URL must be the forum's https:// address in production.")
            if not self.demands_second_factor:
                problems.append("STAFF_SECOND_FACTOR must not be switched off in production.")
            if not self.mail_server:
                problems.append("MAIL_SERVER must name the SMTP server in production.")
        counted = (
            "undo_seconds",
            "review_listing_days",
            "review_match_days",
            "review_organisation_days",
            "appeal_days",
            "appeal_answer_days",
            "review_report_days",
            "verification_grace_days",
        )
        problems += [
            f"{name.upper()} is {getattr(self, name)}; it must be from 0 to 3600."
            for name in counted
            if not 0 <= getattr(self, name) <= 3600
        ]
        if self.level_of_logs not in LOG_LEVELS:
            problems.append(f"LOG_LEVEL is {self.log_level!r}; it must be one of {', '.join(LOG_LEVELS)}.")
        if not 1 <= self.attachment_files <= 100:
            problems.append(f"ATTACHMENT_FILES is {self.attachment_files}; it must be from 1 to 100.")
        if not 1 <= self.attachment_megabytes <= 100:
            problems.append(f"ATTACHMENT_MEGABYTES is {self.attachment_megabytes}; it must be from 1 to 100.")
        if self.clamav_socket and socket_address(self.clamav_socket) is None:
            problems.append(
                f"CLAMAV_SOCKET is {self.clamav_socket!r}; it must be a path (unix:/run/clamav/clamd.ctl) or "
                "tcp:HOST:PORT."
            )
        if not 1 <= self.verification_months <= 120:
            problems.append(f"VERIFICATION_MONTHS is {self.verification_months}; it must be from 1 to 120.")
        if self.semantic and not _has_sentence_model():
            problems.append(
                "PPP_MATCH_SEMANTIC is on, but the sentence model is not installed: pip install 'ppp-match[semantic]', "
                "or set PPP_MATCH_SEMANTIC=off."
            )
        if self.is_demo and self.host not in LOOPBACK and not self.allow_public_demo:
            problems.append(
                f"Demo mode has known passwords, so it serves loopback only, not {self.host}. "
                "Set PPP_MATCH_ALLOW_PUBLIC_DEMO=1 if that is really wanted."
            )
        if problems:
            raise UnsafeSettings("\n".join(problems))
        return self

    def with_(self, **changes: Any) -> Settings:
        """A copy with some settings changed (for tests and commands)."""
        return replace(self, **changes)


def _has_sentence_model() -> bool:
    from ppp_match.matching.semantic import (
        installed_version,
    )  # costs half a second where nothing else needs it

    return installed_version() is not None


def _secret(env: Env, name: str, default: str) -> str:
    path = env.path(f"{name}_FILE", None)
    if path is not None:
        try:
            return str(path.read_text(encoding="utf-8").strip())
        except (OSError, ValueError) as error:
            raise UnsafeSettings(
                f"{name}_FILE is {path}, which cannot be read ({type(error).__name__})."
            ) from None
    value: str = env.str(name, default)
    return value


def read_settings() -> Settings:
    """Settings of this process from its environment.

    Raises UnsafeSettings for values that cannot be run with, environs.EnvError for values of the wrong type.
    """
    return unchecked_settings().check()


def unchecked_settings() -> Settings:
    """The same as they stand, for whoever tells what is wrong with them. Raises UnsafeSettings only for a secret's
    file that cannot be read."""
    env = Env()
    default = Settings()
    return Settings(
        mode=env.str("PPP_MATCH_MODE", default.mode),
        secret_key=_secret(env, "SECRET_KEY", default.secret_key),
        password_salt=_secret(env, "PASSWORD_SALT", default.password_salt),
        instance=env.path("PPP_MATCH_INSTANCE", default.instance).resolve(),
        database_url=_secret(env, "DATABASE_URL", ""),
        redis_url=_secret(env, "REDIS_URL", ""),
        host=env.str("HOST", default.host),
        port=env.int("PORT", default.port),
        allow_public_demo=env.bool("PPP_MATCH_ALLOW_PUBLIC_DEMO", False),
        trusted_hosts=tuple(env.list("TRUSTED_HOSTS", [])),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0),
        public_url=env.str("PUBLIC_URL", ""),
        forum_contact=env.str("FORUM_CONTACT", default.forum_contact),
        mail_server=env.str("MAIL_SERVER", ""),
        mail_port=env.int("MAIL_PORT", default.mail_port),
        mail_use_tls=env.bool("MAIL_USE_TLS", False),
        mail_username=env.str("MAIL_USERNAME", ""),
        mail_password=_secret(env, "MAIL_PASSWORD", ""),
        mail_sender=env.str("MAIL_SENDER", default.mail_sender),
        session_idle=env.int("SESSION_IDLE_SECONDS", default.session_idle),
        session_absolute=env.int("SESSION_ABSOLUTE_SECONDS", default.session_absolute),
        confirm_again_seconds=env.int("CONFIRM_AGAIN_SECONDS", default.confirm_again_seconds),
        second_factor_key=_secret(env, "SECOND_FACTOR_KEY", ""),
        staff_second_factor=env.bool("STAFF_SECOND_FACTOR", None),
        offer_days=env.int("OFFER_DAYS", default.offer_days),
        reminder_days=env.int("REMINDER_DAYS", default.reminder_days),
        matches_per_need=env.int("MATCHES_PER_NEED", default.matches_per_need),
        semantic=env.bool("PPP_MATCH_SEMANTIC", default.semantic),
        undo_seconds=env.int("UNDO_SECONDS", default.undo_seconds),
        review_listing_days=env.int("REVIEW_LISTING_DAYS", default.review_listing_days),
        review_match_days=env.int("REVIEW_MATCH_DAYS", default.review_match_days),
        review_organisation_days=env.int("REVIEW_ORGANISATION_DAYS", default.review_organisation_days),
        appeal_days=env.int("APPEAL_DAYS", default.appeal_days),
        appeal_answer_days=env.int("APPEAL_ANSWER_DAYS", default.appeal_answer_days),
        review_report_days=env.int("REVIEW_REPORT_DAYS", default.review_report_days),
        verification_months=env.int("VERIFICATION_MONTHS", default.verification_months),
        verification_grace_days=env.int("VERIFICATION_GRACE_DAYS", default.verification_grace_days),
        rate_limits=env.bool("RATE_LIMITS", True),
        log_level=env.str("LOG_LEVEL", ""),
        attachments_folder=env.path("ATTACHMENTS_FOLDER", None),
        attachment_files=env.int("ATTACHMENT_FILES", default.attachment_files),
        attachment_megabytes=env.int("ATTACHMENT_MEGABYTES", default.attachment_megabytes),
        clamav_socket=env.str("CLAMAV_SOCKET", ""),
    )


def socket_address(text: str) -> str | tuple[str, int] | None:
    """The address that CLAMAV_SOCKET means: a path, or host and port; None if it means neither."""
    if text.startswith("/"):
        return text
    scheme, _colon, rest = text.partition(":")
    if scheme == "unix" and rest.startswith("/"):
        return rest
    host, _colon, port = rest.removeprefix("//").rpartition(":")
    if scheme == "tcp" and host and port.isdecimal() and 0 < int(port) < 65536:
        return host.strip("[]"), int(port)
    return None
