-- Store what a source's users or critics say of films; a rating that has not moved keeps the time it was first seen.
-- Parameters: source text; ratings jsonb, [{"movie": tmdb_id, "as_of", "kind", "value", "votes"}].
-- Returns: nothing. Locks: the ratings of these films, whose documents the caller has locked. Index: primary key.
INSERT INTO ratings AS stored (movie_id, source, kind, value, votes, as_of)
SELECT movies.id, %(source)s, said.kind, said.value, said.votes, said.as_of
FROM jsonb_to_recordset(%(ratings)s::jsonb) AS said (
    movie integer, kind text, value double precision, votes integer, as_of timestamptz
)
JOIN movies ON movies.tmdb_id = said.movie
ON CONFLICT (movie_id, source, kind) DO UPDATE SET
    value = excluded.value,
    votes = excluded.votes,
    as_of = excluded.as_of
WHERE (stored.value, stored.votes) IS DISTINCT FROM (excluded.value, excluded.votes)
