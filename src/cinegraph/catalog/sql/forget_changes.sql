-- Forget a batch of old positions, from the oldest on, and remember up to where.
-- Parameters: before timestamptz; limit integer: of positions. Returns: rows that went. Locks: the one row of
-- change_log_state. Index: primary key.
WITH old AS MATERIALIZED (
    SELECT coalesce(
        (SELECT log.position - 1 FROM change_log AS log WHERE log.logged_at >= %(before)s ORDER BY log.position LIMIT 1),
        state.last_position
    ) AS position
    FROM change_log_state AS state
    FOR UPDATE OF state
), gone AS (
    DELETE FROM change_log USING old
    WHERE change_log.position <= least(
        old.position, (SELECT first.position FROM change_log AS first ORDER BY first.position LIMIT 1) + %(limit)s - 1
    )
    RETURNING change_log.position
), noted AS (
    UPDATE change_log_state SET kept_after = greatest(kept_after, (SELECT max(position) FROM gone))
)
SELECT count(*) FROM gone
