"""
The whole catalogue: quotas a day, the daily export, a second source, counted ledger and runs, schedules, alerts.

Locks: sync_ledger, sync_runs and sync_run_items exclusively, seconds at a million rows; stop the workers before.
"""

# ruff: noqa: INP001 - Alembic loads versions by path; their names are dates

from cinegraph.db.migrations.ddl import execute_folder

revision = "2026_11_25_2300"
down_revision = "2026_11_20_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run `sql/whole_catalogue/`."""
    execute_folder("whole_catalogue")


def downgrade() -> None:
    """Refuse: going back is restoring a backup."""
    raise NotImplementedError
