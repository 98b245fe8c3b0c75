"""Cultural lists: canons, polls, registries."""

import re
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from psycopg import Rollback

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.enrichment.lists import browse, storing
from cinegraph.enrichment.lists.browse import (
    ListedFilm,
    ListPage,
    ListSummary,
    Turn,
)
from cinegraph.enrichment.lists.definitions import (
    BY_KEY,
    DAILY,
    KNOWN,
    OWN_WEIGHT,
    WEEKLY,
    Definition,
    Source,
)
from cinegraph.enrichment.lists.reading import EmptyListError
from cinegraph.enrichment.lists.storing import Stored, StoredList
from cinegraph.errors import CinegraphError, SourceError, UsageError
from cinegraph.festivals import browse as festivals
from cinegraph.jobs import cultural_lists
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.listed_films import RUN
from cinegraph.jobs.reading_lists import Origin, is_address, read_source
from cinegraph.limits import Priority
from cinegraph.scrubbing import show_address
from cinegraph.sync import runs

NOT_IMPORTED: Final = "not_imported"
"""The state of a list that is known and was never imported."""
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_PAGES: Final = ("imdb.com", "letterboxd.com")
"""Whose pages are never asked for: both let people export their lists."""


class ListNotFoundError(UsageError):
    """No list of that key was imported."""

    code = "list_not_found"


class EventNotImportedError(UsageError):
    """A list is an awards event of which nothing is stored; `festival` is its key."""

    code = "event_not_imported"

    def __init__(self, key: str, festival: str, error: CinegraphError) -> None:
        super().__init__(f"{key} is not taken: {error.message}", hint=error.hint)
        self.festival = festival


class ListOverview(msgspec.Struct, frozen=True, kw_only=True):
    """A list that is known or imported."""

    key: str
    name: str
    authority: str
    weight: float
    source: str
    location: str | None
    """As it may be shown: of an address without what may be secret in it."""
    is_ranked: bool
    refresh_days: int | None
    state: str
    """`not_imported`, or as in `lists.state`."""
    problem: str | None = None
    """Why it is not current."""
    films: int = 0
    stored: int = 0
    """Of them, those whose film is in the catalogue."""
    former: int = 0
    """Who were members."""
    checked_at: datetime | None = None
    read_at: datetime | None = None
    changed_at: datetime | None = None
    command: str | None = None
    """What imports it; None: it is current."""


class ListImport(msgspec.Struct, frozen=True, kw_only=True):
    """What importing a list came to, or that it was begun."""

    key: str
    stored: Stored | None
    """None: a worker reads it."""
    run_id: int | None
    """The run that reads it, or fetches its films; None: nothing is to be fetched, or it was not wanted."""
    status: str = "queued"


class MissingMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member whose film is not stored, and why."""

    position: int | None
    title: str | None
    year: int | None
    imdb_id: str | None
    tmdb_id: int | None
    reason: str


class Listing(Connection):
    """What is known of cultural lists."""

    async def list_lists(self) -> list[ListOverview]:
        """Return the lists that were imported, the weightiest first, then those that are known and were not."""
        async with self._app.pool.connection() as conn:
            found = await browse.list_lists(conn)
        imported = {each.list.key for each in found}
        known = (each for each in KNOWN if each.key not in imported)
        return [*map(_overview, found), *map(_offer, known)]

    async def import_cultural_list(
        self,
        key: str,
        *,
        file: str | Path | None = None,
        url: str | None = None,
        tmdb_list: int | None = None,
        event: str | None = None,
        name: str | None = None,
        authority: str | None = None,
        weight: float | None = None,
        is_ranked: bool | None = None,
        accepts_shrunk: bool = False,
        fetches: bool = True,
    ) -> ListImport:
        """
        Import a list, or read it again: its members are made equal to its source.

        A file and an awards event are read at once, an address and a list of TMDB's by the worker that fetches the
        films that are not stored; where the list was read elsewhere before, these are read at once, too. The new place
        is remembered once it was read and believed. What is not given stays as it was, or is as we know the list.

        Args:
            key: Such as `registry`; or one of your own.
            file: A CSV or JSON, or an export of IMDb or Letterboxd.
            url: Of such a file.
            tmdb_list: The number of a list at TMDB.
            event: The key of a festival, such as `registry`.
            weight: What a place on it is worth beside others, 0 to 1.
            is_ranked: Whether a lower position is a greater honour.
            accepts_shrunk: Believe it however many members leave.
            fetches: Whether films that are not stored are fetched, which needs TMDB's key; else the list is read at
                once, and they are linked when they come.

        Raises:
            UsageError: Nobody says where it comes from; or the file is no list, or names much fewer films than before.
            ConfigError: TMDB has to be asked, and there is no key.
        """
        given = _source_of(file=file, url=url, tmdb_list=tmdb_list, event=event)
        async with self._app.pool.connection() as conn:
            before = await storing.find_list(conn, key=key)
        definition, location = _define(
            key, before, given, name, authority, weight, is_ranked
        )
        if definition.source == "event":
            async with self._app.pool.connection() as conn:
                await festivals.require_festival(conn, location)
        if definition.source == "tmdb":
            self._require_key()
        is_asked = definition.source == "tmdb" or is_address(location)
        # What was read elsewhere before is read here first: until then its place is the one that is remembered.
        if is_asked and fetches and self._has_key() and not _moves(before, given):
            return await self._start_list(
                definition, location, accepts_shrunk=accepts_shrunk
            )
        stored = await self._read_now(
            definition, location, before, accepts_shrunk=accepts_shrunk
        )
        run_id = None
        if fetches and stored.linked < stored.films and self._has_key():
            run_id = await self._fetch_missing(key)
        return ListImport(key=key, stored=stored, run_id=run_id)

    async def show_list(
        self, key: str, *, with_history: bool = False
    ) -> list[ListedFilm]:
        """
        Return the members of a list by position, then title; with history every membership there ever was, by time.

        Raises:
            ListNotFoundError: It was not imported.
        """
        found = await self.get_list(key)
        async with self._app.pool.connection() as conn:
            return await browse.list_films(conn, found.id, with_history=with_history)

    async def page_list(
        self, key: str, *, after: str | None = None, limit: int = 50
    ) -> ListPage:
        """
        Return some members of a list by position, then title; *after* is that of the page before.

        Raises:
            ListNotFoundError: It was not imported.
        """
        found = await self.get_list(key)
        async with self._app.pool.connection() as conn:
            return await browse.list_page(conn, found.id, after=after, limit=limit)

    async def list_turns(
        self,
        key: str,
        *,
        before: tuple[datetime, str, str] | None = None,
        limit: int = 50,
    ) -> list[Turn]:
        """
        Return who joined a list and who left it, the latest first.

        Args:
            key: Such as `registry`.
            before: `at`, `kind` and `entry_key` of the last one of the page before.
            limit: At most so many.

        Raises:
            ListNotFoundError: It was not imported.
        """
        found = await self.get_list(key)
        async with self._app.pool.connection() as conn:
            return await browse.list_turns(conn, found.id, before=before, limit=limit)

    async def get_list(self, key: str) -> StoredList:
        """
        Return a list that was imported.

        Raises:
            ListNotFoundError: It was not.
        """
        async with self._app.pool.connection() as conn:
            found = await storing.find_list(conn, key=key)
        if found is None:
            raise ListNotFoundError(
                f"the list {key!r} is not imported", hint=_hint_at(key)
            )
        return found

    async def list_missing_films(self, key: str) -> list[MissingMember]:
        """
        Return the members of a list whose film is not stored, by position, with the reason.

        Raises:
            ListNotFoundError: It was not imported.
        """
        found = await self.get_list(key)
        async with self._app.pool.connection() as conn:
            missing = await browse.list_missing(conn, found.id)
            states = await cultural_lists.read_film_states(conn, missing)
        return [
            MissingMember(
                position=each.position,
                title=each.title,
                year=each.year,
                imdb_id=each.imdb_id,
                tmdb_id=each.tmdb_id or each.found_tmdb_id,
                reason=cultural_lists.explain(each, states),
            )
            for each in missing
        ]

    async def forget_list(self, key: str) -> None:
        """
        Remove a list with its members, their history and the bodies that told of them; films stay.

        Raises:
            ListNotFoundError: It was not imported.
        """
        found = await self.get_list(key)
        async with self._transaction() as conn:
            await cultural_lists.forget(conn, found)

    async def _start_list(
        self, definition: Definition, location: str, *, accepts_shrunk: bool
    ) -> ListImport:
        """Make the list, the run and its first job."""
        async with self._transaction() as conn:
            found = await cultural_lists.define_list(
                conn, definition, location, now=clock.now()
            )
            arguments: dict[str, object] = {"list": found.key}
            if accepts_shrunk:
                arguments["accepts_shrunk"] = True
            run_id = await self._start_run(conn, RUN, arguments)
            await runs.add_items(conn, run_id, cultural_lists.ITEM, [found.id])
            job = cultural_lists.list_job(
                found.id, run_id, accepts_shrunk=accepts_shrunk
            )
            await insert_jobs(conn, [job])
        return ListImport(key=found.key, stored=None, run_id=run_id)

    async def _read_now(
        self,
        definition: Definition,
        location: str,
        before: StoredList | None,
        *,
        accepts_shrunk: bool,
    ) -> Stored:
        """Read a list here, and store it; what went wrong is noted where it was read at that place before."""
        services = self._app.services
        origin = Origin(
            definition.key, definition.source, location, definition.is_ranked
        )
        try:
            reading = await read_source(services, origin, priority=Priority.INTERACTIVE)
            return await cultural_lists.define_and_store(
                services, definition, location, reading, accepts_shrunk=accepts_shrunk
            )
        except CinegraphError as error:
            if before is not None and not _moves(before, (definition.source, location)):
                await cultural_lists.note_failure(services, before.id, error)
            if definition.source == "event" and isinstance(error, EmptyListError):
                raise EventNotImportedError(definition.key, location, error) from error
            if isinstance(error, SourceError) and (
                definition.source == "tmdb" or is_address(location)
            ):
                # Nobody gave anything wrong: whoever was asked did not answer.
                raise
            raise UsageError(
                f"{definition.key} is not taken: {error.message}", hint=error.hint
            ) from error

    async def _fetch_missing(self, key: str) -> int | None:
        """Start the run that fetches the films of a list; None: none can be asked for now."""
        found = await self.get_list(key)
        run_id = None
        async with self._app.pool.connection() as conn, conn.transaction():
            begun = await self._start_run(conn, RUN, {"list": key})
            if not await cultural_lists.plan_missing(
                conn, found, run_id=begun, now=clock.now()
            ):
                raise Rollback
            run_id = begun
        return run_id  # noqa: RET504 - `Rollback` leaves the block before it is set


def _source_of(
    *,
    file: str | Path | None,
    url: str | None,
    tmdb_list: int | None,
    event: str | None,
) -> tuple[Source, str] | None:
    """Return source and location as given; None: nothing is."""
    given: list[tuple[Source, str]] = []
    if file is not None:
        given.append(("file", str(Path(file).resolve())))
    if url is not None:
        given.append(("file", _checked_address(url)))
    if tmdb_list is not None:
        given.append(("tmdb", str(_checked_number(tmdb_list))))
    if event is not None:
        given.append(("event", event))
    if len(given) > 1:
        raise UsageError(
            "a file, an address, a list of TMDB's and an event exclude each other",
            hint="Give one.",
        )
    return given[0] if given else None


def _moves(before: StoredList | None, given: tuple[Source, str] | None) -> bool:
    """Whether a list that was read is to be read elsewhere from now on."""
    if before is None or before.read_at is None or given is None:
        return False
    return given != (before.source, before.location)


def _checked_address(url: str) -> str:
    parts = urlsplit(url.strip())
    host = parts.hostname or ""
    if not is_address(url) or not host or parts.username or parts.password:
        raise UsageError(
            f"{show_address(url.strip())!r} is no address of a file",
            hint="Give one that begins with https://, without a user or password in it.",
        )
    for site in _PAGES:
        if f".{host}".endswith(f".{site}"):
            raise UsageError(
                f"pages of {site} are not asked for",
                hint="Export the list there as CSV, and give the file: --file FILE.",
            )
    return url.strip()


def _checked_number(tmdb_list: int) -> int:
    if not 1 <= tmdb_list < 2**31:
        raise UsageError(
            f"TMDB has no list {tmdb_list}",
            hint="Give the number in its address: themoviedb.org/list/NUMBER.",
        )
    return tmdb_list


def _define(  # noqa: PLR0917 - all that makes a definition
    key: str,
    before: StoredList | None,
    given: tuple[Source, str] | None,
    name: str | None,
    authority: str | None,
    weight: float | None,
    is_ranked: bool | None,  # noqa: FBT001 - an option
) -> tuple[Definition, str]:
    """Return what a list is and where it is: as given, else as it was, else as we know it."""
    if not _KEY.fullmatch(key):
        raise UsageError(
            f"{key!r} is no key of a list",
            hint="Use small letters, digits, _ and -, such as my_favourites.",
        )
    if weight is not None and not 0 <= weight <= 1:
        raise UsageError(
            f"a weight of {weight} is not between 0 and 1",
            hint="1 is a poll of a thousand critics; a list of your own has 0.5.",
        )
    known = BY_KEY.get(key)
    base = _as_stored(before) or known or _own(key)
    if given is None:
        location = before.location if before is not None else base.location
        if location is None:
            raise UsageError(
                f"nobody says where {key!r} comes from", hint=_hint_at(key)
            )
        given = (base.source, location)
    source, location = given
    changes = {
        "name": name,
        "authority": authority,
        "weight": weight,
        "is_ranked": is_ranked,
        "source": source,
    }
    told = {field: value for field, value in changes.items() if value is not None}
    definition = msgspec.structs.replace(
        base, **told, refresh_days=_refresh_days(source, location)
    )
    return definition, location


def _as_stored(before: StoredList | None) -> Definition | None:
    if before is None:
        return None
    return Definition(
        key=before.key,
        name=before.name,
        authority=before.authority,
        weight=before.weight,
        weight_reason="",
        source=before.source,
        location=before.location,
        is_ranked=before.is_ranked,
    )


def _own(key: str) -> Definition:
    return Definition(
        key=key,
        name=key.replace("_", " ").replace("-", " ").capitalize(),
        authority="yourself",
        weight=OWN_WEIGHT,
        weight_reason="a list of your own",
    )


def _refresh_days(source: Source, location: str) -> int | None:
    if source == "event":
        return DAILY
    return WEEKLY if source == "tmdb" or is_address(location) else None


def _hint_at(key: str) -> str:
    known = BY_KEY.get(key)
    if known is not None and known.location is not None:
        return f"Import it: cinegraph lists import {key}"
    if known is not None:
        return f"Import it: cinegraph lists import {key} --file FILE, or --url URL, or --tmdb-list NUMBER"
    return (
        "cinegraph lists list shows the lists; one of your own:"
        f" cinegraph lists import {key} --file FILE"
    )


def _overview(found: ListSummary) -> ListOverview:
    each = found.list
    is_current = each.state is storing.ListState.CURRENT
    return ListOverview(
        key=each.key,
        name=each.name,
        authority=each.authority,
        weight=round(each.weight, 3),
        source=each.source,
        location=show_address(each.location),
        is_ranked=each.is_ranked,
        refresh_days=each.refresh_days,
        state=each.state.value,
        problem=each.problem,
        films=found.films,
        stored=found.linked,
        former=found.former,
        checked_at=each.checked_at,
        read_at=each.read_at,
        changed_at=each.changed_at,
        command=None if is_current else f"cinegraph lists import {each.key}",
    )


def _offer(known: Definition) -> ListOverview:
    rest = "" if known.location else " --file FILE"
    return ListOverview(
        key=known.key,
        name=known.name,
        authority=known.authority,
        weight=known.weight,
        source=known.source,
        location=known.location,
        is_ranked=known.is_ranked,
        refresh_days=known.refresh_days,
        state=NOT_IMPORTED,
        command=f"cinegraph lists import {known.key}{rest}",
    )
