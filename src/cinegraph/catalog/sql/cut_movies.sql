-- Cut films that are gone, and that their source has not sent for as long as its terms allow keeping them, to their ids:
-- what it said of them is deleted; the film's row, its ids, its tombstone, and what other sources said stay.
-- Parameters: source, kind text (of the documents); before, now timestamptz: last sent before; limit integer.
-- Returns: nothing; its row count is how many. Locks: the documents and then the films, in order of id, as storing does;
-- those that somebody is at are left for the next time.
-- Index: tombstones_standing_index; primary keys of documents and of the film's sets.
WITH due AS MATERIALIZED (
    SELECT film.id, film.tmdb_id::text AS external_id, document.external_id IS NOT NULL AS is_documented
    FROM tombstones AS stone
    INNER JOIN movies AS film ON film.id = stone.movie_id
    LEFT JOIN documents AS document ON document.source = %(source)s
      AND document.kind = %(kind)s
      AND document.external_id = film.tmdb_id::text
    WHERE stone.revived_at IS NULL
      AND stone.cut_at IS NULL
      AND coalesce(document.checked_at, stone.denied_at) < %(before)s
    ORDER BY film.id
    LIMIT %(limit)s
), documented AS MATERIALIZED (
    SELECT document.external_id
    FROM documents AS document
    INNER JOIN due ON due.external_id = document.external_id
    WHERE document.source = %(source)s AND document.kind = %(kind)s AND document.checked_at < %(before)s
    ORDER BY document.external_id
    FOR UPDATE OF document SKIP LOCKED
), locked AS MATERIALIZED (
    SELECT film.id, film.tmdb_id, due.external_id
    FROM movies AS film
    INNER JOIN due ON due.id = film.id
    WHERE film.gone_at IS NOT NULL
      AND (NOT due.is_documented OR due.external_id IN (SELECT external_id FROM documented))
    ORDER BY film.id
    FOR NO KEY UPDATE OF film SKIP LOCKED
), no_document AS (
    DELETE FROM documents AS gone USING locked
    WHERE gone.source = %(source)s AND gone.kind = %(kind)s AND gone.external_id = locked.external_id
), no_parts AS (
    DELETE FROM partial_documents AS gone USING locked
    WHERE gone.source = %(source)s AND gone.kind = %(kind)s AND gone.external_id = locked.external_id
), no_credits AS (
    DELETE FROM credits AS gone USING locked WHERE gone.movie_id = locked.id
), no_genres AS (
    DELETE FROM movie_genres AS gone USING locked WHERE gone.movie_id = locked.id
), no_keywords AS (
    DELETE FROM movie_keywords AS gone USING locked WHERE gone.movie_id = locked.id
), no_companies AS (
    DELETE FROM movie_companies AS gone USING locked WHERE gone.movie_id = locked.id
), no_countries AS (
    DELETE FROM movie_countries AS gone USING locked WHERE gone.movie_id = locked.id
), no_languages AS (
    DELETE FROM movie_languages AS gone USING locked WHERE gone.movie_id = locked.id
), no_videos AS (
    DELETE FROM videos AS gone USING locked WHERE gone.movie_id = locked.id
), no_releases AS (
    DELETE FROM releases AS gone USING locked WHERE gone.movie_id = locked.id
), no_titles AS (
    DELETE FROM alternative_titles AS gone USING locked WHERE gone.movie_id = locked.id
), no_offers AS (
    DELETE FROM watch_offers AS gone USING locked WHERE gone.movie_id = locked.id
), no_recommendations AS (
    DELETE FROM source_recommendations AS gone USING locked
    WHERE gone.movie_id = locked.id AND gone.source = %(source)s
), no_ratings AS (
    DELETE FROM ratings AS gone USING locked WHERE gone.movie_id = locked.id AND gone.source = %(source)s
), noted AS (
    UPDATE tombstones AS stone SET cut_at = %(now)s
    FROM locked
    WHERE stone.movie_id = locked.id AND stone.revived_at IS NULL
)
UPDATE movies AS film SET
    title = 'TMDB ' || film.tmdb_id,
    original_title = NULL,
    original_language = NULL,
    overview = NULL,
    tagline = NULL,
    homepage = NULL,
    status = NULL,
    release_date = NULL,
    runtime_minutes = NULL,
    budget_usd = NULL,
    revenue_usd = NULL,
    popularity = NULL,
    poster_path = NULL,
    backdrop_path = NULL,
    collection_id = NULL,
    updated_at = %(now)s
FROM locked
WHERE film.id = locked.id
