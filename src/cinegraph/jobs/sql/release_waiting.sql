-- Wake jobs that were put off because a source asked for a rest, once that source answers again.
-- How long to wait was a guess where the source named no time; where it did, the pause in the budget has seen to it.
-- Parameters: codes text[] (of the snoozes to end); calm interval (without a 429).
-- Returns: how many. Locks: those jobs; those another node is touching are skipped.
-- Index: oban_jobs_staging_index. Real time, as Oban's own.
WITH resting AS MATERIALIZED (
    SELECT job.id
    FROM oban_jobs AS job
    INNER JOIN request_budgets AS budget ON budget.source = job.meta ->> 'source'
    WHERE job.state = 'scheduled'
      AND job.meta ->> 'error_code' = ANY (%(codes)s::text[])
      AND job.scheduled_at > timezone('UTC', clock_timestamp())
      AND budget.halted_at IS NULL
      AND (budget.paused_until <= clock_timestamp()) IS NOT FALSE
      AND (budget.throttled_at <= clock_timestamp() - %(calm)s) IS NOT FALSE
    FOR NO KEY UPDATE OF job SKIP LOCKED
), woken AS (
    UPDATE oban_jobs SET scheduled_at = timezone('UTC', clock_timestamp())
    FROM resting
    WHERE oban_jobs.id = resting.id
    RETURNING oban_jobs.id
)
SELECT count(*)
FROM woken
