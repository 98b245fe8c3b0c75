-- Whether the deployment keeps the whole catalogue: somebody has asked for all of it, and not taken it back.
-- Parameters: kind text (of runs). Returns: boolean. Locks: none.
SELECT EXISTS (
    SELECT
    FROM sync_runs
    WHERE kind = %(kind)s
      AND state <> 'cancelled'
      AND arguments ? 'from_export'
      AND NOT arguments ? 'limit'
)
