-- Let films come due soon of which a list and the ledger disagree: those that the list of a day misses first, which are
-- there as far as the ledger knows, and those that it names although they were denied.
-- Parameters: source, kind, missing_reason, listed_reason text; list_kind text, listed_on date: the list that was merged in
-- this transaction; patience smallint: denials after which a list is not believed any more; spread interval; now timestamptz.
-- Returns: nothing; its row count is how many. Locks: the rows, in order of id. Index: primary key; scans listed_movies.
WITH doubtful AS MATERIALIZED (
    SELECT entry.external_id, listed.missing_since IS NULL AS is_listed
    FROM listed_movies AS listed
    INNER JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = listed.tmdb_id
    WHERE listed.kind = %(list_kind)s
      AND (
          (listed.missing_since = %(listed_on)s AND entry.state NOT IN ('wanted', 'queued', 'absent'))
          OR (listed.missing_since IS NULL AND entry.state = 'absent' AND entry.denials < %(patience)s)
      )
), locked AS MATERIALIZED (
    SELECT
        entry.external_id, doubtful.is_listed,
        %(now)s + %(spread)s * ((entry.external_id * 2654435761 %% 4294967296) / 4294967296.0) AS due_at
    FROM sync_ledger AS entry
    INNER JOIN doubtful USING (external_id)
    WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.state NOT IN ('wanted', 'queued')
    ORDER BY entry.external_id
    FOR NO KEY UPDATE OF entry
)
UPDATE sync_ledger AS entry SET
    due_at = least(entry.due_at, locked.due_at),
    reason = CASE WHEN locked.is_listed THEN %(listed_reason)s ELSE %(missing_reason)s END,
    -- A light look would do for a 404, but what is still there has to be seen whole.
    changed_upstream_at = CASE WHEN locked.is_listed THEN entry.changed_upstream_at ELSE coalesce(entry.changed_upstream_at, %(now)s) END
FROM locked
WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = locked.external_id
