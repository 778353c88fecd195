"""SQLite's REPLACE takes a row away without asking the triggers on UPDATE and DELETE: it is refused too."""

from alembic import op

revision = "0021_no_replacing"
down_revision = "0020_edited_reference"
branch_labels = None
depends_on = None

TRIGGERS = {
    "audit_event_no_replace": "CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON audit_event "
    "WHEN EXISTS (SELECT 1 FROM audit_event WHERE seq = NEW.seq OR hash = NEW.hash) "
    "BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END",
    "consent_decision_no_replace": "CREATE TRIGGER consent_decision_no_replace BEFORE INSERT ON consent_decision "
    "WHEN EXISTS (SELECT 1 FROM consent_decision WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'consent_decision is append-only'); END",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL has no REPLACE, and ON CONFLICT DO UPDATE meets the triggers
    for statement in TRIGGERS.values():
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
