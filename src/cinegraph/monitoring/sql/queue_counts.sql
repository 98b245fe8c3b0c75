-- Jobs by queue and state, and how long the oldest has been waiting to start.
-- Parameters: none. Returns: queue, state, count, oldest scheduled_at (UTC without zone, as Oban keeps it).
SELECT queue, state::text, count(*), min(scheduled_at) AS oldest_at
FROM oban_jobs
GROUP BY queue, state
ORDER BY queue, state
