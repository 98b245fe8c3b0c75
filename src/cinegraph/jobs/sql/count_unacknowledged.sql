-- What: jobs that run by their rows, on nodes that say they run fewer: they have ended, and nobody wrote that down.
-- Parameters: patience double precision: seconds that an attempt is old at least; grace double precision: seconds of silence
--       after which a node is dead.
-- Returns: one row: jobs; oldest_seconds since the oldest attempt on such a node, null when there is none. Locks: none.
-- Index: oban_jobs by state.
SELECT
    coalesce(sum(held.jobs - held.running), 0)::bigint AS jobs,
    extract(EPOCH FROM timezone('UTC', clock_timestamp()) - min(held.oldest))::double precision AS oldest_seconds
FROM (
    SELECT
        count(*) AS jobs,
        min(job.attempted_at) AS oldest,
        coalesce((producer.meta ->> 'running')::bigint, 0) AS running
    FROM oban_jobs AS job
    INNER JOIN oban_producers AS producer ON producer.uuid::text = job.attempted_by[2]
    WHERE
        job.state = 'executing'
        AND job.attempted_at < timezone('UTC', clock_timestamp()) - make_interval(secs => %(patience)s)
        AND producer.updated_at > timezone('UTC', clock_timestamp()) - make_interval(secs => %(grace)s)
    GROUP BY producer.uuid, producer.meta
) AS held
WHERE held.jobs > held.running
