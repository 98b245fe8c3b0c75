-- Note that a pass is complete; one that was wanted meanwhile is still to come.
-- Parameters: enrichment text; films bigint; version text (of how it was computed); now timestamptz. Returns: nothing. Locks: the row.
UPDATE enrichment_states SET
    began_at = NULL,
    films_done = %(films)s,
    finished_at = %(now)s,
    finished_in = %(now)s::timestamptz - began_at,
    spread_cut = 0,
    version = %(version)s,
    wanted_at = CASE WHEN is_wanted_again THEN wanted_at END,
    wanted_for = CASE WHEN is_wanted_again THEN wanted_for END,
    is_wanted_again = false
WHERE enrichment = %(enrichment)s
