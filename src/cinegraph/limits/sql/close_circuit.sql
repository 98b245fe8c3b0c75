-- What: the source answered a request that was sent after the pause: it is well, and its rate grows back from now on.
-- Parameters: source text · sent_at double precision or null (seconds since 1970 by the database's clock; null = now).
-- Returns: one row when this closed the circuit, else none. Locks: the budget row, until its own commit. Idempotent.
UPDATE request_budgets AS budget
SET
    circuit_opened_at = NULL, circuit_strikes = 0, circuit_failures = 0, circuit_reason = NULL,
    slowed_at = clock.db_now, touched_at = clock.db_now
FROM (SELECT clock_timestamp() AS db_now) AS clock
WHERE
    budget.source = %(source)s
    AND budget.circuit_opened_at IS NOT NULL
    AND (
        budget.paused_until <= coalesce(to_timestamp(%(sent_at)s::double precision), clock.db_now)
        OR budget.paused_at > clock.db_now + interval '1 second'
    ) IS NOT FALSE
RETURNING true AS is_closed
