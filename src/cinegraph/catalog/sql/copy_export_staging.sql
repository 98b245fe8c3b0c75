-- Take the lines of a list of films, as text. Returns: nothing.
COPY export_staging (tmdb_id, popularity, is_adult, is_video, original_title) FROM STDIN
