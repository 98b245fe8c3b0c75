"""A change makes due exactly what follows from it: of the film, of films beside it, and of those that were."""

from datetime import timedelta
from typing import Any, LiteralString, NamedTuple

import pytest

from cinegraph import clock
from cinegraph.enrichment.collaborations.storing import rebuild_all
from cinegraph.enrichment.cri.storing import score_all, score_films
from cinegraph.enrichment.due.kinds import MOST_SPREAD, Enrichment
from cinegraph.enrichment.recommendations.storing import recommend_all
from cinegraph.jobs import enrichment
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


_OTHERS: tuple[LiteralString, ...] = (
    """
    INSERT INTO ratings (movie_id, source, kind, value, votes, as_of)
    SELECT id, 'tmdb', 'user_score', 7, 90, '2026-09-01' FROM movies
    """,
    """
    INSERT INTO list_entries (list_id, entry_key, tmdb_id, movie_id, joined_at)
    SELECT list_id, '3', 3, movies.id, joined_at FROM list_entries, movies WHERE movies.tmdb_id = 3
    """,
    """
    WITH nomination AS (
        INSERT INTO festival_nominations
            (ceremony_id, category_id, category_name, movie_id, position, created_at, updated_at)
        SELECT ceremony_id, category_id, category_name, movies.id, 1, '2026-09-01', '2026-09-01'
        FROM festival_nominations, movies
        WHERE movies.tmdb_id = 3
        RETURNING id, movie_id
    )
    INSERT INTO nomination_films (nomination_id, position, title, folded, movie_id)
    SELECT id, 0, 'C', 'c', movie_id FROM nomination
    """,
)
"""Votes, and C wherever A stands: with the last place of a list or event what films are held against would go."""
_UNDIRECTED: LiteralString = (
    "DELETE FROM credits WHERE movie_id = (SELECT id FROM movies WHERE tmdb_id = 1)"
)
_NAMED: LiteralString = """
    INSERT INTO source_recommendations (movie_id, source, recommended_tmdb_id, position)
    SELECT id, 'tmdb', named, 0 FROM movies, unnest(%s::integer[]) AS named WHERE tmdb_id = 1
"""
_UNNAMED: LiteralString = (
    "DELETE FROM source_recommendations WHERE recommended_tmdb_id = 3"
)
_WITHDRAWN: LiteralString = "DELETE FROM festival_nominations WHERE position = 0"
_LEAVES: LiteralString = (
    "UPDATE list_entries SET left_at = '2026-09-02' WHERE entry_key = '1'"
)
_OTHER_DIRECTOR: LiteralString = (
    "UPDATE credits SET person_id = (SELECT id FROM people WHERE tmdb_id = 9)"
    " WHERE movie_id = (SELECT id FROM movies WHERE tmdb_id = 1)"
)


class Gone(NamedTuple):
    """What ties films together, how it is taken away, and what that makes due."""

    given: tuple[LiteralString, Any]
    taken: tuple[LiteralString, ...]
    due: dict[Enrichment, list[int]]


WITHOUT = {
    "a director of a film on a list": Gone(
        (_MEMBER, None),
        (_UNDIRECTED,),
        {PAIRS: [A], SCORE: [A, B], LIKE: [A]},
    ),
    "another director": Gone(
        (_MEMBER, None),
        (_OTHER_DIRECTOR,),
        {PAIRS: [A], SCORE: [A, B], LIKE: [A]},
    ),
    "a director of any film": Gone(
        (_NAMED, [[]]), (_UNDIRECTED,), {PAIRS: [A], SCORE: [A], LIKE: [A]}
    ),
    "a place on a list": Gone((_MEMBER, None), (_LEAVES,), {SCORE: [A, B], LIKE: [A]}),
    "a place on a list, and the director": Gone(
        (_MEMBER, None),
        (_LEAVES, _UNDIRECTED),
        {PAIRS: [A], SCORE: [A, B], LIKE: [A]},
    ),
    "a nomination": Gone(
        (_NOMINATION, ["oscars"]), (_WITHDRAWN,), {SCORE: [A], LIKE: [A]}
    ),
    "a place in the registry": Gone(
        (_NOMINATION, ["registry"]), (_WITHDRAWN,), {SCORE: [A, B], LIKE: [A]}
    ),
    "a place in the registry, and the director": Gone(
        (_NOMINATION, ["registry"]),
        (_WITHDRAWN, _UNDIRECTED),
        {PAIRS: [A], SCORE: [A, B], LIKE: [A]},
    ),
    "a film named beside it": Gone(
        (_NAMED, [[B, C]]), (_UNNAMED,), {SCORE: [B, C], LIKE: [A, B, C]}
    ),
}


async def change(world: World, *statements: LiteralString) -> None:
    """Change rows in a transaction, whoever does."""
    async with world.pool.connection() as conn:
        for statement in statements:
            assert (await conn.execute(statement)).rowcount > 0


@pytest.mark.parametrize("name", WITHOUT)
async def test_what_was_beside_a_film_is_due_once_and_ends_as_in_a_pass(
    world: World, follower: Follower, name: str
) -> None:
    """The log does not say who it was; computing exactly what is due leaves nothing to a pass over all films."""
    case = WITHOUT[name]
    async with world.pool.connection() as conn:
        await conn.execute(*case.given)
        for statement in _OTHERS:
            await conn.execute(statement)
    await score_all(world.pool, now=NOON)
    await follower.follow()
    await clear(world)

    await change(world, *case.taken)
    await follower.follow()
    await follower.follow()

    found = {one: await follower.due(one) for one in Enrichment}
    assert {one: films for one, films in found.items() if films} == case.due
    assert await world.fetch("SELECT max(marks) FROM enrichment_due") == [1]
    assert await world.fetch("SELECT count(*) FROM enrichment_former") == [0]
    async with world.pool.connection() as conn, conn.transaction():
        await score_films(conn, await world.ids(*found[SCORE]), now=NOON)
    assert (await score_all(world.pool, now=NOON)).changed == 0


async def test_who_directed_a_film_makes_few_films_due_however_many_they_made(
    world: World, follower: Follower
) -> None:
    """The bound holds for films beside it now and formerly together; what it leaves out is counted."""
    more = range(10, 10 + MOST_SPREAD + 4)
    await world.store(*(directed(one, 1) for one in more))
    await change(world, _MEMBER)
    await follower.follow()
    await clear(world)
    cut = (await follower.state(SCORE)).spread_cut

    await change(world, _UNDIRECTED)
    await follower.follow()

    assert len(await follower.due(SCORE)) == 1 + MOST_SPREAD
    left_out = len([B, *more]) - MOST_SPREAD
    assert (await follower.state(SCORE)).spread_cut == cut + left_out


async def test_changes_that_nobody_will_follow_are_forgotten(
    world: World, follower: Follower
) -> None:
    """All films are computed; what was beside them must not stay for ever."""
    await change(world, _UNDIRECTED)
    await change(world, "UPDATE enrichment_cursor SET position = position + 1000000")

    await follower.follow()

    assert await world.fetch("SELECT count(*) FROM enrichment_former") == [0]


async def recommended(world: World) -> list[Any]:
    """Return of every film what is recommended."""
    return await world.fetch(
        "SELECT (movie_id, movie_ids) FROM recommendation_movies ORDER BY movie_id"
    )


@pytest.mark.parametrize("change_name", ["director", "named"])
async def test_films_that_are_recommended_no_longer_are_computed_too(
    world: World, follower: Follower, change_name: str
) -> None:
    """What was like the changed film counted it; nothing but what is stored knows who that was."""
    async with world.pool.connection() as conn:
        await conn.execute(_NAMED, [[C]])
    await recommend_all(world.pool, now=NOON)
    await follower.follow()
    await clear(world)
    before = await recommended(world)

    await change(world, _UNDIRECTED if change_name == "director" else _UNNAMED)
    await follower.follow()
    with clock.frozen(NOON + timedelta(minutes=5)):
        while await enrichment._compute_batch(world.pool, LIKE):
            await world.fetch("UPDATE enrichment_due SET due_at = %s RETURNING 1", NOON)

    computed = await recommended(world)
    assert computed != before
    await recommend_all(world.pool, now=clock.now())
    assert await recommended(world) == computed
