-- What: what changed in films and people, for consumers: appended by the transaction that changed it, given a position
-- after its commit.
-- Returns: nothing. Locks: the tables of films, exclusively, while triggers are made: an instant each.

CREATE TABLE change_entries (
    id         bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid        xid8     NOT NULL DEFAULT pg_current_xact_id(),
    kind       text     NOT NULL,
    entity_ids bigint[] NOT NULL,
    tmdb_ids   integer[],
    action     text     NOT NULL
        CHECK (action IN ('added', 'changed', 'gone', 'revived', 'merged', 'unmerged', 'removed', 'listed')),
    fields     text[]   NOT NULL DEFAULT '{}',
    other_id   bigint,
    why        text     DEFAULT nullif(current_setting('cinegraph.change_reason', true), ''),
    changed_at timestamptz
);
-- They live for half a second: compressing them costs more than writing them.
ALTER TABLE change_entries
    ALTER COLUMN entity_ids SET STORAGE EXTERNAL,
    ALTER COLUMN tmdb_ids SET STORAGE EXTERNAL;
COMMENT ON TABLE change_entries IS
    'Changes that have no position yet: appended by triggers, taken away by the sequencer when their transaction has committed. Read the view changes instead';
COMMENT ON COLUMN change_entries.entity_ids IS
    'Ours, at most a thousand: what one statement did to many is one entry, or films would be stored a third slower; null in it: many films at once';

CREATE TABLE change_log (
    position   bigint PRIMARY KEY,
    kind       text   NOT NULL,
    entity_id  bigint,
    tmdb_id    integer,
    action     text   NOT NULL,
    fields     text[] NOT NULL,
    other_id   bigint,
    why        text,
    changed_at timestamptz NOT NULL,
    logged_at  timestamptz NOT NULL
);
CREATE INDEX change_log_popularity_index ON change_log (kind, entity_id)
    WHERE action = 'changed' AND fields = '{popularity}';
COMMENT ON TABLE change_log IS
    'Committed changes in the order of their positions: nothing ever appears behind a position that could be read. Consumers read the view changes';
COMMENT ON COLUMN change_log.entity_id IS 'Ours; null: many films at once, those with movies.updated_at >= changed_at';
COMMENT ON COLUMN change_log.action IS
    'added, changed, gone (tombstone), revived, merged (into other_id), unmerged, removed (its row was deleted), listed (many films took popularity from a daily list)';
COMMENT ON COLUMN change_log.fields IS
    'Columns, and names of the film''s sets (credits, genres, …), that changed; empty: all of it may have';
COMMENT ON COLUMN change_log.why IS 'fetched, listed, terms; null: by hand, or unknown';
COMMENT ON COLUMN change_log.changed_at IS 'When it was changed, or given its position where the writer did not say';
COMMENT ON COLUMN change_log.logged_at IS 'When it was given its position';

CREATE TABLE change_log_state (
    is_only       boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    last_position bigint  NOT NULL,
    kept_after    bigint  NOT NULL
);
INSERT INTO change_log_state (last_position, kept_after) VALUES (0, 0);
COMMENT ON TABLE change_log_state IS 'One row, which the sequencer locks: there are never two';
COMMENT ON COLUMN change_log_state.last_position IS 'The newest position; a snapshot of the tables reads it in its own transaction';
COMMENT ON COLUMN change_log_state.kept_after IS 'Whoever has read up to a position before this one has missed rows: it needs a new snapshot';

CREATE VIEW changes AS
SELECT
    log.position, log.kind, log.entity_id AS id, log.tmdb_id,
    coalesce(movies.imdb_id, people.imdb_id) AS imdb_id,
    coalesce(movies.title, people.name) AS title,
    log.action, log.fields, log.other_id, log.why, log.changed_at, log.logged_at
FROM change_log AS log
LEFT JOIN movies ON log.kind = 'movie' AND movies.id = log.entity_id
LEFT JOIN people ON log.kind = 'person' AND people.id = log.entity_id;
COMMENT ON VIEW changes IS
    'For consumers: every committed change by position. Read the thing again as it is now; the same change may come twice';

CREATE FUNCTION note_change(
    kind text, entity_id bigint, action text, other_id bigint DEFAULT NULL, fields text[] DEFAULT '{}',
    changed_at timestamptz DEFAULT NULL
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO change_entries (kind, entity_ids, action, other_id, fields, changed_at)
    VALUES ($1, ARRAY[$2], $3, $4, $5, $6)
$$;
COMMENT ON FUNCTION note_change IS 'Appends a change that no trigger sees, such as merged or unmerged, in the caller''s transaction';

-- What a statement did to many is an entry for every thousand: the transition table is called touched, whether it holds
-- what is new or what was deleted.
CREATE FUNCTION log_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_entries (kind, entity_ids, tmdb_ids, action, changed_at)
    SELECT TG_ARGV[0], array_agg(id), array_agg(tmdb_id), TG_ARGV[1], CASE TG_OP WHEN 'INSERT' THEN max(updated_at) END
    FROM (SELECT id, tmdb_id, updated_at, row_number() OVER () AS number FROM touched) AS numbered
    GROUP BY (number - 1) / 1000;
    RETURN NULL;
END $$;

-- Row by row: a transition table of a list that moves a million films would be written to disk twice.
CREATE FUNCTION log_movie_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    differing text[] := array_remove(ARRAY[
        CASE WHEN NEW.tmdb_id IS DISTINCT FROM OLD.tmdb_id THEN 'tmdb_id' END,
        CASE WHEN NEW.imdb_id IS DISTINCT FROM OLD.imdb_id THEN 'imdb_id' END,
        CASE WHEN NEW.title IS DISTINCT FROM OLD.title THEN 'title' END,
        CASE WHEN NEW.original_title IS DISTINCT FROM OLD.original_title THEN 'original_title' END,
        CASE WHEN NEW.original_language IS DISTINCT FROM OLD.original_language THEN 'original_language' END,
        CASE WHEN NEW.overview IS DISTINCT FROM OLD.overview THEN 'overview' END,
        CASE WHEN NEW.tagline IS DISTINCT FROM OLD.tagline THEN 'tagline' END,
        CASE WHEN NEW.homepage IS DISTINCT FROM OLD.homepage THEN 'homepage' END,
        CASE WHEN NEW.status IS DISTINCT FROM OLD.status THEN 'status' END,
        CASE WHEN NEW.release_date IS DISTINCT FROM OLD.release_date THEN 'release_date' END,
        CASE WHEN NEW.runtime_minutes IS DISTINCT FROM OLD.runtime_minutes THEN 'runtime_minutes' END,
        CASE WHEN NEW.budget_usd IS DISTINCT FROM OLD.budget_usd THEN 'budget_usd' END,
        CASE WHEN NEW.revenue_usd IS DISTINCT FROM OLD.revenue_usd THEN 'revenue_usd' END,
        CASE WHEN NEW.popularity IS DISTINCT FROM OLD.popularity THEN 'popularity' END,
        CASE WHEN NEW.is_adult IS DISTINCT FROM OLD.is_adult THEN 'is_adult' END,
        CASE WHEN NEW.is_video IS DISTINCT FROM OLD.is_video THEN 'is_video' END,
        CASE WHEN NEW.poster_path IS DISTINCT FROM OLD.poster_path THEN 'poster_path' END,
        CASE WHEN NEW.backdrop_path IS DISTINCT FROM OLD.backdrop_path THEN 'backdrop_path' END,
        CASE WHEN NEW.collection_id IS DISTINCT FROM OLD.collection_id THEN 'collection_id' END
    ], NULL);
BEGIN
    INSERT INTO change_entries (kind, entity_ids, tmdb_ids, action, fields, changed_at)
    SELECT 'movie', ARRAY[NEW.id], ARRAY[NEW.tmdb_id], said.action, said.fields, NEW.updated_at
    FROM (VALUES
        ('changed', differing),
        (CASE WHEN NEW.gone_at IS NULL THEN 'revived' WHEN OLD.gone_at IS NULL THEN 'gone' ELSE 'changed' END,
         CASE WHEN NEW.gone_at IS DISTINCT FROM OLD.gone_at THEN '{gone_at}'::text[] ELSE '{}' END)
    ) AS said (action, fields)
    WHERE said.fields <> '{}';
    RETURN NULL;
END $$;

-- The plan is made once a session and has to do for every size; the settings of storing would join all with all.
CREATE FUNCTION log_person_updates() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = on SET enable_nestloop = off AS $$
BEGIN
    INSERT INTO change_entries (kind, entity_ids, tmdb_ids, action, fields, changed_at)
    SELECT 'person', array_agg(id), array_agg(tmdb_id), 'changed', fields, max(updated_at)
    FROM (
        SELECT differing.*, row_number() OVER (PARTITION BY differing.fields) AS number
        FROM (
            SELECT fresh.id, fresh.tmdb_id, fresh.updated_at, array_remove(ARRAY[
                CASE WHEN fresh.tmdb_id IS DISTINCT FROM stale.tmdb_id THEN 'tmdb_id' END,
                CASE WHEN fresh.imdb_id IS DISTINCT FROM stale.imdb_id THEN 'imdb_id' END,
                CASE WHEN fresh.name IS DISTINCT FROM stale.name THEN 'name' END,
                CASE WHEN fresh.original_name IS DISTINCT FROM stale.original_name THEN 'original_name' END,
                CASE WHEN fresh.gender IS DISTINCT FROM stale.gender THEN 'gender' END,
                CASE WHEN fresh.known_for_department IS DISTINCT FROM stale.known_for_department
                    THEN 'known_for_department' END,
                CASE WHEN fresh.profile_path IS DISTINCT FROM stale.profile_path THEN 'profile_path' END,
                CASE WHEN fresh.popularity IS DISTINCT FROM stale.popularity THEN 'popularity' END,
                CASE WHEN fresh.is_adult IS DISTINCT FROM stale.is_adult THEN 'is_adult' END
            ], NULL) AS fields
            FROM fresh JOIN stale USING (id)
        ) AS differing
        WHERE differing.fields <> '{}'
    ) AS numbered
    GROUP BY fields, (number - 1) / 1000;
    RETURN NULL;
END $$;

CREATE FUNCTION log_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_entries (kind, entity_ids, action, fields)
    SELECT 'movie', array_agg(movie_id), 'changed', ARRAY[TG_ARGV[0]]
    FROM (
        SELECT movie_id, row_number() OVER () AS number FROM (SELECT DISTINCT movie_id FROM touched) AS films
    ) AS numbered
    GROUP BY (number - 1) / 1000;
    RETURN NULL;
END $$;

CREATE TRIGGER log_inserts AFTER INSERT ON movies
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION log_rows('movie', 'added');
CREATE TRIGGER log_updates AFTER UPDATE ON movies FOR EACH ROW WHEN ((
    OLD.tmdb_id, OLD.imdb_id, OLD.title, OLD.original_title, OLD.original_language, OLD.overview, OLD.tagline,
    OLD.homepage, OLD.status, OLD.release_date, OLD.runtime_minutes, OLD.budget_usd, OLD.revenue_usd, OLD.is_adult,
    OLD.is_video, OLD.poster_path, OLD.backdrop_path, OLD.collection_id, OLD.gone_at
) IS DISTINCT FROM (
    NEW.tmdb_id, NEW.imdb_id, NEW.title, NEW.original_title, NEW.original_language, NEW.overview, NEW.tagline,
    NEW.homepage, NEW.status, NEW.release_date, NEW.runtime_minutes, NEW.budget_usd, NEW.revenue_usd, NEW.is_adult,
    NEW.is_video, NEW.poster_path, NEW.backdrop_path, NEW.collection_id, NEW.gone_at
) OR (
    -- A list moves the popularity of most films every day: whoever merges it notes one change for all of them.
    OLD.popularity IS DISTINCT FROM NEW.popularity
    AND coalesce(current_setting('cinegraph.change_reason', true), '') <> 'listed'
)) EXECUTE FUNCTION log_movie_update();
CREATE TRIGGER log_deletes AFTER DELETE ON movies
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION log_rows('movie', 'removed');
CREATE TRIGGER log_inserts AFTER INSERT ON people
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION log_rows('person', 'added');
CREATE TRIGGER log_updates AFTER UPDATE ON people
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION log_person_updates();
CREATE TRIGGER log_deletes AFTER DELETE ON people
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION log_rows('person', 'removed');

DO $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES
            ('credits', 'credits'), ('movie_genres', 'genres'), ('movie_keywords', 'keywords'),
            ('movie_companies', 'companies'), ('movie_countries', 'countries'), ('movie_languages', 'languages'),
            ('videos', 'videos'), ('releases', 'releases'), ('alternative_titles', 'alternative_titles'),
            ('movie_external_ids', 'external_ids'), ('source_recommendations', 'recommendations'),
            ('watch_offers', 'watch_offers'), ('ratings', 'ratings'), ('movie_facts', 'facts')
        ) AS known (relation, field)
    LOOP
        EXECUTE format('CREATE TRIGGER log_inserts AFTER INSERT ON %I REFERENCING NEW TABLE AS touched'
            ' FOR EACH STATEMENT EXECUTE FUNCTION log_set(%L)', part.relation, part.field);
        EXECUTE format('CREATE TRIGGER log_updates AFTER UPDATE ON %I REFERENCING NEW TABLE AS touched'
            ' FOR EACH STATEMENT EXECUTE FUNCTION log_set(%L)', part.relation, part.field);
        EXECUTE format('CREATE TRIGGER log_deletes AFTER DELETE ON %I REFERENCING OLD TABLE AS touched'
            ' FOR EACH STATEMENT EXECUTE FUNCTION log_set(%L)', part.relation, part.field);
    END LOOP;
END $$;
