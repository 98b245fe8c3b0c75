-- Add a remark to a run.
-- Parameters: run_id bigint; note text. Returns: nothing. Locks: the run.
UPDATE sync_runs SET note = concat_ws('; ', note, %(note)s::text)
WHERE id = %(run_id)s AND position(%(note)s::text IN coalesce(note, '')) = 0
