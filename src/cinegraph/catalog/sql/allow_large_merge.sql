-- Let the statements of this transaction take as long as a list of over a million lines needs, and enough memory to
-- join it without spilling. Compiling statements (jit) costs more than it gains here.
-- Parameters: timeout_ms integer. Returns: one row of no interest.
SELECT
    set_config('statement_timeout', %(timeout_ms)s::text, true),
    set_config('work_mem', '64MB', true),
    set_config('maintenance_work_mem', '64MB', true),
    set_config('jit', 'off', true)
