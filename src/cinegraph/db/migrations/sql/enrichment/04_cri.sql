-- What: the cultural-relevance index (CRI): scores of films, the versions of the formula, and what its pass measured.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE cri_versions (
    version     text        PRIMARY KEY,
    description text        NOT NULL,
    terms       text[]      NOT NULL,
    weights     jsonb       NOT NULL,
    made_at     timestamptz NOT NULL
);
COMMENT ON TABLE cri_versions IS 'Formulas of the cultural-relevance index by which films were scored';
COMMENT ON COLUMN cri_versions.terms IS 'Names of its terms, in the order of cri_scores.evidence and cri_scores.shares';
COMMENT ON COLUMN cri_versions.weights IS 'By dimension its weight; by dimension.term the weight within; why each has it stands in the formula''s README';
COMMENT ON COLUMN cri_versions.made_at IS 'When it first scored a film here';

CREATE TABLE cri_baselines (
    version     text        PRIMARY KEY REFERENCES cri_versions,
    baselines   jsonb       NOT NULL,
    measured_at timestamptz NOT NULL
);
COMMENT ON TABLE cri_baselines IS
    'What films are held against, such as how many votes the best known of a decade have: measured by a pass over all films, read by every film that is scored until the next one';
COMMENT ON COLUMN cri_baselines.measured_at IS 'When a pass last measured them, whether or not they changed';

CREATE TABLE cri_scores (
    movie_id      bigint      PRIMARY KEY REFERENCES movies ON DELETE CASCADE,
    computed_at   timestamptz NOT NULL,
    score         real        CHECK (score BETWEEN 0 AND 100),
    confidence    real        NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    timelessness  real,
    penetration   real,
    artistry      real,
    institutions  real,
    reception     real,
    version       text        NOT NULL REFERENCES cri_versions,
    evidence      real[]      NOT NULL,
    shares        real[]      NOT NULL,
    impossible    text,
    CHECK ((score IS NULL) = (impossible IS NOT NULL))
) WITH (fillfactor = 90);
CREATE INDEX cri_scores_score_index ON cri_scores (score DESC) WHERE score IS NOT NULL;
COMMENT ON TABLE cri_scores IS 'The cultural-relevance index of films, 0 to 100; cinegraph movie ID --score explains one term by term';
COMMENT ON COLUMN cri_scores.score IS 'Null: impossible, see there';
COMMENT ON COLUMN cri_scores.confidence IS 'How much of what the formula asks is known of the film, 0 to 1';
COMMENT ON COLUMN cri_scores.timelessness IS 'Each dimension 0 to 100; null: nothing is known of it';
COMMENT ON COLUMN cri_scores.penetration IS 'How far it reached: votes, lists, recommendations';
COMMENT ON COLUMN cri_scores.artistry IS 'What critics, juries and polls say of it, and of its directors'' other films';
COMMENT ON COLUMN cri_scores.institutions IS 'Nominations, awards, registries';
COMMENT ON COLUMN cri_scores.reception IS 'What the public gives it';
COMMENT ON COLUMN cri_scores.evidence IS 'By term of its version, 0 to 1: how much speaks for the film';
COMMENT ON COLUMN cri_scores.shares IS
    'By term of its version, 0 to 1: how much of the term''s weight counts; 0: nothing is known. The score is 100 · sum(weight · evidence) / sum(weight · share)';
COMMENT ON COLUMN cri_scores.impossible IS 'Why the film has no score; null: it has one';
COMMENT ON COLUMN cri_scores.computed_at IS 'When the row last changed: computing again what is equal moves nothing';

CREATE TABLE cri_earlier_scores (
    movie_id   bigint NOT NULL REFERENCES movies ON DELETE CASCADE,
    version    text   NOT NULL REFERENCES cri_versions,
    score      real   NOT NULL,
    confidence real   NOT NULL,
    PRIMARY KEY (version, movie_id)
);
CREATE INDEX cri_earlier_scores_movie_index ON cri_earlier_scores (movie_id);
COMMENT ON TABLE cri_earlier_scores IS 'The last score of a film by earlier versions of the formula, so that versions can be compared';

-- A new score, or one that moved by a tenth, is a change of the film. A pass moves many: they are one entry, as with listed.
CREATE FUNCTION log_scores(films bigint[], at timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO change_entries (kind, entity_ids, action, fields, changed_at)
    SELECT
        'movie', CASE WHEN cardinality($1) > 1000 THEN ARRAY[NULL::bigint] ELSE $1 END,
        CASE WHEN cardinality($1) > 1000 THEN 'listed' ELSE 'changed' END, '{cri_score}', $2
    WHERE cardinality($1) > 0
$$;

CREATE FUNCTION log_new_scores() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_scores(
        ARRAY(SELECT movie_id FROM touched WHERE score IS NOT NULL ORDER BY movie_id),
        (SELECT max(computed_at) FROM touched)
    );
    RETURN NULL;
END $$;

CREATE FUNCTION log_moved_scores() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_scores(
        ARRAY(
            SELECT movie_id
            FROM fresh INNER JOIN stale USING (movie_id)
            WHERE round(fresh.score::numeric, 1) IS DISTINCT FROM round(stale.score::numeric, 1)
            ORDER BY movie_id
        ),
        (SELECT max(computed_at) FROM fresh)
    );
    RETURN NULL;
END $$;

CREATE TRIGGER log_inserts AFTER INSERT ON cri_scores
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION log_new_scores();
CREATE TRIGGER log_updates AFTER UPDATE ON cri_scores
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION log_moved_scores();
COMMENT ON COLUMN change_log.entity_id IS
    'Ours; null: many films at once, those with movies.updated_at >= changed_at or, with the field cri_score, those with cri_scores.computed_at >= changed_at';
