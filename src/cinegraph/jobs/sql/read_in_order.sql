-- What: has the statements of this transaction read jobs by index in the order of ids, page by page: a planner that does not know how
-- few are asked for would sort a million. Parameters: none. Returns: nothing. Locks: none.
SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)
