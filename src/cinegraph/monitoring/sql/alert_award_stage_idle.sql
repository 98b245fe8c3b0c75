-- What: ways of finding nominated films and people that were tried often and never won.
-- Parameters: none. Returns: subject, message: one row a way. Locks: none.
SELECT stage AS subject, format('never found a %%s among more than a thousand', stage) AS message
FROM festival_idle_stages
