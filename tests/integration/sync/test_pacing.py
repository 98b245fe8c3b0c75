"""When stored films are looked at again: the SQL that stamps them, the price that is found daily, the reasons told."""

import math
import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from cinegraph.sync import freshness, ledger, pacing, rates, stamps, strategies, windows
from cinegraph.sync.freshness import Bounds
from cinegraph.sync.rates import Rate, Seen
from cinegraph.sync.stamps import Rhythm
from ledger_rows import FILM, Conn, add_movies

NOW = datetime(2026, 9, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RHYTHM = Rhythm(popular_from=50.0, update_interval=DAY)
POPULAR, RECENT, OLD = 1, 2, 3
ALL = [POPULAR, RECENT, OLD]
RELEASED = {POPULAR: date(1999, 1, 1), RECENT: date(2026, 8, 1), OLD: date(1970, 1, 1)}
POPULARITY = {POPULAR: 90.0, RECENT: 3.0, OLD: 1.0}


@pytest.fixture(autouse=True)
async def _films(conn: Conn) -> None:
    for tmdb_id in ALL:
        await conn.execute(
            "INSERT INTO movies (tmdb_id, title, popularity, release_date, is_adult, is_video, created_at, updated_at)"
            " VALUES (%s, 'x', %s, %s, false, false, %s, %s)",
            [tmdb_id, POPULARITY[tmdb_id], RELEASED[tmdb_id], NOW, NOW],
        )
    await _found(conn, NOW)


async def _found(conn: Conn, now: datetime) -> None:
    await stamps.touch_found(conn, ALL, changed_ids=[], **FILM, now=now, rhythm=RHYTHM)


async def _looked(conn: Conn, now: datetime) -> None:
    await stamps.touch_looked(conn, ALL, changed_ids=[], **FILM, now=now, rhythm=RHYTHM)


async def _rate(conn: Conn, tmdb_id: int, votes: int, as_of: datetime) -> None:
    await conn.execute("DELETE FROM ratings")
    await conn.execute(
        "INSERT INTO ratings (movie_id, source, kind, value, votes, as_of)"
        " SELECT id, 'tmdb', 'user_score', 7, %s, %s FROM movies WHERE tmdb_id = %s",
        [votes, as_of, tmdb_id],
    )


async def _days_until_due(conn: Conn, now: datetime) -> dict[int, float]:
    cursor = await conn.execute(
        "SELECT external_id, extract(epoch FROM due_at - %s) / 86400 FROM sync_ledger",
        [now],
    )
    return {thing: float(days) for thing, days in await cursor.fetchall()}


async def _seen(conn: Conn) -> dict[int, tuple[float, float, float]]:
    cursor = await conn.execute(
        "SELECT external_id, watched_days, moves, moved_days FROM sync_ledger"
    )
    return {row[0]: row[1:] for row in await cursor.fetchall()}


def _chosen(
    tmdb_id: int, seen: Seen, bounds: Bounds, price: float, *, is_first: bool = False
) -> float:
    expected = rates.prior(
        POPULARITY[tmdb_id], is_young=tmdb_id == RECENT, pace=rates.DEFAULT_PACE
    )
    days = freshness.interval_days(rates.learn(expected, seen), price, bounds)
    share = windows.share(tmdb_id)
    return freshness.spread(days, share, is_first=is_first) / DAY


async def test_each_film_is_due_when_a_look_pays(conn: Conn) -> None:
    """Popular ones after the operator's interval, recent ones within a week, others by what films like them do."""
    due = await _days_until_due(conn, NOW)

    for tmdb_id, bounds in (
        (POPULAR, Bounds(1, 1)),
        (RECENT, Bounds(1, 7)),
        (OLD, Bounds()),
    ):
        expected = _chosen(
            tmdb_id, Seen(), bounds, freshness.DEFAULT_PRICE, is_first=True
        )
        assert due[tmdb_id] == pytest.approx(expected, rel=1e-3)


async def test_a_catalogue_that_came_at_once_is_not_looked_at_at_once(
    conn: Conn,
) -> None:
    """The first looks come evenly over the interval, so that no day has more than its part."""
    ids = range(1001, 1501)
    await add_movies(conn, dict.fromkeys(ids))
    await stamps.touch_found(conn, ids, changed_ids=[], **FILM, now=NOW, rhythm=RHYTHM)
    due = await _days_until_due(conn, NOW)
    longest = max(due[thing] for thing in ids)
    tenths = [int(10 * due[thing] / longest) for thing in ids]
    counts = [tenths.count(tenth) for tenth in range(1, 10)]
    assert min(counts) > 500 / 10 / 2
    assert max(counts) < 500 / 10 * 2


async def test_a_film_that_is_to_come_is_looked_at_when_it_is_out(conn: Conn) -> None:
    """On the day after, however long its interval; until then its votes are expected to move as an old film's do."""
    out_on = NOW.date() + 5 * DAY
    await add_movies(conn, {501: None, 502: None}, popularity=0.6)
    await conn.execute(
        "UPDATE movies SET release_date = CASE tmdb_id WHEN 501 THEN %s::date ELSE '1980-01-01' END"
        " WHERE tmdb_id IN (501, 502)",
        [out_on],
    )
    await conn.execute("UPDATE vote_pace SET price = 100")
    ids = [501, 502]
    for at in (NOW - 9 * DAY, NOW):
        await stamps.touch_found(
            conn, ids, changed_ids=[], **FILM, now=at, rhythm=RHYTHM
        )
    due = await _days_until_due(conn, datetime.combine(out_on, time(0), UTC))
    assert 1 <= due[501] <= 2
    assert due[502] > 100


async def test_before_films_were_counted_looks_come_as_the_operator_says(
    conn: Conn,
) -> None:
    """A new deployment's catalogue is stamped before anybody can count it; later the count decides."""
    for days in (30, 150):
        await pacing.expect(conn, days, **FILM)
        [(price,)] = await (
            await conn.execute("SELECT price FROM vote_pace")
        ).fetchall()
        assert price == pacing.first_price(days)
        expected = rates.prior(1.0, is_young=False, pace=rates.DEFAULT_PACE)
        interval = freshness.interval_days(expected, price, Bounds())
        assert interval == pytest.approx(days, rel=0.01)
    await conn.execute("UPDATE vote_pace SET fitted_at = %s, price = 7", [NOW])
    await pacing.expect(conn, 30, **FILM)
    cursor = await conn.execute("SELECT price FROM vote_pace")
    assert await cursor.fetchone() == (7,)


async def test_looks_are_remembered(conn: Conn) -> None:
    """Whole or light: the days between, and whether the votes moved in them; the due time follows."""
    await _rate(conn, OLD, 10, NOW + 2 * DAY)
    await _looked(conn, NOW + 4 * DAY)
    await _found(conn, NOW + 10 * DAY)
    due = await _days_until_due(conn, NOW + 10 * DAY)

    assert await _seen(conn) == {
        POPULAR: (10, 0, 0),
        RECENT: (10, 0, 0),
        OLD: (10, 1, 4),
    }
    expected = _chosen(OLD, Seen(10, 1, 4), Bounds(), freshness.DEFAULT_PRICE)
    assert due[OLD] == pytest.approx(expected, rel=1e-3)


async def test_an_older_answer_teaches_nothing(conn: Conn) -> None:
    """As of a body that is loaded from a file."""
    await stamps.touch_found(
        conn,
        ALL,
        changed_ids=[],
        **FILM,
        now=NOW,
        checked_at=NOW - 5 * DAY,
        rhythm=RHYTHM,
    )

    assert set((await _seen(conn)).values()) == {(0, 0, 0)}


async def test_what_is_no_stored_film_is_due_in_the_usual_time(conn: Conn) -> None:
    """As titles of OMDb."""
    await stamps.touch_found(conn, [9], changed_ids=[], **FILM, now=NOW)

    assert (await _days_until_due(conn, NOW))[9] == 30


async def test_the_database_reckons_as_python_does(conn: Conn) -> None:
    """The rate that is learned and the interval, over whatever was seen."""
    chance = random.Random(5)  # noqa: S311 - a simulation
    rows = []
    for _ in range(300):
        expected = math.exp(chance.uniform(-8, 2))
        moves = float(chance.choice([0, 0, 1, 2, 5, 40]))
        moved = moves * chance.uniform(0.05, 60)
        rows.append((expected, moved + chance.uniform(0, 400), moves, moved))
    rows.append((1e6, 100.0, 3.0, 100.00001))
    cursor = await conn.execute(
        "SELECT rate, look_interval(0.5 + moves, rate, 3, 1, 150)"
        " FROM unnest(%s::float8[], %s::float8[], %s::float8[], %s::float8[])"
        " WITH ORDINALITY AS given (expected, watched, moves, moved, line)"
        " CROSS JOIN LATERAL learned_rate(0.5, 0.5 / expected, watched, moves, moved) AS rate ORDER BY line",
        [list(column) for column in zip(*rows, strict=True)],
    )
    found = await cursor.fetchall()

    for (expected, watched, moves, moved), (rate, days) in zip(
        rows, found, strict=True
    ):
        learned = rates.learn(Rate(0.5, 0.5 / expected), Seen(watched, moves, moved))
        assert rate == pytest.approx(learned.per_day, rel=1e-6)
        assert days == pytest.approx(
            freshness.interval_days(learned, 3, Bounds()), rel=1e-6
        )


async def test_the_price_is_found_from_the_films_that_are_there(conn: Conn) -> None:
    """And the next stamp goes by it."""
    before = await _days_until_due(conn, NOW)
    found = await pacing.adjust(
        conn, pacing.Intervals(1, 1), **FILM, popular_from=50.0, now=NOW
    )
    await _found(conn, NOW)
    after = await _days_until_due(conn, NOW)

    assert found is not None
    assert found.popular == pytest.approx(1, rel=0.1)
    assert found.price < freshness.DEFAULT_PRICE
    assert after[OLD] < before[OLD]
    cursor = await conn.execute("SELECT looks_a_day, fitted_at FROM vote_pace")
    assert await cursor.fetchall() == [(found.a_day, NOW)]


async def test_nothing_stored_changes_no_price(conn: Conn) -> None:
    """A new deployment keeps what it begins with."""
    await conn.execute("DELETE FROM sync_ledger")

    assert (
        await pacing.adjust(
            conn, pacing.Intervals(1, 30), **FILM, popular_from=50.0, now=NOW
        )
        is None
    )


async def test_what_is_taken_says_why(conn: Conn) -> None:
    """The first strategy that holds; a reason that was given stays."""
    await conn.execute(
        "INSERT INTO export_snapshots (source, kind, listed_on, state, popular_from, fetched_at)"
        " VALUES ('tmdb', 'movie', '2026-09-01', 'merged', 50, %s)",
        [NOW],
    )
    told = {}
    for days in (8, 40, 130):
        now = NOW + days * DAY
        await conn.execute(
            "UPDATE sync_ledger SET due_at = %s, state = 'fresh', reason = 'routine'",
            [now],
        )
        taken = await ledger.take_due(conn, **FILM, run_ids=[], limit=9, now=now)
        told[days] = [thing.reason for thing in taken]

    popular, recent = strategies.POPULAR.told, strategies.RECENT.told
    assert told == {
        8: [popular, recent, strategies.VOTES.told],
        40: [popular, recent, strategies.UNCHECKED.told],
        130: [strategies.TERMS.told] * 3,
    }
