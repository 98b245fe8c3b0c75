"""
The queue `festivals`: what sources say of editions becomes nominations, and these have their films and people fetched.

    ImportFestival ──► DiscoverCeremony, one an edition ──► FindMovie, one a missing film ──► ImportMovie
     reads the source    stores all that it says first         (jobs/lookups.py)               └► EnrichFromOmdb,
                         and plans what is missing                                                EnrichMovie,
                                                                                                  ImportPerson

Each arrow is an enqueue in the transaction that wrote the data, so that a job that is lost or killed leaves either both
or neither. A source that is down, blocked, empty or of another layout is told apart and takes nothing away.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import documents
from cinegraph.errors import (
    AbsentAtSourceError,
    CinegraphError,
    Disposition,
    SourceBlockedError,
)
from cinegraph.festivals import linking, organizations, reading
from cinegraph.festivals.files import AwardsFile
from cinegraph.festivals.organizations import Ceremony, Organization
from cinegraph.festivals.stating import store_stated
from cinegraph.festivals.storing import ensure_ceremony
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.lookups import PRIORITY, plan_nominations
from cinegraph.jobs.outcome import Done, Fail, Kind, Outcome, Retry, Verdict
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.settling import cancel_item
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.records.awards import FIRST_YEAR, LAST_YEAR, EditionStatement
from cinegraph.records.document import DocumentRecord
from cinegraph.sources.awards import DOCUMENT_KIND, AskedAwards, AwardsSource
from cinegraph.sync import runs

TIMEOUT: Final = timedelta(minutes=5)
"""A table of all editions is read and planned in seconds; a slow line takes minutes."""
SOURCE: Final = "awards"
"""Of runs of awards, for people: which source of them it is stands in the run's arguments."""

_MOST_REMARKS: Final = 3

type Year = Annotated[int, msgspec.Meta(ge=FIRST_YEAR, le=LAST_YEAR)]


class UnknownEditionError(CinegraphError):
    """The source knows no such edition; the message says which there are."""

    code = "no_such_edition"
    disposition = Disposition.FAIL


class ImportOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a festival is imported."""

    source: str | None = None
    """Instead of the festival's own."""
    only_changed: bool = False
    """Leave editions alone of which the source says the same as before; for what happens by itself."""
    ceremony_id: int | None = None
    """The edition that was made when it was asked for, to be taken away where no source knows it."""
    newest: bool = False
    """Only the newest edition that the source has: which that is the calendar can but guess."""


class ImportFestivalArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which editions of which festival."""

    organization: str
    """Its key, such as `oscars`."""
    year: Year | None = None
    """Only what was held in that year."""
    edition: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Only the edition of that number."""
    options: ImportOptions = ImportOptions()
    run_id: Annotated[int, msgspec.Meta(ge=1)] | None = None


class ImportFestival(
    Worker[ImportFestivalArgs],
    queue="festivals",
    max_attempts=3,
    timeout=TIMEOUT,
    priority=PRIORITY,
):
    """
    Read what a source says of a festival's awards, keep the body, and make a job for each edition.

    A source that is down, or answers with something else, is asked three times within a minute; one behind a firewall
    once, for asking again makes it worse. What it said before stays, and the schedule asks again another day.
    """

    async def run(self, job: JobContext[ImportFestivalArgs]) -> Outcome | None:
        """Fetch, read, keep, plan."""
        services, args = services_of(job), job.args
        organization = await _find_organization(services, args.organization)
        name = args.options.source or organization.default_source
        source = _find_source(services, name)
        try:
            document = await _fetch(source, organization, job)
        except SourceBlockedError as error:
            return Fail(error.code, f"{error}. {error.hint}")
        told = await asyncio.to_thread(_read, document)
        editions = _choose(told, args, organization)
        planned = await _plan_editions(job, organization, document, told, editions)
        told_of = (f"{planned} editions", _remarks(told))
        return Done(message="; ".join(filter(None, told_of)))

    async def settle(
        self, job: JobContext[ImportFestivalArgs], verdict: Verdict
    ) -> None:
        """Tell what is wrong with the source; give the run's reading of it a further round, or write it off."""
        if verdict.is_failure:
            await _note_problem(job, verdict)
        if verdict.final and job.args.run_id is not None:
            # A person who waits is told now; no further round would come sooner than the schedule.
            await _settle_item(job, verdict, is_last=True)


class DiscoverCeremonyArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which edition."""

    ceremony_id: Annotated[int, msgspec.Meta(ge=1)]
    source: str | None = None
    """Whose stored body is read; None: the festival's own."""
    run_id: Annotated[int, msgspec.Meta(ge=1)] | None = None


class DiscoverCeremony(
    Worker[DiscoverCeremonyArgs],
    queue="festivals",
    max_attempts=3,
    timeout=TIMEOUT,
    priority=PRIORITY,
):
    """
    Store what a source says of one edition, all of it, whether its films and people are known or not; then plan them.

    The same again changes nothing. Nothing is asked here.
    """

    async def run(self, job: JobContext[DiscoverCeremonyArgs]) -> Outcome | None:
        """Read the stored body, store the edition, plan what it names."""
        services, args = services_of(job), job.args
        body = await _find_body(services, args)
        edition = await asyncio.to_thread(_read_edition, body)
        now = clock.now()
        async with services.pool.connection() as conn, conn.transaction():
            await runs.allow_long_statements(conn)
            if not await documents.lock_unchanged(conn, [body.document]):
                return Retry("newer_body", "another body came meanwhile", seconds=1.0)
            stored = await store_stated(
                conn, args.ceremony_id, body.document, edition, now=now
            )
            run_id = None if args.run_id is None else runs.RunId(args.run_id)
            await plan_nominations(
                services, conn, stored.nomination_ids, run_id=run_id, now=now
            )
        await linking.await_arrivals(services.pool)
        async with services.pool.connection() as conn, conn.transaction():
            await plan_nominations(
                services, conn, stored.nomination_ids, run_id=run_id, now=now
            )
            await _end_item(conn, runs.EDITION, args.ceremony_id, run_id, now)
        return Done(
            message=f"{stored.nominations} nominations, {stored.new} new, {stored.changed} changed"
        )

    async def settle(
        self, job: JobContext[DiscoverCeremonyArgs], verdict: Verdict
    ) -> None:
        """Give the edition a further round, or write it off."""
        if not verdict.final:
            return
        if verdict.kind is not Kind.CANCELLED:
            await _note_edition_problem(job, verdict)
        if job.args.run_id is not None:
            await _settle_item(job, verdict, is_last=verdict.is_hopeless)


def festival_job(args: ImportFestivalArgs, organization_id: int) -> Job:
    """Return the job that reads a festival's source."""
    job = ImportFestival.new(args, run=args.run_id)
    job.meta["item"] = _item(runs.FESTIVAL, organization_id, args.run_id)
    return job


def ceremony_job(
    ceremony_id: int, source: str | None, run_id: runs.RunId | None
) -> Job:
    """Return the job that stores an edition."""
    args = DiscoverCeremonyArgs(ceremony_id=ceremony_id, source=source, run_id=run_id)
    job = DiscoverCeremony.new(args, run=run_id)
    job.meta["item"] = _item(runs.EDITION, ceremony_id, run_id)
    return job


async def enqueue_editions(
    conn: AsyncConnection[Any],
    organization: Organization,
    source: str,
    editions: Sequence[EditionStatement],
    *,
    run_id: runs.RunId | None,
    now: datetime,
) -> list[int]:
    """Have the editions, and a job for each, for a run, the newest first: they are looked at most; return their ids."""
    ids = []
    for edition in sorted(editions, key=lambda each: (-each.year, -each.part)):
        ceremony_id = await ensure_ceremony(conn, organization.key, edition, now=now)
        assert ceremony_id is not None  # noqa: S101 - the festival was found before
        ids.append(ceremony_id)
    if run_id is not None:
        await runs.add_items(conn, run_id, runs.EDITION, ids)
    await insert_jobs(conn, [ceremony_job(each, source, run_id) for each in ids])
    return ids


def _item(kind: str, external_id: int, run_id: int | None) -> str:
    """Name the item of a run as the audit of runs does."""
    return f"{kind} {external_id} {run_id or 0}"


async def _find_organization(services: Services, key: str) -> Organization:
    async with services.pool.connection() as conn:
        found = await organizations.find_organization(conn, key=key)
    if found is None:
        raise UnknownEditionError(f"there is no festival {key!r}")
    return found


def _find_source(services: Services, name: str) -> AwardsSource:
    if name in services.awards:
        return services.awards[name]
    raise UnknownEditionError(
        f"the source {name!r} cannot be asked",
        hint=f"Sources that can: {', '.join(services.awards)}. `oscars_org` has to be switched on"
        " (CINEGRAPH_OSCARS_ORG=true); saved pages are imported with --file.",
    )


async def _fetch(
    source: AwardsSource,
    organization: Organization,
    job: JobContext[ImportFestivalArgs],
) -> DocumentRecord:
    """Bring the source's body home: where the newest page is asked for and not there yet, the one before it."""
    year = job.args.year or organization.season(clock.now().date())
    asked = AskedAwards(organization.key, organization.imdb_event_id, year)
    priority = request_priority(job.job.priority)
    try:
        return await source.fetch(asked, priority=priority)
    except AbsentAtSourceError:
        if not (job.args.options.newest and source.is_by_year):
            raise
    before = msgspec.structs.replace(asked, year=year - 1)
    return await source.fetch(before, priority=priority)


def _read(document: DocumentRecord) -> AwardsFile:
    stored = documents.StoredDocument(
        document.source,
        document.kind,
        document.external_id,
        document.body_gzip,
        document.sha256,
        document.fetched_at,
    )
    return reading.read_stored(stored)


def _choose(
    told: AwardsFile, args: ImportFestivalArgs, organization: Organization
) -> list[EditionStatement]:
    """
    Return the editions that were asked for.

    Raises:
        UnknownEditionError: The source has none such.
    """
    if args.options.newest:
        held = [each for each in told.editions if each.nominations]
        return sorted(held, key=lambda each: (each.year, each.part))[-1:]
    chosen = [
        each
        for each in told.editions
        if args.year in (None, each.year) and args.edition in (None, each.number)
    ]
    if chosen or (args.year is None and args.edition is None):
        return chosen
    years = sorted(each.year for each in told.editions)
    span = f"{len(years)}, from {years[0]} to {years[-1]}" if years else "none"
    which = (
        f"held in {args.year}"
        if args.edition is None
        else f"of the number {args.edition}"
    )
    raise UnknownEditionError(
        f"{told.source} knows no edition of {organization.key} {which}; it knows {span}",
        hint="Not every year has one: the Academy Awards had two in 1930 and none in 1933.",
    )


async def _plan_editions(
    job: JobContext[ImportFestivalArgs],
    organization: Organization,
    document: DocumentRecord,
    told: AwardsFile,
    editions: Sequence[EditionStatement],
) -> int:
    """Keep the body and plan the editions in one transaction; return how many."""
    now, args = clock.now(), job.args
    run_id = None if args.run_id is None else runs.RunId(args.run_id)
    async with services_of(job).pool.connection() as conn, conn.transaction():
        source = document.source
        # Before the body takes the place of the one that said more.
        await organizations.require_enough(
            conn, organization.id, source, editions, told
        )
        await documents.touch_or_replace(conn, [document])
        if args.options.only_changed:
            editions = await organizations.list_changed(
                conn, organization.id, source, editions
            )
        ids = await enqueue_editions(
            conn, organization, source, editions, run_id=run_id, now=now
        )
        made = args.options.ceremony_id
        if made is not None and made not in ids:
            await organizations.drop_empty_ceremony(conn, made)
        await organizations.note_source(conn, organization.id, source, now=now)
        if (remarks := _remarks(told)) and run_id is not None:
            await runs.add_note(conn, run_id, remarks)
        await _end_item(conn, runs.FESTIVAL, organization.id, run_id, now)
    return len(ids)


def _remarks(told: AwardsFile) -> str:
    """Say what could not be read of a file; nothing where all could."""
    if not told.unreadable:
        return ""
    named = "; ".join(told.unreadable[:_MOST_REMARKS])
    more = len(told.unreadable) - _MOST_REMARKS
    rest = f" and {more:,} more" if more > 0 else ""
    return f"not read of {told.source}: {named}{rest}"


class _Body(msgspec.Struct, frozen=True):
    """A stored body, and the edition that it is read for."""

    document: documents.StoredDocument
    ceremony: Ceremony


async def _find_body(services: Services, args: DiscoverCeremonyArgs) -> _Body:
    async with services.pool.connection() as conn:
        ceremony = await organizations.find_ceremony(conn, args.ceremony_id)
        if ceremony is None:
            raise UnknownEditionError(f"there is no edition {args.ceremony_id}")
        organization = await organizations.find_organization(
            conn, id_=ceremony.organization_id
        )
        assert organization is not None  # noqa: S101 - a foreign key says so
        source = args.source or organization.default_source
        external_id = reading.external_id(
            organization.key, source, ceremony.year, ceremony.part
        )
        document = await documents.find(
            conn, external_id, source=source, kind=DOCUMENT_KIND
        )
    if document is None:
        raise UnknownEditionError(
            f"nothing of {source} on {external_id} is stored",
            hint=f"cinegraph festivals import {organization.key} --year {ceremony.year}",
        )
    return _Body(document, ceremony)


def _read_edition(body: _Body) -> EditionStatement:
    told = reading.read_stored(body.document)
    found = reading.find_edition(told, body.ceremony.year, body.ceremony.part)
    if found is None:
        raise UnknownEditionError(f"{told.source} says nothing of {body.ceremony.year}")
    return found


async def _end_item(
    conn: AsyncConnection[Any],
    kind: str,
    external_id: int,
    run_id: runs.RunId | None,
    now: datetime,
) -> None:
    if run_id is not None:
        await runs.settle_items(
            conn, kind, [external_id], runs.ItemState.DONE, run_id=run_id, now=now
        )


async def _note_problem(job: JobContext[ImportFestivalArgs], verdict: Verdict) -> None:
    args, services = job.args, services_of(job)
    async with services.pool.connection() as conn, conn.transaction():
        organization = await organizations.find_organization(
            conn, key=args.organization
        )
        if organization is None:
            return
        await organizations.note_source(
            conn,
            organization.id,
            args.options.source or organization.default_source,
            problem=(verdict.code, verdict.message),
            now=clock.now(),
        )
        if verdict.final and args.options.ceremony_id is not None:
            await organizations.drop_empty_ceremony(conn, args.options.ceremony_id)


async def _note_edition_problem(
    job: JobContext[DiscoverCeremonyArgs], verdict: Verdict
) -> None:
    async with services_of(job).pool.connection() as conn, conn.transaction():
        ceremony = await organizations.find_ceremony(conn, job.args.ceremony_id)
        if ceremony is None:
            return
        organization = await organizations.find_organization(
            conn, id_=ceremony.organization_id
        )
        assert organization is not None  # noqa: S101 - a foreign key says so
        await organizations.note_source(
            conn,
            organization.id,
            job.args.source or organization.default_source,
            problem=(verdict.code, verdict.message),
            now=clock.now(),
        )


async def _settle_item(
    job: JobContext[ImportFestivalArgs] | JobContext[DiscoverCeremonyArgs],
    verdict: Verdict,
    *,
    is_last: bool,
) -> None:
    """Give the item of the job's run a further round, or write it off with a word to the run."""
    kind, number, *_ = str(job.meta["item"]).split()
    run_id = runs.RunId(int(job.args.run_id or 0))
    async with services_of(job).pool.connection() as conn, conn.transaction():
        if verdict.kind is Kind.CANCELLED:
            await cancel_item(conn, kind, int(number), run_id, source=SOURCE)
            return
        if is_last:
            await runs.add_note(conn, run_id, verdict.message)
        await runs.exhaust_item(
            conn,
            kind,
            int(number),
            run_id=run_id,
            error_code=verdict.code,
            is_hopeless=is_last,
            now=clock.now(),
        )
