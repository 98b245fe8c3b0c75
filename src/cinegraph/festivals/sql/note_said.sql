-- Note when a source last spoke of an edition. Parameters: id bigint; said_at timestamptz. Returns: nothing. Locks: the row.
UPDATE festival_ceremonies SET said_at = greatest(said_at, %(said_at)s) WHERE id = %(id)s
