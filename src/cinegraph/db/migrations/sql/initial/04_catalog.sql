-- What we believe about films. `id` is ours, `tmdb_id` and `imdb_id` are theirs.
--
-- What belongs to a film alone is what its newest document says. Shared rows (people, companies, …) are stated by many
-- films: of two statements the later day wins, within a day the greater one. Neither rule depends on the order in which
-- documents are stored, so any order, any number of workers and any repetition end with the same rows. What is left to
-- the order: a body that comes again on a later day states nothing anew, so of the days on which it came the one that
-- was stored first counts; created_at, updated_at and ratings.as_of tell in which order things happened.

CREATE TABLE documents (
    source      text        NOT NULL,
    kind        text        NOT NULL,
    external_id text        NOT NULL,
    body_gzip   bytea       NOT NULL,
    sha256      bytea       NOT NULL,
    size_bytes  integer     NOT NULL,
    etag        text,
    fetched_at  timestamptz NOT NULL,
    checked_at  timestamptz NOT NULL,
    PRIMARY KEY (source, kind, external_id)
) WITH (fillfactor = 90);
-- Already compressed: a second compression would only cost time.
ALTER TABLE documents ALTER COLUMN body_gzip SET STORAGE EXTERNAL;
COMMENT ON TABLE documents IS 'Bodies as received, one a film and source: every row of the catalogue can be made again from them';
COMMENT ON COLUMN documents.fetched_at IS 'When this body first came';
COMMENT ON COLUMN documents.checked_at IS 'When the source last sent it: the one thing that an unchanged answer moves beside the ledger';
COMMENT ON COLUMN documents.sha256 IS 'Of the decoded body';
COMMENT ON COLUMN documents.size_bytes IS 'Of the decoded body';

CREATE TABLE collections (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tmdb_id       integer NOT NULL UNIQUE,
    name          text    NOT NULL,
    poster_path   text,
    backdrop_path text,
    stated_on     date    NOT NULL
);
COMMENT ON TABLE collections IS 'Series of films, such as trilogies';

CREATE TABLE movies (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tmdb_id           integer UNIQUE,
    imdb_id           text,
    title             text    NOT NULL,
    original_title    text,
    original_language text,
    overview          text,
    tagline           text,
    homepage          text,
    status            text,
    release_date      date,
    runtime_minutes   integer,
    budget_usd        bigint,
    revenue_usd       bigint,
    popularity        double precision,
    is_adult          boolean NOT NULL DEFAULT false,
    is_video          boolean NOT NULL DEFAULT false,
    poster_path       text,
    backdrop_path     text,
    collection_id     bigint REFERENCES collections,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX movies_imdb_id_index ON movies (imdb_id) WHERE imdb_id IS NOT NULL;
CREATE INDEX movies_popularity_index ON movies (popularity DESC NULLS LAST);
CREATE INDEX movies_collection_id_index ON movies (collection_id) WHERE collection_id IS NOT NULL;
COMMENT ON COLUMN movies.imdb_id IS 'The last one known: an answer without one takes none away';
COMMENT ON COLUMN movies.updated_at IS 'When one of its facts last changed; when it was last checked is in sync_ledger';
COMMENT ON COLUMN movies.budget_usd IS 'Null where the source does not know (TMDB says 0)';
COMMENT ON COLUMN movies.revenue_usd IS 'Null where the source does not know (TMDB says 0)';

CREATE TABLE people (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tmdb_id              integer UNIQUE,
    imdb_id              text,
    name                 text     NOT NULL,
    original_name        text,
    gender               smallint,
    known_for_department text,
    profile_path         text,
    popularity           double precision,
    is_adult             boolean NOT NULL DEFAULT false,
    stated_on            date    NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX people_imdb_id_index ON people (imdb_id) WHERE imdb_id IS NOT NULL;
COMMENT ON COLUMN people.gender IS '1 woman, 2 man, 3 non-binary, null unknown';
COMMENT ON COLUMN people.stated_on IS 'UTC day of the statement these facts come from: of the body that made it when it was stored; the same body again states nothing anew';

CREATE TABLE credits (
    movie_id   bigint  NOT NULL REFERENCES movies ON DELETE CASCADE,
    person_id  bigint  NOT NULL REFERENCES people,
    -- Compared byte by byte: the collations of languages are several times slower and mean nothing here.
    credit_id  text    COLLATE "C" NOT NULL,
    kind       text    NOT NULL CHECK (kind IN ('cast', 'crew')),
    department text,
    job        text,
    character  text,
    position   integer,
    PRIMARY KEY (movie_id, credit_id)
);
CREATE INDEX credits_person_id_index ON credits (person_id);
COMMENT ON COLUMN credits.position IS 'Cast: billing order from 0, with gaps. Crew: the order in which the source lists them';

CREATE TABLE genres (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tmdb_id   integer NOT NULL UNIQUE,
    name      text    NOT NULL,
    stated_on date    NOT NULL
);
CREATE TABLE movie_genres (
    movie_id bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    genre_id bigint NOT NULL REFERENCES genres,
    position smallint NOT NULL,
    PRIMARY KEY (movie_id, genre_id)
);
CREATE INDEX movie_genres_genre_id_index ON movie_genres (genre_id);

CREATE TABLE keywords (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tmdb_id   integer NOT NULL UNIQUE,
    name      text    NOT NULL,
    stated_on date    NOT NULL
);
CREATE TABLE movie_keywords (
    movie_id   bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    keyword_id bigint NOT NULL REFERENCES keywords,
    PRIMARY KEY (movie_id, keyword_id)
);
CREATE INDEX movie_keywords_keyword_id_index ON movie_keywords (keyword_id);

CREATE TABLE companies (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tmdb_id      integer NOT NULL UNIQUE,
    name         text    NOT NULL,
    country_code text,
    logo_path    text,
    stated_on    date    NOT NULL
);
CREATE TABLE movie_companies (
    movie_id   bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    company_id bigint NOT NULL REFERENCES companies,
    position   smallint NOT NULL,
    PRIMARY KEY (movie_id, company_id)
);
CREATE INDEX movie_companies_company_id_index ON movie_companies (company_id);

CREATE TABLE countries (
    code      text PRIMARY KEY,
    name      text,
    stated_on date NOT NULL
);
COMMENT ON COLUMN countries.code IS 'ISO 3166-1 alpha-2, and the codes TMDB keeps for countries of the past (SU, XC, …)';
CREATE TABLE movie_countries (
    movie_id     bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    kind         text   NOT NULL CHECK (kind IN ('production', 'origin')),
    country_code text   NOT NULL REFERENCES countries,
    position     smallint NOT NULL,
    PRIMARY KEY (movie_id, kind, country_code)
);

CREATE TABLE languages (
    code         text PRIMARY KEY,
    english_name text,
    name         text,
    stated_on    date NOT NULL
);
COMMENT ON COLUMN languages.code IS 'ISO 639-1, and TMDB''s own xx (none) and cn (Cantonese)';
CREATE TABLE movie_languages (
    movie_id      bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    language_code text   NOT NULL REFERENCES languages,
    position      smallint NOT NULL,
    PRIMARY KEY (movie_id, language_code)
);
COMMENT ON TABLE movie_languages IS 'Languages spoken in a film';

CREATE TABLE videos (
    movie_id      bigint  NOT NULL REFERENCES movies ON DELETE CASCADE,
    video_id      text    NOT NULL,
    site          text    NOT NULL,
    key           text    NOT NULL,
    name          text,
    kind          text,
    language_code text,
    country_code  text,
    height_pixels integer,
    is_official   boolean NOT NULL,
    published_at  timestamptz,
    PRIMARY KEY (movie_id, video_id)
);

CREATE TABLE releases (
    movie_id      bigint      NOT NULL REFERENCES movies ON DELETE CASCADE,
    country_code  text        NOT NULL,
    kind          smallint    NOT NULL,
    released_at   timestamptz NOT NULL,
    language_code text        NOT NULL,
    certification text        NOT NULL,
    note          text        NOT NULL,
    PRIMARY KEY (movie_id, country_code, kind, released_at, language_code, certification, note)
);
COMMENT ON COLUMN releases.kind IS '1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 TV';
COMMENT ON COLUMN releases.certification IS 'Empty when not rated or unknown';

CREATE TABLE alternative_titles (
    movie_id     bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    country_code text   NOT NULL,
    title        text   NOT NULL,
    kind         text   NOT NULL,
    PRIMARY KEY (movie_id, country_code, title, kind)
);

CREATE TABLE movie_external_ids (
    movie_id bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    site     text   NOT NULL,
    value    text   NOT NULL,
    PRIMARY KEY (movie_id, site)
);
CREATE INDEX movie_external_ids_value_index ON movie_external_ids (site, value);

CREATE TABLE source_recommendations (
    movie_id            bigint   NOT NULL REFERENCES movies ON DELETE CASCADE,
    source              text     NOT NULL,
    recommended_tmdb_id integer  NOT NULL,
    position            smallint NOT NULL,
    PRIMARY KEY (movie_id, source, recommended_tmdb_id)
);
CREATE INDEX source_recommendations_recommended_index ON source_recommendations (recommended_tmdb_id);
COMMENT ON TABLE source_recommendations IS 'What a source recommends beside a film; the recommended one may not be stored yet, so it is named by its TMDB id';

CREATE TABLE watch_providers (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tmdb_id   integer NOT NULL UNIQUE,
    name      text    NOT NULL,
    logo_path text,
    stated_on date    NOT NULL
);
CREATE TABLE watch_offers (
    movie_id     bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    country_code text   NOT NULL,
    kind         text   NOT NULL,
    provider_id  bigint NOT NULL REFERENCES watch_providers,
    position     integer,
    PRIMARY KEY (movie_id, country_code, kind, provider_id)
);
COMMENT ON TABLE watch_offers IS 'Where a film can be watched. Data by JustWatch, who must be credited wherever it is shown';

CREATE TABLE ratings (
    movie_id bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    source   text   NOT NULL,
    kind     text   NOT NULL,
    value    double precision NOT NULL,
    votes    integer,
    as_of    timestamptz NOT NULL,
    PRIMARY KEY (movie_id, source, kind)
);
COMMENT ON COLUMN ratings.as_of IS 'When the value was first said: fetch time of the document that brought it; while it does not move, newer documents leave it';
COMMENT ON COLUMN ratings.value IS 'On the scale of its kind: user_score of tmdb is 0–10';

CREATE TABLE quarantine (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text        NOT NULL,
    kind        text        NOT NULL,
    external_id text        NOT NULL,
    sha256      bytea       NOT NULL,
    reason      text        NOT NULL,
    detail      text        NOT NULL,
    sample      bytea       NOT NULL,
    is_confirmed boolean    NOT NULL,
    seen_count  integer     NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    resolved_at   timestamptz,
    UNIQUE (source, kind, external_id, sha256)
);
COMMENT ON TABLE quarantine IS 'Bodies that could not become rows, with the reason; the last good row of the thing stays';
COMMENT ON COLUMN quarantine.is_confirmed IS 'False while an undecodable body may still be a passing fault; true from the third time over hours, and at once for valid JSON that breaks the schema';
COMMENT ON COLUMN quarantine.resolved_at IS 'When the thing could be read again; null while it cannot';
COMMENT ON COLUMN quarantine.sample IS 'The first 64 kB of the body';
