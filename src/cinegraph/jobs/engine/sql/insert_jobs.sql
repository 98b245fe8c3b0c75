-- What: inserts jobs, skipping those whose unique key or cron slot is taken by a live job or by an earlier one of the
--       same call, and wakes each queue once.
-- Parameters, one line a job and as many lines each: args, meta text: JSON objects; keys text: unique keys, empty for
--       none; kinds text: indexes into the next. kinds_of json: array of {worker, queue text, max_attempts, priority int,
--       tags array of text}; times text: when to run, UTC, empty for at once. channel text: where producers listen.
-- Returns: one row: lines bigint[] (from 1), ids bigint[], inserted_at timestamp (UTC), and how many queues were woken.
--       The line of a skipped job is missing.
-- Locks: rows are inserted ordered by unique key, so that two callers with the same work wait for each other in the
--       same order. Relies on oban_jobs_live_uniq_key_index.
-- Lines (a single empty one reads as null), because reading 100,000 jobs takes 0.06 s so, 0.45 s by unnest and 0.87 s by json_to_recordset.
WITH moment AS MATERIALIZED (
    SELECT timezone('UTC', clock_timestamp()) AS at
),
kind AS MATERIALIZED (
    SELECT (given.position - 1)::text AS number, given.worker, given.queue, given.max_attempts, given.priority, given.tags
    FROM ROWS FROM (
        json_to_recordset(%(kinds_of)s::json) AS (
            worker text, queue text, max_attempts smallint, priority smallint, tags text[]
        )
    ) WITH ORDINALITY AS given (worker, queue, max_attempts, priority, tags, position)
),
given AS MATERIALIZED (
    -- Ids are drawn before the insert: only so can a row that was inserted be told from its skipped neighbour.
    SELECT nextval(pg_get_serial_sequence('oban_jobs', 'id')) AS id, job.*
    FROM ROWS FROM (
        string_to_table(%(args)s, E'\n'),
        string_to_table(%(meta)s, E'\n'),
        string_to_table(%(keys)s, E'\n'),
        string_to_table(%(kinds)s, E'\n'),
        string_to_table(%(times)s, E'\n')
    ) WITH ORDINALITY AS job (args, meta, key, kind, time, line)
),
inserted AS (
    INSERT INTO oban_jobs (
        id, worker, queue, args, meta, max_attempts, priority, tags, state, inserted_at, scheduled_at
    ) OVERRIDING SYSTEM VALUE
    SELECT
        given.id,
        kind.worker,
        kind.queue,
        given.args::jsonb,
        jsonb_build_object('root_id', given.id) || given.meta::jsonb,
        kind.max_attempts,
        kind.priority,
        kind.tags,
        CASE WHEN nullif(given.time, '') IS NULL THEN 'available' ELSE 'scheduled' END::oban_job_state,
        moment.at,
        coalesce(nullif(given.time, '')::timestamp, moment.at)
    FROM given
    INNER JOIN kind ON kind.number = given.kind
    CROSS JOIN moment
    ORDER BY given.key COLLATE "C", given.line
    ON CONFLICT DO NOTHING
    RETURNING id, queue, state
)
SELECT
    array_agg(given.line) AS lines,
    array_agg(given.id) AS ids,
    (SELECT at FROM moment) AS inserted_at,
    (
        SELECT count(pg_notify(%(channel)s, json_build_object('queue', woken.queue)::text))
        FROM (SELECT DISTINCT queue FROM inserted WHERE state = 'available') AS woken
    ) AS woken
FROM given
INNER JOIN inserted ON inserted.id = given.id
