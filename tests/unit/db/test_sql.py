"""SQL from files."""

import pytest

from cinegraph.db import sql


def test_statement_is_the_file() -> None:
    """The owner's file comes back, and is read once."""
    text = sql.load("cinegraph.db", "find_database.sql")

    assert "pg_database" in text
    assert sql.load("cinegraph.db", "find_database.sql") is text


def test_missing_statement_is_an_error() -> None:
    """A wrong name is found at once."""
    with pytest.raises(FileNotFoundError):
        sql.load("cinegraph.db", "no_such.sql")
