-- What: the people as stored. Parameters: none. Returns: one row a person. Locks: none.
SELECT tmdb_id, name, gender, known_for_department
FROM people
