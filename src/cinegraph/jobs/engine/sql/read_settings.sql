-- What: reads the wanted state of the queues that a person has changed.
-- Parameters: none. Returns: queue text, paused boolean, node_limit int or null.
SELECT queue, paused, node_limit
FROM queue_settings
