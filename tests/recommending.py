"""A world of films that have something in common, of lists and nominations; and how to ask what is recommended."""

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

from cinegraph.enrichment.recommendations.browse import (
    Recommendation,
    list_recommendations,
)
from cinegraph.enrichment.recommendations.storing import (
    Recommended,
    recommend_all,
    recommend_films,
)
from cinegraph.records.movie import (
    CollectionRecord,
    CompanyRecord,
    CreditKind,
    CreditRecord,
    GenreRecord,
    KeywordRecord,
    MovieRecord,
    RatingRecord,
)
from collaborating import NOON, World
from factories import make_person, make_record

_WORDS = "heist vampire robot desert piano kingdom letter winter sailor orchard".split()  # noqa: SIM905 - words
_JOBS = ["Director", "Writer", "Editor", "Original Music Composer", "Gaffer"]


def any_film(dice: random.Random, tmdb_id: int, films: int) -> MovieRecord:
    """Return a film that shares something of every kind with others."""
    people = sorted(dice.sample(range(1, films), min(8, films - 1)))
    roles = [(one, dice.choice([None, *_JOBS])) for one in people + people[:2]]
    return make_record(
        tmdb_id,
        overview=" ".join(dice.sample(_WORDS, dice.randint(0, 5))) or None,
        original_language=dice.choice(["en", "en", "fr", None]),
        status=dice.choice(["Released", "Released", None, "Rumored"]),
        released_on=dice.choice([None, date(dice.randint(1960, 2020), 5, 1)]),
        is_adult=dice.random() < 0.1,
        is_video=dice.random() < 0.1,
        rating=dice.choice(
            [
                None,
                RatingRecord("user_score", dice.random() * 10, dice.randint(1, 9999)),
            ]
        ),
        collection=dice.choice(
            [None, None, CollectionRecord(dice.randint(1, 9), "Series")]
        ),
        genres=tuple(GenreRecord(n, f"Genre {n}") for n in dice.sample(range(6), 2)),
        keywords=tuple(
            KeywordRecord(n, f"theme {n}")
            for n in dice.sample(range(20), dice.randint(0, 6))
        ),
        companies=tuple(
            CompanyRecord(n, f"Studio {n}") for n in dice.sample(range(3), 1)
        ),
        people=tuple(make_person(one) for one in people),
        credits=tuple(
            CreditRecord(
                f"{tmdb_id}-{place}",
                person,
                CreditKind.CREW if job else CreditKind.CAST,
                "Some" if job else None,
                job,
                None,
                place * 2,
            )
            for place, (person, job) in enumerate(roles)
        ),
        recommended_tmdb_ids=tuple(
            one for one in dice.sample(range(1, films + 3), 3) if one != tmdb_id
        ),
    )


class Recommending(World):
    """Films that change and are recommended."""

    async def add_list(
        self, key: str, tmdb_ids: Sequence[int], *, weight: float = 1.0
    ) -> None:
        """Put films on a list."""
        async with self.pool.connection() as conn, conn.transaction():
            await conn.execute(
                "INSERT INTO lists (key, name, authority, weight, source, location, is_ranked, created_at, updated_at)"
                " VALUES (%s, %s, 'somebody', %s, 'file', 'list.csv', false, %s, %s)",
                [key, f"The {key}", weight, NOON, NOON],
            )
            await conn.execute(
                "INSERT INTO list_entries (list_id, entry_key, tmdb_id, movie_id, joined_at)"
                " SELECT l.id, m.tmdb_id::text, m.tmdb_id, m.id, %s FROM lists AS l, movies AS m"
                " WHERE l.key = %s AND m.tmdb_id = ANY (%s)",
                [NOON, key, [*tmdb_ids]],
            )

    async def nominate(self, category: str, tmdb_ids: Sequence[int]) -> None:
        """Nominate films in one category of one edition."""
        async with self.pool.connection() as conn, conn.transaction():
            await conn.execute(
                "INSERT INTO festival_ceremonies (organization_id, year, created_at, updated_at)"
                " SELECT id, 2001, %s, %s FROM festival_organizations WHERE key = 'oscars' ON CONFLICT DO NOTHING",
                [NOON, NOON],
            )
            await conn.execute(
                "INSERT INTO festival_categories (organization_id, name, is_competitive)"
                " SELECT id, %s, true FROM festival_organizations WHERE key = 'oscars'",
                [category],
            )
            for tmdb_id in tmdb_ids:
                await conn.execute(
                    "WITH made AS (INSERT INTO festival_nominations (ceremony_id, category_id, category_name, position,"
                    " created_at, updated_at) SELECT c.id, k.id, k.name, 0, %s, %s FROM festival_ceremonies AS c"
                    " JOIN festival_categories AS k USING (organization_id) WHERE k.name = %s RETURNING id)"
                    " INSERT INTO nomination_films (nomination_id, position, title, folded, movie_id)"
                    " SELECT made.id, 0, '', '', m.id FROM made, movies AS m WHERE m.tmdb_id = %s",
                    [NOON, NOON, category, tmdb_id],
                )

    async def recommend_all(self) -> Recommended:
        """Compute all films."""
        return await recommend_all(self.pool, now=NOON)

    async def recommend(self, *tmdb_ids: int) -> Recommended:
        """Compute films one by one."""
        ids = await self.ids(*tmdb_ids)
        async with self.pool.connection() as conn, conn.transaction():
            return await recommend_films(conn, ids, now=NOON)

    async def told(self, tmdb_id: int, **options: Any) -> list[Recommendation]:
        """Return what is recommended for a film; as similar as can be unless *options* say otherwise."""
        [movie_id] = await self.ids(tmdb_id)
        async with self.pool.connection() as conn:
            return await list_recommendations(
                conn, movie_id, **({"diversity": 0.0} | options)
            )

    async def named(self, tmdb_id: int, **options: Any) -> list[int | None]:
        """Return TMDB's ids of what is recommended."""
        return [one.tmdb_id for one in await self.told(tmdb_id, **options)]

    async def stored(self) -> list[Any]:
        """Return every row of ours with its writer."""
        return await self.fetch(
            "SELECT ctid::text, xmin::text, t::text FROM recommendation_movies AS t ORDER BY movie_id"
        )
