-- What: the wanted state of the queues that somebody has ever set.
-- Parameters: none. Returns: queue text, paused boolean, node_limit int or null. Locks: none.
SELECT queue, paused, node_limit
FROM queue_settings
ORDER BY queue
