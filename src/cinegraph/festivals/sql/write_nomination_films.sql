-- Make the films of nominations equal to what sources name. Which film of ours one is stays, while it is named the same or a
-- person decided it.
-- Parameters: nomination_ids bigint[]: those that are said; films text: JSON, a list of nomination_id, position, title, folded, imdb_id, characters.
-- Returns: nothing. Locks: the rows; the caller has locked the edition. Index: primary key.
WITH given AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(films)s::text::jsonb) AS given (
        nomination_id bigint, position smallint, title text, folded text, imdb_id text, characters text[]
    )
), gone AS (
    DELETE FROM nomination_films AS known
    WHERE known.nomination_id = ANY (%(nomination_ids)s::bigint[])
      AND NOT known.is_locked
      AND NOT EXISTS (
        SELECT FROM given WHERE given.nomination_id = known.nomination_id AND given.position = known.position
      )
)
INSERT INTO nomination_films AS known (nomination_id, position, title, folded, imdb_id, characters)
SELECT given.nomination_id, given.position, given.title, given.folded, given.imdb_id, given.characters
FROM given
ORDER BY given.nomination_id, given.position
ON CONFLICT (nomination_id, position) DO UPDATE SET
    title = excluded.title,
    folded = excluded.folded,
    imdb_id = excluded.imdb_id,
    characters = excluded.characters,
    (movie_id, found_by, score) = (
        SELECT known.movie_id, known.found_by, known.score
        WHERE known.is_locked
           OR (known.title, known.imdb_id) IS NOT DISTINCT FROM (excluded.title, excluded.imdb_id)
    )
WHERE (known.title, known.imdb_id, known.characters) IS DISTINCT FROM (excluded.title, excluded.imdb_id, excluded.characters)
