-- Write the rows of schedules that have none, and bring those back that an imitated clock has left in the future.
-- Parameters: names text[], next_ats timestamptz[] (the next slot of each); now timestamptz.
-- Returns: nothing. Locks: the rows written, in order.
WITH given AS (
    SELECT name, next_at
    FROM unnest(%(names)s::text[], %(next_ats)s::timestamptz[]) AS given (name, next_at)
), brought_back AS (
    UPDATE schedules AS known SET
        next_at = given.next_at,
        updated_at = %(now)s
    FROM given
    -- A clock set back by up to a day has had its slot.
    WHERE known.name = given.name AND known.next_at > given.next_at + interval '1 day'
)
INSERT INTO schedules (name, next_at, updated_at)
SELECT given.name, given.next_at, %(now)s
FROM given
ORDER BY given.name
ON CONFLICT (name) DO NOTHING
