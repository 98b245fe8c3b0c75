-- Let no statement of this transaction wait longer for a lock than until a deadlock would be looked for (1 s).
-- Parameters: none. Returns: nothing. Locks: none.
SET LOCAL lock_timeout = '500ms'
