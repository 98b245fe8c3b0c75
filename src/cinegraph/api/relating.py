"""Who worked with whom."""

import re
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.api.connection import Connection
from cinegraph.api.references import check_limit
from cinegraph.enrichment.collaborations import browse, paths
from cinegraph.enrichment.collaborations.browse import Collaborator, Person
from cinegraph.enrichment.collaborations.paths import Link
from cinegraph.errors import UsageError

_LARGEST_ID = 2**31 - 1
_MOST_CANDIDATES = 8
"""That are told of people who may be meant."""


class PersonNotFoundError(UsageError):
    """The catalogue holds no such person."""

    code = "person_not_found"


class AmbiguousPersonError(UsageError):
    """Several people have that name; `candidates` are those with most films."""

    code = "person_ambiguous"

    def __init__(self, name: str, candidates: list[Person]) -> None:
        told = "\n".join(_tell(one) for one in candidates[:_MOST_CANDIDATES])
        more = len(candidates) - _MOST_CANDIDATES
        rest = f"\n… and {more:,} more" if more > 0 else ""
        super().__init__(
            f"{len(candidates)} people are called {name!r}",
            hint=f"Give the TMDb id of the one you mean:\n{told}{rest}",
        )
        self.candidates = candidates


class PeoplePath(msgspec.Struct, frozen=True):
    """A shortest chain of films between two people."""

    start: Person
    end: Person
    links: tuple[Link, ...] | None
    """Film by film; None: no chain connects them; empty: they are the same."""


class Collaborators(msgspec.Struct, frozen=True):
    """A person, and with whom they made most films."""

    person: Person
    collaborators: tuple[Collaborator, ...]


class Relating(Connection):
    """Who worked with whom; only reads."""

    async def find_people_path(self, a: str | int, b: str | int) -> PeoplePath:
        """
        Return a shortest chain of films between two people.

        Args:
            a: A name, whatever its case, or TMDB's id of a person.
            b: The same.

        Raises:
            PersonNotFoundError: Nobody is called so.
            AmbiguousPersonError: Several people are, and their films do not decide.
        """
        async with self._app.pool.connection() as conn:
            start, end = await _find(conn, a), await _find(conn, b)
            links = await paths.find_path(conn, start.id, end.id)
        return PeoplePath(start, end, None if links is None else tuple(links))

    async def list_namesakes(self, reference: str | int) -> list[Person]:
        """
        Return who may be meant, those with most films first; one: it is that person; nobody: nobody is called so.

        Args:
            reference: A name, whatever its case and accents, or TMDB's id of a person.
        """
        async with self._app.pool.connection() as conn:
            return await _list_meant(conn, reference)

    async def find_people(self, name: str) -> list[Person]:
        """Return everybody of a name, whatever its case and accents; those with most films first."""
        async with self._app.pool.connection() as conn:
            return await browse.find_people(conn, name=name.strip())

    async def get_person(self, person: str | int) -> Person:
        """
        Return the one person who is meant.

        Args:
            person: A name, whatever its case, or TMDB's id.

        Raises:
            PersonNotFoundError: Nobody is called so.
            AmbiguousPersonError: Several people are, and their films do not decide.
        """
        async with self._app.pool.connection() as conn:
            return await _find(conn, person)

    async def list_collaborators(
        self, person: str | int, *, limit: int = 20
    ) -> Collaborators:
        """
        Return with whom a person made most films.

        Args:
            person: A name, whatever its case, or TMDB's id.
            limit: At most so many.

        Raises:
            PersonNotFoundError: Nobody is called so.
            AmbiguousPersonError: Several people are, and their films do not decide.
        """
        check_limit(limit)
        async with self._app.pool.connection() as conn:
            found = await _find(conn, person)
            others = await browse.list_collaborators(conn, found.id, limit=limit)
        return Collaborators(found, tuple(others))


async def _find(conn: AsyncConnection[Any], reference: str | int) -> Person:
    """Return who is meant."""
    text = str(reference).strip()
    known = await _list_meant(conn, text)
    if not known:
        raise PersonNotFoundError(
            f"nobody is stored under {text!r}",
            hint="Give the name as TMDb writes it, in full, or the person's TMDb id.",
        )
    if len(known) > 1:
        raise AmbiguousPersonError(text, known)
    return known[0]


async def _list_meant(conn: AsyncConnection[Any], reference: str | int) -> list[Person]:
    """Return who may be meant; of namesakes those without a film that counts are meant by nobody."""
    text = str(reference).replace("\0", " ").strip()
    if re.fullmatch("[0-9]{1,10}", text) and 0 < int(text) <= _LARGEST_ID:
        found = await browse.find_people(conn, tmdb_id=int(text))
    else:
        found = await browse.find_people(conn, name=text)
    return [one for one in found if one.films] or found


def _tell(person: Person) -> str:
    """Tell one candidate from the others, in a line."""
    told = [
        person.department or "",
        f"{person.films:,} film{'s' if person.films != 1 else ''}",
    ]
    if person.known_for:
        told.append(person.known_for)
    return f"  {person.tmdb_id:>8}  {', '.join(filter(None, told))}"
