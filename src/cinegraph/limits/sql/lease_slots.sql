-- What: leases slots (instants at which one request may be sent) and tells the state of the budget. Slots follow each
--   other at the interval of the rate now; a rest is credited up to the burst. Each priority reserves only as far
--   ahead as its horizon, so a more important one overtakes. Paused: none. Halted: one probe a minute. After the pause
--   of an open circuit: a trickle, also for those without pacing, until an answer closes it.
-- Parameters: source text · key_fingerprint text ('' = not known) · paced boolean · has_succeeded boolean (a request
--   sent after the last pause succeeded) · interactive, refresh, backfill integer (slots wanted)
--   · interactive_horizon, refresh_horizon, backfill_horizon, recovery, probe_interval, longest_pause, trial_interval
--   double precision (seconds).
-- Returns: one row, all instants as seconds since 1970 by the database's clock; no row when the budget is missing.
-- Locks: the budget row, for the statement: run it outside of a transaction. Writes only when something moved.
WITH locked AS MATERIALIZED (
    SELECT
        source, rate_per_second, burst, next_slot_at, touched_at, generation, paused_at, paused_until, pause_reason,
        refusals, strikes, slow_factor, slowed_at, halted_at, halt_reason, halted_key, probed_at, circuit_opened_at
    FROM request_budgets
    WHERE source = %(source)s
    FOR NO KEY UPDATE
),
-- The clock is read after the lock was waited for, or two processes would lease the same instants.
clocked AS MATERIALIZED (
    SELECT locked.*, clock_timestamp() AS db_now FROM locked
),
judged AS MATERIALIZED (
    SELECT
        clocked.*,
        -- The clock was set back, or the row was: no lease reaches this far.
        touched_at > db_now + interval '1 second'
        OR next_slot_at > greatest(
            db_now, least(paused_until, db_now + make_interval(secs => %(longest_pause)s + 1))
        ) + make_interval(
            secs => %(interactive_horizon)s + %(trial_interval)s + 20 / greatest(rate_per_second, 0.000001)
        ) AS is_astray,
        paused_until > db_now
        AND paused_at <= db_now + interval '1 second'
        AND paused_until <= db_now + make_interval(secs => %(longest_pause)s + 1) AS is_paused,
        halted_key IS NOT NULL AND %(key_fingerprint)s IN ('', halted_key) AS is_halted,
        probed_at > db_now
        OR probed_at <= db_now - make_interval(secs => %(probe_interval)s) AS is_probe_due,
        circuit_opened_at IS NOT NULL AS is_down,
        rate_per_second * CASE
            WHEN circuit_opened_at IS NOT NULL THEN slow_factor
            WHEN slowed_at IS NULL OR touched_at > db_now + interval '1 second' THEN 1
            ELSE least(1, slow_factor + greatest(0, extract(epoch FROM db_now - slowed_at)) / %(recovery)s)
        END AS rate_now
    FROM clocked
),
paced AS MATERIALIZED (
    SELECT
        judged.*,
        CASE
            WHEN is_down THEN greatest(%(trial_interval)s, coalesce(1 / nullif(rate_per_second, 0), 0))
            ELSE coalesce(1 / nullif(rate_now, 0), 0)
        END::double precision AS interval_seconds,
        CASE
            WHEN is_astray THEN db_now
            ELSE greatest(
                next_slot_at, db_now - make_interval(secs => coalesce((burst - 1) / nullif(rate_now, 0), 0))
            )
        END AS first_slot_at
    FROM judged
),
-- A slot is within a horizon when its instant is: the number of such slots, from first_slot_at on.
reach AS MATERIALIZED (
    SELECT
        paced.*,
        greatest(0, floor(
            (extract(epoch FROM db_now - first_slot_at) + %(interactive_horizon)s) / nullif(interval_seconds, 0)
        ) + 1) AS interactive_reach,
        greatest(0, floor(
            (extract(epoch FROM db_now - first_slot_at) + %(refresh_horizon)s) / nullif(interval_seconds, 0)
        ) + 1) AS refresh_reach,
        greatest(0, floor(
            (extract(epoch FROM db_now - first_slot_at) + %(backfill_horizon)s) / nullif(interval_seconds, 0)
        ) + 1) AS backfill_reach
    FROM paced
),
granted AS MATERIALIZED (
    SELECT
        reach.*,
        CASE
            WHEN coalesce(is_paused, false) THEN 0
            WHEN is_halted
                THEN CASE WHEN is_probe_due
                          THEN least(1, %(interactive)s + %(refresh)s + %(backfill)s) ELSE 0 END
            WHEN NOT is_down AND (NOT %(paced)s OR rate_per_second = 0) THEN 0
            ELSE greatest(
                least(%(interactive)s, interactive_reach),
                least(%(interactive)s + %(refresh)s, refresh_reach),
                least(%(interactive)s + %(refresh)s + %(backfill)s, backfill_reach)
            )
        END::integer AS slots,
        -- What is told while still paused is of requests sent before.
        %(has_succeeded)s AND NOT coalesce(is_paused, false) AS has_recovered
    FROM reach
),
moved AS (
    UPDATE request_budgets AS budget
    SET
        next_slot_at = CASE
            WHEN granted.slots > 0 OR granted.is_astray
                THEN granted.first_slot_at + make_interval(secs => granted.slots * granted.interval_seconds)
            ELSE budget.next_slot_at
        END,
        touched_at = granted.db_now,
        generation = budget.generation + granted.is_astray::integer,
        -- A pause that is over stays: late answers to requests sent before its end belong to it.
        paused_at = CASE WHEN granted.is_paused OR budget.paused_until <= granted.db_now THEN budget.paused_at END,
        paused_until = CASE
            WHEN granted.is_paused OR budget.paused_until <= granted.db_now THEN budget.paused_until
        END,
        refusals = CASE WHEN granted.has_recovered THEN 0 ELSE budget.refusals END,
        strikes = CASE WHEN granted.has_recovered THEN 0 ELSE budget.strikes END,
        throttled_since = CASE WHEN NOT granted.has_recovered THEN budget.throttled_since END,
        slowed_at = CASE WHEN granted.rate_now < granted.rate_per_second THEN budget.slowed_at END,
        probed_at = CASE
            WHEN granted.is_halted AND granted.slots > 0 THEN granted.db_now ELSE budget.probed_at
        END
    FROM granted
    WHERE
        budget.source = granted.source
        AND (
            granted.slots > 0 OR granted.is_astray
            OR (granted.has_recovered AND (granted.refusals > 0 OR granted.strikes > 0))
        )
    -- Losing the last leases in a crash of the server costs less than a second of budget; waiting for the disk at each
    -- would hold the row locked. Valid for this transaction, which is this statement.
    RETURNING set_config('synchronous_commit', 'off', true) AS hurry
)
SELECT
    extract(epoch FROM db_now)::double precision AS db_now,
    slots,
    extract(epoch FROM first_slot_at)::double precision AS first_slot_at,
    extract(epoch FROM CASE
        WHEN slots > 0 OR is_astray THEN first_slot_at + make_interval(secs => slots * interval_seconds)
        ELSE next_slot_at
    END)::double precision AS next_slot_at,
    interval_seconds,
    burst,
    rate_per_second,
    generation + is_astray::integer AS generation,
    CASE
        WHEN is_paused THEN extract(epoch FROM paused_until - db_now) ELSE 0
    END::double precision AS paused_seconds,
    coalesce(pause_reason, '') AS pause_reason,
    is_halted,
    coalesce(halt_reason, '') AS halt_reason,
    CASE
        WHEN is_halted AND NOT is_probe_due
            THEN extract(epoch FROM probed_at - db_now) + %(probe_interval)s
        WHEN is_halted THEN %(probe_interval)s
        ELSE 0
    END::double precision AS probe_in_seconds,
    is_halted AND slots > 0 AS is_probe,
    is_down
FROM granted
-- Joined so that the update's RETURNING is evaluated in any plan.
LEFT JOIN moved ON true
