"""Films and people by name: accents, case and punctuation aside, by every title, in order, page by page."""

import random
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from cinegraph.catalog import searching
from cinegraph.catalog.searching import (
    FilmSearch,
    FoundFilms,
    Order,
    State,
    search_films,
    search_people,
)
from cinegraph.db.pool import Pool
from cinegraph.errors import UsageError
from cinegraph.records.movie import GenreRecord, MovieRecord, TitleRecord
from factories import NOON, make_cast, make_film, make_person, make_record

from .conftest import Fetch, Store


async def search(pool: Pool, **asked: Any) -> FoundFilms:
    """Look for films."""
    size = asked.pop("page_size", 50)
    async with pool.connection() as conn:
        return await search_films(conn, FilmSearch(**asked), page_size=size)


async def found(pool: Pool, q: str, **asked: Any) -> list[str]:
    """Return the titles that are found."""
    return [film.title for film in (await search(pool, q=q, **asked)).films]


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("Le Fabuleux Destin d'Amélie Poulain", "AMELIE poulain"),
        ("Schindler's List", "schindlers"),
        ("Schindler\u2019s List", "schindler's list"),
        ("Face/Off", "face off"),
        ("Il fuoco dell\u2019amore", "amore fuoco"),
        ("Straße", "strasse"),
        ("WALL·E", "wall e"),
        ("Spider-Man: No Way Home", "spider man home"),
        ("8½", "8 1/2"),
        ("Æon Flux", "aeon"),
        ("Брат 2", "брат"),
        ("брат", "БРАТ"),
        ("七人の侍", "七人の侍"),
        ("Σ' αγαπώ", "ΑΓΑΠΩ"),
        ("The Godfather", "godf the"),
        ("100% Wolf", "100%"),
        ("It", "it"),
    ],
)
async def test_a_title_is_found_as_people_write_it(
    pool: Pool, store: Store, title: str, asked: str
) -> None:
    """Without accents, case, punctuation, in another order, by the beginning of a word."""
    await store(
        make_film(make_record(1, title=title)),
        make_film(make_record(2, title="Quite another film")),
    )

    assert await found(pool, asked) == [title]


@pytest.mark.parametrize(
    "asked",
    ["matrices", "xx", "trix", "the matrix revolutions", "'", "<script>", "a & b | !c"],
)
async def test_what_is_called_otherwise_is_not_found(
    pool: Pool, store: Store, asked: str
) -> None:
    """All words have to be there; what a query of PostgreSQL would take for operators means nothing."""
    await store(make_film(make_record(1, title="The Matrix")))

    assert await found(pool, asked) == (["The Matrix"] if asked == "'" else [])


async def test_every_title_finds_its_film(pool: Pool, store: Store) -> None:
    """The original and alternative ones, also told; what it is called no longer finds nothing."""
    record = make_record(
        238,
        title="The Godfather",
        original_title="Il Capo",
        alternative_titles=(
            TitleRecord("IT", "Il padrino", ""),
            TitleRecord("FR", "Le Parrain", ""),
        ),
    )
    await store(make_film(record))
    for asked, told in (
        ("padrino", "Il padrino"),
        ("parrain", "Le Parrain"),
        ("capo", None),
        ("godfather", None),
    ):
        [film] = (await search(pool, q=asked)).films
        assert film.found_title == told

    other = msgspec.structs.replace(
        record,
        title="The Boss",
        alternative_titles=(TitleRecord("IT", "Il padrino", ""),),
    )
    await store(make_film(other, fetched_at=NOON + timedelta(days=1)))

    assert await found(pool, "godfather") == await found(pool, "parrain") == []
    assert await found(pool, "boss") == await found(pool, "padrino") == ["The Boss"]


async def test_titles_are_kept_as_the_tables_say(
    pool: Pool, store: Store, fetch: Fetch
) -> None:
    """Whatever is stored, changed, taken away or deleted, in any order."""
    dice = random.Random(7)  # noqa: S311 - repeatable
    names = ["Alpha", "alpha", "Bêta", "Gamma Gamma", "Delta!", "x" * 900, "…"]
    for day in range(12):
        films = [
            make_record(
                number,
                title=dice.choice(names),
                original_title=dice.choice([None, *names]),
                alternative_titles=tuple(
                    TitleRecord(dice.choice("AB") * 2, title, "")
                    for title in dice.sample(names, dice.randrange(4))
                ),
            )
            for number in dice.sample(range(1, 9), 4)
        ]
        await store(
            *(make_film(one, fetched_at=NOON + timedelta(days=day)) for one in films)
        )
    async with pool.connection() as conn:
        await conn.execute("DELETE FROM movies WHERE tmdb_id = 3")
    kept = await fetch("SELECT movie_id, folded FROM movie_titles ORDER BY 1, 2")
    told = await fetch(
        'SELECT movie_id, folded COLLATE "C" FROM titles_of(ARRAY(SELECT id FROM movies)) ORDER BY 1, 2'
    )

    assert kept == told
    assert len(kept) > 8


def many(count: int) -> list[MovieRecord]:
    """Return films of which some have no date, popularity or score, and many the same."""
    dice = random.Random(count)  # noqa: S311 - repeatable
    return [
        make_record(
            number,
            title=f"Common {number}" if number % 3 else "Common",
            popularity=dice.choice([None, 1.5, 1.5, 2.5, float(number)]),
            released_on=dice.choice(
                [None, date(1990 + number % 20, 1 + number % 12, 1), date(1999, 1, 1)]
            ),
            is_adult=number % 11 == 0,
            genres=(GenreRecord(1 + number % 2, f"Genre {number % 2}"),),
        )
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("counted", [5000, 5])
@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("asked", [{}, {"q": "common"}, {"year_from": 1995}])
async def test_pages_have_every_film_once(  # noqa: PLR0917 - fixtures
    pool: Pool,
    store: Store,
    fetch: Fetch,
    monkeypatch: pytest.MonkeyPatch,
    counted: int,
    order: Order,
    asked: dict[str, Any],
) -> None:
    """In the same order whether few films are sorted or many are gone through, also those that have no value."""
    monkeypatch.setattr(searching, "MOST_COUNTED", counted)
    records = many(60)
    await store(*map(make_film, records))
    async with pool.connection() as conn:
        await conn.execute(
            "INSERT INTO cri_versions VALUES ('v', '', '{}', '{}', %s)", [NOON]
        )
        await conn.execute(
            "INSERT INTO cri_scores (movie_id, computed_at, score, confidence, version, evidence, shares)"
            " SELECT id, %s, tmdb_id %% 7, 1, 'v', '{}', '{}' FROM movies WHERE tmdb_id %% 4 > 0",
            [NOON],
        )
    column = {
        Order.POPULARITY: "popularity",
        Order.RELEASE: "release_date",
        Order.SCORE: "score",
    }[order]
    years = "AND release_date >= '1995-01-01'" if "year_from" in asked else ""
    expected = await fetch(
        "SELECT tmdb_id FROM movies LEFT JOIN cri_scores ON movie_id = movies.id"  # noqa: S608 - of ours
        f" WHERE NOT is_adult {years} ORDER BY {column} DESC NULLS LAST, movies.id DESC"
    )
    met: list[int] = []
    after = None
    while True:
        page = await search(pool, sort=order, after=after, page_size=7, **asked)
        met += [film.tmdb_id for film in page.films]
        if (after := page.next) is None:
            break
    in_order: list[int] = expected
    if "q" in asked and order is Order.POPULARITY:
        called_so = [one for one in in_order if one % 3 == 0]
        in_order = [*called_so, *(one for one in in_order if one % 3)]

    assert met == in_order
    if counted == 5000:
        first = await search(pool, sort=order, page_size=50, **asked)
        assert first.total == (len(in_order) if asked else min(len(in_order), 50))
        assert first.is_more is (not asked and len(in_order) > 50)


@pytest.mark.parametrize("counted", [5000, 2])
async def test_filters_go_together(
    pool: Pool, store: Store, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    """Words, years, genre, state, films for adults: each takes away what does not fit."""
    monkeypatch.setattr(searching, "MOST_COUNTED", counted)
    monkeypatch.setattr(searching, "MOST_MET", 3)
    records = many(60)
    await store(*map(make_film, records))
    async with pool.connection() as conn:
        await conn.execute("UPDATE movies SET gone_at = %s WHERE tmdb_id = 7", [NOON])
        row = await (
            await conn.execute("SELECT id FROM genres WHERE tmdb_id = 2")
        ).fetchone()
    assert row is not None
    for asked, fits in (
        ({"genre": row[0]}, lambda one: one.tmdb_id % 2),
        ({"adult": True}, lambda one: one),
        (
            {"year_from": 1995, "year_to": 2000},
            lambda one: one.released_on and 1995 <= one.released_on.year <= 2000,
        ),
        (
            {"year_from": 1995, "genre": row[0], "q": "common 4"},
            lambda one: (
                one.released_on
                and one.released_on.year >= 1995
                and one.tmdb_id % 2
                and one.title == "Common 4"
            ),
        ),
    ):
        met = {
            film.tmdb_id for film in (await search(pool, page_size=100, **asked)).films
        }
        assert met == {
            one.tmdb_id
            for one in records
            if fits(one)  # type: ignore[no-untyped-call] - a lambda
            and one.tmdb_id != 7
            and (asked.get("adult") or not one.is_adult)
        }, asked
    assert [film.tmdb_id for film in (await search(pool, state=State.GONE)).films] == [
        7
    ]


@pytest.mark.parametrize(
    "after", ["", "x", "1.5", "1.5~", "~x", "2020-01-01~1", "1~1~1"]
)
async def test_a_place_that_is_none(pool: Pool, after: str) -> None:
    """It came from an address, so it is looked at."""
    with pytest.raises(UsageError):
        await search(pool, after=after)


@pytest.mark.parametrize(
    "asked",
    [
        {"year_from": -5, "year_to": 10**9},
        {"genre": 10**30},
        {"after": f"1~{10**30}"},
        {"q": "x" * 100_000},
        {"q": "\0"},
    ],
)
async def test_what_nobody_means_finds_nothing_and_breaks_nothing(
    pool: Pool, asked: dict[str, Any]
) -> None:
    """Numbers beyond every column, and text beyond every title."""
    assert (await search(pool, **asked)).films == []


async def test_people_are_found_by_any_part_of_their_name(
    pool: Pool, store: Store
) -> None:
    """Those called exactly so first, then by popularity; never people of films for adults alone."""
    people = (
        make_person(1, "Penélope Cruz", popularity=5.0),
        make_person(2, "Tom Cruise", popularity=9.0),
        make_person(3, "Cruz", popularity=0.1),
        make_person(4, "Cruz Adult", popularity=99.0, is_adult=True),
    )
    await store(
        make_film(
            make_record(
                1,
                title="Volver",
                people=people,
                credits=tuple(make_cast(f"c{n}", n) for n in (1, 2, 3, 4)),
            )
        )
    )
    async with pool.connection() as conn:
        assert [one.name for one in (await search_people(conn, "CRUZ")).people] == [
            "Cruz",
            "Penélope Cruz",
        ]
        [penelope] = (await search_people(conn, "penelope")).people
        assert (await search_people(conn, " ' ")).people == []
    assert (penelope.films, penelope.known_for) == (1, "Volver")
