-- What: what sources say of nominations, each statement kept; and the nominations that they mean, with films and people.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE nomination_statements (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ceremony_id  bigint      NOT NULL REFERENCES festival_ceremonies ON DELETE CASCADE,
    source       text        NOT NULL,
    fingerprint  text        NOT NULL,
    position     integer     NOT NULL,
    body         jsonb       NOT NULL,
    first_said_at timestamptz NOT NULL,
    said_at      timestamptz NOT NULL,
    withdrawn_at timestamptz,
    UNIQUE (ceremony_id, source, fingerprint)
);
COMMENT ON TABLE nomination_statements IS 'What a source said of one nomination, kept also when it says so no longer';
COMMENT ON COLUMN nomination_statements.fingerprint IS
    'Of what it says: category, films, nominees, songs, subject; who won and notes may change';
COMMENT ON COLUMN nomination_statements.position IS 'In the source''s order, from 0';
COMMENT ON COLUMN nomination_statements.body IS 'As cinegraph.records.awards.NominationStatement';
COMMENT ON COLUMN nomination_statements.said_at IS 'When the source last said it';
COMMENT ON COLUMN nomination_statements.withdrawn_at IS 'When the source first spoke of the edition without it; null: it says so';

CREATE TABLE festival_nominations (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ceremony_id   bigint      NOT NULL REFERENCES festival_ceremonies ON DELETE CASCADE,
    category_id   bigint      NOT NULL REFERENCES festival_categories,
    category_name text        NOT NULL,
    movie_id      bigint      REFERENCES movies ON DELETE SET NULL,
    is_winner     boolean,
    songs         text[]      NOT NULL DEFAULT '{}',
    country       text,
    subject       text,
    credit        text,
    note          text,
    citation      text,
    position      integer     NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX festival_nominations_ceremony_index ON festival_nominations (ceremony_id, category_id);
CREATE INDEX festival_nominations_category_index ON festival_nominations (category_id);
CREATE INDEX festival_nominations_movie_index ON festival_nominations (movie_id);
COMMENT ON TABLE festival_nominations IS 'Nominations, each once whatever sources say it; identified by what it says';
COMMENT ON COLUMN festival_nominations.category_name IS 'What its category was called in that year';
COMMENT ON COLUMN festival_nominations.movie_id IS 'The first film; null: none is nominated, or it is not known yet. All of them are in nomination_films';
COMMENT ON COLUMN festival_nominations.is_winner IS 'Null: no source says, or the night has not come';
COMMENT ON COLUMN festival_nominations.songs IS 'Songs or dances that are nominated';
COMMENT ON COLUMN festival_nominations.country IS 'That submitted the film';
COMMENT ON COLUMN festival_nominations.subject IS 'What a technical award is about';
COMMENT ON COLUMN festival_nominations.credit IS 'The line in which the nominees are named';
COMMENT ON COLUMN festival_nominations.position IS 'Within the edition, in the order of the source that is believed most';

CREATE TABLE nomination_meanings (
    statement_id  bigint  NOT NULL REFERENCES nomination_statements ON DELETE CASCADE,
    nomination_id bigint  NOT NULL REFERENCES festival_nominations ON DELETE CASCADE,
    is_shared     boolean NOT NULL,
    PRIMARY KEY (statement_id, nomination_id)
);
CREATE INDEX nomination_meanings_nomination_index ON nomination_meanings (nomination_id);
COMMENT ON TABLE nomination_meanings IS 'Which nominations a statement speaks of: one, or all of a title that a source names once';
COMMENT ON COLUMN nomination_meanings.is_shared IS 'Whether it speaks of several: which of them won it does not tell';

CREATE TABLE nomination_films (
    nomination_id bigint   NOT NULL REFERENCES festival_nominations ON DELETE CASCADE,
    position      smallint NOT NULL,
    title         text     NOT NULL,
    folded        text     NOT NULL,
    imdb_id       text,
    characters    text[]   NOT NULL DEFAULT '{}',
    movie_id      bigint   REFERENCES movies ON DELETE SET NULL,
    found_by      text,
    score         real     CHECK (score >= 0 AND score <= 1),
    is_locked     boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (nomination_id, position)
);
CREATE INDEX nomination_films_movie_index ON nomination_films (movie_id);
CREATE INDEX nomination_films_imdb_id_index ON nomination_films (imdb_id);
CREATE INDEX nomination_films_folded_index ON nomination_films (folded) WHERE imdb_id IS NULL;
COMMENT ON TABLE nomination_films IS 'The films of a nomination as sources name them, and which of ours they are';
COMMENT ON COLUMN nomination_films.title IS 'As written; empty: the source has an id alone';
COMMENT ON COLUMN nomination_films.folded IS 'The title without accents, case and punctuation';
COMMENT ON COLUMN nomination_films.characters IS 'Whom the nominee plays in it';
COMMENT ON COLUMN nomination_films.found_by IS 'What found the film: imdb_id, find, title, person';
COMMENT ON COLUMN nomination_films.score IS 'How sure that is, 0 to 1';
COMMENT ON COLUMN nomination_films.is_locked IS 'Whether a person decided: no import changes it';

CREATE TABLE nomination_people (
    nomination_id bigint   NOT NULL REFERENCES festival_nominations ON DELETE CASCADE,
    position      smallint NOT NULL,
    name          text     NOT NULL,
    kind          text     NOT NULL CHECK (kind IN ('person', 'company', 'unknown')),
    imdb_ids      text[]   NOT NULL DEFAULT '{}',
    role          text,
    person_id     bigint   REFERENCES people ON DELETE SET NULL,
    company_id    bigint   REFERENCES companies ON DELETE SET NULL,
    found_by      text,
    score         real     CHECK (score >= 0 AND score <= 1),
    is_locked     boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (nomination_id, position)
);
CREATE INDEX nomination_people_person_index ON nomination_people (person_id);
CREATE INDEX nomination_people_company_index ON nomination_people (company_id);
CREATE INDEX nomination_people_imdb_ids_index ON nomination_people USING gin (imdb_ids);
COMMENT ON TABLE nomination_people IS 'The people and companies of a nomination as sources name them, and which of ours they are';
COMMENT ON COLUMN nomination_people.imdb_ids IS 'Several where one name, such as a pen name, stands for several people';
COMMENT ON COLUMN nomination_people.role IS 'What for, in the source''s words, such as Set Decoration';
COMMENT ON COLUMN nomination_people.found_by IS 'What found the person: imdb_id, credits, find, person (somebody decided)';
COMMENT ON COLUMN nomination_people.score IS 'How sure that is, 0 to 1';
COMMENT ON COLUMN nomination_people.is_locked IS 'Whether a person decided: no import changes it';
