"""Keeping what is stored up to date: the feed of changes, and films by age, popularity or release."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import msgspec

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.api.operating import check_schedule
from cinegraph.api.references import check_limit
from cinegraph.errors import UsageError
from cinegraph.jobs import browse as jobs_browse
from cinegraph.jobs import lists, scheduling
from cinegraph.jobs.schedules import SCHEDULED
from cinegraph.jobs.stages import FILMS
from cinegraph.records.fields import to_fields
from cinegraph.sync import changes, demand, looks, pacing, runs, updates
from cinegraph.sync.changes import Window
from cinegraph.sync.demand import Outlook
from cinegraph.sync.updates import RECENT_MONTHS, Chosen, Selection

FEED_WORKERS = ("FollowChanges", "ReadChanges")
_GOING_ON = ("available", "scheduled", "executing")
"""Not `retryable`: what failed is tried again by itself, and nobody wants to wait for that."""
_READ_SECONDS = 0.5
_MOST_MONTHS = 1200


class UpdateEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What updating films would cost."""

    films: int
    requests: int
    requests_per_second: float
    """The budget; 0: no limit."""
    seconds: float | None
    """At that budget; None: there is no limit."""


class Updating(Connection):
    """What the sources say has changed."""

    async def update_recently_released(
        self,
        months: int = RECENT_MONTHS,
        *,
        fields: Iterable[str] | None = None,
        limit: int | None = None,
    ) -> runs.RunId:
        """
        Start updating the stored films that came out in the last *months*, the most popular ones first.

        Args:
            months: A calendar month is 30.44 days.
            fields: What of them, such as `("ratings", "videos")` or `("all",)`; default: ratings, revenue and status.
            limit: At most so many films.

        Returns:
            The run's number; `wait_for_run` follows it. A worker does the work: `work`, or `cinegraph work`.

        Raises:
            UnknownFieldError: A film has no such field.
            UsageError: *months* or *limit* makes no sense.
        """
        return await self.update_films(
            Selection.RECENT, fields=fields, limit=limit, months=months
        )

    async def update_popular(
        self, *, fields: Iterable[str] | None = None, limit: int | None = None
    ) -> runs.RunId:
        """Start updating the 2,000 most popular stored films, whole by default; see `update_recently_released`."""
        return await self.update_films(Selection.POPULAR, fields=fields, limit=limit)

    async def update_stale(
        self, *, fields: Iterable[str] | None = None, limit: int | None = None
    ) -> runs.RunId:
        """
        Start updating the stored films that were not fetched whole for 30 days; see `update_recently_released`.

        With *fields* that are not all they stay stale: only a whole fetch checks a film.
        """
        return await self.update_films(Selection.STALE, fields=fields, limit=limit)

    async def update_films(
        self,
        selection: Selection,
        *,
        fields: Iterable[str] | None = None,
        limit: int | None = None,
        months: int = RECENT_MONTHS,
    ) -> runs.RunId:
        """Start updating the films of a selection; see `update_recently_released`."""
        chosen = _choose(selection, limit=limit, months=months)
        names = to_fields(
            updates.DEFAULT_FIELDS[selection] if fields is None else fields
        )
        arguments: dict[str, object] = {"fields": list(names)}
        if selection is Selection.RECENT:
            arguments["months"] = months
        if limit is not None:
            arguments["limit"] = limit
        async with self._transaction() as conn:
            await runs.allow_long_statements(conn)
            run_id = await self._start_run(conn, f"update_{selection}", arguments)
            await updates.plan(conn, run_id, chosen, source=FILMS.source)
        return run_id

    async def estimate_update(
        self,
        selection: Selection,
        *,
        limit: int | None = None,
        months: int = RECENT_MONTHS,
    ) -> UpdateEstimate:
        """Return what updating the films of a selection would cost: one request each, whatever the fields."""
        chosen = _choose(selection, limit=limit, months=months)
        async with self._transaction() as conn:
            await runs.allow_long_statements(conn)
            films = await updates.plan(conn, None, chosen, source=FILMS.source)
        per_second = self.settings.tmdb_requests_per_second
        return UpdateEstimate(
            films=films,
            requests=films,
            requests_per_second=per_second,
            seconds=films / per_second if per_second > 0 else None,
        )

    async def weigh_demand(self) -> Outlook:
        """Return what keeping the catalogue fresh asks of the budget, by strategy; seconds at a million films."""
        now, services = clock.now(), self._app.services
        intervals = pacing.Intervals(
            services.update_interval_days, services.ratings_interval_days
        )
        async with self._transaction() as conn:
            await runs.allow_long_statements(conn)
            alike = await pacing.count(
                conn,
                **FILMS.entry,
                popular_from=await changes.find_popular_from(conn, **FILMS.entry),
                now=now,
            )
            counts = await demand.read_counts(conn, **FILMS.entry, now=now)
            proof = await looks.find_proof(conn, **FILMS.entry)
            is_whole = await runs.follows_catalogue(conn)
        routine = demand.Routine(
            list_pages_a_day=lists.pages_a_day(
                services.update_interval_days, is_whole=is_whole
            ),
            is_popular_listed=is_whole,
            is_proven=proof is not None and not looks.is_behind(proof, now),
        )
        looked = await asyncio.to_thread(pacing.plan, alike, intervals)
        return demand.weigh(
            counts,
            looked if alike else None,
            routine=routine,
            requests_per_second=self.settings.tmdb_requests_per_second,
            now=now,
        )

    async def update_changes(self) -> int | None:
        """
        Have the feed of changes read now; return the job's id, None when that is under way already.

        The films that it names become due as they do by themselves every 15 minutes.
        """
        check_schedule("FollowChanges")
        async with self._transaction() as conn:
            return await scheduling.run_now(conn, SCHEDULED["FollowChanges"])

    async def list_change_days(self, days: int = 14) -> list[Window]:
        """Return the newest days of the feed, newest first: how far each was read, and what it named."""
        async with self._app.pool.connection() as conn:
            return await changes.list_windows(conn, **FILMS.entry, limit=days)

    async def wait_for_changes(
        self, on_progress: Callable[[Sequence[Window]], None] = lambda _: None
    ) -> list[Window]:
        """
        Return the days of the feed once nothing of it is being read, or it failed; see `Window.error`.

        *on_progress* sees every reading on the way.
        """
        while True:
            # The jobs first: a day that is read in between is in what is read after it.
            is_reading = await self._is_reading()
            days = await self.list_change_days()
            on_progress(days)
            if not is_reading:
                return days
            await asyncio.sleep(_READ_SECONDS)

    async def _is_reading(self) -> bool:
        async with self._app.pool.connection() as conn:
            for worker in FEED_WORKERS:
                if await jobs_browse.list_jobs(
                    conn, states=_GOING_ON, worker=worker, page_size=1
                ):
                    return True
        return False


def _choose(selection: Selection, *, limit: int | None, months: int) -> Chosen:
    check_limit(limit)
    if not 1 <= months <= _MOST_MONTHS:
        raise UsageError(
            f"{months} months make no sense", hint=f"Give 1 to {_MOST_MONTHS}."
        )
    return updates.choose(selection, now=clock.now(), months=months, limit=limit)
