"""
What a person decides of nominations: which film or person is meant, that none is, or that what was found is right.

What was decided is locked: no import and no lookup changes it, until it is unlocked. The caller owns the transaction.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Self

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.errors import UsageError
from cinegraph.festivals.linking import part_people

_REFERENCE: Final = re.compile(r"(\d{1,18})(?:([fp])(\d{1,4}))?", re.ASCII)
FILM, PERSON = "f", "p"
_LINK: Final = {FILM: "decide_link_films.sql", PERSON: "decide_link_people.sql"}
_LOCK: Final = {FILM: "decide_lock_films.sql", PERSON: "decide_lock_people.sql"}


class Reference(msgspec.Struct, frozen=True):
    """A film or nominee of a nomination, as commands name it: `123f1` its first film, `123p2` its second nominee."""

    nomination_id: int
    kind: str
    """`f` or `p`."""
    position: int
    """Counted from 0, as it is stored."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Return what *text* names; without a kind its first film.

        Raises:
            UsageError: It is no reference.
        """
        found = _REFERENCE.fullmatch(text.strip().lower())
        if found is None or found[3] == "0":
            raise UsageError(
                f"{text!r} names no film or nominee of a nomination",
                hint="Give it as `cinegraph festivals unresolved` and `show --refs` do: 123f1 is the first film of"
                " nomination 123, 123p2 its second nominee.",
            )
        return cls(int(found[1]), found[2] or FILM, int(found[3] or 1) - 1)

    def __str__(self) -> str:
        return f"{self.nomination_id}{self.kind}{self.position + 1}"


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A film or nominee after a person's decision."""

    reference: str
    name: str
    """As the source writes it."""
    tmdb_id: int | None
    """Which it is now; None: none."""
    linked: str | None
    """What that is called in the database, a film with its year."""
    is_locked: bool


async def link(
    conn: AsyncConnection[Any], reference: Reference, tmdb_id: int | None
) -> Decided:
    """
    Decide which film or person is meant; it stays so.

    Args:
        tmdb_id: Of a stored film or person; None: none that is known.

    Raises:
        UsageError: There is no such film or nominee.
    """
    decided = await _decide(conn, _LINK, reference, {"tmdb_id": tmdb_id})
    if reference.kind == FILM:
        await part_people(conn, [reference.nomination_id])
    return decided


async def set_locked(
    conn: AsyncConnection[Any], reference: Reference, *, is_locked: bool
) -> Decided:
    """
    Keep what is linked as it is, whatever sources say; or let it be found anew.

    Raises:
        UsageError: There is no such film or nominee.
    """
    return await _decide(conn, _LOCK, reference, {"is_locked": is_locked})


async def _decide(
    conn: AsyncConnection[Any],
    statements: Mapping[str, str],
    reference: Reference,
    values: dict[str, object],
) -> Decided:
    await conn.execute(
        _load("lock_nominations.sql"), {"nomination_ids": [reference.nomination_id]}
    )
    cursor = await conn.execute(
        _load(statements[reference.kind]),
        {
            "nomination_id": reference.nomination_id,
            "position": reference.position,
            **values,
        },
    )
    row = await cursor.fetchone()
    if row is None:
        raise UsageError(
            f"there is no {reference}",
            hint="`cinegraph festivals unresolved` lists what is not known, `festivals show … --refs` the rest.",
        )
    name, tmdb_id, linked, is_locked = row
    return Decided(
        reference=str(reference),
        name=name,
        tmdb_id=tmdb_id,
        linked=linked,
        is_locked=is_locked,
    )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.festivals", name)
