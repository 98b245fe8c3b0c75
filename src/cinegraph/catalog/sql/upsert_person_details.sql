-- Keep what a source says of people themselves.
-- Parameters: details jsonb, [{"tmdb_id", "imdb_id", "also_known_as", "born_on", "died_on", "birthplace", "biography", "homepage",
-- "stated_at"}]. Returns: nothing. Locks: the rows, in order of tmdb_id. Index: unique tmdb_id, primary key.
INSERT INTO person_details AS known (
    person_id, imdb_id, also_known_as, born_on, died_on, birthplace, biography, homepage, stated_at
)
SELECT
    person.id, said.imdb_id, said.also_known_as, said.born_on, said.died_on, said.birthplace, said.biography, said.homepage,
    said.stated_at
FROM jsonb_to_recordset(%(details)s::jsonb) AS said (
    tmdb_id integer, imdb_id text, also_known_as text[], born_on date, died_on date, birthplace text, biography text,
    homepage text, stated_at timestamptz
)
INNER JOIN people AS person ON person.tmdb_id = said.tmdb_id
ORDER BY person.tmdb_id
ON CONFLICT (person_id) DO UPDATE SET
    imdb_id = excluded.imdb_id,
    also_known_as = excluded.also_known_as,
    born_on = excluded.born_on,
    died_on = excluded.died_on,
    birthplace = excluded.birthplace,
    biography = excluded.biography,
    homepage = excluded.homepage,
    stated_at = excluded.stated_at
WHERE known.stated_at < excluded.stated_at
   OR (known.imdb_id, known.also_known_as, known.born_on, known.died_on, known.birthplace, known.biography, known.homepage)
        IS DISTINCT FROM (
            excluded.imdb_id, excluded.also_known_as, excluded.born_on, excluded.died_on, excluded.birthplace,
            excluded.biography, excluded.homepage
        )
