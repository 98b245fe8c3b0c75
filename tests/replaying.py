"""
A consumer of the change log: keeps the films of a second database equal to those of the first.

It believes the log: of a film it reads again only the tables that the changes name, so that a change that is missing,
or names too little, leaves a difference. For tests and benchmarks (`replay`, then `differing`). The second database has
the schema of Cinegraph and is written with its triggers off.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from cinegraph.catalog import change_log
from cinegraph.catalog.change_log import Change
from snapshots import digests_of

type Conn = psycopg.AsyncConnection[Any]

SETS = {
    "credits": "credits",
    "genres": "movie_genres",
    "keywords": "movie_keywords",
    "companies": "movie_companies",
    "countries": "movie_countries",
    "languages": "movie_languages",
    "videos": "videos",
    "releases": "releases",
    "alternative_titles": "alternative_titles",
    "external_ids": "movie_external_ids",
    "recommendations": "source_recommendations",
    "watch_offers": "watch_offers",
    "ratings": "ratings",
    "facts": "movie_facts",
}
"""What the log calls the sets of a film, and their tables."""
_SHARED = {
    "movies": ("collections", "id", "collection_id"),
    "movie_genres": ("genres", "id", "genre_id"),
    "movie_keywords": ("keywords", "id", "keyword_id"),
    "movie_companies": ("companies", "id", "company_id"),
    "movie_countries": ("countries", "code", "country_code"),
    "movie_languages": ("languages", "code", "language_code"),
    "watch_offers": ("watch_providers", "id", "provider_id"),
}
"""What rows of films point at, by table: that table, its key, and the column that points."""
_PAGE = 500
_LISTED = sql.SQL("SELECT id FROM movies WHERE updated_at >= %s ORDER BY id")
FILM_TABLES = frozenset({"movies", "people", *SETS.values()})
"""What is to be equal."""


async def replay(source: Conn, target: Conn, since: int, *, limit: int = _PAGE) -> int:
    """Copy to *target* what changed in *source* after position *since*; return the position to go on from."""
    while True:
        page = await change_log.list_changes(source, since, limit=limit)
        await copy(source, target, page.changes)
        since = page.position
        if not page.changes:
            return since


async def copy(source: Conn, target: Conn, changes: Sequence[Change]) -> None:
    """Make equal in *target* what *changes* name, in one transaction, or in that which is open."""
    async with target.transaction():
        await target.execute("SET LOCAL session_replication_role = replica")
        for table, ids in (await _named(source, changes)).items():
            for first in range(0, len(ids), _PAGE):
                await _copy_rows(source, target, table, ids[first : first + _PAGE])


async def _named(source: Conn, changes: Iterable[Change]) -> dict[str, list[int]]:
    """Return which ids to read again, by table."""
    named: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        if change.id is None:
            cursor = await source.execute(_LISTED, (change.changed_at,))
            named["movies"].update(row[0] for row in await cursor.fetchall())
        elif change.kind == "person":
            named["people"].add(change.id)
        elif change.fields:
            for field in change.fields:
                named[SETS.get(field, "movies")].add(change.id)
        else:
            for table in FILM_TABLES - {"people"}:
                named[table].add(change.id)
    return {table: sorted(ids) for table, ids in named.items()}


async def _copy_rows(
    source: Conn, target: Conn, table: str, ids: Sequence[int]
) -> None:
    key = "id" if table in {"movies", "people"} else "movie_id"
    parts = {"table": sql.Identifier(table), "key": sql.Identifier(key)}
    rows = await _read(source, "{key} = ANY (%s)", parts, ids)
    await target.execute(
        sql.SQL("DELETE FROM {table} WHERE {key} = ANY (%s)").format(**parts),
        (list(ids),),
    )
    await _write(target, parts, rows)
    if table in _SHARED:
        shared, column, pointer = (sql.Identifier(name) for name in _SHARED[table])
        parts |= {"shared": shared, "column": column, "pointer": pointer}
        told = await _read(
            source,
            "{column} IN (SELECT {pointer} FROM {table} WHERE {key} = ANY (%s))",
            parts | {"read": shared},
            ids,
        )
        await _write(target, {"table": shared}, told)


async def _read(
    source: Conn,
    where: LiteralString,
    parts: dict[str, sql.Composable],
    ids: Sequence[int],
) -> str:
    parts = {"read": parts["table"]} | parts
    query = sql.Composed(
        sql.SQL(part).format(**parts)
        for part in (
            "SELECT coalesce(json_agg(t), '[]')::text FROM {read} AS t WHERE ",
            where,
        )
    )
    cursor = await source.execute(query, (list(ids),))
    [(rows,)] = await cursor.fetchall()
    return str(rows)


async def _write(target: Conn, parts: dict[str, sql.Composable], rows: str) -> None:
    await target.execute(
        sql.SQL(
            "INSERT INTO {table} OVERRIDING SYSTEM VALUE"
            " SELECT * FROM json_populate_recordset(NULL::{table}, %s::json) ON CONFLICT DO NOTHING"
        ).format(table=parts["table"]),
        (rows,),
    )


async def differing(source: Conn, target: Conn) -> dict[str, tuple[int, int]]:
    """Return the tables of films whose rows differ, with how many rows each side has; nothing: they are equal."""
    held, copied = [
        await digests_of(conn) | {"people": await _digest_people(conn)}
        for conn in (source, target)
    ]
    return {
        table: (held[table][0], copied[table][0])
        for table in sorted(FILM_TABLES)
        if held[table] != copied[table]
    }


async def _digest_people(conn: Conn) -> tuple[int, str]:
    """Return rows and a digest of people, without the day of what was said: saying the same again changes nobody."""
    cursor = await conn.execute(
        "SELECT count(*), md5(string_agg((to_jsonb(p) - '{created_at,updated_at,stated_on}'::text[])::text, ''"
        " ORDER BY id)) FROM people AS p"
    )
    [(count, digest)] = await cursor.fetchall()
    return count, digest
