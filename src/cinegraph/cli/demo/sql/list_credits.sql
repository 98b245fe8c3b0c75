-- What: the credits as stored, by the source's ids. Parameters: none. Returns: one row a credit. Locks: none.
SELECT
    movie.tmdb_id, credit.credit_id, person.tmdb_id, credit.kind, credit.department, credit.job, credit.character,
    credit.position
FROM credits AS credit
INNER JOIN movies AS movie ON movie.id = credit.movie_id
INNER JOIN people AS person ON person.id = credit.person_id
