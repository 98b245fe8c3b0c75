"""What to import: lists, the whole catalogue, films by name."""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.api.references import (
    MovieNotFoundError,
    check_limit,
    check_range,
    parse_reference,
)
from cinegraph.catalog import browse
from cinegraph.catalog.storing import StoredFilm
from cinegraph.errors import UsageError
from cinegraph.jobs import catalogue, operations
from cinegraph.jobs.discovery import (
    ListName,
    import_jobs,
    page_job,
    page_kind,
    range_job,
)
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.imports import SOURCE, import_here
from cinegraph.limits import Priority
from cinegraph.sources.providers.tmdb.client import LAST_PAGE
from cinegraph.sync import estimating, ledger, runs

CATALOG_PAGES = 100
"""Pages of each list that an import of the whole catalogue reads first: what people look for is there in minutes."""
CATALOG_LISTS: tuple[ListName, ...] = ("popular", "top_rated")


class Importing(Connection):
    """Starting imports; a worker does the work."""

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
        async with self._transaction() as conn:
            return await self._import_named(conn, ids)

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

    async def _import_named(
        self,
        conn: AsyncConnection[Any],
        ids: list[int],
        *,
        reason: str = "asked for",
        requested_by: str | None = None,
    ) -> runs.RunId:
        """Start the run of some films; *requested_by*: other than by whoever opened the deployment."""
        run_id = await self._start_run(
            conn, runs.BY_NAME, {"tmdb_ids": ids}, requested_by=requested_by
        )
        fresh = await runs.add_items(conn, run_id, runs.MOVIE, ids)
        await ledger.queue(
            conn,
            fresh,
            source=SOURCE,
            kind=runs.MOVIE,
            reason=reason,
            now=clock.now(),
        )
        await operations.enqueue_first(conn, import_jobs(fresh, run_id=run_id))
        return run_id

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
