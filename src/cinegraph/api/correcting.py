"""What is not known of nominations, and a person's say in it."""

from typing import Any

from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.api.importing import Importing
from cinegraph.api.references import parse_reference
from cinegraph.catalog import browse
from cinegraph.catalog.people import Person, find_person_id, store_people
from cinegraph.db.retrying import in_transaction
from cinegraph.errors import UsageError
from cinegraph.festivals import browse as festivals
from cinegraph.festivals import correcting, unresolved, withdrawing
from cinegraph.festivals.correcting import FILM, Decided, Reference
from cinegraph.festivals.storing import StoredEdition
from cinegraph.festivals.unresolved import Unresolved, UnresolvedCount
from cinegraph.festivals.withdrawing import Saying
from cinegraph.jobs.imports import import_here
from cinegraph.jobs.lookups import plan_nominations
from cinegraph.limits import Priority
from cinegraph.sync import runs


class Correcting(Importing):
    """The review list, and decisions that stay."""

    async def list_unresolved(
        self,
        festival: str | None = None,
        *,
        year: int | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> tuple[list[Unresolved], int]:
        """
        Return films and nominees that are not known, with reasons and candidates, and how many there are in all.

        *after* is the last reference of the page before.

        Raises:
            UsageError: There is no such festival, or nothing is stored of that year.
        """
        last = None if after is None else Reference.parse(after)
        async with self._app.pool.connection() as conn:
            if festival is not None:
                await festivals.require_festival(conn, festival)
                await _require_year(conn, festival, year)
            return await unresolved.list_unresolved(
                conn, organization=festival, year=year, limit=limit, after=last
            )

    async def count_unresolved(
        self, festival: str | None = None
    ) -> list[UnresolvedCount]:
        """Return how many films and nominees are not known of each edition, of one festival or of all; none of 0."""
        async with self._app.pool.connection() as conn:
            return await unresolved.count_unresolved(conn, festival)

    async def link_nominated(self, reference: str, thing: str | int) -> Decided:
        """
        Decide which film or person a nomination means; no import changes it again.

        What is not stored is fetched now.

        Args:
            reference: Of the film or nominee, such as `123f1` or `123p2`.
            thing: A film by TMDB's id, IMDb's ("tt…") or ours ("#n"); a person by TMDB's id or IMDb's ("nm…").

        Raises:
            UsageError: One of them is none, or names nothing.
            SourceError: What is not stored could not be fetched.
        """
        target = Reference.parse(reference)
        if target.kind == FILM:
            tmdb_id = await self._require_film(thing)
        else:
            tmdb_id = await self._require_person(thing)
        return await self._decide(target, tmdb_id)

    async def unlink_nominated(self, reference: str) -> Decided:
        """Decide that a film or nominee is none that is known; no import links it again."""
        return await self._decide(Reference.parse(reference), None)

    async def lock_nominated(
        self, reference: str, *, is_locked: bool = True
    ) -> Decided:
        """Keep a film or nominee as it is linked, whatever is imported; or let it be found anew."""
        target = Reference.parse(reference)
        async with self._transaction() as conn:
            decided = await correcting.set_locked(conn, target, is_locked=is_locked)
            if not is_locked:
                await plan_nominations(
                    self._app.services,
                    conn,
                    [target.nomination_id],
                    run_id=None,
                    now=clock.now(),
                )
        return decided

    async def list_said(
        self, festival: str, source: str, *, year: int | None = None
    ) -> Saying:
        """
        Return what a source says of a festival, or of its editions held in *year*: what `withdraw_awards` takes back.

        Raises:
            UsageError: There is no such festival, or the source says nothing of it.
        """
        async with self._app.pool.connection() as conn:
            await festivals.require_festival(conn, festival)
            said = await withdrawing.find_said(conn, festival, source, year=year)
        if not said.editions:
            asked = festival if year is None else f"{festival} {year}"
            raise UsageError(
                f"{source!r} says nothing of {asked}",
                hint=f"Sources that do: {', '.join(said.sources) or 'none'}.",
            )
        return said

    async def withdraw_awards(
        self, festival: str, source: str, *, year: int | None = None
    ) -> list[StoredEdition]:
        """
        Take back all that a source says of a festival, or of its editions held in *year*, as if it said so no longer.

        It is kept as withdrawn. What a person decided stays. Importing the source again brings it back.

        Returns:
            What each edition came to, the newest first; `gone` counts the nominations that only this source said.

        Raises:
            UsageError: There is no such festival, or the source says nothing of it.
        """
        said = await self.list_said(festival, source, year=year)
        return [
            await self._withdraw(each.ceremony_id, source) for each in said.editions
        ]

    async def _withdraw(self, ceremony_id: int, source: str) -> StoredEdition:
        """Take one edition back, in a transaction of its own; again where it met a deadlock."""

        async def write(conn: AsyncConnection[Any]) -> StoredEdition:
            await runs.allow_long_statements(conn)
            now = clock.now()
            stored = await withdrawing.withdraw(conn, ceremony_id, source, now=now)
            if self._has_key():
                # What others say may name films and people otherwise.
                await plan_nominations(
                    self._app.services,
                    conn,
                    stored.nomination_ids,
                    run_id=None,
                    now=now,
                )
            return stored

        return await in_transaction(self._app.pool, write)

    async def _decide(self, target: Reference, tmdb_id: int | None) -> Decided:
        async with self._transaction() as conn:
            decided = await correcting.link(conn, target, tmdb_id)
            # Another film has other credits, in which its nominees are looked for.
            await plan_nominations(
                self._app.services,
                conn,
                [target.nomination_id],
                run_id=None,
                now=clock.now(),
            )
        return decided

    async def _require_film(self, thing: str | int) -> int:
        """Return TMDB's id of a film, which is fetched where it is not stored."""
        kind, number = parse_reference(thing)
        async with self._app.pool.connection() as conn:
            found = await browse.find_tmdb_id(conn, kind, number)
        if found is not None:
            return found
        tmdb_id = await self.resolve_tmdb_id(thing)
        await import_here(self._app.services, tmdb_id)
        return tmdb_id

    async def _require_person(self, thing: str | int) -> int:
        """Return TMDB's id of a person, who is fetched where they are not stored."""
        text = str(thing).strip()
        if not text.isdecimal() and not text.startswith("nm"):
            raise UsageError(
                f"{text!r} is no person", hint="Give TMDB's id, or IMDb's (nm…)."
            )
        async with self._app.pool.connection() as conn:
            found = await find_person_id(conn, text)
        if found is not None:
            return found
        tmdb = self._app.tmdb
        if text.isdecimal():
            tmdb_id = int(text)
        else:
            matches = await tmdb.find(text, priority=Priority.INTERACTIVE)
            if not matches.person_tmdb_ids:
                raise UsageError(
                    f"TMDB knows no person with the IMDb id {text}",
                    hint="Give TMDB's id of the person.",
                )
            tmdb_id = matches.person_tmdb_ids[0]
        fetched = await tmdb.fetch_person(tmdb_id, priority=Priority.INTERACTIVE)
        person = Person(document=fetched.document, record=fetched.record)
        async with self._transaction() as conn:
            await store_people(conn, [person], now=clock.now())
        return tmdb_id


async def _require_year(
    conn: AsyncConnection[Any], festival: str, year: int | None
) -> None:
    """Refuse to say that all is known of editions of which nothing is."""
    held = await festivals.list_years(conn, festival)
    if year in held or (year is None and held):
        return
    asked = festival if year is None else f"{festival} {year}"
    chosen = "" if year is None else f" --year {year}"
    raise UsageError(
        f"nothing is known of {asked}",
        hint=f"Import it: cinegraph festivals import {festival}{chosen} --wait.",
    )
