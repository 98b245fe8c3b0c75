"""What the version modules call: run a folder of SQL files on Alembic's connection."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from alembic import op


def execute_folder(name: str) -> None:
    """Run every file of `sql/<name>/` in name order, of any number of statements."""
    driver: Any = op.get_bind().connection.driver_connection
    for statements in sql_texts(name):
        # Without parameters psycopg sends the text as it is: many statements, and %
        # means itself.
        driver.execute(statements)


def sql_texts(name: str) -> Iterator[bytes]:
    """Give the texts of `sql/<name>/*.sql` in name order."""
    folder = files("cinegraph.db.migrations").joinpath("sql", name)
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".sql"):
            yield entry.read_bytes()
