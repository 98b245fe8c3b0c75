"""What TMDB's terms let nobody keep: a film that is gone is cut to its ids, and returns with all it has."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from cinegraph.catalog import people, rebuilding, tombstones
from cinegraph.catalog.storing import StoredFilm
from cinegraph.catalog.tombstones import Burial
from cinegraph.db.pool import Pool
from cinegraph.records.person import PersonDetailsRecord
from cinegraph.sources.awards import to_document
from factories import (
    NOON,
    make_cast,
    make_film,
    make_person,
    make_record,
    make_whole_record,
)
from snapshots import Catalog, catalog_of

KEPT = timedelta(days=178)
FILM = {"source": "tmdb", "kind": "movie"}
OF_TMDB = (
    *("alternative_titles", "credits", "movie_companies", "movie_countries"),
    *("movie_genres", "movie_keywords", "movie_languages", "releases"),
    *("source_recommendations", "videos", "watch_offers", "documents"),
)

type Store = Callable[..., Awaitable[list[StoredFilm]]]
type Fetch = Callable[..., Awaitable[list[Any]]]


@pytest.fixture
async def buried(pool: Pool, store: Store, fetch: Fetch) -> int:
    """Return the id of a film that is gone, beside one that is not; they share a person."""
    other = make_record(604, title="Reloaded", credits=[make_cast("shared", 6384)])
    await store(make_film(make_whole_record()), make_film(other))
    [movie_id] = await fetch("SELECT id FROM movies WHERE tmdb_id = 603")
    async with pool.connection() as conn, conn.transaction():
        await conn.execute(
            "INSERT INTO ratings (movie_id, source, kind, value, votes, as_of) VALUES (%s, 'omdb', 'imdb', 8.7, 9, %s)",
            [movie_id, NOON],
        )
        stone = Burial(
            movie_id=movie_id,
            denied_at=NOON + timedelta(days=1),
            last_denied_at=NOON + timedelta(days=1, hours=6),
            denials=2,
            missing_since=date(2026, 9, 2),
            exports=2,
        )
        assert await tombstones.bury(conn, [stone], now=NOON + timedelta(days=3)) == 1
    return int(movie_id)


def _timeless(held: Catalog) -> Catalog:
    """Leave out when things were said."""
    times = {"as_of", "checked_at", "fetched_at", "gone_at", "stated_on"}
    return {
        name: [
            {key: row[key] for key in row if key not in times}
            if isinstance(row, dict)
            else row
            for row in rows
        ]
        for name, rows in held.items()
    }


async def _cut(pool: Pool, after: timedelta) -> int:
    async with pool.connection() as conn, conn.transaction():
        now = NOON + after
        films = await tombstones.cut(
            conn, **FILM, before=now - KEPT, now=now, limit=100
        )
        await tombstones.cut_people(conn, before=now - KEPT, now=now)
    return films


async def test_all_but_its_ids_goes_when_its_time_is_over(
    pool: Pool, fetch: Fetch, buried: int
) -> None:
    """Counted from when TMDB last sent it; the other film, and what OMDb said, stay."""
    before = await fetch("SELECT * FROM movies WHERE tmdb_id = 604")
    assert await _cut(pool, KEPT) == 0
    assert await _cut(pool, KEPT + timedelta(days=1)) == 1
    assert await _cut(pool, KEPT + timedelta(days=2)) == 0
    async with pool.connection() as conn:
        held = await catalog_of(conn)
        assert await rebuilding.list_undocumented(conn, "tmdb", "movie") == []
    assert len(held["documents"]) == 1
    assert {name: len(held[name]) for name in OF_TMDB if held[name]} == {
        "credits": 1,
        "documents": 1,
    }
    said = await fetch(
        "SELECT to_jsonb(movies) - ARRAY['id', 'created_at', 'updated_at', 'gone_at'] FROM movies WHERE id = %s",
        [buried],
    )
    assert {name: value for name, value in said[0].items() if value is not None} == {
        "tmdb_id": 603,
        "imdb_id": "tt0133093",
        "title": "TMDB 603",
        "is_adult": False,
        "is_video": False,
    }
    assert await fetch("SELECT source FROM ratings WHERE movie_id = %s", [buried]) == [
        "omdb"
    ]
    assert len(held["movie_external_ids"]) == 2
    assert await fetch("SELECT * FROM movies WHERE tmdb_id = 604") == before


async def test_people_whom_no_film_names_are_cut_too(
    pool: Pool, fetch: Fetch, buried: int
) -> None:
    """Who is in another film stays."""
    assert buried
    await _cut(pool, KEPT + timedelta(days=2))
    names = dict(await fetch("SELECT tmdb_id, name FROM people"))
    assert {
        tmdb_id for tmdb_id, name in names.items() if name == f"TMDB {tmdb_id}"
    } == (set(names) - {6384})
    assert await fetch(
        "SELECT count(*) FROM people WHERE profile_path IS NOT NULL AND tmdb_id <> 6384"
    ) == [0]


async def test_consumers_are_told(pool: Pool, fetch: Fetch, buried: int) -> None:
    """Of the film's fields and of each of its sets."""
    await fetch("DELETE FROM change_entries RETURNING id")
    await _cut(pool, KEPT + timedelta(days=1))
    fields = await fetch(
        "SELECT DISTINCT unnest(fields) FROM change_entries WHERE kind = 'movie' AND %s = ANY (entity_ids)",
        [buried],
    )
    assert {"title", "overview", "credits", "videos", "ratings"} <= set(fields)


async def test_a_film_that_returns_has_all_it_had(
    pool: Pool, store: Store, fetch: Fetch, buried: int
) -> None:
    """Its row is the same one, and its people have their names again."""
    async with pool.connection() as conn:
        before = _timeless(await catalog_of(conn))
    await _cut(pool, KEPT + timedelta(days=2))
    async with pool.connection() as conn:
        assert _timeless(await catalog_of(conn)) != before
    now = NOON + timedelta(days=200)
    await store(make_film(make_whole_record(), fetched_at=now), now=now)
    async with pool.connection() as conn, conn.transaction():
        assert await tombstones.revive(conn, [603], now=now) == [603]
        assert _timeless(await catalog_of(conn)) == before
    assert await fetch("SELECT id FROM movies WHERE tmdb_id = 603") == [buried]


async def test_what_is_there_is_never_cut(
    pool: Pool, store: Store, fetch: Fetch
) -> None:
    """However old it is: a film that cannot be refreshed is the self-audit's to tell."""
    await store(make_film(make_whole_record()))
    before = await fetch("SELECT * FROM movies")
    assert await _cut(pool, timedelta(days=400)) == 0
    assert await fetch("SELECT * FROM movies") == before


async def test_a_person_of_whom_tmdb_tells_by_itself_stays_while_it_does(
    pool: Pool, fetch: Fetch
) -> None:
    """A nominee whom no credits name: kept while their own page is fetched anew, cut with it when it is not."""
    person = people.Person(
        document=to_document("tmdb", "77", b"{}", fetched_at=NOON),
        record=PersonDetailsRecord(
            person=make_person(77, "Ann One"), imdb_id="nm0000077"
        ),
    )
    person = replace(person, document=replace(person.document, kind=people.KIND))
    later = replace(
        person.document, fetched_at=NOON + timedelta(days=150), sha256=b"other"
    )
    async with pool.connection() as conn, conn.transaction():
        await people.store_people(conn, [person], now=NOON)
        again = replace(person, document=later)
        await people.store_people(conn, [again], now=NOON + timedelta(days=150))

    async def cut(after: timedelta) -> str:
        async with pool.connection() as conn, conn.transaction():
            now = NOON + after
            await people.cut_details(conn, before=now - KEPT)
            await tombstones.cut_people(conn, before=now - KEPT, now=now)
        [name] = await fetch("SELECT name FROM people WHERE tmdb_id = 77")
        return str(name[0] if isinstance(name, tuple) else name)

    assert await cut(KEPT + timedelta(days=100)) == "Ann One"
    assert await cut(KEPT + timedelta(days=152)) == "TMDB 77"
    assert await fetch("SELECT * FROM person_details") == []
