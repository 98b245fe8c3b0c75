-- What: a page of the jobs that match, newest first, among at most so many that are looked at.
-- Composed in `browse` of: jobs: oban_jobs by what an index finds, in parts that exclude each other; wanted: columns.
-- Parameters: first_id, last_id bigint: between which ids; look_at bigint: jobs looked at; page_size bigint; null for any: queue,
--       worker (its end, for example `ImportMovie`), error text; without text[]: ends of names left out; contained jsonb[]: of which
--       the arguments contain one; since, until timestamptz: when it was made; tries int: at least.
-- Returns: what is wanted of each. Locks: none.
-- Index: oban_jobs_film_index, oban_jobs_run_index, oban_jobs_state_id_index or the primary key, each backwards.
SELECT {wanted}
FROM (
    {jobs} ORDER BY id DESC LIMIT %(look_at)s
) AS job
WHERE
    (%(queue)s::text IS NULL OR queue = %(queue)s)
    AND (%(worker)s::text IS NULL OR worker = %(worker)s OR worker LIKE '%%.' || %(worker)s)
    AND NOT EXISTS (
        SELECT FROM unnest(%(without)s::text[]) AS name WHERE worker = name OR worker LIKE '%%.' || name
    )
    AND (%(error)s::text IS NULL OR meta ->> 'error_code' = %(error)s)
    AND (%(contained)s::jsonb[] IS NULL OR args @> ANY(%(contained)s::jsonb[]))
    AND (%(since)s::timestamptz IS NULL OR inserted_at >= %(since)s::timestamptz AT TIME ZONE 'UTC')
    AND (%(until)s::timestamptz IS NULL OR inserted_at < %(until)s::timestamptz AT TIME ZONE 'UTC')
    AND (%(tries)s::int IS NULL OR attempt >= %(tries)s)
ORDER BY id DESC
LIMIT %(page_size)s
