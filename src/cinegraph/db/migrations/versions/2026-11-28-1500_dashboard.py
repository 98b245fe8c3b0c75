"""
The dashboard: what operators did.

Locks: new relations.
"""

# ruff: noqa: INP001 - Alembic loads versions by path; their names are dates

from cinegraph.db.migrations.ddl import execute_folder

revision = "2026_11_28_1500"
down_revision = "2026_11_28_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run `sql/dashboard/`."""
    execute_folder("dashboard")


def downgrade() -> None:
    """Refuse: going back is restoring a backup."""
    raise NotImplementedError
