"""The pages of people: found, shown, and the films by which two are connected."""

from collections.abc import Sequence
from datetime import date

import pytest

from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool
from cinegraph.enrichment.collaborations.storing import rebuild
from cinegraph.records.movie import PersonRecord
from factories import NOON, make_cast, make_film, make_person, make_record

from .conftest import Dashboard

EVIL = "<script>alert(1)</script>"


async def _store(pool: Pool, casts: Sequence[Sequence[PersonRecord]]) -> dict[int, int]:
    """Store a film for each cast, and who worked with whom; return our ids of people by TMDB's."""
    films = [
        make_film(
            make_record(
                number,
                title=f"Film {number}",
                released_on=date(1990 + number, 1, 1),
                people=tuple(cast),
                credits=tuple(
                    make_cast(
                        f"{number}-{one.tmdb_id}",
                        one.tmdb_id,
                        character="Hero",
                        position=place,
                    )
                    for place, one in enumerate(cast)
                ),
            )
        )
        for number, cast in enumerate(casts, 1)
    ]
    async with pool.connection() as conn, conn.transaction():
        await store_films(conn, films, now=NOON)
        ids = [
            row[0]
            for row in await (await conn.execute("SELECT id FROM movies")).fetchall()
        ]
        await rebuild(conn, ids, now=NOON)
        cursor = await conn.execute("SELECT tmdb_id, id FROM people")
        return dict(await cursor.fetchall())


@pytest.fixture
async def ids(pool: Pool) -> dict[int, int]:
    """Return people: Ada – Bela – Cléo in a row, a second Ada, and Eve with nobody."""
    ada, bela, cleo = (
        make_person(1, "Ada"),
        make_person(2, "Bela"),
        make_person(3, "Cléo"),
    )
    second, eve = make_person(4, "ADA"), make_person(5, "Eve")
    return await _store(
        pool, [(ada, bela), (bela, cleo), (cleo, second), (eve,), (ada, bela)]
    )


async def test_a_person_is_found_and_shown(
    dashboard: Dashboard, ids: dict[int, int]
) -> None:
    """By any case and accents; with films by year, and with whom they were made."""
    listed = (await dashboard.get("/people?q=cleo")).text
    assert f'href="/people/{ids[3]}">Cléo</a>' in listed
    shown = (await dashboard.get(f"/people/{ids[2]}")).text
    for told in (
        "<h1>Bela",
        "3 stored",
        "<dt>1995</dt>",
        "as Hero",
        "Film 5</a> (1995)",
    ):
        assert told in shown, told
    assert 'href="/people/tmdb/1">Ada</a>' in shown
    led = await dashboard.get("/people/tmdb/2")
    assert (led.status, led.headers["Location"]) == (303, f"/people/{ids[2]}")


@pytest.mark.parametrize("number", [999_999, 2**31, 2**63, 10**40])
async def test_nobody(dashboard: Dashboard, number: int) -> None:
    """Not an error of ours, whatever the number."""
    assert (await dashboard.get(f"/people/{number}")).status == 404
    assert (await dashboard.get(f"/people/tmdb/{number}")).status == 404


async def test_without_a_name_those_of_popular_films_are_shown(
    dashboard: Dashboard, ids: dict[int, int]
) -> None:
    """The first look is not empty; a name of nobody says what to do."""
    assert f'href="/people/{ids[1]}"' in (await dashboard.get("/people")).text
    assert "Nobody of that name" in (await dashboard.get("/people?q=zzz")).text


async def test_a_path_is_told_film_by_film(
    dashboard: Dashboard, ids: dict[int, int]
) -> None:
    """With what each did, how long it took; by name or TMDB's id."""
    assert ids
    text = (await dashboard.get("/people/path?a=1&b=cleo")).text
    assert "2 films apart" in text
    assert 'href="/films/tmdb/2">Film 2</a> (1992)' in text
    assert "cast – cast" in text
    assert " ms, as of" in text
    assert "The same person" in (await dashboard.get("/people/path?a=2&b=bela")).text
    assert (
        "No chain of stored films"
        in (await dashboard.get("/people/path?a=2&b=Eve")).text
    )


async def test_namesakes_are_offered(dashboard: Dashboard, ids: dict[int, int]) -> None:
    """Who is meant is one press away, the other end kept."""
    assert ids
    text = (await dashboard.get("/people/path?a=ada&b=Cl%C3%A9o")).text
    assert "Which ada?" in text
    assert 'href="/people/path?a=4&amp;b=Cl%C3%A9o"' in text
    assert "apart" not in text
    unknown = (await dashboard.get("/people/path?a=nobody&b=2")).text
    assert "Nobody is called nobody" in unknown
    assert 'href="/people?q=nobody"' in unknown


@pytest.mark.parametrize("asked", ["", "9" * 5000, "%00", "\u0663", "tt1", "-1"])
async def test_ends_that_are_nobody(dashboard: Dashboard, asked: str) -> None:
    """Whatever stands in the address is answered with a page."""
    assert (await dashboard.get(f"/people/path?a={asked}&b={asked}")).status == 200


async def test_names_are_escaped(dashboard: Dashboard, pool: Pool) -> None:
    """On every page that tells them, also when they come from the address."""
    found = await _store(pool, [(make_person(1, EVIL), make_person(2, EVIL))])
    for path in (
        "/people",
        f"/people?q={EVIL}",
        f"/people/{found[1]}",
        f"/people/path?a={EVIL}&b=1",
        "/people/path?a=1&b=2",
    ):
        text = (await dashboard.get(path)).text
        assert "<script>" not in text, path
        assert "&lt;script&gt;" in text, path
