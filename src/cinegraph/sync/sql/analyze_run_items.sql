-- Tell the planner how large a run has become: until it is told, it loops over all of it for a few rows.
-- Parameters: none. Returns: nothing. Locks: the table against DDL alone; a sample of it is read, half a second at a million.
ANALYZE sync_run_items
