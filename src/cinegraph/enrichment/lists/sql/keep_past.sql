-- Keep the last membership of those that come back, before they join again. Parameters: id bigint; entries jsonb: entry_key.
-- Returns: nothing. Locks: the new rows; the caller has locked the list. Index: primary keys.
INSERT INTO list_past_memberships (list_id, entry_key, joined_at, left_at)
SELECT entry.list_id, entry.entry_key, entry.joined_at, entry.left_at
FROM jsonb_to_recordset(%(entries)s) AS given (entry_key text)
INNER JOIN list_entries AS entry ON entry.list_id = %(id)s AND entry.entry_key = given.entry_key
WHERE entry.left_at IS NOT NULL
ON CONFLICT DO NOTHING
