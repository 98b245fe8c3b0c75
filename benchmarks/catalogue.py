"""
A database in the middle of an import of the whole catalogue, made by SQL in a minute: what other benchmarks begin with.

What the ledger, the runs and the jobs of such a deployment hold, without the films' own rows: a run of the whole
catalogue is under way at the full budget for the last 43 minutes, after an import of popular films days ago.
"""

import psycopg
from psycopg import sql

from cinegraph.sync import runs

FILMS = 1_240_000
"""As many as TMDB had in 2026."""
STORED_NOW = 100_000
"""Films the run has stored: 43 minutes at 39/s."""
STORED_BEFORE = 40_000
"""Films stored before the run began, by others, some of which are due again."""
_ABSENT, _FAILED, _QUARANTINED = 8_000, 2_000, 100
_ENDED_JOBS = 12_000
"""What five minutes at 39/s leave behind: the feeder keeps its completed jobs so long."""

_RUNS = """
INSERT INTO sync_runs (kind, arguments, requested_by, state, source, started_at, finished_at, planned, done, absent,
    failed, quarantined)
VALUES
    ('import_popular', '{{"pages": 100}}', 'command', 'completed', 'tmdb', {now} - interval '31 days',
        {now} - interval '30 days', {before}, {before}, 0, 0, 0),
    ('import_catalog', '{{"from_export": true, "pages": 100}}', 'command', 'running', 'tmdb',
        {now} - interval '43 minutes', NULL, NULL, NULL, NULL, NULL, NULL)
RETURNING id
"""
_LISTED = """
INSERT INTO listed_movies (tmdb_id, popularity, is_adult, is_video, original_title, stated_on)
SELECT
    n,
    0.6 * power(1 - random(), -1 / 1.2),
    false,
    n % 97 = 0,
    'Film ' || n,
    ({now})::date - (random() * 30)::integer
FROM generate_series(1, {films}) AS n
"""
# By a permutation of the ids (7,919 is a prime that divides no such number of films), so that no state has a range of
# ids, or of the primary key, to itself.
_LEDGER = """
INSERT INTO sync_ledger (source, kind, external_id, state, reason, priority, run_id, due_at, checked_at, changed_at,
    attempts, error_code, error, created_at)
SELECT
    'tmdb', 'movie', film.tmdb_id, film.state,
    CASE film.state WHEN 'wanted' THEN 'in the daily export' ELSE 'routine' END,
    film.popularity * CASE WHEN film.is_video THEN 0.1 ELSE 1 END,
    CASE film.state WHEN 'wanted' THEN {run} ELSE 0 END,
    CASE film.state
        WHEN 'wanted' THEN {now} - interval '43 minutes'
        WHEN 'fresh' THEN film.checked_at + interval '30 days'
        WHEN 'absent' THEN film.checked_at + interval '90 days'
        WHEN 'failed' THEN film.checked_at + interval '6 hours'
        ELSE film.checked_at + interval '7 days'
    END,
    CASE WHEN film.state IN ('fresh', 'absent') THEN film.checked_at END,
    CASE WHEN film.state = 'fresh' THEN film.checked_at END,
    CASE film.state WHEN 'failed' THEN 2 ELSE 0 END,
    CASE film.state WHEN 'failed' THEN 'source_unavailable' WHEN 'quarantined' THEN 'payload' END,
    CASE WHEN film.state IN ('failed', 'quarantined') THEN 'as it was told' END,
    {now} - interval '40 days'
FROM (
    SELECT listed.*, place,
        CASE
            WHEN place < {before_end} THEN 'fresh'
            WHEN place < {absent_end} THEN 'absent'
            WHEN place < {failed_end} THEN 'failed'
            WHEN place < {quarantined_end} THEN 'quarantined'
            ELSE 'wanted'
        END AS state,
        {now} - CASE
            WHEN place >= {now_end} AND place < {before_end} THEN random() * interval '31 days'
            ELSE random() * interval '43 minutes'
        END AS checked_at
    FROM listed_movies AS listed
    CROSS JOIN LATERAL (SELECT (tmdb_id::bigint * 7919) % {films} AS place) AS permuted
) AS film
ORDER BY film.tmdb_id
"""
_ITEMS = """
INSERT INTO sync_run_items (run_id, kind, external_id, state, error_code, ended_at)
SELECT
    CASE WHEN state = 'fresh' AND checked_at < {now} - interval '43 minutes' THEN {earlier} ELSE {run} END,
    'movie', external_id,
    CASE state WHEN 'wanted' THEN 'planned' WHEN 'fresh' THEN 'done' ELSE state END,
    error_code,
    CASE state
        WHEN 'wanted' THEN NULL
        WHEN 'fresh' THEN checked_at
        ELSE {now} - random() * interval '43 minutes'
    END
FROM sync_ledger
WHERE source = 'tmdb' AND kind = 'movie'
ORDER BY 1, external_id
"""
_PAGES = """
INSERT INTO sync_run_items (run_id, kind, external_id, state, ended_at)
SELECT {run}, kind, page, 'done', {now} - interval '40 minutes'
FROM unnest(ARRAY['popular_page', 'top_rated_page']) AS kind, generate_series(1, 100) AS page
UNION ALL SELECT {run}, 'export', 1, 'done', {now} - interval '42 minutes'
"""
# Every second stored film has an IMDb id; a quarter of these was answered.
_TITLES = """
INSERT INTO sync_ledger (source, kind, external_id, state, reason, priority, run_id, due_at, checked_at, changed_at,
    asked_for, created_at)
SELECT
    'omdb', 'movie', external_id,
    CASE WHEN external_id % 8 < 2 THEN 'fresh' ELSE 'wanted' END,
    'never asked', 2 * priority, 0,
    CASE WHEN external_id % 8 < 2 THEN checked_at + interval '30 days' ELSE {now} END,
    CASE WHEN external_id % 8 < 2 THEN checked_at END,
    CASE WHEN external_id % 8 < 2 THEN checked_at END,
    'tt' || lpad(external_id::text, 7, '0'), {now}
FROM sync_ledger
WHERE source = 'tmdb' AND state = 'fresh' AND external_id % 2 = 0
ORDER BY external_id
"""
_JOBS = """
INSERT INTO oban_jobs (state, queue, worker, attempt, max_attempts, priority, args, meta, inserted_at, scheduled_at,
    attempted_at, completed_at)
SELECT
    'completed', 'imports', 'cinegraph.jobs.imports.ImportMovie', 1, 5, 7,
    jsonb_build_object('tmdb_id', film.external_id, 'source', 'tmdb'),
    jsonb_build_object('run_id', {run}, 'fed', true, 'listed', true, 'uniq_key', md5(film.external_id::text)),
    film.at, film.at, film.at, film.at
FROM (
    SELECT external_id, timezone('UTC', clock_timestamp()) - random() * interval '300 seconds' AS at
    FROM sync_run_items
    WHERE run_id = {run} AND kind = 'movie' AND state = 'done'
    LIMIT {jobs}
) AS film
"""


def fill(url: str, films: int = FILMS, *, ended_jobs: int = _ENDED_JOBS) -> runs.RunId:
    """
    Fill the empty, migrated database at *url*; analyze it; return the run that is under way.

    Args:
        films: That the ledger knows; parts of them are smaller in proportion.
        ended_jobs: Completed jobs that lie in the jobs' table still.
    """
    share = films / FILMS
    now_end = round(STORED_NOW * share)
    before_end = now_end + round(STORED_BEFORE * share)
    absent_end = before_end + round(_ABSENT * share)
    failed_end = absent_end + round(_FAILED * share)
    with psycopg.connect(url, autocommit=True) as conn:
        moment = conn.execute("SELECT clock_timestamp()").fetchone()
        assert moment is not None  # noqa: S101 - a SELECT of a function gives a row
        numbers = {
            "films": films,
            "before": before_end - now_end,
            "now_end": now_end,
            "before_end": before_end,
            "absent_end": absent_end,
            "failed_end": failed_end,
            "quarantined_end": failed_end + round(_QUARANTINED * share),
            "jobs": min(ended_jobs, now_end),
        }
        values = {name: sql.Literal(number) for name, number in numbers.items()}
        values["now"] = sql.Literal(moment[0])
        ids = conn.execute(sql.SQL(_RUNS).format(**values)).fetchall()
        values["earlier"], values["run"] = (sql.Literal(row[0]) for row in ids)
        for text in (_LISTED, _LEDGER, _ITEMS, _PAGES, _TITLES, _JOBS):
            conn.execute(sql.SQL(text).format(**values))
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")
    return runs.RunId(ids[1][0])
