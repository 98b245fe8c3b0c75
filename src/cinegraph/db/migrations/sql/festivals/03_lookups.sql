-- What: how reading the sources of awards went, which films and people the source of films was asked for, and what it says
-- of people.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE festival_sources (
    organization_id bigint      NOT NULL REFERENCES festival_organizations ON DELETE CASCADE,
    source          text        NOT NULL,
    checked_at      timestamptz NOT NULL,
    read_at         timestamptz,
    problem_code    text,
    problem         text,
    PRIMARY KEY (organization_id, source)
);
COMMENT ON TABLE festival_sources IS 'How reading each source of a festival went last';
COMMENT ON COLUMN festival_sources.checked_at IS 'When it was last tried';
COMMENT ON COLUMN festival_sources.read_at IS 'When it was last read; null: never';
COMMENT ON COLUMN festival_sources.problem_code IS
    'What went wrong at the last try, such as unavailable (down), blocked, undecodable (empty, cut, another layout), shrunk_edition; null: nothing';

CREATE TABLE festival_edition_sources (
    ceremony_id bigint      NOT NULL REFERENCES festival_ceremonies ON DELETE CASCADE,
    source      text        NOT NULL,
    document_id text,
    digest      text        NOT NULL,
    nominations integer     NOT NULL,
    said_at     timestamptz NOT NULL,
    PRIMARY KEY (ceremony_id, source)
);
COMMENT ON TABLE festival_edition_sources IS 'What each source said of an edition: by it a source that says nothing new makes no work';
COMMENT ON COLUMN festival_edition_sources.document_id IS
    'documents.external_id of the body that says so; its kind is awards. Null: a person took it back (festivals withdraw)';
COMMENT ON COLUMN festival_edition_sources.digest IS 'Of all its statements';

CREATE TABLE festival_lookups (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text        NOT NULL CHECK (kind IN ('film', 'person')),
    imdb_id    text,
    title      text,
    folded     text,
    year       smallint,
    state      text        NOT NULL CHECK (state IN ('wanted', 'found', 'absent', 'credited', 'unsure')),
    tmdb_id    integer,
    reason     text,
    candidates jsonb       NOT NULL DEFAULT '[]',
    asked_at   timestamptz,
    created_at timestamptz NOT NULL,
    CHECK ((imdb_id IS NULL) <> (folded IS NULL))
);
CREATE UNIQUE INDEX festival_lookups_imdb_id_index ON festival_lookups (imdb_id) WHERE imdb_id IS NOT NULL;
CREATE UNIQUE INDEX festival_lookups_title_index ON festival_lookups (folded, coalesce(year, 0)) WHERE folded IS NOT NULL;
CREATE INDEX festival_lookups_tmdb_id_index ON festival_lookups (kind, tmdb_id) WHERE tmdb_id IS NOT NULL;
COMMENT ON TABLE festival_lookups IS
    'Films and people that nominations name and that were not known: what the source of films answered when it was asked for them';
COMMENT ON COLUMN festival_lookups.imdb_id IS 'By which it is asked; null: by title and year';
COMMENT ON COLUMN festival_lookups.folded IS 'The title without accents, case and punctuation';
COMMENT ON COLUMN festival_lookups.year IS 'Of eligibility; null: any';
COMMENT ON COLUMN festival_lookups.state IS
    'wanted: not answered yet; found; absent: a definitive no, asked again after a while; credited: the credits name a person without an IMDb id; unsure: candidates are for a person to choose from';
COMMENT ON COLUMN festival_lookups.tmdb_id IS 'What it was found to be; of a person also where only the credits say so, to be confirmed';
COMMENT ON COLUMN festival_lookups.reason IS 'Why it is not found, for a person';

CREATE TABLE festival_idle_stages (
    stage    text        PRIMARY KEY,
    noted_at timestamptz NOT NULL
);
COMMENT ON TABLE festival_idle_stages IS 'Ways of finding films and people that were tried often and never won, as of the last look, once a day';

CREATE TABLE person_details (
    person_id     bigint      PRIMARY KEY REFERENCES people ON DELETE CASCADE,
    imdb_id       text,
    also_known_as text[]      NOT NULL DEFAULT '{}',
    born_on       date,
    died_on       date,
    birthplace    text,
    biography     text,
    homepage      text,
    stated_at     timestamptz NOT NULL
);
CREATE INDEX person_details_imdb_id_index ON person_details (imdb_id) WHERE imdb_id IS NOT NULL;
COMMENT ON TABLE person_details IS 'What TMDB says of people who were nominated, beyond what credits repeat';
COMMENT ON COLUMN person_details.stated_at IS 'fetched_at of the document; within 180 days it is asked for again';

CREATE VIEW festival_run_films AS
SELECT
    edition.run_id, ceremony.id AS ceremony_id, ceremony.year, edition.state AS edition_state, nomination.id AS nomination_id,
    film.title, film.folded, film.imdb_id, lookup.state AS find_state, film.movie_id, movies.tmdb_id,
    imported.state AS import_state, rated.state AS omdb_state, collaborated.state AS collaborations_state
FROM sync_run_items AS edition
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = edition.external_id
INNER JOIN festival_nominations AS nomination ON nomination.ceremony_id = ceremony.id
LEFT JOIN nomination_films AS film ON film.nomination_id = nomination.id
LEFT JOIN festival_lookups AS lookup ON lookup.imdb_id = film.imdb_id
LEFT JOIN movies ON movies.id = film.movie_id
LEFT JOIN sync_run_items AS imported
    ON imported.run_id = edition.run_id AND imported.kind = 'movie' AND imported.external_id = movies.tmdb_id
LEFT JOIN sync_run_items AS rated
    ON rated.run_id = edition.run_id AND rated.kind = 'omdb' AND rated.external_id = movies.tmdb_id
LEFT JOIN sync_run_items AS collaborated
    ON collaborated.run_id = edition.run_id AND collaborated.kind = 'collaborations' AND collaborated.external_id = movies.tmdb_id
WHERE edition.kind = 'edition';
COMMENT ON VIEW festival_run_films IS
    'A run of awards as a tree: run, edition, nomination, film, and what is fetched and computed of the film';
