-- What: adds what one process counted to the minutes.
-- Parameters: usage json, rows of minute, source, endpoint, outcome, requests, elapsed_seconds, latency.
-- Returns: nothing. Locks: its rows, in the order of the key, so that two processes never wait for each other in a
--   circle. Index: the primary key. Not idempotent.
INSERT INTO request_usage AS stored (minute, source, endpoint, outcome, requests, elapsed_seconds, latency)
SELECT added.minute, added.source, added.endpoint, added.outcome, added.requests, added.elapsed_seconds, added.latency
FROM jsonb_to_recordset(%(usage)s::jsonb) AS added (
    minute timestamptz, source text, endpoint text, outcome text,
    requests integer, elapsed_seconds double precision, latency integer[]
)
ORDER BY added.minute, added.source, added.endpoint, added.outcome
ON CONFLICT (minute, source, endpoint, outcome) DO UPDATE SET
    requests = stored.requests + excluded.requests,
    elapsed_seconds = stored.elapsed_seconds + excluded.elapsed_seconds,
    latency = add_counts(stored.latency, excluded.latency)
