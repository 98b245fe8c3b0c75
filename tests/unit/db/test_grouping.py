"""Writing together: who shares a transaction, and who suffers from whose failure."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
import pytest

from cinegraph.db.grouping import GroupWriter

BAD = 13


class Ledger:
    """A pool without a server, and a write that keeps a record of its groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.commits = 0
        self.rollbacks = 0
        self.committed = 0
        self.failed = 0
        self.errors: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.started = asyncio.Event()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Give a connection."""
        yield self

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Count how it ends."""
        try:
            yield
        except BaseException:
            self.rollbacks += 1
            raise
        self.commits += 1

    async def write(self, _conn: object, items: Sequence[int]) -> list[str]:
        """Refuse groups that hold the bad item; meet the next prepared error."""
        self.groups.append(list(items))
        self.started.set()
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        if BAD in items:
            raise psycopg.DataError("no good")
        return [f"stored {item}" for item in items]

    def note_commit(self) -> None:
        """Stand for what listens to commits."""
        self.committed += 1

    def note_failure(self) -> None:
        """Stand for what listens to rollbacks."""
        self.failed += 1


@pytest.fixture
async def ledger() -> Ledger:
    """Return the record."""
    return Ledger()


@pytest.fixture
async def writer(ledger: Ledger) -> GroupWriter[int, str]:
    """Return a writer whose items are their own key, modulo a hundred."""
    return GroupWriter(
        ledger,  # type: ignore[arg-type] - a pool as far as the writer uses it
        ledger.write,
        key=lambda item: item % 100,
        max_items=8,
        committed=ledger.note_commit,
        failed=ledger.note_failure,
    )


async def _submit_all(writer: GroupWriter[int, str], *items: int) -> list[Any]:
    return await asyncio.gather(
        *(writer.submit(item) for item in items), return_exceptions=True
    )


async def test_a_lone_item_is_written_at_once(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """Nobody waits for company."""
    assert await writer.submit(1) == "stored 1"
    assert ledger.groups == [[1]]


async def test_a_group_is_written_in_nobodys_context(
    writer: GroupWriter[int, str], monkeypatch: pytest.MonkeyPatch, ledger: Ledger
) -> None:
    """What a job's task knows of its job is not said of the others' items."""
    job: ContextVar[str] = ContextVar("job", default="none")
    seen = []
    write = ledger.write

    async def look(conn: object, items: Sequence[int]) -> list[str]:
        seen.append(job.get())
        return await write(conn, items)

    monkeypatch.setattr(writer, "_write", look)
    job.set("the first one's")
    await writer.submit(1)
    assert seen == ["none"]


async def test_what_arrives_during_a_write_is_the_next_group(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """One group is written while the other gathers; each is one transaction."""
    ledger.gate.clear()
    first = asyncio.create_task(writer.submit(1))
    await ledger.started.wait()
    others = asyncio.create_task(_submit_all(writer, 2, 3, 4))
    await asyncio.sleep(0)
    ledger.gate.set()
    assert await first == "stored 1"
    assert await others == ["stored 2", "stored 3", "stored 4"]
    assert ledger.groups == [[1], [2, 3, 4]]
    assert ledger.commits == 2


async def test_a_group_has_a_largest_size(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """Twenty at once are three transactions of at most eight."""
    results = await _submit_all(writer, *range(20, 40))
    assert results == [f"stored {item}" for item in range(20, 40)]
    assert [len(group) for group in ledger.groups] == [8, 8, 4]


async def test_the_same_key_twice_is_two_groups(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """The second statement about a thing waits for the next group, in its turn."""
    results = await _submit_all(writer, 1, 101, 2, 201)
    assert results == ["stored 1", "stored 101", "stored 2", "stored 201"]
    assert ledger.groups == [[1, 2], [101], [201]]


async def test_a_bad_item_fails_alone(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """The group is halved until the culprit is alone; its neighbours are stored."""
    results = await _submit_all(writer, 10, 11, 12, BAD, 14, 15)
    assert isinstance(results[3], psycopg.DataError)
    del results[3]
    assert results == [f"stored {item}" for item in (10, 11, 12, 14, 15)]
    assert [BAD] in ledger.groups
    assert ledger.failed == ledger.rollbacks
    assert ledger.committed == ledger.commits


@pytest.mark.parametrize(
    "outage",
    [
        psycopg.OperationalError("the connection is lost"),
        psycopg.InterfaceError("the connection is closed"),
        psycopg.errors.AdminShutdown("shutting down"),
        psycopg.errors.DiskFull("no space left"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_outage_fails_the_group_once_and_the_next_works(
    writer: GroupWriter[int, str], ledger: Ledger, outage: Exception
) -> None:
    """Splitting helps no lost connection: everybody of the group hears of it at once."""
    ledger.errors = [outage]
    assert await _submit_all(writer, 1, 2, 3) == [outage] * 3
    assert ledger.groups == [[1, 2, 3]]
    assert ledger.failed == 1
    assert await writer.submit(4) == "stored 4"


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.QueryCanceled("statement timeout"),
        psycopg.errors.ProgramLimitExceeded("index row size exceeds maximum"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_size_or_content_causes_is_split(
    writer: GroupWriter[int, str], ledger: Ledger, error: Exception
) -> None:
    """Psycopg calls these operational, yet they are about the items of the group."""
    ledger.errors = [error]
    assert await _submit_all(writer, 1, 2) == ["stored 1", "stored 2"]
    assert ledger.groups == [[1, 2], [1], [2]]


async def test_a_deadlock_is_tried_again(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """The same group once more, whole; the hooks hear of both ends."""
    ledger.errors = [psycopg.errors.DeadlockDetected("deadlock detected")]
    assert await _submit_all(writer, 1, 2) == ["stored 1", "stored 2"]
    assert ledger.groups == [[1, 2], [1, 2]]
    assert (ledger.failed, ledger.committed) == (1, 1)


async def test_deadlocks_without_end_reach_the_caller(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """Three times is enough; the job's own retry takes over."""
    deadlock = psycopg.errors.DeadlockDetected("deadlock detected")
    ledger.errors = [deadlock] * 3
    assert await _submit_all(writer, 1) == [deadlock]
    assert ledger.groups == [[1]] * 3


async def test_a_cancelled_caller_is_left_out(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """What was not begun is not written; the others of the group are."""
    ledger.gate.clear()
    first = asyncio.create_task(writer.submit(1))
    await ledger.started.wait()
    gone = asyncio.create_task(writer.submit(2))
    stays = asyncio.create_task(writer.submit(3))
    await asyncio.sleep(0)
    gone.cancel()
    ledger.gate.set()
    assert await first == "stored 1"
    assert await stays == "stored 3"
    assert ledger.groups == [[1], [3]]
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_caller_cancelled_while_its_group_is_written_harms_nobody(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """Its item is committed with the rest, and the writer goes on."""
    ledger.gate.clear()
    gone = asyncio.create_task(writer.submit(1))
    await ledger.started.wait()
    gone.cancel()
    await asyncio.sleep(0)
    ledger.gate.set()
    assert await writer.submit(2) == "stored 2"
    assert ledger.commits == 2


async def test_an_unexpected_error_reaches_its_caller_alone(
    writer: GroupWriter[int, str], ledger: Ledger
) -> None:
    """A mistake in our own code is nobody else's fault either."""
    ledger.errors = [KeyError("mistake"), KeyError("mistake")]
    results = await _submit_all(writer, 1, 2)
    assert isinstance(results[0], KeyError)
    assert results[1] == "stored 2"
