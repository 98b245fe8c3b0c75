-- Note by which IMDb id films are asked for.
-- Parameters: source, kind text; ids bigint[] (TMDB's). Returns: nothing. Locks: the rows; lock them before, in order.
-- Index: primary key, unique tmdb_id.
UPDATE sync_ledger AS entry SET asked_for = movie.imdb_id
FROM movies AS movie
WHERE entry.source = %(source)s
  AND entry.kind = %(kind)s
  AND entry.external_id = ANY (%(ids)s::bigint[])
  AND movie.tmdb_id = entry.external_id
  AND entry.asked_for IS DISTINCT FROM movie.imdb_id
