-- Make what a source says of an edition equal to what it says now; what it says no longer is kept as withdrawn.
-- Parameters: ceremony_id bigint; source text; fingerprints text[]; positions integer[]; bodies jsonb[] (as text);
-- withdraws boolean: whether what is missing is withdrawn; said_at timestamptz.
-- Returns: nothing. Locks: the source's rows of the edition; the caller has locked the edition. Index: unique key.
WITH given AS MATERIALIZED (
    SELECT *
    FROM unnest(%(fingerprints)s::text[], %(positions)s::integer[], %(bodies)s::text[])
        AS given (fingerprint, position, body)
), withdrawn AS (
    UPDATE nomination_statements AS known SET withdrawn_at = %(said_at)s
    WHERE %(withdraws)s
      AND known.ceremony_id = %(ceremony_id)s
      AND known.source = %(source)s
      AND known.withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM given WHERE given.fingerprint = known.fingerprint)
)
INSERT INTO nomination_statements AS known (
    ceremony_id, source, fingerprint, position, body, first_said_at, said_at
)
SELECT
    %(ceremony_id)s, %(source)s, given.fingerprint, given.position, given.body::jsonb, %(said_at)s, %(said_at)s
FROM given
ORDER BY given.fingerprint
ON CONFLICT (ceremony_id, source, fingerprint) DO UPDATE SET
    position = excluded.position,
    body = excluded.body,
    said_at = excluded.said_at,
    withdrawn_at = NULL
WHERE (known.position, known.body, known.said_at, known.withdrawn_at)
    IS DISTINCT FROM (excluded.position, excluded.body, excluded.said_at, NULL)
