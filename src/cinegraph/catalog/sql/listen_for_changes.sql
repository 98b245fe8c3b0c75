-- Be told of new positions; the payload is the newest.
-- Parameters: none. Returns: nothing. Locks: nothing.
LISTEN cinegraph_changes
