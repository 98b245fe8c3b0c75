-- Take the next message that is due, and let it be due again later, should this try come to nothing.
-- Parameters: first, longest interval: between tries, which doubles; real_now timestamptz.
-- Returns: id, created_at, target, title, body, is_test: one row, or none. Locks: the row; one that another node is at is
--   left. Index: alert_messages_due_index.
UPDATE alert_messages SET
    attempts = attempts + 1,
    next_try_at = %(real_now)s + least(%(first)s * power(2, least(attempts, 20)), %(longest)s)
WHERE id = (
    SELECT id
    FROM alert_messages
    WHERE sent_at IS NULL AND given_up_at IS NULL AND next_try_at <= %(real_now)s
    ORDER BY next_try_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, created_at, target, title, body, is_test
