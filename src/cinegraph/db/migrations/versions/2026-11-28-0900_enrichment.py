"""
Collaborations: who counts for which film, and the totals of every pair of people.

Locks: new relations; people, against writers, while an index on names is made.
"""

# ruff: noqa: INP001 - Alembic loads versions by path; their names are dates

from cinegraph.db.migrations.ddl import execute_folder

revision = "2026_11_28_0900"
down_revision = "2026_11_27_1700"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run `sql/enrichment/`."""
    execute_folder("enrichment")


def downgrade() -> None:
    """Refuse: going back is restoring a backup."""
    raise NotImplementedError
