-- What: changes the wanted state of a queue on every node, now and later, and tells the nodes.
-- Parameters: queue text; paused boolean or null, node_limit int or null: null leaves what is; at timestamptz: the time
--       now; channel text: where nodes listen.
-- Returns: paused boolean, node_limit int or null, as they are now. Locks: the queue's row.
WITH changed AS (
    INSERT INTO queue_settings AS setting (queue, paused, node_limit, updated_at)
    VALUES (%(queue)s, coalesce(%(paused)s::boolean, false), %(node_limit)s::integer, %(at)s)
    ON CONFLICT (queue) DO UPDATE SET
        paused = coalesce(%(paused)s::boolean, setting.paused),
        node_limit = coalesce(%(node_limit)s::integer, setting.node_limit),
        updated_at = excluded.updated_at
    RETURNING paused, node_limit
)
SELECT changed.paused, changed.node_limit, pg_notify(%(channel)s, '{}')
FROM changed
