"""The whole catalogue when something breaks: nothing is lost, nothing is done twice, and what happened is said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

import world_rows
from cinegraph import clock
from cinegraph.api import Cinegraph
from cinegraph.bootstrap import list_feeds
from cinegraph.jobs import catalogue
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.jobs.feeding import Feeder
from cinegraph.jobs.leading import LeaderLoop
from cinegraph.limits import RateLimit
from cinegraph.monitoring import alerts
from cinegraph.sandbox import SandboxSettings, World
from cinegraph.sandbox.export_faults import ExportFault
from cinegraph.sources.providers.tmdb.exports import TmdbExportsSettings
from cinegraph.sync import runs
from database_line import open_line
from deployments import POLL, Deployment
from polling import until

from .test_crashes import WorkerProcess, _workers

NOON = datetime(2026, 9, 10, 12, tzinfo=UTC)
_TAKE_OVER_SECONDS = 10


@pytest.fixture
def world() -> World:
    """Return a world of a few lists' length."""
    return World(films=160, seed=5)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that is refused is tried again at once, and its server asked as fast as it answers."""
    monkeypatch.setattr(catalogue, "_BACKOFF_SECONDS", 0.0)
    monkeypatch.setattr(TmdbExportsSettings, "rate", RateLimit(0))


@pytest.fixture
async def omdb(deployment: Deployment) -> AsyncIterator[Cinegraph]:
    """Return the deployment with OMDb switched on."""
    async with _open(deployment) as c:
        yield c


@asynccontextmanager
async def _open(deployment: Deployment, **changes: Any) -> AsyncIterator[Cinegraph]:
    given = {
        "omdb_base_url": deployment.sandbox.omdb_url,
        "omdb_requests_per_second": 0,
    }
    async with deployment.open_other(**(given | changes)) as c:
        yield c


async def _assert_whole(
    deployment: Deployment, world: World, *, with_titles: bool = True
) -> None:
    """What is stored is what the world says, every row of it, and the books are in order."""
    async with deployment.c._app.pool.connection() as conn:
        found = await world_rows.differences(
            conn, world, ids=world.ids(), with_titles=with_titles
        )
        found |= await world_rows.bookkeeping_faults(conn)
    assert {name: rows for name, rows in found.items() if rows} == {}


async def _until_stored(deployment: Deployment, films: int) -> None:
    async def is_reached() -> bool:
        [stored] = await deployment.fetch("SELECT count(*) FROM movies")
        return bool(stored >= films)

    await until(is_reached)


def _live_here(deployment: Deployment, moment: datetime) -> None:
    """Let the sandbox live at *moment*, where the clock of this process is frozen."""
    deployment.sandbox.set_clock(_at(moment))


def _at(moment: datetime) -> clock.ClockSetting:
    real = clock.real_now()
    return clock.ClockSetting(epoch=real, offset=moment - real)


class TestExports:
    """A list that cannot be believed is refused whole, and yesterday's stays."""

    @pytest.mark.parametrize(
        "fault",
        [
            ExportFault.TRUNCATED,
            ExportFault.TINY,
            ExportFault.HTML,
            ExportFault.DUPLICATES,
            ExportFault.FOREIGN,
            ExportFault.HUGE_IDS,
            ExportFault.HALF,
        ],
    )
    async def test_yesterdays_stays_row_by_row(
        self, deployment: Deployment, fault: ExportFault
    ) -> None:
        """Nothing of the file counts, the run goes on by yesterday's, and says so; so do its record and an alert."""
        with clock.frozen(NOON):
            _live_here(deployment, NOON)
            await deployment.finish(await deployment.c.import_entire_catalog(limit=5))
        before = await self._rows(deployment)
        tomorrow = NOON + timedelta(days=1)
        deployment.sandbox.change_export_fault(fault, tomorrow.date())
        with clock.frozen(tomorrow):
            _live_here(deployment, tomorrow)
            run = await deployment.finish(
                await deployment.c.import_entire_catalog(limit=20)
            )
            opened = await self._alerts(deployment)
        assert (run.state, run.done) == ("completed", 20)
        assert (run.note or "").startswith("the list of 2026-09-10 stays: ")
        assert await self._rows(deployment) == before
        refused = await deployment.fetch(
            "SELECT listed_on::text, length(reason) > 10 FROM export_snapshots WHERE state = 'refused'"
        )
        assert refused == [("2026-09-11", True)]
        assert "export_refused" in opened

    @pytest.mark.parametrize("fault", [ExportFault.MISSING, ExportFault.FORBIDDEN])
    async def test_a_file_that_is_not_there_is_no_alarm_for_a_day(
        self, deployment: Deployment, fault: ExportFault
    ) -> None:
        """The newest there is stays in force, the run says so; an alert comes when days have passed."""
        with clock.frozen(NOON):
            _live_here(deployment, NOON)
            await deployment.finish(await deployment.c.import_entire_catalog(limit=5))
        before = await self._rows(deployment)
        deployment.sandbox.change_export_fault(fault)
        for days, is_alarmed in ((1, False), (3, True)):
            later = NOON + timedelta(days=days)
            with clock.frozen(later):
                _live_here(deployment, later)
                run = await deployment.finish(
                    await deployment.c.import_entire_catalog(limit=10 * days)
                )
                opened = await self._alerts(deployment)
            assert run.state == "completed"
            assert "the list of 2026-09-10 stays" in (run.note or "")
            assert ("export_stale" in opened) == is_alarmed
        assert await self._rows(deployment) == before

    async def test_a_connection_that_dies_is_gone_on_with(
        self, deployment: Deployment, world: World
    ) -> None:
        """The rest is asked for, and the list is merged as if nothing had been."""
        deployment.sandbox.change_export_fault(ExportFault.CUT)
        run = await deployment.finish(
            await deployment.c.import_entire_catalog(limit=len(world))
        )
        assert (run.state, run.done) == ("completed", len(world))
        await _assert_whole(deployment, world, with_titles=False)

    async def test_one_that_is_mended_is_taken_by_the_next_try(
        self, deployment: Deployment, world: World
    ) -> None:
        """All are spoilt while the run begins: it waits, its lists go on, and ends whole."""
        deployment.sandbox.change_export_fault(ExportFault.TRUNCATED)
        run_id = await deployment.c.import_entire_catalog()
        async with deployment.work():
            await deployment.until(
                "SELECT count(*) > 0 FROM export_snapshots WHERE state = 'refused'",
                expected=True,
            )
            deployment.sandbox.change_export_fault(None)
            run = await deployment.c.wait_for_run(run_id, every=POLL)
        assert (run.state, run.planned, run.done) == (
            "completed",
            len(world),
            len(world),
        )
        await _assert_whole(deployment, world, with_titles=False)

    async def test_a_folder_that_cannot_be_written_is_said(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        """The job is tried again and says where; nothing is lost once there is room."""
        home = tmp_path / "elsewhere"
        home.mkdir()
        spoilt = home / "downloads"
        spoilt.write_text("in the way")
        run_id = await deployment.c.import_entire_catalog(limit=10)
        async with deployment.open_other(home=home) as c, deployment.work(c):
            await deployment.until(
                "SELECT count(*) > 0 FROM oban_jobs WHERE worker LIKE '%MergeExport'"
                " AND meta ->> 'error_code' = 'download_folder'",
                expected=True,
            )
            [told] = await deployment.fetch(
                "SELECT errors::text FROM oban_jobs WHERE worker LIKE '%MergeExport'"
            )
            assert str(spoilt) in told
            spoilt.unlink()
            run = await c.wait_for_run(run_id, every=POLL)
        assert (run.state, run.done) == ("completed", 10)

    async def _rows(self, deployment: Deployment) -> list[Any]:
        return await deployment.fetch(
            "SELECT ctid::text, xmin::text, t::text FROM listed_movies AS t ORDER BY tmdb_id"
        )

    async def _alerts(self, deployment: Deployment) -> set[str]:
        async with deployment.c._app.pool.connection() as conn:
            await conn.commit()
            await conn.set_autocommit(True)
            await alerts.evaluate(conn, now=clock.now())
            found = await alerts.list_alerts(conn)
            await conn.set_autocommit(False)
        return {one.kind for one in found}


class TestDatabase:
    """The database goes away, and comes back."""

    async def test_gone_for_a_while(
        self, deployment: Deployment, world: World, database_url: str
    ) -> None:
        """Every connection is cut twice while films are imported: the same rows, the same sums."""
        async with (
            open_line(database_url) as line,
            _open(deployment, database_url=line.url) as c,
            deployment.work(c),
        ):
            run_id = await deployment.c.import_entire_catalog()
            for share in (0.2, 0.6):
                await _until_stored(deployment, int(share * len(world)))
                line.cut()
                await asyncio.sleep(1.5)
                line.mend()
            run = await deployment.c.wait_for_run(run_id, every=POLL)
        assert (run.state, run.planned, run.done) == (
            "completed",
            len(world),
            len(world),
        )
        await _assert_whole(deployment, world)

    async def test_list_pages_and_the_export_wait_for_each_other_once(
        self, deployment: Deployment
    ) -> None:
        """Who reads a page shares the run's row; planning by the export takes it only when it holds no film."""
        await deployment.finish(await deployment.c.import_entire_catalog(limit=5))
        run_id = runs.RunId(await deployment.c.import_entire_catalog())
        services = deployment.c._app.services
        async with await psycopg.AsyncConnection.connect(
            deployment.database_url
        ) as page:
            await runs.add_items(page, run_id, runs.MOVIE, [999_999])
            planning = asyncio.create_task(catalogue._plan(services, run_id))
            await deployment.until(
                "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'",
                expected=True,
            )
            [lowest] = await deployment.fetch("SELECT min(tmdb_id) FROM listed_movies")
            await runs.add_items(page, run_id, runs.MOVIE, [lowest])
            await page.commit()
        await planning
        run = await deployment.c.get_run(run_id)
        assert run.note == "5 films were there already"


class TestFeeders:
    """The one who feeds dies; or there are two."""

    @pytest.fixture
    def sandbox_settings(self) -> SandboxSettings:
        """Return an imitation that takes its time, so that there is a middle to die in."""
        return SandboxSettings(port=0, rate=0, latency="0.1")

    @pytest.mark.timeout(180)
    async def test_a_killed_leader_is_followed_within_seconds(
        self,
        deployment: Deployment,
        world: World,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Of three processes the one that feeds is killed: another feeds, and every row is there once."""
        monkeypatch.setenv("TMDB_EXPORTS_URL", deployment.sandbox.exports_url)
        run_id = await deployment.c.import_entire_catalog()
        async with _workers(deployment, tmp_path, 3) as workers:
            await _until_stored(deployment, len(world) // 5)
            killed = await self._kill_leader(deployment, workers)
            await self._until_led(deployment, by_other_than=killed)
            run = await deployment.c.wait_for_run(run_id, every=POLL)
        assert (run.state, run.done) == ("completed", len(world))
        await _assert_whole(deployment, world, with_titles=False)

    async def test_two_feeders_do_nothing_twice(
        self, deployment: Deployment, omdb: Cinegraph, world: World
    ) -> None:
        """Three feeders that all believe to lead: each film is asked for once, at either source."""
        async with AsyncExitStack() as stack:
            run_id = await omdb.import_entire_catalog(limit=len(world))
            await stack.enter_async_context(deployment.work(omdb))
            for _ in range(2):
                await self._feed(stack, omdb)
            run = await omdb.wait_for_run(run_id, every=POLL)
        assert (run.state, run.done) == ("completed", len(world))
        assert sorted(deployment.script.asked) == sorted(world.ids())
        named = [m for m in world.expected(world.ids()).values() if m.imdb_id]
        assert deployment.sandbox.report()["omdb"]["requests"] == len(named)
        await _assert_whole(deployment, world)

    async def _feed(self, stack: AsyncExitStack, c: Cinegraph) -> None:
        feeder = Feeder(c._app.pool, list_feeds(c._app.settings))
        loop = LeaderLoop("feeder", feeder.turn, seconds=0.05, is_leader=lambda: True)
        await loop.start()
        stack.push_async_callback(loop.stop)

    async def _kill_leader(
        self, deployment: Deployment, workers: list[WorkerProcess]
    ) -> str:
        [name] = await self._leaders(deployment)
        workers[int(name.rpartition("-")[2])].kill()
        return name

    async def _until_led(self, deployment: Deployment, *, by_other_than: str) -> None:
        async def is_reached() -> bool:
            return bool(await self._leaders(deployment) - {by_other_than})

        await until(is_reached, within_seconds=_TAKE_OVER_SECONDS)

    async def _leaders(self, deployment: Deployment) -> set[str]:
        nodes = await deployment.c.list_nodes()
        return {node.node for node in nodes if node.is_leader}


class TestLimits:
    """The rows that limits live in are lost; the clock jumps."""

    @pytest.fixture
    def sandbox_settings(self) -> SandboxSettings:
        """Return an OMDb that answers sixty requests a day."""
        return SandboxSettings(port=0, rate=0, latency="none", omdb_limit=60)

    @asynccontextmanager
    async def _open(self, deployment: Deployment) -> AsyncIterator[Cinegraph]:
        async with _open(
            deployment, omdb_daily_limit=60, tmdb_requests_per_second=200
        ) as c:
            yield c
            await c.set_clock(None)
            clock.reset()

    async def test_deleted_budgets_are_made_again(
        self, deployment: Deployment, world: World
    ) -> None:
        """They vanish again and again while films are imported: no film is lost, none is asked for twice."""
        async with self._open(deployment) as c:
            run_id = await c.import_entire_catalog(limit=len(world))
            deleting = asyncio.create_task(self._delete(deployment, "request_budgets"))
            async with deployment.work(c):
                run = await c.wait_for_run(run_id, every=POLL)
                deleting.cancel()
        assert (run.state, run.done) == ("completed", len(world))
        assert sorted(deployment.script.asked) == sorted(world.ids())

    async def test_a_deleted_quota_costs_no_more_than_the_days_limit(
        self, deployment: Deployment
    ) -> None:
        """What was counted is forgotten, so OMDb itself says when it is enough; the next day is as ever."""
        async with self._open(deployment) as c:
            await self._live_at(deployment, c, NOON)
            run_id = await c.import_entire_catalog()
            async with deployment.work(c):
                await self._until_asked(deployment, 30)
                await deployment.fetch("DELETE FROM daily_quotas")
                run = await c.wait_for_run(run_id, every=POLL)
            assert run.state == "completed"
            [lost] = await deployment.fetch(
                "SELECT count(*) FROM oban_jobs WHERE state = 'discarded'"
            )
            assert lost == 0
            answered = self._answered(deployment)
            assert answered <= 60
            await self._live_at(deployment, c, NOON + timedelta(days=1))
            async with deployment.work(c):
                await self._until_asked(deployment, answered + 47)
                await deployment.until(
                    "SELECT count(*) FROM sync_ledger WHERE state = 'queued'", 0
                )
            assert self._answered(deployment) == answered + 47

    async def test_a_clock_that_jumps_back_an_hour_gives_no_second_day(
        self, deployment: Deployment
    ) -> None:
        """The day it falls back into is as used as it was; back in the new day, that goes on where it was."""
        midnight = datetime(2026, 9, 11, tzinfo=UTC)
        before, after = midnight - timedelta(minutes=59), midnight + timedelta(hours=1)
        async with self._open(deployment) as c:
            await self._live_at(deployment, c, before)
            await self._finish(deployment, c, await c.import_entire_catalog())
            assert self._asked(deployment) == 47
            for moment in (after, after - timedelta(hours=1, minutes=1), after):
                await self._live_at(deployment, c, moment)
                async with deployment.work(c) as engine:
                    await self._until_asked(deployment, 94)
                    await self._until_leads(engine)
                    # Ten turns of the feeder: enough for whatever it would ask now.
                    await asyncio.sleep(1)
            assert self._asked(deployment) == 94
            asked = deployment.sandbox.report()["omdb"]
            assert asked["refused_by_limit"] == 0
            assert {day["requests"] for day in asked["days"]} == {47}

    async def test_a_queue_that_rests_for_a_day_goes_on(
        self, deployment: Deployment
    ) -> None:
        """Its jobs wait, nothing fails, nothing is made twice; an alert says that it rests."""
        async with self._open(deployment) as c:
            await self._live_at(deployment, c, NOON)
            await c.pause_queue("imports")
            run_id = await c.import_entire_catalog(limit=30)
            async with deployment.work(c):
                await deployment.until(
                    "SELECT count(*) FROM oban_jobs WHERE queue = 'imports' AND state = 'available'",
                    expected=30,
                )
                await self._live_at(deployment, c, NOON + timedelta(days=1))
                await asyncio.sleep(1.5)
                assert (await c.get_run(run_id)).left == 30
                await c.resume_queue("imports")
                run = await c.wait_for_run(run_id, every=POLL)
        assert (run.state, run.done, run.failed) == ("completed", 30, 0)
        assert len(deployment.script.asked) == len(set(deployment.script.asked)) == 30

    async def _delete(self, deployment: Deployment, table: str) -> None:
        while True:
            await deployment.fetch(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
            await asyncio.sleep(0.02)

    async def _finish(self, deployment: Deployment, c: Cinegraph, run_id: int) -> Any:  # noqa: ANN401 - a reading
        async with deployment.work(c):
            return await c.wait_for_run(run_id, every=POLL)

    async def _live_at(
        self, deployment: Deployment, c: Cinegraph, moment: datetime
    ) -> None:
        deployment.sandbox.set_clock(_at(moment))
        await c.set_clock(_at(moment))

    async def _until_asked(self, deployment: Deployment, requests: int) -> None:
        async def is_reached() -> bool:
            return self._answered(deployment) >= requests

        await until(is_reached)

    async def _until_leads(self, engine: JobEngine) -> None:
        async def is_reached() -> bool:
            return engine.is_leader

        await until(is_reached)

    def _asked(self, deployment: Deployment) -> int:
        found: int = deployment.sandbox.report()["omdb"]["requests"]
        return found

    def _answered(self, deployment: Deployment) -> int:
        told = deployment.sandbox.report()["omdb"]
        return int(told["requests"] - told["refused_by_limit"])
