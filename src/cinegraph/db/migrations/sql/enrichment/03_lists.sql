-- What: cultural lists (canons, polls, registries): their definitions, and which films stand on them, now and before.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE lists (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key          text        NOT NULL UNIQUE CHECK (key ~ '^[a-z0-9][a-z0-9_-]*$'),
    name         text        NOT NULL,
    authority    text        NOT NULL,
    weight       real        NOT NULL CHECK (weight >= 0 AND weight <= 1),
    source       text        NOT NULL CHECK (source IN ('tmdb', 'file', 'event')),
    location     text        NOT NULL,
    is_ranked    boolean     NOT NULL,
    refresh_days smallint    CHECK (refresh_days > 0),
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
COMMENT ON TABLE lists IS 'Cultural lists that were imported; their members are in list_entries';
COMMENT ON COLUMN lists.key IS 'How commands call it, such as registry';
COMMENT ON COLUMN lists.authority IS 'Who chose its films';
COMMENT ON COLUMN lists.weight IS 'What a place on it is worth beside others, 0 to 1';
COMMENT ON COLUMN lists.source IS 'tmdb: a list there; file: a file or address of the user''s; event: the films of an awards event that we hold';
COMMENT ON COLUMN lists.location IS 'The id of TMDB''s list, the path or address of the file, the key of the festival';
COMMENT ON COLUMN lists.is_ranked IS 'Whether a lower position is a greater honour';
COMMENT ON COLUMN lists.refresh_days IS 'How often it is read again by itself; null: only when somebody asks';

CREATE TABLE list_entries (
    list_id   bigint      NOT NULL REFERENCES lists ON DELETE CASCADE,
    entry_key text        NOT NULL,
    position  integer,
    imdb_id   text,
    tmdb_id   integer,
    title     text,
    year      smallint,
    movie_id  bigint      REFERENCES movies ON DELETE SET NULL,
    joined_at timestamptz NOT NULL,
    left_at   timestamptz,
    PRIMARY KEY (list_id, entry_key),
    CHECK (imdb_id IS NOT NULL OR tmdb_id IS NOT NULL)
);
CREATE INDEX list_entries_movie_index ON list_entries (movie_id) WHERE left_at IS NULL;
CREATE INDEX list_entries_imdb_id_index ON list_entries (imdb_id);
CREATE INDEX list_entries_tmdb_id_index ON list_entries (tmdb_id);
COMMENT ON TABLE list_entries IS 'The members of lists, also those whose film is not in the catalogue yet, and those that left';
COMMENT ON COLUMN list_entries.entry_key IS 'The id by which the source names the film: tt0033467, or TMDB''s number';
COMMENT ON COLUMN list_entries.position IS 'From 1; several may share one; null: the source gives none';
COMMENT ON COLUMN list_entries.title IS 'As the source writes it';
COMMENT ON COLUMN list_entries.movie_id IS 'Null: the film is not in the catalogue yet';
COMMENT ON COLUMN list_entries.left_at IS 'When the source first came without it; null: it is a member';
