"""Merging IMDb's ratings: films by their IMDb id, values with a history, nothing written in vain."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from cinegraph.catalog.external_ratings import MergedRatings, merge_ratings
from cinegraph.catalog.storing import StoredFilm
from cinegraph.db.pool import Pool
from cinegraph.records.export import ExportRecord, ListedRatingRecord, PlausibleLines
from factories import make_film, make_record
from snapshots import rows_of

DAY = date(2026, 11, 24)
NEXT = DAY + timedelta(days=1)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RATINGS = (
    "SELECT m.tmdb_id, r.value, r.votes, r.as_of FROM ratings AS r JOIN movies AS m ON m.id = r.movie_id"
    " WHERE r.source = 'imdb' AND r.kind = 'user_rating' ORDER BY m.tmdb_id"
)
HISTORY = (
    "SELECT m.tmdb_id, h.value, h.votes, h.as_of, h.until FROM rating_history AS h"
    " JOIN movies AS m ON m.id = h.movie_id WHERE h.source = 'imdb' ORDER BY m.tmdb_id"
)

type Store = Callable[..., Awaitable[list[StoredFilm]]]
type Fetch = Callable[..., Awaitable[list[Any]]]
type Merge = Callable[..., Awaitable[MergedRatings | None]]


def at(day: date) -> datetime:
    """Return when the list of *day* was fetched."""
    return NOON + (day - DAY)


@pytest.fixture
def merge(pool: Pool) -> Merge:
    """Return a function that merges ratings in a transaction of its own."""

    async def run(
        rows: Iterable[tuple[str, float, int]],
        day: date = DAY,
        told: list[PlausibleLines] | None = None,
    ) -> MergedRatings | None:
        def read(plausible: PlausibleLines) -> Any:  # noqa: ANN401 - batches
            if told is not None:
                told.append(plausible)
            return iter([[ListedRatingRecord(*row) for row in rows]])

        export = ExportRecord(
            listed_on=day, size_bytes=1, sha256=b"x", fetched_at=at(day)
        )
        async with pool.connection() as conn, conn.transaction():
            return await merge_ratings(conn, read, export=export, now=at(day))

    return run


@pytest.fixture
async def films(store: Store) -> None:
    """Store films 1 to 4: two share an IMDb id, the last has none."""
    ids = {1: "tt0000001", 2: "tt0000002", 3: "tt0000002", 4: None}
    await store(*(make_film(replace(make_record(n), imdb_id=ids[n])) for n in ids))


@pytest.mark.usefixtures("films")
async def test_films_are_found_by_their_id(merge: Merge, fetch: Fetch) -> None:
    """Two films of one id get the rating both; titles that are no film of ours leave no trace."""
    merged = await merge(
        [("tt0000001", 8.5, 100), ("tt0000002", 6.0, 7), ("tt9999999", 1.0, 5)]
    )

    assert merged == MergedRatings(lines=3, films=3, new=3, changed=0, gone=0)
    assert await fetch(RATINGS) == [
        (1, 8.5, 100, at(DAY)),
        (2, 6.0, 7, at(DAY)),
        (3, 6.0, 7, at(DAY)),
    ]
    assert await fetch(
        "SELECT source, kind, state, line_count FROM export_snapshots"
    ) == [("imdb", "ratings", "merged", 3)]


@pytest.mark.usefixtures("films")
async def test_only_values_have_a_history(merge: Merge, fetch: Fetch) -> None:
    """A new value moves the old one there; more votes for the same value only count them."""
    await merge([("tt0000001", 8.5, 100), ("tt0000002", 6.0, 7)])

    merged = await merge([("tt0000001", 8.6, 120), ("tt0000002", 6.0, 9)], NEXT)

    assert merged == MergedRatings(lines=2, films=3, new=0, changed=3, gone=0)
    assert await fetch(RATINGS) == [
        (1, 8.6, 120, at(NEXT)),
        (2, 6.0, 9, at(DAY)),
        (3, 6.0, 9, at(DAY)),
    ]
    assert await fetch(HISTORY) == [(1, 8.5, 100, at(DAY), at(NEXT))]


@pytest.mark.usefixtures("films")
async def test_a_rating_that_is_gone(merge: Merge, fetch: Fetch) -> None:
    """A complete list that no longer has it ends it; what it was stays known."""
    await merge([("tt0000001", 8.5, 100), ("tt0000002", 6.0, 7)])

    merged = await merge([("tt0000002", 6.0, 7)], NEXT)

    assert merged is not None
    assert merged.gone == 1
    assert [row[0] for row in await fetch(RATINGS)] == [2, 3]
    assert await fetch(HISTORY) == [(1, 8.5, 100, at(DAY), at(NEXT))]


@pytest.mark.usefixtures("films")
async def test_other_sources_stay(pool: Pool, merge: Merge, fetch: Fetch) -> None:
    """Ratings of TMDB and OMDb are not IMDb's to change; equal rows are not written again."""
    await fetch(
        "INSERT INTO ratings SELECT id, 'omdb', 'imdb', 5.0, 3, %s FROM movies WHERE tmdb_id = 1 RETURNING 1",
        (NOON,),
    )
    rows = [("tt0000001", 8.5, 100), ("tt0000002", 6.0, 7)]
    await merge(rows)
    async with pool.connection() as conn:
        before = await rows_of(conn)

    merged = await merge(rows, NEXT)

    assert merged is not None
    assert (merged.new, merged.changed, merged.gone) == (0, 0, 0)
    async with pool.connection() as conn:
        after = await rows_of(conn)
    for table in ("ratings", "rating_history", "movies"):
        assert after[table] == before[table]


@pytest.mark.usefixtures("films")
async def test_a_day_is_merged_once(merge: Merge) -> None:
    """Neither the same day again nor an older one; the next is measured by the last."""
    told: list[PlausibleLines] = []
    await merge([("tt0000001", 8.5, 100)], NEXT, told)

    assert await merge([("tt0000001", 1.0, 1)], NEXT, told) is None
    assert await merge([("tt0000001", 1.0, 1)], DAY, told) is None
    await merge([("tt0000001", 8.5, 100)], NEXT + timedelta(days=1), told)

    assert [each.expected for each in told] == [0, 1]
