-- Write a run.
-- Parameters: kind, source, requested_by text; arguments jsonb; now timestamptz. Returns: its id.
INSERT INTO sync_runs (kind, source, arguments, requested_by, state, started_at)
VALUES (%(kind)s, %(source)s, %(arguments)s, %(requested_by)s, 'running', %(now)s)
RETURNING id
