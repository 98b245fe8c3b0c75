-- Ask for people of nominations of whom the source has not told yet: those with an IMDb id, once their films are known, or
-- known to be missing. Who the credits say it is comes along, to be confirmed.
-- Parameters: nomination_ids bigint[]; again_before timestamptz: who was denied before then is asked for again; now timestamptz.
-- Returns: id, tmdb_id (of a film that they are nominated for, null where none is known). Locks: the lookups, in order of imdb_id. Index: primary keys; imdb_id of person_details and of lookups.
WITH named AS MATERIALIZED (
    SELECT said.imdb_id, min(people.tmdb_id) AS tmdb_id, min(movies.tmdb_id) AS film
    FROM nomination_people AS nominee
    CROSS JOIN LATERAL unnest(nominee.imdb_ids) AS said (imdb_id)
    LEFT JOIN people ON people.id = nominee.person_id
    LEFT JOIN festival_nominations AS nomination ON nomination.id = nominee.nomination_id
    LEFT JOIN movies ON movies.id = nomination.movie_id
    WHERE nominee.nomination_id = ANY (%(nomination_ids)s::bigint[])
      AND NOT nominee.is_locked
      AND said.imdb_id LIKE 'nm%%'
      AND NOT EXISTS (SELECT FROM person_details AS details WHERE details.imdb_id = said.imdb_id)
      AND NOT EXISTS (
        SELECT FROM nomination_films AS film
        LEFT JOIN festival_lookups AS lookup ON lookup.imdb_id = film.imdb_id
        WHERE film.nomination_id = nominee.nomination_id
          AND film.movie_id IS NULL
          AND film.imdb_id IS NOT NULL
          AND NOT film.is_locked
          AND (
            coalesce(lookup.state, 'wanted') = 'wanted'
            -- What was found and is stored has another id there: nobody is at it.
            OR (lookup.state = 'found' AND NOT EXISTS (SELECT FROM movies WHERE movies.tmdb_id = lookup.tmdb_id))
          )
      )
    GROUP BY said.imdb_id
), entered AS (
    INSERT INTO festival_lookups AS known (kind, imdb_id, state, tmdb_id, created_at)
    SELECT 'person', named.imdb_id, 'wanted', named.tmdb_id, %(now)s
    FROM named
    ORDER BY named.imdb_id
    ON CONFLICT (imdb_id) WHERE imdb_id IS NOT NULL DO UPDATE SET
        state = 'wanted',
        tmdb_id = excluded.tmdb_id,
        reason = NULL
    -- A hint that was not there before is worth a question at once.
    WHERE known.state IN ('absent', 'credited') AND (known.asked_at < %(again_before)s OR excluded.tmdb_id <> coalesce(known.tmdb_id, 0))
    RETURNING known.id, known.imdb_id
)
SELECT entered.id, named.film
FROM entered
INNER JOIN named ON named.imdb_id = entered.imdb_id
UNION
SELECT known.id, named.film
FROM named
INNER JOIN festival_lookups AS known ON known.imdb_id = named.imdb_id
WHERE known.state = 'wanted'
ORDER BY 1
