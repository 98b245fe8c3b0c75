-- Give the statements of this transaction time: reading a million rows takes longer than any statement of a job may.
-- Returns: nothing. Locks: none.
SET LOCAL statement_timeout = '10min'
