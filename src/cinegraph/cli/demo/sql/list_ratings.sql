-- What OMDb said of the films.
-- Parameters: none. Returns: imdb_id, kind, value, votes.
SELECT movies.imdb_id, ratings.kind, ratings.value, ratings.votes
FROM ratings
INNER JOIN movies ON movies.id = ratings.movie_id
WHERE ratings.source = 'omdb'
