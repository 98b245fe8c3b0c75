-- How things were, by spans of a length.
-- Parameters: start, before timestamptz (real time); step interval.
-- Returns: at: the beginning of the span; minutes: that were sampled; films: at its end; films_live, films_fresh: of all its
--   minutes. A row a span with samples, in order. Locks: none. Index: the primary key.
SELECT
    date_bin(%(step)s, minute, %(start)s) AS at,
    count(*)::integer AS minutes,
    (array_agg(films ORDER BY minute DESC))[1] AS films,
    sum(films_live)::bigint AS films_live,
    sum(films_fresh)::bigint AS films_fresh
FROM monitoring_samples
WHERE minute >= %(start)s AND minute < %(before)s
GROUP BY 1
ORDER BY 1
