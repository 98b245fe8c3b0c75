-- Wake jobs that were put off because a source asked for a rest, once every source answers again.
-- How long to wait was a guess where the source named no time; where it did, the pause in the budget has seen to it.
-- Parameters: codes text[] (of the snoozes to end); calm interval (without a 429).
-- Returns: how many. Locks: those jobs; those another node is touching are skipped.
-- Index: oban_jobs_staging_index. Real time, as Oban's own.
WITH resting AS MATERIALIZED (
    SELECT id
    FROM oban_jobs
    WHERE state = 'scheduled'
      AND meta ->> 'error_code' = ANY (%(codes)s::text[])
      AND scheduled_at > timezone('UTC', clock_timestamp())
      AND NOT EXISTS (
          SELECT
          FROM request_budgets
          WHERE halted_at IS NOT NULL
            OR paused_until > clock_timestamp()
            OR throttled_at > clock_timestamp() - %(calm)s
      )
    FOR NO KEY UPDATE SKIP LOCKED
), woken AS (
    UPDATE oban_jobs SET scheduled_at = timezone('UTC', clock_timestamp())
    FROM resting
    WHERE oban_jobs.id = resting.id
    RETURNING oban_jobs.id
)
SELECT count(*)
FROM woken
