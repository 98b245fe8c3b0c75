-- Count films that the bound left out. Parameters: enrichment text; films integer. Returns: nothing. Locks: the row.
UPDATE enrichment_states SET spread_cut = spread_cut + %(films)s WHERE enrichment = %(enrichment)s
