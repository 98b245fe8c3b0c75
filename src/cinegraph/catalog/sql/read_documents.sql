-- The next documents of a range, in order of external_id.
-- Parameters: source, kind, from_id text; after_id, end_id text or null; limit integer. {condition} is a person's own, over
-- these columns of documents. The range begins with from_id, or after after_id, and ends before end_id.
-- Returns: external_id, body_gzip, sha256, fetched_at. Locks: none. Index: primary key.
SELECT stored.external_id, stored.body_gzip, stored.sha256, stored.fetched_at
FROM (
    SELECT judged.external_id
    FROM (
        SELECT
            documents.external_id,
            (
                {condition}
            ) AS is_wanted
        FROM (
            SELECT source, kind, external_id, fetched_at, checked_at, size_bytes
            FROM documents
            WHERE source = %(source)s
              AND kind = %(kind)s
              AND external_id >= coalesce(%(after_id)s, %(from_id)s)
              AND external_id IS DISTINCT FROM %(after_id)s
              AND (%(end_id)s::text IS NULL OR external_id < %(end_id)s)
        ) AS documents
    ) AS judged
    WHERE judged.is_wanted
    ORDER BY judged.external_id
    LIMIT %(limit)s
) AS wanted
INNER JOIN documents AS stored ON stored.source = %(source)s
  AND stored.kind = %(kind)s
  AND stored.external_id = wanted.external_id
ORDER BY stored.external_id
