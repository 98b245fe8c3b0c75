-- Whether the deployment keeps a list: somebody imported it once and did not take that back, or keeps the whole catalogue.
-- Parameters: kind text (of the list's runs), catalogue text (of the catalogue's). Returns: boolean. Locks: none.
SELECT EXISTS (
    SELECT
    FROM sync_runs
    WHERE state <> 'cancelled'
      AND (
          kind = %(kind)s
          OR (kind = %(catalogue)s AND arguments ? 'from_export' AND NOT arguments ? 'limit')
      )
)
