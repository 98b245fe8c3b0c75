"""
The first schema: Oban's tables, queues, limits, catalog and sync.

Locks: none that matter, every table is new.
"""

# ruff: noqa: INP001 - Alembic loads versions by path; their names are dates

from cinegraph.db.migrations.ddl import execute_folder

revision = "2026_11_20_0900"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run `sql/initial/`."""
    execute_folder("initial")


def downgrade() -> None:
    """Refuse: going back is restoring a backup."""
    raise NotImplementedError
