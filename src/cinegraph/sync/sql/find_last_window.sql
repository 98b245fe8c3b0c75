-- The last day of a feed that is known, and when the film that was fetched longest ago was.
-- Parameters: source, kind text. Returns: one row: day (null: the feed was never read), oldest_check timestamptz or null.
-- Locks: none. Index: primary key; sync_ledger_checked_index.
SELECT
    (SELECT max(day) FROM change_windows WHERE source = %(source)s AND kind = %(kind)s) AS last_day,
    (
        SELECT min(checked_at) FROM sync_ledger
        WHERE source = %(source)s AND kind = %(kind)s AND checked_at IS NOT NULL
    ) AS oldest_check
