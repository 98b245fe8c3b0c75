-- What: says that these producers live, also after a crash of the server emptied the table.
-- Parameters: beats json: array of {uuid, name, node, queue text, meta object}.
-- Returns: nothing. Locks: the producers' rows.
INSERT INTO oban_producers (uuid, name, node, queue, meta, started_at, updated_at)
SELECT beat.uuid, beat.name, beat.node, beat.queue, beat.meta, moment.at, moment.at
FROM json_to_recordset(%(beats)s::json) AS beat (uuid uuid, name text, node text, queue text, meta jsonb)
CROSS JOIN (SELECT timezone('UTC', clock_timestamp()) AS at) AS moment
ORDER BY beat.uuid
ON CONFLICT (uuid) DO UPDATE SET meta = excluded.meta, updated_at = excluded.updated_at
