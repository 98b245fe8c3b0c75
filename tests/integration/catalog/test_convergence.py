"""Any order, any grouping, any number of writers, any repetition: the same rows."""

import asyncio
import itertools
import random
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.storing import Film, store_films
from cinegraph.db.pool import Pool
from cinegraph.records.movie import (
    CollectionRecord,
    CompanyRecord,
    CountryRecord,
    ExternalIdRecord,
    GenreRecord,
    KeywordRecord,
    LanguageRecord,
    MovieRecord,
    PersonRecord,
    RatingRecord,
    WatchOfferRecord,
    WatchProviderRecord,
)
from factories import NOON, make_cast, make_crowd, make_film, make_person, make_record
from polling import until
from snapshots import Catalog, catalog_of, count

NAMES = st.sampled_from(["a", "B", "é"])
MAYBE = st.none() | NAMES
KEYS = st.integers(1, 3)
SCORES = st.sampled_from([1.0, 2.0])
DAYS = st.integers(0, 2).map(lambda number: timedelta(days=number))
CODES = st.sampled_from(["DE", "FR"])
PEOPLE = st.builds(
    PersonRecord,
    tmdb_id=KEYS,
    name=NAMES,
    original_name=MAYBE,
    gender=st.sampled_from([None, 1, 2]),
    known_for_department=MAYBE,
    profile_path=MAYBE,
    popularity=st.sampled_from([None, 0.5, 2.0]),
    is_adult=st.booleans(),
)


def _sets(rows: st.SearchStrategy, key: str) -> st.SearchStrategy:
    return st.lists(rows, max_size=3, unique_by=lambda row: getattr(row, key)).map(
        tuple
    )


@st.composite
def records(draw: st.DrawFn, tmdb_id: int) -> MovieRecord:
    """Draw a film that says something about things that others speak of too."""
    people = draw(_sets(PEOPLE, "tmdb_id"))
    providers = draw(
        _sets(st.builds(WatchProviderRecord, KEYS, NAMES, MAYBE), "tmdb_id")
    )
    imdb_id = draw(st.none() | st.sampled_from(["tt1", "tt2"]))
    return make_record(
        tmdb_id,
        title=draw(NAMES),
        imdb_id=imdb_id,
        external_ids=(ExternalIdRecord("imdb", imdb_id),) if imdb_id else (),
        rating=draw(st.none() | st.builds(RatingRecord, st.just("user_score"), SCORES)),
        people=people,
        credits=tuple(make_cast(f"c{n}", p.tmdb_id) for n, p in enumerate(people)),
        collection=draw(st.none() | st.builds(CollectionRecord, KEYS, NAMES, MAYBE)),
        companies=draw(_sets(st.builds(CompanyRecord, KEYS, NAMES, MAYBE), "tmdb_id")),
        genres=draw(_sets(st.builds(GenreRecord, KEYS, NAMES), "tmdb_id")),
        keywords=draw(_sets(st.builds(KeywordRecord, KEYS, NAMES), "tmdb_id")),
        production_countries=draw(
            _sets(st.builds(CountryRecord, CODES, MAYBE), "code")
        ),
        origin_countries=draw(_sets(st.builds(CountryRecord, CODES), "code")),
        spoken_languages=draw(_sets(st.builds(LanguageRecord, CODES, MAYBE), "code")),
        watch_providers=providers,
        watch_offers=tuple(
            WatchOfferRecord("DE", "buy", provider.tmdb_id) for provider in providers
        ),
    )


@st.composite
def answers(draw: st.DrawFn, tmdb_id: int) -> list[Film]:
    """
    Draw one or two answers about a film, of any days, sometimes of the same instant.

    When both have the same body they are of one day: of a body that comes on several days
    the one stored first counts, which is the one thing left to the order.
    """
    found = []
    for record in draw(st.lists(records(tmdb_id), min_size=1, max_size=2)):
        same = [film for film in found if film.record == record]
        day = same[0].document.fetched_at - NOON if same else draw(DAYS)
        hour = timedelta(hours=draw(st.integers(0, 1)))
        found.append(make_film(record, fetched_at=NOON + day + hour))
    return found


WORLDS = st.integers(2, 5).flatmap(
    lambda size: st.tuples(*(answers(number) for number in range(1, size + 1))).map(
        lambda films: tuple(itertools.chain.from_iterable(films))
    )
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=WORLDS, seed=st.integers(0, 2**16), writers=st.integers(1, 4))
async def test_order_grouping_and_writers_do_not_matter(
    pool: Pool, world: tuple[Film, ...], seed: int, writers: int
) -> None:
    """
    Films that contradict each other and themselves leave the same rows however they are stored.

    In any order, by several writers at once and all of them by each, compared with one
    writer who takes them in turn.
    """
    await _clear(pool)
    await _write(pool, [[film] for film in world], None)
    expected = await _read(pool)
    await _clear(pool)
    dice = random.Random(seed)  # noqa: S311 - repeatable
    piles = [_pile(world, dice) for _ in range(writers)]
    async with asyncio.TaskGroup() as tasks:
        for pile in piles:
            tasks.create_task(_write(pool, pile, RecentStatements()))
    assert await _read(pool) == expected


def _pile(world: Sequence[Film], dice: random.Random) -> list[list[Film]]:
    """All answers once more, in another order, cut into groups that name a film once."""
    order = list(world)
    dice.shuffle(order)
    groups: list[list[Film]] = []
    while order:
        size = dice.randint(1, len(order))
        group: dict[int, Film] = {}
        while order and len(group) < size and order[0].record.tmdb_id not in group:
            film = order.pop(0)
            group[film.record.tmdb_id] = film
        groups.append(list(group.values()))
    return groups


async def _write(
    pool: Pool, groups: Sequence[Sequence[Film]], recent: RecentStatements | None
) -> None:
    for group in groups:
        async with pool.connection() as conn, conn.transaction():
            await store_films(conn, group, now=NOON, recent=recent)
        if recent is not None:
            recent.commit()


async def _clear(pool: Pool) -> None:
    async with pool.connection() as conn:
        await conn.execute(
            "TRUNCATE documents, movies, people, collections, companies, countries, genres,"
            " keywords, languages, watch_providers CASCADE"
        )


async def _read(pool: Pool) -> Catalog:
    """Everything films say, and when their documents were last checked."""
    async with pool.connection() as conn:
        held = await catalog_of(conn)
        cursor = await conn.execute(
            "SELECT external_id, checked_at FROM documents ORDER BY 1"
        )
        return held | {"checked": await cursor.fetchall()}


async def test_writers_of_the_same_people_never_deadlock(pool: Pool) -> None:
    """
    Eight writers finish, each with films of its own about the same sixty people.

    In contrary order: known people are updated and new ones inserted at once.
    """
    people = list(range(1, 61))
    known = [make_person(number) for number in people[::2]]
    await _write(pool, [[make_film(make_record(999, people=tuple(known)))]], None)
    async with asyncio.TaskGroup() as tasks:
        for writer in range(8):
            crowd = make_crowd(12, people=people, seed=writer, first_id=1 + 12 * writer)
            groups = [crowd[start : start + 3] for start in range(0, 12, 3)]
            tasks.create_task(_write(pool, groups, RecentStatements()))
    async with pool.connection() as conn:
        assert await count(conn, "movies") == 97
        assert await count(conn, "credits") == 96 * 60


async def test_writers_of_known_people_queue_in_one_order(pool: Pool) -> None:
    """Two writers who meet in the middle of the same people wait, neither for both."""
    numbers = list(range(1, 61))

    def film(tmdb_id: int, popularity: float) -> Film:
        people = tuple(make_person(n, popularity=popularity) for n in numbers)
        return make_film(make_record(tmdb_id, people=people))

    await _write(pool, [[film(1, 1.0)]], None)
    async with asyncio.TaskGroup() as tasks, pool.connection() as holder:
        await holder.execute("SELECT FROM people WHERE tmdb_id = 30 FOR NO KEY UPDATE")
        for number in (2, 3, 4):
            tasks.create_task(_write(pool, [[film(number, float(number))]], None))
            await until(partial(_are_waiting, pool, number - 1))
        await holder.commit()
    async with pool.connection() as conn:
        cursor = await conn.execute("SELECT DISTINCT popularity FROM people")
        assert await cursor.fetchall() == [(4.0,)]


async def _are_waiting(pool: Pool, number: int) -> bool:
    async with pool.connection() as watcher:
        cursor = await watcher.execute(
            "SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return len(await cursor.fetchall()) == number


async def test_the_same_films_by_several_writers_at_once(pool: Pool) -> None:
    """Writers of the same films in contrary order wait for each other and agree."""
    crowd = make_crowd(24, people=range(1, 31))
    async with asyncio.TaskGroup() as tasks:
        for writer in range(6):
            order = list(crowd)
            random.Random(writer).shuffle(order)  # noqa: S311 - repeatable
            groups = [order[start : start + 8] for start in range(0, 24, 8)]
            tasks.create_task(_write(pool, groups, RecentStatements()))
    async with pool.connection() as conn:
        assert await count(conn, "movies") == 24
        assert await count(conn, "credits") == 24 * 30
