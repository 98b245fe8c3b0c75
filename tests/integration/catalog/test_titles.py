"""What a second source says of films: rows equal to its title, history of values, films and titles in any order."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from psycopg import AsyncConnection

from cinegraph.catalog.documents import StoredDocument
from cinegraph.catalog.storing import store_films
from cinegraph.catalog.titles import (
    Attached,
    StoredTitle,
    Title,
    attach_titles,
    lock_titles,
    store_titles,
)
from cinegraph.db.pool import Pool
from cinegraph.records.movie import RatingRecord
from cinegraph.records.title import FactRecord, RatedTitleRecord
from factories import NOON, make_film, make_record, make_title
from snapshots import rows_of

type Fetch = Callable[..., Awaitable[list[Any]]]
type Say = Callable[..., Awaitable[list[StoredTitle]]]

TT = "tt0133093"
OTHER = "tt0234215"
DAY = timedelta(days=1)
IMDB = RatingRecord("imdb", 8.7, 2_000_000)
TOMATOES = RatingRecord("rotten_tomatoes", 83.0)
AWARDS = FactRecord("awards", "Won 4 Oscars.", None)
DOLLARS = FactRecord("box_office_usd", None, 172_076_928)
RATED = FactRecord("rated", "R", None)


def read(document: StoredDocument) -> RatedTitleRecord:
    """Read a body of `make_title`."""
    return msgspec.json.decode(document.unpack(), type=RatedTitleRecord)


@pytest.fixture
def say(pool: Pool) -> Say:
    """Return a function that stores titles in one transaction."""

    async def run(*titles: Title) -> list[StoredTitle]:
        async with pool.connection() as conn, conn.transaction():
            return await store_titles(conn, titles, now=NOON)

    return run


@pytest.fixture
def screen(pool: Pool) -> Callable[..., Awaitable[list[Attached]]]:
    """Return a function that stores films as jobs do: with the rows of their titles."""

    async def run(
        imdb_ids: dict[int, str | None], *, at: datetime = NOON
    ) -> list[Attached]:
        films = [
            make_film(make_record(tmdb_id, imdb_id=imdb_id), fetched_at=at)
            for tmdb_id, imdb_id in imdb_ids.items()
        ]
        async with pool.connection() as conn, conn.transaction():
            await lock_titles(conn, filter(None, imdb_ids.values()))
            await store_films(conn, films, now=at)
            return await attach_titles(conn, list(imdb_ids), read=read, now=at)

    return run


type Screen = Callable[..., Awaitable[list[Attached]]]


async def ratings_of(fetch: Fetch, tmdb_id: int = 603) -> list[Any]:
    """Return a film's ratings of the second source."""
    return await fetch(
        "SELECT r.kind, r.value, r.votes, r.as_of FROM ratings AS r JOIN movies AS m ON m.id = r.movie_id"
        " WHERE r.source = 'omdb' AND m.tmdb_id = %s ORDER BY 1",
        [tmdb_id],
    )


async def facts_of(fetch: Fetch, tmdb_id: int = 603) -> list[Any]:
    """Return a film's facts."""
    return await fetch(
        "SELECT f.kind, f.text, f.number, f.as_of FROM movie_facts AS f JOIN movies AS m ON m.id = f.movie_id"
        " WHERE m.tmdb_id = %s ORDER BY 1",
        [tmdb_id],
    )


async def history_of(fetch: Fetch) -> list[Any]:
    """Return everything that was replaced."""
    return [
        *await fetch(
            "SELECT kind, value, votes, as_of, until FROM rating_history ORDER BY kind, as_of"
        ),
        *await fetch(
            "SELECT kind, text, number, as_of, until FROM fact_history ORDER BY kind, as_of"
        ),
    ]


async def test_a_title_gives_its_films_ratings_and_facts(
    say: Say, screen: Screen, fetch: Fetch
) -> None:
    """Every film of the id has them, dated when the body came; the caller learns which films these are."""
    await screen({603: TT, 604: TT, 605: OTHER, 606: None})

    [stored] = await say(make_title(TT, IMDB, TOMATOES, AWARDS, DOLLARS))

    own = await fetch("SELECT id FROM movies WHERE imdb_id = %s ORDER BY tmdb_id", [TT])
    assert stored == StoredTitle(
        TT,
        is_changed=True,
        movie_ids=tuple(own),
        tmdb_ids=(603, 604),
        is_empty=False,
    )
    for film in (603, 604):
        assert await ratings_of(fetch, film) == [
            ("imdb", 8.7, 2_000_000, NOON),
            ("rotten_tomatoes", 83.0, None, NOON),
        ]
        assert await facts_of(fetch, film) == [
            ("awards", "Won 4 Oscars.", None, NOON),
            ("box_office_usd", None, 172_076_928, NOON),
        ]
    assert await ratings_of(fetch, 605) == []
    assert await history_of(fetch) == []


async def test_the_same_body_again_moves_only_the_time_of_its_check(
    say: Say, screen: Screen, fetch: Fetch, pool: Pool
) -> None:
    """Not a row is written, and it says so."""
    await screen({603: TT})
    await say(make_title(TT, IMDB, AWARDS))
    async with pool.connection() as conn:
        before = await rows_of(conn)

    [again] = await say(make_title(TT, IMDB, AWARDS, at=NOON + DAY))

    async with pool.connection() as conn:
        assert await rows_of(conn) == before
    assert (again.is_changed, len(again.movie_ids)) == (False, 1)
    assert await fetch(
        "SELECT fetched_at, checked_at FROM documents WHERE source = 'omdb'"
    ) == [(NOON, NOON + DAY)]


async def test_a_value_that_moves_leaves_its_time_in_history(
    say: Say, screen: Screen, fetch: Fetch
) -> None:
    """The old value with its time and until when; what stays the same keeps its time, votes are counted in place."""
    await screen({603: TT})
    await say(make_title(TT, IMDB, TOMATOES, AWARDS, DOLLARS))
    moved = (RatingRecord("imdb", 8.8, 2_100_000), FactRecord("awards", "Won 5.", None))

    await say(make_title(TT, *moved, TOMATOES, DOLLARS, at=NOON + DAY))
    await say(
        make_title(
            TT,
            RatingRecord("imdb", 8.8, 2_200_000),
            FactRecord("awards", "Won 5.", None),
            TOMATOES,
            DOLLARS,
            at=NOON + 2 * DAY,
        )
    )

    assert await ratings_of(fetch) == [
        ("imdb", 8.8, 2_200_000, NOON + DAY),
        ("rotten_tomatoes", 83.0, None, NOON),
    ]
    assert await facts_of(fetch) == [
        ("awards", "Won 5.", None, NOON + DAY),
        ("box_office_usd", None, 172_076_928, NOON),
    ]
    assert await history_of(fetch) == [
        ("imdb", 8.7, 2_000_000, NOON, NOON + DAY),
        ("awards", "Won 4 Oscars.", None, NOON, NOON + DAY),
    ]


async def test_a_value_that_is_gone_goes_into_history(
    say: Say, screen: Screen, fetch: Fetch
) -> None:
    """A rating and a fact that are N/A now leave their tables; when they come back they begin anew."""
    await screen({603: TT})
    await say(make_title(TT, IMDB, TOMATOES, DOLLARS, AWARDS))
    await say(make_title(TT, IMDB, AWARDS, at=NOON + DAY))
    assert [row[0] for row in await ratings_of(fetch)] == ["imdb"]
    assert [row[0] for row in await facts_of(fetch)] == ["awards"]

    await say(make_title(TT, IMDB, TOMATOES, AWARDS, at=NOON + 2 * DAY))

    assert (await ratings_of(fetch))[1] == (
        "rotten_tomatoes",
        83.0,
        None,
        NOON + 2 * DAY,
    )
    assert await history_of(fetch) == [
        ("rotten_tomatoes", 83.0, None, NOON, NOON + DAY),
        ("box_office_usd", None, 172_076_928, NOON, NOON + DAY),
    ]


async def test_an_older_body_changes_nothing(
    say: Say, screen: Screen, fetch: Fetch
) -> None:
    """Whatever arrives late, the newest counts."""
    await screen({603: TT})
    await say(make_title(TT, IMDB, at=NOON + DAY))

    [late] = await say(make_title(TT, TOMATOES, AWARDS))

    assert not late.is_changed
    assert await ratings_of(fetch) == [("imdb", 8.7, 2_000_000, NOON + DAY)]
    assert await history_of(fetch) == []


@pytest.mark.parametrize("empty", [(), (RATED,)])
async def test_an_empty_answer_replaces_nothing(
    say: Say, screen: Screen, fetch: Fetch, empty: Sequence[FactRecord]
) -> None:
    """A title that suddenly knows nothing is a fault upstream: what was good stays, and the caller learns of it."""
    await screen({603: TT})
    await say(make_title(TT, IMDB, RATED))
    kept = await fetch("SELECT * FROM documents WHERE source = 'omdb'")

    [stored] = await say(make_title(TT, *empty, at=NOON + DAY))

    assert (stored.is_changed, stored.is_empty) == (False, True)
    assert await ratings_of(fetch) == [("imdb", 8.7, 2_000_000, NOON)]
    assert await fetch("SELECT * FROM documents WHERE source = 'omdb'") == kept


async def test_an_empty_answer_is_kept_until_a_good_one_comes(
    say: Say, screen: Screen, fetch: Fetch
) -> None:
    """A young film has nothing yet: its body is stored, a newer empty one too, and the first good one."""
    await screen({603: TT})
    first = await say(make_title(TT, RATED))
    second = await say(make_title(TT, at=NOON + DAY))
    third = await say(make_title(TT, IMDB, at=NOON + 2 * DAY))

    flags = [(one.is_changed, one.is_empty) for [one] in (first, second, third)]
    assert flags == [(True, True), (True, True), (True, False)]
    assert len(await ratings_of(fetch)) == 1


async def test_a_film_that_comes_later_gets_the_rows_of_its_title(
    say: Say, screen: Screen, fetch: Fetch
) -> None:
    """Stored before its film, a title is not asked for again: whoever stores the film learns that it is there."""
    [early] = await say(make_title(TT, IMDB, AWARDS))
    assert (early.is_changed, early.movie_ids) == (True, ())

    attached = await screen({603: TT, 604: None}, at=NOON + DAY)

    assert attached == [Attached(603, NOON, is_empty=False)]
    assert await ratings_of(fetch) == [("imdb", 8.7, 2_000_000, NOON)]
    assert await facts_of(fetch) == [("awards", "Won 4 Oscars.", None, NOON)]
    assert await history_of(fetch) == []


async def test_a_film_whose_id_changes_changes_its_title(
    say: Say, screen: Screen, fetch: Fetch
) -> None:
    """It loses the rows of the old id and gets those of the new one, if any; history keeps what it showed."""
    await say(make_title(TT, IMDB, AWARDS), make_title(OTHER, TOMATOES))
    await screen({603: TT})

    await screen({603: OTHER}, at=NOON + DAY)

    assert await ratings_of(fetch) == [("rotten_tomatoes", 83.0, None, NOON)]
    assert await facts_of(fetch) == []
    await screen({603: "tt0000009"}, at=NOON + 2 * DAY)
    assert await ratings_of(fetch) == []
    assert await history_of(fetch) == [
        ("imdb", 8.7, 2_000_000, NOON, NOON + DAY),
        ("rotten_tomatoes", 83.0, None, NOON, NOON + 2 * DAY),
        ("awards", "Won 4 Oscars.", None, NOON, NOON + DAY),
    ]


async def test_going_back_and_forth_is_no_conflict(
    say: Say, screen: Screen, fetch: Fetch
) -> None:
    """The same value of the same time may be replaced twice: history has it once, until it last ended."""
    await say(make_title(TT, IMDB), make_title(OTHER, TOMATOES))
    for day, imdb_id in enumerate([TT, OTHER, TT, OTHER]):
        await screen({603: imdb_id}, at=NOON + day * DAY)

    assert await history_of(fetch) == [
        ("imdb", 8.7, 2_000_000, NOON, NOON + 3 * DAY),
        ("rotten_tomatoes", 83.0, None, NOON, NOON + 2 * DAY),
    ]


async def test_ratings_of_the_first_source_are_left_alone(
    pool: Pool, say: Say, fetch: Fetch
) -> None:
    """A title speaks for its own source only."""
    film = make_film(
        make_record(603, imdb_id=TT, rating=RatingRecord("user_score", 8.2, 26_000))
    )
    async with pool.connection() as conn, conn.transaction():
        await store_films(conn, [film], now=NOON)

    await say(make_title(TT, IMDB))
    await say(make_title(TT, AWARDS, at=NOON + DAY))

    assert await fetch("SELECT source, kind, value FROM ratings") == [
        ("tmdb", "user_score", 8.2)
    ]


class TestAtOnce:
    """A film and its title stored at the same moment, in any order."""

    async def test_the_title_waits_for_a_film_that_gets_its_id(
        self, pool: Pool, say: Say, fetch: Fetch
    ) -> None:
        """A film that is not committed yet is seen by the title that is stored meanwhile."""
        async with pool.connection() as conn, conn.transaction():
            await self._store_film(conn, TT)
            title = await self._start(say(make_title(TT, IMDB)))
        await title

        assert len(await ratings_of(fetch)) == 1

    async def test_the_film_waits_for_its_title(self, pool: Pool, fetch: Fetch) -> None:
        """A title that is not committed yet is seen by the film that is stored meanwhile."""

        async def screen() -> None:
            async with pool.connection() as conn, conn.transaction():
                await self._store_film(conn, TT)

        async with pool.connection() as conn, conn.transaction():
            await store_titles(conn, [make_title(TT, IMDB)], now=NOON)
            film = await self._start(screen())
        await film

        assert len(await ratings_of(fetch)) == 1

    async def test_a_title_does_not_follow_a_film_that_leaves_it(
        self, pool: Pool, say: Say, screen: Screen, fetch: Fetch
    ) -> None:
        """News of the old id that come while the film gets another are not the film's."""
        await screen({603: TT})
        await say(make_title(TT, IMDB))
        news = make_title(TT, TOMATOES, AWARDS, at=NOON + DAY)
        async with pool.connection() as conn, conn.transaction():
            await self._store_film(conn, OTHER, at=NOON + DAY)
            title = await self._start(say(news))
        await title

        assert await ratings_of(fetch) == []
        assert await facts_of(fetch) == []

    @staticmethod
    async def _store_film(
        conn: AsyncConnection[Any], imdb_id: str, *, at: datetime = NOON
    ) -> None:
        """Store film 603 in a transaction that is open."""
        film = make_film(make_record(603, imdb_id=imdb_id), fetched_at=at)
        await lock_titles(conn, [imdb_id])
        await store_films(conn, [film], now=at)
        await attach_titles(conn, [603], read=read, now=at)

    @staticmethod
    async def _start(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start *work* and let it come as far as it can."""
        task = asyncio.create_task(work)
        await asyncio.wait([task], timeout=0.3)
        return task
