"""The queue `discovery`: finding out which films there are."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, cast, get_args

import msgspec
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import quarantine
from cinegraph.jobs.imports import SOURCE, ImportMovie, ImportMovieArgs
from cinegraph.jobs.outcome import Kind, Outcome, Verdict
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.settling import cancel_item, is_noteworthy, note_unreadable_body
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.records.listing import MoviePage
from cinegraph.sources.providers.tmdb.client import LAST_PAGE
from cinegraph.sources.providers.tmdb.payloads import LARGEST_ID
from cinegraph.sync import ledger, planning, runs

type ListName = Literal["popular", "top_rated", "now_playing", "upcoming", "trending"]
ALL: Literal["all"] = "all"
"""The source of a job that tries ids instead of reading a list."""

type _TmdbId = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]


class DiscoverMoviesArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One page of a list, or a range of ids, for a run."""

    run_id: Annotated[int, msgspec.Meta(ge=1)]
    source: ListName | Literal["all"]
    page: Annotated[int, msgspec.Meta(ge=1, le=LAST_PAGE)] = 1
    start_id: _TmdbId | None = None
    """The first id to try; of `all` alone."""
    end_id: _TmdbId | None = None
    """The last id to try."""

    def __post_init__(self) -> None:
        """Refuse a range that is none."""
        if self.source != ALL:
            return
        if self.start_id is None or self.end_id is None or self.start_id > self.end_id:
            raise ValueError("the source `all` takes start_id and a later end_id")


class DiscoverMovies(
    Worker[DiscoverMoviesArgs], queue="discovery", max_attempts=5, priority=5
):
    """
    Read one page of a TMDB list and make an import job for each film on it; or plan a batch of ids to try.

    The first page tells how many there are and makes the jobs of the others. Pages drift while they are read: a film
    that shows up twice is imported once. A range of ids is planned batch by batch, each making the job of the next.
    """

    async def run(self, job: JobContext[DiscoverMoviesArgs]) -> Outcome | None:
        """Fetch the page, or take the batch; write what it names."""
        services = services_of(job)
        args = job.args
        if args.source == ALL:
            await _plan_range(services, job)
            return None
        page = await services.tmdb.fetch_list(
            args.source, args.page, priority=request_priority(job.job.priority)
        )
        async with services.pool.connection() as conn, conn.transaction():
            jobs = await _plan_films(conn, job, page)
            if args.page == 1:
                jobs += await _plan_pages(conn, args, page)
            await job.enqueue(conn, *jobs)
            await _settle_page(conn, args, runs.ItemState.DONE)
            await quarantine.resolve(
                conn,
                [str(args.page)],
                source=SOURCE,
                kind=page_kind(args.source),
                now=clock.now(),
            )
        return None

    async def settle(
        self, job: JobContext[DiscoverMoviesArgs], verdict: Verdict
    ) -> None:
        """Keep an unreadable page aside; give one whose attempts are used up a further round, or write it off."""
        if not is_noteworthy(verdict):
            return
        async with services_of(job).pool.connection() as conn, conn.transaction():
            if verdict.kind is Kind.CANCELLED:
                kind, number = item_of(job.args)
                await cancel_item(conn, kind, number, job.args.run_id, source=SOURCE)
            else:
                await _settle(conn, job.args, verdict)


def page_kind(source: str) -> str:
    """Return the kind of a run's item that is a page of the list *source*."""
    return f"{source}_page"


def item_of(args: DiscoverMoviesArgs) -> tuple[str, int]:
    """Return kind and id of the run's item that a job with these arguments settles."""
    if args.source == ALL:
        return runs.ID_RANGE, args.start_id or 1
    return page_kind(args.source), args.page


def range_job(run_id: runs.RunId, start_id: int, end_id: int) -> Job:
    """Return the job that tries the ids from *start_id* to *end_id* for a run."""
    args = DiscoverMoviesArgs(
        run_id=run_id, source=ALL, start_id=start_id, end_id=end_id
    )
    return DiscoverMovies.new(args, run=run_id)


def list_of_page_kind(kind: str) -> ListName:
    """
    Return the list that items of *kind* are pages of.

    Raises:
        ValueError: No list has such pages.
    """
    for name in get_args(ListName.__value__):
        if page_kind(name) == kind:
            return cast("ListName", name)
    raise ValueError(f"no list has items of the kind {kind}")


def page_job(run_id: runs.RunId, source: ListName, page: int) -> Job:
    """Return the job that reads one page of the list *source* for a run."""
    args = DiscoverMoviesArgs(run_id=run_id, source=source, page=page)
    return DiscoverMovies.new(args, run=run_id)


def import_jobs(
    ids: Sequence[int],
    *,
    run_id: runs.RunId | None,
    priority: int | None = None,
    is_listed: bool = False,
) -> list[Job]:
    """Return one import job a film; *is_listed* when an upstream list names them, so a 404 is asked for twice."""
    jobs = []
    for tmdb_id in ids:
        job = ImportMovie.new(
            ImportMovieArgs(tmdb_id=tmdb_id), run=run_id, priority=priority
        )
        if is_listed:
            job.meta["listed"] = True
        jobs.append(job)
    return jobs


async def _plan_films(
    conn: AsyncConnection[Any], job: JobContext[DiscoverMoviesArgs], page: MoviePage
) -> list[Job]:
    run_id = runs.RunId(job.args.run_id)
    if not await runs.hold(conn, run_id):
        return []
    ids: Sequence[int] = page.tmdb_ids
    arguments = await runs.find_arguments(conn, run_id) or {}
    if "from_export" in arguments:
        # The whole catalogue is completed, not fetched anew; who asks for a list wants it as it is today.
        ids = await ledger.list_unanswered(conn, ids, **FILMS.entry)
    # The run, the ledger, the items, as everybody locks them.
    await ledger.queue(
        conn,
        ids,
        **FILMS.entry,
        reason=f"on {job.args.source} page {job.args.page}",
        now=clock.now(),
    )
    fresh = await runs.add_items(conn, run_id, runs.MOVIE, ids)
    # What an export has planned goes first now; where a job is at it already, none is made.
    planned = await planning.open_planned(conn, runs.MOVIE, ids)
    films = sorted({*fresh, *(thing for _, thing in planned)})
    return import_jobs(films, run_id=run_id, is_listed=True)


async def _plan_pages(
    conn: AsyncConnection[Any], args: DiscoverMoviesArgs, page: MoviePage
) -> list[Job]:
    run_id = runs.RunId(args.run_id)
    arguments = await runs.find_arguments(conn, run_id) or {}
    last = min(arguments.get("pages", page.total_pages), page.total_pages)
    pages = await runs.add_items(
        conn, run_id, page_kind(args.source), range(2, last + 1)
    )
    source = cast("ListName", args.source)
    return [page_job(run_id, source, number) for number in pages]


async def _plan_range(services: Services, job: JobContext[DiscoverMoviesArgs]) -> None:
    """Plan the ids of one batch, and make the job of the next in the same transaction."""
    args = job.args
    run_id = runs.RunId(args.run_id)
    first, last = args.start_id or 1, args.end_id or 1
    ids = range(first, min(first + services.import_batch_size, last + 1))
    async with services.pool.connection() as conn, conn.transaction():
        if not await runs.hold(conn, run_id):
            return
        await ledger.want(
            conn,
            dict.fromkeys(ids, 0.0),
            **FILMS.entry,
            reason=f"id tried by run {run_id}",
            run_id=run_id,
            now=clock.now(),
        )
        await planning.plan_ids(conn, run_id, FILMS.item_kind, ids, **FILMS.entry)
        if ids.stop <= last:
            await runs.add_items(conn, run_id, runs.ID_RANGE, [ids.stop])
            await job.enqueue(conn, range_job(run_id, ids.stop, last))
        await _settle_page(conn, args, runs.ItemState.DONE)


async def _settle(
    conn: AsyncConnection[Any], args: DiscoverMoviesArgs, verdict: Verdict
) -> None:
    now = clock.now()
    kind, number = item_of(args)
    await note_unreadable_body(
        conn, verdict, source=SOURCE, kind=kind, external_id=str(number), now=now
    )
    if verdict.kind in {Kind.ABSENT, Kind.QUARANTINED}:
        state = runs.ItemState(verdict.kind.value)
        await _settle_page(conn, args, state, verdict.code)
    elif verdict.final:
        await runs.exhaust_item(
            conn,
            kind,
            number,
            run_id=runs.RunId(args.run_id),
            error_code=verdict.code,
            is_hopeless=verdict.is_hopeless,
            now=now,
        )


async def _settle_page(
    conn: AsyncConnection[Any],
    args: DiscoverMoviesArgs,
    state: runs.ItemState,
    error_code: str | None = None,
) -> None:
    kind, number = item_of(args)
    await runs.settle_items(
        conn,
        kind,
        [number],
        state,
        run_id=runs.RunId(args.run_id),
        error_code=error_code,
        now=clock.now(),
    )
