"""What is asked for again without anybody looking at its nominations."""

from datetime import UTC, datetime, timedelta

import pytest

from cinegraph.catalog.identity import lock_ids, settle_ids
from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool
from cinegraph.festivals import lookups
from cinegraph.festivals.linking import link_films
from cinegraph.festivals.lookups import Answer, LookupState
from cinegraph.festivals.storing import ensure_ceremony, store_edition
from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeStatement,
)
from factories import make_film, make_record

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=2)


@pytest.fixture(params=["tt0000001", None], ids=["by id", "by title"])
async def found(pool: Pool, request: pytest.FixtureRequest) -> int:
    """Return the lookup of a nominated film, which was found at TMDB as film 7."""
    told = titled(2024, request.param)
    async with pool.connection() as conn, conn.transaction():
        ceremony_id = await ensure_ceremony(conn, "oscars", told, now=NOON)
        assert ceremony_id is not None
        stored = await store_edition(
            conn, ceremony_id, "oscars_table", told, said_at=NOON, now=NOON
        )
        ids = stored.nomination_ids
        wanted = (await lookups.want_films(conn, ids, now=NOON)).add(
            await lookups.want_titles(conn, ids, now=NOON)
        )
        [lookup_id] = wanted.lookup_ids
        answer = Answer(state=LookupState.FOUND, tmdb_id=7)
        await lookups.note_answer(conn, lookup_id, answer, now=NOON)
    return lookup_id


async def test_what_was_found_and_never_fetched_is_asked_for_again(
    pool: Pool, found: int
) -> None:
    """Whoever wanted it was ended; a day is time enough to fetch it."""
    async with pool.connection() as conn:
        early = await lookups.take_overdue(conn, now=NOON, limit=9)
        overdue = await lookups.take_overdue(conn, now=LATER, limit=9)

    assert (early, overdue) == ([], [(found, lookups.LookupKind.FILM)])


@pytest.mark.parametrize("found", ["tt0000001"], indirect=True)
async def test_a_film_that_has_another_id_there_is_settled(
    pool: Pool, found: int
) -> None:
    """It is stored: nobody asks for it again, neither daily nor with its edition, and its nominees are looked up."""
    told = make_film(make_record(7, imdb_id="tt0000007"), fetched_at=NOON)
    async with pool.connection() as conn, conn.transaction():
        cursor = await conn.execute("SELECT id FROM festival_nominations")
        ids = [row[0] for row in await cursor.fetchall()]
        wanted = await lookups.want_films(conn, ids, now=NOON)
        people = await lookups.want_people(conn, ids, now=NOON)
        assert (wanted.tmdb_ids, people) == ((7,), [])
        await lock_ids(conn, [told])
        await store_films(conn, [told], now=NOON)
        await settle_ids(conn, [told], now=NOON)
        await link_films(conn, [7], now=NOON)

    async with pool.connection() as conn, conn.transaction():
        assert await lookups.find_lookup(conn, found) is not None
        assert await lookups.take_overdue(conn, now=LATER, limit=9) == []
        wanted = await lookups.want_films(conn, ids, now=LATER)
        people = await lookups.want_people(conn, ids, now=LATER)
    assert (wanted.lookup_ids, wanted.tmdb_ids, len(people)) == ((), (), 1)


async def test_a_title_that_two_festivals_honour_is_looked_for_once(
    pool: Pool,
) -> None:
    """One holds its edition in the year of its films, the other a year later: it is one film."""
    ids: list[int] = []
    async with pool.connection() as conn, conn.transaction():
        for festival, year in (("oscars", 2024), ("cannes", 2023)):
            told = titled(year)
            ceremony_id = await ensure_ceremony(conn, festival, told, now=NOON)
            assert ceremony_id is not None
            stored = await store_edition(
                conn, ceremony_id, "own", told, said_at=NOON, now=NOON
            )
            ids += stored.nomination_ids

        wanted = await lookups.want_titles(conn, ids, now=NOON)

        assert len(ids) == 2
        [lookup_id] = wanted.lookup_ids
        found = await lookups.find_lookup(conn, lookup_id)
        assert found is not None
        assert (found.title, found.year) == ("A Film", 2023)


def titled(year: int, imdb_id: str | None = None) -> EditionStatement:
    """Return an edition with one nomination, of a film with or without an id."""
    return EditionStatement(
        number=None,
        year=year,
        nominations=(
            NominationStatement(
                category="PICTURE",
                canonical_category="PICTURE",
                films=(FilmStatement("A Film", imdb_id),),
                nominees=(NomineeStatement("Ann One", imdb_ids=("nm0000010",)),),
            ),
        ),
    )
