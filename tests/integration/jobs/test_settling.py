"""What the ends of films leave behind: the ledger, the rounds of runs, with and without a job."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.errors import (
    AbsentAtSourceError,
    CinegraphError,
    ConfigError,
    PayloadError,
    RequestRefusedError,
    SourceUnavailableError,
)
from cinegraph.jobs.discovery import (
    DiscoverMovies,
    DiscoverMoviesArgs,
    import_jobs,
    page_job,
    page_kind,
)
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.imports import ImportMovie, ImportMovieArgs
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.jobs.outcome import Tries, Verdict, decide, judge
from cinegraph.jobs.services import Services
from cinegraph.jobs.worker import JobContext
from cinegraph.sandbox import Body
from cinegraph.sync import ledger, policy, runs
from cinegraph.sync.ledger import LedgerEntry
from cinegraph.sync.runs import MOVIE, RunId
from deployments import Deployment

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
TMDB: dict[str, Any] = {"source": "tmdb", "kind": MOVIE}
AT = {"source": "tmdb", "endpoint": "/movie/1"}
LAST = Tries(5, 5)

type Conn = psycopg.AsyncConnection[Any]


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


async def _start(conn: Conn, films: Sequence[int], now: datetime = NOW) -> RunId:
    async with conn.transaction():
        run_id = await runs.start_run(
            conn,
            kind="import_popular",
            source="tmdb",
            arguments={"pages": 1},
            requested_by="command",
            now=now,
        )
        await runs.add_items(conn, run_id, MOVIE, films)
        await ledger.queue(conn, films, **TMDB, reason="on popular page 1", now=now)
    return run_id


def _verdict(error: CinegraphError) -> Verdict:
    return judge(decide(error, LAST), LAST, error=error)


UNAVAILABLE = _verdict(SourceUnavailableError("HTTP 503", **AT))
REFUSED = _verdict(RequestRefusedError("no", **AT, status=400))


async def _settle(
    pool: Pool, film: int, verdict: Verdict = UNAVAILABLE, now: datetime = NOW
) -> None:
    """End the job of a film."""
    nothing: Any = None
    services = Services(pool=pool, tmdb=nothing, films=nothing)
    [job] = import_jobs([film], run_id=RunId(1))
    with clock.frozen(now):
        await ImportMovie().settle(
            JobContext(ImportMovieArgs(film), job, services), verdict
        )


async def _entry(conn: Conn, film: int) -> LedgerEntry:
    (entry,) = await ledger.find_entries(conn, MOVIE, film)
    return entry


async def _item_states(conn: Conn) -> list[str]:
    cursor = await conn.execute(
        "SELECT state FROM sync_run_items ORDER BY run_id, kind, external_id"
    )
    return [row[0] for row in await cursor.fetchall()]


async def test_the_rounds_of_a_run_are_one_failure(conn: Conn, pool: Pool) -> None:
    """While a round is left the film is queued, not failed; after the last it has failed once."""
    await _start(conn, [1])
    keeper = RunKeeper(pool, lambda: True)
    now = NOW
    for delay in policy.ROUND_DELAYS:
        await _settle(pool, 1, now=now)
        assert (await _entry(conn, 1)).state == "queued"
        now += delay
        with clock.frozen(now):
            await keeper.turn()
        assert (await _entry(conn, 1)).state == "queued"
    await _settle(pool, 1, now=now)
    entry = await _entry(conn, 1)
    assert (entry.state, entry.attempts, entry.error_code) == (
        "failed",
        1,
        "unavailable",
    )
    assert entry.due_at == now + policy.RETRY_FAILED[0]


async def test_a_film_has_not_failed_while_another_run_has_rounds_left(
    conn: Conn, pool: Pool
) -> None:
    """The run that gives up says so of itself; the film waits for the other."""
    await _start(conn, [1])
    await conn.execute("UPDATE sync_run_items SET round = 4")
    await _start(conn, [1])
    await _settle(pool, 1)
    assert await _item_states(conn) == ["failed", "waiting"]
    assert (await _entry(conn, 1)).state == "queued"


async def test_a_film_that_no_run_waits_for_fails_at_once(
    conn: Conn, pool: Pool
) -> None:
    """Its run may have been cancelled meanwhile: nobody will try again."""
    await _settle(pool, 1)
    entry = await _entry(conn, 1)
    assert (entry.state, entry.attempts) == ("failed", 1)


async def test_what_nobody_can_retry_gets_no_round(conn: Conn, pool: Pool) -> None:
    """A film that TMDB calls a wrong question has failed in its first round."""
    run_id = await _start(conn, [1])
    await _settle(pool, 1, REFUSED)
    assert await _item_states(conn) == ["failed"]
    assert (await _entry(conn, 1)).error_code == "request_refused"
    assert await runs.finish_runs(conn, now=NOW) == [run_id]


async def test_a_page_nobody_can_retry_gets_no_round(conn: Conn, pool: Pool) -> None:
    """The same for a page of a list."""
    run_id = await _start(conn, [])
    await runs.add_items(conn, run_id, page_kind("popular"), [2])
    nothing: Any = None
    services = Services(pool=pool, tmdb=nothing, films=nothing)
    args = DiscoverMoviesArgs(run_id, "popular", 2)
    job = JobContext(args, page_job(run_id, "popular", 2), services)
    await DiscoverMovies().settle(job, REFUSED)
    assert await _item_states(conn) == ["failed"]


async def test_a_page_that_can_be_read_again_leaves_quarantine(
    deployment: Deployment,
) -> None:
    """The sample stays, and is no trouble any longer; that of another page is."""
    script = deployment.script
    whole = script.page

    def broken(name: str, number: int) -> Body | None:
        return script.other("/configuration") if number > 1 else whole(name, number)

    script.page = broken
    await deployment.finish(await deployment.c.import_popular_movies(pages=3))
    unresolved = "SELECT external_id FROM quarantine WHERE resolved_at IS NULL ORDER BY external_id"
    assert await deployment.fetch(unresolved) == ["2", "3"]
    script.page = whole
    await deployment.finish(await deployment.c.import_popular_movies(pages=2))
    assert await deployment.fetch(unresolved) == ["3"]


class TestImportHere:
    """A film imported without a job ends in the same rows as one with a job."""

    async def test_a_broken_body_is_kept(self, deployment: Deployment) -> None:
        """In quarantine, and the ledger says so; the caller hears it too."""
        film = deployment.world.popular_ids(1)[0]
        body = deployment.script.body(film, credits={"cast": "none"})
        deployment.script.tell_for_ever(film, body)
        with pytest.raises(PayloadError):
            await deployment.c.import_movie(film)
        assert await deployment.fetch(
            "SELECT external_id, reason, is_confirmed FROM quarantine"
        ) == [(str(film), "payload", True)]
        assert await deployment.ledger() == {film: "quarantined"}

    async def test_a_film_that_is_not_there_is_absent(
        self, deployment: Deployment
    ) -> None:
        """One denial is enough: no list named it."""
        with pytest.raises(AbsentAtSourceError):
            await deployment.c.import_movie(999_999)
        assert await deployment.ledger() == {999_999: "absent"}

    async def test_a_failure_is_written_down(self, deployment: Deployment) -> None:
        """With the time when it is due again."""
        film = deployment.world.popular_ids(1)[0]
        deployment.sandbox.change_faults({"5xx": 1.0})
        with pytest.raises(SourceUnavailableError):
            await deployment.c.import_movie(film)
        (entry,) = (await deployment.c.trace_movie(film)).ledger
        assert (entry.state, entry.attempts) == ("failed", 1)
        assert entry.due_at is not None

    async def test_a_run_that_waits_for_the_film_goes_on(
        self, deployment: Deployment
    ) -> None:
        """A failure beside it takes no round and fails no film: its own job is still to come."""
        film = deployment.world.popular_ids(1)[0]
        run_id = await deployment.c.import_movies([film])
        deployment.sandbox.change_faults({"5xx": 1.0})
        with pytest.raises(SourceUnavailableError):
            await deployment.c.import_movie(film)
        assert await deployment.ledger() == {film: "queued"}
        assert await deployment.fetch("SELECT state, round FROM sync_run_items") == [
            ("open", 1)
        ]
        deployment.sandbox.change_faults({})
        ended = await deployment.finish(run_id)
        assert (ended.state, ended.done) == ("completed", 1)


async def test_a_node_without_a_key_says_so(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once and to the person, instead of failing every job that waits."""
    monkeypatch.delenv("TMDB_API_KEY", raising=False)
    await deployment.c.import_movies([1])
    official = "https://api.themoviedb.org/3"
    async with deployment.open_other(tmdb_base_url=official) as c:
        with pytest.raises(ConfigError):
            async with c.work():
                pytest.fail("it works without a key")
    assert await deployment.fetch("SELECT state::text, attempt FROM oban_jobs") == [
        ("available", 0)
    ]


PUT_OFF = timedelta(hours=1)


class TestOvertaking:
    """A film that a person asks for by name while its job waits already."""

    @staticmethod
    async def _wait(
        deployment: Deployment, film: int, state: str, code: str | None = None
    ) -> None:
        """Store a list's job of a film that is put off for an hour."""
        async with deployment.c._app.pool.connection() as conn:
            run_id = await _start(conn, [film])
            from_list = import_jobs([film], run_id=run_id, is_listed=True)
            await insert_jobs(conn, from_list)
            await conn.execute(
                "UPDATE oban_jobs SET state = %s::oban_job_state, scheduled_at = scheduled_at + %s,"
                " meta = meta || jsonb_strip_nulls(jsonb_build_object('error_code', %s::text))",
                [state, PUT_OFF, code],
            )

    @staticmethod
    async def _job(deployment: Deployment) -> tuple[str, int, bool]:
        [job] = await deployment.fetch(
            "SELECT state::text, priority, scheduled_at <= timezone('UTC', clock_timestamp()) FROM oban_jobs"
        )
        return job

    @pytest.mark.parametrize(
        ("state", "code"),
        [("retryable", "unavailable"), ("scheduled", "unknown_worker")],
    )
    async def test_a_job_that_failed_before_runs_now(
        self, deployment: Deployment, state: str, code: str
    ) -> None:
        """Before everything else; there is still one job, and it serves both runs."""
        film = deployment.world.popular_ids(1)[0]
        await self._wait(deployment, film, state, code)
        run_id = await deployment.c.import_movies([film])
        assert await self._job(deployment) == ("available", 0, True)
        ended = await deployment.finish(run_id)
        assert ended.done == 1
        assert deployment.script.asked == [film]

    @pytest.mark.parametrize("code", ["throttled", "halted", "absent_unconfirmed"])
    async def test_a_job_with_a_reason_to_wait_keeps_its_time(
        self, deployment: Deployment, code: str
    ) -> None:
        """Asking a source that rests brings nothing; when it may run it goes first."""
        await self._wait(deployment, 7, "scheduled", code)
        await deployment.c.import_movies([7])
        assert await self._job(deployment) == ("scheduled", 0, False)

    async def test_a_running_job_is_left(self, deployment: Deployment) -> None:
        """It is being done."""
        await self._wait(deployment, 7, "executing")
        await deployment.c.import_movies([7])
        assert await self._job(deployment) == ("executing", 6, False)

    async def test_it_goes_before_a_long_queue(self, deployment: Deployment) -> None:
        """The last of a list is the first to be fetched when a person asks for it."""
        films = deployment.world.popular_ids(1)
        async with deployment.c._app.pool.connection() as conn:
            run_id = await _start(conn, films)
            await insert_jobs(conn, import_jobs(films, run_id=run_id, is_listed=True))
        run_id = await deployment.c.import_movies([films[-1]])
        async with deployment.work(queues={"imports": 1}):
            await deployment.c.wait_for_run(run_id)
        assert deployment.script.asked[0] == films[-1]
