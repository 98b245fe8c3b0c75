-- Which companies made films. Parameters: movie_ids bigint[]. Returns: movie_id, company_id, name. Locks: none.
-- Index: movie_companies by movie.
SELECT made.movie_id, made.company_id, companies.name
FROM movie_companies AS made
INNER JOIN companies ON companies.id = made.company_id
WHERE made.movie_id = ANY (%(movie_ids)s::bigint[])
