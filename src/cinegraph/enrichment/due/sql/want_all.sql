-- Have all films computed; while a pass is under way, once more after it.
-- Parameters: enrichments text[]; reason text; now timestamptz. Returns: nothing. Locks: the rows, in order of the key.
UPDATE enrichment_states AS state SET
    wanted_at = coalesce(state.wanted_at, %(now)s),
    wanted_for = coalesce(state.wanted_for, %(reason)s),
    is_wanted_again = state.began_at IS NOT NULL
FROM (
    SELECT enrichment FROM enrichment_states
    WHERE enrichment = ANY (%(enrichments)s::text[])
    ORDER BY enrichment
    FOR UPDATE
) AS locked
WHERE state.enrichment = locked.enrichment
