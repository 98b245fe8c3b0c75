-- Note what a try to send a message came to.
-- Parameters: id bigint; problem text, null: it was sent; gives_up boolean; real_now timestamptz.
-- Returns: nothing. Locks: the row.
UPDATE alert_messages SET
    sent_at = CASE WHEN %(problem)s::text IS NULL THEN %(real_now)s::timestamptz END,
    given_up_at = CASE WHEN %(problem)s::text IS NOT NULL AND %(gives_up)s THEN %(real_now)s::timestamptz END,
    problem = %(problem)s
WHERE id = %(id)s
