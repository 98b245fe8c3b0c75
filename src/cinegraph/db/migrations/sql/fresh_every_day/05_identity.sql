-- What: who says which IMDb id it has, so that each id has one owner; and films that are another one.
-- Returns: nothing. Locks: new relations only; movies is read once.

CREATE TABLE imdb_claims (
    movie_id  bigint      PRIMARY KEY REFERENCES movies ON DELETE CASCADE,
    imdb_id   text        NOT NULL,
    stated_at timestamptz NOT NULL
);
CREATE INDEX imdb_claims_imdb_id_index ON imdb_claims (imdb_id);
COMMENT ON TABLE imdb_claims IS
    'The IMDb id that the newest document of each film stated, and when that came: of several films the latest statement owns it (movies.imdb_id)';
COMMENT ON COLUMN imdb_claims.stated_at IS 'fetched_at of the document, so that a rebuild finds the same owner';

INSERT INTO imdb_claims (movie_id, imdb_id, stated_at)
SELECT movies.id, movies.imdb_id, coalesce(documents.fetched_at, movies.created_at)
FROM movies
LEFT JOIN documents
    ON documents.source = 'tmdb' AND documents.kind = 'movie' AND documents.external_id = movies.tmdb_id::text
WHERE movies.imdb_id IS NOT NULL;

CREATE TABLE movie_redirects (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_movie_id bigint      NOT NULL REFERENCES movies ON DELETE CASCADE,
    to_movie_id   bigint      NOT NULL REFERENCES movies ON DELETE CASCADE,
    evidence      text        NOT NULL CHECK (evidence IN ('imdb_id', 'find', 'wikidata_id', 'person')),
    detail        text        NOT NULL,
    confidence    real        NOT NULL CHECK (confidence > 0 AND confidence <= 1),
    found_at      timestamptz NOT NULL,
    undone_at     timestamptz,
    undone_by     text,
    CHECK (from_movie_id <> to_movie_id),
    UNIQUE (from_movie_id, to_movie_id)
);
CREATE UNIQUE INDEX movie_redirects_standing_index ON movie_redirects (from_movie_id) WHERE undone_at IS NULL;
COMMENT ON TABLE movie_redirects IS
    'Films that were stored twice at their source and are one now: the one that went, and the one that it is';
COMMENT ON COLUMN movie_redirects.evidence IS
    'imdb_id: the other film states the id of the one that went; find: TMDB finds the other one by it; wikidata_id; person';
COMMENT ON COLUMN movie_redirects.detail IS 'The id that both have';
COMMENT ON COLUMN movie_redirects.undone_at IS 'When a person said that they are two films; it stays so';
CREATE INDEX movie_redirects_to_index ON movie_redirects (to_movie_id);
CREATE INDEX movie_external_ids_wikidata_index ON movie_external_ids (value) WHERE site = 'wikidata';

ALTER TABLE tombstones ADD COLUMN find_asked_at timestamptz;
COMMENT ON COLUMN tombstones.find_asked_at IS 'When the source was last asked which film has the IMDb id of this one now';

CREATE VIEW merged_movies AS
SELECT
    redirect.from_movie_id, former.tmdb_id AS from_tmdb_id, redirect.to_movie_id, heir.tmdb_id AS to_tmdb_id,
    redirect.evidence, redirect.detail, redirect.confidence, redirect.found_at
FROM movie_redirects AS redirect
INNER JOIN movies AS former ON former.id = redirect.from_movie_id
INNER JOIN movies AS heir ON heir.id = redirect.to_movie_id
WHERE redirect.undone_at IS NULL;
COMMENT ON VIEW merged_movies IS 'For consumers: films that are another one now, by our ids and by TMDB''s';

CREATE FUNCTION log_redirect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR (NEW.undone_at IS NULL) <> (OLD.undone_at IS NULL) THEN
        PERFORM note_change(
            'movie', NEW.from_movie_id, CASE WHEN NEW.undone_at IS NULL THEN 'merged' ELSE 'unmerged' END,
            NEW.to_movie_id, '{}', coalesce(NEW.undone_at, NEW.found_at)
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER log_redirects AFTER INSERT OR UPDATE ON movie_redirects
    FOR EACH ROW EXECUTE FUNCTION log_redirect();
