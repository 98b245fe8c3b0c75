-- Remove bodies that tell nothing any longer: the whole body is as new, or a newer one tells the same fields and more. A row
-- of a list (fields = {listed}) tells less than every other body.
-- Parameters: source, kind text; external_ids text[].
-- Returns: external_id of each film whose whole body is as new, once or more. Locks: the rows; the caller has locked
-- the films' documents. Index: primary keys.
WITH stale AS MATERIALIZED (
    SELECT part.ctid AS place, part.external_id, part.checked_at <= whole.checked_at AS is_told_whole
    FROM partial_documents AS part
    INNER JOIN documents AS whole USING (source, kind, external_id)
    WHERE part.source = %(source)s
      AND part.kind = %(kind)s
      AND part.external_id = ANY (%(external_ids)s::text[])
      AND (
        part.checked_at <= whole.checked_at
        OR EXISTS (
            SELECT
            FROM partial_documents AS other
            WHERE other.source = part.source
              AND other.kind = part.kind
              AND other.external_id = part.external_id
              AND other.fields <> '{listed}'
              AND (other.fields @> part.fields OR part.fields = '{listed}')
              AND other.fields <> part.fields
              AND other.checked_at >= part.checked_at
        )
      )
), dropped AS (
    DELETE FROM partial_documents AS part USING stale WHERE part.ctid = stale.place
)
SELECT external_id FROM stale WHERE is_told_whole
