"""docs/reference/tables.md reads DDL; PostgreSQL has the last word on what it means."""

import psycopg

from reference.tables import read_tables


def test_the_page_knows_every_column_of_a_migrated_database(database_url: str) -> None:
    """What the page reads out of the DDL is what the server made of it."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND table_name <> 'cinegraph_schema_version'"
        ).fetchall()

    assert {
        (table.name, column)
        for table in read_tables().values()
        for column in table.columns
    } == set(rows)
