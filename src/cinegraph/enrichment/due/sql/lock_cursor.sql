-- Up to where the change log was followed. Parameters: none. Returns: position, null: it never was.
-- Locks: the only row, until the transaction ends: followers wait for each other.
SELECT position FROM enrichment_cursor FOR UPDATE
