"""
What a database holds, comparable: between two databases, or before and after.

`catalog_of` names things by their sources' ids and leaves out when rows were made, so
two imports can be compared; `rows_of` sees every row with its place and writer, so a row
that was written again in the same words shows. Of documents it sees all but when they were
last fetched, and therefore no place: that time moves with every answer.
"""

from collections.abc import Collection
from typing import Any, LiteralString

import psycopg
from psycopg import sql

_QUERIES: dict[str, LiteralString] = {
    "documents": "SELECT to_jsonb(d) - '{body_gzip,fetched_at,checked_at}'::text[] FROM documents AS d",
    "partial_documents": "SELECT to_jsonb(d) - '{body_gzip,fetched_at,checked_at}'::text[] FROM partial_documents AS d",
    "movies": """SELECT to_jsonb(m) - '{id,collection_id,created_at,updated_at}'::text[]
            || jsonb_build_object('collection', c.tmdb_id)
        FROM movies AS m LEFT JOIN collections AS c ON c.id = m.collection_id""",
    "people": "SELECT to_jsonb(p) - '{id,created_at,updated_at}'::text[] FROM people AS p",
    "credits": """SELECT to_jsonb(x) - '{movie_id,person_id}'::text[]
            || jsonb_build_object('movie', m.tmdb_id, 'person', p.tmdb_id)
        FROM credits AS x JOIN movies AS m ON m.id = x.movie_id JOIN people AS p ON p.id = x.person_id""",
    "collections": "SELECT to_jsonb(x) - 'id' FROM collections AS x",
    "genres": "SELECT to_jsonb(x) - 'id' FROM genres AS x",
    "movie_genres": """SELECT jsonb_build_object('movie', m.tmdb_id, 'genre', g.tmdb_id, 'position', x.position)
        FROM movie_genres AS x JOIN movies AS m ON m.id = x.movie_id JOIN genres AS g ON g.id = x.genre_id""",
    "keywords": "SELECT to_jsonb(x) - 'id' FROM keywords AS x",
    "movie_keywords": """SELECT jsonb_build_object('movie', m.tmdb_id, 'keyword', k.tmdb_id)
        FROM movie_keywords AS x JOIN movies AS m ON m.id = x.movie_id JOIN keywords AS k ON k.id = x.keyword_id""",
    "companies": "SELECT to_jsonb(x) - 'id' FROM companies AS x",
    "movie_companies": """SELECT jsonb_build_object('movie', m.tmdb_id, 'company', c.tmdb_id, 'position', x.position)
        FROM movie_companies AS x JOIN movies AS m ON m.id = x.movie_id JOIN companies AS c ON c.id = x.company_id""",
    "countries": "SELECT to_jsonb(x) FROM countries AS x",
    "languages": "SELECT to_jsonb(x) FROM languages AS x",
    "watch_providers": "SELECT to_jsonb(x) - 'id' FROM watch_providers AS x",
    "watch_offers": """SELECT to_jsonb(x) - '{movie_id,provider_id}'::text[]
            || jsonb_build_object('movie', m.tmdb_id, 'provider', w.tmdb_id)
        FROM watch_offers AS x JOIN movies AS m ON m.id = x.movie_id
            JOIN watch_providers AS w ON w.id = x.provider_id""",
    "ratings": """SELECT to_jsonb(x) - '{movie_id,as_of}'::text[] || jsonb_build_object('movie', m.tmdb_id)
        FROM ratings AS x JOIN movies AS m ON m.id = x.movie_id""",
    "movie_facts": """SELECT to_jsonb(x) - '{movie_id,as_of}'::text[] || jsonb_build_object('movie', m.tmdb_id)
        FROM movie_facts AS x JOIN movies AS m ON m.id = x.movie_id""",
    "rating_history": """SELECT to_jsonb(x) - '{movie_id,as_of,until}'::text[] || jsonb_build_object('movie', m.tmdb_id)
        FROM rating_history AS x JOIN movies AS m ON m.id = x.movie_id""",
    "fact_history": """SELECT to_jsonb(x) - '{movie_id,as_of,until}'::text[] || jsonb_build_object('movie', m.tmdb_id)
        FROM fact_history AS x JOIN movies AS m ON m.id = x.movie_id""",
    "imdb_claims": """SELECT to_jsonb(x) - '{movie_id,stated_at}'::text[] || jsonb_build_object('movie', m.tmdb_id)
        FROM imdb_claims AS x JOIN movies AS m ON m.id = x.movie_id""",
    "listed_movies": "SELECT to_jsonb(x) FROM listed_movies AS x",
}
_OF_ONE_MOVIE = (
    "movie_countries",
    "movie_languages",
    "videos",
    "releases",
    "alternative_titles",
    "movie_titles",
    "movie_external_ids",
    "source_recommendations",
)
_BOOKKEEPING = frozenset(
    {
        "cinegraph_schema_version",
        "change_entries",
        "change_log",
        "change_log_state",
    }
)
"""Tables that tell of the others, and grow with every write."""

type Catalog = dict[str, list[Any]]
type Rows = dict[str, dict[tuple[str, str], str]]


def _queries() -> dict[str, sql.Composable]:
    queries: dict[str, sql.Composable] = {
        name: sql.SQL(query) for name, query in _QUERIES.items()
    }
    for name in _OF_ONE_MOVIE:
        queries[name] = sql.SQL(
            "SELECT to_jsonb(x) - 'movie_id' || jsonb_build_object('movie', m.tmdb_id)"
            " FROM {} AS x JOIN movies AS m ON m.id = x.movie_id"
        ).format(sql.Identifier(name))
    return queries


async def digests_of(conn: psycopg.AsyncConnection[Any]) -> dict[str, tuple[int, str]]:
    """Return rows and a digest of what `catalog_of` would return, by table, for catalogues too large to hold."""
    found = {}
    for name, query in _queries().items():
        cursor = await conn.execute(
            sql.SQL(
                "SELECT count(*), md5(string_agg(line, '' ORDER BY line))"
                " FROM (SELECT md5(fact::text) FROM ({}) AS given (fact)) AS hashed (line)"
            ).format(query)
        )
        row = await cursor.fetchone()
        assert row is not None
        found[name] = (row[0], row[1])
    return found


async def catalog_of(conn: psycopg.AsyncConnection[Any]) -> Catalog:
    """Return everything films say, by table, sorted; ids and times of ours left out."""
    found: Catalog = {}
    for name, query in _queries().items():
        cursor = await conn.execute(
            sql.SQL("SELECT fact FROM ({}) AS given (fact) ORDER BY fact").format(query)
        )
        found[name] = [row[0] for row in await cursor.fetchall()]
    return found


async def rows_of(
    conn: psycopg.AsyncConnection[Any],
    *,
    leaving_out: Collection[str] = (),
    digested: bool = False,
) -> Rows:
    """
    Return every row of every table by its place and the transaction that wrote it.

    Documents come by their key, without the time at which they were last fetched.

    Args:
        conn: Where to read.
        leaving_out: Tables that are not of interest.
        digested: Give hashes instead of texts, where there are very many.
    """
    text = sql.SQL("md5(fact)" if digested else "fact")
    found: Rows = {}
    for name in await tables_of(conn):
        if name in leaving_out:
            continue
        cursor = await conn.execute(
            sql.SQL(
                "SELECT place, writer, {} FROM ({}) AS row (place, writer, fact)"
            ).format(text, _rows_query(name))
        )
        found[name] = {(row[0], row[1]): row[2] for row in await cursor.fetchall()}
    return found


def _rows_query(table: str) -> sql.Composable:
    if table == "documents":
        return sql.SQL(
            "SELECT source || kind, external_id, (to_jsonb(d) - 'checked_at')::text FROM documents AS d"
        )
    return sql.SQL("SELECT ctid::text, xmin::text, t::text FROM {} AS t").format(
        sql.Identifier(table)
    )


async def tables_of(conn: psycopg.AsyncConnection[Any]) -> list[str]:
    """Return the names of all tables of the schema."""
    cursor = await conn.execute(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"
    )
    return [row[0] for row in await cursor.fetchall() if row[0] not in _BOOKKEEPING]


async def count(conn: psycopg.AsyncConnection[Any], table: str) -> int:
    """Return how many rows a table has."""
    cursor = await conn.execute(
        sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])
