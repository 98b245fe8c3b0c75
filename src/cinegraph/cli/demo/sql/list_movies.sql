-- What: the films as stored, for a comparison with the world they are from.
-- Parameters: none. Returns: one row a film. Locks: none.
SELECT tmdb_id, title, imdb_id, release_date, runtime_minutes, budget_usd, revenue_usd, original_language, overview
FROM movies
