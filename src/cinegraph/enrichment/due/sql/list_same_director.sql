-- The other films of the directors of films: as many as are wanted of each given film, the best known first.
-- Parameters: movie_ids bigint[]; most integer; only_canon boolean: only of films that a list or a registry names now;
-- registry text (the festival that is one).
-- Returns: movie_id, is_within (the bound), each film once.
-- Index: primary key of credits, credits_person_id_index; movies' primary key, list_entries_movie_index, nomination_films_movie_index.
SELECT other_id, bool_or(place <= %(most)s) AS is_within
FROM (
    SELECT
        given.movie_id, other.movie_id AS other_id,
        row_number() OVER (PARTITION BY given.movie_id ORDER BY film.popularity DESC NULLS LAST, other.movie_id) AS place
    FROM unnest(%(movie_ids)s::bigint[]) AS given (movie_id)
    INNER JOIN credits AS director
        ON director.movie_id = given.movie_id AND director.kind = 'crew' AND director.job = 'Director'
    INNER JOIN credits AS other
        ON other.person_id = director.person_id AND other.movie_id <> given.movie_id
        AND other.kind = 'crew' AND other.job = 'Director'
    INNER JOIN movies AS film ON film.id = other.movie_id AND film.gone_at IS NULL
    WHERE NOT %(only_canon)s
       OR EXISTS (SELECT FROM list_entries AS place WHERE place.movie_id = given.movie_id AND place.left_at IS NULL)
       OR EXISTS (
           SELECT
           FROM nomination_films AS named
           INNER JOIN festival_nominations AS nomination ON nomination.id = named.nomination_id
           INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
           INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
           WHERE named.movie_id = given.movie_id AND organization.key = %(registry)s
       )
    GROUP BY given.movie_id, other.movie_id, film.popularity
) AS ranked
GROUP BY other_id
