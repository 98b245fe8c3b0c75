-- Note when a source last said what it knows of an edition. Parameters: id bigint; said_at timestamptz. Returns: nothing.
-- Locks: the row. Index: primary key.
UPDATE festival_ceremonies SET said_at = %(said_at)s WHERE id = %(id)s AND (said_at IS NULL OR said_at < %(said_at)s)
