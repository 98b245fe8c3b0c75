-- What: which films have to be computed anew, by kind of enrichment; how far the change log was followed; whole passes; what
-- was beside changed films.
-- Returns: nothing. Locks: new relations; credits, source_recommendations and festival_nominations, exclusively, while
-- triggers are made: an instant each.

CREATE TABLE enrichment_due (
    enrichment text        NOT NULL
        CHECK (enrichment IN ('collaborations', 'cultural_lists', 'cri_score', 'recommendations')),
    movie_id   bigint      NOT NULL REFERENCES movies ON DELETE CASCADE,
    reason     text        NOT NULL,
    is_spread  boolean     NOT NULL,
    marks      integer     NOT NULL DEFAULT 1,
    due_at     timestamptz NOT NULL,
    marked_at  timestamptz NOT NULL,
    queued_at  timestamptz,
    is_in_pass boolean     NOT NULL DEFAULT false,
    failures   smallint    NOT NULL DEFAULT 0,
    error_code text,
    untold     bigint[]    NOT NULL DEFAULT '{}',
    PRIMARY KEY (enrichment, movie_id)
) WITH (fillfactor = 80);
CREATE INDEX enrichment_due_index ON enrichment_due (enrichment, due_at);
CREATE INDEX enrichment_due_failed_index ON enrichment_due (enrichment, due_at) WHERE failures > 0;
CREATE INDEX enrichment_due_movie_index ON enrichment_due (movie_id);
COMMENT ON TABLE enrichment_due IS 'Films of which something has to be computed anew, each once a kind however often it changed; whoever computes one deletes its row first, so that what changes meanwhile makes it due again';
COMMENT ON COLUMN enrichment_due.reason IS 'What changed, such as credits; the last of several';
COMMENT ON COLUMN enrichment_due.is_spread IS 'Whether only something beside the film changed: that goes no further';
COMMENT ON COLUMN enrichment_due.marks IS 'How many changes this one computation stands for; 0: it was computed, and is due until what is beside it is marked';
COMMENT ON COLUMN enrichment_due.due_at IS 'When it may be computed: some seconds after its first change, as more may follow; later after a failure';
COMMENT ON COLUMN enrichment_due.queued_at IS 'When a job was made for it; null: none was';
COMMENT ON COLUMN enrichment_due.is_in_pass IS 'Whether the pass over all films that is under way computes it; where it changed since the pass began it does not count';
COMMENT ON COLUMN enrichment_due.failures IS 'How often computing it ended as failed; such films are computed by jobs of their own';
COMMENT ON COLUMN enrichment_due.error_code IS 'Of the last failure';
COMMENT ON COLUMN enrichment_due.untold IS 'The films beside it that are to be marked since it was computed; empty: none, or they are';

CREATE TABLE enrichment_states (
    enrichment      text PRIMARY KEY
        CHECK (enrichment IN ('collaborations', 'cultural_lists', 'cri_score', 'recommendations')),
    wanted_at       timestamptz,
    wanted_for      text,
    is_wanted_again boolean NOT NULL DEFAULT false,
    began_at        timestamptz,
    films_done      bigint  NOT NULL DEFAULT 0,
    finished_at     timestamptz,
    finished_in     interval,
    spread_cut      bigint  NOT NULL DEFAULT 0,
    version         text
);
INSERT INTO enrichment_states (enrichment)
VALUES ('collaborations'), ('cultural_lists'), ('cri_score'), ('recommendations');
COMMENT ON TABLE enrichment_states IS 'Where computing all films stands, by kind of enrichment';
COMMENT ON COLUMN enrichment_states.wanted_at IS 'From when on all films are to be computed; null: only those in enrichment_due';
COMMENT ON COLUMN enrichment_states.wanted_for IS 'Why';
COMMENT ON COLUMN enrichment_states.is_wanted_again IS 'Whether all films were wanted once more while a pass was under way';
COMMENT ON COLUMN enrichment_states.began_at IS 'When the pass over all films began that is under way; null: none is';
COMMENT ON COLUMN enrichment_states.films_done IS 'Of the pass under way, or of the last one';
COMMENT ON COLUMN enrichment_states.finished_at IS 'When the last pass over all films was complete';
COMMENT ON COLUMN enrichment_states.finished_in IS 'How long it took';
COMMENT ON COLUMN enrichment_states.spread_cut IS 'Films that a change beside them would have made due, were there no bound; the next pass over all films computes them';
COMMENT ON COLUMN enrichment_states.version IS 'Of the formula by which the last pass computed; another than that of the code: all films have to be computed';

CREATE TABLE enrichment_cursor (
    is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    position bigint
);
INSERT INTO enrichment_cursor (position) VALUES (NULL);
COMMENT ON TABLE enrichment_cursor IS 'One row, which the follower of the change log locks: there are never two';
COMMENT ON COLUMN enrichment_cursor.position IS 'Up to where the change log was followed; null: never, so that all films have to be computed';

-- The change log says that a film's credits changed, not who is no longer among them: films beside it until then would keep
-- what follows from it. Appended by the transaction that takes a row away, whoever writes; only rows, so nobody waits.
CREATE TABLE enrichment_former (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    movie_id bigint NOT NULL,
    field    text   NOT NULL CHECK (field IN ('credits', 'recommendations', 'nominations')),
    key      bigint NOT NULL
);
CREATE INDEX enrichment_former_movie_index ON enrichment_former (movie_id);
COMMENT ON TABLE enrichment_former IS
    'What tied films to others and was taken away: read, and deleted, by the follower of the change log when it comes to the film''s change';
COMMENT ON COLUMN enrichment_former.field IS 'As in change_log.fields';
COMMENT ON COLUMN enrichment_former.key IS
    'credits: our id of who directed it; recommendations: TMDB''s id of the film that was named beside it; nominations: the category''s id';

CREATE FUNCTION note_former() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO enrichment_former (movie_id, field, key)
    VALUES (OLD.movie_id, TG_ARGV[0], (to_jsonb(OLD) ->> TG_ARGV[1])::bigint);
    RETURN NULL;
END $$;

-- Row by row, with a condition: of all that is written hardly a row fulfils it.
CREATE TRIGGER note_former_deleted AFTER DELETE ON credits FOR EACH ROW
    WHEN (OLD.kind = 'crew' AND OLD.job = 'Director')
    EXECUTE FUNCTION note_former('credits', 'person_id');
CREATE TRIGGER note_former_updated AFTER UPDATE ON credits FOR EACH ROW
    WHEN (
        OLD.kind = 'crew' AND OLD.job = 'Director'
        AND (OLD.movie_id, OLD.person_id, OLD.kind, OLD.job) IS DISTINCT FROM (NEW.movie_id, NEW.person_id, NEW.kind, NEW.job)
    ) EXECUTE FUNCTION note_former('credits', 'person_id');
CREATE TRIGGER note_former_deleted AFTER DELETE ON source_recommendations FOR EACH ROW
    EXECUTE FUNCTION note_former('recommendations', 'recommended_tmdb_id');
CREATE TRIGGER note_former_updated AFTER UPDATE ON source_recommendations FOR EACH ROW
    WHEN ((OLD.movie_id, OLD.recommended_tmdb_id) IS DISTINCT FROM (NEW.movie_id, NEW.recommended_tmdb_id))
    EXECUTE FUNCTION note_former('recommendations', 'recommended_tmdb_id');
-- Of the nomination, for its films are deleted with it, when it cannot be asked any more; those of a registry have one each.
CREATE TRIGGER note_former_deleted AFTER DELETE ON festival_nominations FOR EACH ROW
    WHEN (OLD.movie_id IS NOT NULL)
    EXECUTE FUNCTION note_former('nominations', 'category_id');
CREATE TRIGGER note_former_updated AFTER UPDATE ON festival_nominations FOR EACH ROW
    WHEN (OLD.movie_id IS NOT NULL AND OLD.movie_id IS DISTINCT FROM NEW.movie_id)
    EXECUTE FUNCTION note_former('nominations', 'category_id');
