-- Note how far a pass is. Parameters: enrichment text; films bigint. Returns: nothing. Locks: the row.
UPDATE enrichment_states SET films_done = %(films)s WHERE enrichment = %(enrichment)s
