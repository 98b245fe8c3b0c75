"""
${message}.

Locks: which tables, for how long.
"""

# ruff: noqa: INP001 - Alembic loads versions by path; their names are dates

from cinegraph.db.migrations.ddl import execute_folder

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run `sql/<this version>/`."""
    execute_folder("<this version>")


def downgrade() -> None:
    """Refuse: going back is restoring a backup."""
    raise NotImplementedError
