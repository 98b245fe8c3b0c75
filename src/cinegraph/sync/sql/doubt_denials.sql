-- Believe no denial of films any more: evidence begins anew, and they are asked for now.
-- Parameters: source, kind, reason text; movie_ids bigint[] (sorted), or null: all that is held back and not allowed;
-- now timestamptz. Returns: nothing; its row count is how many. Locks: the ledger's rows, in order of id.
WITH doubted AS MATERIALIZED (
    SELECT film.tmdb_id::bigint AS external_id
    FROM movies AS film
    WHERE film.id = ANY (coalesce(
        %(movie_ids)s::bigint[], ARRAY(SELECT movie_id FROM held_burials WHERE allowed_at IS NULL)
    ))
), locked AS MATERIALIZED (
    SELECT entry.external_id
    FROM sync_ledger AS entry
    INNER JOIN doubted USING (external_id)
    WHERE entry.source = %(source)s AND entry.kind = %(kind)s
    ORDER BY entry.external_id
    FOR NO KEY UPDATE OF entry
)
UPDATE sync_ledger AS entry SET
    denied_at = NULL, last_denied_at = NULL, denials = 0,
    due_at = CASE WHEN entry.state = 'queued' THEN entry.due_at ELSE %(now)s END,
    reason = CASE WHEN entry.state = 'queued' THEN entry.reason ELSE %(reason)s END
FROM locked
WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = locked.external_id
