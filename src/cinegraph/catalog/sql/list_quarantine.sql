-- A page of the bodies that cannot be read, the latest first. Parameters: source, reason text (null: all); before bigint: id of the last one
-- of the page before (null: from the latest); sample_bytes, "limit" integer. Returns: id, source, kind, external_id, reason, detail, sample
-- (its beginning), is_confirmed, seen_count, first_seen_at, last_seen_at. Locks: none. Index: quarantine_open_index.
SELECT
    id, source, kind, external_id, reason, detail, substring(sample FROM 1 FOR %(sample_bytes)s) AS sample, is_confirmed, seen_count,
    first_seen_at, last_seen_at
FROM quarantine
WHERE resolved_at IS NULL
  AND (source = %(source)s OR %(source)s::text IS NULL)
  AND (reason = %(reason)s OR %(reason)s::text IS NULL)
  AND (
    %(before)s::bigint IS NULL
    OR (last_seen_at, id) < (SELECT last.last_seen_at, last.id FROM quarantine AS last WHERE last.id = %(before)s)
  )
ORDER BY last_seen_at DESC, id DESC
LIMIT %(limit)s
