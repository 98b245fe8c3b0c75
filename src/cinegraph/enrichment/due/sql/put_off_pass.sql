-- Let a pass over all films wait. Parameters: enrichment text; until timestamptz. Returns: nothing. Locks: the row.
UPDATE enrichment_states SET wanted_at = %(until)s, began_at = NULL
WHERE enrichment = %(enrichment)s AND (wanted_at IS NOT NULL OR began_at IS NOT NULL)
