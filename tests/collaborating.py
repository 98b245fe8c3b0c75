"""
What collaborations have to be, computed from the tables of the catalogue alone; shares no code with the product.

Also a world of films that change: others, fewer and more people, years, votes, money.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

import psycopg

from cinegraph.catalog import tombstones
from cinegraph.catalog.identity import lock_ids
from cinegraph.catalog.storing import store_films
from cinegraph.catalog.tombstones import Burial
from cinegraph.db.pool import Pool
from cinegraph.enrichment.collaborations.storing import Rebuilt, rebuild
from cinegraph.records.movie import (
    CreditKind,
    CreditRecord,
    MovieRecord,
    RatingRecord,
)
from factories import make_cast, make_film, make_person, make_record

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
KEY_CREW = [
    "Writer",
    "Screenplay",
    "Producer",
    "Director of Photography",
    "Original Music Composer",
    "Editor",
]
_JOBS = ["Director", *KEY_CREW, "Gaffer"]

type Totals = dict[tuple[int, int], tuple[Any, ...]]
type Details = dict[tuple[int, int, int], tuple[list[str], list[str]]]


def seeded(seed: int) -> random.Random:
    """Return dice that fall the same every time."""
    return random.Random(seed)  # noqa: S311 - repeatable


def random_film(dice: random.Random, tmdb_id: int, people: int) -> MovieRecord:
    """Return a film with any of *people*, some of them twice."""
    named = [dice.randint(1, people) for _ in range(dice.choice([0, 1, 5, 12, 40]))]
    credits_ = [
        CreditRecord(
            f"{tmdb_id}-{number}",
            person,
            CreditKind.CAST if (cast := dice.random() < 0.7) else CreditKind.CREW,
            None if cast else "Some",
            None if cast else dice.choice(_JOBS),
            None,
            dice.randint(0, 30),
        )
        for number, person in enumerate(named)
    ]
    return make_record(
        tmdb_id,
        people=tuple(make_person(person) for person in sorted(set(named))),
        credits=tuple(credits_),
        released_on=dice.choice([None, date(dice.randint(1990, 1994), 5, 1)]),
        revenue_usd=dice.choice([None, dice.randint(1, 3_000_000_000)]),
        rating=dice.choice(
            [None, RatingRecord("user_score", dice.randint(1, 10_000) / 1000, 7)]
        ),
    )


async def expected(conn: psycopg.AsyncConnection[Any]) -> tuple[Totals, Details]:
    """Return totals by pair, and by pair and film what both did."""
    cursor = await conn.execute(
        "SELECT m.id, extract(year FROM release_date)::int, revenue_usd, r.value FROM movies AS m"
        " LEFT JOIN ratings AS r ON r.movie_id = m.id AND r.source = 'tmdb' WHERE gone_at IS NULL"
    )
    films = await cursor.fetchall()
    credited = defaultdict(list)
    cursor = await conn.execute(
        "SELECT movie_id, person_id, kind, job, position, credit_id FROM credits"
    )
    for movie_id, *credit in await cursor.fetchall():
        credited[movie_id].append(credit)
    details: Details = {}
    by_pair = defaultdict(list)
    for movie_id, *facts in films:
        did = _who_counts(credited[movie_id])
        for a, b in combinations(sorted(did), 2):
            details[a, b, movie_id] = (did[a], did[b])
            by_pair[a, b].append(facts)
    return {pair: _total(facts) for pair, facts in by_pair.items()}, details


def _total(films: list[Any]) -> tuple[Any, ...]:
    years = [year for year, _, _ in films if year is not None]
    money = [revenue for _, revenue, _ in films if revenue is not None]
    scores = [score for _, _, score in films if score is not None]
    return (
        len(films),
        min(years, default=None),
        max(years, default=None),
        round(sum(scores) / len(scores), 9) if scores else None,
        sum(money) if money else None,
    )


def _who_counts(credited: list[Any]) -> dict[int, list[str]]:
    def ordered(job: str | None) -> list[int]:
        rows = [
            (place if place is not None else 10**9, credit_id, person)
            for person, kind, done, place, credit_id in credited
            if (kind == "cast" if job is None else kind == "crew" and done == job)
        ]
        found: list[int] = []
        for *_, person in sorted(rows):
            if person not in found:
                found.append(person)
        return found

    cast = ordered(None)[:20]
    chosen: list[int] = []
    for group in (ordered("Director")[:10], cast, *map(ordered, KEY_CREW)):
        chosen += [person for person in group if person not in chosen]
    chosen = chosen[:30]
    return {
        person: (["cast"] if person in cast else [])
        + [job for job in ["Director", *KEY_CREW] if person in ordered(job)]
        for person in chosen
    }


async def stored(conn: psycopg.AsyncConnection[Any]) -> tuple[Totals, Details]:
    """Return what the tables hold, as `expected` does."""
    cursor = await conn.execute(
        "SELECT person_a_id, person_b_id, films, first_year, latest_year, round(mean_rating::numeric, 9)::float8,"
        " revenue_usd FROM collaborations"
    )
    totals = {(a, b): tuple(total) for a, b, *total in await cursor.fetchall()}
    cursor = await conn.execute(
        "SELECT person_a_id, person_b_id, movie_id, roles_a, roles_b FROM collaboration_films"
    )
    return totals, {(a, b, m): (x, y) for a, b, m, x, y in await cursor.fetchall()}


def film(tmdb_id: int, people: Sequence[int], **facts: Any) -> MovieRecord:
    """Return a film with a cast."""
    return make_record(
        tmdb_id,
        people=tuple(make_person(one) for one in people),
        credits=tuple(
            make_cast(f"{tmdb_id}-{one}", one, position=place)
            for place, one in enumerate(people)
        ),
        **facts,
    )


class World:
    """Films that change, are buried, come back, and are computed."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._ticks = 0

    async def store(self, *records: MovieRecord) -> None:
        """Store films; each is newer than all before."""
        self._ticks += 1
        at = NOON + timedelta(minutes=self._ticks)
        films = [make_film(record, fetched_at=at) for record in records]
        async with self.pool.connection() as conn, conn.transaction():
            await lock_ids(conn, films)
            await store_films(conn, films, now=at)
            await tombstones.revive(conn, [one.tmdb_id for one in records], now=at)

    async def bury(self, *tmdb_ids: int) -> None:
        """Mark films as gone."""
        ids = await self.ids(*tmdb_ids)
        burials = [
            Burial(
                movie_id=one,
                denied_at=NOON,
                last_denied_at=NOON,
                denials=3,
                missing_since=NOON.date(),
                exports=3,
            )
            for one in ids
        ]
        async with self.pool.connection() as conn, conn.transaction():
            await tombstones.bury(conn, burials, now=NOON)

    async def ids(self, *tmdb_ids: int) -> list[int]:
        """Return our ids of films that are stored."""
        return await self.fetch(
            "SELECT id FROM movies WHERE tmdb_id = ANY (%s) ORDER BY 1", [*tmdb_ids]
        )

    async def rebuild(self, *tmdb_ids: int) -> Rebuilt:
        """Compute films."""
        ids = await self.ids(*tmdb_ids)
        async with self.pool.connection() as conn, conn.transaction():
            return await rebuild(conn, ids, now=NOON)

    async def fetch(self, query: Any, *values: Any) -> list[Any]:  # noqa: ANN401 - SQL
        """Run a query; rows of one column come as values."""
        async with self.pool.connection() as conn:
            cursor = await conn.execute(query, values)
            rows = await cursor.fetchall()
        return [row[0] if len(row) == 1 else row for row in rows]

    async def check(self) -> None:
        """Hold what is stored against an independent computation."""
        async with self.pool.connection() as conn:
            totals, details = await stored(conn)
            right_totals, right_details = await expected(conn)
        assert details == right_details
        assert totals == right_totals

    async def rows(self) -> list[Any]:
        """Return every row of ours with its writer."""
        return [
            await self.fetch(
                f"SELECT ctid::text, xmin::text, t::text FROM {name} AS t"  # noqa: S608 - names of tables
            )
            for name in (
                "collaborations",
                "collaboration_people",
                "collaboration_movies",
            )
        ]
