-- The other films of the directors of films, and of who directed them until now: as many as are wanted of each given film,
-- the best known first.
-- Parameters: movie_ids bigint[]; former jsonb (movie_id, field, key: what is no longer beside films); most integer;
-- only_canon boolean: only of films that a list or a registry names, or did; registry text (the festival that is one).
-- Returns: movie_id, is_within (the bound), each film once.
-- Index: primary key of credits, credits_person_id_index; movies' primary key, list_entries_movie_index, nomination_films_movie_index.
WITH former AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(former)s::jsonb) AS was (movie_id bigint, field text, key bigint)
), canon AS MATERIALIZED (
    SELECT given.movie_id
    FROM unnest(%(movie_ids)s::bigint[]) AS given (movie_id)
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
       OR EXISTS (
           SELECT
           FROM former
           INNER JOIN festival_categories AS category ON category.id = former.key
           INNER JOIN festival_organizations AS organization ON organization.id = category.organization_id
           WHERE former.movie_id = given.movie_id AND former.field = 'nominations' AND organization.key = %(registry)s
       )
), director AS (
    SELECT canon.movie_id, credit.person_id
    FROM canon
    INNER JOIN credits AS credit ON credit.movie_id = canon.movie_id AND credit.kind = 'crew' AND credit.job = 'Director'
    UNION
    SELECT canon.movie_id, former.key
    FROM canon
    INNER JOIN former ON former.movie_id = canon.movie_id AND former.field = 'credits'
)
SELECT other_id, bool_or(place <= %(most)s) AS is_within
FROM (
    SELECT
        director.movie_id, other.movie_id AS other_id,
        row_number() OVER (PARTITION BY director.movie_id ORDER BY film.popularity DESC NULLS LAST, other.movie_id) AS place
    FROM director
    INNER JOIN credits AS other
        ON other.person_id = director.person_id AND other.movie_id <> director.movie_id
        AND other.kind = 'crew' AND other.job = 'Director'
    INNER JOIN movies AS film ON film.id = other.movie_id AND film.gone_at IS NULL
    GROUP BY director.movie_id, other.movie_id, film.popularity
) AS ranked
GROUP BY other_id
