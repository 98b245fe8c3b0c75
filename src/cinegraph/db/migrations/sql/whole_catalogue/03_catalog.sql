-- What: the daily export as received, what a second source says of a film, and what was said before.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE export_snapshots (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source        text        NOT NULL,
    kind          text        NOT NULL,
    listed_on     date        NOT NULL,
    state         text        NOT NULL CHECK (state IN ('merged', 'refused')),
    reason        text,
    line_count    integer,
    size_bytes    bigint,
    sha256        bytea,
    new_count     integer,
    changed_count integer,
    missing_count integer,
    fetched_at    timestamptz NOT NULL,
    merged_at     timestamptz
);
CREATE UNIQUE INDEX export_snapshots_merged_index ON export_snapshots (source, kind, listed_on) WHERE state = 'merged';
COMMENT ON TABLE export_snapshots IS 'Every daily list that was downloaded: merged whole or refused whole, with the reason';
COMMENT ON COLUMN export_snapshots.kind IS 'movie, adult_movie (TMDB); ratings (IMDb)';
COMMENT ON COLUMN export_snapshots.listed_on IS 'The day in its name: values are of about 08:00 UTC that day';
COMMENT ON COLUMN export_snapshots.size_bytes IS 'Compressed, as received';

CREATE TABLE listed_movies (
    tmdb_id        integer PRIMARY KEY,
    kind           text NOT NULL DEFAULT 'movie',
    popularity     double precision NOT NULL,
    is_adult       boolean NOT NULL,
    is_video       boolean NOT NULL,
    original_title text,
    stated_on      date    NOT NULL,
    missing_since  date
) WITH (fillfactor = 80);
COMMENT ON TABLE listed_movies IS 'Every film TMDB''s daily export has named: what exists there, also before it is fetched';
COMMENT ON COLUMN listed_movies.kind IS
    'Which list names it, as in export_snapshots: only that list can miss it. Not the same as is_adult, which is a value';
COMMENT ON COLUMN listed_movies.stated_on IS 'The first export in a row that said these values; they hold until the newest one';
COMMENT ON COLUMN listed_movies.missing_since IS 'The first export in a row that no longer names it; null: the newest names it';

CREATE TABLE movie_facts (
    movie_id bigint      NOT NULL REFERENCES movies ON DELETE CASCADE,
    source   text        NOT NULL,
    kind     text        NOT NULL,
    text     text,
    number   bigint,
    as_of    timestamptz NOT NULL,
    PRIMARY KEY (movie_id, source, kind)
);
COMMENT ON TABLE movie_facts IS
    'What a second source says of a film beside ratings: box_office_usd, awards, award_wins, award_nominations, oscar_wins, oscar_nominations, rated, …';
COMMENT ON COLUMN movie_facts.text IS 'As the source words it; null where it is a number alone';
COMMENT ON COLUMN movie_facts.as_of IS 'When it was first said: fetch time of the document that brought it';

CREATE TABLE rating_history (
    movie_id bigint      NOT NULL REFERENCES movies ON DELETE CASCADE,
    source   text        NOT NULL,
    kind     text        NOT NULL,
    as_of    timestamptz NOT NULL,
    until    timestamptz NOT NULL,
    value    double precision NOT NULL,
    votes    integer,
    PRIMARY KEY (movie_id, source, kind, as_of)
);
COMMENT ON TABLE rating_history IS 'Ratings of a second source that were replaced; the current ones are in ratings';
COMMENT ON COLUMN rating_history.until IS 'When another value, or none, was said';

CREATE TABLE fact_history (
    movie_id bigint      NOT NULL REFERENCES movies ON DELETE CASCADE,
    source   text        NOT NULL,
    kind     text        NOT NULL,
    as_of    timestamptz NOT NULL,
    until    timestamptz NOT NULL,
    text     text,
    number   bigint,
    PRIMARY KEY (movie_id, source, kind, as_of)
);
COMMENT ON TABLE fact_history IS 'Facts that were replaced; the current ones are in movie_facts';
COMMENT ON COLUMN fact_history.until IS 'When something else, or nothing, was said';
