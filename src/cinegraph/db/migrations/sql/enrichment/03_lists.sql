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
    updated_at   timestamptz NOT NULL,
    state        text        NOT NULL DEFAULT 'never_read'
        CHECK (state IN ('never_read', 'current', 'unreachable', 'unreadable', 'private', 'empty', 'shrunken')),
    problem      text        CHECK ((problem IS NULL) = (state IN ('never_read', 'current'))),
    remarks      text[]      NOT NULL DEFAULT '{}',
    checked_at   timestamptz,
    read_at      timestamptz,
    changed_at   timestamptz
);
COMMENT ON TABLE lists IS 'Cultural lists that were imported; their members are in list_entries';
COMMENT ON COLUMN lists.key IS 'How commands call it, such as registry';
COMMENT ON COLUMN lists.authority IS 'Who chose its films';
COMMENT ON COLUMN lists.weight IS 'What a place on it is worth beside others, 0 to 1';
COMMENT ON COLUMN lists.source IS 'tmdb: a list there; file: a file or address of the user''s; event: the films of an awards event that we hold';
COMMENT ON COLUMN lists.location IS 'The id of TMDB''s list, the path of the file, or its address as it was given, with any token in it (shown without); the key of the festival';
COMMENT ON COLUMN lists.is_ranked IS 'Whether a lower position is a greater honour';
COMMENT ON COLUMN lists.refresh_days IS 'How often it is read again by itself; null: only when somebody asks';
COMMENT ON COLUMN lists.updated_at IS 'When its definition last changed';
COMMENT ON COLUMN lists.state IS
    'How reading it went last. Only a current reading changes members: unreachable (down, no such file), unreadable (a web page, cut, no list), private (the source shows it to nobody, or has it no longer), empty, shrunken (too many members would leave at once)';
COMMENT ON COLUMN lists.problem IS 'Why it is not current, for a person';
COMMENT ON COLUMN lists.remarks IS 'What could not be read of it at the last reading that was taken; nobody left by that one';
COMMENT ON COLUMN lists.checked_at IS 'When it was last tried';
COMMENT ON COLUMN lists.read_at IS 'When it was last read and taken for true; null: never';
COMMENT ON COLUMN lists.changed_at IS 'When a reading last changed its members';

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
    folded    text,
    PRIMARY KEY (list_id, entry_key),
    CHECK (imdb_id IS NOT NULL OR tmdb_id IS NOT NULL OR folded IS NOT NULL)
);
CREATE INDEX list_entries_movie_index ON list_entries (movie_id) WHERE left_at IS NULL;
CREATE INDEX list_entries_imdb_id_index ON list_entries (imdb_id);
CREATE INDEX list_entries_tmdb_id_index ON list_entries (tmdb_id);
CREATE INDEX list_entries_folded_index ON list_entries (folded) WHERE imdb_id IS NULL AND tmdb_id IS NULL;
COMMENT ON TABLE list_entries IS
    'The members of lists, also those whose film is not in the catalogue yet, and those that left; a film stands once on a list';
COMMENT ON COLUMN list_entries.entry_key IS
    'By what the source named the film when it joined: tt0033467, TMDB''s number, or title and year where there is no id';
COMMENT ON COLUMN list_entries.position IS 'From 1; several may share one; null: the source gives none';
COMMENT ON COLUMN list_entries.title IS 'As the source writes it';
COMMENT ON COLUMN list_entries.movie_id IS
    'Null: the film is not in the catalogue yet, or nobody can tell which it is, or another entry of the list is the same film';
COMMENT ON COLUMN list_entries.joined_at IS 'When the source first came with it, of this membership; former ones are in list_past_memberships';
COMMENT ON COLUMN list_entries.left_at IS 'When the source first came without it; null: it is a member';
COMMENT ON COLUMN list_entries.folded IS 'The title without accents, case and punctuation: by it and the year a film without an id is found';

CREATE TABLE list_past_memberships (
    list_id   bigint      NOT NULL,
    entry_key text        NOT NULL,
    joined_at timestamptz NOT NULL,
    left_at   timestamptz NOT NULL,
    PRIMARY KEY (list_id, entry_key, joined_at),
    FOREIGN KEY (list_id, entry_key) REFERENCES list_entries ON DELETE CASCADE
);
COMMENT ON TABLE list_past_memberships IS 'When films were on a list before, of those that came back; the last membership of each is in list_entries';

CREATE VIEW list_memberships AS
SELECT list.key AS list_key, entry.movie_id, entry.entry_key, entry.title, entry.year, held.joined_at, held.left_at
FROM list_entries AS entry
INNER JOIN lists AS list ON list.id = entry.list_id
CROSS JOIN LATERAL (
    SELECT entry.joined_at, entry.left_at
    UNION ALL
    SELECT past.joined_at, past.left_at
    FROM list_past_memberships AS past
    WHERE past.list_id = entry.list_id AND past.entry_key = entry.entry_key
) AS held;
COMMENT ON VIEW list_memberships IS 'For consumers: who was on which list from when to when; left_at null: still';

-- Changes for consumers: whose membership or place changed. Of films as they were and as they are.
CREATE FUNCTION log_listed(films bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO change_entries (kind, entity_ids, action, fields)
    SELECT 'movie', array_agg(id), 'changed', '{lists}'
    FROM (
        SELECT id, row_number() OVER (ORDER BY id) AS number
        FROM (SELECT DISTINCT id FROM unnest($1) AS film (id) WHERE id IS NOT NULL) AS named
    ) AS numbered
    GROUP BY (number - 1) / 1000
$$;

CREATE FUNCTION log_joined() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_listed(ARRAY(SELECT movie_id FROM touched WHERE left_at IS NULL));
    RETURN NULL;
END $$;

CREATE FUNCTION log_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_listed(ARRAY(
        SELECT film.movie_id
        FROM before
        INNER JOIN after USING (list_id, entry_key)
        CROSS JOIN LATERAL (
            SELECT before.movie_id WHERE before.left_at IS NULL
            UNION ALL
            SELECT after.movie_id WHERE after.left_at IS NULL
        ) AS film
        WHERE (before.movie_id, before.position, before.left_at IS NULL)
            IS DISTINCT FROM (after.movie_id, after.position, after.left_at IS NULL)
    ));
    RETURN NULL;
END $$;

CREATE FUNCTION log_weighed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_listed(ARRAY(
        SELECT entry.movie_id
        FROM before
        INNER JOIN after USING (id)
        INNER JOIN list_entries AS entry ON entry.list_id = after.id AND entry.left_at IS NULL
        WHERE (before.weight, before.is_ranked) IS DISTINCT FROM (after.weight, after.is_ranked)
    ));
    RETURN NULL;
END $$;

CREATE TRIGGER log_inserts AFTER INSERT ON list_entries
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION log_joined();
CREATE TRIGGER log_updates AFTER UPDATE ON list_entries
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION log_moved();
CREATE TRIGGER log_deletes AFTER DELETE ON list_entries
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION log_joined();
CREATE TRIGGER log_updates AFTER UPDATE ON lists
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION log_weighed();

COMMENT ON TABLE festival_lookups IS
    'Films and people that nominations, or members of lists, name and that were not known: what the source of films answered when it was asked for them';
