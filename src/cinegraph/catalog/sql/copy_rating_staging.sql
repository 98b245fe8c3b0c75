-- Take the lines of a list of ratings, as text. Returns: nothing.
COPY rating_staging (imdb_id, value, votes) FROM STDIN
