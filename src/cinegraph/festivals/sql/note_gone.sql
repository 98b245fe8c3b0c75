-- Note that a film that was found is at its source no longer, so that it is asked for anew: the id may have another one by now.
-- Parameters: tmdb_id integer; asked_at timestamptz: long enough ago. Returns: nothing. Locks: the rows.
-- Index: festival_lookups_tmdb_id_index; unique tmdb_id of movies.
UPDATE festival_lookups AS lookup SET
    state = 'absent',
    tmdb_id = NULL,
    reason = format('TMDB found film %%s and has it no longer', lookup.tmdb_id),
    asked_at = %(asked_at)s
WHERE lookup.kind = 'film'
  AND lookup.tmdb_id = %(tmdb_id)s
  AND lookup.state = 'found'
  AND NOT EXISTS (SELECT FROM movies WHERE movies.tmdb_id = lookup.tmdb_id)
