"""Some fields of a film: what they tell is stored, the rest stays, and storing order does not matter."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from cinegraph.catalog.storing import StoredFilm, store_films
from cinegraph.catalog.updating import Fate, Update, UpdatedFilm, store_updates
from cinegraph.db.pool import Pool
from cinegraph.records.movie import MovieRecord, RatingRecord, VideoRecord
from factories import NOON, make_film, make_record, make_whole_record, read_made
from snapshots import catalog_of, rows_of

from .conftest import Fetch

HOUR = timedelta(hours=1)
VIDEO = VideoRecord("v2", "YouTube", "other")


def short(**facts: Any) -> MovieRecord:
    """Return the whole film's facts without its sets, with *facts* changed."""
    whole = make_whole_record()
    bare = {
        name: ()
        for name in MovieRecord.__struct_fields__
        if isinstance(getattr(whole, name), tuple)
        and name not in ("genres", "companies", "spoken_languages")
        and not name.endswith("countries")
    }
    return msgspec.structs.replace(whole, **(bare | facts))


class Store:
    """Stores whole films and updates, each in a transaction of its own."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def whole(self, record: MovieRecord, hours: int = 0) -> StoredFilm:
        """Store a film as fetched so many hours after noon."""
        film = make_film(record, fetched_at=NOON + hours * HOUR)
        async with self._pool.connection() as conn, conn.transaction():
            [done] = await store_films(conn, [film], now=NOON, read=read_made)
        return done

    async def update(
        self, record: MovieRecord, *fields: str, hours: int = 1
    ) -> UpdatedFilm:
        """Store an update as fetched so many hours after noon."""
        film = make_film(record, fetched_at=NOON + hours * HOUR)
        async with self._pool.connection() as conn, conn.transaction():
            [done] = await store_updates(
                conn, [Update(film, fields)], read=read_made, now=NOON + hours * HOUR
            )
        return done

    async def held(self) -> dict[str, list[Any]]:
        """Return everything that is stored, but documents."""
        async with self._pool.connection() as conn:
            held: dict[str, list[Any]] = await catalog_of(conn)
        del held["documents"], held["partial_documents"]
        return held

    async def rows(self) -> Any:  # noqa: ANN401 - rows of all tables
        """Return every row with its place and writer, but those of documents."""
        async with self._pool.connection() as conn:
            return await rows_of(conn, leaving_out=["documents", "partial_documents"])


@pytest.fixture
def both(pool: Pool) -> Store:
    """Return what stores."""
    return Store(pool)


async def test_facts_are_updated_and_sets_stay(both: Store, fetch: Fetch) -> None:
    """A short answer writes the film's row and its rating, and says what changed."""
    await both.whole(make_whole_record())
    before = await both.held()

    done = await both.update(
        short(revenue_usd=5, rating=RatingRecord("user_score", 8.2, 26_001))
    )

    assert (done.fate, [one.text for one in done.differences]) == (
        Fate.STORED,
        ["votes 26000 → 26001", "revenue 2923706026 → 5"],
    )
    after = await both.held()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"movies", "ratings"}
    assert await fetch("SELECT revenue_usd FROM movies") == [5]
    assert await fetch("SELECT fields FROM partial_documents") == [[]]


async def test_what_says_nothing_new_writes_nothing_but_times(
    both: Store, fetch: Fetch
) -> None:
    """No row of the film is touched; of the body only when it came."""
    await both.whole(make_whole_record())
    before = await both.rows()

    first = await both.update(short(), hours=1)
    again = await both.update(short(), hours=2)

    assert (first.is_changed, again.is_changed) == (False, False)
    assert await both.rows() == before
    assert await fetch("SELECT fetched_at, checked_at FROM partial_documents") == [
        (NOON + HOUR, NOON + 2 * HOUR)
    ]


async def test_a_set_that_was_asked_for_is_made_equal(
    both: Store, fetch: Fetch
) -> None:
    """Videos come and go; people, titles and offers stay."""
    await both.whole(make_whole_record())

    done = await both.update(short(videos=(VIDEO,)), "videos")

    assert [one.text for one in done.differences] == ["videos +1 -1"]
    assert await fetch("SELECT video_id FROM videos") == ["v2"]
    assert await fetch("SELECT count(*) FROM credits") == [3]


@pytest.mark.parametrize(
    "order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)], ids=["as it came", "reversed", "mixed"]
)
async def test_the_order_of_storing_does_not_matter(
    both: Store, order: tuple[int, ...]
) -> None:
    """Of every field the newest answer counts that tells it."""
    await both.whole(make_whole_record(), hours=0)
    steps = [
        lambda: both.update(short(revenue_usd=1, videos=(VIDEO,)), "videos", hours=1),
        lambda: both.update(short(revenue_usd=2), hours=2),
        lambda: both.update(short(revenue_usd=3), "keywords", hours=3),
    ]
    for number in order:
        await steps[number]()

    held = await both.held()

    [movie] = held["movies"]
    assert "'revenue_usd': 3" in str(movie)
    assert [len(held[name]) for name in ("videos", "movie_keywords", "credits")] == [
        1,
        0,
        3,
    ]
    assert "'video_id': 'v2'" in str(held["videos"])


@pytest.mark.parametrize(("hours_of_look", "kept"), [(1, [[], ["listed"]]), (3, [[]])])
async def test_a_row_of_a_list_and_a_look_are_laid_in_their_order(
    both: Store, fetch: Fetch, hours_of_look: int, kept: list[list[str]]
) -> None:
    """The later one's votes count, the look's revenue stays; a row that a later look tells too is removed."""
    await both.whole(make_whole_record())
    row = make_record(603, rating=RatingRecord("user_score", 8.0, 2), popularity=2.0)
    seen = short(rating=RatingRecord("user_score", 8.0, hours_of_look), revenue_usd=7)

    await both.update(seen, hours=hours_of_look)
    await both.update(row, "listed", hours=2)

    votes = max(2, hours_of_look)
    assert await fetch("SELECT votes FROM ratings WHERE source = 'tmdb'") == [votes]
    assert await fetch("SELECT revenue_usd FROM movies") == [7]
    assert await fetch("SELECT title FROM movies") == [make_whole_record().title]
    assert await fetch("SELECT count(*) FROM credits") == [3]
    assert await fetch("SELECT fields FROM partial_documents ORDER BY 1") == kept


async def test_a_newer_whole_film_takes_the_place_of_updates(
    both: Store, fetch: Fetch
) -> None:
    """Also when its body is the one that was stored before the updates."""
    await both.whole(make_whole_record())
    before = await both.held()
    await both.update(short(revenue_usd=1, videos=()), "videos")

    done = await both.whole(make_whole_record(), hours=2)

    assert done.is_changed
    assert await both.held() == before
    assert await fetch("SELECT count(*) FROM partial_documents") == [0]


async def test_an_older_whole_film_leaves_updates_in_force(
    both: Store, fetch: Fetch
) -> None:
    """One that was asked for before and stored after: what came later is laid over it."""
    await both.whole(make_whole_record())
    await both.update(short(revenue_usd=1), hours=2)

    await both.whole(
        msgspec.structs.replace(make_whole_record(), revenue_usd=9, videos=()), hours=1
    )

    assert await fetch("SELECT revenue_usd FROM movies") == [1]
    assert await fetch("SELECT count(*) FROM videos") == [0]
    assert await fetch("SELECT count(*) FROM partial_documents") == [1]


async def test_an_update_older_than_the_whole_film_changes_nothing(
    both: Store, fetch: Fetch
) -> None:
    """It was overtaken."""
    await both.whole(make_whole_record(), hours=2)

    done = await both.update(short(revenue_usd=1), hours=1)

    assert done.fate is Fate.OUTDATED
    assert await fetch("SELECT count(*) FROM partial_documents") == [0]
    assert await fetch("SELECT revenue_usd FROM movies") == [2_923_706_026]


async def test_without_a_whole_film_there_is_nothing_to_update(both: Store) -> None:
    """The film has to be fetched whole."""
    done = await both.update(make_record(603))

    assert done.fate is Fate.BASELESS


async def test_bodies_that_tell_nothing_any_longer_are_removed(
    both: Store, fetch: Fetch
) -> None:
    """Of the same fields the newest stays; a fuller one takes the place of a shorter one before it."""
    await both.whole(make_whole_record())
    await both.update(short(revenue_usd=1), hours=1)
    await both.update(short(revenue_usd=2), hours=2)
    await both.update(short(revenue_usd=3, videos=(VIDEO,)), "videos", hours=3)
    await both.update(short(revenue_usd=4), hours=4)

    assert await fetch("SELECT fields FROM partial_documents ORDER BY 1") == [
        [],
        ["videos"],
    ]


async def test_a_film_that_was_deleted_comes_back_whole(
    both: Store, fetch: Fetch
) -> None:
    """Its rows are made from both bodies."""
    await both.whole(make_whole_record())
    await fetch("DELETE FROM credits RETURNING 1")
    await fetch("DELETE FROM movies RETURNING 1")

    await both.update(short(revenue_usd=1))

    assert await fetch("SELECT revenue_usd FROM movies") == [1]
    assert await fetch("SELECT count(*) FROM credits") == [3]
