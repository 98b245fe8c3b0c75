-- Whether a pass over all films is under way. Parameters: enrichment text. Returns: is_under_way. Locks: none.
SELECT began_at IS NOT NULL FROM enrichment_states WHERE enrichment = %(enrichment)s
