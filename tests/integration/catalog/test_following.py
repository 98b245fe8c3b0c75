"""Consumers of the change log: whatever commits when, whoever is killed, they end with what the source has."""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import hypothesis.strategies as st
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from cinegraph.catalog import change_log
from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool
from cinegraph.jobs.sequencing import sequence
from cinegraph.records.movie import MovieRecord, RatingRecord
from factories import NOON, make_film, make_whole_record
from polling import until
from replaying import differing, replay

type Lines = asyncio.StreamReader
FOLLOWER = Path(__file__).with_name("change_follower.py")
WRITERS = 4
FILMS = range(1, 5)

SETS = (
    "credits",
    "genres",
    "keywords",
    "companies",
    "production_countries",
    "origin_countries",
    "spoken_languages",
    "videos",
    "releases",
    "alternative_titles",
    "external_ids",
    "recommended_tmdb_ids",
    "watch_offers",
)
_GONE = "UPDATE movies SET gone_at = CASE WHEN gone_at IS NULL THEN %s END, updated_at = %s WHERE tmdb_id = %s"
_LOCK = "SELECT id FROM movies ORDER BY tmdb_id FOR UPDATE"
_LISTED = "UPDATE movies SET popularity = popularity + %s, updated_at = %s WHERE id = ANY (%s)"


@asynccontextmanager
async def _connect(url: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        yield conn


def _draw(dice: random.Random, tmdb_id: int) -> MovieRecord:
    """Draw a film of which some sets are empty, others turned round, and the facts any."""
    whole = make_whole_record(tmdb_id)
    changes: dict[str, Any] = {
        name: dice.choice([(), rows[:1], tuple(reversed(rows))])
        for name, rows in ((name, getattr(whole, name)) for name in SETS)
        if dice.random() < 0.5
    }
    score = RatingRecord("user_score", dice.choice([7.0, 8.0]), dice.randint(1, 3))
    return replace(
        whole,
        title=dice.choice(["Matrix", "The Matrix"]),
        popularity=dice.choice([1.0, 2.0]),
        collection=dice.choice([None, whole.collection]),
        rating=dice.choice([None, score]),
        **changes,
    )


async def _change(
    conn: psycopg.AsyncConnection[Any], dice: random.Random, now: datetime
) -> None:
    """Change something in the transaction that is open on *conn*."""
    tmdb_id = dice.choice(FILMS)
    match dice.choice([*["store"] * 6, "gone", "listed", "delete"]):
        case "store":
            film = make_film(_draw(dice, tmdb_id), fetched_at=now)
            await store_films(conn, [film], now=now)
        case "gone":
            await conn.execute(_GONE, (now, now, tmdb_id))
        case "listed":
            # As merging a list: one at a time, the films in order, one change for all of them.
            await conn.execute("SELECT pg_advisory_xact_lock(1)")
            cursor = await conn.execute(_LOCK)
            ids = [row[0] for row in await cursor.fetchall()]
            await change_log.note_reason(conn, change_log.Reason.LISTED)
            await conn.execute(_LISTED, (dice.random(), now, ids))
            await change_log.note_listed(conn, now=now)
        case "delete":
            await conn.execute("DELETE FROM movies WHERE tmdb_id = %s", (tmdb_id,))


@pytest.mark.parametrize("seed", range(3))
async def test_a_replay_ends_with_the_same_films(
    pool: Pool, copy_url: str, seed: int
) -> None:
    """Films with all sets, people, tombstones and returns, copied as the log names them, a few changes at a time."""
    dice = random.Random(seed)  # noqa: S311 - repeatable
    position = 0
    async with pool.connection() as source, _connect(copy_url) as target:
        await source.set_autocommit(True)
        for hour in range(60):
            async with source.transaction():
                await _change(source, dice, NOON + timedelta(hours=hour))
            if dice.random() < 0.3:
                await sequence(pool)
                position = await replay(source, target, position, limit=3)
                # Each time: a change that is not told may be made good by a later one.
                assert await differing(source, target) == {}
        await source.set_autocommit(False)


_QUICK: tuple[LiteralString, ...] = (
    "UPDATE movies SET title = title || '!' WHERE tmdb_id = %s",
    "UPDATE movies SET gone_at = CASE WHEN gone_at IS NULL THEN updated_at END WHERE tmdb_id = %s",
    "UPDATE ratings SET votes = votes + 1 WHERE movie_id = (SELECT id FROM movies WHERE tmdb_id = %s)",
    "UPDATE credits SET position = position + 1 WHERE movie_id = (SELECT id FROM movies WHERE tmdb_id = %s)",
)
"""Changes that are quickly copied, so that the consumer is where the writers are."""


class Signals:
    """What the writers are told."""

    def __init__(self) -> None:
        self.is_followed = asyncio.Event()
        """Somebody reads: else the time in which a process starts would be written full."""
        self.is_over = False


async def _write(pool: Pool, dice: random.Random, signals: Signals) -> None:
    """Change films, each in a transaction that stays open for a while; some are rolled back."""
    while await signals.is_followed.wait() and not signals.is_over:
        is_kept = dice.random() < 0.8
        async with (
            pool.connection() as conn,
            conn.transaction(force_rollback=not is_kept),
        ):
            await conn.execute(dice.choice(_QUICK), (dice.choice(FILMS),))
            await asyncio.sleep(dice.random() * 0.1)


@asynccontextmanager
async def _follower(source_url: str, target_url: str) -> AsyncIterator[Lines]:
    """Run the consumer; at the end of the block it is killed, whatever it does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        FOLLOWER,
        source_url,
        target_url,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(FOLLOWER.parents[2])},
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


async def _read_lines(lines: Lines, count: int) -> None:
    """Wait until the consumer has told *count* positions."""
    async with asyncio.timeout(90):
        for _ in range(count):
            assert await lines.readline(), "the consumer has ended"


async def _positions(
    conn: psycopg.AsyncConnection[Any], query: LiteralString
) -> set[int]:
    cursor = await conn.execute(query)
    return {row[0] for row in await cursor.fetchall()}


async def test_a_killed_consumer_ends_with_what_the_source_has(
    pool: Pool, database_url: str, copy_url: str
) -> None:
    """A second process follows four writers whose commits cross, is killed meanwhile, goes on, and misses nothing."""
    dice = random.Random(5)  # noqa: S311 - repeatable
    async with pool.connection() as conn, conn.transaction():
        films = [make_film(make_whole_record(tmdb_id)) for tmdb_id in FILMS]
        await store_films(conn, films, now=NOON)

    async def give_positions() -> None:
        while True:
            await sequence(pool)
            await asyncio.sleep(0.01)

    async with (
        asyncio.TaskGroup() as tasks,
        _connect(database_url) as source,
        _connect(copy_url) as target,
    ):
        # Two, as while the lead passes from one node to another.
        sequencers = [tasks.create_task(give_positions()) for _ in range(2)]
        signals = Signals()
        writing = [
            tasks.create_task(_write(pool, dice, signals)) for _ in range(WRITERS)
        ]
        async with _follower(database_url, copy_url) as lines:
            await _read_lines(lines, 1)
            signals.is_followed.set()
            await _read_lines(lines, 30)
        signals.is_followed.clear()
        async with _follower(database_url, copy_url) as lines:
            await _read_lines(lines, 1)
            signals.is_followed.set()
            await _read_lines(lines, 30)
            signals.is_over = True
            await asyncio.gather(*writing)
            await sequence(pool)
            for one in sequencers:
                one.cancel()
            logged = await _positions(source, "SELECT position FROM change_log")

            async def has_all() -> bool:
                consumed = await _positions(target, "SELECT position FROM consumed")
                return max(logged) in consumed

            await until(has_all)
        # A change that was missed may have been made good by a later one of the same film.
        assert logged <= await _positions(target, "SELECT position FROM consumed")
        assert await differing(source, target) == {}


ACTIONS = st.sampled_from(["append", "append", "commit", "roll back", "read"])


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, WRITERS - 1), ACTIONS), min_size=5, max_size=30
    )
)
async def test_nothing_appears_behind_a_position_that_was_read(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[int, str]]
) -> None:
    """However transactions cross, a reader who goes on from where it was gets each committed change once, in order."""
    # So that a transaction's entries are torn apart.
    monkeypatch.setattr(change_log, "BATCH", 2)
    read: list[change_log.Change] = []
    kept: set[int] = set()
    written: dict[int, set[int]] = {}
    async with AsyncExitStack() as stack:
        reader, *writers = [
            await stack.enter_async_context(pool.connection())
            for _ in range(WRITERS + 1)
        ]
        await reader.set_autocommit(True)
        position = (await change_log.read_state(reader)).last_position

        async def look() -> None:
            nonlocal position
            await sequence(pool)
            page = await change_log.list_changes(reader, position)
            read.extend(page.changes)
            position = page.position

        async def end(number: int, *, is_kept: bool) -> None:
            ids = written.pop(number, set())
            if is_kept:
                await writers[number].commit()
                kept.update(ids)
            else:
                await writers[number].rollback()

        for step, (number, action) in enumerate(steps):
            match action:
                case "append":
                    await writers[number].execute(
                        "SELECT note_change('movie', %s, 'changed')", (step,)
                    )
                    written.setdefault(number, set()).add(step)
                case "read":
                    await look()
                case _:
                    await end(number, is_kept=action == "commit")
        for number in range(WRITERS):
            await end(number, is_kept=True)
        await look()
        await reader.set_autocommit(False)
    positions = [change.position for change in read]

    assert sorted(kept) == sorted(change.id or 0 for change in read)
    assert positions == sorted(set(positions))


async def test_two_sequencers_double_no_position(pool: Pool) -> None:
    """One waits for the other, and sees what was committed meanwhile."""

    async def write(first: int) -> None:
        for number in range(first, first + 40):
            async with pool.connection() as conn:
                await conn.execute(
                    "SELECT note_change('movie', %s, 'changed')", (number,)
                )
            await sequence(pool)

    async with asyncio.TaskGroup() as tasks:
        for writer in range(WRITERS):
            tasks.create_task(write(writer * 40))
    async with pool.connection() as conn:
        changes = (await change_log.list_changes(conn, 0)).changes

    assert list(range(1, WRITERS * 40 + 1)) == [one.position for one in changes]
    assert list(range(WRITERS * 40)) == sorted(one.id or 0 for one in changes)
