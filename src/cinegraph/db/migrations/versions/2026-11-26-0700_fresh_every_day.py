"""
Fresh every day: the changes feed, adaptive intervals, films that are gone or merged, the change log.

Locks: sync_ledger, movies and export_snapshots exclusively while columns and indexes are added: seconds at a million
rows; stop the workers before.
"""

# ruff: noqa: INP001 - Alembic loads versions by path; their names are dates

from cinegraph.db.migrations.ddl import execute_folder

revision = "2026_11_26_0700"
down_revision = "2026_11_25_2300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run `sql/fresh_every_day/`."""
    execute_folder("fresh_every_day")


def downgrade() -> None:
    """Refuse: going back is restoring a backup."""
    raise NotImplementedError
