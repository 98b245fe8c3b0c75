-- Genres that films have, by name. Returns: id (ours), name. Locks: none. Index: movie_genres_genre_id_index.
SELECT id, name
FROM genres
WHERE EXISTS (SELECT FROM movie_genres WHERE movie_genres.genre_id = genres.id)
ORDER BY name
