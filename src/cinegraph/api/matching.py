"""Jobs that match filters: a page of them, how many, and one thing done to all."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
import psycopg
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.api.references import MovieNotFoundError, parse_reference
from cinegraph.catalog import browse
from cinegraph.jobs import browse as jobs_browse
from cinegraph.jobs import cancelling, operations
from cinegraph.jobs.browse import JobCount, JobPage, JobRow
from cinegraph.jobs.filters import CANCELLED, RETRIED, JobFilter, narrow, times_of

SWEEP_SECONDS: Final = 20.0
"""For what is done to all that match: the rest is left, and said so, before a proxy gives up waiting."""
_RETRY_BATCH: Final = 500
_CANCEL_BATCH: Final = 100
"""In one transaction; cancelling settles each job's film, too."""
_MOST_CHILDREN: Final = 50
_LARGEST_ID: Final = 2**63 - 1

type _Do = Callable[[AsyncConnection[Any], Sequence[int]], Awaitable[int]]


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request to do one thing to all jobs that match."""

    jobs: int
    """To which it was done."""
    refused: int
    """That matched, and could not be: their work is live already, or they ended meanwhile."""
    is_all: bool
    """False: the time was over, or the database stopped it; the same request goes on with the rest."""


class Relatives(msgspec.Struct, frozen=True, kw_only=True):
    """Who made a job, and what it made."""

    parent: JobRow | None
    children: list[JobRow]
    """The newest ones, newest first."""
    has_more: bool


class Matching(Connection):
    """Finding jobs, and steering many at once."""

    async def search_jobs(
        self,
        filters: JobFilter | None = None,
        *,
        before: int | None = None,
        limit: int = 50,
    ) -> JobPage:
        """
        Return jobs that match, newest first; see `JobPage.next_before` for the next page.

        Raises:
            UsageError: A filter says nothing that can be looked for.
            MovieNotFoundError: The film that it names is not stored.
        """
        asked = filters or JobFilter()
        times = times_of(asked, clock.real_now())
        film = await self._find_film(asked)
        async with self._transaction() as conn:
            return await jobs_browse.search_jobs(
                conn, asked, times, film=film, before=before, page_size=limit
            )

    async def count_jobs(self, filters: JobFilter | None = None) -> JobCount:
        """Return how many jobs match, up to 10,000; see `search_jobs`."""
        asked = filters or JobFilter()
        times = times_of(asked, clock.real_now())
        film = await self._find_film(asked)
        async with self._transaction() as conn:
            return await jobs_browse.count_jobs(conn, asked, times, film=film)

    async def list_relatives(self, job: JobRow) -> Relatives:
        """Return the job that made *job*, and the jobs that it made."""
        async with self._app.pool.connection() as conn:
            parent, children = await jobs_browse.list_relatives(
                conn, job, most=_MOST_CHILDREN + 1
            )
        return Relatives(
            parent=parent,
            children=children[:_MOST_CHILDREN],
            has_more=len(children) > _MOST_CHILDREN,
        )

    async def retry_matching(
        self, filters: JobFilter | None = None, *, up_to: int | None = None
    ) -> Swept:
        """
        Run all jobs again that match and failed, were cancelled or wait for their next try.

        In batches, each kept, for at most 20 seconds.

        Args:
            filters: Which jobs; default: all.
            up_to: Only jobs up to this id: those that were there when somebody looked.

        Raises:
            UsageError: A filter says nothing that can be looked for, or asks for other states only.
        """
        asked = narrow(filters or JobFilter(), RETRIED)

        async def retry(conn: AsyncConnection[Any], ids: Sequence[int]) -> int:
            return len((await operations.retry_jobs(conn, ids)).retried)

        return await self._sweep(asked, retry, up_to=up_to, batch=_RETRY_BATCH)

    async def cancel_matching(
        self, filters: JobFilter | None = None, *, up_to: int | None = None
    ) -> Swept:
        """End all jobs that match and wait, and ask those that run to end; see `retry_matching`."""
        asked = narrow(filters or JobFilter(), CANCELLED)

        async def cancel(conn: AsyncConnection[Any], ids: Sequence[int]) -> int:
            done = await cancelling.cancel_jobs(conn, ids)
            return len(done.ended) + len(done.asked)

        return await self._sweep(asked, cancel, up_to=up_to, batch=_CANCEL_BATCH)

    async def _sweep(
        self, filters: JobFilter, do: _Do, *, up_to: int | None, batch: int
    ) -> Swept:
        times = times_of(filters, clock.real_now())
        film = await self._find_film(filters)
        before: int | None = _LARGEST_ID if up_to is None else up_to + 1
        ends = time.monotonic() + SWEEP_SECONDS
        done = matched = 0
        is_stopped = False
        while before is not None and not is_stopped and time.monotonic() < ends:
            try:
                async with self._transaction() as conn:
                    ids, before = await jobs_browse.list_matching(
                        conn, filters, times, film=film, before=before, batch=batch
                    )
                if ids:
                    async with self._transaction() as conn:
                        done += await do(conn, ids)
            except psycopg.Error:
                if not done:
                    raise
                is_stopped = True
            else:
                matched += len(ids)
        is_all = before is None and not is_stopped
        return Swept(jobs=done, refused=matched - done, is_all=is_all)

    async def _find_film(self, filters: JobFilter) -> int | None:
        """Return TMDB's id of the film that is meant; asks no source."""
        if filters.film is None:
            return None
        kind, number = parse_reference(filters.film)
        if kind == "tmdb":
            return int(number)
        async with self._app.pool.connection() as conn:
            found = await browse.find_tmdb_id(conn, kind, number)
        if found is None:
            raise MovieNotFoundError(
                f"no film {filters.film} is stored",
                hint="TMDB's number finds jobs of films that are not stored, too.",
            )
        return found
