"""A change makes due exactly what follows from it: of the film, and of films beside it."""

from typing import LiteralString, NamedTuple

import pytest

from cinegraph.enrichment.collaborations.storing import rebuild_all
from cinegraph.enrichment.due.kinds import Enrichment
from collaborating import NOON, World
from factories import make_person, make_record

from .test_due import Follower, clear, directed

PAIRS, LISTS, SCORE, LIKE = Enrichment

A, B, C = 1, 2, 3
"""A and B are of one director; A is recommended beside C, by nobody else."""

_LIST: LiteralString = """
    INSERT INTO lists (key, name, authority, weight, source, location, is_ranked, state, created_at, updated_at)
    VALUES ('canon', 'Canon', 'Somebody', 1, 'file', 'canon.csv', false, 'current', '2026-09-01', '2026-09-01')
"""
_MEMBER: LiteralString = """
    INSERT INTO list_entries (list_id, entry_key, tmdb_id, movie_id, joined_at)
    SELECT lists.id, movies.tmdb_id::text, movies.tmdb_id, movies.id, '2026-09-01'
    FROM lists, movies WHERE movies.tmdb_id = 1
"""
_NOMINATION: LiteralString = """
    WITH edition AS (
        INSERT INTO festival_ceremonies (organization_id, year, created_at, updated_at)
        SELECT id, 2024, '2026-09-01', '2026-09-01' FROM festival_organizations WHERE key = %s
        RETURNING id, organization_id
    ), category AS (
        INSERT INTO festival_categories (organization_id, name, is_competitive)
        SELECT organization_id, 'BEST PICTURE', true FROM edition
        RETURNING id
    ), nomination AS (
        INSERT INTO festival_nominations
            (ceremony_id, category_id, category_name, movie_id, position, created_at, updated_at)
        SELECT edition.id, category.id, 'Best Picture', movies.id, 0, '2026-09-01', '2026-09-01'
        FROM edition, category, movies WHERE movies.tmdb_id = 1
        RETURNING id, movie_id
    )
    INSERT INTO nomination_films (nomination_id, position, title, folded, movie_id)
    SELECT id, 0, 'A', 'a', movie_id FROM nomination
"""


class Case(NamedTuple):
    """A change, and what it makes due."""

    change: LiteralString
    due: dict[Enrichment, list[int]]
    value: str | None = None


CASES = {
    "rating": Case(
        "INSERT INTO ratings (movie_id, source, kind, value, votes, as_of)"
        " SELECT id, 'tmdb', 'user_score', 7, 9, '2026-09-01' FROM movies WHERE tmdb_id = 1",
        {PAIRS: [A], SCORE: [A]},
    ),
    "credit": Case(
        "UPDATE credits SET job = 'Writer' WHERE movie_id = (SELECT id FROM movies WHERE tmdb_id = 1)",
        {PAIRS: [A], SCORE: [A], LIKE: [A]},
    ),
    "nomination": Case(_NOMINATION, {SCORE: [A], LIKE: [A]}, "oscars"),
    "registry": Case(_NOMINATION, {SCORE: [A, B], LIKE: [A]}, "registry"),
    "list": Case(_MEMBER, {SCORE: [A, B], LIKE: [A]}),
    "recommended": Case(
        "INSERT INTO source_recommendations (movie_id, source, recommended_tmdb_id, position)"
        " SELECT id, 'tmdb', 3, 0 FROM movies WHERE tmdb_id = 1",
        {SCORE: [C], LIKE: [A, C]},
    ),
    "keyword": Case(
        "WITH word AS (INSERT INTO keywords (tmdb_id, name, stated_on) VALUES (7, 'heist', '2026-09-01') RETURNING id)"
        " INSERT INTO movie_keywords SELECT movies.id, word.id FROM movies, word WHERE tmdb_id = 1",
        {LIKE: [A]},
    ),
    "revenue": Case(
        "UPDATE movies SET revenue_usd = 5 WHERE tmdb_id = 1", {PAIRS: [A]}
    ),
    "IMDb id": Case(
        "UPDATE movies SET imdb_id = 'tt0000001' WHERE tmdb_id = 1", {LISTS: [A]}
    ),
    "homepage": Case(
        "UPDATE movies SET homepage = 'https://a.test' WHERE tmdb_id = 1", {}
    ),
    "gone": Case(
        "UPDATE movies SET gone_at = '2026-09-01' WHERE tmdb_id = 1",
        {PAIRS: [A], LISTS: [A], SCORE: [A], LIKE: [A]},
    ),
}


@pytest.fixture
async def follower(world: World) -> Follower:
    """Return what follows three films that are computed."""
    follower = Follower(world)
    await follower.follow()
    apart = make_record(C, people=(make_person(9),), credits=())
    await world.store(directed(A, 1), directed(B, 1), apart)
    async with world.pool.connection() as conn:
        await conn.execute(_LIST)
    await rebuild_all(world.pool, now=NOON)
    await follower.follow()
    await clear(world)
    return follower


@pytest.mark.parametrize("name", CASES)
async def test_exactly_what_follows_is_due(
    world: World, follower: Follower, name: str
) -> None:
    """Nothing else of these films, and nothing of others."""
    case = CASES[name]
    async with world.pool.connection() as conn:
        cursor = await conn.execute(case.change, case.value and (case.value,))
        assert cursor.rowcount > 0

    await follower.follow()

    found = {one: await follower.due(one) for one in Enrichment}
    assert {one: films for one, films in found.items() if films} == case.due


@pytest.mark.parametrize("change", ["rating", "list"])
async def test_the_same_again_is_no_change(
    world: World, follower: Follower, change: str
) -> None:
    """What is read again and is equal makes nothing due."""
    case = CASES[change]
    async with world.pool.connection() as conn:
        await conn.execute(case.change)
    await follower.follow()
    await clear(world)

    await world.store(directed(B, 1))
    await follower.follow()

    assert [await follower.due(one) for one in Enrichment] == [[]] * 4
