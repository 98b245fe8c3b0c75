-- Take away what is due, as all films are computed; what failed is left, it is tried again alone.
-- Parameters: enrichment text. Returns: nothing. Locks: the rows. Index: enrichment_due_index.
DELETE FROM enrichment_due WHERE enrichment = %(enrichment)s AND failures = 0
