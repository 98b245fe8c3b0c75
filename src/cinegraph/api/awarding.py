"""Festivals and their awards."""

import asyncio
import difflib
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.db.retrying import in_transaction
from cinegraph.errors import SourceError, UsageError
from cinegraph.festivals import browse
from cinegraph.festivals.browse import Festival, Nomination
from cinegraph.festivals.files import AwardsFile, read_awards
from cinegraph.festivals.storing import StoredEdition, ensure_ceremony, store_edition
from cinegraph.records.awards import EditionStatement
from cinegraph.sync import runs

_GZIP = b"\x1f\x8b"


class AwardsImported(msgspec.Struct, frozen=True, kw_only=True):
    """What importing a file of awards came to."""

    source: str
    editions: list[StoredEdition]
    unreadable: list[str]
    """What could not be read, for a person; the rest counts."""

    @property
    def nominations(self) -> int:
        """Of these editions, by all sources."""
        return sum(edition.nominations for edition in self.editions)

    @property
    def new(self) -> int:
        """Nominations that were not there."""
        return sum(edition.new for edition in self.editions)

    @property
    def changed(self) -> int:
        """Nominations that say something else now."""
        return sum(edition.changed for edition in self.editions)


class Awarding(Connection):
    """What is known of festivals."""

    async def list_festivals(self) -> list[Festival]:
        """Return every festival, the most prestigious first, with what is known of it."""
        async with self._app.pool.connection() as conn:
            return await browse.list_festivals(conn)

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
            UsageError: There is no such festival, or nothing is known of that edition.
        """
        await self._require_festival(festival)
        async with self._app.pool.connection() as conn:
            found = await browse.show_edition(conn, festival, year, part)
        if not found:
            raise UsageError(
                f"nothing is known of {festival} {year}",
                hint=f"Import it: cinegraph festivals import {festival} --file FILE.",
            )
        return found

    async def import_awards_file(
        self, festival: str, file: str | Path, *, year: int | None = None
    ) -> AwardsImported:
        """
        Store what a file says of a festival: a nominations table, an event's file, a saved page; also gzipped.

        Nothing is asked. Films and people that are stored are linked at once, the others when they come.

        Args:
            festival: Its key, such as `oscars`.
            file: What it holds is told by its content.
            year: Only the editions held in that year; None: all.

        Raises:
            UsageError: There is no such festival or file, the file is none of these, broken, of another festival, or
                has no such edition.
            ShrunkEditionError: It says less than half of what its source said before; nothing of the edition changes.
        """
        known = await self._require_festival(festival)
        told = await _read_file(Path(file))
        if told.event_id not in (None, known.imdb_event_id):
            raise UsageError(
                f"{file} is of another festival ({told.event_id}) than {festival} ({known.imdb_event_id})",
                hint="cinegraph festivals list shows the festivals.",
            )
        editions = _chosen(told, year, file)
        return AwardsImported(
            source=told.source,
            editions=[
                await self._store(festival, told.source, each) for each in editions
            ],
            unreadable=list(told.unreadable),
        )

    async def _store(
        self, festival: str, source: str, edition: EditionStatement
    ) -> StoredEdition:
        """Store one edition in a transaction of its own, again where it met a deadlock."""
        now = clock.now()

        async def write(conn: AsyncConnection[Any]) -> StoredEdition:
            await runs.allow_long_statements(conn)
            ceremony_id = await ensure_ceremony(conn, festival, edition, now=now)
            assert ceremony_id is not None  # noqa: S101 - the festival was found before
            return await store_edition(conn, ceremony_id, source, edition, now=now)

        return await in_transaction(self._app.pool, write)

    async def _require_festival(self, key: str) -> Festival:
        festivals = {each.key: each for each in await self.list_festivals()}
        if key in festivals:
            return festivals[key]
        near = difflib.get_close_matches(key, festivals, n=1)
        guess = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"there is no festival {key!r}",
            hint=f"{guess}Festivals: {', '.join(festivals)}.",
        )


async def _read_file(file: Path) -> AwardsFile:
    try:
        return await asyncio.to_thread(_read, file)
    except SourceError as error:
        raise UsageError(
            f"{file} is no file of awards that can be read: {error}",
            hint="Give a nominations table (oscars.csv), an event's file (ev0000147.yml), or a saved page of oscars.org"
            " or of an event at IMDb.",
        ) from error


def _read(file: Path) -> AwardsFile:
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
    return read_awards(body)


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
