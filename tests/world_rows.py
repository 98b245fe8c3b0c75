"""
What a database should hold of an invented world, told by the world alone, and what it does hold: both as plain rows.

Shares no code with what stores films: a difference is a fault of the import, or of this file.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any, LiteralString

import psycopg

from cinegraph.records.movie import MovieRecord, PersonRecord
from cinegraph.records.title import RatedTitleRecord
from cinegraph.sandbox import World
from cinegraph.sandbox.world import Truth

BATCH = 500
"""Films held against each other at once."""

# By what is compared, the columns behind TMDB's id of the film.
_QUERIES: dict[str, LiteralString] = {
    "movie": """SELECT m.tmdb_id, m.title, m.imdb_id, m.original_title, m.original_language, m.overview, m.tagline,
            m.homepage, m.status, m.release_date, m.runtime_minutes, m.budget_usd, m.revenue_usd, m.popularity,
            m.is_adult, m.is_video, m.poster_path, m.backdrop_path, c.tmdb_id
        FROM movies AS m LEFT JOIN collections AS c ON c.id = m.collection_id WHERE m.tmdb_id = ANY(%s)""",
    "credits": """SELECT m.tmdb_id, x.credit_id, p.tmdb_id, x.kind, x.department, x.job, x.character, x.position
        FROM movies AS m JOIN credits AS x ON x.movie_id = m.id JOIN people AS p ON p.id = x.person_id
        WHERE m.tmdb_id = ANY(%s)""",
    "genres": """SELECT m.tmdb_id, x.position, g.tmdb_id, g.name
        FROM movies AS m JOIN movie_genres AS x ON x.movie_id = m.id JOIN genres AS g ON g.id = x.genre_id
        WHERE m.tmdb_id = ANY(%s)""",
    "keywords": """SELECT m.tmdb_id, k.tmdb_id, k.name
        FROM movies AS m JOIN movie_keywords AS x ON x.movie_id = m.id JOIN keywords AS k ON k.id = x.keyword_id
        WHERE m.tmdb_id = ANY(%s)""",
    "companies": """SELECT m.tmdb_id, x.position, c.tmdb_id, c.name, c.country_code, c.logo_path
        FROM movies AS m JOIN movie_companies AS x ON x.movie_id = m.id JOIN companies AS c ON c.id = x.company_id
        WHERE m.tmdb_id = ANY(%s)""",
    "countries": """SELECT m.tmdb_id, x.kind, x.position, x.country_code
        FROM movies AS m JOIN movie_countries AS x ON x.movie_id = m.id WHERE m.tmdb_id = ANY(%s)""",
    "languages": """SELECT m.tmdb_id, x.position, x.language_code
        FROM movies AS m JOIN movie_languages AS x ON x.movie_id = m.id WHERE m.tmdb_id = ANY(%s)""",
    "videos": """SELECT m.tmdb_id, x.video_id, x.site, x.key, x.name, x.kind, x.language_code, x.country_code,
            x.height_pixels, x.is_official, x.published_at
        FROM movies AS m JOIN videos AS x ON x.movie_id = m.id WHERE m.tmdb_id = ANY(%s)""",
    "releases": """SELECT m.tmdb_id, x.country_code, x.kind, x.released_at, x.language_code, x.certification, x.note
        FROM movies AS m JOIN releases AS x ON x.movie_id = m.id WHERE m.tmdb_id = ANY(%s)""",
    "alternative titles": """SELECT m.tmdb_id, x.country_code, x.title, x.kind
        FROM movies AS m JOIN alternative_titles AS x ON x.movie_id = m.id WHERE m.tmdb_id = ANY(%s)""",
    "external ids": """SELECT m.tmdb_id, x.site, x.value
        FROM movies AS m JOIN movie_external_ids AS x ON x.movie_id = m.id WHERE m.tmdb_id = ANY(%s)""",
    "recommendations": """SELECT m.tmdb_id, x.position, x.recommended_tmdb_id
        FROM movies AS m JOIN source_recommendations AS x ON x.movie_id = m.id
        WHERE x.source = 'tmdb' AND m.tmdb_id = ANY(%s)""",
    "watch offers": """SELECT m.tmdb_id, x.country_code, x.kind, w.tmdb_id, x.position
        FROM movies AS m JOIN watch_offers AS x ON x.movie_id = m.id JOIN watch_providers AS w ON w.id = x.provider_id
        WHERE m.tmdb_id = ANY(%s)""",
    "ratings (TMDB)": """SELECT m.tmdb_id, x.kind, x.value, x.votes
        FROM movies AS m JOIN ratings AS x ON x.movie_id = m.id AND x.source = 'tmdb' WHERE m.tmdb_id = ANY(%s)""",
    "ratings (OMDb)": """SELECT m.tmdb_id, x.kind, x.value, x.votes
        FROM movies AS m JOIN ratings AS x ON x.movie_id = m.id AND x.source = 'omdb' WHERE m.tmdb_id = ANY(%s)""",
    "facts (OMDb)": """SELECT m.tmdb_id, x.kind, x.text, x.number
        FROM movies AS m JOIN movie_facts AS x ON x.movie_id = m.id AND x.source = 'omdb' WHERE m.tmdb_id = ANY(%s)""",
    "ledger": """SELECT external_id, source, state FROM sync_ledger WHERE kind = 'movie' AND external_id = ANY(%s)""",
}
_PEOPLE = """SELECT tmdb_id, name, original_name, gender, known_for_department, profile_path, popularity, is_adult
    FROM people WHERE tmdb_id = ANY(%s)"""


async def differences(
    conn: psycopg.AsyncConnection[Any],
    world: Truth,
    *,
    ids: Iterable[int],
    with_titles: bool,
) -> dict[str, list[Any]]:
    """
    Hold what is stored of the films *ids* against the world.

    Args:
        ids: Of films; one that the world does not have must have no row.
        with_titles: OMDb was asked for every film that has an IMDb id.

    Returns:
        By what was compared, pairs of expected and stored rows of films that differ; empty lists where all is equal.
    """
    found: dict[str, list[Any]] = {name: [] for name in [*_QUERIES, "people"]}
    people: set[int] = set()
    for chunk in batched(sorted(ids), BATCH, strict=False):
        expected = _expected(world, chunk, with_titles=with_titles)
        stored = await _stored(conn, chunk)
        for name, rows in stored.items():
            for tmdb_id in chunk:
                pair = expected[name].get(tmdb_id, set()), rows.get(tmdb_id, set())
                if pair[0] != pair[1]:
                    found[name].append((tmdb_id, pair[0] - pair[1], pair[1] - pair[0]))
        people.update(row[1] for rows in expected["credits"].values() for row in rows)
    found["people"] = await _differing_people(conn, world, people)
    return found


async def listed_differences(
    conn: psycopg.AsyncConnection[Any], world: World
) -> list[Any]:
    """Hold `listed_movies` against the export of the day that was merged last, of a world whose numbers stand still."""
    cursor = await conn.execute(
        "SELECT max(listed_on) FROM export_snapshots WHERE state = 'merged' AND kind = 'movie'"
    )
    row = await cursor.fetchone()
    if row is None or row[0] is None:
        return ["no export was merged"]
    expected = {
        (one.tmdb_id, one.original_title, one.popularity, one.is_video, None)
        for one in world.export_rows(row[0])
    }
    cursor = await conn.execute(
        "SELECT tmdb_id, original_title, popularity, is_video, missing_since FROM listed_movies"
    )
    return sorted(expected ^ set(await cursor.fetchall()), key=str)


async def _stored(
    conn: psycopg.AsyncConnection[Any], ids: Sequence[int]
) -> dict[str, dict[int, set[Any]]]:
    found: dict[str, dict[int, set[Any]]] = {}
    for name, query in _QUERIES.items():
        cursor = await conn.execute(query, [list(ids)])
        rows: dict[int, set[Any]] = defaultdict(set)
        for tmdb_id, *rest in await cursor.fetchall():
            rows[tmdb_id].add(tuple(rest))
        found[name] = rows
    return found


def _expected(
    world: Truth, ids: Sequence[int], *, with_titles: bool
) -> dict[str, dict[int, set[Any]]]:
    told: dict[str, dict[int, set[Any]]] = {name: {} for name in _QUERIES}
    titles = world.expected_titles(ids)
    for tmdb_id, movie in world.expected(ids).items():
        for name, rows in _rows_of(movie):
            told[name][tmdb_id] = set(rows)
        told["ledger"][tmdb_id] = {("tmdb", "fresh")}
        if with_titles and movie.imdb_id is not None:
            title = titles.get(movie.imdb_id)
            told["ledger"][tmdb_id].add(("omdb", _title_state(title)))
            if title is not None:
                ratings = {(one.kind, one.value, one.votes) for one in title.ratings}
                told["ratings (OMDb)"][tmdb_id] = ratings
                facts = {(one.kind, one.text, one.number) for one in title.facts}
                told["facts (OMDb)"][tmdb_id] = facts
    return told


def _title_state(title: RatedTitleRecord | None) -> str:
    if title is None:
        return "absent"
    return "fresh" if title.ratings else "empty"


def _rows_of(movie: MovieRecord) -> Iterator[tuple[str, Iterable[Any]]]:
    yield (
        "movie",
        [
            (
                movie.title,
                movie.imdb_id,
                movie.original_title,
                movie.original_language,
                movie.overview,
                movie.tagline,
                movie.homepage,
                movie.status,
                movie.released_on,
                movie.runtime_minutes,
                movie.budget_usd,
                movie.revenue_usd,
                movie.popularity,
                movie.is_adult,
                movie.is_video,
                movie.poster_path,
                movie.backdrop_path,
                movie.collection and movie.collection.tmdb_id,
            )
        ],
    )
    yield (
        "credits",
        (
            (
                one.credit_id,
                one.person_tmdb_id,
                one.kind.value,
                one.department,
                one.job,
                one.character,
                one.position,
            )
            for one in movie.credits
        ),
    )
    yield "genres", ((n, g.tmdb_id, g.name) for n, g in enumerate(movie.genres))
    yield "keywords", ((k.tmdb_id, k.name) for k in movie.keywords)
    yield (
        "companies",
        (
            (n, one.tmdb_id, one.name, one.country_code, one.logo_path)
            for n, one in enumerate(movie.companies)
        ),
    )
    countries = [
        ("production", n, one.code) for n, one in enumerate(movie.production_countries)
    ]
    countries += [
        ("origin", n, one.code) for n, one in enumerate(movie.origin_countries)
    ]
    yield "countries", countries
    yield "languages", ((n, one.code) for n, one in enumerate(movie.spoken_languages))
    yield from _parts_of(movie)


def _parts_of(movie: MovieRecord) -> Iterator[tuple[str, Iterable[Any]]]:
    yield (
        "videos",
        (
            (
                one.video_id,
                one.site,
                one.key,
                one.name,
                one.kind,
                one.language_code,
                one.country_code,
                one.height_pixels,
                one.is_official,
                one.published_at,
            )
            for one in movie.videos
        ),
    )
    yield (
        "releases",
        (
            (
                one.country_code,
                one.kind,
                one.released_at,
                one.language_code,
                one.certification or "",
                one.note or "",
            )
            for one in movie.releases
        ),
    )
    yield (
        "alternative titles",
        ((one.country_code, one.title, one.kind) for one in movie.alternative_titles),
    )
    yield "external ids", ((one.site, one.value) for one in movie.external_ids)
    yield "recommendations", enumerate(movie.recommended_tmdb_ids)
    yield (
        "watch offers",
        (
            (one.country_code, one.kind, one.provider_tmdb_id, one.position)
            for one in movie.watch_offers
        ),
    )
    rating = movie.rating
    yield (
        "ratings (TMDB)",
        [] if rating is None else [(rating.kind, rating.value, rating.votes)],
    )


async def _differing_people(
    conn: psycopg.AsyncConnection[Any], world: Truth, ids: Iterable[int]
) -> list[Any]:
    found: list[Any] = []
    for chunk in batched(sorted(ids), 10 * BATCH, strict=False):
        cursor = await conn.execute(_PEOPLE, [list(chunk)])
        stored = {row[0]: tuple(row[1:]) for row in await cursor.fetchall()}
        for tmdb_id in chunk:
            person = world.person(tmdb_id)
            if person is None or stored.get(tmdb_id) != _person(person):
                found.append((tmdb_id, person, stored.get(tmdb_id)))
    return found


def _person(person: PersonRecord) -> tuple[Any, ...]:
    return (
        person.name,
        person.original_name,
        person.gender,
        person.known_for_department,
        person.profile_path,
        person.popularity,
        person.is_adult,
    )


async def bookkeeping_faults(
    conn: psycopg.AsyncConnection[Any],
) -> dict[str, list[Any]]:
    """
    Hold the books of an idle deployment against each other; empty lists where all is in order.

    Nothing may be queued or under way, no job may have ended badly unless its item did, and the counts that are kept
    as rows change must be those of the rows.
    """
    return {
        name: await (await conn.execute(query)).fetchall()
        for name, query in _BOOKS.items()
    }


_BOOKS: dict[str, LiteralString] = {
    "ledger: queued rows": "SELECT source, external_id, queued_at FROM sync_ledger WHERE state = 'queued'",
    "jobs: live ones": """SELECT id, queue, state, args FROM oban_jobs
        WHERE state NOT IN ('completed', 'cancelled', 'discarded')""",
    "runs: items under way": """SELECT run_id, kind, external_id, state FROM sync_run_items
        WHERE state IN ('planned', 'open', 'waiting')""",
    "runs: sums that are not their items'": """SELECT run.id FROM sync_runs AS run
        CROSS JOIN LATERAL (
            SELECT count(*) AS planned, count(*) FILTER (WHERE state = 'done') AS done,
                count(*) FILTER (WHERE state = 'absent') AS absent, count(*) FILTER (WHERE state = 'failed') AS failed,
                count(*) FILTER (WHERE state = 'quarantined') AS quarantined
            FROM sync_run_items WHERE run_id = run.id AND kind = 'movie'
        ) AS real
        WHERE run.state <> 'running' AND run.kind <> 'rebuild' AND
            (run.planned, run.done, run.absent, run.failed, run.quarantined)
            IS DISTINCT FROM (real.planned, real.done, real.absent, real.failed, real.quarantined)""",
    "ledger: counts": """SELECT * FROM (
            SELECT source, kind, state, checked_on, things FROM sync_ledger_totals WHERE things <> 0
        ) AS told FULL JOIN (
            SELECT source, kind, state, checked_on(checked_at) AS checked_on, count(*) AS things
            FROM sync_ledger GROUP BY 1, 2, 3, 4
        ) AS real USING (source, kind, state, checked_on)
        WHERE told.things IS DISTINCT FROM real.things""",
    "runs: counts": """SELECT * FROM (
            SELECT run_id, kind, state, items FROM sync_run_totals WHERE items <> 0
        ) AS told FULL JOIN (
            SELECT run_id, kind, state, count(*) AS items FROM sync_run_items GROUP BY 1, 2, 3
        ) AS real USING (run_id, kind, state)
        WHERE told.items IS DISTINCT FROM real.items""",
    "runs: ends by minute": """SELECT * FROM (
            SELECT run_id, kind, state, minute, items FROM sync_run_ended WHERE items <> 0
        ) AS told FULL JOIN (
            SELECT run_id, kind, state, date_trunc('minute', ended_at) AS minute, count(*) AS items
            FROM sync_run_items WHERE ended_at IS NOT NULL GROUP BY 1, 2, 3, 4
        ) AS real USING (run_id, kind, state, minute)
        WHERE told.items IS DISTINCT FROM real.items""",
    "catalogue: counts": """SELECT * FROM catalog_totals AS told
        FULL JOIN (
            SELECT 'movies' AS name, count(*) AS rows FROM movies
            UNION ALL SELECT 'people', count(*) FROM people
            UNION ALL SELECT 'credits', count(*) FROM credits
        ) AS real USING (name)
        WHERE told.rows IS DISTINCT FROM real.rows""",
    "documents without a film": """SELECT source, kind, external_id FROM documents AS document
        WHERE source = 'tmdb' AND NOT EXISTS
            (SELECT FROM movies WHERE tmdb_id::text = document.external_id)""",
    "films without a document": """SELECT tmdb_id FROM movies
        WHERE NOT EXISTS (SELECT FROM documents
            WHERE source = 'tmdb' AND kind = 'movie' AND external_id = tmdb_id::text)""",
    "quota: more counted in the background than in all": """SELECT * FROM daily_quotas
        WHERE background_used > used OR used < 0 OR background_used < 0""",
    "jobs: discarded, and its item is well": """SELECT job.id, job.queue, job.args, item.state FROM oban_jobs AS job
        JOIN sync_run_items AS item ON item.run_id = (job.meta ->> 'run_id')::bigint
            AND item.kind = CASE job.queue WHEN 'omdb' THEN 'omdb' ELSE 'movie' END
            AND item.external_id = coalesce(job.meta ->> 'tmdb_id', job.args ->> 'tmdb_id')::bigint
        WHERE job.state = 'discarded' AND item.round = 1 AND item.state NOT IN ('failed', 'quarantined')""",
}
