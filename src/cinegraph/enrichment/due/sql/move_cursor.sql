-- Note up to where the change log was followed. Parameters: position bigint. Returns: nothing. Locks: the only row.
UPDATE enrichment_cursor SET position = %(position)s WHERE position IS DISTINCT FROM %(position)s
