-- Messages about alerts, the latest first.
-- Parameters: limit integer. Returns: the rows without their fingerprints. Locks: none. Index: the primary key, backwards.
SELECT id, created_at, next_try_at, sent_at, given_up_at, attempts, is_test, name, title, body, problem
FROM alert_messages
ORDER BY id DESC
LIMIT %(limit)s
