-- Give films the ratings of a list where it says something else; while a value does not move it keeps its time.
-- Parameters: source, rating_kind text; said_at timestamptz (when the list was made).
-- Returns: nothing; its row count is how many. Locks: these rows. Index: primary key.
UPDATE ratings AS stored SET
    value = matched.value,
    votes = matched.votes,
    as_of = CASE WHEN stored.value = matched.value THEN stored.as_of ELSE %(said_at)s END
FROM rating_matched AS matched
WHERE stored.movie_id = matched.movie_id
  AND stored.source = %(source)s
  AND stored.kind = %(rating_kind)s
  AND (stored.value, stored.votes) IS DISTINCT FROM (matched.value, matched.votes)
