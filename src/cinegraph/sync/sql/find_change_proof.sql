-- What a changes feed proves: from which day on it is known without a gap, and the oldest day that is not done.
-- Parameters: source, kind text. Returns: at most one row: unbroken_from, watermark date. Locks: none.
SELECT unbroken_from, watermark
FROM change_feed
WHERE source = %(source)s AND kind = %(kind)s
