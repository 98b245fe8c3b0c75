-- What: a 429 was answered: everyone pauses, and is slowed when refusals follow each other without a success between.
--   A request sent before the last pause ended belongs to the same event: it only counts, and lengthens the pause
--   when the upstream itself named a longer one.
-- Parameters: source text · retry_after double precision or null (seconds; null = not named) · sent_at double
--   precision or null (seconds since 1970 by the database's clock; null = now) · has_succeeded boolean (a request sent
--   after the last pause succeeded) · shortest_pause, longest_backoff, longest_pause, recovery double precision
--   (seconds) · evidence integer (refusals in a row that show a real limit) · slow_by, slowest double precision
--   (factor at each slowing, and its floor).
-- Returns: paused_seconds from now, is_new; no row when the budget is missing.
-- Locks: the budget row, for the statement: run it outside of a transaction. Not idempotent: each answer counts.
WITH locked AS MATERIALIZED (
    SELECT source, paused_at, paused_until, refusals, strikes, slow_factor, slowed_at, touched_at
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
        -- A pause from the future is left over from before the clock was set back.
        coalesce(sent_at >= paused_until OR paused_at > db_now + interval '1 second', true) AS is_new,
        %(has_succeeded)s AND coalesce(db_now >= paused_until, true) AS has_recovered,
        CASE
            WHEN slowed_at IS NULL OR touched_at > db_now + interval '1 second' THEN 1
            ELSE least(1, slow_factor + greatest(0, extract(epoch FROM db_now - slowed_at)) / %(recovery)s)
        END AS factor_now
    FROM clocked
),
counted AS MATERIALIZED (
    SELECT
        judged.*,
        CASE WHEN has_recovered THEN 1 ELSE refusals + 1 END AS refusals_now,
        CASE WHEN has_recovered THEN 0 ELSE strikes END + is_new::integer AS strikes_now
    FROM judged
),
measured AS MATERIALIZED (
    SELECT
        counted.*,
        least(
            %(longest_pause)s,
            greatest(
                coalesce(%(retry_after)s::double precision, 0),
                CASE WHEN is_new
                     THEN least(%(longest_backoff)s, %(shortest_pause)s * 2 ^ least(strikes_now - 1, 30))
                     ELSE 0 END
            )
        ) AS wanted_seconds,
        -- Once an event: at the refusal that completes the evidence.
        refusals_now >= %(evidence)s AND (is_new OR refusals_now = %(evidence)s) AS is_slowing
    FROM counted
),
decided AS MATERIALIZED (
    SELECT
        measured.*,
        CASE WHEN is_new THEN db_now + make_interval(secs => wanted_seconds)
             ELSE greatest(paused_until, db_now + make_interval(secs => wanted_seconds)) END AS until
    FROM measured
)
UPDATE request_budgets AS budget
SET
    paused_at = CASE WHEN is_new THEN db_now ELSE budget.paused_at END,
    paused_until = until,
    pause_reason = CASE
        WHEN NOT is_new AND until <= budget.paused_until THEN budget.pause_reason
        WHEN %(retry_after)s::double precision IS NULL THEN '429 without Retry-After'
        ELSE format('429, Retry-After %%s s', round(%(retry_after)s::numeric, 1))
    END,
    next_slot_at = CASE WHEN is_new OR until > budget.paused_until THEN until ELSE budget.next_slot_at END,
    touched_at = db_now,
    generation = budget.generation + CASE WHEN is_new OR until > budget.paused_until THEN 1 ELSE 0 END,
    throttled_at = db_now,
    throttled_since = CASE WHEN has_recovered THEN db_now ELSE coalesce(budget.throttled_since, db_now) END,
    throttled_count = budget.throttled_count + 1,
    refusals = refusals_now,
    strikes = strikes_now,
    slow_factor = CASE
        WHEN is_slowing THEN greatest(%(slowest)s, factor_now * %(slow_by)s) ELSE factor_now
    END,
    -- The way back begins when the pause ends.
    slowed_at = CASE WHEN is_slowing OR factor_now < 1 THEN until END
FROM decided
WHERE budget.source = decided.source
RETURNING
    greatest(0, extract(epoch FROM until - db_now))::double precision AS paused_seconds,
    is_new
