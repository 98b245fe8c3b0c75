-- Write the rows of schedules that have none.
-- Parameters: names text[], next_ats timestamptz[]; now timestamptz. Returns: nothing. Locks: new rows, in order.
INSERT INTO schedules (name, next_at, updated_at)
SELECT given.name, given.next_at, %(now)s
FROM unnest(%(names)s::text[], %(next_ats)s::timestamptz[]) AS given (name, next_at)
ORDER BY given.name
ON CONFLICT (name) DO NOTHING
