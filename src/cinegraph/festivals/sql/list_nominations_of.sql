-- Which nominations name any of the given IMDb ids, of films or of people, or a title without an id.
-- Parameters: film_ids, person_ids, folded text[]. Returns: nomination_id, ascending. Locks: none.
-- Index: nomination_films_imdb_id_index, nomination_people_imdb_ids_index.
SELECT nomination_id FROM nomination_films WHERE imdb_id = ANY (%(film_ids)s::text[])
UNION
SELECT nomination_id FROM nomination_films WHERE imdb_id IS NULL AND folded = ANY (%(folded)s::text[])
UNION
SELECT nomination_id FROM nomination_people WHERE imdb_ids && %(person_ids)s::text[]
ORDER BY 1
