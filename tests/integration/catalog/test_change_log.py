"""The change log: every committed change once, and nothing behind a position that was read."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import LiteralString

import pytest
from msgspec.structs import replace

from cinegraph.catalog import change_log
from cinegraph.catalog.storing import StoredFilm
from cinegraph.db.pool import Pool
from cinegraph.errors import ChangesForgottenError, UsageError
from cinegraph.jobs.sequencing import sequence
from factories import NOON, make_film, make_whole_record

type Store = Callable[..., Awaitable[list[StoredFilm]]]
LATER = NOON + timedelta(hours=1)


async def _changes(pool: Pool, since: int = 0) -> list[change_log.Change]:
    await sequence(pool)
    async with pool.connection() as conn:
        return (await change_log.list_changes(conn, since)).changes


async def test_a_new_film_is_one_row(pool: Pool, store: Store) -> None:
    """All that came with a new film is told by one row."""
    await store(make_film(make_whole_record()))

    films = [one for one in await _changes(pool) if one.kind == "movie"]
    assert [(one.action, one.tmdb_id, one.fields, one.why) for one in films] == [
        ("added", 603, [], "fetched")
    ]


async def test_a_change_names_its_fields(pool: Pool, store: Store) -> None:
    """Columns and sets that one transaction changed are one row; the same again is none."""
    record = make_whole_record()
    await store(make_film(record))
    position = (await _changes(pool))[-1].position
    changed = make_film(replace(record, title="Matrix", videos=()), fetched_at=LATER)
    await store(changed, now=LATER)
    await store(changed, now=LATER)

    [change] = await _changes(pool, position)
    assert (
        change.action,
        change.fields,
        change.changed_at,
    ) == ("changed", ["title", "videos"], LATER)


@pytest.mark.parametrize(
    ("statement", "action"),
    [
        ("UPDATE movies SET gone_at = updated_at", "gone"),
        ("SELECT note_change('movie', id, 'merged', id) FROM movies", "merged"),
        ("DELETE FROM movies", "removed"),
    ],
)
async def test_other_changes_are_told(
    pool: Pool, store: Store, statement: LiteralString, action: str
) -> None:
    """A tombstone, a merge and a deletion by hand are one row each."""
    await store(make_film(make_whole_record()))
    position = (await _changes(pool))[-1].position
    async with pool.connection() as conn:
        await conn.execute(statement)

    assert [action] == [one.action for one in await _changes(pool, position)]


async def test_late_commits_come_after_what_was_read(pool: Pool) -> None:
    """A transaction that began first and commits last appears after the position that was read meanwhile."""
    note = "SELECT note_change('movie', %s, 'changed')"
    async with pool.connection() as early, pool.connection() as late:
        async with early.transaction():
            await early.execute(note, (1,))
            async with late.transaction():
                await late.execute(note, (2,))
            [read] = await _changes(pool)
        [after] = await _changes(pool, read.position)

    assert (read.id, after.id) == (2, 1)
    assert after.position > read.position


async def test_popularity_moves_leave_one_row(pool: Pool, store: Store) -> None:
    """A popularity that moved again replaces its earlier row, at a later position."""
    await store(make_film(make_whole_record()))
    position = (await _changes(pool))[-1].position
    for _ in range(3):
        async with pool.connection() as conn:
            await conn.execute("UPDATE movies SET popularity = popularity + 1")
        await sequence(pool)

    [change] = await _changes(pool, position)
    assert (["popularity"], position + 3) == (change.fields, change.position)


async def test_another_change_keeps_the_popularity_before_it(
    pool: Pool, store: Store
) -> None:
    """A row that tells of a popularity goes only when a later one tells of it too."""
    await store(make_film(make_whole_record()))
    position = (await _changes(pool))[-1].position
    for change in ("popularity = popularity + 1", "title = 'Matrix'"):
        async with pool.connection() as conn:
            await conn.execute(f"UPDATE movies SET {change}")  # type: ignore[arg-type]  # noqa: S608
        await sequence(pool)

    assert [change.fields for change in await _changes(pool, position)] == [
        ["popularity"],
        ["title"],
    ]


async def test_who_stood_still_too_long_is_told(pool: Pool, store: Store) -> None:
    """Forgotten positions are an error, not silence; so is a position that does not exist yet."""
    await store(make_film(make_whole_record()))
    newest = (await _changes(pool))[-1].position
    async with pool.connection() as conn:
        await conn.execute("UPDATE change_log SET logged_at = %s", (NOON,))
        assert await change_log.forget_old(conn, before=LATER, limit=1) == 1
        assert newest - 1 == await change_log.forget_old(
            conn, before=LATER, limit=100_000
        )

    with pytest.raises(ChangesForgottenError):
        await _changes(pool, newest - 1)
    with pytest.raises(UsageError):
        await _changes(pool, newest + 1)
    assert await _changes(pool, newest) == []
