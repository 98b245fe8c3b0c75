-- Where each kind stands. Parameters: none. Returns: the rows of enrichment_states. Locks: none.
SELECT enrichment, wanted_at, wanted_for, began_at, films_done, finished_at, finished_in, spread_cut, version
FROM enrichment_states
ORDER BY enrichment
