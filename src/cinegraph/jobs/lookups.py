"""
The queue `festivals`, per film and per person: which film of TMDB's has an IMDb id, and who a nominee is.

    FindMovie ──► ImportMovie ──► EnrichFromOmdb, EnrichMovie
                       └───────► ImportPerson (nominees of the film)

Each arrow is an enqueue in the transaction that wrote the data. What TMDB answers is kept in `festival_lookups`, so
that nothing is asked twice, and the nominations that name the id are completed at once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import browse
from cinegraph.catalog.people import Person, store_people
from cinegraph.db import sql
from cinegraph.enrichment.lists.linking import link_stored
from cinegraph.errors import AbsentAtSourceError
from cinegraph.festivals import linking, lookups
from cinegraph.festivals.linking import Linked
from cinegraph.festivals.lookups import Answer, Lookup, LookupState
from cinegraph.jobs import listed_films
from cinegraph.jobs.discovery import import_jobs
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.enrichment import enrichment_jobs
from cinegraph.jobs.omdb import ask_titles_of
from cinegraph.jobs.outcome import Done, Kind, Outcome, Verdict
from cinegraph.jobs.searching import choose_movie, search_movie
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.settling import cancel_item
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits import Priority
from cinegraph.sync import ledger, runs

PRIORITY: Final = 3
"""Of all that an import of awards makes: before what is routine; nobody's finger is on the key."""

type LookupId = Annotated[int, msgspec.Meta(ge=1)]


class FindMovieArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which film."""

    lookup_id: LookupId
    """Of `festival_lookups`."""


class FindMovie(
    Worker[FindMovieArgs], queue="festivals", max_attempts=3, priority=PRIORITY
):
    """
    Find out which film of TMDB's a nominated or listed film is, by its IMDb id or title, and have it imported.

    A series that has the id is no film. What TMDB does not know is asked for again a month later, where its nominations
    are looked at then.
    """

    async def run(self, job: JobContext[FindMovieArgs]) -> Outcome | None:
        """Ask, write the answer down, link or import."""
        services = services_of(job)
        lookup = await _find(services, job.args.lookup_id)
        if lookup is None:
            return Done("gone", "nobody asks for it any longer")
        answer = await _find_movie(services, lookup, _priority(job))
        now = clock.now()
        async with services.pool.connection() as conn, conn.transaction():
            ids = await lookups.lock_nominations(conn, lookup)
            await lookups.note_answer(conn, lookup.id, answer, now=now)
            for run_id in await _runs_waiting(conn, lookup.id, job):
                await plan_nominations(services, conn, ids, run_id=run_id, now=now)
            await listed_films.follow_answer(conn, lookup, answer, now=now)
            done = await _settle_answer(conn, runs.FIND, lookup, answer, now)
        if answer.tmdb_id is not None:
            # Apart: who stores a list locks the list first, and what is asked for after it.
            async with services.pool.connection() as conn, conn.transaction():
                await link_stored(conn, [answer.tmdb_id], now=now)
        return done

    async def settle(self, job: JobContext[FindMovieArgs], verdict: Verdict) -> None:
        """Give it a further round, or write it off."""
        await _settle(job, runs.FIND, job.args.lookup_id, verdict)


class ImportPersonArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which person."""

    lookup_id: LookupId
    """Of `festival_lookups`."""


class ImportPerson(
    Worker[ImportPersonArgs], queue="festivals", max_attempts=3, priority=PRIORITY
):
    """
    Find out who of TMDB's people a nominee is, and store what TMDB says of them.

    Whom the credits of the film name is asked for first: their IMDb id confirms it or shows a namesake. Else TMDB is
    asked who has the id.
    """

    async def run(self, job: JobContext[ImportPersonArgs]) -> Outcome | None:
        """Ask, store, write the answer down, link."""
        services = services_of(job)
        lookup = await _find(services, job.args.lookup_id)
        if lookup is None or lookup.imdb_id is None:
            return Done("gone", "nobody asks for them any longer")
        people, answer = await _find_person(
            services, lookup, lookup.imdb_id, _priority(job)
        )
        now = clock.now()
        async with services.pool.connection() as conn, conn.transaction():
            await store_people(conn, people, now=now)
            ids = await lookups.lock_nominations(conn, lookup)
            await lookups.note_answer(conn, lookup.id, answer, now=now)
            await linking.link_people(conn, ids, now=now)
            return await _settle_answer(conn, runs.PERSON, lookup, answer, now)

    async def settle(self, job: JobContext[ImportPersonArgs], verdict: Verdict) -> None:
        """Give them a further round, or write them off."""
        await _settle(job, runs.PERSON, job.args.lookup_id, verdict)


def find_job(lookup_id: int, run_id: runs.RunId | None) -> Job:
    """Return the job that finds a film."""
    job = FindMovie.new(FindMovieArgs(lookup_id=lookup_id), run=run_id)
    return _marked(job, runs.FIND, lookup_id)


def person_job(lookup_id: int, run_id: runs.RunId | None) -> Job:
    """Return the job that finds a person."""
    job = ImportPerson.new(ImportPersonArgs(lookup_id=lookup_id), run=run_id)
    return _marked(job, runs.PERSON, lookup_id)


def _marked(job: Job, kind: str, external_id: int) -> Job:
    """Let the job say which item of its run it does."""
    job.meta["item"] = f"{kind} {external_id}"
    return job


async def plan_nominations(
    services: Services,
    conn: AsyncConnection[Any],
    nomination_ids: Sequence[int],
    *,
    run_id: runs.RunId | None,
    now: datetime,
) -> None:
    """
    Link nominations as far as that goes, and have fetched what they name and is not known: films, then people.

    Args:
        run_id: That waits for it; None: nobody does.

    Locks: the nominations, what is asked for, the run, the ledger, the items: in this order.
    """
    linked = await linking.link_edition(conn, nomination_ids, now=now)
    films = await lookups.want_films(conn, linked.nomination_ids, now=now)
    titled = await lookups.want_titles(conn, linked.nomination_ids, now=now)
    if titled.tmdb_ids:
        await linking.link_edition(conn, linked.nomination_ids, now=now)
    films = films.add(titled)
    people = await lookups.want_people(conn, linked.nomination_ids, now=now)
    if run_id is not None and not await runs.hold(conn, run_id):
        # It has ended; what it wanted is wanted all the same.
        run_id = None
    await _import_films(conn, films.tmdb_ids, run_id, now)
    if run_id is not None:
        asks_omdb = services.omdb is not None
        await _count_stored(
            conn, linked.nomination_ids, run_id, now, asks_omdb=asks_omdb
        )
        await runs.add_items(conn, run_id, runs.FIND, films.lookup_ids)
        ids = [each.lookup_id for each in people]
        await runs.add_items(conn, run_id, runs.PERSON, ids)
    jobs = [find_job(each, run_id) for each in films.lookup_ids]
    jobs += [person_job(each.lookup_id, run_id) for each in people]
    await insert_jobs(conn, jobs)


async def follow_films(
    conn: AsyncConnection[Any],
    tmdb_ids: Sequence[int],
    linked: Linked,
    now: datetime,
) -> None:
    """
    Go on with films that were just stored: compute what runs of awards wait for, and ask for people nominated for them.

    Call it in the transaction that stores the films, before their own items are settled.

    Args:
        linked: The nominations that these films completed.
    """
    awaiting = await runs.list_awaiting(
        conn, runs.MOVIE, tmdb_ids, run_kind=runs.AWARDS
    )
    await _plan_collaborations(conn, awaiting)
    await _plan_people(conn, linked, now)


async def _plan_collaborations(
    conn: AsyncConnection[Any], awaiting: Sequence[tuple[int, runs.RunId]]
) -> None:
    """Have computed who worked with whom in films, for the runs that wait for them."""
    if not awaiting:
        return
    films = sorted({film for film, _ in awaiting})
    for run_id in sorted({run_id for _, run_id in awaiting}):
        theirs = [film for film, run in awaiting if run == run_id]
        await runs.add_items(conn, run_id, runs.COLLABORATIONS, theirs)
    movie_ids = await browse.list_movie_ids(conn, films)
    parents = await _find_film_jobs(conn, films)
    jobs = enrichment_jobs(movie_ids, dict(reversed(awaiting)))
    for job in jobs:
        _set_parent(job, parents.get(job.meta["tmdb_id"]))
    await insert_jobs(conn, jobs)


async def _plan_people(
    conn: AsyncConnection[Any], linked: Linked, now: datetime
) -> None:
    """Ask for the people of nominations; the runs that wait for their films wait for them too."""
    wanted = await lookups.want_people(conn, linked.nomination_ids, now=now)
    if not wanted:
        return
    films = sorted({each.tmdb_id for each in wanted if each.tmdb_id is not None})
    awaiting = await runs.list_awaiting(conn, runs.MOVIE, films, run_kind=runs.AWARDS)
    parents = await _find_film_jobs(conn, films)
    jobs = []
    for run_id in sorted({run_id for _, run_id in awaiting}):
        theirs = {film for film, run in awaiting if run == run_id}
        ids = [each.lookup_id for each in wanted if each.tmdb_id in theirs]
        await runs.add_items(conn, run_id, runs.PERSON, ids)
    run_of = dict(reversed(awaiting))
    for each in wanted:
        job = person_job(each.lookup_id, run_of.get(each.tmdb_id or 0))
        _set_parent(job, parents.get(each.tmdb_id or 0))
        jobs.append(job)
    await insert_jobs(conn, jobs)


def _set_parent(job: Job, parent: tuple[int, int] | None) -> None:
    """Let a job follow from the job of its film: films of several jobs share a transaction, and one is the current."""
    if parent is not None:
        job.meta["parent_id"], job.meta["root_id"] = parent


async def _find_film_jobs(
    conn: AsyncConnection[Any], tmdb_ids: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """Return by TMDB's id of the film the job that fetches it now, and the root of that job."""
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "find_film_jobs.sql"), {"tmdb_ids": list(tmdb_ids)}
    )
    return {film: (id_, root_id) for film, id_, root_id in await cursor.fetchall()}


async def _import_films(
    conn: AsyncConnection[Any],
    tmdb_ids: Sequence[int],
    run_id: runs.RunId | None,
    now: datetime,
) -> None:
    """Have films fetched that are known by TMDB's id."""
    if not tmdb_ids:
        return
    await ledger.queue(conn, tmdb_ids, **FILMS.entry, reason="nominated", now=now)
    if run_id is not None:
        await runs.add_items(conn, run_id, runs.MOVIE, tmdb_ids)
    await insert_jobs(conn, import_jobs(tmdb_ids, run_id=run_id, priority=PRIORITY))


async def _count_stored(
    conn: AsyncConnection[Any],
    nomination_ids: Sequence[int],
    run_id: runs.RunId,
    now: datetime,
    *,
    asks_omdb: bool,
) -> None:
    """Let a run count the films that are there already, and wait for what is still asked about them elsewhere."""
    films = await lookups.list_stored_films(conn, nomination_ids)
    new = await runs.add_items(conn, run_id, runs.MOVIE, films)
    await _plan_collaborations(conn, [(film, run_id) for film in new])
    if asks_omdb:
        await ask_titles_of(conn, new, now)
    await runs.settle_items(
        conn, runs.MOVIE, new, runs.ItemState.DONE, now=now, run_id=run_id
    )


async def _find(services: Services, lookup_id: int) -> Lookup | None:
    async with services.pool.connection() as conn:
        return await lookups.find_lookup(conn, lookup_id)


async def _find_movie(services: Services, lookup: Lookup, priority: Priority) -> Answer:
    if lookup.imdb_id is None:
        return await search_movie(services.tmdb, lookup, priority)
    imdb_id = lookup.imdb_id
    found = await services.tmdb.find(imdb_id, priority=priority)
    if len(found.movie_tmdb_ids) == 1:
        return Answer(state=LookupState.FOUND, tmdb_id=found.movie_tmdb_ids[0])
    if found.movie_tmdb_ids:
        return await choose_movie(
            services.tmdb, imdb_id, found.movie_tmdb_ids, priority
        )
    if found.series_tmdb_ids or found.episode_tmdb_ids or found.season_tmdb_ids:
        reason = "TMDB keeps it as a series, not as a film"
    else:
        reason = f"TMDB knows no film with the IMDb id {imdb_id}"
    return Answer(state=LookupState.ABSENT, reason=reason)


async def _find_person(
    services: Services, lookup: Lookup, imdb_id: str, priority: Priority
) -> tuple[list[Person], Answer]:
    """Return the people that were fetched on the way, and who has the id."""
    people: dict[int, Person] = {}
    if lookup.tmdb_id is not None:
        await _fetch(services, lookup.tmdb_id, priority, people)
        if _has(people.get(lookup.tmdb_id), imdb_id):
            return [*people.values()], _found(lookup.tmdb_id)
    found = await services.tmdb.find(imdb_id, priority=priority)
    for tmdb_id in found.person_tmdb_ids[:1]:
        if tmdb_id not in people:
            await _fetch(services, tmdb_id, priority, people)
        if tmdb_id in people:
            return [*people.values()], _found(tmdb_id)
    credited = people.get(lookup.tmdb_id or 0)
    if credited is not None and credited.record.imdb_id is None:
        answer = Answer(
            state=LookupState.CREDITED,
            tmdb_id=lookup.tmdb_id,
            reason="TMDB has no IMDb id of the person whom the credits name",
        )
    else:
        answer = Answer(
            state=LookupState.ABSENT,
            reason=f"TMDB knows no person with the IMDb id {imdb_id}",
        )
    return [*people.values()], answer


async def _fetch(
    services: Services, tmdb_id: int, priority: Priority, people: dict[int, Person]
) -> None:
    """Fetch a person into *people*, unless TMDB has them no longer."""
    try:
        fetched = await services.tmdb.fetch_person(tmdb_id, priority=priority)
    except AbsentAtSourceError:
        return
    people[tmdb_id] = Person(document=fetched.document, record=fetched.record)


def _has(person: Person | None, imdb_id: str) -> bool:
    return person is not None and person.record.imdb_id == imdb_id


def _found(tmdb_id: int) -> Answer:
    return Answer(state=LookupState.FOUND, tmdb_id=tmdb_id)


def _priority(job: JobContext[Any]) -> Priority:
    return request_priority(job.job.priority)


async def _runs_waiting(
    conn: AsyncConnection[Any], lookup_id: int, job: JobContext[Any]
) -> list[runs.RunId | None]:
    """Return the runs that wait for a lookup, for whichever its job was made; for none, where none does."""
    waiting = await runs.list_awaiting(
        conn, runs.FIND, [lookup_id], run_kind=runs.AWARDS
    )
    return [run_id for _, run_id in waiting] or [_run_of(job)]


def _run_of(job: JobContext[Any]) -> runs.RunId | None:
    return None if job.run_id is None else runs.RunId(int(job.run_id))


async def _settle_answer(
    conn: AsyncConnection[Any],
    item_kind: str,
    lookup: Lookup,
    answer: Answer,
    now: datetime,
) -> Done:
    """Let the runs that wait for a lookup go on; what it may be, but is not known to be, counts as absent."""
    is_known = answer.tmdb_id is not None
    state = runs.ItemState.DONE if is_known else runs.ItemState.ABSENT
    await runs.settle_items(conn, item_kind, [lookup.id], state, now=now)
    return Done(
        "done" if is_known else "absent",
        answer.reason or f"TMDB's {lookup.kind} {answer.tmdb_id}",
    )


async def _settle(
    job: JobContext[Any], item_kind: str, external_id: int, verdict: Verdict
) -> None:
    """Write an end without an answer into the runs that wait for it."""
    if not verdict.final:
        return
    async with services_of(job).pool.connection() as conn, conn.transaction():
        if verdict.kind is Kind.CANCELLED:
            await cancel_item(
                conn, item_kind, external_id, job.run_id, source=FILMS.source
            )
        elif verdict.kind is Kind.DONE:
            await runs.settle_items(
                conn,
                item_kind,
                [external_id],
                runs.ItemState.ABSENT,
                now=clock.now(),
                error_code=verdict.code,
            )
        else:
            await runs.exhaust_item(
                conn,
                item_kind,
                external_id,
                error_code=verdict.code,
                is_hopeless=verdict.is_hopeless,
                now=clock.now(),
            )
