-- What: cultural lists that are read by themselves and cannot be read for days, or came as something else the last time.
-- Parameters: now timestamptz; longest interval: how long an outage is none of our business.
-- Returns: subject, message: one row a list. Locks: none. A row a list is read.
SELECT key AS subject, format('%%s: %%s', state, problem) AS message
FROM lists
WHERE problem IS NOT NULL
  AND refresh_days IS NOT NULL
  AND (state <> 'unreachable' OR coalesce(read_at, created_at) <= %(now)s - refresh_days * interval '1 day' - %(longest)s)
