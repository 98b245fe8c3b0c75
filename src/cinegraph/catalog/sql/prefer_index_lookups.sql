-- Join incoming rows to stored ones by index, for this transaction. The planner believes that JSON holds hundreds of
-- rows a film and would read whole tables of millions instead.
SELECT
    set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true),
    set_config('enable_seqscan', 'off', true)
