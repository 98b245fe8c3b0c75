-- What: nodes are at work and none leads.
-- Parameters: real_now timestamptz; longest interval; grace interval: a node silent for longer is dead.
-- Returns: subject, message: one row, or none. Locks: none. Real time, as Oban's own.
SELECT
    'deployment' AS subject,
    format('none leads; nodes at work: %%s', count(DISTINCT node)) AS message
FROM oban_producers
WHERE
    updated_at > timezone('UTC', %(real_now)s) - %(grace)s
    AND started_at < timezone('UTC', %(real_now)s) - %(longest)s
    AND NOT EXISTS (SELECT FROM oban_leaders WHERE expires_at > timezone('UTC', %(real_now)s) - %(longest)s)
HAVING count(*) > 0
