-- What: the state of every budget now.
-- Parameters: recovery, longest_pause, probe_interval double precision (seconds).
-- Returns: one row a source, by name. Locks: none.
WITH clocked AS MATERIALIZED (
    SELECT budget.*, clock_timestamp() AS db_now FROM request_budgets AS budget
),
judged AS (
    SELECT
        clocked.*,
        paused_until > db_now
        AND paused_at <= db_now + interval '1 second'
        AND paused_until <= db_now + make_interval(secs => %(longest_pause)s + 1) AS is_paused
    FROM clocked
)
SELECT
    source,
    rate_per_second AS configured_per_second,
    rate_per_second * CASE
        WHEN circuit_opened_at IS NOT NULL THEN slow_factor
        WHEN slowed_at IS NULL OR touched_at > db_now + interval '1 second' THEN 1
        ELSE least(1, slow_factor + greatest(0, extract(epoch FROM db_now - slowed_at)) / %(recovery)s)
    END::double precision AS rate_now_per_second,
    burst,
    upstream_per_second,
    configured_at,
    CASE WHEN is_paused THEN paused_until END AS paused_until,
    CASE WHEN is_paused THEN extract(epoch FROM paused_until - db_now) ELSE 0 END::double precision AS paused_seconds,
    CASE WHEN is_paused THEN pause_reason END AS pause_reason,
    throttled_at AS last_throttled_at,
    throttled_count,
    halted_at,
    halt_reason,
    CASE
        WHEN halted_at IS NOT NULL THEN least(probed_at, db_now) + make_interval(secs => %(probe_interval)s)
    END AS next_probe_at,
    circuit_opened_at,
    CASE WHEN is_paused AND circuit_opened_at IS NOT NULL THEN paused_until END AS circuit_open_until,
    circuit_reason
FROM judged
ORDER BY source
