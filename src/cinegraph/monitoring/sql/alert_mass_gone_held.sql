-- Films that would count as gone and wait for a person, because too many would on one day.
-- Returns: subject, message: at most one row. Locks: none.
SELECT
    'tmdb movie' AS subject,
    format(
        '%%s films would count as gone at once, since %%s; for example %%s', count(*),
        to_char(min(held.held_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
        (array_agg(film.title ORDER BY film.popularity DESC NULLS LAST))[1]
    ) AS message
FROM held_burials AS held
INNER JOIN movies AS film ON film.id = held.movie_id
WHERE held.allowed_at IS NULL
HAVING count(*) > 0
