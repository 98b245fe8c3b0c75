-- How the queues were, by spans of a length.
-- Parameters: start, before timestamptz (real time); step interval.
-- Returns: at: the beginning of the span; queue; waiting, running: the most in a minute of it; completed, failed: in it.
--   Locks: none. Index: the primary key.
SELECT
    date_bin(%(step)s, minute, %(start)s) AS at,
    queue,
    max(waiting) AS waiting,
    max(running) AS running,
    sum(completed)::integer AS completed,
    sum(failed)::integer AS failed
FROM monitoring_queue_samples
WHERE minute >= %(start)s AND minute < %(before)s
GROUP BY 1, 2
ORDER BY 1, 2
