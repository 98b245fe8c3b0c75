-- Let members leave. Parameters: id bigint; keys text[]; now timestamptz. Returns: nothing. Locks: the rows; the caller has
-- locked the list. Index: primary key.
UPDATE list_entries SET left_at = %(now)s
WHERE list_id = %(id)s AND entry_key = ANY (%(keys)s::text[]) AND left_at IS NULL
