-- Note how reading a source went. Parameters: organization_id bigint; source, problem_code, problem text (null: nothing was wrong);
-- now timestamptz. Returns: nothing. Locks: the row. Index: primary key.
INSERT INTO festival_sources AS known (organization_id, source, checked_at, read_at, problem_code, problem)
VALUES (
    %(organization_id)s, %(source)s, %(now)s,
    CASE WHEN %(problem_code)s::text IS NULL THEN %(now)s::timestamptz END, %(problem_code)s, %(problem)s
)
ON CONFLICT (organization_id, source) DO UPDATE SET
    checked_at = excluded.checked_at,
    read_at = coalesce(excluded.read_at, known.read_at),
    problem_code = excluded.problem_code,
    problem = excluded.problem
