-- Nominees whose person is not known, of nominations with a known film, with what they are nominated for; what a person decided
-- is left out.
-- Parameters: nomination_ids bigint[]. Returns: nomination_id, position, name, kind, imdb_ids, what_for, movie_ids bigint[].
-- Locks: none. Index: primary keys.
SELECT
    nominee.nomination_id, nominee.position, nominee.name, nominee.kind, nominee.imdb_ids,
    coalesce(nominee.role, category.name) AS what_for,
    ARRAY(
        SELECT film.movie_id
        FROM nomination_films AS film
        WHERE film.nomination_id = nominee.nomination_id AND film.movie_id IS NOT NULL
        ORDER BY film.position
    ) AS movie_ids
FROM nomination_people AS nominee
INNER JOIN festival_nominations AS nomination ON nomination.id = nominee.nomination_id
INNER JOIN festival_categories AS category ON category.id = nomination.category_id
WHERE nominee.nomination_id = ANY (%(nomination_ids)s::bigint[])
  AND nominee.person_id IS NULL
  AND nominee.company_id IS NULL
  AND NOT nominee.is_locked
  AND EXISTS (
    SELECT FROM nomination_films AS film WHERE film.nomination_id = nominee.nomination_id AND film.movie_id IS NOT NULL
  )
ORDER BY nominee.nomination_id, nominee.position
