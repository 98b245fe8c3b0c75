-- Make films due, each once a kind; one that waits already keeps its time, one that failed is tried again. One that is
-- computed, and only waits for what is beside it to be marked (marks = 0), goes no further if only something beside it
-- changed: or two films beside each other would make each other due for ever.
-- Parameters: marks jsonb (enrichment, movie_id, reason, is_spread, due_at of each, each once); now timestamptz.
-- Returns: nothing. Locks: the rows, in order of the key. Index: primary key.
INSERT INTO enrichment_due AS due (enrichment, movie_id, reason, is_spread, due_at, marked_at)
SELECT given.enrichment, given.movie_id, given.reason, given.is_spread, given.due_at, %(now)s
FROM jsonb_to_recordset(%(marks)s::jsonb)
    AS given (enrichment text, movie_id bigint, reason text, is_spread boolean, due_at timestamptz)
INNER JOIN movies AS film ON film.id = given.movie_id
ORDER BY given.enrichment, given.movie_id
ON CONFLICT (enrichment, movie_id) DO UPDATE SET
    reason = CASE
        WHEN excluded.is_spread AND NOT due.is_spread AND due.marks > 0 THEN due.reason ELSE excluded.reason
    END,
    is_spread = (due.is_spread OR due.marks = 0) AND excluded.is_spread,
    marks = due.marks + 1,
    marked_at = excluded.marked_at,
    is_in_pass = false,
    due_at = CASE WHEN due.failures > 0 OR due.marks = 0 THEN excluded.due_at ELSE due.due_at END
