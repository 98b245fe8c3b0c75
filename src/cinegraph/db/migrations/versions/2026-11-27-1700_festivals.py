"""
Festivals: organisations, editions, categories, nominations with films and people, and what sources say of them.

Locks: new relations only.
"""

# ruff: noqa: INP001 - Alembic loads versions by path; their names are dates

from cinegraph.db.migrations.ddl import execute_folder

revision = "2026_11_27_1700"
down_revision = "2026_11_26_0700"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run `sql/festivals/`."""
    execute_folder("festivals")


def downgrade() -> None:
    """Refuse: going back is restoring a backup."""
    raise NotImplementedError
