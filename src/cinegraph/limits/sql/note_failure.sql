-- What: a request brought no answer: counts it, and opens the circuit when that shows an outage. Closed: when the
--   process has seen enough. Open or on trial: when so many requests of the trickle failed, all processes together.
--   A request sent before the pause ended belongs to the outage that is known: it changes nothing.
-- Parameters: source text · sent_at double precision or null (seconds since 1970 by the database's clock; null = now)
--   · is_enough boolean (this process takes the source for down) · counts boolean (the failure counts on trial)
--   · reason text (no secret in it) · trial_failures integer · cooldown, longest_cooldown double precision (seconds)
--   · slowest double precision (factor of the rate that is left after the outage).
-- Returns: paused_seconds from now, is_down (open or on trial), is_new (opened by this one); no row when the budget is
--   missing.
-- Locks: the budget row, for the statement: run it outside of a transaction. Not idempotent on trial: each counts.
WITH locked AS MATERIALIZED (
    SELECT source, paused_at, paused_until, circuit_opened_at, circuit_strikes, circuit_failures
    FROM request_budgets
    WHERE source = %(source)s
    FOR NO KEY UPDATE
),
clocked AS MATERIALIZED (
    SELECT
        locked.*,
        clock_timestamp() AS db_now,
        coalesce(to_timestamp(%(sent_at)s::double precision), clock_timestamp()) AS sent_at
    FROM locked
),
judged AS MATERIALIZED (
    SELECT
        clocked.*,
        circuit_opened_at IS NOT NULL AS is_down,
        -- A pause from the future is left over from before the clock was set back.
        coalesce(sent_at >= paused_until OR paused_at > db_now + interval '1 second', true) AS is_after_pause
    FROM clocked
),
decided AS MATERIALIZED (
    SELECT
        judged.*,
        is_after_pause AND (
            %(is_enough)s OR (is_down AND %(counts)s AND circuit_failures + 1 >= %(trial_failures)s)
        ) AS is_opening,
        is_after_pause AND is_down AND %(counts)s AS is_counted,
        db_now + make_interval(secs => least(
            %(longest_cooldown)s, %(cooldown)s * 2 ^ least(CASE WHEN is_down THEN circuit_strikes ELSE 0 END, 30)
        )) AS until
    FROM judged
),
moved AS (
    UPDATE request_budgets AS budget
    SET
        circuit_failures = CASE WHEN is_opening THEN 0 ELSE budget.circuit_failures + 1 END,
        circuit_reason = %(reason)s,
        circuit_opened_at = CASE WHEN is_down THEN budget.circuit_opened_at ELSE db_now END,
        circuit_strikes = CASE WHEN NOT is_opening THEN budget.circuit_strikes
                               WHEN is_down THEN budget.circuit_strikes + 1 ELSE 1 END,
        paused_at = CASE WHEN is_opening THEN db_now ELSE budget.paused_at END,
        paused_until = CASE WHEN is_opening THEN until ELSE budget.paused_until END,
        pause_reason = CASE WHEN is_opening THEN 'circuit open: ' || %(reason)s ELSE budget.pause_reason END,
        next_slot_at = CASE WHEN is_opening THEN until ELSE budget.next_slot_at END,
        touched_at = db_now,
        generation = budget.generation + is_opening::integer,
        -- The rate grows back from the slowest; the way begins anew when the circuit closes.
        slow_factor = CASE WHEN is_opening THEN %(slowest)s ELSE budget.slow_factor END,
        slowed_at = CASE WHEN is_opening THEN until ELSE budget.slowed_at END
    FROM decided
    WHERE budget.source = decided.source AND (is_opening OR is_counted)
    RETURNING budget.source
)
SELECT
    greatest(0, extract(epoch FROM CASE
        WHEN is_opening THEN until WHEN is_down THEN paused_until ELSE db_now
    END - db_now))::double precision AS paused_seconds,
    is_down OR is_opening AS is_down,
    is_opening AS is_new
FROM decided
-- Joined so that the update is evaluated in any plan.
LEFT JOIN moved ON true
