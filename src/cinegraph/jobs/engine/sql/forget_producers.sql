-- What: removes the heartbeats of producers that have stopped or have long been silent.
-- Parameters: uuids text[]: those that stopped; silent double precision: seconds, or null to look at uuids alone.
-- Returns: nothing. Locks: the rows deleted.
DELETE FROM oban_producers
WHERE
    uuid::text = ANY(%(uuids)s::text[])
    OR updated_at < timezone('UTC', clock_timestamp()) - make_interval(secs => %(silent)s)
