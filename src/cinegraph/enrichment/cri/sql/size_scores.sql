-- About how many scores there are, as the planner has it. Parameters: none. Returns: one row: scores. Locks: none.
SELECT greatest(reltuples, 0)::bigint AS scores FROM pg_class WHERE oid = 'cri_scores'::regclass
