-- Let fresh things that were fetched whole before a time, and that will be too old within the day, come due within it.
-- Parameters: source, kind, reason text; now, before timestamptz; age, day interval: how old they may get;
-- spread interval: by how much some may be less old (windows.share of the id, as looks.whole_after has it).
-- Returns: nothing; its row count is how many. Locks: the rows, in order of id; those that are locked are left.
-- Scans the ledger: once a day.
WITH aged AS MATERIALIZED (
    SELECT
        entry.external_id,
        (entry.external_id * 2654435761 %% 4294967296) / 4294967296.0 AS share
    FROM sync_ledger AS entry
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.state = 'fresh'
      AND entry.checked_at < %(before)s
      AND entry.checked_at < %(now)s + %(day)s - %(age)s + %(spread)s
      AND entry.due_at > %(now)s + %(day)s
), locked AS MATERIALIZED (
    SELECT
        entry.external_id, aged.share,
        greatest(%(now)s, entry.checked_at + %(age)s - aged.share * %(spread)s) AS ripe_at
    FROM sync_ledger AS entry
    INNER JOIN aged USING (external_id)
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.state = 'fresh'
    ORDER BY entry.external_id
    FOR NO KEY UPDATE OF entry SKIP LOCKED
)
UPDATE sync_ledger AS entry SET
    due_at = greatest(locked.ripe_at, %(now)s + locked.share * %(day)s),
    reason = %(reason)s
FROM locked
WHERE entry.source = %(source)s
  AND entry.kind = %(kind)s
  AND entry.external_id = locked.external_id
  AND locked.ripe_at < %(now)s + %(day)s
