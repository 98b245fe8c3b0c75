-- Which of our films a list rates: the lines of it that are about films which are stored.
-- Returns: nothing; its row count is how many films. Locks: a temporary table.
CREATE TEMPORARY TABLE rating_matched ON COMMIT DROP AS
SELECT movies.id AS movie_id, staged.value, staged.votes
FROM movies
JOIN rating_staging AS staged ON staged.imdb_id = movies.imdb_id
