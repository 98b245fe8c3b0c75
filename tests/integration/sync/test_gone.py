"""When a film counts as gone: on two kinds of evidence, never on one, never many at once, and never for good."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from cinegraph.catalog import tombstones
from cinegraph.catalog.tombstones import Burial
from cinegraph.sync import gone, policy, stamps
from cinegraph.sync.gone import Buried, Candidate
from ledger_rows import FILM, Conn, add_movies, rows

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


async def _merge(conn: Conn, day: date, missing: Sequence[int] = ()) -> None:
    """Let the list of a day be merged, which misses some films."""
    await conn.execute(
        "INSERT INTO export_snapshots (source, kind, listed_on, state, fetched_at, merged_at)"
        " VALUES ('tmdb', 'movie', %(day)s, 'merged', %(at)s, %(at)s)",
        {"day": day, "at": NOW},
    )
    await conn.execute(
        "UPDATE listed_movies SET missing_since = %s WHERE tmdb_id = ANY (%s) AND missing_since IS NULL",
        [day, list(missing)],
    )


async def _stored(conn: Conn, ids: Sequence[int], *, is_listed: bool = True) -> None:
    """Let films be stored, fetched and listed."""
    await add_movies(conn, dict.fromkeys(ids))
    await stamps.touch_found(conn, ids, changed_ids=ids, **FILM, now=NOW)
    if is_listed:
        await conn.execute(
            "INSERT INTO listed_movies (tmdb_id, popularity, is_adult, is_video, stated_on)"
            " SELECT id, 1, false, false, '2026-09-01' FROM unnest(%s::integer[]) AS given (id)",
            [list(ids)],
        )


async def _deny(conn: Conn, tmdb_id: int, *hours: float) -> None:
    for passed in hours:
        await stamps.touch_denied(conn, tmdb_id, **FILM, now=NOW + passed * HOUR)


async def _bury(conn: Conn, now: datetime = NOW + 3 * DAY) -> Buried:
    async with conn.transaction():
        return await gone.bury(conn, **FILM, list_kind="movie", now=now)


async def _gone(conn: Conn) -> list[int]:
    cursor = await conn.execute(
        "SELECT tmdb_id FROM movies WHERE gone_at IS NOT NULL ORDER BY 1"
    )
    return [row[0] for row in await cursor.fetchall()]


async def _denials(conn: Conn, tmdb_id: int) -> int:
    cursor = await conn.execute(
        "SELECT denials FROM sync_ledger WHERE external_id = %s", [tmdb_id]
    )
    [(denials,)] = await cursor.fetchall()
    return int(denials)


async def test_both_kinds_of_evidence_make_a_tombstone(conn: Conn) -> None:
    """The film stays stored, and its evidence can be read."""
    await _stored(conn, [1, 2])
    await _merge(conn, date(2026, 9, 2), missing=[1])
    await _merge(conn, date(2026, 9, 3))
    await _deny(conn, 1, 1, 8)
    assert await _bury(conn) == Buried(1, 0)
    assert await _gone(conn) == [1]
    [stone] = await tombstones.list_tombstones(conn, limit=9)
    assert (stone.tmdb_id, stone.denials, stone.exports) == (1, 2, 2)
    assert (stone.denied_at, stone.last_denied_at) == (NOW + HOUR, NOW + 8 * HOUR)
    assert stone.missing_since == date(2026, 9, 2)
    assert await _bury(conn) == Buried(0, 0)


@pytest.mark.parametrize(
    ("hours", "missing_on", "lists"),
    [
        ((1,), 2, 2),
        ((1, 2, 4.9), 2, 2),
        ((1, 8), None, 5),
        ((1, 8), 3, 2),
    ],
    ids=["one denial", "denials of one fault", "still listed", "one list"],
)
async def test_less_is_no_evidence(
    conn: Conn, hours: tuple[float, ...], missing_on: int | None, lists: int
) -> None:
    """One 404, several within hours, a film that is listed, a single list that misses it."""
    await _stored(conn, [1])
    for number in range(lists):
        day = date(2026, 9, 2 + number)
        await _merge(conn, day, missing=[1] if day.day == missing_on else [])
    await _deny(conn, 1, *hours)
    assert await _bury(conn) == Buried(0, 0)
    assert await _gone(conn) == []


async def test_a_refused_list_is_no_evidence(conn: Conn) -> None:
    """Only complete ones count."""
    await _stored(conn, [1])
    await _merge(conn, date(2026, 9, 2), missing=[1])
    await conn.execute(
        "INSERT INTO export_snapshots (source, kind, listed_on, state, fetched_at)"
        " VALUES ('tmdb', 'movie', '2026-09-03', 'refused', now())"
    )
    await _deny(conn, 1, 1, 8)
    assert await _bury(conn) == Buried(0, 0)


async def test_a_film_that_was_never_listed(conn: Conn) -> None:
    """It came and went between two lists: both lists since then miss it."""
    await _stored(conn, [1], is_listed=False)
    await _deny(conn, 1, 1, 8)
    await _merge(conn, date(2026, 9, 1))
    await _merge(conn, date(2026, 9, 2))
    assert await _bury(conn) == Buried(0, 0)
    await _merge(conn, date(2026, 9, 3))
    assert await _bury(conn) == Buried(1, 0)


async def test_a_denied_film_is_asked_for_until_the_evidence_is_whole(
    conn: Conn,
) -> None:
    """Hours later, then weekly; what nobody expects is asked for seldom."""
    await _stored(conn, [1])
    await _deny(conn, 1, 1)
    assert (await rows(conn, [1]))[1] == (
        "absent",
        0,
        NOW + HOUR + policy.RECHECK_DENIED,
    )
    await _deny(conn, 1, 7)
    due = NOW + 7 * HOUR + policy.RECHECK_DENIED_AGAIN
    assert (await rows(conn, [1]))[1] == ("absent", 0, due)
    await _deny(conn, 99, 1)
    assert (await rows(conn, [99]))[99][2] == NOW + HOUR + policy.RECHECK_ABSENT


async def test_an_answer_ends_all_doubt(conn: Conn) -> None:
    """Denials before it count no more, also after a mere look at the votes."""
    await _stored(conn, [1, 2])
    await _deny(conn, 1, 1)
    await _deny(conn, 2, 1)
    await stamps.touch_found(conn, [1], changed_ids=[], **FILM, now=NOW + 2 * HOUR)
    await stamps.touch_looked(conn, [2], changed_ids=[], **FILM, now=NOW + 2 * HOUR)
    assert [await _denials(conn, 1), await _denials(conn, 2)] == [0, 0]
    await _deny(conn, 1, 8)
    assert await _denials(conn, 1) == 1


async def test_list_and_ledger_that_disagree_are_asked_about(conn: Conn) -> None:
    """What a list misses, and what it names although it was denied; but not for ever."""
    await _stored(conn, [1, 2, 3, 4])
    await conn.execute("UPDATE sync_ledger SET due_at = '2027-01-01'")
    await _deny(conn, 3, 1, 8)
    await _deny(conn, 4, *range(1, 60, 10))
    await _merge(conn, date(2026, 9, 2), missing=[1])
    async with conn.transaction():
        hastened = await gone.hasten_doubtful(
            conn, date(2026, 9, 2), **FILM, list_kind="movie", now=NOW + DAY
        )
    assert hastened == 2
    cursor = await conn.execute(
        "SELECT external_id, reason FROM sync_ledger WHERE due_at < %s",
        [NOW + 1.3 * DAY],
    )
    assert dict(await cursor.fetchall()) == {
        1: gone.MISSING_REASON,
        3: gone.LISTED_REASON,
    }


async def test_a_film_that_returns_lives_again(conn: Conn) -> None:
    """With all it had; the tombstone remembers."""
    await _stored(conn, [1])
    await _merge(conn, date(2026, 9, 2), missing=[1])
    await _merge(conn, date(2026, 9, 3))
    await _deny(conn, 1, 1, 8)
    await _bury(conn)
    assert await tombstones.revive(conn, [1, 2], now=NOW + 9 * DAY) == [1]
    assert await _gone(conn) == []
    [stone] = await tombstones.list_tombstones(conn, limit=9)
    assert (stone.revived_at, stone.revived_by) == (NOW + 9 * DAY, "found")
    # And it can go once more.
    assert await _bury(conn) == Buried(1, 0)


class TestMany:
    """Half of a percent of all films in a day is a fault of the source until a person has looked."""

    @pytest.fixture(autouse=True)
    async def many(self, conn: Conn) -> None:
        """Let thirty films be gone by the evidence, and as many not."""
        await _stored(conn, range(1, 61))
        await _merge(conn, date(2026, 9, 2), missing=range(1, 31))
        await _merge(conn, date(2026, 9, 3))
        for tmdb_id in range(1, 31):
            await _deny(conn, tmdb_id, 1, 8)

    async def test_they_are_held_back(self, conn: Conn) -> None:
        """None is marked, however often one looks."""
        assert await _bury(conn) == Buried(0, 30)
        assert await _bury(conn) == Buried(0, 30)
        assert await _gone(conn) == []
        held = await gone.list_held(conn, limit=5)
        assert (len(held), held[0].total) == (5, 30)

    async def test_a_person_allows_them(self, conn: Conn) -> None:
        """Those that were held then, and no others that come later."""
        await _bury(conn)
        assert await gone.allow(conn, who="ada", now=NOW) == 30
        await _merge(conn, date(2026, 9, 4), missing=range(31, 61))
        await _merge(conn, date(2026, 9, 5))
        for tmdb_id in range(31, 61):
            await _deny(conn, tmdb_id, 1, 8)
        assert await _bury(conn) == Buried(30, 30)
        assert await _gone(conn) == list(range(1, 31))

    async def test_a_person_refuses_them(self, conn: Conn) -> None:
        """Evidence begins anew, and all are asked for."""
        await _bury(conn)
        assert await gone.refuse(conn, **FILM, now=NOW + 4 * DAY) == 30
        assert await gone.list_held(conn, limit=5) == []
        assert await _bury(conn) == Buried(0, 0)
        assert (await rows(conn, [7]))[7] == ("absent", 0, NOW + 4 * DAY)

    async def test_what_is_found_again_is_held_no_more(self, conn: Conn) -> None:
        """The source has remembered."""
        await _bury(conn)
        ids = range(1, 26)
        await stamps.touch_found(conn, ids, changed_ids=[], **FILM, now=NOW + 3 * DAY)
        assert await _bury(conn) == Buried(5, 0)
        assert await gone.list_held(conn, limit=5) == []

    async def test_a_day_is_a_day(self, conn: Conn) -> None:
        """What went in the last 24 hours counts; what went before does not."""
        await conn.execute("UPDATE sync_ledger SET denials = 1 WHERE external_id > 15")
        assert await _bury(conn) == Buried(15, 0)
        await conn.execute(
            "UPDATE sync_ledger SET denials = 2 WHERE external_id BETWEEN 16 AND 30"
        )
        assert await _bury(conn, NOW + 3.5 * DAY) == Buried(0, 15)
        assert await _bury(conn, NOW + 4.1 * DAY) == Buried(15, 0)


async def test_a_person_restores_films(conn: Conn) -> None:
    """They live, and are asked for now."""
    await _stored(conn, [1])
    await _merge(conn, date(2026, 9, 2), missing=[1])
    await _merge(conn, date(2026, 9, 3))
    await _deny(conn, 1, 1, 8)
    await _bury(conn)
    cursor = await conn.execute("SELECT id FROM movies WHERE tmdb_id = 1")
    [(movie_id,)] = await cursor.fetchall()
    now = NOW + 5 * DAY
    restored = await gone.restore(conn, [movie_id], [1], who="ada", **FILM, now=now)
    assert restored == [1]
    assert await _gone(conn) == []
    assert (await rows(conn, [1]))[1][2] == now
    assert await _denials(conn, 1) == 0


def test_the_guard_follows_the_size_of_the_catalogue() -> None:
    """Half a percent of a large one, some films of a small one."""
    burial = Burial(
        movie_id=1,
        denied_at=NOW,
        last_denied_at=NOW,
        denials=2,
        missing_since=NOW.date(),
        exports=2,
    )
    many = [Candidate(burial=burial, is_allowed=False)] * 100
    assert len(gone.judge(many, lately=0, live=100_000).bury) == 100
    assert len(gone.judge(many, lately=401, live=100_000).hold) == 100
    assert len(gone.judge(many, lately=0, live=1_000).hold) == 100
    assert len(gone.judge(many[:20], lately=0, live=10).bury) == 20
