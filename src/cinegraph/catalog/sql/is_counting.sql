-- Whether this session counts the rows that it writes.
-- Parameters: none. Returns: boolean. Locks: none.
SELECT current_setting('track_counts')::boolean
