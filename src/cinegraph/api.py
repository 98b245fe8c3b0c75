"""
The Python face of Cinegraph: everything the commands do, with typed results.

```python
import cinegraph

async with cinegraph.open() as c:
    run = await c.import_popular_movies(pages=5)
    async with c.work():  # or start `cinegraph work` elsewhere
        progress = await c.wait_for_run(run)
    print(progress.done, "films stored")
```
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from cinegraph import bootstrap, clock
from cinegraph.bootstrap import App
from cinegraph.catalog import browse
from cinegraph.catalog.storing import StoredFilm
from cinegraph.db import clock_row
from cinegraph.errors import UsageError
from cinegraph.jobs import backlogs, cancelling, catalogue, causes, operations
from cinegraph.jobs import browse as jobs_browse
from cinegraph.jobs.discovery import (
    ListName,
    import_jobs,
    page_job,
    page_kind,
    range_job,
)
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.jobs.imports import SOURCE, import_here
from cinegraph.limits import Priority
from cinegraph.limits import browse as limits_browse
from cinegraph.limits.quota_state import (
    QuotaDayRow,
    QuotaState,
    list_quota_days,
    read_quotas,
)
from cinegraph.monitoring import alerts, insights, levels, progress
from cinegraph.settings import Settings, load
from cinegraph.sources.providers.tmdb.client import LAST_PAGE
from cinegraph.sources.registry import list_sources
from cinegraph.sync import backlog, estimating, ledger, runs, schedule

FOLLOW_SECONDS = 0.5
"""How often waiting reads a run's progress: often enough to look alive, too rare to cost anything."""
CATALOG_PAGES = 100
"""Pages of each list that an import of the whole catalogue reads first: what people look for is there in minutes."""
CATALOG_LISTS: tuple[ListName, ...] = ("popular", "top_rated")
MOST_IDS = 5_000_000
"""Of one range: TMDB's newest ids are below two million in 2026."""
_READER_CONNECTIONS = 3
_LARGEST_ID = 2**31 - 1
_LARGEST_OWN_ID = 2**63 - 1
_MOST_DIGITS = 19


class MovieNotFoundError(UsageError):
    """The catalogue holds no such film."""

    code = "movie_not_found"


class RunNotFoundError(UsageError):
    """There is no run of that number."""

    code = "run_not_found"


class Cinegraph:
    """An open connection to a deployment; made by `cinegraph.open()`."""

    def __init__(self, app: App, *, requested_by: str = "command") -> None:
        self._app = app
        self._requested_by = requested_by

    @property
    def settings(self) -> Settings:
        """What it was opened with."""
        return self._app.settings

    @property
    def database_url(self) -> str:
        """The address of the database, with its password if it has one: for tools, not for logs."""
        return self._app.url

    async def import_popular_movies(self, pages: int = 100) -> runs.RunId:
        """
        Start importing the films of TMDB's list of popular films.

        Args:
            pages: 20 films each; at most 500.

        Returns:
            The run's number; `wait_for_run` follows it. A worker does the work: `work`, or `cinegraph work`.

        Raises:
            UsageError: *pages* is not in 1–500.
        """
        return await self._import_list("popular", pages)

    async def import_top_rated_movies(self, pages: int = 100) -> runs.RunId:
        """Start importing the films of TMDB's list of best rated films; see `import_popular_movies`."""
        return await self._import_list("top_rated", pages)

    async def import_list(self, name: ListName, pages: int = 100) -> runs.RunId:
        """
        Start importing the films of one of TMDB's lists; see `import_popular_movies`.

        Args:
            name: `popular`, `top_rated`, `now_playing`, `upcoming` or `trending`.
            pages: 20 films each; at most 500. A list that is shorter ends where it ends.
        """
        return await self._import_list(name, pages)

    async def import_entire_catalog(
        self,
        *,
        ids: tuple[int, int] | None = None,
        limit: int | None = None,
        include_adult: bool | None = None,
    ) -> runs.RunId:
        """
        Start importing the whole catalogue; what is stored already is not fetched again.

        100 pages of popular films first, 100 of the best rated, then every film of TMDB's daily export, the most
        popular ones first.

        Args:
            ids: Instead of the export try every id of this range, first and last included.
            limit: Only so many films of the export, the most popular ones; no lists are read then.
            include_adult: Whether adult films are wanted; by default as configured.

        Raises:
            UsageError: The range or the limit makes no sense.
        """
        check_range(ids)
        check_limit(limit)
        async with self._transaction() as conn:
            if ids is not None:
                return await self._import_ids(conn, *ids)
            with_adult = self.settings.include_adult
            return await self._import_export(
                conn,
                limit=limit,
                with_adult=with_adult if include_adult is None else include_adult,
            )

    async def estimate_catalog(
        self, *, ids: tuple[int, int] | None = None, limit: int | None = None
    ) -> estimating.Estimate:
        """
        Return what `import_entire_catalog` would cost: requests, time at the budget, days of OMDb's quota, disk.

        Asks TMDB's file server for the size of the newest export when none was merged; starts nothing.
        """
        check_range(ids)
        check_limit(limit)
        first_id, last_id = ids or (None, None)
        async with self._app.pool.connection() as conn:
            known = await estimating.read_known(
                conn, first_id=first_id, last_id=last_id
            )
        films, is_exact = known.listed, True
        if first_id is not None and last_id is not None:
            films = last_id - first_id + 1
        elif not films:
            newest = await self._app.services.exports.find_newest(
                clock.now(), kind="movie"
            )
            films, is_exact = estimating.lines_of(newest.size_bytes or 0), False
        return estimating.estimate(
            films,
            known,
            is_exact=is_exact,
            list_pages=0 if ids or limit else 2 * CATALOG_PAGES,
            limit=limit,
            requests_per_second=self.settings.tmdb_requests_per_second,
            titles_a_day=self._titles_a_day(),
        )

    async def import_movies(self, references: Iterable[str | int]) -> runs.RunId:
        """
        Start importing films by name, before everything that nobody waits for; a film that waits already overtakes.

        Args:
            references: TMDB ids, IMDb ids ("tt…"), or ours ("#n").

        Raises:
            UsageError: A reference is none of these, or names nothing.
        """
        ids = [await self.resolve_tmdb_id(reference) for reference in references]
        if not ids:
            raise UsageError(
                "no film was named", hint="Give TMDb ids, IMDb ids (tt…) or ours (#n)."
            )
        now = clock.now()
        async with self._transaction() as conn:
            run_id = await self._start_run(conn, runs.BY_NAME, {"tmdb_ids": ids})
            fresh = await runs.add_items(conn, run_id, runs.MOVIE, ids)
            await ledger.queue(
                conn, fresh, source=SOURCE, kind=runs.MOVIE, reason="asked for", now=now
            )
            await operations.enqueue_first(conn, import_jobs(fresh, run_id=run_id))
        return run_id

    async def import_movie(self, reference: str | int) -> StoredFilm:
        """
        Import one film now, in this process: no job, the same code, the same rows whether it succeeds or fails.

        Raises:
            UsageError: The reference is none of "n", "tt…", "#n", or names nothing.
            AbsentAtSourceError: TMDB has no such film.
            SourceError: TMDB could not be asked; the same call may succeed later.
        """
        tmdb_id = await self.resolve_tmdb_id(reference)
        return await import_here(self._app.services, tmdb_id)

    async def resolve_tmdb_id(self, reference: str | int) -> int:
        """
        Return the TMDB id that *reference* means, asking TMDB where an IMDb id is not known.

        Raises:
            UsageError: The reference is none of "n", "tt…", "#n", or names nothing.
        """
        kind, number = parse_reference(reference)
        if kind == "tmdb":
            return int(number)
        async with self._app.pool.connection() as conn:
            found = await browse.find_tmdb_id(conn, kind, number)
        if found is not None:
            return found
        if kind == "id":
            raise MovieNotFoundError(
                f"there is no film #{number}",
                hint="#n is our own number (movies.id); a plain number is a TMDb id.",
            )
        matches = await self._app.tmdb.find(number, priority=Priority.INTERACTIVE)
        if not matches.movie_tmdb_ids:
            raise MovieNotFoundError(
                f"TMDB knows no film with the IMDb id {number}",
                hint="It may be a series or a person, or missing at TMDB.",
            )
        return matches.movie_tmdb_ids[0]

    async def find_movie(self, reference: str | int) -> browse.MovieDetails | None:
        """Return a stored film with its people, or `None`; asks no upstream."""
        kind, number = parse_reference(reference)
        async with self._app.pool.connection() as conn:
            return await browse.find_movie(conn, kind, number)

    async def trace_movie(self, tmdb_id: int) -> insights.MovieTrace:
        """Return what every source knows of a film and every job about it."""
        async with self._app.pool.connection() as conn:
            return await insights.trace_movie(conn, tmdb_id, now=clock.now())

    async def get_sync_status(self) -> insights.Status:
        """Return the state of the whole deployment."""
        async with self._app.pool.connection() as conn:
            return await insights.get_status(conn, source=SOURCE, now=clock.now())

    async def get_pulse(self) -> insights.Pulse:
        """Return the number of films and the running runs: cheap enough to ask every second."""
        async with self._app.pool.connection() as conn:
            return await insights.get_pulse(conn, now=clock.now())

    async def check_rate_limit(self, source: str = SOURCE) -> limits_browse.BudgetState:
        """
        Return the request budget of a source as it is now.

        Raises:
            UsageError: Nothing was ever asked of such a source.
        """
        async with self._app.pool.connection() as conn:
            for budget in await limits_browse.list_budgets(conn):
                if budget.source == source:
                    return budget
        raise UsageError(
            f"no request was ever made to {source}",
            hint=f"Known sources: {', '.join(known.name for known in list_sources())}.",
        )

    async def list_runs(self, limit: int = 20) -> list[progress.RunProgress]:
        """Return the latest runs, latest first."""
        async with self._app.pool.connection() as conn:
            return await progress.list_runs(conn, limit=limit, now=clock.now())

    async def get_run(self, run_id: int) -> progress.RunProgress:
        """
        Return how far a run is.

        Raises:
            RunNotFoundError: There is no such run.
        """
        async with self._app.pool.connection() as conn:
            found = await progress.find_run(conn, run_id, now=clock.now())
        if found is None:
            raise RunNotFoundError(
                f"there is no run {run_id}", hint="`cinegraph runs` lists them."
            )
        return found

    async def cancel_run(self, run_id: int) -> bool:
        """End a run; what is not settled counts as cancelled. Returns whether it was running."""
        await self.get_run(run_id)
        async with self._transaction() as conn:
            return await cancelling.cancel_run(
                conn, runs.RunId(run_id), now=clock.now()
            )

    async def pause_run(self, run_id: int) -> bool:
        """Queue nothing more of a run until it is resumed; what runs already ends. Returns whether it was running."""
        await self.get_run(run_id)
        async with self._transaction() as conn:
            return await cancelling.pause_run(conn, runs.RunId(run_id))

    async def resume_run(self, run_id: int) -> bool:
        """Let a paused run go on, within seconds. Returns whether it was paused."""
        await self.get_run(run_id)
        async with self._transaction() as conn:
            return await runs.resume_run(conn, runs.RunId(run_id))

    async def retry_run(self, run_id: int) -> int:
        """Try again what failed or was quarantined in a run, also in one that has ended; return how many things."""
        await self.get_run(run_id)
        async with self._transaction() as conn:
            return await cancelling.retry_failed(
                conn, runs.RunId(run_id), now=clock.now()
            )

    async def list_stages(self, run: progress.RunProgress) -> list[progress.Stage]:
        """Return the stages of a run in their order, with what is queued and running in each."""
        async with self._app.pool.connection() as conn:
            running = await jobs_browse.count_executing(conn, run.id)
        return progress.list_stages(run, running)

    async def list_ledger(self) -> list[ledger.Count]:
        """Return how many things are in each state at each source."""
        async with self._app.pool.connection() as conn:
            return await ledger.read_counts(conn)

    async def list_quotas(self) -> list[QuotaState]:
        """Return what is left of the day of every source that has a quota a day."""
        async with self._app.pool.connection() as conn:
            return await read_quotas(conn, now=clock.now())

    async def get_omdb_backlog(self) -> backlog.Backlog | None:
        """Return what is left to ask of OMDb and when it will be done; None: it was never asked."""
        async with self._app.pool.connection() as conn:
            return await backlogs.read_backlog(conn, now=clock.now())

    async def list_quota_days(self, since: datetime) -> list[QuotaDayRow]:
        """Return the days of quotas that ended after *since*, the last first."""
        async with self._app.pool.connection() as conn:
            return await list_quota_days(conn, since)

    async def set_clock(self, setting: clock.ClockSetting | None) -> None:
        """Let the whole deployment live in another time, or in real time again; for imitated upstreams alone."""
        async with self._transaction() as conn:
            await clock_row.write(conn, setting)
            await clock_row.follow(conn)

    async def list_schedules(self) -> list[schedule.ScheduleState]:
        """Return where every schedule stands."""
        async with self._app.pool.connection() as conn:
            return await schedule.list_states(conn)

    async def run_schedule(self, name: str) -> int | None:
        """
        Make the job of a schedule at once, beside its slots; return its id, None when the same work is live already.

        Raises:
            UsageError: There is no such schedule.
        """
        check_schedule(name)
        async with self._transaction() as conn:
            [job] = await insert_jobs(conn, [catalogue.SCHEDULED[name]()])
        return job.id

    async def pause_schedule(self, name: str, *, is_paused: bool = True) -> None:
        """
        Let a schedule rest, or go on with its next slot.

        Raises:
            UsageError: There is no such schedule.
        """
        check_schedule(name)
        async with self._transaction() as conn:
            await schedule.set_paused(conn, name, is_paused=is_paused, now=clock.now())

    async def find_last_alert_check(self) -> datetime | None:
        """Return when the rules of the alerts were last held against the tables; None: never."""
        async with self._app.pool.connection() as conn:
            return await alerts.find_last_check(conn)

    async def list_alerts(
        self, *, open_only: bool = True, limit: int = 100
    ) -> list[alerts.Alert]:
        """Return what a person should know, the gravest first."""
        async with self._app.pool.connection() as conn:
            return await alerts.list_alerts(conn, open_only=open_only, limit=limit)

    async def explain_run(self, run: progress.RunProgress) -> causes.Cause | None:
        """Return what limits a run at this moment; `None` when it has ended."""
        if not run.is_running:
            return None
        async with self._app.pool.connection() as conn:
            facts = await causes.read_facts(conn, run, source=SOURCE, now=clock.now())
        return causes.explain(run, facts)

    async def wait_for_run(
        self,
        run_id: int,
        *,
        on_progress: Callable[[progress.RunProgress], None] = lambda _: None,
        every: timedelta = timedelta(seconds=FOLLOW_SECONDS),
    ) -> progress.RunProgress:
        """Return a run's final numbers once it has ended; *on_progress* sees every reading on the way."""
        while True:
            reading = await self.get_run(run_id)
            on_progress(reading)
            if not reading.is_running:
                return reading
            await asyncio.sleep(every.total_seconds())

    async def list_jobs(
        self,
        *,
        states: Sequence[str] | None = None,
        queue: str | None = None,
        worker: str | None = None,
        run: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[jobs_browse.JobRow]:
        """Return jobs, newest first; *before* is the last id of the page before."""
        async with self._app.pool.connection() as conn:
            return await jobs_browse.list_jobs(
                conn,
                states=states,
                queue=queue,
                worker=worker,
                run=run,
                before=before,
                page_size=limit,
            )

    async def get_job(self, job_id: int) -> jobs_browse.JobRow:
        """
        Return one job with all its attempts.

        Raises:
            UsageError: There is none of that id; it may have been pruned.
        """
        async with self._app.pool.connection() as conn:
            return await jobs_browse.get_job(conn, job_id)

    async def retry_jobs(self, ids: Sequence[int]) -> operations.Retried:
        """Run ended or waiting jobs again at once; tells which were refused and why."""
        async with self._app.pool.connection() as conn:
            return await operations.retry_jobs(conn, ids)

    async def cancel_jobs(self, ids: Sequence[int]) -> operations.Cancelled:
        """End waiting jobs and ask running ones to end; their runs do not wait for them any longer."""
        async with self._transaction() as conn:
            return await cancelling.cancel_jobs(conn, ids)

    async def list_queues(self) -> list[insights.QueueState]:
        """Return every queue that has jobs or settings, by name."""
        async with self._app.pool.connection() as conn:
            return await insights.list_queues(conn)

    async def pause_queue(self, queue: str) -> jobs_browse.QueueSetting:
        """Start no more jobs of *queue* on any node until it is resumed."""
        async with self._transaction() as conn:
            return await operations.pause_queue(conn, queue)

    async def resume_queue(self, queue: str) -> jobs_browse.QueueSetting:
        """Start jobs of *queue* again."""
        async with self._transaction() as conn:
            return await operations.resume_queue(conn, queue)

    async def scale_queue(
        self, queue: str, node_limit: int
    ) -> jobs_browse.QueueSetting:
        """Run *node_limit* jobs of *queue* at once on each node, now and later."""
        async with self._transaction() as conn:
            return await operations.scale_queue(conn, queue, node_limit)

    async def list_nodes(self) -> list[jobs_browse.NodeRow]:
        """Return every node heard of lately, a row for each of its queues; see `NodeRow.is_live`."""
        async with self._app.pool.connection() as conn:
            return await jobs_browse.list_nodes(conn)

    async def count_zombies(self) -> tuple[int, float | None]:
        """Return how many jobs are said to run on nodes that are silent, and the longest one's seconds."""
        async with self._app.pool.connection() as conn:
            return await jobs_browse.count_zombies(conn)

    async def list_budgets(self) -> list[limits_browse.BudgetState]:
        """Return the request budget of every source that was ever asked."""
        async with self._app.pool.connection() as conn:
            return await limits_browse.list_budgets(conn)

    async def list_usage(
        self,
        since: datetime,
        *,
        period: limits_browse.Period = limits_browse.Period.MINUTE,
    ) -> list[limits_browse.Usage]:
        """Return what was asked of every endpoint since *since*."""
        async with self._app.pool.connection() as conn:
            return await limits_browse.list_usage(conn, since, period=period)

    async def list_load(
        self,
        since: datetime,
        *,
        period: limits_browse.Period = limits_browse.Period.MINUTE,
    ) -> list[limits_browse.Load]:
        """Return how much of its limit each source used since *since*."""
        async with self._app.pool.connection() as conn:
            return await limits_browse.list_load(conn, since, period=period)

    async def get_service_levels(self) -> levels.ServiceLevels:
        """Return what the deployment promises, as it is kept now."""
        async with self._app.pool.connection() as conn:
            return await levels.get_levels(conn, source=SOURCE, now=clock.now())

    @asynccontextmanager
    async def work(
        self, queues: Mapping[str, int] | None = None
    ) -> AsyncIterator[JobEngine]:
        """
        Run jobs in this process within the block.

        Args:
            queues: Jobs at once by name of the queue; by default the settings'.

        Raises:
            ConfigError: There is no key for TMDB; without one every job would fail.
        """
        self._require_key()
        async with bootstrap.open_node(self._app, queues=queues) as engine:
            yield engine

    async def _import_list(self, name: ListName, pages: int) -> runs.RunId:
        if not 1 <= pages <= LAST_PAGE:
            raise UsageError(
                f"{pages} pages are not possible",
                hint=f"TMDB serves 1 to {LAST_PAGE} pages of 20 films.",
            )
        async with self._transaction() as conn:
            run_id = await self._start_run(conn, f"import_{name}", {"pages": pages})
            await runs.add_items(conn, run_id, page_kind(name), [1])
            await insert_jobs(conn, [page_job(run_id, name, 1)])
        return run_id

    async def _import_ids(
        self, conn: AsyncConnection[Any], first: int, last: int
    ) -> runs.RunId:
        arguments = {"start_id": first, "end_id": last}
        run_id = await self._start_run(conn, runs.CATALOG, arguments)
        await runs.add_items(conn, run_id, runs.ID_RANGE, [first])
        await insert_jobs(conn, [range_job(run_id, first, last)])
        return run_id

    async def _import_export(
        self, conn: AsyncConnection[Any], *, limit: int | None, with_adult: bool
    ) -> runs.RunId:
        arguments: dict[str, object] = {"from_export": True}
        if with_adult:
            arguments["include_adult"] = True
        if limit is None:
            arguments["pages"] = CATALOG_PAGES
        else:
            arguments["limit"] = limit
        run_id = await self._start_run(conn, runs.CATALOG, arguments)
        await runs.add_items(conn, run_id, runs.EXPORT, [1])
        jobs = [catalogue.export_job(run_id)]
        for name in CATALOG_LISTS if limit is None else ():
            await runs.add_items(conn, run_id, page_kind(name), [1])
            jobs.append(page_job(run_id, name, 1))
        await insert_jobs(conn, jobs)
        return run_id

    def _titles_a_day(self) -> int | None:
        """Return what OMDb's quota gives background work in a day; None: OMDb is switched off."""
        omdb = self.settings.omdb
        if omdb is None:
            return None
        return int(omdb.daily_limit * omdb.background_share)

    async def _start_run(
        self, conn: AsyncConnection[Any], kind: str, arguments: Mapping[str, object]
    ) -> runs.RunId:
        self._require_key()
        return await runs.start_run(
            conn,
            kind=kind,
            source=SOURCE,
            arguments=arguments,
            requested_by=self._requested_by,
            now=clock.now(),
        )

    def _require_key(self) -> None:
        """Say that the key is missing (ConfigError) to the person here, not to a job later."""
        _ = self._app.settings.tmdb.credentials

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection[Any]]:
        async with self._app.pool.connection() as conn, conn.transaction():
            yield conn


def check_range(ids: tuple[int, int] | None) -> None:
    """
    Refuse a range of ids that is none, or that nobody can mean.

    Raises:
        UsageError: It is empty, or leaves TMDB's ids; the hint says what may be given.
    """
    if ids is None:
        return
    first, last = ids
    if not 1 <= first <= last <= _LARGEST_ID:
        raise UsageError(
            f"{first}-{last} is no range of TMDb ids",
            hint="Give the first and the last id, as in --ids 1-1000.",
        )
    if last - first >= MOST_IDS:
        raise UsageError(
            f"{first}-{last} are {last - first + 1:,} ids, more than TMDB has",
            hint=f"At most {MOST_IDS:,} at once; `--from-export` knows which ids there are.",
        )


def check_limit(limit: int | None) -> None:
    """
    Refuse a limit below 1.

    Raises:
        UsageError: It is.
    """
    if limit is not None and not 1 <= limit <= _LARGEST_ID:
        raise UsageError(
            f"a limit of {limit} films makes no sense",
            hint="Give a number from 1 upwards, or leave --limit out for all films.",
        )


def check_schedule(name: str) -> None:
    """
    Refuse a schedule that does not exist.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in catalogue.SCHEDULED:
        raise UsageError(
            f"there is no schedule {name!r}",
            hint=f"Schedules: {', '.join(catalogue.SCHEDULED)}.",
        )


def parse_reference(reference: str | int) -> tuple[str, str]:
    """
    Return which kind of id a person gave, and the id: `tmdb`, `imdb` or `id` (ours).

    Raises:
        UsageError: It is none of them.
    """
    text = str(reference).strip()
    if 1 <= _number(text) <= _LARGEST_ID:
        return "tmdb", str(_number(text))
    if text.startswith("tt") and _number(text[2:]) > 0:
        return "imdb", text
    if text.startswith("#") and 1 <= _number(text[1:]) <= _LARGEST_OWN_ID:
        return "id", text[1:]
    raise UsageError(
        f"{text!r} names no film",
        hint="A number is a TMDb id, tt… an IMDb id, #n our own number (quote it: '#12').",
    )


def _number(text: str) -> int:
    """Return the number that *text* is written as; 0 when it is none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else 0


@asynccontextmanager
async def open(  # noqa: A001 - `cinegraph.open()` reads as what it does
    *,
    role: str = "python",
    disposable: bool = False,
    reads: bool = False,
    **settings: Any,
) -> AsyncIterator[Cinegraph]:
    """
    Open a deployment: its database (our own server when `DATABASE_URL` is unset) and its sources.

    Args:
        role: Shown in `pg_stat_activity`.
        disposable: Our own server loses its data when its last user leaves.
        reads: Only look: nothing is made or upgraded; few connections.
        settings: Override what file and environment say, by field name of `cinegraph.settings.Settings`.

    Raises:
        ConfigError: A setting is wrong.
        NotSetUpError: There is nothing to look at yet.
        DatabaseError: The database cannot be used; the hint says what to do.
    """
    loaded, _ = load(settings)
    async with bootstrap.open_app(
        loaded,
        role=role,
        disposable=disposable,
        reads=reads,
        connections=_READER_CONNECTIONS if reads else None,
    ) as app:
        yield Cinegraph(app, requested_by="demo" if role == "demo" else "command")
