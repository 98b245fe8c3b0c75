-- Let the statements of this transaction take as long as they take, up to a quarter of an hour.
-- Parameters: none. Returns: nothing of use. Locks: none.
SET LOCAL statement_timeout = '15min'
