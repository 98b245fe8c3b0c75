-- Take the most valuable things that are due, to make their jobs in the same transaction: what is wanted by its worth,
-- for running runs and for none, what changed upstream by its worth, and what else is due again, the longest due first.
-- Parameters: source, kind text; run_ids bigint[] (0: routine); now timestamptz; limit integer; others_limit integer: of
-- them for all but what changed upstream; again_share double precision: what asking again is worth beside asking for the first time; told_terms, told_popular,
-- told_recent, told_votes, told_unchecked text: why a stored film
-- whose votes are watched is due, whole_before, unchecked_after, young interval, popular_from double precision (without a
-- list): which of them holds, see strategies.py.
-- Returns: external_id, run_id (0: none), is_again: whether it was answered or tried before, is_listed: whether the
-- newest export names it, checked_at, changed_upstream_at, reason; ascending by id.
-- Locks: the rows taken, in order of id; those that somebody else is at are left.
-- Index: sync_ledger_wanted_index, sync_ledger_due_index, sync_ledger_changed_index. Rows are found again by where they are, not by their key: while a
-- table that has grown by a million rows is not analyzed, finding them by key is planned as a loop over all of them.
WITH wanted AS (
    SELECT found.place, found.priority
    FROM unnest(%(run_ids)s::bigint[]) AS scope (run_id)
    CROSS JOIN LATERAL (
        SELECT entry.ctid AS place, entry.priority
        FROM sync_ledger AS entry
        WHERE entry.source = %(source)s
          AND entry.kind = %(kind)s
          AND entry.run_id = scope.run_id
          AND entry.state = 'wanted'
          AND entry.due_at IS NOT NULL
          AND entry.due_at <= %(now)s
        ORDER BY entry.priority DESC
        LIMIT %(others_limit)s
    ) AS found
), again AS (
    -- A later answer brings less than the first one.
    SELECT entry.ctid AS place, entry.priority * %(again_share)s AS priority
    FROM sync_ledger AS entry
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.due_at IS NOT NULL
      AND entry.state NOT IN ('wanted', 'queued')
      AND entry.due_at <= %(now)s
    ORDER BY entry.due_at
    LIMIT %(others_limit)s
), changed AS (
    -- Apart, or what is popular and has just changed would wait behind all that is due by age.
    SELECT entry.ctid AS place, entry.priority
    FROM sync_ledger AS entry
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.changed_upstream_at IS NOT NULL
      AND entry.state NOT IN ('wanted', 'queued')
      AND entry.due_at <= %(now)s
    ORDER BY entry.priority DESC
    LIMIT %(limit)s
), chosen AS MATERIALIZED (
    SELECT place
    FROM (
        SELECT place, priority, is_changed, row_number() OVER (PARTITION BY is_changed ORDER BY priority DESC) AS number
        FROM (
            -- A thing may be among the changed and the longest due; it is taken once.
            SELECT place, max(priority) AS priority, bool_or(is_changed) AS is_changed
            FROM (
                SELECT place, priority, false AS is_changed FROM wanted
                UNION ALL SELECT place, priority, false FROM again
                UNION ALL SELECT place, priority, true FROM changed
            ) AS found
            GROUP BY place
        ) AS once
    ) AS due
    WHERE is_changed OR number <= %(others_limit)s
    ORDER BY priority DESC
    LIMIT %(limit)s
), locked AS MATERIALIZED (
    SELECT entry.ctid AS place, entry.external_id, entry.state <> 'wanted' AS is_again
    FROM sync_ledger AS entry
    WHERE entry.ctid = ANY (ARRAY(SELECT place FROM chosen))
      -- Asked again of the row as it is once it is locked: it may have been taken or answered meanwhile.
      AND entry.state <> 'queued'
      AND entry.due_at <= %(now)s
    ORDER BY entry.external_id
    FOR NO KEY UPDATE SKIP LOCKED
), taken AS (
    UPDATE sync_ledger AS entry SET
        state = 'queued',
        queued_at = %(now)s,
        reason = CASE WHEN entry.reason = 'routine' THEN coalesce((
            SELECT CASE
                WHEN entry.checked_at < %(now)s - %(whole_before)s::interval THEN %(told_terms)s
                WHEN movies.popularity >= coalesce((
                    SELECT export.popular_from FROM export_snapshots AS export
                    WHERE export.source = %(source)s AND export.kind = %(kind)s AND export.state = 'merged'
                    ORDER BY export.listed_on DESC
                    LIMIT 1
                ), %(popular_from)s) THEN %(told_popular)s
                WHEN movies.release_date > ((%(now)s - %(young)s::interval) AT TIME ZONE 'UTC')::date
                    AND movies.release_date <= (%(now)s::timestamptz AT TIME ZONE 'UTC')::date THEN %(told_recent)s
                WHEN greatest(entry.checked_at, entry.votes_at) <= %(now)s - %(unchecked_after)s::interval
                    THEN %(told_unchecked)s
                ELSE %(told_votes)s
            END
            FROM movies
            INNER JOIN vote_pace AS pace ON pace.source = %(source)s AND pace.kind = %(kind)s
            WHERE movies.tmdb_id = entry.external_id
        ), 'due again') ELSE entry.reason END
    WHERE entry.ctid = ANY (ARRAY(SELECT place FROM locked))
    RETURNING entry.external_id, entry.run_id, entry.checked_at, entry.changed_upstream_at, entry.reason
)
SELECT
    taken.external_id, taken.run_id, locked.is_again,
    film.tmdb_id IS NOT NULL AND film.missing_since IS NULL AS is_listed,
    taken.checked_at, taken.changed_upstream_at, taken.reason
FROM taken
INNER JOIN locked USING (external_id)
LEFT JOIN listed_movies AS film ON film.tmdb_id = taken.external_id
ORDER BY taken.external_id
