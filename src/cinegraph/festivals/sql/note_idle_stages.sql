-- Keep which ways of finding films and people never won. Parameters: stages text[]; now timestamptz. Returns: nothing. Locks: the rows.
WITH gone AS (
    DELETE FROM festival_idle_stages WHERE stage <> ALL (%(stages)s::text[])
)
INSERT INTO festival_idle_stages (stage, noted_at)
SELECT stage, %(now)s
FROM unnest(%(stages)s::text[]) AS given (stage)
ON CONFLICT (stage) DO NOTHING
