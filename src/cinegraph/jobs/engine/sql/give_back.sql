-- What: makes jobs available again that this node holds but does not run, and wakes their queues.
-- Parameters: jobs json: array of {id bigint, attempted_at timestamp in UTC}; channel text: where producers listen.
-- Returns: id, queue of those given back. The attempt is given back too, three times; after that it counts, so that no
--       job can go round for ever.
-- Locks: the rows; those locked by others are left for the next look.
WITH held AS MATERIALIZED (
    SELECT job.id
    FROM json_to_recordset(%(jobs)s::json) AS given (id bigint, attempted_at timestamp)
    INNER JOIN oban_jobs AS job ON job.id = given.id AND job.attempted_at = given.attempted_at
    WHERE job.state = 'executing'
    FOR UPDATE OF job SKIP LOCKED
),
returned AS (
    UPDATE oban_jobs AS job
    SET
        state = 'available',
        attempt = CASE WHEN coalesce((job.meta ->> 'given_back')::int, 0) < 3 THEN job.attempt - 1 ELSE job.attempt END,
        meta = job.meta || jsonb_build_object('given_back', coalesce((job.meta ->> 'given_back')::int, 0) + 1)
    FROM held
    WHERE job.id = held.id
    RETURNING job.id, job.queue
),
woken AS MATERIALIZED (
    SELECT queue, pg_notify(%(channel)s, json_build_object('queue', queue)::text)
    FROM (SELECT DISTINCT queue FROM returned) AS queues
)
SELECT returned.id, returned.queue
FROM returned
INNER JOIN woken ON woken.queue = returned.queue
