-- Answers have come for some IMDb ids: a film that has another id by now is wanted anew, under that.
-- Parameters: source, kind text; ids bigint[] (TMDB's), imdb_ids text[]; now timestamptz. Returns: nothing.
-- Locks: rows of another id than the answer's, which the caller has locked. Index: primary key.
UPDATE sync_ledger AS entry SET
    state = CASE WHEN entry.asked_for IS NULL THEN entry.state ELSE 'wanted' END,
    due_at = CASE WHEN entry.asked_for IS NULL THEN entry.due_at ELSE %(now)s END,
    asked_for = coalesce(entry.asked_for, answered.imdb_id)
FROM unnest(%(ids)s::bigint[], %(imdb_ids)s::text[]) AS answered (id, imdb_id)
WHERE entry.source = %(source)s
  AND entry.kind = %(kind)s
  AND entry.external_id = answered.id
  AND entry.asked_for IS DISTINCT FROM answered.imdb_id
