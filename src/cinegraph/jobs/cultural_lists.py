"""
Cultural lists in the queue `discovery`: a list is read, its members made equal, and its films fetched.

    RefreshLists ──► ImportList ──► FindMovie, one a film that is known by IMDb's id or title alone (jobs/lookups.py)
     once a day           └───────► films of TMDB's ids: in the ledger, ImportMovie

How it is brought home stands in `reading_lists`. A list that is private, empty, cut or shrunken changes its state, and
none of its members.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import documents
from cinegraph.db import sql
from cinegraph.enrichment.due import passes
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.enrichment.lists import browse, linking, storing
from cinegraph.enrichment.lists.browse import SAME_FILM, MissingFilm
from cinegraph.enrichment.lists.columns import Entry
from cinegraph.enrichment.lists.definitions import Definition
from cinegraph.enrichment.lists.storing import Stored, StoredList
from cinegraph.errors import CinegraphError
from cinegraph.festivals import lookups
from cinegraph.festivals.linking import await_arrivals
from cinegraph.festivals.lookups import NamedFilm
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.listed_films import PRIORITY, want_films
from cinegraph.jobs.lookups import find_job
from cinegraph.jobs.outcome import Done, Kind, Outcome, Verdict
from cinegraph.jobs.reading_lists import (
    DOCUMENT_KIND,
    Origin,
    Reading,
    read_source,
)
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.settling import cancel_item
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.records.document import DocumentRecord
from cinegraph.sources.providers.list_files.settings import SOURCE_NAME
from cinegraph.sources.providers.tmdb.payloads import SOURCE_NAME as TMDB
from cinegraph.sync import runs

ITEM: Final = "list"
"""The kind of an item that is the reading of a list; its id is ours."""
NOT_ASKED: Final = "not asked for yet"
TIMEOUT: Final = timedelta(minutes=5)
"""A list of TMDB's has tens of pages, a slow line takes minutes for a file."""
_SOURCE: Final = "lists"
"""Of items, where they are cancelled: no ledger knows them."""


class ImportListArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which list."""

    list_id: Annotated[int, msgspec.Meta(ge=1)]
    accepts_shrunk: bool = False
    """Believe it however many members leave."""
    run_id: Annotated[int, msgspec.Meta(ge=1)] | None = None


class ImportList(
    Worker[ImportListArgs],
    queue="discovery",
    max_attempts=3,
    timeout=TIMEOUT,
    priority=PRIORITY,
):
    """
    Read a cultural list, make its members equal to it, and have films fetched that are not stored.

    A list that is down, private, empty, cut or much shorter than before is told apart (`cinegraph lists list`), and
    nobody leaves it.
    """

    async def run(self, job: JobContext[ImportListArgs]) -> Outcome | None:
        """Ask, store, link, plan."""
        services, args = services_of(job), job.args
        async with services.pool.connection() as conn:
            found = await storing.find_list(conn, list_id=args.list_id)
        if found is None:
            return Done("gone", "nobody keeps this list any longer")
        origin = Origin(found.key, found.source, found.location, found.is_ranked)
        reading = await read_source(
            services, origin, priority=request_priority(job.job.priority)
        )
        run_id = None if args.run_id is None else runs.RunId(args.run_id)
        stored = await store_list(
            services, found, reading, accepts_shrunk=args.accepts_shrunk
        )
        await _plan(services, found, run_id)
        return Done(message=tell(stored))

    async def settle(self, job: JobContext[ImportListArgs], verdict: Verdict) -> None:
        """Note what is wrong with the list; give the run's reading of it a further round, or write it off."""
        services, list_id = services_of(job), job.args.list_id
        if verdict.is_failure:
            async with services.pool.connection() as conn, conn.transaction():
                await storing.note_problem(
                    conn, list_id, verdict.code, verdict.message, now=clock.now()
                )
        if verdict.final and job.args.run_id is not None:
            await _settle_item(services, list_id, runs.RunId(job.args.run_id), verdict)


class RefreshListsArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class RefreshLists(
    Worker[RefreshListsArgs], queue="discovery", max_attempts=3, priority=5
):
    """
    Have lists read again that are due, and link the members of all lists once more.

    A list is due when its days have passed (`lists.refresh_days`): at TMDB and at an address weekly, an awards event
    daily, as is one that could not be read or believed. A file is read again only when somebody imports it.
    """

    async def run(self, job: JobContext[RefreshListsArgs]) -> Outcome | None:
        """Make a job for each, in one transaction."""
        pool, now = services_of(job).pool, clock.now()
        # Titles are linked by who stores the film: no whole catalogue is read every day.
        linked = await linking.link_all(pool, now=now, searches_titles=False)
        async with pool.connection() as conn, conn.transaction():
            due = await storing.list_due(conn, now=now)
            await job.enqueue(conn, *(list_job(each) for each in due))
        return Done(
            message=f"{len(due)} lists are read, {linked.changed:,} members linked anew"
        )


def list_job(
    list_id: int, run_id: runs.RunId | None = None, *, accepts_shrunk: bool = False
) -> Job:
    """Return the job that reads a list."""
    args = ImportListArgs(list_id=list_id, accepts_shrunk=accepts_shrunk, run_id=run_id)
    job = ImportList.new(args, run=run_id)
    if run_id is not None:
        job.meta["item"] = f"{ITEM} {list_id} {run_id}"
    return job


async def define_list(
    conn: AsyncConnection[Any], definition: Definition, location: str, *, now: datetime
) -> StoredList:
    """
    Have a list of this definition, at this location; where it counts otherwise than before all films are scored.

    Locks: the list, until the transaction ends.
    """
    before = await storing.find_list(conn, key=definition.key)
    found = await storing.ensure_list(conn, definition, location, now=now)
    if before is not None and _counts(before) != _counts(found):
        await _score_anew(conn, f"the list {found.key} counts otherwise")
    return found


def _counts(found: StoredList) -> tuple[float, bool]:
    """Return what of a list's definition scores follow from."""
    return found.weight, found.is_ranked


async def store_list(
    services: Services,
    found: StoredList,
    reading: Reading,
    *,
    accepts_shrunk: bool = False,
) -> Stored:
    """
    Store what was read of a list, with its bodies; then link it once more.

    Raises:
        ShrunkenListError: Too many would leave; nothing is stored.
    """
    async with services.pool.connection() as conn, conn.transaction():
        # Bodies before lists, as a rebuild locks them; what is not believed takes them back.
        await _keep_bodies(conn, reading.documents)
        stored = await _store(conn, found, reading, accepts_shrunk=accepts_shrunk)
    return await _link(services, found, stored)


async def define_and_store(
    services: Services,
    definition: Definition,
    location: str,
    reading: Reading,
    *,
    accepts_shrunk: bool = False,
) -> Stored:
    """
    Do `define_list` and `store_list` in one: a list that is not believed stays where it was, and what it was.

    Raises:
        ShrunkenListError: Too many would leave; nothing is stored.
    """
    async with services.pool.connection() as conn, conn.transaction():
        await _keep_bodies(conn, reading.documents)
        found = await define_list(conn, definition, location, now=clock.now())
        stored = await _store(conn, found, reading, accepts_shrunk=accepts_shrunk)
    return await _link(services, found, stored)


async def _store(
    conn: AsyncConnection[Any],
    found: StoredList,
    reading: Reading,
    *,
    accepts_shrunk: bool,
) -> Stored:
    stored = await storing.store_reading(
        conn, found.id, reading.told, accepts_shrunk=accepts_shrunk, now=clock.now()
    )
    if stored.is_first:
        # Here, as whoever tries again after a crash finds a list that had members.
        await _score_anew(conn, f"the list {found.key} is new")
    return stored


async def _link(services: Services, found: StoredList, stored: Stored) -> Stored:
    """Link a list once more: films that were being stored meanwhile did not see it, nor it them."""
    await await_arrivals(services.pool)
    async with services.pool.connection() as conn, conn.transaction():
        await linking.link_list(conn, found.id)
        return await storing.count(conn, found.id, stored)


async def _score_anew(conn: AsyncConnection[Any], reason: str) -> None:
    """Have all films scored: with another list it says something else of all other films that no list names them."""
    await passes.want_all(conn, [Enrichment.CRI_SCORE], reason=reason, now=clock.now())


async def _keep_bodies(
    conn: AsyncConnection[Any], bodies: Sequence[DocumentRecord]
) -> None:
    """Keep the pages of a list, and no page more: it may have become shorter."""
    await documents.touch_or_replace(conn, bodies)
    for first in bodies[:1]:
        await documents.drop(
            conn,
            first.external_id,
            source=first.source,
            kind=first.kind,
            keeps=[each.external_id for each in bodies],
        )


async def _plan(
    services: Services, found: StoredList, run_id: runs.RunId | None
) -> None:
    """Have fetched what is missing, and tell the run; apart, for who writes an answer down locks it before lists."""
    async with services.pool.connection() as conn, conn.transaction():
        now = clock.now()
        await plan_missing(conn, found, run_id=run_id, now=now)
        if run_id is not None:
            await runs.settle_items(
                conn, ITEM, [found.id], runs.ItemState.DONE, run_id=run_id, now=now
            )


async def plan_missing(
    conn: AsyncConnection[Any],
    found: StoredList,
    *,
    run_id: runs.RunId | None,
    now: datetime,
) -> int:
    """
    Have films fetched that stand on a list and are not stored, or asked for which they are by IMDb id or title.

    What TMDB denied lately is not asked for again.

    Returns:
        How many are asked for or fetched.

    Locks: what is asked for, the run, the ledger, the items: in this order.
    """
    missing = await browse.list_missing(conn, found.id)
    named = [each for each in missing if each.reason != SAME_FILM]
    unknown = [each for each in named if each.tmdb_id is None]
    wanted = await lookups.want_named(
        conn,
        [each.imdb_id for each in unknown if each.imdb_id],
        [film for each in unknown if (film := _named(each)) is not None],
        now=now,
    )
    known = [each.tmdb_id for each in named if each.tmdb_id is not None]
    if run_id is not None and not await runs.hold(conn, run_id):
        run_id = None
    films = await want_films(
        conn,
        [*known, *wanted.tmdb_ids],
        run_id=run_id,
        reason=f"on the list {found.key}",
        now=now,
    )
    if run_id is not None:
        await runs.add_items(conn, run_id, runs.FIND, wanted.lookup_ids)
    await insert_jobs(conn, [find_job(each, run_id) for each in wanted.lookup_ids])
    return films + len(wanted.lookup_ids)


def _named(missing: MissingFilm) -> NamedFilm | None:
    """Return a film that is looked for by its title; None: it has an id, or no year."""
    entry = Entry(title=missing.title, year=missing.year)
    if missing.imdb_id or entry.folded is None or entry.year is None:
        return None
    return NamedFilm(entry.folded, missing.title or "", entry.year)


class FilmState(msgspec.Struct, frozen=True):
    """How fetching a film stands."""

    state: str
    """As in the ledger."""
    error: str | None


async def read_film_states(
    conn: AsyncConnection[Any], missing: Sequence[MissingFilm]
) -> dict[int, FilmState]:
    """Return by TMDB's id how fetching the films of missing members stands, of those that were ever wanted."""
    ids = {each.tmdb_id or each.found_tmdb_id for each in missing} - {None}
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "read_film_states.sql"), {"tmdb_ids": list(ids)}
    )
    return {row[0]: FilmState(*row[1:]) for row in await cursor.fetchall()}


def explain(missing: MissingFilm, states: Mapping[int, FilmState]) -> str:
    """Say why the film of a member is not stored."""
    if missing.reason == SAME_FILM:
        return SAME_FILM
    tmdb_id = missing.tmdb_id or missing.found_tmdb_id
    if tmdb_id is None:
        return _explain_unknown(missing)
    state = states.get(tmdb_id)
    return NOT_ASKED if state is None else _explain_state(tmdb_id, state)


def _explain_state(tmdb_id: int, film: FilmState) -> str:
    if film.state == "absent":
        return f"TMDB has no film {tmdb_id}"
    if film.state in {"failed", "quarantined"}:
        why = film.error or film.state
        return f"TMDB's film {tmdb_id} could not be fetched: {why}"
    if film.state in {"fresh", "empty"}:
        return f"TMDB's film {tmdb_id} is stored, and has another IMDb id"
    return f"TMDB's film {tmdb_id} is being fetched"


def _explain_unknown(missing: MissingFilm) -> str:
    if missing.asked in {"absent", "unsure"}:
        return missing.reason or "TMDB does not know it"
    if missing.asked == "wanted":
        return "asked for, not answered yet"
    if missing.imdb_id is None and missing.year is None:
        return browse.NO_YEAR
    return NOT_ASKED


async def forget(conn: AsyncConnection[Any], found: StoredList) -> None:
    """Remove a list with its members, their history, and the bodies that tell of no other list."""
    source, name = SOURCE_NAME, found.key
    if found.source == "tmdb":
        source, name = TMDB, found.location
    await storing.forget_list(conn, found.key)
    await _score_anew(conn, f"the list {found.key} is gone")
    if not await storing.list_documented(conn, found.source, name):
        await documents.drop(conn, name, source=source, kind=DOCUMENT_KIND)


async def note_failure(services: Services, list_id: int, error: CinegraphError) -> None:
    """Note why a list could not be read or believed."""
    async with services.pool.connection() as conn, conn.transaction():
        await storing.note_problem(
            conn, list_id, error.code, error.message, now=clock.now()
        )


def tell(stored: Stored) -> str:
    """Say what a reading came to."""
    told = [f"{stored.films:,} films", f"{stored.joined:,} joined"]
    told += [f"{stored.left:,} left"] if stored.left else []
    told += [f"{stored.films - stored.linked:,} not stored yet"]
    return ", ".join(told)


async def _settle_item(
    services: Services, list_id: int, run_id: runs.RunId, verdict: Verdict
) -> None:
    async with services.pool.connection() as conn, conn.transaction():
        if verdict.kind is Kind.CANCELLED:
            await cancel_item(conn, ITEM, list_id, run_id, source=_SOURCE)
            return
        await runs.add_note(conn, run_id, verdict.message)
        await runs.exhaust_item(
            conn,
            ITEM,
            list_id,
            run_id=run_id,
            error_code=verdict.code,
            # A person who waits is told now; no further round would come sooner than the schedule.
            is_hopeless=True,
            now=clock.now(),
        )


SCHEDULED: Mapping[str, Callable[[], Job]] = {
    "RefreshLists": lambda: RefreshLists.new(RefreshListsArgs()),
}
"""By name of the schedule, what makes its job."""
