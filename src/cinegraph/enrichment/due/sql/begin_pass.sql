-- Note that a pass over all films begins. It is wanted until it is complete, whoever dies on the way.
-- Parameters: enrichment text; now timestamptz. Returns: nothing. Locks: the row.
UPDATE enrichment_states SET
    began_at = %(now)s,
    films_done = 0,
    is_wanted_again = false,
    wanted_at = coalesce(wanted_at, %(now)s),
    wanted_for = coalesce(wanted_for, 'many are due')
WHERE enrichment = %(enrichment)s
