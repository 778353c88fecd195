"""Alembic's entry: migrates the database of the current application, on SQLite in batch mode."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from ppp_match.db import db


def _skip_empty(_context, _revision, directives) -> None:
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def _enforce_foreign_keys(connection: Connection, on: bool) -> None:
    """Batch mode on SQLite drops and renames tables, which enforced keys would refuse; only outside a transaction."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=sqlite,
        compare_type=True,
        process_revision_directives=_skip_empty,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(
        url=current_app.config["SQLALCHEMY_DATABASE_URI"], target_metadata=db.metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
    else:
        with db.engine.connect() as connection:
            _enforce_foreign_keys(connection, False)
            _run(connection)
            connection.commit()
            _enforce_foreign_keys(connection, True)
