-- Split the documents of one kind into ranges of about as many documents each.
-- Parameters: source, kind text; size integer. {condition} is a person's own, over these columns of documents.
-- Returns: first external_id of each range and how many documents are wanted in it, in order. Locks: none.
-- Index: primary key, alone where there is no condition.
SELECT min(wanted.external_id), count(*)
FROM (
    SELECT judged.external_id, (row_number() OVER (ORDER BY judged.external_id) - 1) / %(size)s AS shard
    FROM (
        SELECT
            documents.external_id,
            (
                {condition}
            ) AS is_wanted
        FROM (
            SELECT source, kind, external_id, fetched_at, checked_at, size_bytes
            FROM documents
            WHERE source = %(source)s AND kind = %(kind)s
        ) AS documents
    ) AS judged
    WHERE judged.is_wanted
) AS wanted
GROUP BY wanted.shard
ORDER BY wanted.shard
