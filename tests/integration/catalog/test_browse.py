"""Reading a film back, by any of its ids."""

import pytest

from cinegraph.catalog.browse import find_movie, find_tmdb_id
from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool
from factories import (
    NOON,
    make_cast,
    make_film,
    make_person,
    make_record,
    make_whole_record,
)


async def _store(pool: Pool, record: object) -> int:
    async with pool.connection() as conn:
        await store_films(conn, [make_film(record)], now=NOON)  # type: ignore[arg-type] - a record
        row = await (await conn.execute("SELECT max(id) FROM movies")).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_film_reads_back_as_it_was_told(pool: Pool) -> None:
    """Names instead of ids, lists in the source's order, times with their zone."""
    await _store(pool, make_whole_record())
    async with pool.connection() as conn:
        film = await find_movie(conn, "tmdb", "603")
    assert film is not None
    assert (film.title, film.collection) == ("The Matrix", "The Matrix Collection")
    assert film.genres == ["Action", "Science Fiction"]
    assert film.companies == ["Village Roadshow Pictures"]
    assert film.countries == ["United States of America"]
    assert film.directors == ["Lana Wachowski"]
    assert [(credit.name, credit.character) for credit in film.cast] == [
        ("Keanu Reeves", "Neo")
    ]
    assert (film.cast_count, film.crew_count) == (1, 2)
    assert [(rating.value, rating.as_of) for rating in film.ratings] == [(8.2, NOON)]
    assert (film.fetched_at, film.updated_at) == (NOON, NOON)


async def test_a_film_is_found_by_each_of_its_ids(pool: Pool) -> None:
    """TMDB's, IMDb's and ours name the same film; a stranger's names none."""
    ours = await _store(pool, make_whole_record())
    async with pool.connection() as conn:
        for kind, number in (("tmdb", "603"), ("imdb", "tt0133093"), ("id", str(ours))):
            assert await find_tmdb_id(conn, kind, number) == 603
        assert await find_tmdb_id(conn, "tmdb", "604") is None
        assert await find_movie(conn, "imdb", "tt0000000") is None


@pytest.mark.parametrize("people", [0, 25])
async def test_the_billing_is_cut_after_ten(pool: Pool, people: int) -> None:
    """The first ten of the cast in their order, and how many there are."""
    record = make_record(
        people=tuple(make_person(n) for n in range(1, people + 1)),
        credits=tuple(
            make_cast(f"c{n}", n, position=people - n) for n in range(1, people + 1)
        ),
    )
    await _store(pool, record)
    async with pool.connection() as conn:
        film = await find_movie(conn, "tmdb", "603")
    assert film is not None
    assert film.cast_count == people
    billed = [f"Person {n}" for n in range(people, max(people - 10, 0), -1)]
    assert [credit.name for credit in film.cast] == billed
