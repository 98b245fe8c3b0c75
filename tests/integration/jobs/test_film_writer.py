"""Storing a film from a job: one transaction with ledger and runs, failures kept apart."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, LiteralString

import psycopg
import pytest
from msgspec.structs import replace

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.errors import PayloadError
from cinegraph.jobs.film_writer import FilmWriter
from cinegraph.sync import runs
from factories import make_cast, make_film, make_record, make_whole_record
from polling import until
from snapshots import catalog_of

type Fetch = Callable[[str], Awaitable[list[Any]]]


@pytest.fixture
async def writer(pool: Pool) -> FilmWriter:
    """Return a node's writer."""
    return FilmWriter(pool)


@pytest.fixture
def fetch(pool: Pool) -> Fetch:
    """Return a function that runs a query."""

    async def run(query: str) -> list[Any]:
        async with pool.connection() as conn:
            rows = await (await conn.execute(query)).fetchall()  # type: ignore[arg-type] - a test's own words
        return [row[0] if len(row) == 1 else row for row in rows]

    return run


async def _start_run(pool: Pool, films: list[int]) -> runs.RunId:
    async with pool.connection() as conn, conn.transaction():
        run_id = await runs.start_run(
            conn,
            kind="import_movies",
            source="tmdb",
            arguments={},
            requested_by="command",
            now=clock.now(),
        )
        await runs.add_items(conn, run_id, runs.MOVIE, films)
    return run_id


async def test_film_ledger_and_runs_are_one_transaction(
    pool: Pool, writer: FilmWriter, fetch: Fetch
) -> None:
    """The same transaction writes the film, its ledger row and every waiting run's item."""
    for _ in range(2):
        await _start_run(pool, [603, 604])
    stored = await writer.write(make_film(make_whole_record()))
    assert stored.is_new
    assert await fetch(
        "SELECT count(DISTINCT xmin::text) FROM ("
        " SELECT xmin FROM movies UNION ALL SELECT xmin FROM documents UNION ALL SELECT xmin FROM credits"
        " UNION ALL SELECT xmin FROM people UNION ALL SELECT xmin FROM sync_ledger"
        " UNION ALL SELECT xmin FROM sync_run_items WHERE external_id = 603) AS written"
    ) == [1]
    assert await fetch("SELECT external_id, state FROM sync_run_items ORDER BY 1") == [
        (603, "done"),
        (603, "done"),
        (604, "open"),
        (604, "open"),
    ]
    assert await fetch("SELECT external_id, state FROM sync_ledger") == [(603, "fresh")]


@pytest.mark.parametrize("table", ["sync_ledger", "sync_run_items"])
async def test_no_film_without_its_ledger_and_run(
    pool: Pool, writer: FilmWriter, table: str
) -> None:
    """When ledger or run cannot be written the film is not stored either."""
    await _start_run(pool, [603])
    async with pool.connection() as conn:
        await conn.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'object_in_use'; END $$"
        )
        await conn.execute(
            psycopg.sql.SQL(
                "CREATE TRIGGER refusing BEFORE INSERT OR UPDATE ON {} EXECUTE FUNCTION refuse()"
            ).format(psycopg.sql.Identifier(table))
        )
    with pytest.raises(psycopg.errors.ObjectInUse):
        await writer.write(make_film(make_whole_record()))
    async with pool.connection() as conn:
        held = await catalog_of(conn)
    assert [name for name, rows in held.items() if rows] == []


INCOMPRESSIBLE = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(4_000))


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"title": "a\0b"}, id="NUL"),
        pytest.param({"runtime_minutes": 2**40}, id="beyond integer"),
        pytest.param({"credits": (make_cast("c", 7),)}, id="a credit of nobody"),
        pytest.param({"imdb_id": INCOMPRESSIBLE}, id="too large for an index"),
    ],
)
async def test_a_refused_film_is_told_apart_from_its_group(
    pool: Pool, writer: FilmWriter, fetch: Fetch, facts: dict[str, Any]
) -> None:
    """Of thirty films written together the bad one is refused with its body, 29 stored."""
    films = [make_film(make_record(number)) for number in range(1, 31)]
    bad = make_film(make_record(13, **facts), body=b'{"odd": 1}')
    films[12] = bad
    results = await asyncio.gather(
        *(writer.write(film) for film in films), return_exceptions=True
    )
    refused = results.pop(12)
    assert isinstance(refused, PayloadError)
    assert refused.body == b'{"odd": 1}'
    assert "refuses" in str(refused)
    assert not [result for result in results if isinstance(result, BaseException)]
    assert await fetch("SELECT count(*) FROM movies") == [29]
    del pool


async def test_films_of_one_moment_share_a_transaction(
    writer: FilmWriter, fetch: Fetch
) -> None:
    """Forty films at once are a few transactions, not forty."""
    await asyncio.gather(
        *(writer.write(make_film(make_record(number))) for number in range(1, 41))
    )
    (transactions,) = await fetch("SELECT count(DISTINCT xmin::text) FROM movies")
    assert transactions <= 2


async def test_a_lost_connection_fails_the_group_and_the_next_works(
    pool: Pool, writer: FilmWriter, fetch: Fetch
) -> None:
    """The jobs of the group retry; the writer needs no restart."""
    async with pool.connection() as blocker:
        await blocker.execute("LOCK TABLE movies IN ACCESS EXCLUSIVE MODE")
        writing = [
            asyncio.create_task(writer.write(make_film(make_record(number))))
            for number in (1, 2, 3)
        ]
        await until(partial(_kill_waiting, pool))
        results = await asyncio.gather(*writing, return_exceptions=True)
    assert all(isinstance(result, psycopg.OperationalError) for result in results)
    await writer.write(make_film(make_record(4)))
    assert await fetch("SELECT tmdb_id FROM movies") == [4]


async def _kill_waiting(pool: Pool) -> bool:
    return await _is_any(
        pool,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )


@pytest.mark.parametrize("at_once", [1, 2])
async def test_after_a_failure_nothing_is_taken_for_stored(
    pool: Pool, writer: FilmWriter, fetch: Fetch, at_once: int
) -> None:
    """People that a restore took away are stored again with the next film."""
    record = make_whole_record()
    await writer.write(make_film(record))
    async with pool.connection() as conn:
        await conn.execute("TRUNCATE people CASCADE")
    again = [make_film(replace(record, tmdb_id=number)) for number in (604, 605)][
        :at_once
    ]
    results = await asyncio.gather(
        *(writer.write(film) for film in again), return_exceptions=True
    )
    assert not [result for result in results if isinstance(result, BaseException)]
    assert await fetch("SELECT count(*) FROM people") == [2]


async def test_a_deadlock_is_outlived(
    pool: Pool, writer: FilmWriter, fetch: Fetch
) -> None:
    """A stranger who locks in another order costs a try, not a film."""
    record = make_whole_record()
    await writer.write(make_film(record))
    changed = replace(
        record,
        people=tuple(replace(person, popularity=99.0) for person in record.people),
    )
    first, second = sorted(person.tmdb_id for person in record.people)
    async with pool.connection() as stranger:
        # We are to be the victim: the stranger's patience is longer.
        await stranger.execute("SET deadlock_timeout = '20s'")
        await stranger.execute(
            "UPDATE people SET imdb_id = 'nm1' WHERE tmdb_id = %s", [second]
        )
        writing = asyncio.create_task(
            writer.write(make_film(changed, fetched_at=clock.now()))
        )
        await until(partial(_is_waiting, pool))
        await stranger.execute(
            "UPDATE people SET imdb_id = 'nm2' WHERE tmdb_id = %s", [first]
        )
        await stranger.commit()
    assert (await writing).is_changed
    assert await fetch("SELECT DISTINCT popularity FROM people") == [99.0]


async def _is_waiting(pool: Pool) -> bool:
    return await _is_any(
        pool,
        "SELECT FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )


async def _is_any(pool: Pool, query: LiteralString) -> bool:
    async with pool.connection() as conn:
        return bool(await (await conn.execute(query)).fetchall())


@pytest.mark.parametrize(("popular_from", "days"), [(80.0, (0.9, 1)), (90.0, (5, 60))])
async def test_popular_is_who_is_among_the_first_of_todays_list(
    pool: Pool, fetch: Fetch, popular_from: float, days: tuple[float, float]
) -> None:
    """Those are due again after the update interval, an old film below when its votes are likely to have moved."""
    film = make_film(make_whole_record())
    writer = FilmWriter(pool, update_interval=timedelta(days=1))
    async with pool.connection() as conn:
        await conn.execute(
            "INSERT INTO export_snapshots (source, kind, listed_on, state, popular_from, fetched_at)"
            " VALUES ('tmdb', 'movie', '2026-09-01', 'merged', %s, clock_timestamp())",
            [popular_from],
        )
    # Its popularity is 83.5, its release long ago. The first interval is any part of one.
    for _ in range(2):
        await writer.write(film)
    [after] = await fetch("SELECT due_at - checked_at FROM sync_ledger")
    soonest, latest = days
    assert timedelta(days=soonest) <= after <= timedelta(days=latest)
