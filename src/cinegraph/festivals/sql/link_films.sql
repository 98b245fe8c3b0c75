-- Link films of nominations to ours: by their IMDb ids, else by what the source of films found for that id, else for the title. What a person
-- decided stays; what was found otherwise gives way to an id.
-- Parameters: nomination_ids bigint[]; is_arrival boolean: whether films were just stored. Returns: nomination_id, was_linked: of each that
-- has another film now. Locks: the rows; the caller has locked the nominations.
-- Index: primary key; unique imdb_id and tmdb_id of movies; imdb_id of lookups.
WITH known AS MATERIALIZED (
    SELECT
        film.nomination_id, film.position, film.movie_id AS before, coalesce(by_id.id, found.id) AS movie_id, lookup.folded IS NOT NULL AS is_titled,
        -- What was not there and was found by the source of films has that id too, once it is stored.
        CASE WHEN lookup.folded IS NOT NULL THEN 'title' WHEN by_id.id IS NULL OR (%(is_arrival)s AND lookup.state = 'found') THEN 'find' ELSE 'imdb_id' END AS found_by
    FROM nomination_films AS film
    LEFT JOIN movies AS by_id ON by_id.imdb_id = film.imdb_id
    INNER JOIN festival_nominations AS nomination ON nomination.id = film.nomination_id
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
    INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
    LEFT JOIN LATERAL (
        SELECT lookup.*
        FROM festival_lookups AS lookup
        WHERE lookup.imdb_id = film.imdb_id AND lookup.kind = 'film'
        UNION ALL
        SELECT lookup.*
        FROM festival_lookups AS lookup
        WHERE film.imdb_id IS NULL
          AND film.folded <> ''
          AND lookup.folded = film.folded
          AND lookup.state = 'found'
          AND coalesce(lookup.year, 0) = CASE organization.eligibility
            WHEN 'year_before' THEN ceremony.year - 1
            WHEN 'same_year' THEN ceremony.year
            ELSE 0
          END
        LIMIT 1
    ) AS lookup ON true
    -- What is known to have another id is another film, whatever was answered once.
    LEFT JOIN movies AS found
        ON found.tmdb_id = lookup.tmdb_id
        AND (film.imdb_id IS NULL OR found.imdb_id IS NULL OR found.imdb_id = film.imdb_id)
    WHERE film.nomination_id = ANY (%(nomination_ids)s::bigint[])
      AND NOT film.is_locked
)
UPDATE nomination_films AS film SET movie_id = known.movie_id, found_by = known.found_by, score = CASE WHEN known.is_titled THEN 0.9 ELSE 1 END
FROM known
WHERE film.nomination_id = known.nomination_id
  AND film.position = known.position
  AND known.movie_id IS NOT NULL
  -- How it was found first is kept.
  AND (film.movie_id IS DISTINCT FROM known.movie_id OR (film.found_by NOT IN ('imdb_id', 'find') AND NOT known.is_titled))
RETURNING film.nomination_id, known.before IS NOT NULL AND known.before <> known.movie_id AS was_linked
