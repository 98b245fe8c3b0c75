"""Backtests on recorded films: the score finds lists that it has not seen better than simpler rankings do."""

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cinegraph.db.pool import Pool
from cinegraph.enrichment.cri.backtest import run_backtest

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
STAMP = NOW.isoformat()

pytestmark = [pytest.mark.recorded, pytest.mark.timeout(300)]


def bodies(file: Path) -> Iterator[dict[str, Any]]:
    """Read recorded bodies."""
    with gzip.open(file) as lines:
        yield from map(json.loads, lines)


def copy(
    conn: psycopg.Connection[Any], target: str, rows: list[tuple[Any, ...]]
) -> None:
    """Write rows."""
    with conn.cursor().copy(f"COPY {target} FROM STDIN".encode()) as stream:
        for row in rows:
            stream.write_row(row)


def load(conn: psycopg.Connection[Any], data: Path) -> None:
    """Write what the index reads of recorded films: dates, votes, scores, directors, countries."""
    films = list(bodies(data / "tmdb/movies.jsonl.gz"))
    copy(
        conn,
        "movies (tmdb_id, imdb_id, title, release_date, popularity, created_at, updated_at)",
        [
            (
                one["id"],
                one["imdb_id"] or None,
                one["title"],
                one["release_date"] or None,
                one["popularity"],
                STAMP,
                STAMP,
            )
            for one in films
        ],
    )
    ids = dict(conn.execute("SELECT tmdb_id, id FROM movies").fetchall())
    by_imdb = {one["imdb_id"]: ids[one["id"]] for one in films if one["imdb_id"]}
    directed = {
        (ids[one["id"]], credit["id"], credit["credit_id"])
        for one in films
        for credit in one["credits"]["crew"]
        if credit["job"] == "Director"
    }
    people = {person for _, person, _ in directed}
    copy(
        conn,
        "people (tmdb_id, name, stated_on, created_at, updated_at)",
        [(one, "Somebody", "2026-01-01", STAMP, STAMP) for one in sorted(people)],
    )
    ours = dict(conn.execute("SELECT tmdb_id, id FROM people").fetchall())
    copy(
        conn,
        "credits (movie_id, person_id, credit_id, kind, job)",
        [(m, ours[p], c, "crew", "Director") for m, p, c in sorted(directed)],
    )
    rated = [
        (
            ids[one["id"]],
            "tmdb",
            "user_score",
            one["vote_average"],
            one["vote_count"],
            STAMP,
        )
        for one in films
        if one["vote_count"]
    ]
    titles = {one.get("imdbID"): one for one in bodies(data / "omdb/titles.jsonl.gz")}
    for imdb_id, title in titles.items():
        if imdb_id in by_imdb:
            rated += [(by_imdb[imdb_id], "omdb", *row, STAMP) for row in scores(title)]
    copy(conn, "ratings (movie_id, source, kind, value, votes, as_of)", rated)
    conn.execute("INSERT INTO countries VALUES ('US', 'America', '2026-01-01')")
    copy(
        conn,
        "movie_countries (movie_id, kind, country_code, position)",
        [
            (ids[one["id"]], "production", "US", 0)
            for one in films
            if any(c["iso_3166_1"] == "US" for c in one["production_countries"])
        ],
    )


def scores(title: dict[str, Any]) -> Iterator[tuple[str, float, int | None]]:
    """Return what a title of OMDb is rated."""
    if title["imdbRating"] != "N/A" and title["imdbVotes"] != "N/A":
        votes = int(title["imdbVotes"].replace(",", ""))
        yield "imdb", float(title["imdbRating"]), votes
    if title.get("Metascore", "N/A") != "N/A":
        yield "metacritic", float(title["Metascore"]), None
    for one in title["Ratings"]:
        if one["Source"] == "Rotten Tomatoes":
            yield "rotten_tomatoes", float(one["Value"].rstrip("%")), None


def load_lists(conn: psycopg.Connection[Any], data: Path) -> None:
    """Write recorded lists."""
    folder = data / "lists"
    canon = json.loads((folder / "1001_movies.json").read_text())
    registry = json.loads((folder / "national_film_registry_imdb_ids.json").read_text())
    with (folder / "tspdt_1000_2024.csv").open(newline="") as file:
        ranked = list(csv.DictReader(file))
    for key, weight, entries in (
        ("1001", 0.9, [(one["imdb_id"], None) for one in canon]),
        ("registry", 0.8, [(one["imdb_id"], None) for one in registry]),
        ("tspdt", 0.95, [(one["imdb_id"], int(one["rank"])) for one in ranked]),
    ):
        [(list_id,)] = conn.execute(
            "INSERT INTO lists (key, name, authority, weight, source, location, is_ranked, created_at, updated_at)"
            " VALUES (%s, %s, 'Somebody', %s, 'file', '', %s, %s, %s) RETURNING id",
            [key, key, weight, key == "tspdt", STAMP, STAMP],
        ).fetchall()
        copy(
            conn,
            "list_entries (list_id, entry_key, position, imdb_id, joined_at)",
            [(list_id, one, at, one, STAMP) for one, at in dict(entries).items()],
        )
    conn.execute(
        "UPDATE list_entries AS entry SET movie_id = film.id FROM movies AS film WHERE film.imdb_id = entry.imdb_id"
    )


async def test_the_score_finds_lists_that_it_has_not_seen(
    pool: Pool, database_url: str, recorded_data: Path
) -> None:
    """Each held out in turn: better than popularity, votes and rating, not worse than any feature of its own."""
    with psycopg.connect(database_url) as conn:
        load(conn, recorded_data)
        load_lists(conn, recorded_data)
    async with pool.connection() as analyzing:
        await analyzing.execute("ANALYZE")
    for key in ("1001", "tspdt", "registry"):
        found = await run_backtest(pool, key, now=NOW)

        assert found.stored > 100
        assert found.auc.low > 0.95
        for ranking in found.rankings:
            for measure, gain in ranking.gains.items():
                if ranking.kind == "baseline":
                    assert gain.low > 0, (key, ranking.name, measure)
                else:
                    assert gain.high > 0, (key, ranking.name, measure)
