"""An IMDb id has one owner, whatever moves and in which order it is stored; and films that are another one now."""

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from cinegraph.catalog import identity, redirects, tombstones
from cinegraph.catalog.rebuilding import rewrite_films
from cinegraph.catalog.storing import Film
from cinegraph.catalog.tombstones import Burial
from cinegraph.db.pool import Pool
from cinegraph.jobs.film_writer import FilmWriter
from cinegraph.records.movie import ExternalIdRecord
from factories import NOON, make_film, make_record

type Conn = psycopg.AsyncConnection[Any]
DAY = timedelta(days=1)
X, Y = "tt0000001", "tt0000002"


def film(tmdb_id: int, imdb_id: str | None, days: float, **changes: Any) -> Film:
    """Return a film as it was told so many days after noon."""
    record = replace(
        make_record(tmdb_id),
        imdb_id=imdb_id,
        external_ids=(ExternalIdRecord("imdb", imdb_id),) if imdb_id else (),
        tagline=f"told after {days} days",
        **changes,
    )
    return make_film(record, fetched_at=NOON + days * DAY)


async def owners(pool: Pool) -> dict[int, str | None]:
    """Return the IMDb id of each film, which its external ids repeat."""
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT m.tmdb_id, m.imdb_id, x.value FROM movies AS m"
            " LEFT JOIN movie_external_ids AS x ON x.movie_id = m.id AND x.site = 'imdb'"
        )
        rows = await cursor.fetchall()
    assert all(own == listed for _, own, listed in rows)
    return {tmdb_id: own for tmdb_id, own, _ in rows}


async def _write(pool: Pool, *films: Film) -> None:
    writer = FilmWriter(pool)
    for each in films:
        await writer.write(each)


async def test_an_id_that_moves_has_one_owner(pool: Pool) -> None:
    """The film it went to; the other has none, also when its own answer came first, or never."""
    await _write(pool, film(1, X, 0), film(2, None, 0), film(2, X, 1))
    assert await owners(pool) == {1: None, 2: X}
    await _write(pool, film(1, None, 2))
    assert await owners(pool) == {1: None, 2: X}


async def test_an_answer_without_an_id_takes_none_away(pool: Pool) -> None:
    """Nobody else says that it is theirs."""
    await _write(pool, film(1, X, 0), film(1, None, 1))
    assert await owners(pool) == {1: X}


async def test_two_films_exchange_their_ids(pool: Pool) -> None:
    """Whichever is stored first."""
    await _write(pool, film(1, X, 0), film(2, Y, 0))
    await _write(pool, film(1, Y, 1))
    assert await owners(pool) == {1: Y, 2: None}
    await _write(pool, film(2, X, 1))
    assert await owners(pool) == {1: Y, 2: X}


async def test_an_id_returns_to_the_film_that_still_states_it(pool: Pool) -> None:
    """When the other one states another."""
    await _write(pool, film(1, X, 0), film(2, X, 1), film(2, Y, 2))
    assert await owners(pool) == {1: X, 2: Y}


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_latest_statement_wins_in_any_order(
    pool: Pool, order: tuple[int, ...]
) -> None:
    """And a rebuild changes nothing."""
    films = [film(1, X, 0), film(2, X, 2), film(3, X, 1)]
    await _write(pool, *(films[place] for place in order))
    assert await owners(pool) == {1: None, 2: X, 3: None}
    async with pool.connection() as conn:
        await conn.execute("UPDATE movies SET imdb_id = NULL")
        await conn.execute("DELETE FROM movie_external_ids WHERE site = 'imdb'")
        await conn.execute("DELETE FROM imdb_claims")
    async with pool.connection() as conn, conn.transaction():
        for place in order:
            again = [films[place]]
            await identity.lock_ids(conn, again)
            await rewrite_films(conn, again, now=NOON)
            await identity.settle_ids(conn, again, now=NOON)
    assert await owners(pool) == {1: None, 2: X, 3: None}


async def test_films_that_exchange_ids_at_once_do_not_wait_for_each_other(
    pool: Pool,
) -> None:
    """Two nodes store them again and again, in both orders."""
    await _write(pool, film(1, X, 0), film(2, Y, 0))
    nodes = FilmWriter(pool), FilmWriter(pool)
    for day in range(1, 11):
        ids = (Y, X) if day % 2 else (X, Y)
        await asyncio.gather(
            nodes[day % 2].write(film(1, ids[0], day)),
            nodes[1 - day % 2].write(film(2, ids[1], day)),
        )
        assert await owners(pool) == {1: ids[0], 2: ids[1]}


async def _gone(conn: Conn, tmdb_id: int, days: float = 3) -> int:
    cursor = await conn.execute("SELECT id FROM movies WHERE tmdb_id = %s", [tmdb_id])
    [(movie_id,)] = await cursor.fetchall()
    burial = Burial(
        movie_id=movie_id,
        denied_at=NOON,
        last_denied_at=NOON,
        denials=2,
        missing_since=NOON.date(),
        exports=2,
    )
    assert await tombstones.bury(conn, [burial], now=NOON + days * DAY) == 1
    return int(movie_id)


async def _redirects(conn: Conn) -> list[tuple[int, int, str, bool]]:
    return [
        (one.from_tmdb_id, one.to_tmdb_id, one.evidence, one.undone_at is None)
        for one in await redirects.list_redirects(conn, limit=9)
    ]


async def test_a_film_that_went_is_the_one_that_has_its_id(pool: Pool) -> None:
    """By IMDb's id before Wikidata's; one that nobody is stays alone."""
    wikidata = (ExternalIdRecord("wikidata", "Q1"),)
    await _write(pool, film(1, X, 0), film(2, None, 0), film(3, Y, 0), film(2, X, 1))
    two = replace(film(4, None, 0).record, external_ids=wikidata)
    five = replace(film(5, None, 0).record, external_ids=wikidata)
    await _write(pool, make_film(two), make_film(five))
    async with pool.connection() as conn:
        for tmdb_id in (1, 3, 4):
            await _gone(conn, tmdb_id)
        assert len(await redirects.find_merges(conn, now=NOON + 3 * DAY)) == 2
        assert await redirects.find_merges(conn, now=NOON + 3 * DAY) == []
        assert sorted(await _redirects(conn)) == [
            (1, 2, "imdb_id", True),
            (4, 5, "wikidata_id", True),
        ]


async def test_a_person_undoes_a_merge_for_good(pool: Pool) -> None:
    """It is not found again, and can be done again."""
    await _write(pool, film(1, X, 0), film(2, X, 1))
    async with pool.connection() as conn:
        await _gone(conn, 1)
        await redirects.find_merges(conn, now=NOON + 3 * DAY)
        assert await redirects.undo(conn, [1, 9], who="ada", now=NOON + 4 * DAY) == [1]
        assert await redirects.find_merges(conn, now=NOON + 5 * DAY) == []
        assert await _redirects(conn) == [(1, 2, "imdb_id", False)]
        assert await redirects.redo(conn, [1], who="ada") == [1]
        assert await _redirects(conn) == [(1, 2, "imdb_id", True)]
        cursor = await conn.execute(
            "SELECT action FROM change_entries WHERE other_id IS NOT NULL ORDER BY id"
        )
        told = [row[0] for row in await cursor.fetchall()]
        assert told == ["merged", "unmerged", "merged"]


async def test_a_film_that_returns_is_no_other_one(pool: Pool) -> None:
    """Its redirect ends with its tombstone."""
    await _write(pool, film(1, X, 0), film(2, X, 1))
    async with pool.connection() as conn:
        await _gone(conn, 1)
        await redirects.find_merges(conn, now=NOON + 3 * DAY)
        await tombstones.revive(conn, [1], now=NOON + 4 * DAY)
        assert await _redirects(conn) == [(1, 2, "imdb_id", False)]


async def test_the_source_is_asked_once_for_a_film_that_nobody_explains(
    pool: Pool,
) -> None:
    """What it finds makes a redirect; what it does not is asked for again a week later."""
    await _write(pool, film(1, X, 0), film(2, None, 0), film(3, Y, 0))
    async with pool.connection() as conn:
        for tmdb_id in (1, 3):
            await _gone(conn, tmdb_id)
        now = NOON + 3 * DAY
        one, three = await redirects.list_findable(conn, limit=9, now=now)
        assert (one.imdb_id, three.imdb_id) == (X, Y)
        assert await redirects.note_found(conn, one, 2, now=now) is not None
        assert await redirects.note_found(conn, three, None, now=now) is None
        assert await _redirects(conn) == [(1, 2, "find", True)]
        assert await redirects.list_findable(conn, limit=9, now=now + DAY) == []
        assert await redirects.list_findable(conn, limit=9, now=now + 8 * DAY) == [
            three
        ]
