-- What: kinds of enrichment that do not come to what is due, or whose pass over all films does not begin.
-- Parameters: now timestamptz; longest, longest_pass interval; rest double precision: for so many times what a pass took
-- no other begins. Returns: subject, message: one row a kind. Locks: none.
-- Index: enrichment_due_index: of each kind the row that is due longest is read.
SELECT
    state.enrichment AS subject,
    CASE
        WHEN oldest.due_at < %(now)s - %(longest)s
            THEN format('films are due since %%s', to_char(oldest.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
        ELSE format(
            'all films are to be computed (%%s) since %%s', state.wanted_for,
            to_char(state.wanted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
        )
    END AS message
FROM enrichment_states AS state
LEFT JOIN LATERAL (
    SELECT due_at
    FROM enrichment_due
    WHERE enrichment = state.enrichment AND failures = 0
    ORDER BY due_at
    LIMIT 1
) AS oldest ON true
WHERE (
        oldest.due_at < %(now)s - %(longest)s
        AND state.began_at IS NULL
        AND coalesce(state.finished_at + %(rest)s * state.finished_in, '-infinity') < %(now)s - %(longest)s
    )
   OR coalesce(state.began_at, state.wanted_at) < %(now)s - %(longest_pass)s
