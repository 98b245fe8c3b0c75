"""
What Alembic runs for every command; there is no ini file.

`cinegraph.db.migrate` hands in the connection.
"""

from alembic import context

from cinegraph.db.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    # All or nothing: a schema between two versions fits no version of the code.
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
