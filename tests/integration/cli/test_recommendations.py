"""Recommendations as commands tell them."""

import asyncio
from pathlib import Path
from typing import Any

import psycopg
import pytest

import cinegraph
from cinegraph import clock
from cinegraph.api import MovieNotFoundError
from cinegraph.cli import enriching_recommendations
from cinegraph.enrichment.recommendations import judging
from cinegraph.enrichment.recommendations.ratings import RatingsError
from cinegraph.enrichment.recommendations.storing import recommend_all
from cinegraph.errors import UsageError

from .conftest import CONTROL_CODES, Inside

_WORLD = """
    INSERT INTO movies (id, tmdb_id, title, release_date, is_adult, created_at, updated_at) OVERRIDING SYSTEM VALUE
    SELECT id, 10 + id, title, '1999-05-01', is_adult, '2026-09-01', '2026-09-01'
    FROM (VALUES (1, 'A [red]Film', false), (2, 'Another', false), (3, 'Adult', true), (4, 'Apart', false))
        AS given (id, title, is_adult);
    INSERT INTO keywords (id, tmdb_id, name, stated_on) OVERRIDING SYSTEM VALUE VALUES (1, 7, 'heist', '2026-09-01');
    INSERT INTO movie_keywords (movie_id, keyword_id) VALUES (1, 1), (2, 1), (3, 1);
    INSERT INTO source_recommendations (movie_id, source, recommended_tmdb_id, position) VALUES (1, 'tmdb', 99, 1);
"""


@pytest.fixture(autouse=True)
def _given(database_url: str) -> None:
    """Write films, and compute what is recommended."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_WORLD)


async def _compute(url: str) -> None:
    async with cinegraph.open(database_url=url) as c:
        done = await recommend_all(c._app.pool, now=clock.now())

    assert (done.films, done.changed) == (4, 4)


def test_a_film_is_shown_with_films_like_it(inside: Inside, database_url: str) -> None:
    """With the reason, TMDB's own beside, and none for adults unless that is asked for."""
    told = inside("movie", "11", "--recommendations")
    assert (
        "No recommendations: recommendations of this film were not computed yet."
        in told.out
    )
    asyncio.run(_compute(database_url))

    told = inside("movie", "11", "--recommendations")

    assert (told.code, told.err) == (0, "")
    assert not CONTROL_CODES.search(told.out)
    assert "Another (1999)" in told.out
    assert "themes: heist" in told.out
    assert "TMDB recommends: TMDb 99" in told.out
    assert "Adult" not in told.out
    assert "Adult (1999)" in inside("movie", "11", "--recommendations", "--adult").out
    data = inside("movie", "11", "--recommendations", "--json").json
    [one] = data["recommendations"]["recommendations"]
    assert one["tmdb_id"] == 12
    assert {"keywords", "era"} == {reason["kind"] for reason in one["reasons"]}
    assert "recommendations" not in inside("movie", "11", "--json").json


def test_a_diversity_beyond_its_range_is_refused(inside: Inside) -> None:
    """With what may be given."""
    told = inside("movie", "11", "--recommendations", "--diversity", "7")

    assert told.code == 2
    assert "a diversity of 7 makes no sense" in told.err


async def test_a_taste_is_asked_for_by_references(database_url: str) -> None:
    """A film that is not stored is named."""
    await _compute(database_url)
    async with cinegraph.open(database_url=database_url, reads=True) as c:
        assert [one.tmdb_id for one in await c.recommend_for([11, "#4"])] == [12]
        with pytest.raises(MovieNotFoundError):
            await c.recommend_for([11, 77])
        with pytest.raises(UsageError):
            await c.recommend_for([11], limit=0)


async def test_ratings_are_read_from_a_file(database_url: str, tmp_path: Path) -> None:
    """What cannot be read, or says too little, is told."""
    path = tmp_path / "ratings.csv"
    async with cinegraph.open(database_url=database_url, reads=True) as c:
        with pytest.raises(RatingsError, match="cannot be read"):
            await c.evaluate_recommendations(path)
        path.write_bytes("user,tmdb_id,rating\nu,11,\xff\n".encode("latin-1"))
        with pytest.raises(RatingsError, match="not UTF-8"):
            await c.evaluate_recommendations(path)
        path.write_text("user,tmdb_id,rating\nu,11,9\n")
        with pytest.raises(RatingsError, match="nobody likes 5 stored films"):
            await c.evaluate_recommendations(path)


def rate(database_url: str, folder: Path) -> Path:
    """Store ten films; return a file of who likes them."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO movies (id, tmdb_id, title, created_at, updated_at) OVERRIDING SYSTEM VALUE"
            " SELECT n, n, 'Film', '2026-09-01', '2026-09-01' FROM generate_series(101, 110) AS n"
        )
    path = folder / "ratings.csv"
    path.write_text(
        "user,tmdb_id,rating\n"
        + "".join(f"u,{n},9\n" for n in range(101, 111))
        + "v,,3\n"
    )
    return path


async def test_no_transaction_is_open_while_an_evaluation_reckons(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many users it takes minutes, and the server ends a transaction that is idle for one."""
    idle: list[int] = []

    def measure(*told: Any, **facts: Any) -> Any:  # noqa: ANN401 - whatever it returns
        with psycopg.connect(database_url) as connection:
            cursor = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
            )
            idle.extend(row[0] for row in cursor.fetchall())
        return measured(*told, **facts)

    measured = judging.measure
    monkeypatch.setattr(judging, "measure", measure)
    async with cinegraph.open(database_url=database_url, reads=True) as c:
        told = await c.evaluate_recommendations(rate(database_url, tmp_path))

    assert told.users == 1
    assert idle == [0]


def test_an_evaluation_is_told(
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Method by method, with what was left out."""
    path = rate(database_url, tmp_path)
    asyncio.run(_compute_any(database_url))
    monkeypatch.setenv("DATABASE_URL", database_url)

    asyncio.run(enriching_recommendations.evaluate(path, json=False))

    told = capsys.readouterr().out
    assert "recall@20" in told
    assert "same genres" in told
    assert "1 user, 10 ratings; liked from 8 on" in told
    assert "1 row without a film" in told
    asyncio.run(enriching_recommendations.evaluate(path, json=True))
    assert '"rows_without_film": 1' in capsys.readouterr().out


@pytest.mark.parametrize("option", [["--adult"], ["--diversity", "0.9"]])
def test_what_is_about_recommendations_needs_them(
    inside: Inside, option: list[str]
) -> None:
    """Nothing is left aside without a word."""
    told = inside("movie", "11", *option)

    assert told.code == 2
    assert "--recommendations" in told.err


async def _compute_any(url: str) -> None:
    async with cinegraph.open(database_url=url) as c:
        await recommend_all(c._app.pool, now=clock.now())
