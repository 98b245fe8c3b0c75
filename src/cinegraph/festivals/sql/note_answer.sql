-- Write down what the source of films answered.
-- Parameters: id bigint; state, reason text; tmdb_id integer; candidates jsonb (as text); now timestamptz. Returns: nothing.
-- Locks: the row. Index: primary key.
UPDATE festival_lookups SET
    state = %(state)s,
    tmdb_id = %(tmdb_id)s,
    reason = %(reason)s,
    candidates = %(candidates)s::text::jsonb,
    asked_at = %(now)s
WHERE id = %(id)s
