"""What the tests of the cultural-relevance index work with: facts of single films, and random catalogues."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import psycopg

from cinegraph.enrichment.cri.baselines import (
    Baselines,
    Decade,
    FestivalSeen,
    ListSeen,
)
from cinegraph.enrichment.cri.facts import (
    Directed,
    Facts,
    Films,
    Honour,
    Kept,
    Listing,
    Rows,
)

NAN = float("nan")
BASELINES = Baselines(
    year=2026,
    decades={
        1970: Decade(5000, (10, 50, 200, 500, 3000)),
        2020: Decade(10_000, (10, 50, 300, 900, 6000)),
    },
    all_time=Decade(20_000, (10, 50, 300, 900, 6000)),
    tmdb_mean=6.5,
    imdb_mean=6.5,
    named_often=200,
    named_share=0.5,
    lists=(
        ListSeen(1, 1.0, is_ranked=True, newest=2020),
        ListSeen(2, 0.5, is_ranked=False, newest=2020),
    ),
    festivals=(
        FestivalSeen("cannes", 0.95, 1946, 2025),
        FestivalSeen("oscars", 1.0, 1928, 2025),
        FestivalSeen("registry", 0.6, 1989, 2025),
    ),
)
_UNKNOWN = {
    "years": NAN,
    "is_live": True,
    "is_domestic": False,
    "tmdb_scores": NAN,
    "tmdb_votes": NAN,
    "imdb_scores": NAN,
    "imdb_votes": NAN,
    "tomatoes": NAN,
    "metacritic": NAN,
    "named": 0,
}


def make_films(*films: dict[str, Any]) -> Films:
    """Return films of which only what is given is known; their ids count from 1."""
    known = [_UNKNOWN | one for one in films]
    return Films(
        ids=np.arange(1, len(films) + 1),
        **{
            name: np.array(
                [one[name] for one in known],
                dtype=bool if name.startswith("is_") else float,
            )
            for name in _UNKNOWN
        },
    )


def make_facts(
    *films: dict[str, Any],
    listings: Sequence[Listing] = (),
    honours: Sequence[Honour] = (),
    kept: Sequence[Kept] = (),
    directed: Sequence[Directed] = (),
) -> Facts:
    """Return facts."""
    return Facts(
        make_films(*films),
        Rows(list(listings), list(honours), list(kept), list(directed)),
    )


def place(
    movie_id: int = 1,
    list_id: int = 1,
    *,
    weight: float = 1.0,
    position: int | None = None,
) -> Listing:
    """Return a place on a list."""
    return Listing(movie_id, list_id, f"List {list_id}", weight, position)


def honour(
    category: str = "best film",
    festival: str = "oscars",
    *,
    movie_id: int = 1,
    won: bool = False,
    kind: str | None = None,
    number: int = 1,
) -> Honour:
    """Return a nomination."""
    return Honour(
        movie_id, number, festival, festival.title(), 1.0, category, kind, won
    )


FILMS = 80


def fill(conn: psycopg.Connection[Any], seed: int, *, films: int = FILMS) -> None:
    """Write a catalogue of films that differ in all that counts."""
    dice = random.Random(seed)  # noqa: S311 - repeatable
    with conn.cursor() as cursor:
        for number in range(1, films + 1):
            _fill_film(cursor, dice, number)
        _fill_lists(cursor, dice, films)
        _fill_awards(cursor, dice, films)
    conn.commit()


def _fill_film(cursor: psycopg.Cursor[Any], dice: random.Random, number: int) -> None:
    year = dice.choice([None, 1935, 1972, 1975, 1999, 2015, 2022, 2031])
    cursor.execute(
        "INSERT INTO movies (tmdb_id, imdb_id, title, release_date, popularity, gone_at, created_at, updated_at)"
        " VALUES (%s, %s, %s, make_date(%s, 5, 1), %s, CASE WHEN %s THEN timestamptz '2026-01-01' END,"
        " '2026-01-01', '2026-01-01') RETURNING id",
        [
            number,
            f"tt{number:07d}",
            f"Film {number}",
            year,
            dice.random() * 10,
            dice.random() < 0.05,
        ],
    )
    [(movie_id,)] = cursor.fetchall()
    if dice.random() < 0.8:
        _rate(cursor, movie_id, "user_score", dice.uniform(3, 9), dice)
    if dice.random() < 0.5:
        _rate(cursor, movie_id, "imdb", dice.uniform(3, 9), dice)
    for kind in ("rotten_tomatoes", "metacritic"):
        if dice.random() < 0.3:
            _rate(cursor, movie_id, kind, dice.randint(0, 100), None)
    if dice.random() < 0.5:
        cursor.execute(
            "INSERT INTO countries VALUES ('US', 'America', '2026-01-01') ON CONFLICT DO NOTHING"
        )
        cursor.execute(
            "INSERT INTO movie_countries VALUES (%s, 'production', 'US', 0)", [movie_id]
        )
    for person in {dice.randint(1, 12) for _ in range(dice.choice([0, 1, 1, 2]))}:
        cursor.execute(
            "INSERT INTO people (id, tmdb_id, name, stated_on, created_at, updated_at) OVERRIDING SYSTEM VALUE"
            " VALUES (%(id)s, %(id)s, 'Person', '2026-01-01', '2026-01-01', '2026-01-01') ON CONFLICT DO NOTHING",
            {"id": person},
        )
        cursor.execute(
            "INSERT INTO credits (movie_id, person_id, credit_id, kind, job) VALUES (%s, %s, %s, 'crew', 'Director')",
            [movie_id, person, f"{number}-{person}"],
        )
    for other in {dice.randint(1, 30) for _ in range(dice.randint(0, 4))}:
        cursor.execute(
            "INSERT INTO source_recommendations VALUES (%s, 'tmdb', %s, 0)",
            [movie_id, other],
        )


def _rate(
    cursor: psycopg.Cursor[Any],
    movie_id: int,
    kind: str,
    value: float,
    dice: random.Random | None,
) -> None:
    source = "tmdb" if kind == "user_score" else "omdb"
    votes = None if dice is None else int(10 ** dice.uniform(0, 4.5))
    cursor.execute(
        "INSERT INTO ratings VALUES (%s, %s, %s, %s, %s, '2026-01-01')",
        [movie_id, source, kind, value, votes],
    )


def _fill_lists(cursor: psycopg.Cursor[Any], dice: random.Random, films: int) -> None:
    for number in range(1, 4):
        add_list(
            cursor,
            f"list-{number}",
            dice.sample(range(1, films + 20), 15),
            weight=dice.random(),
            is_ranked=number == 1,
        )


def add_list(
    cursor: psycopg.Cursor[Any],
    key: str,
    tmdb_ids: Sequence[int],
    *,
    weight: float = 0.8,
    is_ranked: bool = False,
    source: str = "file",
    location: str = "mine.csv",
) -> None:
    """Write a list; films that are not stored stand on it, too."""
    cursor.execute(
        "INSERT INTO lists (key, name, authority, weight, source, location, is_ranked, created_at, updated_at)"
        " VALUES (%s, %s, 'Somebody', %s, %s, %s, %s, '2026-01-01', '2026-01-01') RETURNING id",
        [key, f"The {key}", weight, source, location, is_ranked],
    )
    [(list_id,)] = cursor.fetchall()
    for position, tmdb_id in enumerate(tmdb_ids, start=1):
        imdb_id = f"tt{tmdb_id:07d}"
        cursor.execute(
            "INSERT INTO list_entries (list_id, entry_key, position, imdb_id, movie_id, joined_at)"
            " VALUES (%s, %s, %s, %s, (SELECT id FROM movies WHERE imdb_id = %s), '2026-01-01')",
            [list_id, imdb_id, position, imdb_id, imdb_id],
        )


def _fill_awards(cursor: psycopg.Cursor[Any], dice: random.Random, films: int) -> None:
    for key in ("oscars", "cannes", "registry", "razzies"):
        for category in ("best film", "sound", "best actor"):
            named = dice.sample(range(1, films + 20), 8)
            add_nominations(cursor, key, category, named, won=dice.random() < 0.5)


def add_nominations(
    cursor: psycopg.Cursor[Any],
    festival: str,
    category: str,
    tmdb_ids: Sequence[int],
    *,
    won: bool | None = None,
) -> None:
    """Write nominations of one category in 1990."""
    cursor.execute(
        "WITH festival AS (SELECT id FROM festival_organizations WHERE key = %s), edition AS ("
        " INSERT INTO festival_ceremonies (organization_id, year, created_at, updated_at)"
        " SELECT id, 1990, '2026-01-01', '2026-01-01' FROM festival"
        " ON CONFLICT (organization_id, year, part) DO UPDATE SET year = excluded.year RETURNING id"
        "), category AS (INSERT INTO festival_categories (organization_id, name, is_competitive)"
        " SELECT id, %s, true FROM festival RETURNING id"
        ") SELECT edition.id, category.id FROM edition, category",
        [festival, category],
    )
    [(edition_id, category_id)] = cursor.fetchall()
    for position, tmdb_id in enumerate(tmdb_ids):
        cursor.execute(
            "WITH made AS (INSERT INTO festival_nominations"
            " (ceremony_id, category_id, category_name, is_winner, position, created_at, updated_at)"
            " VALUES (%s, %s, %s, %s, %s, '2026-01-01', '2026-01-01') RETURNING id)"
            " INSERT INTO nomination_films (nomination_id, position, title, folded, imdb_id, movie_id)"
            " SELECT id, 0, '', '', %s, (SELECT id FROM movies WHERE imdb_id = %s) FROM made",
            [
                edition_id,
                category_id,
                category,
                won,
                position,
                f"tt{tmdb_id:07d}",
                f"tt{tmdb_id:07d}",
            ],
        )
