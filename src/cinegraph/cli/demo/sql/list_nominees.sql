-- Who nominees with an IMDb id were found to be. Parameters: none. Returns: imdb_id, tmdb_id.
SELECT DISTINCT nominee.imdb_ids[1], people.tmdb_id
FROM nomination_people AS nominee
LEFT JOIN people ON people.id = nominee.person_id
WHERE nominee.imdb_ids <> '{}'
