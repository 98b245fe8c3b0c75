"""Nominations complete themselves when their films are there, in whatever order both come."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from cinegraph.catalog.identity import lock_ids, settle_ids
from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool
from cinegraph.festivals.linking import (
    Linked,
    await_arrivals,
    link_edition,
    link_films,
)
from cinegraph.festivals.storing import ensure_ceremony, store_edition
from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.records.movie import (
    CompanyRecord,
    CreditKind,
    CreditRecord,
    MovieRecord,
)
from factories import make_cast, make_film, make_person, make_record
from polling import until

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def film(tmdb_id: int = 1, *, with_camera: bool = True, **facts: Any) -> MovieRecord:
    """Return a film with an actor, a namesake of hers, and a camerawoman."""
    camera = CreditRecord(
        "c3", 12, CreditKind.CREW, department="Camera", job="Director of Photography"
    )
    cast = (make_cast("c1", 10, position=0), make_cast("c2", 11, position=1))
    people = (
        make_person(10, "Ann One"),
        make_person(11, "Ben Two"),
        make_person(12, "Cé Three"),
    )
    told = {
        "imdb_id": "tt0000001",
        "people": people if with_camera else people[:2],
        "credits": (*cast, camera) if with_camera else cast,
    }
    return make_record(tmdb_id, **(told | facts))


EDITION = EditionStatement(
    number=96,
    year=2024,
    nominations=(
        NominationStatement(
            category="ACTRESS",
            canonical_category="ACTRESS",
            films=(FilmStatement("A", "tt0000001"),),
            nominees=(NomineeStatement("Ann One", NomineeKind.PERSON, ("nm0000010",)),),
        ),
        NominationStatement(
            category="CINEMATOGRAPHY",
            canonical_category="CINEMATOGRAPHY",
            films=(FilmStatement("A", "tt0000001"),),
            nominees=(NomineeStatement("Ce Three"), NomineeStatement("Nobody")),
        ),
        NominationStatement(
            category="BEST PICTURE",
            canonical_category="BEST PICTURE",
            films=(FilmStatement("Other", "tt0000002"),),
            nominees=(NomineeStatement("Metro", NomineeKind.COMPANY),),
        ),
    ),
)


class World:
    """Stores films and the edition."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def store_film(self, record: MovieRecord, now: datetime = NOON) -> Linked:
        """Store a film as a job does."""
        told = make_film(record, fetched_at=now)
        async with self._pool.connection() as conn, conn.transaction():
            await lock_ids(conn, [told])
            await store_films(conn, [told], now=now)
            await settle_ids(conn, [told], now=now)
            return await link_films(conn, [record.tmdb_id], now=now)

    async def store_edition(self, told: EditionStatement = EDITION) -> None:
        """Store the edition."""
        async with self._pool.connection() as conn, conn.transaction():
            ceremony = await ensure_ceremony(conn, "oscars", told, now=NOON)
            assert ceremony is not None
            await store_edition(
                conn, ceremony, "oscars_table", told, now=NOON, said_at=NOON
            )

    async def fetch(self, query: Any) -> list[Any]:  # noqa: ANN401 - SQL
        """Run a query; rows of one column come as values."""
        async with self._pool.connection() as conn:
            cursor = await conn.execute(query)
            rows = await cursor.fetchall() if cursor.description else []
        return [row[0] if len(row) == 1 else row for row in rows]

    async def linked(self) -> list[Any]:
        """Return by category the first film, and who is found."""
        return await self.fetch(
            "SELECT category_name, movies.tmdb_id, nominee.name, people.name, nominee.found_by"
            " FROM festival_nominations AS n"
            " LEFT JOIN movies ON movies.id = n.movie_id"
            " JOIN nomination_people AS nominee ON nominee.nomination_id = n.id"
            " LEFT JOIN people ON people.id = nominee.person_id ORDER BY n.position, nominee.position"
        )


COMPLETE = [
    ("ACTRESS", 1, "Ann One", "Ann One", "credits"),
    ("CINEMATOGRAPHY", 1, "Ce Three", "Cé Three", "credits"),
    ("CINEMATOGRAPHY", 1, "Nobody", None, None),
    ("BEST PICTURE", None, "Metro", None, None),
]


@pytest.fixture
def world(pool: Pool) -> World:
    """Return what stores."""
    return World(pool)


async def test_an_edition_finds_the_films_that_are_there(world: World) -> None:
    """By their IMDb ids, and nominees in their credits."""
    await world.store_film(film())

    await world.store_edition()

    assert await world.linked() == COMPLETE


async def test_a_film_completes_the_nominations_that_waited_for_it(
    world: World,
) -> None:
    """The other order ends in the same."""
    await world.store_edition()
    assert {row[1] for row in await world.linked()} == {None}

    linked = await world.store_film(film())

    assert (len(linked.nomination_ids), linked.people) == (2, 2)
    assert await world.linked() == COMPLETE
    assert await world.store_film(make_record(9, imdb_id="tt0000009")) == Linked()


async def test_a_film_stored_beside_its_edition_is_linked(
    world: World, pool: Pool
) -> None:
    """Neither sees the other's rows; whoever stored the edition waits for the film, and links then."""
    told = make_film(film(), fetched_at=NOON)
    async with pool.connection() as conn:
        async with conn.transaction():
            await lock_ids(conn, [told])
            await store_films(conn, [told], now=NOON)
            await settle_ids(conn, [told], now=NOON)
            assert await link_films(conn, [1], now=NOON) == Linked()
            await world.store_edition()
            waiting = asyncio.ensure_future(await_arrivals(pool))
            await _await_waiter(world, waiting)
            assert not waiting.done(), "nothing made it wait for the film"
        await waiting
    assert {row[1] for row in await world.linked()} == {None}

    ids = await world.fetch("SELECT id FROM festival_nominations ORDER BY id")
    async with pool.connection() as conn, conn.transaction():
        await link_edition(conn, ids, now=NOON)

    assert await world.linked() == COMPLETE


async def _await_waiter(world: World, waiting: asyncio.Future[None]) -> None:
    """Wait until somebody waits for the advisory lock, or *waiting* is over without."""

    async def is_waiting() -> bool:
        return waiting.done() or bool(
            await world.fetch(
                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
        )

    await until(is_waiting)


async def test_credits_that_come_later_are_looked_at(world: World) -> None:
    """A nominee who was not there is found then."""
    await world.store_edition()
    await world.store_film(film(with_camera=False))
    assert [row[3] for row in await world.linked()] == ["Ann One", None, None, None]

    await world.store_film(film(), NOON.replace(hour=13))

    assert await world.linked() == COMPLETE


NAMESAKES = EditionStatement(
    number=96,
    year=2024,
    nominations=(
        NominationStatement(
            category="SOUND",
            canonical_category="SOUND",
            films=(FilmStatement("A", "tt0000001"),),
            nominees=(NomineeStatement("Ann One", imdb_ids=("nm0000010",)),),
        ),
    ),
)
"""One nominee, of whom the source does not say whether it is a person."""


@pytest.mark.parametrize("credited_first", [True, False])
async def test_a_person_of_whom_a_company_has_the_name_is_one_of_both(
    world: World, pool: Pool, *, credited_first: bool
) -> None:
    """The credits or the id say that it is a person: then it is no company, whichever comes first."""
    company = (CompanyRecord(7, "Ann One"),)
    await world.store_edition(NAMESAKES)
    if credited_first:
        await world.store_film(film(companies=company))
    else:
        await world.store_film(film(companies=company, people=(), credits=()))
        assert await world.fetch(
            "SELECT company_id IS NOT NULL FROM nomination_people"
        ) == [True]
        await world.store_film(film(9, imdb_id="tt0000009"))
        await world.fetch("UPDATE people SET imdb_id = 'nm0000010' WHERE tmdb_id = 10")
        ids = await world.fetch("SELECT id FROM festival_nominations")
        async with pool.connection() as conn, conn.transaction():
            await link_edition(conn, ids, now=NOON)

    found = await world.fetch(
        "SELECT people.name, nominee.company_id FROM nomination_people AS nominee"
        " LEFT JOIN people ON people.id = nominee.person_id"
    )
    assert found == [("Ann One", None)]


async def test_an_id_that_moves_takes_its_nominations_along(world: World) -> None:
    """It belongs to the film that stated it last."""
    await world.store_edition()
    await world.store_film(film())

    await world.store_film(film(2), NOON.replace(hour=13))

    assert [row[1] for row in await world.linked()] == [2, 2, 2, None]


async def test_what_a_person_decided_stays(world: World) -> None:
    """Whatever comes."""
    await world.store_edition()
    await world.fetch("UPDATE nomination_films SET is_locked = true")
    await world.fetch("UPDATE nomination_people SET is_locked = true")

    await world.store_film(film())
    await world.store_edition()

    assert {(row[1], row[3]) for row in await world.linked()} == {(None, None)}
