"""
The queue `enrichment`: what is computed of films from what is stored; asks no upstream.

    change log ──► enrichment_due ──► EnrichMovie, one a film        few are due: each seen and retried alone
                   (jobs/enrichment_feeding.py)
                                 ──► EnrichCatalog, one a kind      many are due, or all are wanted: batches
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
import psycopg
import structlog
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import browse
from cinegraph.db.pool import Pool
from cinegraph.enrichment.due import following, passes, taking
from cinegraph.enrichment.due.kinds import FOLLOWED, Enrichment
from cinegraph.jobs.computing import COMPUTED
from cinegraph.jobs.outcome import (
    Cancel,
    Done,
    Kind,
    Outcome,
    Snooze,
    Verdict,
    code_of,
)
from cinegraph.jobs.sequencing import sequence
from cinegraph.jobs.services import services_of
from cinegraph.jobs.settling import cancel_item
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.sync import runs

NO_FILM = "no_film"
"""The code of a job whose film is not stored."""
UNDER_WAY = "pass_under_way"
"""The code of a job that waits until all films are computed, to compute what is due then."""
AFTER_PASS: Final = timedelta(seconds=10)
"""Between two looks whether it is complete: minutes or hours for a large catalogue."""
PASS_TIMEOUT: Final = timedelta(hours=12)
"""Of a pass over all films of the largest catalogue, on a slow machine; nothing waits for it."""
FAILED_PAUSE: Final = timedelta(hours=1)
"""After a pass failed for good."""
CANCELLED_PAUSE: Final = timedelta(days=1)
"""After a person cancelled a pass, or the job of a film: what is due stays due."""
MOST_BATCHES: Final = 20
"""Of the change log a turn: 100,000 rows, so that what is due is not kept waiting by a bulk import."""
_ALONE: Final = timedelta(0)
"""Films of a batch that failed are tried one by one at once."""

_log = structlog.get_logger(__name__)


async def notice_changes(pool: Pool) -> bool:
    """Mark what the change log makes due, `MOST_BATCHES` at most; return whether there is nothing more to follow."""
    for _ in range(MOST_BATCHES):
        async with pool.connection() as conn, conn.transaction():
            followed = await following.follow(conn, now=clock.now())
        if followed.changes < following.BATCH:
            return True
    return False


async def _catch_up(pool: Pool) -> None:
    """Mark all that has changed until now: what is marked while a pass goes on is due after it, computed or not."""
    await sequence(pool)
    while not await notice_changes(pool):
        pass


class EnrichMovieArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which film, and what of it."""

    movie_id: Annotated[int, msgspec.Meta(ge=1)]
    """Ours, not TMDB's: `movies.id`."""
    enrichment: Enrichment
    """What is computed; in runs, the kind of the item."""


class EnrichMovie(Worker[EnrichMovieArgs], queue="enrichment", priority=7):
    """
    Compute one thing of one stored film: who worked with whom, its lists, its score, or what resembles it.

    Asks no upstream. Nothing changes where it is what it was; of a film that is gone nothing remains.
    """

    async def run(self, job: JobContext[EnrichMovieArgs]) -> Outcome | None:
        """Compute, and tell the runs that wait for it, in one transaction."""
        now, args = clock.now(), job.args
        async with services_of(job).pool.connection() as conn:
            async with conn.transaction():
                # First of all: what changes after this finds no row, and makes the film due again.
                taken = await taking.take(conn, args.enrichment, args.movie_id)
                film = await browse.find_ids(conn, args.movie_id)
                if film is None:
                    return Done(NO_FILM, "the film is not stored")
                compute = COMPUTED[args.enrichment].films
                beside = await compute(conn, [args.movie_id], now)
                untold = taking.find_untold([taken], beside) if taken else []
                if untold:
                    await taking.keep_untold(
                        conn, args.enrichment, [args.movie_id], untold, now=now
                    )
                # What is computed is computed for all.
                await runs.settle_items(
                    conn,
                    args.enrichment,
                    [film.tmdb_id],
                    runs.ItemState.DONE,
                    now=now,
                )
            if untold:
                await _tell_beside(conn, args.enrichment, [args.movie_id], untold)
        return None

    async def settle(self, job: JobContext[EnrichMovieArgs], verdict: Verdict) -> None:
        """Let a film that failed be due again later; give the runs that wait a further round, or give up for them."""
        if not verdict.final:
            return
        async with services_of(job).pool.connection() as conn, conn.transaction():
            if verdict.kind is not Kind.CANCELLED and verdict.code != NO_FILM:
                await taking.note_failed(
                    conn,
                    job.args.enrichment,
                    [job.args.movie_id],
                    error_code=verdict.code or "unexpected",
                    now=clock.now(),
                )
            await _settle_runs(conn, job, verdict)


async def _settle_runs(
    conn: AsyncConnection[Any], job: JobContext[EnrichMovieArgs], verdict: Verdict
) -> None:
    tmdb_id, kind = job.meta.get("tmdb_id"), job.args.enrichment
    if tmdb_id is None:
        return
    if verdict.kind is Kind.CANCELLED:
        await cancel_item(conn, kind, tmdb_id, job.run_id, source=FILMS.source)
    elif verdict.code == NO_FILM:
        await runs.settle_items(
            conn, kind, [tmdb_id], runs.ItemState.ABSENT, now=clock.now()
        )
    else:
        # There is one job a film: all runs that wait, wait for this one.
        await runs.exhaust_item(
            conn,
            kind,
            tmdb_id,
            error_code=verdict.code,
            is_hopeless=verdict.is_hopeless,
            now=clock.now(),
        )


async def _tell_beside(
    conn: AsyncConnection[Any],
    enrichment: Enrichment,
    computed: Sequence[int],
    movie_ids: list[int],
) -> None:
    """
    Make films due that something beside them concerns; then let those go that were left due for it.

    Apart from computing, and from each other: two films beside each other, each of whose transactions held its own row
    and asked for the other's, would wait in a circle.
    """
    async with conn.transaction():
        await following.mark_beside(
            conn,
            enrichment,
            movie_ids,
            reason="new beside it",
            now=clock.now(),
        )
    async with conn.transaction():
        await taking.forget_told(conn, enrichment, computed)


class Scope(StrEnum):
    """Which films a pass computes; equal to the stored text."""

    DUE = "due"
    ALL = "all"


class EnrichCatalogArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What, and of which films."""

    enrichment: Enrichment
    scope: Scope


class EnrichCatalog(
    Worker[EnrichCatalogArgs],
    queue="enrichment",
    max_attempts=5,
    timeout=PASS_TIMEOUT,
    priority=8,
):
    """
    Compute one thing of all films, or of all that are due, many a transaction.

    A pass that is killed is done again. A batch that fails is left to jobs of its films, so that one film with odd data
    stops no other.
    """

    async def run(self, job: JobContext[EnrichCatalogArgs]) -> Outcome | None:
        """Compute until nothing is wanted, then tell the runs that wait."""
        pool, args = services_of(job).pool, job.args
        if args.scope is Scope.ALL:
            try:
                films = await _compute_all(pool, job)
            except _StoppedError:
                return Cancel(message="cancelled between two batches")
        else:
            films = await _compute_due(pool, job)
            if await _has_pass(pool, args.enrichment):
                # What is due is its; what it leaves, or changes meanwhile, is computed after it.
                return Snooze(
                    AFTER_PASS.total_seconds(),
                    UNDER_WAY,
                    "waits for the pass over all films that is under way",
                    is_capped=False,
                )
        async with pool.connection() as conn, conn.transaction():
            await runs.settle_items(
                conn,
                runs.ENRICHMENT,
                [item_id(args.enrichment, args.scope)],
                runs.ItemState.DONE,
                now=clock.now(),
            )
        return Done(message=f"{films:,} films")

    async def settle(
        self, job: JobContext[EnrichCatalogArgs], verdict: Verdict
    ) -> None:
        """End the runs that wait for a pass that failed or was cancelled; a pass over all films is wanted still."""
        if not verdict.final:
            return
        item = item_id(job.args.enrichment, job.args.scope)
        is_cancelled = verdict.kind is Kind.CANCELLED
        async with services_of(job).pool.connection() as conn, conn.transaction():
            if job.args.scope is Scope.ALL:
                pause = CANCELLED_PAUSE if is_cancelled else FAILED_PAUSE
                until = clock.now() + pause
                await passes.put_off(conn, job.args.enrichment, until=until)
            if is_cancelled:
                await cancel_item(
                    conn, runs.ENRICHMENT, item, job.run_id, source=FILMS.source
                )
            else:
                await runs.exhaust_item(
                    conn,
                    runs.ENRICHMENT,
                    item,
                    error_code=verdict.code,
                    is_hopeless=True,
                    now=clock.now(),
                )


class _StoppedError(Exception):
    """A person cancelled the job."""


async def _compute_all(pool: Pool, job: JobContext[EnrichCatalogArgs]) -> int:
    """Compute all films, once more where that was wanted meanwhile; return how many."""
    enrichment = job.args.enrichment

    async def progress(films: int) -> None:
        async with pool.connection() as conn:
            await passes.count(conn, enrichment, films)
        if job.cancelled():
            raise _StoppedError

    films, is_wanted = 0, True
    while is_wanted:
        await _catch_up(pool)
        async with pool.connection() as conn, conn.transaction():
            await runs.allow_long_statements(conn)
            await passes.begin(conn, enrichment, now=clock.now())
        films = await COMPUTED[enrichment].all(pool, clock.now(), progress)
        async with pool.connection() as conn, conn.transaction():
            await passes.finish(conn, enrichment, films=films, now=clock.now())
            state = (await passes.list_states(conn))[enrichment]
        is_wanted = state.wanted_at is not None
    return films


async def _compute_due(pool: Pool, job: JobContext[EnrichCatalogArgs]) -> int:
    """Compute what is due, batch by batch, until nothing is; return how many films."""
    enrichment, films = job.args.enrichment, 0
    while not job.cancelled():
        taken = await _compute_batch(pool, enrichment)
        if not taken:
            break
        films += taken
    return films


async def _has_pass(pool: Pool, enrichment: Enrichment) -> bool:
    """Whether a pass over all films is under way, which nobody may take due films from."""
    async with pool.connection() as conn:
        return (await passes.list_states(conn))[enrichment].began_at is not None


async def _compute_batch(pool: Pool, enrichment: Enrichment) -> int:
    """Compute one batch in a transaction; where that fails, leave its films to jobs of their own. Return its films."""
    computing, now = COMPUTED[enrichment], clock.now()
    taken: list[taking.Taken] = []
    try:
        async with pool.connection() as conn, conn.transaction():
            taken = await taking.take_batch(
                conn, enrichment, limit=computing.batch, now=now
            )
            ids = sorted(one.movie_id for one in taken)
            beside = await computing.films(conn, ids, now) if ids else []
            others = taking.find_untold(taken, beside)
            telling = [one.movie_id for one in taken if not one.is_spread or one.untold]
            if others:
                await taking.keep_untold(conn, enrichment, telling, others, now=now)
    except Exception as error:
        if not taken or _is_of_database(error):
            raise
        _log.warning("a batch failed", enrichment=enrichment, films=len(taken))
        async with pool.connection() as conn, conn.transaction():
            await taking.note_failed(
                conn,
                enrichment,
                [one.movie_id for one in taken],
                error_code=code_of(error),
                now=now,
                pause=_ALONE,
            )
        return len(taken)
    if others:
        async with pool.connection() as conn:
            await _tell_beside(conn, enrichment, telling, others)
    return len(taken)


def _is_of_database(error: Exception) -> bool:
    """Whether the database is gone, or two waited for each other: nothing is wrong with the films."""
    # Of a statement that takes too long some film may be the cause: the same batch would fail for ever.
    return isinstance(error, psycopg.OperationalError) and not isinstance(
        error, psycopg.errors.QueryCanceled
    )


async def put_off(
    conn: AsyncConnection[Any], kind: str, number: int, *, until: datetime
) -> None:
    """Let wait what a cancelled job would have computed: an item's kind and id, of a film or of a pass."""
    if kind == runs.ENRICHMENT:
        enrichment, scope = _item(number)
        if scope is Scope.ALL:
            await passes.put_off(conn, enrichment, until=until)
    elif kind in FOLLOWED:
        await taking.put_off(conn, Enrichment(kind), [number], until=until)


async def put_off_run(
    conn: AsyncConnection[Any], run_id: runs.RunId, *, until: datetime
) -> None:
    """Let wait what a cancelled run would have computed; nothing where it was a run of something else."""
    arguments = await runs.find_arguments(conn, run_id) or {}
    if "enrichment" in arguments:
        enrichment = Enrichment(arguments["enrichment"])
        number = item_id(enrichment, Scope(arguments["scope"]))
        await put_off(conn, runs.ENRICHMENT, number, until=until)


def item_id(enrichment: Enrichment, scope: Scope) -> int:
    """Return the id of a pass as an item of runs."""
    return 2 * [*Enrichment].index(enrichment) + (2 if scope is Scope.ALL else 1)


def pass_job(
    enrichment: Enrichment, scope: Scope, run_id: runs.RunId | None = None
) -> Job:
    """Return the job of a pass."""
    args = EnrichCatalogArgs(enrichment=enrichment, scope=scope)
    job = EnrichCatalog.new(args, run=run_id)
    job.meta["item"] = f"{runs.ENRICHMENT} {item_id(enrichment, scope)}"
    return job


def pass_job_of(item: int, run_id: runs.RunId) -> Job:
    """Return the job of a pass by its id as an item of a run."""
    return pass_job(*_item(item), run_id)


def _item(number: int) -> tuple[Enrichment, Scope]:
    scope = Scope.DUE if number % 2 else Scope.ALL
    return [*Enrichment][(number - 1) // 2], scope


def enrichment_jobs(
    movie_ids: Mapping[int, int],
    run_ids: Mapping[int, int] | None = None,
    *,
    enrichment: Enrichment = Enrichment.COLLABORATIONS,
) -> list[Job]:
    """
    Return one job a film, in order of TMDB's ids.

    Args:
        movie_ids: Our ids by TMDB's.
        run_ids: By TMDB's id, the run it is computed for; 0 or missing: for none.
    """
    jobs = []
    for tmdb_id, movie_id in sorted(movie_ids.items()):
        job = EnrichMovie.new(
            EnrichMovieArgs(movie_id=movie_id, enrichment=enrichment),
            run=(run_ids or {}).get(tmdb_id) or None,
        )
        # The runs know films by TMDB's id.
        job.meta["tmdb_id"] = tmdb_id
        jobs.append(job)
    return jobs


class RefreshEnrichmentsArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class RefreshEnrichments(Worker[RefreshEnrichmentsArgs], queue="maintenance"):
    """
    Have all films computed anew where each is held against all, and that was days ago.

    Films that changed are computed within seconds; this is for what moves slowly: how many votes the films of a decade
    have, how rare a theme is, and films that a popular person's change left out.
    """

    async def run(self, job: JobContext[RefreshEnrichmentsArgs]) -> Outcome | None:
        """Want it; the leading node makes the jobs."""
        now = clock.now()
        async with services_of(job).pool.connection() as conn, conn.transaction():
            states = await passes.list_states(conn)
            old = [
                one
                for one in COMPUTED
                if taking.is_old(FOLLOWED[one], states[one], now)
            ]
            await passes.want_all(conn, old, reason="days have passed", now=now)
        return Done(message=", ".join(old) or "nothing is old enough")


SCHEDULED = {
    "RefreshEnrichments": lambda: RefreshEnrichments.new(RefreshEnrichmentsArgs())
}
"""By name of the schedule, what makes its job."""
