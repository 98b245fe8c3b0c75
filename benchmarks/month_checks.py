"""What `month.py` holds against the world: freshness, rows, votes, latency, tombstones, redirects, the change log."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from cinegraph import clock
from cinegraph.catalog import change_log
from cinegraph.sandbox import EvolvingWorld
from cinegraph.sandbox.chronicle import Event, What
from cinegraph.sandbox.evolving import Moment

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import replaying
import world_rows

DAY = timedelta(days=1)
WEEK = 7 * DAY
EVIDENCE = 4 * DAY
"""What two kinds of evidence take at most: two lists, and two denials hours apart."""
POPULAR_FILMS = 2_000
_VOTES_WITHIN = 0.02
_VOTES = "ratings (TMDB)"
_LEFT_OUT = {_VOTES, "ratings (OMDb)", "facts (OMDb)", "ledger", "people"}


class Target(NamedTuple):
    """What a figure has to be."""

    words: str
    is_met: Callable[[Any], bool]


def _at_least(least: float) -> Target:
    return Target(f"≥ {least:g}", lambda value: value is not None and value >= least)


def _at_most(most: float) -> Target:
    return Target(f"≤ {most:g}", lambda value: value is not None and value <= most)


TARGETS = {
    "lowest share checked within 7 days": _at_least(0.95),
    "films equal to the world but for votes": _at_least(0.99),
    "votes within 2 %": _at_least(0.95),
    "update latency of popular films, p95, hours": _at_most(1.0),
    "removals without a tombstone": _at_most(0),
    "tombstones without a removal": _at_most(0),
    "merges without a redirect": _at_most(0),
    "redirects without a merge": _at_most(0),
    "tables that differ after replaying the change log": _at_most(0),
    "requests, as a share of refreshing all weekly": _at_most(1 / 3),
}


class Found(NamedTuple):
    """What was found."""

    figures: dict[str, Any]
    samples: dict[str, Any]


async def share_checked(
    conn: psycopg.AsyncConnection[Any], world: EvolvingWorld, midnight: datetime
) -> float:
    """Return which share of the films that are live was fetched, or proven unchanged, in the 7 days before."""
    since = midnight - WEEK
    cursor = await conn.execute(
        """SELECT entry.external_id
        FROM sync_ledger AS entry
        LEFT JOIN change_feed AS feed USING (source, kind)
        WHERE entry.source = 'tmdb' AND entry.kind = 'movie' AND (
            entry.checked_at >= %(since)s
            OR (entry.changed_upstream_at IS NULL AND entry.checked_at >= feed.unbroken_from
                AND feed.watermark >= %(since)s))""",
        {"since": since},
    )
    checked = {row[0] for row in await cursor.fetchall()}
    live = set(world.at(midnight).ids())
    return len(live & checked) / len(live)


async def count_gone(conn: psycopg.AsyncConnection[Any]) -> int:
    """Count the tombstones."""
    cursor = await conn.execute("SELECT count(*) FROM movies WHERE gone_at IS NOT NULL")
    [(count,)] = await cursor.fetchall()
    return int(count)


async def compare(
    conn: psycopg.AsyncConnection[Any],
    world: EvolvingWorld,
    *,
    begin: datetime,
    end: datetime,
) -> Found:
    """Hold everything against the world as it is at the *end*; latencies count from *begin* on."""
    moment = world.at(end)
    figures: dict[str, Any] = {}
    samples: dict[str, Any] = {}
    differing, votes_off = await _compare_rows(conn, moment, samples)
    live = sum(1 for _ in moment.ids())
    figures["live films"] = live
    figures["films equal to the world but for votes"] = 1 - differing / live
    figures["votes within 2 %"] = 1 - votes_off / live
    await _compare_gone(conn, world, end, figures, samples)
    hours = await _latencies(conn, world, begin, end)
    figures["popular changes"] = len(hours)
    figures["update latency of popular films, p95, hours"] = _quantile(hours, 0.95)
    figures["update latency of popular films, median, hours"] = _quantile(hours, 0.5)
    samples["longest latencies, hours"] = sorted(hours)[-20:]
    return Found(figures, samples)


async def compare_copy(
    conn: psycopg.AsyncConnection[Any],
    copy: psycopg.AsyncConnection[Any],
    position: int,
    found: Found,
) -> None:
    """Replay the change log into a copy that was taken at *position*, and hold both against each other."""
    # The nodes have stopped, and what they committed last has no position yet.
    async with conn.transaction():
        while await change_log.sequence(conn, now=clock.now()):
            pass
    last = await replaying.replay(conn, copy, position)
    differing = await replaying.differing(conn, copy)
    found.figures["positions replayed"] = last - position
    found.figures["tables that differ after replaying the change log"] = len(differing)
    found.samples["tables that differ after replaying the change log"] = differing


async def _compare_rows(
    conn: psycopg.AsyncConnection[Any], moment: Moment, samples: dict[str, Any]
) -> tuple[int, int]:
    """Count films that differ in anything but votes, and films whose votes are off."""
    differing: set[int] = set()
    votes_off: set[int] = set()
    by_table: dict[str, int] = {}
    for ids in batched(moment.ids(), 5_000):
        found = await world_rows.differences(conn, moment, ids=ids, with_titles=False)
        for name, rows in found.items():
            if name in _LEFT_OUT:
                continue
            by_table[name] = by_table.get(name, 0) + len(rows)
            differing.update(row[0] for row in rows)
            samples.setdefault(name, []).extend(
                rows[: max(0, 3 - len(samples.get(name, [])))]
            )
        votes_off.update(row[0] for row in found[_VOTES] if _is_off(row))
    samples["differing by table"] = by_table
    return len(differing), len(votes_off)


def _is_off(row: tuple[int, set[Any], set[Any]]) -> bool:
    """Whether a film's stored votes are more than 2 % from what they should be."""
    _, expected, stored = row
    if not expected or not stored:
        return True
    [(_, _, right)], [(_, _, held)] = expected, stored
    return abs(held - right) > _VOTES_WITHIN * right


async def _compare_gone(
    conn: psycopg.AsyncConnection[Any],
    world: EvolvingWorld,
    end: datetime,
    figures: dict[str, Any],
    samples: dict[str, Any],
) -> None:
    """Hold tombstones and redirects against what went; what went in the last days need not have all evidence yet."""
    went, settled = world.at(end).gone_ids(), world.at(end - EVIDENCE).gone_ids()
    cursor = await conn.execute("SELECT tmdb_id, gone_at FROM movies")
    stored = dict(await cursor.fetchall())
    buried = {tmdb_id for tmdb_id, gone_at in stored.items() if gone_at is not None}
    missed = {tmdb_id for tmdb_id in settled if tmdb_id in stored} - buried
    figures["removals"] = len(settled)
    figures["removals without a tombstone"] = len(missed)
    figures["tombstones without a removal"] = len(buried - went.keys())
    samples["removals without a tombstone"] = sorted(missed)[:20]
    samples["tombstones without a removal"] = sorted(buried - went.keys())[:20]
    if not await _has_table(conn, "movie_redirects"):
        figures["merges without a redirect"] = figures["redirects without a merge"] = (
            None
        )
        return
    cursor = await conn.execute(_REDIRECTS)
    redirects = dict(await cursor.fetchall())
    merges = {a: b for a, b in settled.items() if b is not None and a in stored}
    figures["merges"] = len(merges)
    unlike = {
        a: (b, redirects.get(a)) for a, b in merges.items() if redirects.get(a) != b
    }
    wrong = {a: b for a, b in redirects.items() if went.get(a) != b}
    figures["merges without a redirect"] = len(unlike)
    figures["redirects without a merge"] = len(wrong)
    samples["merges without a redirect"] = list(unlike.items())[:20]
    samples["redirects without a merge"] = list(wrong.items())[:20]


_REDIRECTS = """SELECT former.tmdb_id, movies.tmdb_id
    FROM movie_redirects AS redirect
    JOIN movies AS former ON former.id = redirect.from_movie_id
    JOIN movies ON movies.id = redirect.to_movie_id
    WHERE redirect.undone_at IS NULL"""


async def _latencies(
    conn: psycopg.AsyncConnection[Any],
    world: EvolvingWorld,
    begin: datetime,
    end: datetime,
) -> list[float]:
    """Return in hours how long after a visible, reported change of a popular film its row was updated."""
    if not await _has_table(conn, "change_log"):
        return []
    ids = {
        world.beginning.places.by_popularity.at(rank) for rank in range(POPULAR_FILMS)
    }
    start, stop = world.days_until(begin), world.days_until(end)
    events = [
        event
        for event in world.chronicle.between(start, stop - 0.25)
        if event.number in ids and event.what in {What.CHANGED, What.RELEASED}
    ]
    cursor = await conn.execute(
        "SELECT tmdb_id, array_agg(changed_at ORDER BY changed_at) FROM change_log"
        " WHERE kind = 'movie' GROUP BY tmdb_id"
    )
    changes = dict(await cursor.fetchall())
    hours = []
    for event in events:
        at = world.time_of(event.at)
        if not _is_visible(world, event):
            continue
        later = [
            c
            for c in changes.get(world.beginning.places.id_of(event.number), [])
            if c >= at
        ]
        hours.append(((later[0] if later else end) - at) / timedelta(hours=1))
    return hours


def _is_visible(world: EvolvingWorld, event: Event) -> bool:
    """Whether the change changed anything but votes."""
    tmdb_id, at = world.beginning.places.id_of(event.number), world.time_of(event.at)
    before = world.at(at - timedelta(seconds=2)).movie(tmdb_id)
    after = world.at(at + timedelta(seconds=2)).movie(tmdb_id)
    if before is None or after is None:
        return False
    names = set(before.__struct_fields__) - {"rating", "popularity"}
    return any(getattr(before, name) != getattr(after, name) for name in names)


async def _has_table(conn: psycopg.AsyncConnection[Any], name: str) -> bool:
    cursor = await conn.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
    [(found,)] = await cursor.fetchall()
    return bool(found)


def _quantile(values: list[float], share: float) -> float | None:
    """Return the value that a share of all do not exceed."""
    if not values:
        return None
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
