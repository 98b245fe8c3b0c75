"""
Which films are gone: two kinds of evidence, and a guard against a source that loses its memory for a day.

    404, and another hours later ──┐
                                   ├──► gone, unless too many are on one day: then held back until a person has looked
    missing from two daily lists ──┘

Neither alone will do: a film can be denied by a fault for hours, and a list can be cut in a way that looks whole.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, LiteralString, NamedTuple

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.catalog import tombstones
from cinegraph.catalog.tombstones import Burial
from cinegraph.db import sql
from cinegraph.sync import policy

EXPORTS: Final = 2
"""So many complete daily lists in a row that miss a film are evidence, as `policy.ENOUGH_DENIALS` are."""
LARGEST_SHARE: Final = 0.005
"""Of the live films that may go in a day (invariant 3): TMDB removes some 0.02 % a day."""
FEWEST_HELD: Final = 20
"""So many may always go: half a percent of a small catalogue is no film at all."""
LIST_PATIENCE: Final = 5
"""Denials after which a list that still names a film is not believed any more, and it is asked for weekly only."""
HASTEN_OVER: Final = timedelta(hours=6)
"""Over which films are asked for that a list misses."""
MISSING_REASON: Final = "missing from the daily list"
LISTED_REASON: Final = "denied, but named by the daily list"
REFUSED_REASON: Final = "a person does not believe that it is gone"
_MOST = 100_000
_DAY: Final = timedelta(days=1)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A film that the evidence shows as gone."""

    burial: Burial
    is_allowed: bool
    """A person has looked at it among others that were held back."""


class Verdict(NamedTuple):
    """What is done with the candidates."""

    bury: tuple[Burial, ...]
    hold: tuple[Burial, ...]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A film that is held back."""

    movie_id: int
    tmdb_id: int
    title: str
    held_at: datetime
    allowed_at: datetime | None
    total: int
    """Of all that are held back."""


class Buried(msgspec.Struct, frozen=True):
    """What one look came to."""

    buried: int
    held: int
    """All that are held back now."""


def judge(candidates: Sequence[Candidate], *, lately: int, live: int) -> Verdict:
    """
    Decide which films count as gone, and which are held back.

    Args:
        lately: How many were buried in the last day.
        live: How many films there are.
    """
    allowed = tuple(one.burial for one in candidates if one.is_allowed)
    others = tuple(one.burial for one in candidates if not one.is_allowed)
    most = max(int(live * LARGEST_SHARE), FEWEST_HELD)
    if lately + len(others) > most:
        return Verdict(allowed, others)
    return Verdict(allowed + others, ())


async def hasten_doubtful(
    conn: AsyncConnection[Any],
    listed_on: date,
    *,
    source: str,
    kind: str,
    list_kind: str,
    now: datetime,
) -> int:
    """
    Let films come due of which ledger and list disagree, in the transaction that merged the list of *listed_on*.

    Locks: the rows, in order of id.
    """
    cursor = await conn.execute(
        _load("hasten_missing.sql"),
        {
            "source": source,
            "kind": kind,
            "list_kind": list_kind,
            "listed_on": listed_on,
            "missing_reason": MISSING_REASON,
            "listed_reason": LISTED_REASON,
            "patience": LIST_PATIENCE,
            "spread": HASTEN_OVER,
            "now": now,
        },
    )
    return cursor.rowcount


async def bury(
    conn: AsyncConnection[Any], *, source: str, kind: str, list_kind: str, now: datetime
) -> Buried:
    """
    Mark films as gone whose evidence is complete, in the transaction that is open on *conn*.

    Locks: the rows of the ledger and the films, both in order of id; what somebody is at is left for the next time.
    """
    entry = {"source": source, "kind": kind}
    candidates = await _find(conn, entry, list_kind)
    cursor = await conn.execute(_load("count_live.sql"), entry)
    [(live,)] = await cursor.fetchall()
    lately = await tombstones.count_buried(conn, since=now - _DAY)
    verdict = judge(candidates, lately=lately, live=int(live))
    buried = await tombstones.bury(conn, verdict.bury, now=now)
    await conn.execute(
        _load("release_burials.sql"), {**entry, "denials": policy.ENOUGH_DENIALS}
    )
    if verdict.hold:
        ids = [burial.movie_id for burial in verdict.hold]
        await conn.execute(_load("hold_burials.sql"), {"movie_ids": ids, "now": now})
    return Buried(buried, len(verdict.hold))


async def allow(conn: AsyncConnection[Any], *, who: str, now: datetime) -> int:
    """Let everything count as gone that is held back; return how many films."""
    cursor = await conn.execute(_load("allow_burials.sql"), {"who": who, "now": now})
    return cursor.rowcount


async def refuse(
    conn: AsyncConnection[Any], *, source: str, kind: str, now: datetime
) -> int:
    """Believe none of the denials of films that are held back: all are asked for again; return how many."""
    doubted = await _doubt(conn, None, source=source, kind=kind, now=now)
    await conn.execute(
        _load("release_burials.sql"),
        {"source": source, "kind": kind, "denials": policy.ENOUGH_DENIALS},
    )
    return doubted


async def restore(
    conn: AsyncConnection[Any],
    movie_ids: Sequence[int],
    tmdb_ids: Sequence[int],
    *,
    who: str,
    source: str,
    kind: str,
    now: datetime,
) -> list[int]:
    """Let films live again because a person says so, and ask for them; return TMDB's ids of those that were gone."""
    revived = await tombstones.revive(conn, tmdb_ids, who=who, now=now)
    await _doubt(conn, sorted(movie_ids), source=source, kind=kind, now=now)
    return revived


async def list_held(conn: AsyncConnection[Any], *, limit: int) -> list[Held]:
    """Return films that are held back, the most popular first."""
    async with conn.cursor(row_factory=class_row(Held)) as cursor:
        await cursor.execute(_load("list_held.sql"), {"limit": limit})
        return await cursor.fetchall()


async def _doubt(
    conn: AsyncConnection[Any],
    movie_ids: Sequence[int] | None,
    *,
    source: str,
    kind: str,
    now: datetime,
) -> int:
    cursor = await conn.execute(
        _load("doubt_denials.sql"),
        {
            "source": source,
            "kind": kind,
            "reason": REFUSED_REASON,
            "movie_ids": None if movie_ids is None else list(movie_ids),
            "now": now,
        },
    )
    return cursor.rowcount


async def _find(
    conn: AsyncConnection[Any], entry: dict[str, str], list_kind: str
) -> list[Candidate]:
    cursor = await conn.execute(
        _load("find_gone.sql"),
        {
            **entry,
            "list_kind": list_kind,
            "denials": policy.ENOUGH_DENIALS,
            "exports": EXPORTS,
            "limit": _MOST,
        },
    )
    names = Burial.__struct_fields__
    return [
        Candidate(
            burial=Burial(**dict(zip(names, evidence, strict=True))),
            is_allowed=is_allowed,
        )
        for is_allowed, *evidence in await cursor.fetchall()
    ]


def _load(name: str) -> LiteralString:
    return sql.load("cinegraph.sync", name)
