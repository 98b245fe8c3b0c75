-- Count the tombstones set since a time.
-- Parameters: since timestamptz. Returns: one row: buried. Locks: none. Scans tombstones: some thousands a year.
SELECT count(*) AS buried FROM tombstones WHERE buried_at > %(since)s
