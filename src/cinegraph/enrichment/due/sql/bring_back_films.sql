-- Bring films back that are due later than anything is put off: they were marked before the clock was set back.
-- Parameters: now, put_off_until (of what never failed), failed_until timestamptz. Returns: nothing.
-- Locks: the rows, in order of the key. Index: enrichment_due_index, which is asked for its last rows.
UPDATE enrichment_due AS due SET due_at = %(now)s
FROM (
    SELECT late.enrichment, late.movie_id
    FROM unnest(ARRAY['collaborations', 'cultural_lists', 'cri_score', 'recommendations']) AS kind (enrichment)
    INNER JOIN enrichment_due AS late
        ON late.enrichment = kind.enrichment
        AND late.due_at > %(put_off_until)s
        AND (late.failures = 0 OR late.due_at > %(failed_until)s)
    ORDER BY late.enrichment, late.movie_id
    FOR UPDATE OF late
) AS locked
WHERE due.enrichment = locked.enrichment AND due.movie_id = locked.movie_id
