"""The database: declarative base, session, naming convention, UTC datetimes, SQLite's manners.

What lives here: what every table shares. Tables live in their feature's `models.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    DateTime,
    MetaData,
    Numeric,
    Uuid,
    and_,
    event,
    inspect,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
READ_AT_ONCE = 500  # objects whose collections are read in one statement
READ_ALONG: list[tuple[type[Any], str]] = []  # read together, whichever of them is looked at first
PortableJSON = JSON().with_variant(JSONB(), "postgresql")

# True while a request or command that may write runs. On SQLite a deferred BEGIN that read first and writes
# later fails at once when another process wrote in between, whatever the busy time-out; BEGIN IMMEDIATE waits.
writing: ContextVar[bool] = ContextVar("writing", default=False)

# How far the clock is put back: only while the demo's history is acted out, so that every row gets its true date.
_put_back: ContextVar[timedelta] = ContextVar("put_back", default=timedelta(0))


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python, `timestamptz` on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A datetime without a time zone cannot be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: UtcDateTime,
            uuid.UUID: Uuid(as_uuid=True),
            dict[str, Any]: PortableJSON,
            list[Any]: PortableJSON,
            Decimal: Numeric(20, 4),
        },
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True

else:
    Model = db.Model


class Identified:
    """Mixin: an unguessable identifier, good for addresses, made before the row is written."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC) - _put_back.get()


@contextmanager
def as_if_at(moment: datetime) -> Iterator[None]:
    """Within, the clock of the forum shows `moment` and runs on from there."""
    token = _put_back.set(datetime.now(UTC) - moment)
    try:
        yield
    finally:
        _put_back.reset(token)


def today() -> date:
    """This day in UTC."""
    return now().date()


def wait_for(row: Any) -> None:
    """Lock a row until the transaction ends, after whoever is writing it now, and read what they left.

    The row alone is locked: PostgreSQL refuses FOR UPDATE over what is read along with it by outer joins.
    """
    db.session.flush()
    model = type(row)
    db.session.execute(select(model.id).where(model.id == row.id).with_for_update())
    db.session.refresh(row)


def read_together(owner: Any, name: str) -> Any:
    """A collection of an object, read at once for every object of its class that the session holds.

    SQLAlchemy's lazy reading asks once an object; this asks once a page, however many rows it shows and whoever
    of them is looked at first. Collections of READ_ALONG come together in one statement.
    """
    state = inspect(owner)
    if state.persistent and name not in state.dict:
        asked = (state.mapper.class_, name)
        _read_collections(state.session, READ_ALONG if asked in READ_ALONG else [asked])
    return getattr(owner, name)


@dataclass
class _Lacking:
    """A collection that some objects of the session lack: `owners` by identity, and what is read for them."""

    name: str
    relation: Any
    owners: dict[Any, Any]
    found: dict[Any, list[Any]] = field(default_factory=dict)

    @property
    def column(self) -> Any:
        (column,) = self.relation.remote_side
        return column

    def keep(self, row: Any) -> None:
        key = self.relation.mapper.get_property_by_column(self.column).key
        self.found[getattr(row, key)].append(row)


def _read_collections(session: Any, collections: Sequence[tuple[type[Any], str]]) -> None:
    """Read these collections of all objects of the session that lack them, READ_AT_ONCE objects a statement."""
    lacking = [
        _Lacking(
            name,
            inspect(owner_class).relationships[name],
            {
                state.identity[0]: state.object
                for state in session.identity_map.all_states()
                if state.mapper.class_ is owner_class and state.object is not None and name not in state.dict
            },
        )
        for owner_class, name in collections
    ]
    for start in range(0, max(len(one.owners) for one in lacking), READ_AT_ONCE):
        for one in lacking:
            one.found = {identity: [] for identity in list(one.owners)[start : start + READ_AT_ONCE]}
        parts = [one for one in lacking if one.found]
        for row in session.execute(_one_statement(parts)):
            for one, item in zip(parts, row, strict=True):
                if item is not None:
                    one.keep(item)
        for one in parts:
            for identity, items in one.found.items():
                set_committed_value(one.owners[identity], one.name, items)


def _one_statement(parts: Sequence[_Lacking]) -> Any:
    """The rows of several collections one after the other; in each row the columns of the others are empty."""
    numbers = union_all(*(select(literal(number).label("number")) for number in range(len(parts)))).subquery()
    source: Any = numbers
    for number, part in enumerate(parts):
        of_part = and_(numbers.c.number == number, part.column.in_(part.found))
        source = source.outerjoin(part.relation.mapper.class_, of_part)
    order = [column for part in parts for column in (part.relation.order_by or ())]
    return select(*(part.relation.mapper.class_ for part in parts)).select_from(source).order_by(*order)


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")
