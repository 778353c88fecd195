"""What guards an account beside its password: second factors, recovery codes, failed tries, proposed staff roles."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import User
from ppp_match.db import Identified, Model, now

STAFF_ROLES = ("moderator", "administrator")


class Authenticator(Identified, Model):
    """An app that tells six digits by the clock. `secret` is encrypted; `last_counter` is the newest code used."""

    __tablename__ = "authenticator"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    secret: Mapped[str] = mapped_column(Text)
    last_counter: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class Passkey(Identified, Model):
    """A passkey or security key: its public key alone, which opens nothing."""

    __tablename__ = "passkey"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class RecoveryCode(Identified, Model):
    """A code that stands in once for a lost factor. The row goes when it is used; `digest` cannot be read back."""

    __tablename__ = "recovery_code"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)


class FailedTry(Identified, Model):
    """A try to sign in that failed. `key` is a SHA-256 of the account named or the address it came from."""

    __tablename__ = "failed_try"
    __table_args__ = (Index("ix_failed_try_key", "key", "at"),)

    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class RoleProposal(Identified, Model):
    """One administrator proposes a staff role for a person, another one decides. At most one waits for a person."""

    __tablename__ = "role_proposal"
    __table_args__ = (
        CheckConstraint("role IN ('moderator', 'administrator')", name="role"),
        CheckConstraint("state IN ('open', 'agreed', 'declined')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by OR state = 'declined'", name="two"),
        Index(
            "uq_role_proposal_open",
            "user_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="open")
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]

    person: Mapped[User] = relationship(foreign_keys=[user_id])
    proposer: Mapped[User] = relationship(foreign_keys=[proposed_by])
