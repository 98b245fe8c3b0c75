-- What: adds the requests one process sent, second by second.
-- Parameters: seconds json, rows of minute, source, sent (60 counts).
-- Returns: nothing. Locks: its rows, in the order of the key. Index: the primary key. Not idempotent.
INSERT INTO request_seconds AS stored (minute, source, sent)
SELECT added.minute, added.source, added.sent
FROM jsonb_to_recordset(%(seconds)s::jsonb) AS added (minute timestamptz, source text, sent integer[])
ORDER BY added.minute, added.source
ON CONFLICT (minute, source) DO UPDATE SET sent = add_counts(stored.sent, excluded.sent)
