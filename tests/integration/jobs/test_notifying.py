"""Messages about alerts reach a real server: once, together, again after a failure, never with a secret."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from cinegraph import clock, scrubbing
from cinegraph.db.pool import Pool
from cinegraph.jobs.notifying import Notifier
from cinegraph.monitoring import notices, silences, targets
from cinegraph.monitoring.notices import GAP, Message
from receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver that listens."""
    with receiving() as listening:
        yield listening


@pytest.fixture
def notifier(pool: Pool, receiver: Receiver) -> Notifier:
    """Return what a leading node has."""
    return Notifier(pool, targets.parse(receiver.url()))


async def _open(
    pool: Pool, kind: str, subject: str = "tmdb", severity: str = "warning"
) -> int:
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "INSERT INTO alerts (kind, subject, severity, message, hint, opened_at, last_seen_at)"
            " VALUES (%s, %s, %s, 'it is so <b>', 'do this', %s, %s) RETURNING id",
            [kind, subject, severity, clock.now(), clock.now()],
        )
        [(id_,)] = await cursor.fetchall()
    return int(id_)


async def _close(pool: Pool, id_: int, *, since: timedelta = 2 * GAP) -> None:
    async with pool.connection() as conn:
        await conn.execute(
            "UPDATE alerts SET closed_at = %s, opened_at = opened_at - interval '12 minutes' WHERE id = %s",
            [clock.now() - since, id_],
        )


async def _later(pool: Pool, span: timedelta = GAP) -> None:
    """Let time pass for what was made and tried."""
    async with pool.connection() as conn:
        await conn.execute(
            "UPDATE alert_messages SET created_at = created_at - %s, next_try_at = next_try_at - %s",
            [span, span],
        )


async def _messages(pool: Pool) -> list[Message]:
    async with pool.connection() as conn:
        return await notices.list_messages(conn)


async def test_what_opens_is_told_once_and_its_end_too(
    pool: Pool, receiver: Receiver, notifier: Notifier
) -> None:
    """Also by another node, and after a restart: what was told stands in the database."""
    id_ = await _open(pool, "source_throttled")
    assert await notifier.turn() == 1
    await _later(pool)
    assert await Notifier(pool, targets.parse(receiver.url())).turn() == 0
    await _close(pool, id_)
    assert await notifier.turn() == 1
    await _later(pool)
    assert await notifier.turn() == 0
    assert receiver.titles == [
        "Cinegraph: warning: source throttled (tmdb)",
        "Cinegraph: over: source throttled (tmdb)",
    ]
    opened, closed = (message["message"] for message in receiver.messages)
    assert opened == "WARNING source throttled (tmdb): it is so <b>\ndo this"
    assert closed == "OVER source throttled (tmdb), after 10 min"
    assert [message.state for message in await _messages(pool)] == ["sent", "sent"]


async def test_several_within_a_minute_are_one_message(
    pool: Pool, receiver: Receiver, notifier: Notifier
) -> None:
    """The gravest first; what comes within the next minute waits for its end."""
    await _open(pool, "schedule_late", "DailySync")
    over = await _open(pool, "circuit_open")
    assert await notifier.turn() == 1
    await _close(pool, over)
    await _open(pool, "list_failing")
    await _open(pool, "key_refused", severity="critical")
    assert await notifier.turn() == 0
    await _later(pool)
    assert await notifier.turn() == 1
    assert receiver.titles == [
        "Cinegraph: alerts: 2 open",
        "Cinegraph: alerts: 2 open, 1 over",
    ]
    parts = receiver.messages[1]["message"].split("\n\n")
    assert [part.split(" (")[0] for part in parts] == [
        "CRITICAL key refused",
        "WARNING list failing",
        "OVER circuit open",
    ]


async def test_what_comes_and_goes_is_one_trouble(
    pool: Pool, receiver: Receiver, notifier: Notifier
) -> None:
    """Open again within a minute of its end: nobody hears of either."""
    first = await _open(pool, "circuit_open")
    await notifier.turn()
    await _later(pool)
    await _close(pool, first, since=timedelta(seconds=20))
    assert await notifier.turn() == 0
    second = await _open(pool, "circuit_open")
    assert await notifier.turn() == 0
    await _close(pool, second)
    assert await notifier.turn() == 1
    assert receiver.titles[1:] == ["Cinegraph: over: circuit open (tmdb)"]


async def test_what_was_over_before_it_was_told_is_not_told(
    pool: Pool, receiver: Receiver, notifier: Notifier
) -> None:
    """Neither its beginning nor its end; notices are not told at all."""
    await _open(pool, "queue_paused", severity="notice")
    await _close(pool, await _open(pool, "circuit_open"))
    assert await notifier.turn() == 0
    assert receiver.messages == []


async def test_silence_is_kept_and_ends(
    pool: Pool, receiver: Receiver, notifier: Notifier
) -> None:
    """What is silenced is told when the silence is over and it still lasts; others are told."""
    now = clock.real_now()
    async with pool.connection() as conn:
        kept = await silences.add(
            conn, kind="circuit_open", subject="tmdb", lasts=GAP, who="me", real_now=now
        )
        await silences.add(
            conn, kind="list_failing", subject=None, lasts=GAP, who="me", real_now=now
        )
    await _open(pool, "circuit_open", "tmdb")
    await _open(pool, "circuit_open", "omdb")
    await _open(pool, "list_failing", "afi")
    await notifier.turn()
    assert receiver.titles == ["Cinegraph: warning: circuit open (omdb)"]
    async with pool.connection() as conn:
        assert await silences.end(conn, kept.id, real_now=clock.real_now())
        assert not await silences.end(conn, kept.id, real_now=clock.real_now())
    await _later(pool)
    await notifier.turn()
    assert receiver.titles[1:] == ["Cinegraph: warning: circuit open (tmdb)"]


async def test_what_fails_is_tried_again_later_and_later(
    pool: Pool, receiver: Receiver, notifier: Notifier
) -> None:
    """Why is shown, without a secret; a day later it is given up."""
    scrubbing.register(*targets.list_secrets(targets.parse(receiver.url())[0]))
    receiver.status = 500
    await _open(pool, "circuit_open")
    pauses = []
    for _ in range(3):
        assert await notifier.turn() == 0
        [message] = await _messages(pool)
        pauses.append(
            round((message.next_try_at - clock.real_now()).total_seconds(), -1)
        )
        assert await notifier.turn() == 0
        await _later(pool, timedelta(seconds=pauses[-1] + 10))
    assert pauses == [30, 60, 120]
    [message] = await _messages(pool)
    assert (message.state, message.attempts) == ("failed", 3)
    assert "500" in str(message.problem)
    assert "s3cretpassw0rd" not in str(message)
    receiver.status = 200
    assert await notifier.turn() == 1
    assert len(receiver.messages) == 1

    receiver.status = 500
    await _later(pool)
    await _open(pool, "list_failing")
    await notifier.turn()
    await _later(pool, notices.GIVE_UP)
    await notifier.turn()
    assert (await _messages(pool))[0].state == "given up"
    await _later(pool, notices.GIVE_UP)
    receiver.status = 200
    assert await notifier.turn() == 0


async def test_one_address_that_fails_keeps_no_other_from_hearing(
    pool: Pool, receiver: Receiver
) -> None:
    """Each has its own message; one that Apprise does not know is said to be so."""
    urls = (
        f"{receiver.url('a')}, nonsense://x json://127.0.0.1:1/b\n{receiver.url('c')}"
    )
    notifier = Notifier(pool, targets.parse(urls))
    await _open(pool, "circuit_open")
    assert await notifier.turn() == 2
    told = {message.name: message for message in await _messages(pool)}
    assert {name: message.state for name, message in told.items()} == {
        "json 1": "sent",
        "json 2": "failed",
        "json 3": "sent",
        "nonsense": "failed",
    }
    assert "does not understand" in str(told["nonsense"].problem)


async def test_a_server_that_never_answers_is_not_waited_for(
    pool: Pool, receiver: Receiver
) -> None:
    """The thread is left; the node goes on, and may end."""
    receiver.waits.clear()
    notifier = Notifier(pool, targets.parse(receiver.url()), patience=0.3)
    await _open(pool, "circuit_open")
    begun = time.monotonic()
    assert await notifier.turn() == 0
    assert time.monotonic() - begun < 5
    [message] = await _messages(pool)
    assert message.problem == "no answer within 0.3 s"


async def test_a_plug_in_that_raises_is_a_failure(pool: Pool) -> None:
    """Whatever it is."""

    def send(*_: str) -> str | None:
        raise RuntimeError("a bug of theirs")

    await _open(pool, "circuit_open")
    await Notifier(pool, targets.parse("ntfy://x"), send=send).turn()
    assert (await _messages(pool))[0].problem == "RuntimeError: a bug of theirs"


async def test_without_addresses_nothing_counts_as_told(
    pool: Pool, receiver: Receiver
) -> None:
    """Who sets one later hears of what is open then."""
    await _open(pool, "circuit_open")
    assert await Notifier(pool, ()).turn() == 0
    assert await Notifier(pool, targets.parse(receiver.url())).turn() == 1


async def test_a_message_to_an_address_that_is_gone_is_given_up(
    pool: Pool, receiver: Receiver, notifier: Notifier
) -> None:
    """And says what to set."""
    async with pool.connection() as conn:
        await notices.add(
            conn,
            targets.parse("ntfy://other"),
            notices.Text("a", "b"),
            is_test=True,
            real_now=clock.real_now(),
        )
    assert await notifier.turn() == 0
    [message] = await _messages(pool)
    assert (message.state, message.is_test) == ("failed", True)
    assert message.given_up_at is not None
    assert "CINEGRAPH_ALERT_URLS" in str(message.problem)
    assert receiver.messages == []


async def test_two_leaders_for_a_moment_tell_once(
    pool: Pool, receiver: Receiver
) -> None:
    """The second waits for the rows, and finds them told."""
    await _open(pool, "circuit_open")
    now = clock.real_now()
    aims = targets.parse(receiver.url())
    async with pool.connection() as one, pool.connection() as other:
        await _isolate(other)
        assert await notices.make_due(one, aims, real_now=now) == 1
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await notices.make_due(other, aims, real_now=now)
        await other.rollback()
        await one.commit()
        assert await notices.make_due(other, aims, real_now=now + 2 * GAP) == 0


async def _isolate(conn: psycopg.AsyncConnection[Any]) -> None:
    await conn.execute("SET lock_timeout = '300ms'")
    await conn.commit()
