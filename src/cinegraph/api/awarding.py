"""Festivals and their awards."""

import asyncio
import gzip
import re
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.catalog import documents
from cinegraph.db.retrying import in_transaction
from cinegraph.errors import SourceError, UsageError
from cinegraph.festivals import browse, reading
from cinegraph.festivals.browse import (
    AwardsStatus,
    Edition,
    EditionSummary,
    Festival,
    FilmNomination,
    Nomination,
)
from cinegraph.festivals.files import AwardsFile, read_awards
from cinegraph.festivals.linking import await_arrivals, link_edition
from cinegraph.festivals.organizations import (
    Organization,
    find_organization,
    find_year_of,
)
from cinegraph.festivals.stating import store_stated
from cinegraph.festivals.storing import StoredEdition, ensure_ceremony
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.festivals import (
    ImportFestivalArgs,
    ImportOptions,
    enqueue_editions,
    festival_job,
)
from cinegraph.records.awards import FIRST_YEAR, LAST_YEAR, EditionStatement
from cinegraph.sources.awards import AskedAwards, to_document
from cinegraph.sources.providers.oscars_table.client import ACADEMY_EVENT
from cinegraph.sources.providers.oscars_table.table import year_held
from cinegraph.sync import runs

_GZIP = b"\x1f\x8b"
_EVENT_NAME: Final = re.compile(r"(ev\d{7,9})\.(?:yml|yaml)(?:\.gz)?$", re.ASCII)


class FestivalImport(msgspec.Struct, frozen=True, kw_only=True):
    """An import of a festival's awards that has been started."""

    ceremony_id: int | None
    """Ours, of the edition that was asked for; None: all of them were."""
    year: int | None
    """In which it was held; of the newest edition a guess by the calendar, until its source was read."""
    job_id: int
    run_id: int
    status: str = "queued"


class AwardsImported(msgspec.Struct, frozen=True, kw_only=True):
    """What importing a file of awards came to."""

    source: str
    editions: list[StoredEdition]
    unreadable: list[str]
    """What could not be read, for a person; the rest counts."""
    run_id: int | None = None
    """The run that fetches their films and people; None: that was not wanted."""

    @property
    def nominations(self) -> int:
        """Of these editions, by all sources."""
        return sum(edition.nominations for edition in self.editions)

    @property
    def new(self) -> int:
        """Nominations that were not there."""
        return sum(edition.new for edition in self.editions)

    @property
    def gone(self) -> int:
        """Nominations that no source says any more."""
        return sum(edition.gone for edition in self.editions)

    @property
    def changed(self) -> int:
        """Nominations that say something else now."""
        return sum(edition.changed for edition in self.editions)


class _FileBody(msgspec.Struct, frozen=True):
    """What a file holds, and what it says."""

    body: bytes
    awards: AwardsFile


class EditionNotFoundError(UsageError):
    """Nothing is known of that edition of a festival."""

    code = "edition_not_found"


class Awarding(Connection):
    """What is known of festivals."""

    async def list_festivals(self) -> list[Festival]:
        """Return every festival, the most prestigious first, with what is known of it."""
        async with self._app.pool.connection() as conn:
            return await browse.list_festivals(conn)

    async def list_edition_years(self, festival: str) -> list[int]:
        """
        Return the years of the editions that have nominations, ascending; a year with two editions twice.

        Raises:
            UsageError: There is no such festival.
        """
        await self._require_festival(festival)
        async with self._app.pool.connection() as conn:
            return await browse.list_years(conn, festival)

    async def list_film_nominations(self, movie_id: int) -> list[FilmNomination]:
        """Return for what a film (our id) was nominated, the latest edition first; winners first."""
        async with self._app.pool.connection() as conn:
            return await browse.list_film_nominations(conn, movie_id)

    async def list_editions(self, festival: str) -> list[Edition]:
        """
        Return the editions of a festival of which something is known, the newest first.

        Raises:
            FestivalNotFoundError: There is no such festival.
        """
        await self._require_festival(festival)
        async with self._app.pool.connection() as conn:
            return await browse.list_editions(conn, festival)

    async def show_edition(
        self, festival: str, year: int, *, part: int = 1
    ) -> list[Nomination]:
        """
        Return the nominations of an edition, competitive categories first, winners first.

        Args:
            festival: Its key, such as `oscars`.
            year: In which it was held.
            part: Of several editions in one year, which.

        Raises:
            FestivalNotFoundError: There is no such festival.
            EditionNotFoundError: Nothing is known of that edition.
        """
        await self._require_festival(festival)
        async with self._app.pool.connection() as conn:
            found = await browse.show_edition(conn, festival, year, part)
        if not found:
            raise EditionNotFoundError(
                f"nothing is known of {festival} {year}",
                hint=await self._hint_at_editions(festival, year),
            )
        return found

    async def _hint_at_editions(self, festival: str, year: int) -> str:
        """Say what there is instead of an edition that is not known."""
        async with self._app.pool.connection() as conn:
            held = await browse.list_years(conn, festival)
        parts = held.count(year)
        if parts:
            return f"Parts of {year}: {', '.join(map(str, range(1, parts + 1)))}."
        stored = (
            f" {len(held)} are stored, from {held[0]} to {held[-1]}." if held else ""
        )
        return f"Import it: cinegraph festivals import {festival} --year {year} --wait.{stored}"

    async def get_awards_status(self, festival: str | None = None) -> AwardsStatus:
        """
        Return how reading sources went, and how films and people were found; of one festival, or of all.

        Raises:
            UsageError: There is no such festival.
        """
        if festival is not None:
            await self._require_festival(festival)
        async with self._app.pool.connection() as conn:
            return await browse.read_status(conn, festival)

    async def summarize_edition(
        self, festival: str, year: int, *, part: int = 1
    ) -> EditionSummary | None:
        """Return what an edition comes to; None: nothing is known of it."""
        async with self._app.pool.connection() as conn:
            return await browse.summarize_edition(conn, festival, year, part)

    async def import_oscar_year(self, year: int) -> FestivalImport:
        """Start importing the Academy Awards held in *year*; see `import_festival`."""
        return await self.import_festival("oscars", year=year)

    async def import_festival(
        self,
        festival: str,
        *,
        year: int | None = None,
        edition: int | None = None,
        every: bool = False,
        source: str | None = None,
    ) -> FestivalImport:
        """
        Start importing a festival's awards, with the films and people that they name; a worker does the work.

        Args:
            festival: Its key, such as `oscars`.
            year: In which the edition was held; None: the newest that the source has.
            edition: Its number, instead of the year.
            every: All editions.
            source: Instead of the festival's own: `oscars_table`, `award_events`, `oscars_org` where it is switched on.

        Returns:
            The edition exists; `wait_for_run` follows the run, `list_run_editions` tells which edition was the newest.

        Raises:
            UsageError: There is no such festival or source, or nobody knows in which year that edition was held.
        """
        known = await self._require_festival(festival)
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            raise UsageError(
                f"no edition was held in {year}",
                hint=f"Give a year from {FIRST_YEAR} to {LAST_YEAR}.",
            )
        if sum((year is not None, edition is not None, every)) > 1:
            raise UsageError(
                "a year, a number and all editions exclude each other", hint="Give one."
            )
        now = clock.now()
        async with self._transaction() as conn:
            organization = await find_organization(conn, key=known.key)
            assert organization is not None  # noqa: S101 - it was found before
            newest = not every and year is None and edition is None
            if not every:
                year = await _year_of(conn, organization, year, edition)
            self._require_source(source, organization, year)
            options = ImportOptions(source=source, newest=newest)
            return await self._start_awards(conn, organization, year, options, now)

    async def _start_awards(
        self,
        conn: AsyncConnection[Any],
        organization: Organization,
        year: int | None,
        options: ImportOptions,
        now: datetime,
    ) -> FestivalImport:
        """Make the edition, the run and its first job."""
        ceremony_id = None
        if year is not None:
            empty = EditionStatement(number=None, year=year, nominations=())
            ceremony_id = await ensure_ceremony(conn, organization.key, empty, now=now)
        args = ImportFestivalArgs(
            organization=organization.key,
            year=None if options.newest else year,
            options=msgspec.structs.replace(options, ceremony_id=ceremony_id),
        )
        run_id = await self._start_run(conn, runs.AWARDS, _arguments(args))
        await runs.add_items(conn, run_id, runs.FESTIVAL, [organization.id])
        args = msgspec.structs.replace(args, run_id=run_id)
        [job] = await insert_jobs(conn, [festival_job(args, organization.id)])
        assert job.id is not None  # noqa: S101 - the run is new, and so is its work
        return FestivalImport(
            ceremony_id=ceremony_id, year=year, job_id=job.id, run_id=run_id
        )

    def _require_source(
        self, source: str | None, organization: Organization, year: int | None
    ) -> None:
        known = self._app.services.awards
        if source is None:
            return
        if source not in known:
            raise UsageError(
                f"the source {source!r} cannot be asked",
                hint=f"Sources: {', '.join(known)}. oscars_org has to be switched on (CINEGRAPH_OSCARS_ORG=true);"
                " saved pages are imported with --file.",
            )
        asked = AskedAwards(organization.key, organization.imdb_event_id, year)
        if known[source].serves(asked):
            return
        if known[source].serves(msgspec.structs.replace(asked, year=LAST_YEAR)):
            raise UsageError(
                f"the source {source!r} has a page for each edition",
                hint="Give one edition: --year Y.",
            )
        raise UsageError(
            f"the source {source!r} has nothing of {organization.key}",
            hint="Leave --source out for the festival's own, or give a file: --file FILE.",
        )

    async def import_awards_file(
        self,
        festival: str,
        file: str | Path,
        *,
        year: int | None = None,
        fetches: bool = True,
    ) -> AwardsImported:
        """
        Store what a file says of a festival: a nominations table, an event's file, a saved page, or your own.

        Films and people that are stored are linked at once; a worker fetches the others.

        Args:
            festival: Its key, such as `oscars`.
            file: What it holds is told by its content; it may be gzipped.
            year: Only the editions held in that year; None: all.
            fetches: Whether films and people that are not stored are fetched, which needs TMDB's key; else they are
                linked when they come.

        Raises:
            UsageError: There is no such festival or file, the file is none of these, broken, of another festival, or
                has no such edition.
            ShrunkEditionError: It says less than half of what its source said before; nothing of the edition changes.
        """
        known = await self._require_festival(festival)
        told = await _read_file(Path(file))
        event_id = told.awards.event_id or _event_in_name(file)
        if event_id not in (None, known.imdb_event_id):
            raise UsageError(
                f"{file} is of another festival ({event_id}) than {festival} ({known.imdb_event_id})",
                hint="cinegraph festivals list shows the festivals.",
            )
        editions = _chosen(told.awards, year, file)
        stored = [
            await self._store(festival, told, each, fetched_at=clock.now())
            for each in editions
        ]
        run_id = None
        if fetches and self._has_key():
            run_id = await self._fetch_named(festival, told.awards.source, editions)
        return AwardsImported(
            source=told.awards.source,
            editions=stored,
            unreadable=list(told.awards.unreadable),
            run_id=run_id,
        )

    async def _store(
        self,
        festival: str,
        told: _FileBody,
        edition: EditionStatement,
        *,
        fetched_at: datetime,
    ) -> StoredEdition:
        """Keep the body and store one edition, in a transaction of its own; again where it met a deadlock."""
        source = told.awards.source
        document = to_document(
            source,
            reading.external_id(festival, source, edition.year, edition.part),
            told.body,
            fetched_at=fetched_at,
        )

        async def write(conn: AsyncConnection[Any]) -> StoredEdition:
            await runs.allow_long_statements(conn)
            now = clock.now()
            await documents.touch_or_replace(conn, [document])
            kept = await documents.find(
                conn, document.external_id, source=source, kind=document.kind
            )
            assert kept is not None  # noqa: S101 - it was just stored
            ceremony_id = await ensure_ceremony(conn, festival, edition, now=now)
            assert ceremony_id is not None  # noqa: S101 - the festival was found before
            return await store_stated(conn, ceremony_id, kept, edition, now=now)

        async def link(conn: AsyncConnection[Any]) -> None:
            await link_edition(conn, stored.nomination_ids, now=clock.now())

        stored = await in_transaction(self._app.pool, write)
        await await_arrivals(self._app.pool)
        await in_transaction(self._app.pool, link)
        return stored

    async def _fetch_named(
        self, festival: str, source: str, editions: Sequence[EditionStatement]
    ) -> int:
        """Start the run that fetches what editions name."""
        async with self._transaction() as conn:
            organization = await find_organization(conn, key=festival)
            assert organization is not None  # noqa: S101 - it was found before
            options = ImportOptions(source=source)
            args = ImportFestivalArgs(organization=festival, options=options)
            run_id = await self._start_run(conn, runs.AWARDS, _arguments(args))
            await enqueue_editions(
                conn, organization, source, editions, run_id=run_id, now=clock.now()
            )
            return run_id

    async def _require_festival(self, key: str) -> Organization:
        async with self._app.pool.connection() as conn:
            return await browse.require_festival(conn, key)


def _arguments(args: ImportFestivalArgs) -> dict[str, object]:
    """Return what a run remembers of its request: all that differs from the usual."""
    told = msgspec.to_builtins(args)
    options = msgspec.to_builtins(args.options)
    usual = msgspec.to_builtins(ImportOptions())
    told |= {"options": {k: v for k, v in options.items() if v != usual[k]}}
    return {name: value for name, value in told.items() if value}


async def _year_of(
    conn: AsyncConnection[Any],
    organization: Organization,
    year: int | None,
    edition: int | None,
) -> int:
    """Return in which year the edition was held that is asked for."""
    if year is not None:
        return year
    if edition is None:
        return organization.season(clock.now().date())
    if organization.imdb_event_id == ACADEMY_EVENT:
        return year_held(edition)
    found = await find_year_of(conn, organization.id, edition)
    if found is None:
        raise UsageError(
            f"nobody has said in which year the edition {edition} of {organization.key} was held",
            hint="Give the year: --year Y.",
        )
    return found


def _event_in_name(file: str | Path) -> str | None:
    """Return the id of the event that a file's name tells, as the event list names them; its content tells none."""
    found = _EVENT_NAME.match(Path(file).name)
    return None if found is None else found[1]


async def _read_file(file: Path) -> _FileBody:
    try:
        return await asyncio.to_thread(_read, file)
    except SourceError as error:
        raise UsageError(
            f"{file} is no file of awards that can be read: {error}",
            hint="Give a nominations table (oscars.csv), an event's file (ev0000147.yml), a saved page of oscars.org or"
            " of an event at IMDb, or a CSV or JSON of your own (docs/guides/awards-of-your-own.md).",
        ) from error


def _read(file: Path) -> _FileBody:
    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read ({error.strerror})", hint="Give a file."
        ) from error
    if body.startswith(_GZIP):
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(
                f"{file} is broken gzip ({error})", hint="Fetch or save it again."
            ) from error
    return _FileBody(body, read_awards(body))


def _chosen(
    told: AwardsFile, year: int | None, file: str | Path
) -> Sequence[EditionStatement]:
    if year is None:
        return told.editions
    chosen = [edition for edition in told.editions if edition.year == year]
    if not chosen:
        years = sorted(edition.year for edition in told.editions)
        raise UsageError(
            f"{file} has no edition held in {year}",
            hint=f"It has {len(years)}, from {years[0]} to {years[-1]}."
            if years
            else "It has none with nominations.",
        )
    return chosen
